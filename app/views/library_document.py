"""One document of the library: its passages, its pages, and what can be done with it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import resources
from app.documents import PageVerdict, is_below, page_verdicts
from app.jobs import Jobs
from app.page_image import PageImageError, render_page
from app.passages import passages
from app.plain import displayable, in_markdown
from app.text import TEXTS, Lang
from app.text.library import LIBRARY_TEXTS, LibraryTexts
from app.views.cards import passages_html, plain_html
from app.views.failure import log_unexpected, show_failure
from app.views.ingest_job import is_running, start_ingest
from indexer import readers
from indexer.catalog import SourceRecord
from indexer.errors import ReadError
from indexer.library import open_library, remove_sources
from indexer.model import Document
from indexer.settings import Settings
from indexer.store import source_id

_PART = 50  # passages shown at once
_TEXT_FORMATS = (".txt", ".md", ".markdown", ".html", ".htm")
_CHARSETS = ("", "utf-8", "gb18030", "big5", "big5hkscs", "utf-16")
_READ_SECONDS = 600  # for which a document that was read for its pages is kept


def show_document(lang: Lang, settings: Settings, jobs: Jobs, record: SourceRecord) -> None:
    say = LIBRARY_TEXTS[lang]
    with st.container(border=True, key="xz-document"):
        st.markdown(f"#### {in_markdown(record.shown)}")
        first, second, third = st.tabs(
            [say.passages, say.page_by_page, say.reread], on_change="rerun", key=f"tabs_{record.source}"
        )
        with first:
            _show_passages(lang, settings, record)
        if second.open:  # a long PDF takes a while to read
            with second:
                _show_pages(lang, record)
        with third:
            _reread(lang, settings, jobs, record)
            st.divider()
            _remove(lang, settings, jobs, record)


def _show_passages(lang: Lang, settings: Settings, record: SourceRecord) -> None:
    say = LIBRARY_TEXTS[lang]
    try:
        store = resources.searcher(settings.collection).store
        found = passages(store, source_id(settings.collection, record.source))
    except Exception as error:
        log_unexpected(error)
        show_failure(error, lang)
        return
    if not found:  # nothing of it could be read
        st.caption(say.page_empty)
        return
    st.caption(say.passages_help)
    parts = -(-len(found) // _PART)
    part = 1
    if parts > 1:
        part = st.number_input(say.part_of.format(size=_PART), 1, parts, 1, key=f"part_{record.source}")
    st.html(passages_html(found[(part - 1) * _PART : part * _PART], TEXTS[lang]))


def _show_pages(lang: Lang, record: SourceRecord) -> None:
    """Read anew from the file, since the index has no pages, only which ones a passage is on."""
    say = LIBRARY_TEXTS[lang]
    path = Path(record.source)
    try:
        pages = page_verdicts(_read(record.source, path.stat().st_mtime_ns))
    except ReadError as error:
        st.warning(say.problems[error.kind])
        _show_unread(lang, path)
        return
    except OSError:
        st.caption(say.file_gone)
        return
    if not pages:
        st.caption(say.no_pages)
        return
    table = st.dataframe(
        [
            {
                say.page_number: page.number,
                say.page_verdict: _verdict(page, say),
                say.page_characters: len("".join(page.text.split())),
            }
            for page in pages
        ],
        hide_index=True,
        height=min(38 + 35 * len(pages), 300),
        on_select="rerun",
        selection_mode="single-row",
        key=f"pages_{record.source}",
        alt=say.page_by_page,
    )
    rows = table["selection"]["rows"]
    page = pages[rows[0] if rows and rows[0] < len(pages) else 0]
    left, right = st.columns(2)
    left.markdown(f"**{say.page_text}**　{TEXTS[lang].page.format(first=page.number)}")
    left.html(plain_html(page.text))
    right.markdown(f"**{say.page_picture}**")
    with right:
        _show_picture(lang, path, page.number)


def _show_unread(lang: Lang, path: Path) -> None:
    """The pages of a PDF whose text can't be read, as they look."""
    say = LIBRARY_TEXTS[lang]
    if path.suffix.lower() == ".pdf":
        number = st.number_input(say.page_number, 1, None, key=f"unread_{path}")
        _show_picture(lang, path, number)


def _show_picture(lang: Lang, path: Path, number: int) -> None:
    try:
        st.image(render_page(path, number, "").png, width="stretch")
    except PageImageError as error:
        show_failure(error, lang)


def _verdict(page: PageVerdict, say: LibraryTexts) -> str:
    if page.problems:
        return say.list_comma.join(say.problems[problem.kind] for problem in page.problems)
    return say.page_ok if page.text.strip() else say.page_empty


@st.cache_data(show_spinner=False, max_entries=4, ttl=_READ_SECONDS)
def _read(source: str, changed_ns: int) -> Document:
    """
    Args:
        changed_ns: a file that was changed is read anew.
    """
    return readers.read(Path(source))


def _reread(lang: Lang, settings: Settings, jobs: Jobs, record: SourceRecord) -> None:
    say = LIBRARY_TEXTS[lang]
    path = Path(record.source)
    st.caption(say.reread_help)
    charset, password = "", ""
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
        if st.button(
            say.reread_button,
            key=f"reread_{record.source}",
            icon=":material/refresh:",
            disabled=is_running(jobs),
        ):
            start_ingest(
                lang, settings, jobs, [path], again=True, charset=charset or None, password=password or None
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
