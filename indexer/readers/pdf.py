"""PDF: the text layer, page by page, with a verdict on each."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.errors import DamagedFileError, EncryptedError, NoTextError
from indexer.model import Document, Page, Problem
from indexer.normalize import fold_radicals, join_wrapped_lines
from indexer.readers.characters import printable
from indexer.readers.headings import statute_headings
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.plausibility import MIN_MEAN, is_plausible, mean_log_likelihood
from indexer.readers.signature import first_bytes

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_MAX_PAGES = 20_000  # bounds the work that one file can ask for
_HEADER_BYTES = 1024  # the header need not be the first thing in the file

# A scan is a picture of at least this many pixels (A4 at 100 dots per inch); a logo has fewer. With
# no more text than this on such a page the text is a stamp or a page number, and the rest is lost.
_SCAN_PIXELS = 900_000
_STAMP_CHARACTERS = 20

# A producer's title, such as "Microsoft Word - 新建文档.doc", names the file, not the text.
_FILE_TITLES = ("microsoft word", "untitled", "无标题", "未命名", "幻灯片", "powerpoint")

_IN_BRACKETS = re.compile(r" \([^)]*\)")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n){2,}")
_ZERO_WIDTH = str.maketrans("", "", "\u200b\u2060\ufeff\u00ad")


def read(path: Path, data: bytes, options: ReadOptions = PLAIN) -> Document:
    """The text layer, with lines that the page's width broke joined again.

    A page that can't be read is a problem of its own and leaves an empty span; the others stay.

    Raises:
        EncryptedError: it needs a password, or another one.
        DamagedFileError: it is no PDF, or is cut off or broken beyond its pages.
        NoTextError: no page has usable text.
    """
    if b"%PDF-" not in data[:_HEADER_BYTES]:
        raise DamagedFileError(path, f"not a PDF: {first_bytes(data)}; fetch or export the file again")
    # Its messages about malformed files would reach the terminal; what matters becomes a problem.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = _opened(path, data, options.password)
    page_count = len(reader.pages)
    texts, problems = _read_pages(reader, min(page_count, _MAX_PAGES))
    if page_count > _MAX_PAGES:
        problems.append(
            Problem(
                f"it has {page_count} pages; those after {_MAX_PAGES} were not read; split the file",
                kind="too_many_pages",
            )
        )
    if not any(texts):
        kinds = {problem.kind for problem in problems}
        raise NoTextError(path, _why_nothing(problems), kinds.pop() if len(kinds) == 1 else "no_text")
    text, pages = _joined(texts)
    return Document(
        text=text,
        title=_title(reader) or path.stem,
        headings=statute_headings(text),
        pages=pages,
        problems=tuple(problems),
    )


def _opened(path: Path, data: bytes, password: str | None) -> PdfReader:
    from pypdf import PasswordType, PdfReader

    try:
        reader = PdfReader(BytesIO(data))
        # Many are encrypted with an empty password, only to forbid printing.
        locked = reader.is_encrypted and all(
            reader.decrypt(tried) == PasswordType.NOT_DECRYPTED for tried in ("", password or "")
        )
        if not locked:
            len(reader.pages)
    except Exception as error:  # pypdf meets damage with many types of error
        raise DamagedFileError(
            path,
            f"a broken PDF ({type(error).__name__}: {error}): {first_bytes(data)}, "
            f"and its {len(data)} bytes may be cut short; fetch or export the file again",
        ) from error
    if locked:
        wrong = "the password is wrong" if password else "it needs a password"
        raise EncryptedError(
            path, f"{wrong}; give it with --password, or save a copy without one and index that"
        )
    return reader


def _read_pages(reader: PdfReader, count: int) -> tuple[list[str], list[Problem]]:
    texts, problems = [], []
    for number in range(1, count + 1):
        text, problem = _read_page(reader, number)
        texts.append(text)
        if problem:
            problems.append(problem)
    return texts, problems


def _read_page(reader: PdfReader, number: int) -> tuple[str, Problem | None]:
    try:
        page = reader.pages[number - 1]
        text = fold_radicals(printable(_page_text(page)).translate(_ZERO_WIDTH))
        characters = len("".join(text.split()))
        pixels = _largest_image(page.get("/Resources")) if characters < _STAMP_CHARACTERS else 0
    except Exception as error:  # one corrupt page must not take the others with it
        return "", Problem(
            f"the page is broken ({type(error).__name__}: {error})", page=number, kind="broken_page"
        )
    if not characters:
        return "", _no_text_layer(number) if pixels else None
    if not is_plausible(text):
        return "", _garbled(number, mean_log_likelihood(text))
    return join_wrapped_lines(text), _only_a_stamp(number, characters) if pixels >= _SCAN_PIXELS else None


def _no_text_layer(number: int) -> Problem:
    return Problem("no text layer: the page is an image and needs OCR", page=number, kind="scan")


def _only_a_stamp(number: int, characters: int) -> Problem:
    return Problem(
        f"the page is an image with only {characters} characters of text; it probably needs OCR",
        page=number,
        kind="stamp",
    )


def _garbled(number: int, mean: float) -> Problem:
    return Problem(
        f"the text layer is garbled (mean log-likelihood {mean:.1f}, text has at least {MIN_MEAN}): "
        "its fonts don't say which characters they draw; the page needs OCR",
        page=number,
        kind="garbled",
    )


def _page_text(page: PageObject) -> str:
    """The page's text, with runs on one baseline in one line.

    pypdf begins a line at each change of font, which browsers make within words: they take the
    Han that the first font lacks from a second one.
    """
    pieces: list[str] = []
    previous: tuple[float, float, float] | None = None  # baseline, left and right end of the last run
    pending = ""  # newlines that the next run confirms or refutes

    def take(text: str, matrix: list[float], text_matrix: list[float], _font: object, size: float) -> None:
        nonlocal previous, pending
        if not text.strip("\n"):
            pending += text
            return
        start, baseline, scale = _placed(matrix, text_matrix)
        height = abs(size * scale) or 1.0
        if pending and previous:
            old_baseline, old_start, old_end = previous
            on_line = abs(baseline - old_baseline) < 0.1 * height
            # A gap of a character or more is the space between columns or cells.
            if on_line and start >= old_start and start - old_end < height:
                pending = ""
        pieces.append(pending + text)
        pending = ""
        # A run with a newline inside ended on another baseline than it began on.
        previous = None if "\n" in text else (baseline, start, start + _width(text) * height)

    page.extract_text(visitor_text=take)
    return _BLANK_LINES.sub("\n\n", "".join(pieces))


def _placed(matrix: Sequence[float], text_matrix: Sequence[float]) -> tuple[float, float, float]:
    """x, y and horizontal scale of a run on the page."""
    x, y = text_matrix[4], text_matrix[5]
    return (
        x * matrix[0] + y * matrix[2] + matrix[4],
        x * matrix[1] + y * matrix[3] + matrix[5],
        text_matrix[0] * matrix[0],
    )


def _width(text: str) -> float:
    """Approximate width in font sizes: Han are square, Latin letters about half as wide."""
    return sum(0.5 if ord(char) < 0x2000 else 1.0 for char in text)


def _largest_image(resources: Any, depth: int = 3) -> int:
    """Pixels of the largest image among a page's resources, or those of the forms that it draws."""
    largest = 0
    for item in _drawn_objects(resources):
        if item.get("/Subtype") == "/Image":
            largest = max(largest, int(item.get("/Width", 1)) * int(item.get("/Height", 1)))
        elif depth > 0:
            largest = max(largest, _largest_image(item.get("/Resources"), depth - 1))
    return largest


def _drawn_objects(resources: Any) -> Iterator[Any]:
    if resources is None:
        return
    objects = resources.get_object().get("/XObject")
    if objects is not None:
        for reference in objects.get_object().values():
            yield reference.get_object()


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
        f"page{'s' if len(numbers) > 1 else ''} {_ranges(numbers)}: {reason}"
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


def _joined(texts: Sequence[str]) -> tuple[str, tuple[Page, ...]]:
    pages = []
    position = 0
    for number, text in enumerate(texts, start=1):
        pages.append(Page(number, position, position + len(text)))
        position += len(text) + 1
    return "\n".join(texts), tuple(pages)


def _title(reader: PdfReader) -> str:
    try:
        title = printable(str((reader.metadata and reader.metadata.title) or "")).strip()
    except Exception:  # a broken information dictionary is no reason to lose the text
        return ""
    is_file_name = title.lower().startswith(_FILE_TITLES) or "." in title[-5:]
    return "" if is_file_name or not is_plausible(title) else title
