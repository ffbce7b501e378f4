"""Rows of tables whose columns of numbers stand so close that an engine takes them for lines. Pure functions.

No single gap tells: it may be that between two words. That one row after the other has numbers at the same
places, and hardly anything else, does.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.readers.pdf.lines import Line, Part, is_cjk

_FIGURES = r"[-+−–—±≈<>≤≥]?[¥￥$€£]?[0-9](?:[0-9,，.:：/×^年月～~–—-]*[0-9])?[%％‰*年月日万亿元]?"
_NUMBER = re.compile(rf"{_FIGURES}|\({_FIGURES}\)|（{_FIGURES}）")
_NO_NUMBER = re.compile(r"[-−–—/／]+|不适用|N/?A")  # what stands in its place
_MIN_NUMBERS = 2  # in a row, and more than it has labels
_MAX_PARTS = 200  # of a row; more are an attack
_SHARED = 0.5  # of a table's rows have something that begins where a column of words does
_START = 0.15  # ems
_EDGE = 0.3  # ems; edges that differ by less are one
_MAX_HEADER = 3  # rows
_SPREAD = 2  # parts more than columns in a header: 项　目; more are the words of a sentence
_FAR = 3.0  # ems between rows of one table at most

Row = list[Line]


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A row by its parts."""

    parts: tuple[Part, ...]

    @property
    def numbers(self) -> list[Part]:
        return [part for part in self.parts if _NUMBER.fullmatch(part.text)]

    def is_row(self) -> bool:
        if len(self.parts) > _MAX_PARTS or any(part.text.startswith("|") for part in self.parts):
            return False  # a table that is drawn with characters has its cells apart
        are_labels = [False, *(not is_number(part) for part in self.parts)]
        labels = sum(starts and not before for before, starts in pairwise(are_labels))
        return len(self.numbers) >= max(_MIN_NUMBERS, labels + 1)

    def is_aligned(self, other: _Numbers, em: float) -> bool:
        """Whether at least half of the numbers of the shorter row stand above or below some of the other."""
        fewer, more = sorted((self.numbers, other.numbers), key=len)
        near = _EDGE * em
        level = sum(any(_share_edge(one, another, near) for another in more) for one in fewer)
        return level >= max(_MIN_NUMBERS, len(fewer) / 2)


def in_cells(rows: Sequence[Row]) -> list[Row | None]:
    """The cells of each row of numbers and of the header above; None for rows that are no such.

    Args:
        rows: of one block, from top to bottom, each from left to right.
    """
    all_parts = [_Numbers(_parts(row)) for row in rows]
    cells: list[Row | None] = [None] * len(rows)
    for table in _tables(rows, all_parts):
        parts = [part for index in table for part in all_parts[index].parts]
        starts = _shared_starts(parts, len(table), rows[table[0]][0].em)
        for index in table:
            if any(line.parts for line in rows[index]):
                cells[index] = _parted(rows[index], starts)
        columns = _columns(parts)
        for index in range(table[0] - 1, max(-1, table[0] - 1 - _MAX_HEADER), -1):
            header = None if cells[index] else _header(rows[index], columns)
            if header:
                cells[index] = header
            elif len(all_parts[index].parts) > 1:
                break  # one part alone is the title of a section
    return cells


def has_numbers(row: Row) -> bool:
    """Whether a row of cells is one of numbers, with their labels."""
    return _Numbers(_parts(row)).is_row()


def _parts(row: Row) -> tuple[Part, ...]:
    return tuple(part for line in row for part in line.parts or (Part(line.text, line.x0, line.x1),))


def _tables(rows: Sequence[Row], all_parts: Sequence[_Numbers]) -> list[list[int]]:
    """Indices of the rows of numbers, by table: one near the other, with numbers at the same places."""
    found: list[list[int]] = []
    numeric = [index for index, parts in enumerate(all_parts) if parts.is_row()]
    for one, other in pairwise(numeric):
        em = rows[one][0].em
        is_near = all(
            below[0].y0 - above[0].y1 < _FAR * em for above, below in pairwise(rows[one : other + 1])
        )
        if not (is_near and all_parts[one].is_aligned(all_parts[other], em)):
            continue
        if found and found[-1][-1] == one:
            found[-1].append(other)
        else:
            found.append([one, other])
    return found


def _shared_starts(parts: Sequence[Part], rows: int, em: float) -> list[float]:
    """Where the cells of columns of words begin: at the same places in many rows of a table."""
    ascending = sorted(part.x0 for part in parts)
    found: list[float] = []
    for start in ascending:
        is_new = not found or start - found[-1] > _START * em
        reach = bisect_right(ascending, start + _START * em) - bisect_left(ascending, start)
        if is_new and reach >= max(2, _SHARED * rows):
            found.append(start)
    return found


def is_number(part: Part) -> bool:
    """Whether a part of a line is a number, or stands in the place of one."""
    return bool(_NUMBER.fullmatch(part.text) or _NO_NUMBER.fullmatch(part.text))


def _share_edge(one: Part, other: Part, near: float) -> bool:
    middles = abs(one.x0 + one.x1 - other.x0 - other.x1) / 2
    return min(abs(one.x0 - other.x0), abs(one.x1 - other.x1), middles) < near


def _parted(row: Row, starts: Sequence[float]) -> Row:
    """A row in its cells: at every number, and where a column of words begins."""
    cells: Row = []
    for line in row:
        parts = line.parts or (Part(line.text, line.x0, line.x1),)
        joined = [parts[0]]
        for before, part in pairwise(parts):
            at = bisect_right(starts, part.x0) - 1
            begins = at >= 0 and part.x0 - starts[at] <= _START * line.em
            if begins or is_number(before) or is_number(part):
                joined.append(part)
            else:
                joined[-1] = _both(joined[-1], part)
        cells += [_cell(line, part) for part in joined]
    return cells


def _columns(parts: Sequence[Part]) -> list[tuple[float, float]]:
    """Left and right ends of the columns that the parts of a table's rows make up."""
    spans: list[tuple[float, float]] = []
    for x0, x1 in sorted((part.x0, part.x1) for part in parts):
        if spans and x0 < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(x1, spans[-1][1]))
        else:
            spans.append((x0, x1))
    return spans


def _header(row: Row, columns: Sequence[tuple[float, float]]) -> Row | None:
    """The cells of a row above columns, if it has one above each or nearly so."""
    if not 2 <= len(_parts(row)) <= min(len(columns), _MAX_PARTS) + _SPREAD:
        return None
    middles = [sum(column) / 2 for column in columns]
    if any(sum(part.x0 < middle < part.x1 for middle in middles) > 1 for part in _parts(row)):
        return None
    cells: list[tuple[int, Line]] = []
    for line in row:
        for part in line.parts or (Part(line.text, line.x0, line.x1),):
            column = min(range(len(columns)), key=lambda n: abs(2 * middles[n] - part.x0 - part.x1))
            if cells and cells[-1][0] == column:
                last = cells[-1][1]
                cells[-1] = (column, _cell(line, _both(Part(last.text, last.x0, last.x1), part)))
            else:
                cells.append((column, _cell(line, part)))
    is_header = len(cells) >= max(2, len(columns) / 2) and len({column for column, _ in cells}) == len(cells)
    return [cell for _, cell in cells] if is_header else None


def _both(one: Part, other: Part) -> Part:
    space = "" if is_cjk(one.text[-1:]) and is_cjk(other.text[:1]) else " "
    return Part(one.text + space + other.text, one.x0, other.x1)


def _cell(line: Line, part: Part) -> Line:
    return Line(part.text, part.x0, line.y0, part.x1, line.y1, line.size)
