"""What every page has beside it: which library, and whether its model is ready."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from app import resources
from app.searcher import ModelState, Searcher
from app.text import TEXTS, Lang
from app.views.cards import library_name
from app.views.failure import log_unexpected
from app.views.libraries import ALL, chosen

_LIBRARY, _LAST, _LINK, _PAGE = "library", "last_library", "library_link", "library_page"
WANTED = "wanted_library"  # what a page sets to change the choice
_LOOK_SECONDS = 1.0


def choose_library(lang: Lang, page: str, *, all_too: bool) -> None:
    """The choice, kept in the address. With one library there is none to make.

    Args:
        page: path of the one that is shown.
        all_too: whether the page can go over all of them at once.
    """
    say = TEXTS[lang]
    try:
        names, usual = resources.collection_names(), resources.settings().collection
    except Exception as error:  # the page tells
        log_unexpected(error)
        st.session_state[_LIBRARY] = st.session_state.get(_LIBRARY) or "default"
        return
    options = [*names, ALL] if all_too and len(names) > 1 else names
    # Streamlit forgets the choice when the page before did not draw it.
    wanted = st.session_state.pop(WANTED, None)
    link = st.query_params.get("in")
    # A link of the sidebar leads to the bare address of another page, which says nothing of libraries.
    if link is None and page == st.session_state.get(_PAGE):
        link = usual
    # An address that was opened, or gone back to, and is not the one that was written here, says which.
    opened = link if link != st.session_state.get(_LINK) else None
    kept = (wanted, opened, st.session_state.get(_LIBRARY), st.session_state.get(_LAST))
    st.session_state[_LIBRARY] = next((name for name in kept if name in options), usual)
    if len(names) > 1:
        st.selectbox(
            say.library,
            options,
            format_func=lambda name: say.all_libraries if name == ALL else library_name(name, say),
            key=_LIBRARY,
        )
    if all_too or st.session_state.get(_LAST) != ALL:  # all, again, when the page is one that can
        st.session_state[_LAST] = st.session_state[_LIBRARY]
    st.session_state[_LINK], st.session_state[_PAGE] = st.session_state[_LIBRARY], page
    if st.session_state[_LIBRARY] != usual:
        st.query_params["in"] = st.session_state[_LIBRARY]
    elif "in" in st.query_params:
        del st.query_params["in"]


def show_model(lang: Lang) -> None:
    """Whether the models of what is chosen are there; looked at again as long as one is not."""
    state = _state()
    if state in ("not loaded", "loading"):
        st.fragment(_show_model, run_every=_LOOK_SECONDS)(lang)
    elif state is not None:
        _say_model(lang, state)


def _show_model(lang: Lang) -> None:
    state = _state()
    if state not in ("not loaded", "loading"):
        st.rerun()  # ends the looking
    _say_model(lang, state)


def _say_model(lang: Lang, state: ModelState | None) -> None:
    say = TEXTS[lang]
    if state == "ready":
        st.caption(f":material/check_circle: {say.model_ready}")
    elif state == "failed":
        st.caption(f":material/error: {say.model_failed}")
    else:
        st.caption(f":material/hourglass_top: {say.model_loading}")


def warm_up() -> None:
    """Begin to load the models, after the page is drawn: nobody waits for one while typing."""
    for searcher in _searchers():
        searcher.warm()


def _state() -> ModelState | None:
    """The least ready; None where nothing is indexed."""
    states = {searcher.model_state for searcher in _searchers()}
    order: tuple[ModelState, ...] = ("failed", "not loaded", "loading", "ready")
    return next((state for state in order if state in states), None)


def _searchers() -> list[Searcher]:
    """Of those that are chosen, the ones that can be opened; the page tells of the others."""
    found = []
    with suppress(Exception):
        for name in chosen(st.session_state[_LIBRARY]):
            with suppress(Exception):
                if not resources.opens_slowly(name):  # the page opens it
                    found.append(resources.searcher(name))
    return found
