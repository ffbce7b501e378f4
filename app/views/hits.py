"""The hits of an answer, each with what a reader thinks of it."""

from __future__ import annotations

import hashlib

import streamlit as st

from app import resources
from app.judged import JudgedSetError
from app.judgements import IRRELEVANT, RELEVANT, Judged
from app.searcher import Hit, SearchResult
from app.text import TEXTS, Lang
from app.views.cards import card
from app.views.failure import log_unexpected, show_failure

_FAILURE = "search_judge_failure"


@st.fragment
def show_hits(result: SearchResult, lang: Lang) -> None:
    """Best first. A fragment: judging draws the hits anew, and searches nothing."""
    say = TEXTS[lang]
    question = result.understood.text.strip() or result.question
    judged: Judged | None = None
    try:
        judged = resources.judgements().read()
    except (JudgedSetError, OSError) as error:
        log_unexpected(error)
        show_failure(error, lang)
    if failure := st.session_state.pop(_FAILURE, None):
        show_failure(failure, lang)
    for rank, hit in enumerate(result.hits, start=1):
        with st.container(gap=None):
            st.html(card(rank, hit, result.is_weak(hit), say))
            if judged is not None:
                _ask(question, hit, judged, lang)
    if judged is not None and judged.judgements:
        st.caption(say.judged_count.format(judgements=judged.judgements, questions=judged.questions))


def _ask(question: str, hit: Hit, judged: Judged, lang: Lang) -> None:
    say = TEXTS[lang]
    key = f"search_judge_{hashlib.sha256(question.encode('utf-8')).hexdigest()[:12]}_{hit.id}"
    grade = judged.grades.get(question, {}).get(hit.id)
    # What is on disk is what holds: another tab may have judged meanwhile.
    st.session_state[key] = None if grade is None else RELEVANT if grade > 0 else IRRELEVANT
    with st.container(key=f"xz-judge-{hit.id}"):
        st.segmented_control(
            say.judge,
            (RELEVANT, IRRELEVANT),
            format_func={RELEVANT: say.relevant, IRRELEVANT: say.irrelevant}.__getitem__,
            key=key,
            on_change=_judge,
            args=(key, question, hit),
            label_visibility="collapsed",
        )


def _judge(key: str, question: str, hit: Hit) -> None:
    """Keep what was clicked; a second click takes it back."""
    try:
        resources.judgements().judge(question, hit.id, hit.payload["text"], st.session_state[key], hit.title)
    except (JudgedSetError, OSError) as error:
        log_unexpected(error)
        st.session_state[_FAILURE] = error
