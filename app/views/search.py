"""The search page: a question and its filters, and the passages that answer."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from pathlib import Path

import streamlit as st

from app import resources
from app.plain import in_markdown
from app.searcher import SearchResult
from app.text import TEXTS, Lang, Texts
from app.views.cards import what_was_understood
from app.views.failure import log_unexpected, show_failure
from app.views.first_run import show_first_run
from app.views.history import show_history
from app.views.hits import show_hits
from app.views.libraries import Libraries, chosen, open_libraries
from app.views.link import Request
from app.views.search_form import Form, ask, repeat, show_filters
from indexer.errors import IndexMissingError

_STYLE = Path(__file__).with_name("search.css")
_ANSWER, _FAILURE, _TRIED = "search_answer", "search_failure", "search_tried"
_DRAWN, _OPEN = "search_drawn", "search_open"


def page(lang: Lang, library: str) -> None:
    say = TEXTS[lang]
    st.html(_STYLE)
    st.html(f'<header class="xz-head"><h1>{say.app_name}</h1><p>{say.tagline}</p></header>')
    try:
        settings = resources.settings()
        names = chosen(library)
    except Exception as error:
        log_unexpected(error)
        show_failure(error, lang)
        return
    form = ask(say, settings)  # first: opening a large index takes a moment, and is nobody's business
    if _OPEN not in st.session_state and any(map(resources.opens_slowly, names)):
        _open_when_drawn(say)
        return
    libraries = open_libraries(names)
    # That nothing has been indexed yet is no failure.
    failures = [f for f in libraries.failures.values() if not isinstance(f, IndexMissingError)]
    for broken in failures:
        show_failure(broken, lang)
    if libraries.is_empty and not failures:
        show_first_run(lang, library)
    elif libraries.searchers:
        show_search(form, libraries, library, lang)
        show_filters(form, libraries.counts(form.request), say)
    with st.expander(say.syntax):
        st.markdown(say.syntax_help)


@st.fragment(run_every=0.2)
def _open_when_drawn(say: Texts) -> None:
    """Run the page again as soon as the browser has drawn it."""
    st.caption(f":material/hourglass_top: {say.opening}")
    if st.session_state.pop(_DRAWN, False):
        st.session_state[_OPEN] = True
        st.rerun()
    st.session_state[_DRAWN] = True


def show_search(form: Form, libraries: Libraries, library: str, lang: Lang) -> None:
    say, request = TEXTS[lang], form.request
    # Values change only by the form, by opening a link, or by going back to one: each of these asks.
    # Submitting the same again asks again, since the index may have changed.
    # A place of its own, filled or not: the browser knows the buttons below by where they stand, and a
    # click must not reach another hit because a message has gone.
    with st.container(gap=None):
        if form.submitted or (request.question and (request, library) != st.session_state.get(_TRIED)):
            attempt(libraries, request, library, say)
        elif not request.question and not st.session_state.get(_FAILURE):
            # Gone back to before the first question.
            st.session_state[_TRIED] = st.session_state[_ANSWER] = None
        failure = st.session_state.get(_FAILURE)
        answer: SearchResult | None = st.session_state.get(_ANSWER)
        if failure is not None:
            show_failure(failure, lang)
            if answer is not None:
                st.caption(say.earlier_answer)
    show_history(answer.question if answer else "", repeat, say)
    if answer is not None:
        show_answer(answer, libraries, lang)


def attempt(libraries: Libraries, request: Request, library: str, say: Texts) -> None:
    """Search; the answer so far is replaced only by another."""
    st.session_state[_TRIED] = (request, library)
    st.session_state[_FAILURE] = None
    try:
        if request.question and request.mode != "lexical":
            loading = [s for s in libraries.searchers.values() if s.model_state != "ready"]
            with st.spinner(say.loading_model) if loading else st.empty():
                for searcher in loading:
                    # Of several, one without its model is told with the answer of the others.
                    with nullcontext() if len(libraries.searchers) == 1 else suppress(Exception):
                        searcher.wait_for_model()
        with st.spinner(say.searching if request.rerank == "none" else say.reranking):
            st.session_state[_ANSWER] = libraries.search(request)
    except Exception as error:
        st.session_state[_FAILURE] = error


def show_answer(answer: SearchResult, libraries: Libraries, lang: Lang) -> None:
    say = TEXTS[lang]
    with st.container():
        if answer.hits:
            st.caption(_summary(answer, libraries, say))
        else:
            st.info(say.no_hits_lexical if answer.mode == "lexical" else say.no_hits)
        for notice in answer.notices:
            values = {name: in_markdown(str(value)) for name, value in notice.values.items()}
            st.caption(say.notices[notice.kind].format(**values))
        if understood := what_was_understood(answer.understood, say):
            st.html(understood)
        if answer.nothing_relevant:
            st.info(say.nothing_relevant)
    if answer.hits:
        show_hits(answer, lang)


def _summary(answer: SearchResult, libraries: Libraries, say: Texts) -> str:
    """How many, how long each stage took, and what it was found with."""
    parts = [say.summary_hits.format(hits=len(answer.hits))]
    if answer.mode != "lexical":
        parts.append(say.summary_embed.format(seconds=answer.embed_seconds))
    parts.append(say.summary_search.format(seconds=answer.search_seconds))
    if answer.rerank != "none":
        parts.append(say.summary_rerank.format(seconds=answer.rerank_seconds))
    if answer.mode != "lexical":
        specs = [searcher.store.spec for searcher in libraries.searchers.values()]
        # A model may be named by its folder, which is nobody's business here.
        names = dict.fromkeys(
            say.summary_model.format(model=in_markdown(Path(spec.model).name), dim=spec.dim) for spec in specs
        )
        parts += names
    return " · ".join(parts)


page(st.session_state["lang"], st.session_state["library"])
