"""The status page: model, library, disk and versions, in plain words, and a check on request."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import resources
from app.plain import in_markdown
from app.searcher import Searcher
from app.status import library_facts, machine_facts
from app.text import TEXTS, Lang
from app.text.status import STATUS_TEXTS
from app.views.cards import library_name
from app.views.failure import log_unexpected, show_failure
from app.views.libraries import Libraries, chosen, open_libraries
from app.views.status_checks import show_checks
from app.views.status_facts import show_library, show_machine
from indexer.embedding import ResolvedModel
from indexer.errors import EmbeddingError, IndexMissingError

_STYLES = [Path(__file__).with_name(name) for name in ("search.css", "status.css")]


def page(lang: Lang, library: str) -> None:
    say = STATUS_TEXTS[lang]
    for style in _STYLES:
        st.html(style)
    st.html(f'<header class="xz-head"><h1 class="xz-plain">{say.title}</h1><p>{say.intro}</p></header>')
    try:
        names = chosen(library)
        machine = machine_facts(resources.settings())
    except Exception as error:
        log_unexpected(error)
        show_failure(error, lang)
        return
    libraries = open_libraries(names)
    places = (
        st.tabs([in_markdown(library_name(name, TEXTS[lang])) for name in names])
        if len(names) > 1
        else [st.container()]
    )
    for name, place in zip(names, places, strict=True):
        with place:
            _show(lang, name, libraries)
            show_checks(lang, name, libraries.searchers.get(name))
    show_machine(lang, machine)


def _show(lang: Lang, name: str, libraries: Libraries) -> None:
    say = STATUS_TEXTS[lang]
    failure = libraries.failures.get(name)
    if isinstance(failure, IndexMissingError):
        st.info(say.no_index)
        st.page_link("app/views/library.py", label=say.to_library, icon=":material/upload_file:")
        return
    if failure is not None:
        show_failure(failure, lang)
        return
    searcher = libraries.searchers[name]
    try:
        facts = library_facts(searcher, resources.settings(name), _model_of(searcher))
    except Exception as error:
        resources.reopen_after(error, name)
        log_unexpected(error)
        show_failure(error, lang)
        return
    show_library(lang, facts)


def _model_of(searcher: Searcher) -> ResolvedModel | None:
    """What is known of the index's model without loading it; an API would have to be asked."""
    name = searcher.store.spec.model
    if name == "api":
        return None
    try:
        return resources.model(name)
    except EmbeddingError:  # the page says that it is gone
        return None


page(st.session_state["lang"], st.session_state["library"])
