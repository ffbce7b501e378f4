"""Tables with rules between their rows only: where rules down would be. Pure functions.

Programs draw the rules of a row cell by cell, so that they end where columns meet.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import TypeVar

from indexer.readers.pdf.lines import Line, Part, usual_em
from indexer.readers.rules import Rule

_MIN_LEVELS = 3  # at which rules lie; fewer part a head or a foot from the page
_USUAL = 0.5  # of the levels have an end where columns meet
_OVER = 0.2  # ems that a word reaches over an end at least, if its cell goes over it
_HIGHEST = 3.0  # ems of a row that is one cell; what is higher stands between two tables

_Level = list[Rule]
_T = TypeVar("_T")


def rows_only(
    rules: Sequence[Rule], drawn: Sequence[Rule], lines: Sequence[Line], near: float
) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """The rules of each such table: those across, and those down that are not drawn.

    Args:
        rules: those across that meet none down, as one where they touch.
        drawn: all across, as the page draws them.
        lines: of the page, in the order of the file.
        near: how far apart rules lie at most that are one.
    """
    drawn = sorted(drawn, key=lambda rule: rule.at)
    for left, right, levels in _stacks(rules, near):
        xs = _ends(drawn, left, right, levels, near)
        if not xs:
            continue
        places = [left, *xs, right]
        levels = [level for level in levels if all(_is_at(rule, places, near) for rule in level)]
        inside = [line for line in lines if left < (line.x0 + line.x1) / 2 < right]
        yield from _tables(levels, xs, inside)


def _stacks(rules: Sequence[Rule], near: float) -> Iterator[tuple[float, float, list[_Level]]]:
    """Left and right end of rules of one width, these from the top, and the shorter ones between them."""
    for same_start in _close(rules, lambda rule: rule.start, near):
        for full in _close(same_start, lambda rule: rule.end, near):
            heights = {rule.at for rule in full}
            if len(heights) < _MIN_LEVELS:
                continue
            top, bottom, left, right = min(heights), max(heights), full[0].start, full[0].end
            stack = [
                rule
                for rule in rules
                if top <= rule.at <= bottom and left - near <= rule.start and rule.end <= right + near
            ]
            stack.sort(key=lambda rule: rule.at)
            yield left, right, [list(level) for _, level in groupby(stack, key=lambda rule: rule.at)]


def _close(items: Sequence[_T], key: Callable[[_T], float], near: float) -> list[list[_T]]:
    """Items whose keys lie close to the lowest of them, together."""
    found: list[list[_T]] = []
    for item in sorted(items, key=key):
        if found and key(item) - key(found[-1][0]) <= near:
            found[-1].append(item)
        else:
            found.append([item])
    return found


def _ends(
    drawn: Sequence[Rule], left: float, right: float, levels: Sequence[_Level], near: float
) -> list[float]:
    """Where rules end at most of the levels, from the left, without the outermost.

    Args:
        drawn: from the top.
    """
    ends: list[tuple[float, float]] = []  # place, and level
    for at in (level[0].at for level in levels):
        first = bisect_left(drawn, at - near, key=lambda rule: rule.at)
        last = bisect_right(drawn, at + near, key=lambda rule: rule.at)
        places = (end for rule in drawn[first:last] for end in (rule.start, rule.end))
        ends += [(end, at) for end in places if left + near < end < right - near]
    alike = _close(ends, lambda end: end[0], near)
    usual = (place for place in alike if len({at for _, at in place}) >= _USUAL * len(levels))
    return [sum(end for end, _ in place) / len(place) for place in usual]


def _is_at(rule: Rule, places: Sequence[float], near: float) -> bool:
    """Whether a rule goes from one place to another; one below words does not."""
    return all(any(abs(end - place) <= near for place in places) for end in (rule.start, rule.end))


def _tables(
    levels: Sequence[_Level], xs: Sequence[float], lines: Sequence[Line]
) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """The rows that are parted by the places, together where they follow each other."""
    levels = list(_with_all_rows(levels, xs, lines))
    ys = [level[0].at for level in levels]
    rows = _rows(ys, lines)
    parted = [set(xs) for _ in rows]
    for number, row in enumerate(rows):
        for line in row:
            over = {x for x in xs if _goes_over(line, x)}
            if over:
                for one in _rows_of(line, number, levels):
                    parted[one] -= over
    start = 0
    for end, row in enumerate([*rows, []]):
        own = _own(row, end, levels)
        if end == len(rows) or _are_several(own, xs) or _is_text(row, xs, parted[end], ys[end + 1] - ys[end]):
            across = [rule for level in levels[start : end + 1] for rule in level]
            down = [Rule(x, ys[n], ys[n + 1]) for n in range(start, end) for x in sorted(parted[n])]
            if down:
                yield across, down
            start = end + 1


def _rows(ys: Sequence[float], lines: Sequence[Line]) -> list[list[Line]]:
    return [
        [line for line in lines if top < (line.y0 + line.y1) / 2 < bottom] for top, bottom in pairwise(ys)
    ]


def _own(row: Sequence[Line], number: int, levels: Sequence[_Level]) -> list[Line]:
    """The lines of a row without those of cells that go over several."""
    return [line for line in row if len(_rows_of(line, number, levels)) == 1]


def _with_all_rows(levels: Sequence[_Level], xs: Sequence[float], lines: Sequence[Line]) -> Iterator[_Level]:
    """The levels, and one between rows that no rule parts, as below a header that has one."""
    rows = _rows([level[0].at for level in levels], lines)
    for number, (level, row) in enumerate(zip(levels, rows, strict=False)):
        yield level
        own = _own(row, number, levels)
        if _are_several(own, xs):
            left, right = min(rule.start for rule in level), max(rule.end for rule in level)
            yield from ([Rule(y, left, right)] for y in _between(_by_row(own, xs), xs))
    yield levels[-1]


def _by_row(lines: Sequence[Line], xs: Sequence[float]) -> list[list[Line]]:
    """Lines that the file draws row by row: where it goes back to the left, or down beside a cell, a row
    begins."""
    found: list[list[Line]] = []
    before = 0
    for line in lines:
        column = _column(line, xs)
        is_below = bool(found) and line.y0 > max(above.y1 for above in found[-1])
        if not found or column < before or (column > before and is_below):
            found.append([])
        found[-1].append(line)
        before = column
    return found


def _between(rows: Sequence[Sequence[Line]], xs: Sequence[float]) -> list[float]:
    """The heights between rows; none where they stand beside each other, or hardly keep to columns."""
    lines = [line for row in rows for line in row]
    if sum(any(_goes_over(line, x) for x in xs) for line in lines) > _USUAL * len(lines):
        return []
    ends = [
        (max(line.y1 for line in above), min(line.y0 for line in below)) for above, below in pairwise(rows)
    ]
    overlap = _OVER * usual_em(lines)
    return [(end + start) / 2 for end, start in ends] if all(e - s < overlap for e, s in ends) else []


def _column(line: Line, xs: Sequence[float]) -> int:
    return bisect_right(xs, line.x0 + _OVER * line.em)


def _goes_over(line: Line, x: float) -> bool:
    over = _OVER * line.em
    parts = line.parts or (Part(line.text, line.x0, line.x1),)
    return any(part.x0 < x - over and part.x1 > x + over for part in parts)


def _rows_of(line: Line, row: int, levels: Sequence[_Level]) -> range:
    """The rows of a line's cell: to the next rules above and below it."""
    first, last = row, row + 1
    while first and not _covers(levels[first], line):
        first -= 1
    while last < len(levels) - 1 and not _covers(levels[last], line):
        last += 1
    return range(first, last)


def _covers(level: _Level, line: Line) -> bool:
    """Whether a level has a rule where a line is."""
    middle = (line.x0 + line.x1) / 2
    return any(rule.start <= middle <= rule.end for rule in level)


def _is_text(row: Sequence[Line], xs: Sequence[float], parted: set[float], height: float) -> bool:
    """Whether what stands between two rules is no row, but text between two tables: it goes over columns,
    with nothing beside it, and is more than one line or has room around it."""
    cells = {bisect_right(sorted(parted), (line.x0 + line.x1) / 2) for line in row}
    if len(parted) == len(xs) or len(cells) != 1:
        return False
    return len(row) > 1 or height > _HIGHEST * usual_em(row)


def _are_several(row: Sequence[Line], xs: Sequence[float]) -> bool:
    """Whether what stands between two rules is more than one row: then the file comes back to a column."""
    columns = [_column(line, xs) for line in row]
    return len([column for column, _ in groupby(columns)]) > len(set(columns))
