"""The pages of one document: how each was read, its text as the index has it, and its picture.

Nothing is read from the file here but a picture of a page: a file that is made to do harm has been read
once, in a process of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from app import resources
from app.documents import page_texts
from app.page_image import PageImageError, render_page
from app.plain import in_markdown
from app.text import TEXTS, Lang
from app.text.library import LIBRARY_TEXTS, MARKS, LibraryTexts
from app.views.cards import plain_html
from app.views.failure import show_failure
from indexer.catalog import SourceRecord
from indexer.model import Page
from indexer.settings import Settings
from indexer.sources import is_gone
from indexer.store import read_spec


def show_pages(lang: Lang, settings: Settings, record: SourceRecord, text: str | None) -> None:
    """
    Args:
        text: the document's, as the index has it; None where it could not be asked.
    """
    say = LIBRARY_TEXTS[lang]
    path = Path(record.source)
    gone = is_gone(record.source)
    if gone:
        st.caption(say.file_gone)
    pages = _pages(settings, record)
    if not pages:
        _show_none(record, say)
        if _has_pictures(path) and not gone:
            number = st.number_input(say.page_number, 1, None, key=f"unread_{path}")
            _show_picture(lang, path, number)
        return
    if record.state == "failed":
        st.caption(say.pages_earlier)
    texts = None if text is None else page_texts(pages, text)
    if text is not None and texts is None:
        st.caption(say.being_written)
    chosen = _choose(record, pages, texts, say)
    page = pages[chosen]
    _show_reading(page, say)
    left, right = st.columns(2) if _has_pictures(path) else (st.container(), None)
    left.markdown(f"**{say.page_text}**　{TEXTS[lang].page.format(first=page.number)}")
    if texts is not None:
        left.html(plain_html(texts[chosen]))
    if right:
        right.markdown(f"**{say.page_picture}**")
        if not gone:
            with right:
                _show_picture(lang, path, page.number)


def score_column(say: LibraryTexts) -> Any:  # Streamlit keeps the name of its type to itself
    """Of a table: how well something was read, 0..1, as a bar and a number."""
    return st.column_config.ProgressColumn(
        help=say.score_help, format="%.2f", min_value=0.0, max_value=1.0, width="small"
    )


def _pages(settings: Settings, record: SourceRecord) -> list[Page]:
    """Of what is searchable."""
    built = read_spec(settings)
    if built is None or not record.version:
        return []
    return resources.catalog(settings.collection, built.index_id).pages(record.source)


def _show_none(record: SourceRecord, say: LibraryTexts) -> None:
    """Why there are no pages to show."""
    if record.version and record.pages:
        st.caption(say.pages_unjudged)
    elif record.state == "failed":
        for problem in record.problems:
            st.warning(say.problems[problem.kind])
    else:
        st.caption(say.no_pages)


def _choose(record: SourceRecord, pages: list[Page], texts: list[str] | None, say: LibraryTexts) -> int:
    """The table of the pages, and which of them is chosen: the first, as long as none is."""
    table = st.dataframe(
        [_row(page, texts[i] if texts else None, say) for i, page in enumerate(pages)],
        hide_index=True,
        height=min(38 + 35 * len(pages), 300),
        on_select="rerun",
        selection_mode="single-row",
        key=f"pages_{record.source}",
        column_config={
            say.score: score_column(say),
            say.page_reason: st.column_config.TextColumn(width="large"),
        },
        placeholder="",
        alt=say.page_by_page,
    )
    rows = table["selection"]["rows"]
    return rows[0] if rows and rows[0] < len(pages) else 0


def _row(page: Page, text: str | None, say: LibraryTexts) -> dict[str, object]:
    reading = page.reading
    return {
        say.page_number: page.number,
        say.finding: _result(page, say),
        say.score: reading.score,
        say.engine: reading.engine or None,
        say.page_characters: None if text is None else len("".join(text.split())),
        say.page_reason: say.problems[reading.kind] if reading.kind else None,
    }


def _result(page: Page, say: LibraryTexts) -> str:
    """The verdict; of a blank page, that it is one."""
    verdict = page.reading.verdict
    if verdict == "ok" and page.start == page.end:
        return say.page_empty
    return f"{MARKS[verdict]} {say.findings[verdict]}"


def _show_reading(page: Page, say: LibraryTexts) -> None:
    """What the table cuts off, and the reason as the reader gave it."""
    reading = page.reading
    parts = [f"**{_result(page, say)}**"]
    if reading.kind:
        parts.append(say.problems[reading.kind])
    if reading.reason:
        parts.append(f":gray[:small[{in_markdown(reading.reason)}]]")
    st.markdown("　".join(parts))


def _has_pictures(path: Path) -> bool:
    return path.suffix.lower() == ".pdf"


def _show_picture(lang: Lang, path: Path, number: int) -> None:
    try:
        st.image(render_page(path, number, "").png, width="stretch")
    except PageImageError as error:
        show_failure(error, lang)
