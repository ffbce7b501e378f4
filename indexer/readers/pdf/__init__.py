"""PDF: page by page with the engine that reads it best, laid out as a person reads it.

opened.py   the file, open in pdfium and, if a page needs it, in pypdf
page.py     one page: text layer or OCR, and the verdict
layer.py    what the engines make of the text layer
hidden_layer.py  layers that somebody's OCR made, and which of them to check
pdfium.py   direction.py   pypdf_lines.py   the lines of a page's text layer
damage.py   whether a page shows all that its content says
picture.py  what a page looks like
heads.py    running heads and page numbers, which are left out
parted.py   tables, apart from the other lines: by their rules (drawn_rules.py, ruled.py), or by the order
            in which their cells are drawn (stream.py); grid.py: the cells
layout.py   lines → text in reading order; with columns.py, tables.py, cells.py, paragraphs.py
order.py    whether the lines were read in their order
outline.py  bookmarks → headings
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from indexer.errors import DamagedFileError, NoTextError
from indexer.model import Document, Heading, Page, Problem
from indexer.readers.headings import merged_headings
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.pdf.heads import without_running_heads
from indexer.readers.pdf.hidden_layer import Sample
from indexer.readers.pdf.layout import PageText, goes_on, page_texts
from indexer.readers.pdf.opened import Opened, opened
from indexer.readers.pdf.order import why_out_of_order
from indexer.readers.pdf.outline import bookmarks, outline_headings
from indexer.readers.pdf.page import PageRead, doubted_page, read_page, unread_page
from indexer.readers.signature import first_bytes

_MAX_PAGES = 20_000  # bounds the work that one file can ask for
_HEADER_BYTES = 1024  # the header need not be the first thing in the file

_IN_BRACKETS = re.compile(r" \(.*\)")


def read(
    path: Path,
    data: bytes,
    options: ReadOptions = PLAIN,
    on_page: Callable[[int, int], None] = lambda *_: None,
) -> Document:
    """The text of all pages, each with its reading, without running heads and page numbers.

    A page that can't be read is a problem of its own and leaves an empty span; the others stay.

    Args:
        on_page: called before each page with its number, from 1, and how many there are; again for pages
            whose hidden layer is no longer believed.

    Raises:
        EncryptedError: it needs a password, or another one.
        DamagedFileError: it is no PDF, or is cut off or broken beyond its pages.
        NoTextError: no page has usable text.
    """
    if b"%PDF-" not in data[:_HEADER_BYTES]:
        raise DamagedFileError(path, f"not a PDF: {first_bytes(data)}; fetch or export the file again")
    with opened(path, data, options.password) as file:
        page_count = file.page_count
        count = min(page_count, _MAX_PAGES)
        pages = []
        sample = Sample(count)
        for number in range(1, count + 1):
            on_page(number, count)
            pages.append(_read_page(file, number, options, sample))
        for number in sample.doubted():
            on_page(number, count)
            pages[number - 1] = _read_page(file, number, options, sample)
        laid_out = _laid_out(pages)
        numbered = enumerate(zip(pages, laid_out, strict=True), start=1)
        pages = [_in_order(number, page, laid) for number, (page, laid) in numbered]
        document = _assembled(file, pages, laid_out, file.title or path.stem)
    problems = [page.problem for page in pages if page.problem]
    if page_count > _MAX_PAGES:
        problems.append(
            Problem(
                f"it has {page_count} pages; those after {_MAX_PAGES} were not read; split the file",
                kind="too_many_pages",
            )
        )
    if file.is_cut_short:
        problems.append(
            Problem("the file's end is missing, so pages may be missing too; fetch it again", kind="damaged")
        )
    if not document.text.strip():
        kinds = {problem.kind for problem in problems if problem.lost}
        raise NoTextError(path, _why_nothing(problems), kinds.pop() if len(kinds) == 1 else "no_text")
    return replace(document, problems=tuple(problems))


def _read_page(file: Opened, number: int, options: ReadOptions, sample: Sample) -> PageRead:
    if number in options.skip_pages:
        reason = "reading this page stopped the reader, so it was left out"
        return unread_page(number, reason, "out_of_bounds")
    try:
        with file.page(number) as page:
            read = read_page(number, page, file.engines(number), options.ocr, sample)
            why = file.damage(number, page)
    except Exception as error:  # one corrupt page must not take the others with it
        reason = f"the page is broken ({type(error).__name__}: {error})"
        return unread_page(number, reason, "broken_page")
    if why and not read.lines:
        return unread_page(number, why, "broken_page")
    return doubted_page(read, number, f"{why}; fetch the file again", "broken_page") if why else read


def _laid_out(pages: Sequence[PageRead]) -> list[PageText]:
    kept = without_running_heads([page.lines for page in pages], [page.height for page in pages])
    return page_texts([(lines, page.width, page.rules) for lines, page in zip(kept, pages, strict=True)])


def _in_order(number: int, page: PageRead, laid: PageText) -> PageRead:
    why = why_out_of_order(laid.text, laid.joins)
    return doubted_page(page, number, f"{why}; compare it with the page") if why else page


def _assembled(file: Opened, pages: Sequence[PageRead], laid_out: Sequence[PageText], title: str) -> Document:
    """The pages' texts as one, with their spans and the headings."""
    text, starts = joined(laid_out)
    spans = tuple(
        Page(number, start, start + len(laid.text), page.reading)
        for number, (start, laid, page) in enumerate(zip(starts, laid_out, pages, strict=True), start=1)
    )
    return Document(text, title, _headings(file, text, starts, laid_out), spans)


def joined(pages: Sequence[PageText]) -> tuple[str, list[int]]:
    """The text, and where in it each page begins."""
    pieces: list[str] = []
    starts: list[int] = []
    position = 0
    before: PageText | None = None
    for page in pages:
        if before is not None:
            gap = "\n"
            if goes_on(before, page):
                gap = " " if before.text[-1:].isascii() and page.text[:1].isascii() else ""
            pieces.append(gap)
            position += len(gap)
        starts.append(position)
        pieces.append(page.text)
        position += len(page.text)
        before = page
    return "".join(pieces), starts


def _headings(
    file: Opened, text: str, starts: Sequence[int], pages: Sequence[PageText]
) -> tuple[Heading, ...]:
    outline = outline_headings(bookmarks(file.pdfium), text, starts, [page.places for page in pages])
    return merged_headings(text, list(outline))


def _why_nothing(problems: Sequence[Problem]) -> str:
    if not problems:
        return (
            "none of its pages shows text or an image: they are blank, or damaged; there is nothing to index"
        )
    by_reason: dict[str, list[int]] = {}
    for problem in problems:
        reason = _IN_BRACKETS.sub("", problem.reason)  # figures differ from page to page
        by_reason.setdefault(reason, []).append(problem.page or 0)
    return "no page has usable text; " + "; ".join(
        f"page{'s' if len(numbers) > 1 else ''} {_ranges(numbers)}: {reason}" if numbers[0] else reason
        for reason, numbers in by_reason.items()
    )


def _ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers as "1-3, 7"."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
