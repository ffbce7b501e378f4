"""Which lines of a page belong to one column, and in what order columns are read. Pure functions.

A column has a left edge that several lines share, nothing that crosses the gutter before it but
titles and figures over several columns, and lines that fill its width. Cells of a table share edges
too, but are short, or begin where the cells beside them begin; they stay together.
All distances are in ems, so that pixels of OCR serve as well as points.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from indexer.readers.pdf.lines import Line, usual_em

_MAX_LINES = 3_000  # a page of a newspaper has 1,000; beyond, the engine's own order has to do
_MAX_DEPTH = 5  # columns beside columns
_MIN_LINES = 3  # in a column; two are a letterhead or a signature
_MIN_GUTTER = 0.8  # ems
_MIN_WIDTH = 7.0  # ems; narrower than any column of a newspaper
_EDGE = 0.5  # ems; edges that differ by less are one
_FULL = 0.7  # of the column's width; a line that reaches it fills it
_FULL_SHARE = 0.5  # of a column's lines; the others end paragraphs
_WIDE = 12.0  # ems; so wide are few cells, and on the last page of a text most lines end paragraphs
_FULL_SHARE_OF_WIDE = 0.25
_OWN_BASELINES = 0.3  # of a column's lines at most lie level with lines of the other, if cells do not
_MANY_LINES = 8
_TITLE_SIZE = 1.15  # of the usual size
_NOTE_SIZE = 0.92  # of the body's; notes beside the text are smaller, cells are not
_NOTE_WIDTH = 0.4  # of the body's
_LEVEL = 0.4  # ems; lines whose tops differ by less are level
_NEW_CELL = 0.25  # ems more than between the lines of a cell or a paragraph
_ALIGNED_SHARE = 0.8


def ordered(lines: Sequence[Line], page_width: float) -> list[list[Line]]:
    """Blocks of lines in the order in which a person reads them, each from top to bottom.

    A page of two columns gives the left one, then the right one, and before, between and after them
    what crosses the gutter. A table is not torn: its rows stay within one block.

    Args:
        lines: horizontal lines of one page, in any order.
        page_width: in the unit of the lines; a line that wide crosses every gutter.
    """
    em = usual_em(lines)
    inside = [line for line in lines if line.x1 - line.x0 <= page_width]
    if not 2 * _MIN_LINES <= len(inside) <= _MAX_LINES:
        return [_from_top(lines)] if lines else []
    return [block for block in _split(_from_top(lines), em, 0) if block]


def _from_top(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.y0 + line.y1, line.x0))


def _split(lines: list[Line], em: float, depth: int) -> list[list[Line]]:
    gutter = _gutter(lines, em, depth)
    if gutter is None:
        return [lines]
    blocks: list[list[Line]] = []
    for across, left, right in _bands(lines, gutter, em):
        blocks.append(across)
        left_is_note, right_is_note = _is_note(left, right), _is_note(right, left)
        columns = [right, left] if left_is_note else [left, right]
        for column in columns:
            is_note = (left_is_note and column is left) or (right_is_note and column is right)
            blocks += [column] if is_note else _split(column, em, depth + 1)
    return blocks


def _bands(lines: list[Line], gutter: float, em: float) -> list[tuple[list[Line], list[Line], list[Line]]]:
    """From top to bottom: the lines that cross the gutter, then those left and right of it."""
    bands: list[tuple[list[Line], list[Line], list[Line]]] = [([], [], [])]
    middle = min(line.x0 for line in lines) + _width(lines) / 2
    for index, line in enumerate(lines):
        across, left, right = bands[-1]
        is_title = _is_title(line, middle, lines[max(0, index - 1) : index + 2], em)
        if is_title or line.x0 < gutter < line.x1:
            if left or right:
                bands.append(([line], [], []))
            else:
                across.append(line)
        elif line.x0 >= gutter:
            right.append(line)
        elif across and not left and not right and _ends_paragraph(across[-1], line, lines[index + 1 :], em):
            across.append(line)
        else:
            left.append(line)
    return bands


def _is_title(line: Line, middle: float, around: Sequence[Line], em: float) -> bool:
    """Whether a line is a title above all columns, though it is too short to cross their gutters."""
    is_large = line.em > _TITLE_SIZE * em
    is_centred = abs((line.x0 + line.x1) / 2 - middle) < em
    is_alone = all(other is line or other.y1 <= line.y0 or other.y0 >= line.y1 for other in around)
    return is_large and is_centred and is_alone


def _ends_paragraph(last: Line, line: Line, following: Sequence[Line], em: float) -> bool:
    """Whether a short line goes on below lines that cross the gutter, with nothing beside it."""
    is_alone = not following or following[0].y0 > line.y1 - _LEVEL * em
    return is_alone and line.y0 - last.y1 < em and abs(line.em - last.em) < 0.1 * em


def _gutter(lines: list[Line], em: float, depth: int) -> float | None:
    """Where the leftmost column ends, or None if the lines are one column."""
    if len(lines) < 2 * _MIN_LINES or depth >= _MAX_DEPTH:
        return None
    for edge in _shared_edges(lines, em):
        left = [line for line in lines if line.x1 <= edge - _MIN_GUTTER * em]
        limit = max((line.x1 for line in left), default=edge)
        right = [line for line in lines if line.x0 >= limit + _MIN_GUTTER * em]
        crossing = len(lines) - len(left) - len(right)
        gutter = limit + _MIN_GUTTER / 2 * em
        if crossing != sum(line.x0 < gutter < line.x1 for line in lines):
            continue  # something begins within the gutter
        if _stand_side_by_side(left, right) and _are_columns(left, right, em, depth):
            return gutter
    return None


def _shared_edges(lines: Sequence[Line], em: float) -> list[float]:
    """Left edges that several lines share, from left to right, without the outermost."""
    starts = sorted(line.x0 for line in lines)
    edges: list[list[float]] = []
    for start in starts:
        if edges and start - edges[-1][0] <= _EDGE * em:
            edges[-1].append(start)
        else:
            edges.append([start])
    return [edge[0] for edge in edges[1:] if len(edge) >= _MIN_LINES]


def _stand_side_by_side(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Whether there is a column on each side, at one height."""
    if len(left) < _MIN_LINES or len(right) < _MIN_LINES:
        return False
    return _top(left) < _bottom(right) and _top(right) < _bottom(left)


def _are_columns(left: list[Line], right: list[Line], em: float, depth: int) -> bool:
    if _is_note(left, right) or _is_note(right, left):
        return True
    if min(_width(left), _width(right)) < _MIN_WIDTH * em or _begin_level(left, right, em):
        return False
    if _have_own_baselines(left, right, em):
        return True
    return _fills(left, em) and (_fills(right, em) or _gutter(right, em, depth + 1) is not None)


def _is_note(side: Sequence[Line], body: Sequence[Line]) -> bool:
    """Whether one side is notes in the margin of the other: narrow, in smaller type, and shorter."""
    if len(side) < 1 or len(body) < _MIN_LINES or len(side) > len(body):
        return False
    is_small = usual_em(side) < _NOTE_SIZE * usual_em(body)
    return is_small and _width(side) < _NOTE_WIDTH * _width(body) and _fills(body, usual_em(body))


def _fills(column: Sequence[Line], em: float) -> bool:
    width = _width(column)
    share = _FULL_SHARE if width < _WIDE * em else _FULL_SHARE_OF_WIDE
    full = sum(line.x1 - line.x0 >= _FULL * width for line in column)
    return full >= share * len(column)


def _have_own_baselines(left: Sequence[Line], right: Sequence[Line], em: float) -> bool:
    fewer, more = sorted((left, right), key=len)
    if len(fewer) < _MANY_LINES:
        return False
    tops = sorted(line.y1 for line in more)
    level = sum(_near(line.y1, tops, _LEVEL / 2 * em) for line in fewer)
    return level <= _OWN_BASELINES * len(fewer)


def _begin_level(left: Sequence[Line], right: Sequence[Line], em: float) -> bool:
    """Whether paragraphs on either side begin at the same heights, as the cells of a table's rows do."""
    starts = [_starts(side, em) for side in (left, right)]
    fewer, more = sorted(starts, key=len)
    if len(fewer) < 2:
        return False
    level = sum(_near(start, more, _LEVEL * em) for start in fewer)
    return level >= _ALIGNED_SHARE * len(fewer)


def _starts(side: Sequence[Line], em: float) -> list[float]:
    """Tops of the lines that stand farther below the one before than most."""
    gaps = [below.y0 - above.y1 for above, below in pairwise(side)]
    usual = median(gaps) if gaps else 0.0
    return [
        below.y0 for (_, below), gap in zip(pairwise(side), gaps, strict=True) if gap > usual + _NEW_CELL * em
    ]


def _near(value: float, values: Sequence[float], distance: float) -> bool:
    return any(abs(value - other) <= distance for other in values)


def _width(side: Sequence[Line]) -> float:
    return max(line.x1 for line in side) - min(line.x0 for line in side)


def _top(side: Sequence[Line]) -> float:
    return min(line.y0 for line in side)


def _bottom(side: Sequence[Line]) -> float:
    return max(line.y1 for line in side)
