"""A failure as a reader sees it: a plain sentence, and the technical one folded away."""

from __future__ import annotations

import logging

import streamlit as st

from app.text import TEXTS, Lang, explain
from indexer.errors import IndexMissingError, XunzhangError

_log = logging.getLogger(__name__)


def log_unexpected(error: Exception) -> None:
    """What a reader can mend is told on the page only; a fault of the program goes to the log."""
    if not isinstance(error, XunzhangError):
        _log.error("unexpected", exc_info=error)


def show_failure(error: Exception, lang: Lang) -> None:
    # Nothing has gone wrong where nothing has been indexed yet.
    box = st.info if isinstance(error, IndexMissingError) else st.error
    box(explain(error, lang))
    with st.expander(TEXTS[lang].technical_details):
        st.code(f"{type(error).__name__}: {error}", language=None, wrap_lines=True)
