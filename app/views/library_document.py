"""One document of the library: its passages, its pages, and what can be done with it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import resources
from app.documents import is_below
from app.jobs import Jobs
from app.passages import Passage, passages
from app.plain import displayable, in_markdown
from app.text import TEXTS, Lang
from app.text.library import LIBRARY_TEXTS
from app.views.cards import passages_html
from app.views.failure import log_unexpected, show_failure
from app.views.ingest_job import choose_ocr, is_running, start_ingest
from app.views.library_pages import show_pages
from indexer.catalog import SourceRecord
from indexer.library import open_library, remove_sources
from indexer.model import OcrMode
from indexer.settings import Settings
from indexer.store import source_id

_PART = 50  # passages shown at once
_TEXT_FORMATS = (".txt", ".md", ".markdown", ".html", ".htm", ".csv", ".tsv")
_CHARSETS = ("", "utf-8", "gb18030", "big5", "big5hkscs", "utf-16")


def show_document(lang: Lang, settings: Settings, jobs: Jobs, record: SourceRecord) -> None:
    say = LIBRARY_TEXTS[lang]
    with st.container(border=True, key="xz-document"):
        st.markdown(f"#### {in_markdown(record.shown)}")
        first, second, third = st.tabs(
            [say.passages, say.page_by_page, say.reread], on_change="rerun", key=f"tabs_{record.source}"
        )
        found: list[Passage] | None = None  # the index could not be asked
        with first:
            try:
                found = _passages(settings, record)
            except Exception as error:
                log_unexpected(error)
                show_failure(error, lang)
            else:
                _show_passages(lang, record, found)
        if second.open:  # the picture of a page takes a while to draw
            with second:
                text = None if found is None else "".join(passage.text for passage in found)
                show_pages(lang, settings, record, text)
        with third:
            _reread(lang, settings, jobs, record)
            st.divider()
            _remove(lang, settings, jobs, record)


def _passages(settings: Settings, record: SourceRecord) -> list[Passage]:
    """Of the version that the catalogue knows: the index may be some seconds behind it."""
    store = resources.searcher(settings.collection).store
    return passages(store, source_id(settings.collection, record.source), record.version)


def _show_passages(lang: Lang, record: SourceRecord, found: list[Passage]) -> None:
    say = LIBRARY_TEXTS[lang]
    if not found:  # nothing of it could be read, or it is on its way
        st.caption(say.being_written if record.version else say.page_empty)
        return
    st.caption(say.passages_help)
    parts = -(-len(found) // _PART)
    part = 1
    if parts > 1:
        part = st.number_input(say.part_of.format(size=_PART), 1, parts, 1, key=f"part_{record.source}")
    st.html(passages_html(found[(part - 1) * _PART : part * _PART], TEXTS[lang]))


def _reread(lang: Lang, settings: Settings, jobs: Jobs, record: SourceRecord) -> None:
    say = LIBRARY_TEXTS[lang]
    path = Path(record.source)
    st.caption(say.reread_help)
    charset, password = "", ""
    ocr: OcrMode | None = None
    suffix = path.suffix.lower()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if suffix in _TEXT_FORMATS:
            charset = st.selectbox(
                say.encoding,
                _CHARSETS,
                format_func=lambda name: name or say.encoding_auto,
                key=f"charset_{record.source}",
            )
        if suffix == ".pdf":
            password = st.text_input(
                say.password, type="password", help=say.password_help, key=f"password_{record.source}"
            )
            ocr = choose_ocr(lang, settings, f"ocr_{record.source}")
        if st.button(
            say.reread_button,
            key=f"reread_{record.source}",
            icon=":material/refresh:",
            disabled=is_running(jobs),
        ):
            start_ingest(
                lang,
                settings,
                jobs,
                [path],
                again=True,
                charset=charset or None,
                password=password or None,
                ocr=ocr,
            )


def _remove(lang: Lang, settings: Settings, jobs: Jobs, record: SourceRecord) -> None:
    say = LIBRARY_TEXTS[lang]
    path = Path(record.source)
    uploaded = is_below(path, resources.uploads(settings.collection))
    with st.popover(say.remove, icon=":material/delete:", disabled=is_running(jobs)):
        st.markdown(f"**{in_markdown(path.name)}**")
        st.markdown(say.remove_uploaded if uploaded else say.remove_help)
        if not st.button(say.remove_sure, key=f"remove_{record.source}"):
            return
    try:
        with open_library(settings) as (store, catalog):
            remove_sources(settings, store, catalog, [record.source])
        if uploaded:
            path.unlink(missing_ok=True)
    except Exception as error:
        log_unexpected(error)
        show_failure(error, lang)
        return
    st.session_state["library_said"] = say.removed.format(name=in_markdown(displayable(path.name)))
    st.rerun()
