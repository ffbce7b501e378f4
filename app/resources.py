"""What all sessions of the UI share, opened once: the settings and the searcher.

Streamlit caches no exception: an index that is missing, or does not match the settings, is looked
for again on the next run of the page.
"""

from __future__ import annotations

import streamlit as st

from app.searcher import Searcher, open_searcher
from indexer.errors import IndexMismatchError
from indexer.settings import Settings, load_settings


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    return load_settings()


@st.cache_resource(show_spinner=False, on_release=Searcher.close)
def searcher() -> Searcher:
    """The index that the settings name. The model loads at the first question.

    Raises:
        XunzhangError: see `open_searcher` and `load_settings`.
    """
    return open_searcher(settings())


def reopen_after(error: Exception) -> None:
    """Where the index was built anew with another model, the next run of the page opens it as it is."""
    if isinstance(error, IndexMismatchError):
        searcher.clear()
