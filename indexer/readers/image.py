"""Pictures of pages (.png, .jpg, .tif and others), read by OCR: each picture of a file is a page.

They don't become a PDF on the way: that would draw each scan anew, at another size.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import DamagedFileError
from indexer.model import Document, Page, Problem, ProblemKind, Reading, Verdict
from indexer.readers.headings import merged_headings
from indexer.readers.ocr import OcrUnavailableError
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.pdf import joined
from indexer.readers.pdf.heads import without_running_heads
from indexer.readers.pdf.layout import page_texts
from indexer.readers.pdf.page import OCR_ENGINE, PageRead, unread_page
from indexer.readers.picture_file import PictureError, PictureText, opened, page_count, read_picture, upright
from indexer.readers.pictures import OnPicture

if TYPE_CHECKING:
    from PIL.Image import Image

_MAX_PAGES = 2_000  # of a book; OCR of so many takes some hours


def read(
    path: Path, data: bytes, options: ReadOptions = PLAIN, on_page: OnPicture = lambda *_: None
) -> Document:
    """The text of all pages, each with its reading, without running heads and page numbers.

    Args:
        on_page: called before each page with its number, from 1, and how many there are.

    Raises:
        DamagedFileError: it is no picture, or is broken.
    """
    try:
        image = opened(data)
        in_file = page_count(image)
    except PictureError as error:
        raise DamagedFileError(path, f"it can't be opened: {error}; save or scan it anew") from error
    count = min(in_file, _MAX_PAGES)
    pages = []
    for number in range(1, count + 1):
        on_page(number, count)
        pages.append(_read_page(image, number, options))
    problems = [page.problem for page in pages if page.problem]
    if in_file > _MAX_PAGES:
        reason = f"it has {in_file:,} pages; those after {_MAX_PAGES:,} were not read; split the file"
        problems.append(Problem(reason, kind="too_many_pages"))
    return _assembled(path, pages, tuple(problems))


def _read_page(image: Image, number: int, options: ReadOptions) -> PageRead:
    if number in options.skip_pages:
        reason = "reading this page stopped the reader, so it was left out"
        return unread_page(number, reason, "out_of_bounds")
    if options.ocr == "never":
        return unread_page(number, "it is a picture and needs OCR; --ocr auto reads it", "scan")
    try:
        return _judged(read_picture(upright(image, number)), number)
    except PictureError as error:
        return unread_page(number, f"it can't be opened: {error}; save or scan it anew", "damaged")
    except OcrUnavailableError as error:
        return unread_page(number, f"it is a picture, and there is no OCR: {error}", "scan")


def _judged(seen: PictureText, number: int) -> PageRead:
    score = round(seen.confidence, 3)
    if seen.standing == "unreadable":
        return unread_page(number, f"OCR can't read it (confidence {score:.2f})", "ocr_failed")
    reason = f"read by OCR{f', turned by {seen.turned}°' if seen.turned else ''}"
    verdict: Verdict = "ocr"
    kind: ProblemKind = "ocr"
    if seen.standing == "no text":
        reason, score = "a picture in which OCR finds no text", 1.0
    elif seen.standing == "doubtful":
        reason = f"{reason}, and doubtful; compare it with the picture"
        verdict, kind = "suspicious", "doubtful"
    return PageRead(
        seen.lines,
        seen.width,
        seen.height,
        Reading(verdict, score, OCR_ENGINE, reason, kind),
        Problem(reason, number, lost=kind == "doubtful", kind=kind),
        seen.rules,
    )


def _assembled(path: Path, pages: list[PageRead], problems: tuple[Problem, ...]) -> Document:
    kept = without_running_heads([page.lines for page in pages], [page.height for page in pages])
    laid_out = page_texts([(lines, page.width, page.rules) for lines, page in zip(kept, pages, strict=True)])
    text, starts = joined(laid_out)
    spans = tuple(
        Page(number, start, start + len(laid.text), page.reading)
        for number, (start, laid, page) in enumerate(zip(starts, laid_out, pages, strict=True), start=1)
    )
    return Document(text, path.stem, merged_headings(text, ()), spans, problems=problems)
