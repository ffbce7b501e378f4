"""The search page's form, and what was asked and answered through it.

Apart from the page, since Streamlit runs a page anew each time: its classes would never be equal to
those of the run before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from app.searcher import FILTERS, MODES, Mode, SearchResult
from app.text import Texts
from app.views.cards import displayable

_MOST_RESULTS = 100


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    question: str
    mode: Mode
    top: int
    chosen: Mapping[str, tuple[str, ...]]  # filter → values, any of which will do


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, beside what came back."""

    request: Request
    result: SearchResult
    model: str
    dim: int


def ask(say: Texts, values: Mapping[str, list[str]]) -> tuple[Request, bool]:
    """The form. Keys are the parameters of a shared link.

    Returns:
        What the form holds, and whether it was just submitted.
    """
    with st.form("search_form", border=False):
        box, button = st.columns([6, 1], vertical_alignment="bottom")
        question = box.text_input(
            say.question,
            key="q",
            bind="query-params",
            type="search",
            placeholder=say.question_example,
            label_visibility="collapsed",
        )
        submitted = button.form_submit_button(say.ask, type="primary", width="stretch")
        with st.container(horizontal=True):
            mode = st.segmented_control(
                say.mode,
                MODES,
                default="hybrid",
                required=True,
                format_func=say.modes.__getitem__,
                key="mode",
                bind="query-params",
                help=say.mode_help,
            )
            top = st.number_input(
                say.number_of_results, 1, _MOST_RESULTS, 10, key="n", bind="query-params", width=140
            )
        chosen = _ask_filters(say, values)
    return Request(question.strip(), mode, top, chosen), submitted


def _ask_filters(say: Texts, values: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    offered = [name for name in FILTERS if values.get(name)]
    if not offered:
        return {}
    with st.expander(say.filters, expanded=any(st.session_state.get(name) for name in offered)):
        return {
            name: tuple(
                st.multiselect(
                    say.filter_names[name],
                    values[name],
                    key=name,
                    bind="query-params",
                    format_func=displayable,
                    placeholder=say.any_value,
                    # A link may name a file that is gone: it finds nothing, rather than everything.
                    accept_new_options=True,
                )
            )
            for name in offered
        }
