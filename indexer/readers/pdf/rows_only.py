"""Tables with rules between their rows only: where rules down would be. Pure functions.

Programs draw the rules of a row cell by cell, so that they end where columns meet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from indexer.readers.pdf.lines import Line, Part, usual_em
from indexer.readers.rules import Rule

_MIN_LEVELS = 3  # at which rules lie; fewer part a head or a foot from the page
_USUAL = 0.5  # of the levels have an end where columns meet
_OVER = 0.2  # ems that a word reaches over an end at least, if its cell goes over it
_HIGHEST = 3.0  # ems of a row that is one cell; what is higher stands between two tables

_Level = list[Rule]


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
    for left, right, levels in _stacks(rules, near):
        xs = _ends(drawn, left, right, levels, near)
        places = [left, *xs, right]
        levels = [level for level in levels if all(_is_at(rule, places, near) for rule in level)]
        inside = [line for line in lines if left < (line.x0 + line.x1) / 2 < right]
        yield from _tables(levels, xs, inside)


def _stacks(rules: Sequence[Rule], near: float) -> Iterator[tuple[float, float, list[_Level]]]:
    """Left and right end of rules of one width, these from the top, and the shorter ones between them."""
    free = list(rules)
    while free:
        first = free[0]
        full = [r for r in free if abs(r.start - first.start) <= near and abs(r.end - first.end) <= near]
        free = [rule for rule in free if rule not in full]
        if len({rule.at for rule in full}) < _MIN_LEVELS:
            continue
        top, bottom = min(rule.at for rule in full), max(rule.at for rule in full)
        stack = [
            rule
            for rule in rules
            if top <= rule.at <= bottom and first.start - near <= rule.start and rule.end <= first.end + near
        ]
        stack.sort(key=lambda rule: rule.at)
        yield first.start, first.end, [list(level) for _, level in groupby(stack, key=lambda rule: rule.at)]


def _ends(
    drawn: Sequence[Rule], left: float, right: float, levels: Sequence[_Level], near: float
) -> list[float]:
    """Where rules end at most of the levels, from the left, without the outermost."""
    found: list[tuple[float, float]] = []  # place, and level
    for at in (level[0].at for level in levels):
        ends = (end for rule in drawn if abs(rule.at - at) <= near for end in (rule.start, rule.end))
        found += [(end, at) for end in ends if left + near < end < right - near]
    places: list[list[tuple[float, float]]] = []
    for end, at in sorted(found):
        if places and end - places[-1][0][0] <= near:
            places[-1].append((end, at))
        else:
            places.append([(end, at)])
    usual = (place for place in places if len({at for _, at in place}) >= _USUAL * len(levels))
    return [sum(end for end, _ in place) / len(place) for place in usual]


def _is_at(rule: Rule, places: Sequence[float], near: float) -> bool:
    """Whether a rule goes from one place to another; one below words does not."""
    return all(any(abs(end - place) <= near for place in places) for end in (rule.start, rule.end))


def _tables(
    levels: Sequence[_Level], xs: Sequence[float], lines: Sequence[Line]
) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """The rows that are parted by the places, together where they follow each other."""
    ys = [level[0].at for level in levels]
    rows = [
        [line for line in lines if top < (line.y0 + line.y1) / 2 < bottom] for top, bottom in pairwise(ys)
    ]
    parted = [set(xs) for _ in rows]
    for number, row in enumerate(rows):
        for line in row:
            over = {x for x in xs if _goes_over(line, x)}
            if over:
                for one in _rows_of(line, number, levels):
                    parted[one] -= over
    start = 0
    for end, row in enumerate([*rows, []]):
        own = [line for line in row if len(_rows_of(line, end, levels)) == 1]
        if end == len(rows) or _are_several(own, xs) or _is_text(row, xs, parted[end], ys[end + 1] - ys[end]):
            across = [rule for level in levels[start : end + 1] for rule in level]
            down = [Rule(x, ys[n], ys[n + 1]) for n in range(start, end) for x in sorted(parted[n])]
            if down:
                yield across, down
            start = end + 1


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
    """Whether what stands between two rules is more than one row, as in a table with a rule below its header
    and one at its end: then the file comes back to a column after it was at another."""
    columns = [bisect_right(xs, line.x0 + _OVER * line.em) for line in row]
    return len([column for column, _ in groupby(columns)]) > len(set(columns))
