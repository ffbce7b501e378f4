"""Tables by the rules that part their cells. Pure functions.

Where a table is ruled, the rules say what no gap between words does: which lines make up one cell, and over
how many rows and columns it goes. Where only its rows are, they are mostly drawn cell by cell, and the ends
of the rules say where the columns are (see `rows_only.py`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from indexer.readers.pdf.grid import Cell, Grid
from indexer.readers.pdf.lines import Line, Part, is_cjk, part_of, rows, usual_em
from indexer.readers.pdf.rows_only import rows_only
from indexer.readers.rules import Rule, Rules

_NEAR = 0.3  # ems; rules that lie closer are one, such as those of cells that have their own
_DRAWN = 0.6  # of the side of a cell that has a rule
_MIN_FILLED = 0.3  # of the cells; the lines of a chart have hardly anything between them
_MAX_PLACES = 20_000  # rows times columns; bounds the work
_MAX_RULES = 2_000  # of a page; more are a drawing
_MAX_CROSSING = 0.1  # of the lines; where more go over rules, these part no cells
_COLUMN_OF_TEXT = 300  # characters; two cells of so many side by side are columns of a page
_MAX_LABEL = 30  # characters of a column's name
_MOSTLY = 0.7  # of the text
_OVER = 1.0  # ems that a word may reach over a rule


def ruled(lines: Sequence[Line], rules: Rules) -> tuple[list[Grid], list[Line]]:
    """The ruled tables of a page, from the top, and the lines that are in none of them.

    Frames, columns of a page parted by a rule, lines below words and the grids of charts are no tables.

    Args:
        lines: of one page, in the order of the file.
        rules: in the unit of the lines.
    """
    found: list[Grid] = []
    left = list(lines)
    near = _NEAR * usual_em(lines)
    all_across, all_down = _joined(rules.across, near), _joined(rules.down, near)
    if len(all_across) + len(all_down) > _MAX_RULES:
        return found, left
    alone: list[Rule] = []  # rules across that meet no rule down
    groups: list[tuple[list[Rule], list[Rule]]] = []
    for across, down in _connected(all_across, all_down, near):
        if down:
            groups.append((across, down))
        else:
            alone += across
    groups += rows_only(alone, rules.across, lines, near)
    for across, down in groups:
        empty = _grid(across, down, near)
        grid = empty and _filled(empty, left)
        if grid:
            found.append(grid)
            left = [line for line in left if not _is_inside(line, grid)]
    return sorted(found, key=lambda grid: grid.ys[0]), left


def _joined(rules: Sequence[Rule], near: float) -> list[Rule]:
    """Rules that touch or lie on each other as one: many programs draw one for each side of each cell."""
    levels: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: rule.at):
        if levels and rule.at - levels[-1][0].at <= near:
            levels[-1].append(rule)
        else:
            levels.append([rule])
    found: list[Rule] = []
    for level in levels:
        at = sum(rule.at for rule in level) / len(level)
        last: Rule | None = None
        for rule in sorted(level, key=lambda rule: rule.start):
            if last and rule.start <= last.end + near:
                last = found[-1] = replace(last, end=max(last.end, rule.end))
            else:
                last = Rule(at, rule.start, rule.end)
                found.append(last)
    return found


def _connected(
    across: Sequence[Rule], down: Sequence[Rule], near: float
) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Rules that meet, directly or through others; those across, and those down."""
    free = [list(across), list(down)]
    while free[0]:
        found: tuple[list[Rule], list[Rule]] = ([free[0].pop()], [])
        reached = [(found[0][0], 0)]
        while reached:
            rule, way = reached.pop()
            meeting = [other for other in free[1 - way] if _meet(rule, other, near)]
            free[1 - way] = [other for other in free[1 - way] if not _meet(rule, other, near)]
            found[1 - way].extend(meeting)
            reached += [(other, 1 - way) for other in meeting]
        yield found


def _meet(one: Rule, other: Rule, near: float) -> bool:
    return (
        one.start - _NEAR <= other.at <= one.end + _NEAR
        and other.start - _NEAR <= one.at <= other.end + _NEAR
    )


def _grid(across: Sequence[Rule], down: Sequence[Rule], near: float) -> Grid | None:
    """The cells between rules; None where they part none, or not into rectangles.

    A table that is open at its sides ends where its rules across do.
    """
    xs = _places([rule.at for rule in down], [end for rule in across for end in (rule.start, rule.end)], near)
    ys = _places([rule.at for rule in across], [end for rule in down for end in (rule.start, rule.end)], near)
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 2 or columns < 2 or rows * columns > _MAX_PLACES:
        return None
    cells: list[Cell] = []
    taken = [[False] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            if taken[row][column]:
                continue
            right = column + 1
            while right < columns and not _is_ruled(down, xs[right], ys[row], ys[row + 1], near):
                right += 1
            bottom = row + 1
            while bottom < rows and not _is_ruled(across, ys[bottom], xs[column], xs[right], near):
                bottom += 1
            places = [(r, c) for r in range(row, bottom) for c in range(column, right)]
            if any(taken[r][c] for r, c in places) or any(
                _is_ruled(down, x, ys[row], ys[bottom], near) for x in xs[column + 1 : right]
            ):
                return None
            for r, c in places:
                taken[r][c] = True
            cells.append(Cell((row, bottom), (column, right)))
    return Grid(tuple(xs), tuple(ys), tuple(cells))


def _places(rules: Sequence[float], ends: Sequence[float], near: float) -> list[float]:
    """Where rules lie, ascending, and the outermost ends of those that cross them where none lies."""
    found: list[float] = []
    for place in sorted([*rules, min(ends), max(ends)]):
        if not found or place - found[-1] > near:
            found.append(place)
    return found


def _is_ruled(rules: Sequence[Rule], at: float, start: float, end: float, near: float) -> bool:
    """Whether rules at a place go along most of a side."""
    drawn = sum(
        max(0.0, min(rule.end, end) - max(rule.start, start)) for rule in rules if abs(rule.at - at) <= near
    )
    return drawn >= _DRAWN * (end - start)


def _filled(grid: Grid, lines: Sequence[Line]) -> Grid | None:
    """The grid with its text; None where that shows it to be no table."""
    by_place = {
        (row, column): number
        for number, cell in enumerate(grid.cells)
        for row in range(*cell.rows)
        for column in range(*cell.columns)
    }
    texts: list[list[Line]] = [[] for _ in grid.cells]
    inside = [line for line in lines if _is_inside(line, grid)]
    crossing = 0
    for line in inside:
        for part in _between(line, grid, by_place):
            texts[by_place[_place(part, grid)]].append(part)
            crossing += _crosses(part, grid, by_place)
    filled = [number for number, text in enumerate(texts) if text]
    rows = {grid.cells[number].rows[0] for number in filled}
    columns = {grid.cells[number].columns[0] for number in filled}
    if len(rows) < 2 or len(columns) < 2 or len(filled) < _MIN_FILLED * len(grid.cells):
        return None
    if crossing > _MAX_CROSSING * len(inside) or _holds_no_cells(grid, texts):
        return None
    cells = [replace(cell, lines=tuple(text)) for cell, text in zip(grid.cells, texts, strict=True)]
    return replace(grid, cells=tuple(cells))


def _holds_no_cells(grid: Grid, texts: Sequence[Sequence[Line]]) -> bool:
    """Whether most of the text is in columns, of the page or within cells, or a character to a square."""
    lengths = [sum(len(line.text) for line in text) for text in texts]
    most = _MOSTLY * sum(lengths)
    long = sorted(
        (cell.rows, length)
        for cell, length in zip(grid.cells, lengths, strict=True)
        if length > _COLUMN_OF_TEXT
    )
    heads = [length for cell, length in zip(grid.cells, lengths, strict=True) if cell.rows[0] == 0]
    has_header = all(0 < length <= _MAX_LABEL for length in heads)
    is_beside = not has_header and any(below[0] < above[1] for (above, _), (below, _) in pairwise(long))
    in_columns = sum(length for text, length in zip(texts, lengths, strict=True) if _has_columns(text))
    squares = sum(length == 1 and is_cjk(text[0].text) for text, length in zip(texts, lengths, strict=True))
    return (is_beside and sum(length for _, length in long) > most) or max(in_columns, squares) > most


def _has_columns(text: Sequence[Line]) -> bool:
    """Whether the lines of a cell stand in columns of their own, which no rule parts."""
    return sum(len(row) > 1 for row in rows(text)) > 1


def _is_inside(line: Line, grid: Grid) -> bool:
    x, y = _middle(line)
    return grid.xs[0] < x < grid.xs[-1] and grid.ys[0] < y < grid.ys[-1]


def _middle(line: Line) -> tuple[float, float]:
    return (line.x0 + line.x1) / 2, (line.y0 + line.y1) / 2


def _place(line: Line, grid: Grid) -> tuple[int, int]:
    """The row and column of a line's middle, which lies within the grid."""
    x, y = _middle(line)
    column = min(max(bisect_right(grid.xs, x) - 1, 0), len(grid.xs) - 2)
    return min(max(bisect_right(grid.ys, y) - 1, 0), len(grid.ys) - 2), column


def _between(line: Line, grid: Grid, by_place: dict[tuple[int, int], int]) -> list[Line]:
    """A line in pieces of one cell each: an engine takes cells that stand close for one line."""
    if not line.parts:
        return [line]
    pieces: list[tuple[int, list[Part]]] = []
    for part in line.parts:
        number = by_place[_place(part_of(line, [part]), grid)]
        if pieces and pieces[-1][0] == number:
            pieces[-1][1].append(part)
        else:
            pieces.append((number, [part]))
    return [line] if len(pieces) == 1 else [part_of(line, parts) for _, parts in pieces]


def _crosses(line: Line, grid: Grid, by_place: dict[tuple[int, int], int]) -> bool:
    """Whether a line goes over a rule into another cell."""
    cell = grid.cells[by_place[_place(line, grid)]]
    over = _OVER * line.em
    return line.x0 < grid.xs[cell.columns[0]] - over or line.x1 > grid.xs[cell.columns[1]] + over
