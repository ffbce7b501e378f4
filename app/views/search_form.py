"""The search page's form, and what was asked and answered through it.

Apart from the page, since Streamlit runs a page anew each time: its classes would never be equal to
those of the run before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.plain import displayable
from app.ranking import MODES, Mode
from app.rerank import RERANKS, Rerank
from app.searcher import FILTERS, SearchResult
from app.text import Texts
from indexer.settings import Settings

_MOST_RESULTS = 100


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    question: str
    mode: Mode
    rerank: Rerank
    top: int
    per_document: int
    chosen: Mapping[str, tuple[str, ...]]  # filter → values, any of which will do


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the result, which names what was asked, and what it was found with."""

    result: SearchResult
    model: str
    dim: int


def ask(say: Texts, values: Mapping[str, list[str]], settings: Settings) -> tuple[Request, bool]:
    """The form. Keys are the parameters of a shared link.

    Args:
        values: what there is to filter by.
        settings: for what the form shows before anything is chosen.

    Returns:
        What the form holds, and whether it was just submitted.
    """
    _relabel("mode", say.modes)
    _relabel("rerank", say.reranks)
    reranks = [how for how in RERANKS if how != "cross" or settings.rerank_model]
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
            rerank = st.radio(
                say.rerank,
                reranks,
                format_func=say.reranks.__getitem__,
                key="rerank",
                bind="query-params",
                horizontal=True,
                help=say.rerank_help,
                width="content",
            )
            top = st.number_input(
                say.number_of_results, 1, _MOST_RESULTS, 10, key="n", bind="query-params", width=120
            )
            per_document = st.number_input(
                say.per_document,
                0,
                _MOST_RESULTS,
                min(settings.hits_per_document, _MOST_RESULTS),
                key="per",
                bind="query-params",
                width=140,
                help=say.per_document_help,
            )
        chosen = _ask_filters(say, values)
    with st.expander(say.syntax):
        st.markdown(say.syntax_help)
    return Request(question.strip(), mode, rerank, top, per_document, chosen), submitted


def _relabel(key: str, labels: Mapping[Any, str]) -> None:
    """A link names a choice by its label: assigned anew, it follows a change of language."""
    if st.session_state.get(f"search_{key}_labels", labels) != labels:
        st.session_state[key] = st.session_state[key]
    st.session_state[f"search_{key}_labels"] = labels


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
