"""Lines of a page by pypdf, for the files that pdfium can't read; widths are estimated."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from indexer.readers.pdf.lines import (
    ASCENT,
    DESCENT,
    FALSE_SPACE,
    Line,
    cleaned,
    closed_up,
    on_page,
    upright,
)

if TYPE_CHECKING:
    from pypdf import PageObject

_COLUMN_GAP = 1.0  # ems; as widths are estimated, a gap of a character is the space between columns
_SPACE_GAP = 0.2  # ems
_SAME_BASELINE = 0.1  # ems
_DOWN = (0.4, 1.6)  # ems from one character of vertical text to the next
_UPWARDS, _DOWNWARDS = 1, 3  # quarter turns clockwise that would bring text upright
_SPACES = re.compile(rf"[\s{FALSE_SPACE}]+")
_LEADING = 1.2  # ems from a line to the next within one run of pypdf, which tells no more


@dataclass(frozen=True, slots=True)
class _Run:
    """What pypdf reads in one go, where it begins on the page as the file draws it."""

    text: str
    x: float
    y: float
    em: float
    turn: int  # quarter turns clockwise that bring it upright
    down: bool  # of a font for vertical text


def page_lines(page: PageObject) -> list[Line]:
    """The lines of a page, with runs on one baseline in one line.

    pypdf begins a run at each change of font, which browsers make within words: they take the
    Han that the first font lacks from a second one. Of a vertical font it gives all columns as one
    line.

    Raises:
        Exception: of any type, where the page is broken.
    """
    runs = _runs(page)
    turns = Counter[int]()
    for run in runs:
        turns[run.turn] += len(run.text)
    turn = turns.most_common(1)[0][0] if runs else 0
    box = page.cropbox
    page_box = (float(box.left), float(box.bottom), float(box.right), float(box.top))
    place = upright(page_box, turn)
    return on_page(
        _joined([_line(run, *place(run.x, run.y), (run.turn - turn) % 4) for run in runs]), page_box, place
    )


def _runs(page: PageObject) -> list[_Run]:
    runs: list[_Run] = []

    def take(text: str, matrix: list[float], text_matrix: list[float], font: Any, size: float) -> None:
        x, y, em, turn = _placed(matrix, text_matrix, size)
        down = font is not None and str(font.get("/Encoding", "")).endswith("-V")
        parts = [part for part in text.split("\n") if part.strip()]
        for number, part in enumerate(parts):
            runs.append(_Run(part, x, y - number * _LEADING * em, em, turn, down))

    page.extract_text(visitor_text=take)
    return runs


def _placed(
    matrix: Sequence[float], text_matrix: Sequence[float], size: float
) -> tuple[float, float, float, int]:
    """x, y, size as drawn, and the quarter turns that bring a run upright."""
    a, b, c, d, x, y = text_matrix
    across = (a * matrix[0] + b * matrix[2], a * matrix[1] + b * matrix[3])
    up = (c * matrix[0] + d * matrix[2], c * matrix[1] + d * matrix[3])
    angle = math.atan2(across[1], across[0])
    return (
        x * matrix[0] + y * matrix[2] + matrix[4],
        x * matrix[1] + y * matrix[3] + matrix[5],
        abs(size) * math.hypot(*up) or 1.0,
        round(angle / (math.pi / 2)) % 4,
    )


def _line(run: _Run, x: float, y: float, lies: int) -> Line:
    """A run as a line; lies: its own quarter turns, of Latin in vertical text or a note along the margin."""
    length = _width(run.text) * run.em
    if run.down:
        return Line(run.text, x - run.em / 2, y, x + run.em / 2, y + length, run.em, vertical=True)
    if lies == _DOWNWARDS:
        return Line(run.text, x - DESCENT * run.em, y, x + ASCENT * run.em, y + length, run.em, vertical=True)
    if lies == _UPWARDS:
        return Line(run.text, x - ASCENT * run.em, y - length, x + DESCENT * run.em, y, run.em, vertical=True)
    return Line(run.text, x, y - ASCENT * run.em, x + length, y + DESCENT * run.em, run.em)


def _width(text: str) -> float:
    """Approximate width in font sizes: Han are square, Latin letters about half as wide."""
    return sum(0.5 if ord(char) < 0x2000 else 1.0 for char in text)


def _joined(runs: Sequence[Line]) -> list[Line]:
    column_first = _run_down(runs)
    joined: list[Line] = []
    before: Line | None = None
    start = 0.0  # of the run before, as pypdf has it
    for found in runs:
        run = _moved(found, before.x1) if before and _has_not_moved(before, start, found) else found
        start = found.x0
        last = joined[-1] if joined else None
        if last and before and _on_baseline(last, run):
            joined[-1] = _both(last, _space_between(before, run), run, vertical=False)
        elif last and column_first and _below(last, run):
            joined[-1] = _both(last, "", run, vertical=True)
        else:
            joined.append(run)
        before = run
    return [_closed_up(line) for line in joined]


def _has_not_moved(before: Line, start: float, run: Line) -> bool:
    """Whether a run goes on where the one before ended: if only the font changes, pypdf's position stays."""
    return not run.vertical and run.y1 == before.y1 and abs(run.x0 - start) < _SAME_BASELINE * run.em


def _moved(line: Line, x0: float) -> Line:
    return replace(line, x0=x0, x1=x0 + line.x1 - line.x0)


def _space_between(before: Line, run: Line) -> str:
    """The space that browsers leave out of the file; only behind Han, whose width is known, is it seen."""
    is_measured = not any(char.isascii() for char in before.text)
    return FALSE_SPACE if is_measured and run.x0 - before.x1 > _SPACE_GAP * run.em else ""


def _run_down(runs: Sequence[Line]) -> bool:
    """Whether most runs are single characters that stand below the one before: vertical text."""
    down = sum(len(one.text) == 1 and _below(one, other) for one, other in pairwise(runs))
    return 2 * down > len(runs)


def _on_baseline(last: Line, run: Line) -> bool:
    return (
        not last.vertical
        and not run.vertical
        and abs(last.y1 - run.y1) < _SAME_BASELINE * run.em + abs(last.em - run.em) * DESCENT
        and run.x0 >= last.x0
        and run.x0 - last.x1 < _COLUMN_GAP * run.em
    )


def _below(last: Line, run: Line) -> bool:
    end = last.y1 - last.em  # where its last character begins
    return abs(last.x0 - run.x0) < 0.5 * run.em and _DOWN[0] * run.em < run.y0 - end < _DOWN[1] * run.em


def _both(one: Line, space: str, other: Line, *, vertical: bool) -> Line:
    return Line(
        one.text + space + other.text,
        min(one.x0, other.x0),
        min(one.y0, other.y0),
        max(one.x1, other.x1),
        max(one.y1, other.y1),
        max(one.em, other.em),
        vertical,
    )


def _closed_up(line: Line) -> Line:
    """Without leading spaces, and with a spread title closed up: the wider gaps are those of more spaces."""
    text = line.text.strip().strip(FALSE_SPACE)
    spaces = _SPACES.findall(text)
    closed = cleaned(closed_up(_SPACES.split(text), spaces, [float(len(space)) for space in spaces]))
    # One space pypdf has put before a run that stands apart; more, or a wide one, the file has there.
    leading = line.text[: len(line.text) - len(line.text.lstrip())].removeprefix(" ")
    indent = _width(leading) * line.em
    if line.vertical:
        return replace(line, text=closed, y0=line.y0 + indent)
    return replace(line, text=closed, x0=line.x0 + indent, x1=line.x1 - (line.text[:1] == " ") * line.em / 2)
