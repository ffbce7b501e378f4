"""Lines of a page by pdfium: fast, with a box for every character."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from indexer.readers.pdf.direction import text_runs_down, turn_of
from indexer.readers.pdf.drawn_rules import page_rules
from indexer.readers.pdf.lines import (
    ASCENT,
    DESCENT,
    FALSE_SPACE,
    Box,
    Line,
    Part,
    Place,
    cleaned,
    closed_up,
    is_cjk,
    on_page,
    upright,
)
from indexer.readers.rules import NO_RULES, Rules

_MAX_CHARACTERS = 100_000  # a page of a newspaper has 20,000; more is an attack or a mistake
_COLUMN_GAP = 1.05  # ems; a wider gap separates columns or cells, unless the file has spaces in it
_BACK = 0.6  # ems that a character may reach back over the one before: kerning, 【 and “
_OFF = 0.75  # ems that a character's middle may lie off the run's: commas low, quotes high, indices
_INK = 0.97  # ems; the box that a font declares is no smaller, that of a character's ink is
_NO_GAP = 0.1  # ems; a space that leaves less is not seen
_PART_GAP = 0.12  # ems; columns of numbers stand no closer
_WORD_GAP = 0.6  # ems; a narrower space of the file parts words, a gap without one or a wider one cells
_ACROSS, _DOWN, _UP = range(3)  # ways that text runs; up: beside figures and along margins
_HYPHENS = (0x02, 0xFFFE)  # pdfium's for a hyphen at the end of a line


@dataclass(slots=True)
class _Run:
    """Characters on one baseline while they are gathered."""

    index: int  # of its first character
    em: float
    x0: float
    y0: float
    x1: float
    y1: float
    pieces: list[str]  # the text between spaces
    separators: list[str]
    gaps: list[float]
    breaks: list[tuple[int, float, float]]  # characters before a gap, where it begins and ends
    length: int = 1  # characters
    way: int | None = None  # None: one character, which runs no way

    def take(self, char: str, box: Box, space: str, ways: tuple[int, ...]) -> bool:
        """Append a character if it goes on with the run, one of the ways to run, else say False."""
        em = self.em
        reach = (_COLUMN_GAP + len(space.replace(FALSE_SPACE, ""))) * em if space else _COLUMN_GAP * em
        for way in ways if self.way is None else (self.way,):
            gap, off = self._off(box, way)
            if -_BACK * em < gap < reach and off < _OFF * em:
                break
        else:
            return False
        if space and gap > _NO_GAP * em:
            self.pieces.append(char)
            self.separators.append(space)
            self.gaps.append(gap)
        else:
            self.pieces[-1] += char
        if gap > (_WORD_GAP if space.strip(FALSE_SPACE) else _PART_GAP) * em:
            self.breaks.append((self.length, self.x1, box[0]))
        self.length += 1
        self.way = way
        x0, y0, x1, y1 = box  # comparisons, not min and max: this runs for every character
        if x0 < self.x0:
            self.x0 = x0
        if y0 < self.y0:
            self.y0 = y0
        if x1 > self.x1:
            self.x1 = x1
        if y1 > self.y1:
            self.y1 = y1
        return True

    def _off(self, box: Box, way: int) -> tuple[float, float]:
        """How far a box is from the run's end along it, and from its middle across it."""
        x0, y0, x1, y1 = box
        if way == _ACROSS:
            return x0 - self.x1, abs(y0 + y1 - self.y0 - self.y1) / 2
        gap = y0 - self.y1 if way == _DOWN else self.y0 - y1
        return gap, abs(x0 + x1 - self.x0 - self.x1) / 2


def page_lines(document: Any, number: int) -> tuple[list[Line], Rules]:
    """The lines of a page, in pdfium's order, and its rules; text of an invisible OCR layer among them.

    What lies wholly outside the page is left out, as no reader of the page sees it.

    Args:
        document: a pypdfium2.PdfDocument.
        number: the page, from 1.

    Raises:
        pypdfium2.PdfiumError: the page is broken, or claims too many characters.
    """
    page = document[number - 1]
    drawn = page.get_rotation()
    try:
        with _text_of(page) as (raw, count):
            turn = turn_of(raw, count, drawn // 90)
            if 90 * turn == drawn:
                return _shown(page, raw, count, turn)
        # pdfium gives the characters of a line as they stand on the page as shown: from the last to the
        # first where that is on its head. So it is shown upright to it.
        page.set_rotation(90 * turn)
        with _text_of(page) as (raw, count):
            return _shown(page, raw, count, turn)
    finally:
        page.set_rotation(drawn)
        page.close()


@contextmanager
def _text_of(page: Any) -> Iterator[tuple[Any, int]]:
    """pdfium's handle on the text of a page, and how many characters it has."""
    import pypdfium2

    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count > _MAX_CHARACTERS:
            raise pypdfium2.PdfiumError(f"it claims {count} characters, over the limit of {_MAX_CHARACTERS}")
        yield text_page.raw, count
    finally:
        text_page.close()


def unmapped_share(page: Any) -> float:
    """Share of a page's characters whose fonts don't say which they are, so that pdfium guesses."""
    import pypdfium2.raw as pdfium

    text_page = page.get_textpage()
    try:
        count = min(text_page.count_chars(), _MAX_CHARACTERS)
        unmapped = sum(
            pdfium.FPDFText_HasUnicodeMapError(text_page.raw, index) == 1 for index in range(count)
        )
    finally:
        text_page.close()
    return unmapped / count if count else 0.0


def _shown(page: Any, raw: Any, count: int, turn: int) -> tuple[list[Line], Rules]:
    page_box = page.get_bbox()
    place = upright(page_box, turn)
    found = [_line(raw, run, place) for run in _runs(raw, count, page_box, turn)]
    lines = on_page(found, page_box, place)
    return lines, page_rules(page, place) if lines else NO_RULES


def _runs(raw: Any, count: int, page_box: Box, turn: int) -> Iterator[_Run]:
    import pypdfium2.raw as pdfium

    place, placed = upright(page_box, turn), _box_placed(page_box, turn)

    # Names without dots and one rectangle for all: two calls a character are most of the time.
    unicode_of, box_of, is_generated = (
        pdfium.FPDFText_GetUnicode,
        pdfium.FPDFText_GetLooseCharBox,
        pdfium.FPDFText_IsGenerated,
    )
    rectangle = pdfium.FS_RECTF()
    address = ctypes.byref(rectangle)
    runs_down = text_runs_down(raw, count, placed)
    ways = (_DOWN, _ACROSS, _UP) if runs_down else (_ACROSS, _DOWN, _UP)
    boxes_are_wrong = runs_down and turn != 0  # of vertical fonts pdfium turns them about the wrong corner
    run: _Run | None = None
    space = ""
    for index in range(count):
        code = unicode_of(raw, index)
        char = "-" if code in _HYPHENS else chr(code)
        if char in "\r\n":
            if run:
                yield run
            run, space = None, ""
        elif char.isspace():
            space = FALSE_SPACE if is_generated(raw, index) else space.replace(FALSE_SPACE, "") + char
        else:
            box_of(raw, index, address)
            box = placed(rectangle)
            em = run.em if run else _em(raw, index)
            is_ink = max(box[2] - box[0], box[3] - box[1]) < _INK * em
            if (is_ink or boxes_are_wrong) and is_cjk(char):
                box = _square(raw, index, em, place)
            if run is None or not run.take(char, box, space, ways):
                if run:
                    yield run
                run = _Run(index, _em(raw, index), *box, [char], [], [], [])
            space = ""
    if run:
        yield run


def _box_placed(page_box: Box, turn: int) -> Callable[[Any], Box]:
    """From a rectangle of pdfium to a box of the page as it is read; it runs for every character."""
    left, bottom, right, top = page_box
    return (
        lambda box: (box.left - left, top - box.top, box.right - left, top - box.bottom),
        lambda box: (box.bottom - bottom, box.left - left, box.top - bottom, box.right - left),
        lambda box: (right - box.right, box.bottom - bottom, right - box.left, box.top - bottom),
        lambda box: (top - box.top, right - box.right, top - box.bottom, right - box.left),
    )[turn]


def _square(raw: Any, index: int, em: float, place: Place) -> Box:
    """The box of a Han whose font tells only where its ink is, which of 一 or 、 is far less."""
    x, baseline = _origin(raw, index, place)
    return x, baseline - ASCENT * em, x + em, baseline + DESCENT * em


def _origin(raw: Any, index: int, place: Place) -> tuple[float, float]:
    import pypdfium2.raw as pdfium

    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(raw, index, ctypes.byref(x), ctypes.byref(y))
    return place(x.value, y.value)


def _em(raw: Any, index: int) -> float:
    """The font size of a character as it is drawn; the file's own is scaled by matrices."""
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(raw, index, ctypes.byref(matrix))
    return abs(pdfium.FPDFText_GetFontSize(raw, index)) * math.hypot(matrix.c, matrix.d) or 0.1


def _line(raw: Any, run: _Run, place: Place) -> Line:
    text = cleaned(_paired(closed_up(run.pieces, run.separators, run.gaps)))
    if run.way in (_DOWN, _UP):
        return Line(text, run.x0, run.y0, run.x1, run.y1, run.em, vertical=True)
    baseline = _origin(raw, run.index, place)[1]
    top, bottom = baseline - ASCENT * run.em, baseline + DESCENT * run.em
    return Line(text, run.x0, top, run.x1, bottom, run.em, parts=_parts(run))


def _parts(run: _Run) -> tuple[Part, ...]:
    if not run.breaks:
        return ()
    text = "".join(run.pieces)
    starts = [(0, run.x0), *((at, x0) for at, _, x0 in run.breaks)]
    ends = [*((at, x1) for at, x1, _ in run.breaks), (run.length, run.x1)]
    return tuple(
        Part(cleaned(_paired(text[start:end])), x0, x1)
        for (start, x0), (end, x1) in zip(starts, ends, strict=True)
    )


def _paired(text: str) -> str:
    """With surrogates, which some files map their rare Han to, as the characters that they stand for."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
