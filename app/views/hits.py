"""The hits of an answer, each with what a reader thinks of it and a way into its document."""

from __future__ import annotations

import hashlib

import streamlit as st

from app import resources
from app.judged import JudgedSetError
from app.judgements import IRRELEVANT, RELEVANT, Judged
from app.searcher import Hit, SearchResult
from app.text import TEXTS, Lang
from app.views.cards import card
from app.views.context import show_context
from app.views.failure import log_unexpected, show_failure

_FAILURE, _LAST = "search_judge_failure", "search_judge_last"


@st.fragment
def show_hits(result: SearchResult, lang: Lang) -> None:
    """Best first. A fragment: judging draws the hits anew, and searches nothing."""
    say = TEXTS[lang]
    question = result.understood.text.strip() or result.question
    judged: dict[str, Judged] = {}
    collections = dict.fromkeys(hit.collection for hit in result.hits)
    with st.container(gap=None):  # a place of its own, as in the page
        for collection in collections:
            try:
                judged[collection] = resources.judgements(collection).read()
            except (JudgedSetError, OSError) as error:
                log_unexpected(error)
                show_failure(error, lang)
        if failure := st.session_state.pop(_FAILURE, None):
            show_failure(failure, lang)
    for rank, hit in enumerate(result.hits, start=1):
        with st.container(gap=None):
            st.html(card(rank, hit, result.is_weak(hit), say, names_library=len(collections) > 1))
            with st.container(key=f"xz-judge-{hit.id}", horizontal=True, vertical_alignment="center"):
                if hit.collection in judged:
                    _ask(question, hit, judged[hit.collection], lang)
                if st.button(say.context, key=f"search_context_{hit.id}", type="tertiary"):
                    show_context(hit, lang)
    _tell_count(list(judged.values()), lang)


def _ask(question: str, hit: Hit, judged: Judged, lang: Lang) -> None:
    say = TEXTS[lang]
    key = f"search_judge_{hashlib.sha256(question.encode('utf-8')).hexdigest()[:12]}_{hit.id}"
    grade = judged.grades.get(question, {}).get(hit.id)
    # What is on disk is what holds: another tab may have judged meanwhile.
    st.session_state[key] = None if grade is None else RELEVANT if grade > 0 else IRRELEVANT
    st.segmented_control(
        say.judge,
        (RELEVANT, IRRELEVANT),
        format_func={RELEVANT: say.relevant, IRRELEVANT: say.irrelevant}.__getitem__,
        key=key,
        on_change=_judge,
        args=(key, question, hit, grade),
        label_visibility="collapsed",
    )


def _judge(key: str, question: str, hit: Hit, before: int | None) -> None:
    """Keep what was clicked; a second click takes it back."""
    _keep(question, hit, st.session_state[key])
    st.session_state[_LAST] = (question, hit, before)


def _keep(question: str, hit: Hit, grade: int | None) -> None:
    try:
        resources.judgements(hit.collection).judge(question, hit.id, hit.payload["text"], grade, hit.title)
    except (JudgedSetError, OSError) as error:
        log_unexpected(error)
        st.session_state[_FAILURE] = error


def _undo() -> None:
    """Back to what it was before the last click, also where the hit is no longer on the page."""
    _keep(*st.session_state.pop(_LAST))


def _tell_count(judged: list[Judged], lang: Lang) -> None:
    say = TEXTS[lang]
    judgements, questions = sum(j.judgements for j in judged), sum(j.questions for j in judged)
    with st.container(horizontal=True, vertical_alignment="center"):
        if judgements:
            st.caption(say.judged_count.format(judgements=judgements, questions=questions), width="content")
        if _LAST in st.session_state:
            st.button(
                say.undo, key="search_judge_undo", type="tertiary", icon=":material/undo:", on_click=_undo
            )
