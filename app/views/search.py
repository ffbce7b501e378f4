"""The search page: a question and its filters, and the passages that answer."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import resources
from app.searcher import FILTERS, Searcher, filters
from app.text import TEXTS, Lang, Texts
from app.views.cards import what_was_understood
from app.views.failure import log_unexpected, show_failure
from app.views.hits import show_hits
from app.views.search_form import Answer, Request, ask

_STYLE = Path(__file__).with_name("search.css")


def page(lang: Lang) -> None:
    say = TEXTS[lang]
    st.html(_STYLE)
    st.html(f'<header class="xz-head"><h1>{say.app_name}</h1><p>{say.tagline}</p></header>')
    try:
        settings = resources.settings()
    except Exception as error:
        log_unexpected(error)
        show_failure(error, lang)
        return
    try:
        searcher = resources.searcher()
        values = {name: sorted(searcher.store.facet(field)) for name, field in FILTERS.items()}
    except Exception as error:
        resources.reopen_after(error)
        log_unexpected(error)
        ask(say, {}, settings)
        show_failure(error, lang)
        return
    request, submitted = ask(say, values, settings)
    # Within a form values change only by submitting it, by opening a link, or by going back to one:
    # each of these asks. Submitting the same again asks again, since the index may have changed.
    if submitted or (request.question and request != st.session_state.get("search_tried")):
        attempt(searcher, request, say)
    if not values["file"]:
        st.info(say.empty_index)
    failure = st.session_state.get("search_failure")
    if failure is not None:
        show_failure(failure, lang)
    answer = st.session_state.get("search_answer")
    if answer is not None:
        if failure is not None:
            st.caption(say.earlier_answer)
        if answer.result.hits or values["file"]:
            show_answer(answer, lang)


def attempt(searcher: Searcher, request: Request, say: Texts) -> None:
    """Search; the answer so far is replaced only by another."""
    st.session_state["search_tried"] = request
    st.session_state["search_failure"] = None
    try:
        if request.question and request.mode != "lexical":
            with st.spinner(say.loading_model):
                _ = searcher.embedder
        with st.spinner(say.searching if request.rerank == "none" else say.reranking):
            result = searcher.search(
                request.question,
                request.mode,
                request.top,
                filters(request.chosen),
                request.rerank,
                request.per_document,
            )
    except Exception as error:
        resources.reopen_after(error)
        log_unexpected(error)
        st.session_state["search_failure"] = error
        return
    spec = searcher.store.spec
    # A model may be named by its folder, which is nobody's business here.
    st.session_state["search_answer"] = Answer(result, Path(spec.model).name, spec.dim)


def show_answer(answer: Answer, lang: Lang) -> None:
    say, result = TEXTS[lang], answer.result
    if not result.hits:
        st.info(say.no_hits_lexical if result.mode == "lexical" else say.no_hits)
        return
    summary = say.summary_lexical if result.mode == "lexical" else say.summary
    parts = [
        summary.format(
            hits=len(result.hits),
            embed=result.embed_seconds,
            search=result.search_seconds,
            model=answer.model,
            dim=answer.dim,
        )
    ]
    if result.rerank != "none":
        parts.append(say.summary_rerank.format(rerank=result.rerank_seconds))
    st.caption(" · ".join(parts))
    for notice in result.notices:
        st.caption(say.notices[notice.kind].format(**notice.numbers))
    if understood := what_was_understood(result.understood, say):
        st.html(understood)
    if result.nothing_relevant:
        st.info(say.nothing_relevant)
    show_hits(result, lang)
    with st.expander(say.about_scores):
        st.markdown(
            f"- **{say.relevance}**　{say.relevance_help}\n"
            f"- **{say.cosine}**　{say.cosine_help}\n"
            f"- **{say.lexical}**　{say.lexical_help}\n"
            f"- **{say.fused}**　{say.fused_help}\n"
            f"- **{say.rerank_score}**　{say.rerank_score_help}"
        )


page(st.session_state["lang"])
