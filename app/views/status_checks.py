"""The check on request, as `python -m indexer doctor` makes it, with the models that are loaded here."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

import streamlit as st

from app import resources
from app.evaluation.naming import shown_bytes
from app.plain import displayable, in_markdown
from app.searcher import Searcher
from app.status import device_and_precision
from app.text import TEXTS, Lang, explain
from app.text.status import STATUS_TEXTS, StatusTexts
from app.views.failure import log_unexpected, show_failure
from app.views.status_facts import device_name
from indexer.doctor import Check, examine
from indexer.errors import EmbeddingError, IndexMissingError, StoreError, XunzhangError

_CHECKED = "status_checked"  # collection → checks, and when

# Their sentences send the reader to a check, and this is it.
_SENT_HERE = (EmbeddingError, StoreError)


def show_checks(lang: Lang, name: str, searcher: Searcher | None) -> None:
    """A button, and what came of it the last time.

    Args:
        searcher: of the library; None where it could not be opened.
    """
    say = STATUS_TEXTS[lang]
    checked: dict[str, tuple[list[Check], str]] = st.session_state.setdefault(_CHECKED, {})
    if st.button(
        say.check, key=f"status_check_{name}", icon=":material/health_and_safety:", help=say.check_help
    ):
        try:
            with st.spinner(say.checking):
                checks = examine(resources.settings(name), resources.models().load)
        except Exception as error:
            log_unexpected(error)
            show_failure(error, lang)
            return
        for check in checks:
            if check.error is not None:
                log_unexpected(check.error)
        checked[name] = checks, datetime.now().strftime("%H:%M:%S")
        if searcher and searcher.model_state == "failed" and all(check.ok for check in checks):
            # What failed before works now: the search page and the sidebar are to know. Quick, as the
            # check has loaded the model.
            with suppress(XunzhangError):
                searcher.wait_for_model()
            st.rerun()
    if name in checked:
        _show(lang, *checked[name])


def _show(lang: Lang, checks: list[Check], when: str) -> None:
    say = STATUS_TEXTS[lang]
    if all(check.ok and check.error is None for check in checks):
        st.success(say.all_well)
    for check in checks:
        title = say.checks[check.name]
        if check.ok:
            st.markdown(f":green[✓] **{title}**　{_passed(check, say)}")
            continue
        st.error(f"✗ **{title}**　{_advice(check, lang)}")
        with st.expander(TEXTS[lang].technical_details):
            st.code(displayable(check.detail), language=None, wrap_lines=True)
    st.caption(say.checked_at.format(when=when))


def _passed(check: Check, say: StatusTexts) -> str:
    if isinstance(check.error, IndexMissingError):
        return say.no_index_yet
    values: dict[str, Any] = dict(check.values)
    if "device" in values:
        device, _ = device_and_precision(values["device"])
        values["device"] = in_markdown(device_name(device, say))
    if "free" in values:
        values["free"] = shown_bytes(values["free"])
    return say.passed[check.name].format(**values)


def _advice(check: Check, lang: Lang) -> str:
    """What to do: by what went wrong, or else by where."""
    if isinstance(check.error, XunzhangError) and type(check.error) not in _SENT_HERE:
        return explain(check.error, lang)
    return STATUS_TEXTS[lang].advice[check.name]
