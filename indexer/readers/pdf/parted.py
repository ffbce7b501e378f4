"""The tables of pages as text, apart from their other lines; one over several pages has its header on each.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from indexer.readers.header_row import header_span
from indexer.readers.pdf.grid import Grid
from indexer.readers.pdf.lines import Line, is_vertical, mended
from indexer.readers.pdf.ruled import ruled
from indexer.readers.pdf.stream import streamed
from indexer.readers.printed_table import Row, printed
from indexer.readers.rules import Rules

_SAME = 0.3  # ems by which the widths of a table's columns differ from page to page at most
_MAX_HEADER = 3  # rows; one that another page repeats is among the first

_Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Parted:
    """A page's tables, each as a line with the text of all its rows, and the lines outside them."""

    tables: tuple[Line, ...]
    lines: tuple[Line, ...]


def parted(pages: Sequence[tuple[Sequence[Line], Rules]]) -> list[Parted]:
    """What of each page is a table that is ruled, or whose cells the file draws one after the other.

    Args:
        pages: lines and rules of each, one after the other; the rules in the unit of the lines, and these
            in the order of the file.
    """
    found = [_grids(lines, rules) for lines, rules in pages]
    texts = [[""] * len(tables) for tables, _ in found]
    for chain in _chains(found):
        parts = [found[page][0][table].rows() for page, table in chain]
        for (page, table), text in zip(chain, _texts(parts), strict=True):
            texts[page][table] = text
    return [
        Parted(
            tuple(replace(grid.line, text=text) for grid, text in zip(tables, said, strict=True)),
            tuple(free),
        )
        for (tables, free), said in zip(found, texts, strict=True)
    ]


def _grids(lines: Sequence[Line], rules: Rules) -> tuple[list[Grid], list[Line]]:
    if is_vertical(lines):
        return [], list(lines)
    whole = mended(lines)
    by_rules, left = ruled([line for line, _ in whole], rules)
    outside = set(map(id, left))
    by_order, free = streamed(
        [source for line, sources in whole if id(line) in outside for source in sources]
    )
    return sorted([*by_rules, *by_order], key=lambda grid: grid.ys[0]), free


def _chains(pages: Sequence[tuple[list[Grid], list[Line]]]) -> list[list[tuple[int, int]]]:
    """The tables of the pages, by page and number; together what is one table over several pages."""
    chains: list[list[tuple[int, int]]] = []
    for page, (tables, free) in enumerate(pages):
        for number, table in enumerate(tables):
            before = pages[page - 1] if page else ([], [])
            is_first = number == 0 and all(line.y0 > table.ys[0] for line in free)
            if is_first and before[0] and _goes_on(before[0][-1], before[1], table):
                chains[-1].append((page, number))
            else:
                chains.append([(page, number)])
    return chains


def _goes_on(above: Grid, free: Sequence[Line], below: Grid) -> bool:
    """Whether a table goes on from the end of a page, where `free` are the lines outside tables."""
    is_last = all(line.y1 < above.ys[-1] for line in free)
    if not is_last or len(above.xs) != len(below.xs):
        return False
    widths, others = ([right - left for left, right in pairwise(table.xs)] for table in (above, below))
    near = _SAME * below.line.em
    return all(abs(width - other) <= near for width, other in zip(widths, others, strict=True))


def _texts(parts: Sequence[_Rows]) -> list[str]:
    """The text of each part of one table; its header is at the beginning of each.

    Args:
        parts: its rows on each page.
    """
    if len(parts) == 1:
        return [_printed(parts[0], 0)]
    first, *others = [[row for row in rows if any(row)] for rows in parts]
    start, end = _header(first, others)
    header = first[start:end]
    texts = [_printed(first, 0 if start else end)]
    for rows in others:
        body = rows[_equal(rows, header) :]
        texts.append(_printed([*header, *body], len(header)))
    return texts


def _printed(rows: _Rows, header_rows: int) -> str:
    return printed([Row(tuple(row), is_header=number < header_rows) for number, row in enumerate(rows)])


def _header(first: _Rows, others: Sequence[_Rows]) -> tuple[int, int]:
    """Where the header is in the first part: what another part repeats, or what reads like one."""
    for start in range(min(_MAX_HEADER, len(first))):
        again = max(_equal(first[start:], rows) for rows in others)
        if again:
            return start, start + again
    return header_span([*first, *(row for rows in others for row in rows)])


def _equal(rows: _Rows, others: _Rows) -> int:
    """How many rows two tables have in common at their beginnings."""
    pairs = zip(rows, others, strict=False)
    return next((n for n, (row, other) in enumerate(pairs) if row != other), min(len(rows), len(others)))
