"""A failure as a reader sees it: a plain sentence, and the technical one folded away."""

from __future__ import annotations

import logging

import streamlit as st

from app.plain import displayable, in_markdown
from app.text import TEXTS, Lang, explain, explain_kind
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
    _show_details(f"{type(error).__name__}: {error}", lang)


def show_failed_job(sentence: str, kind: str, detail: str, lang: Lang) -> None:
    """A command in the background that failed.

    Args:
        sentence: with `{error}` in it.
        kind: class of the error; "" where it is not known.
        detail: what the command said, in English.
    """
    said = explain_kind(kind, lang)
    st.error(sentence.format(error=said or in_markdown(detail)))
    if said:
        _show_details(f"{kind}: {detail}", lang)


def _show_details(text: str, lang: Lang) -> None:
    with st.expander(TEXTS[lang].technical_details):
        st.code(displayable(text), language=None, wrap_lines=True)
