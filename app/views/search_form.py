"""The search page's form: what is asked, kept equal to the page's address.

A link holds plain values (mode=dense), whatever the language: it repeats a search in anyone's browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.plain import displayable
from app.ranking import MODES
from app.rerank import RERANKS
from app.searcher import FILTERS
from app.text import Texts
from app.views.link import (
    FIRST_DAY,
    LAST_DAY,
    MOST_RESULTS,
    PARAMETERS,
    Request,
    from_parameters,
    to_parameters,
)
from indexer.settings import Settings

_MOST_OPTIONS = 1000  # of a filter, sent to the browser with each answer; more are typed
_LAST, _LINK, _SUBMIT = "search_request", "search_link", "search_submit"

Counts = Mapping[str, Mapping[str, int]]  # filter → value → chunks


# Streamlit says this in English only.
_SELECT_ALL = """<style>
[role="option"][data-key="__select_all__"] > div {{ font-size: 0; }}
[role="option"][data-key="__select_all__"] > div::after {{ content: "{select_all}"; font-size: 1rem; }}
</style>"""


@dataclass(frozen=True, slots=True)
class Form:
    """What the form holds.

    Attributes:
        submitted: whether it was just sent.
        panel: where `show_filters` draws.
    """

    request: Request
    submitted: bool
    panel: DeltaGenerator


def ask(say: Texts, settings: Settings) -> Form:
    """The form.

    Args:
        settings: for what the form shows before anything is chosen.
    """
    usual = Request(per_document=min(settings.hits_per_document, MOST_RESULTS))
    _follow_link(usual)
    with st.form("search_form", border=False):
        box, button = st.columns([6, 1], vertical_alignment="bottom")
        box.text_input(
            say.question,
            key="q",
            type="search",
            placeholder=say.question_example,
            label_visibility="collapsed",
        )
        submitted = button.form_submit_button(say.ask, key=_SUBMIT, type="primary", width="stretch")
    with st.container(horizontal=True, vertical_alignment="center", key="xz-panel"):
        _ask_way(say, settings)
        request = _held()
        panel = _open_panel(say, request)
    _write_link(request, usual)
    return Form(request, submitted, panel)


def repeat(question: str) -> None:
    """Ask a question of the history: the box takes it, and the page's next run asks it."""
    st.session_state["q"] = question


def _follow_link(usual: Request) -> None:
    """An address that was opened, or gone back to, says what the form holds; so does a return from
    another page, where Streamlit has forgotten the form."""
    link = {name: st.query_params.get_all(name) for name in PARAMETERS if name in st.query_params}
    is_new = "q" not in st.session_state
    if is_new and not link and _LAST in st.session_state:
        _fill(st.session_state[_LAST])
    elif is_new or (link != st.session_state.get(_LINK) and not _was_used()):
        _fill(from_parameters(link, usual))


def _was_used() -> bool:
    """Whether the form was sent or changed. Then the address that came with it is an old one, when the
    browser has not been told yet of the one that the change before made."""
    return bool(st.session_state.get(_SUBMIT)) or _held() != st.session_state.get(_LAST)


def _held() -> Request:
    """What the form holds; the panel of filters is drawn last, and may not have been yet."""
    held = st.session_state
    chosen = {name: tuple(held.get(name) or ()) for name in FILTERS}
    return Request(
        question=held["q"].strip(),
        mode=held["mode"],
        rerank=held["rerank"],
        top=held["n"],
        per_document=held["per"],
        chosen={name: values for name, values in chosen.items() if values},
        since=held.get("since"),
        until=held.get("until"),
    )


def _fill(request: Request) -> None:
    st.session_state["q"] = request.question
    st.session_state["mode"] = request.mode
    st.session_state["rerank"] = request.rerank
    st.session_state["n"] = request.top
    st.session_state["per"] = request.per_document
    for name in FILTERS:
        st.session_state[name] = list(request.chosen.get(name, ()))
    st.session_state["since"], st.session_state["until"] = request.since, request.until


def _write_link(request: Request, usual: Request) -> None:
    link = to_parameters(request, usual)
    # At once: each change of the address is a step of the browser's history.
    if changed := {name: value for name, value in link.items() if st.query_params.get_all(name) != value}:
        st.query_params.update(changed)
    for name in PARAMETERS:
        if name not in link and name in st.query_params:
            del st.query_params[name]
    st.session_state[_LAST], st.session_state[_LINK] = request, link


def _ask_way(say: Texts, settings: Settings) -> None:
    """How to search, in a panel that shows what is chosen."""
    reranks = [how for how in RERANKS if how != "cross" or settings.rerank_model]
    if st.session_state["rerank"] not in reranks:
        st.session_state["rerank"] = "none"
    label = say.modes[st.session_state["mode"]]
    if st.session_state["rerank"] != "none":
        label += f" · {say.reranks[st.session_state['rerank']]}"
    with st.popover(f"{say.mode}{say.colon}{label}", icon=":material/tune:", key="xz-way"):
        st.radio(
            say.mode,
            MODES,
            format_func=say.modes.__getitem__,
            key="mode",
            horizontal=True,
            help=say.mode_help,
        )
        st.radio(
            say.rerank,
            reranks,
            format_func=say.reranks.__getitem__,
            key="rerank",
            horizontal=True,
            help=say.rerank_help,
        )
        left, right = st.columns(2)
        left.number_input(say.number_of_results, 1, MOST_RESULTS, key="n")
        right.number_input(say.per_document, 0, MOST_RESULTS, key="per", help=say.per_document_help)


def _open_panel(say: Texts, request: Request) -> DeltaGenerator:
    number = sum(map(len, request.chosen.values())) + bool(request.since) + bool(request.until)
    label = f"{say.filters}（{number}）" if number else say.filters
    panel = st.popover(label, icon=":material/filter_alt:", key="xz-filters")
    if number:
        st.button(say.clear_filters, key="xz-clear-filters", icon=":material/close:", on_click=_clear_filters)
    return panel


def show_filters(form: Form, counts: Counts, say: Texts) -> None:
    """Fill the panel of filters: after the answer, which does not wait for the counts.

    Args:
        counts: what there is to filter by, given what is chosen.
    """
    with form.panel:
        st.html(_SELECT_ALL.format(select_all=say.select_all))
        for name in FILTERS:
            _choose(name, counts.get(name, {}), say)
        st.caption(say.changed)
        left, right = st.columns(2)
        left.date_input(
            say.since, value=None, key="since", format="YYYY-MM-DD", min_value=FIRST_DAY, max_value=LAST_DAY
        )
        right.date_input(
            say.until, value=None, key="until", format="YYYY-MM-DD", min_value=FIRST_DAY, max_value=LAST_DAY
        )


def _choose(name: str, counted: Mapping[str, int], say: Texts) -> None:
    # A link may name a file that is gone: it finds nothing, rather than everything.
    offered = list(islice(counted, _MOST_OPTIONS))
    options = [*offered, *(value for value in st.session_state.get(name) or () if value not in offered)]
    st.multiselect(
        say.filter_names[name],
        options,
        key=name,
        format_func=lambda value: f"{displayable(value)}（{counted.get(value, 0)}）",
        placeholder=say.any_value,
        accept_new_options=True,  # a constant: were it to change, what is chosen would be forgotten
    )


def _clear_filters() -> None:
    for name in FILTERS:
        st.session_state[name] = []
    st.session_state["since"] = st.session_state["until"] = None
