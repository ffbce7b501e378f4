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
    """What came back: the result, which names what was asked, and what it was found with."""

    result: SearchResult
    model: str
    dim: int


def ask(say: Texts, values: Mapping[str, list[str]]) -> tuple[Request, bool]:
    """The form. Keys are the parameters of a shared link.

    Returns:
        What the form holds, and whether it was just submitted.
    """
    _relabel_mode(say)
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
            mode = st.radio(
                say.mode,
                MODES,
                format_func=say.modes.__getitem__,
                key="mode",
                bind="query-params",
                horizontal=True,
                help=say.mode_help,
                width="content",
            )
            top = st.number_input(
                say.number_of_results, 1, _MOST_RESULTS, 10, key="n", bind="query-params", width=140
            )
        chosen = _ask_filters(say, values)
    return Request(question.strip(), mode, top, chosen), submitted


def _relabel_mode(say: Texts) -> None:
    """A link names the mode by its label: assigned anew, it follows a change of language."""
    if st.session_state.get("search_modes", say.modes) != say.modes:
        st.session_state["mode"] = st.session_state["mode"]
    st.session_state["search_modes"] = say.modes


def _ask_filters(say: Texts, values: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    offered = [name for name in FILTERS if values.get(name)]
    if not offered:
        return {}
    # At the first run the widgets are not there yet, but a link may hold values for them.
    chosen = any(st.session_state.get(name) or name in st.query_params for name in offered)
    with st.expander(say.filters, expanded=chosen):
        return {
            name: tuple(
                column.multiselect(
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
            for name, column in zip(offered, st.columns(len(offered)), strict=True)
        }
