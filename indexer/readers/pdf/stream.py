"""Tables without rules, by the order in which the file draws their cells. Pure functions.

Programs write a table cell by cell: all lines of one, then all of the one to its right. Where the lines of a
page go down, then back up and to the right, and then down on the left again, they tell which of them make up
a cell, though nothing on the page does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from statistics import median

from indexer.readers.pdf.cells import is_number
from indexer.readers.pdf.grid import Cell, Grid
from indexer.readers.pdf.lines import Line, mended, part_of
from indexer.readers.pdf.tables import MARKER

_GAP = (-0.5, 1.1)  # ems between the lines of a cell
_ALIGNED = 0.5  # ems by which their left ends, right ends or middles differ
_CELL_GAP = 0.4  # ems between cells that stand close
_ROW_GAP = 3.0  # ems between rows
_LEVEL = 0.5  # of the lower cell's height that lies beside the cell to its left
_REACH = 0.4  # ems by which the boxes of lines that stand one below the other may overlap
_MIN_WRAPPED = 4.0  # ems of a line that only the width of its cell broke
_FULL = 2.0  # ems that such a line may leave free
_FARTHER = 0.1  # ems
_NARROWER = 0.9  # of the table's width; a line alone that is wider belongs to a paragraph
_SAME_SIZE = 0.1  # ems
_MIN_ROWS = 2  # of several cells
_COLUMN_OF_TEXT = 300  # characters; two cells of so many side by side are columns of a page


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that the file draws one below the other."""

    lines: tuple[Line, ...]

    @property
    def x0(self) -> float:
        return min(line.x0 for line in self.lines)

    @property
    def x1(self) -> float:
        return max(line.x1 for line in self.lines)

    @property
    def y0(self) -> float:
        return self.lines[0].y0

    @property
    def y1(self) -> float:
        return self.lines[-1].y1

    @property
    def is_wrapped(self) -> bool:
        first = self.lines[0]
        is_full = first.x1 >= self.x1 - _FULL * first.em
        return len(self.lines) > 1 and is_full and first.x1 - first.x0 >= _MIN_WRAPPED * first.em


_Row = list[_Block]
_Span = tuple[float, float]  # left and right end


def streamed(lines: Sequence[Line]) -> tuple[list[Grid], list[Line]]:
    """Tables with wrapped cells, and the lines that are in none of them.

    Tables whose cells have one line each are told by their columns as well (see `tables.py`).

    Args:
        lines: of one page, in the order in which the file draws them.
    """
    pieces = list(_pieces(lines))
    blocks = list(_blocks([piece for piece, _ in pieces]))
    tables = [rows for rows in _runs(list(_rows(blocks))) if _is_table(rows)]
    taken = {id(line) for rows in tables for line in _lines(rows)}
    changed = {id(source) for piece, sources in pieces if id(piece) in taken for source in sources}
    free: list[Line] = []
    for piece, sources in pieces:
        if id(piece) in taken:
            continue
        is_whole = not any(id(source) in changed for source in sources)
        free += [source for source in sources if not (free and free[-1] is source)] if is_whole else [piece]
    return [_grid(rows) for rows in tables], free


def _pieces(lines: Sequence[Line]) -> Iterator[tuple[Line, list[Line]]]:
    """Lines as they are meant, and of which ones each is made.

    Engines take cells that stand close for one line: one begins after a gap where the line below begins.
    """
    whole = mended(lines)
    for (line, sources), following in zip_longest(whole, whole[1:]):
        at = _start(line, following[0]) if following else 0
        parts = [line.parts[:at], line.parts[at:]] if at else []
        yield from [(part_of(line, part), sources) for part in parts] or [(line, sources)]


def _is_next(line: Line, below: Line) -> bool:
    """Whether a line is as far below another as the lines of a cell are."""
    return _GAP[0] < (below.y0 - line.y1) / below.em < _GAP[1]


def _start(line: Line, below: Line) -> int:
    """Which part of a line has the line below it as its next one; 0 for none but the first."""
    em = line.em
    if len(line.parts) < 2 or not _is_next(line, below):
        return 0
    gaps = [right.x0 - left.x1 for left, right in pairwise(line.parts)]
    starts = [number for number, gap in enumerate(gaps, start=1) if gap > _CELL_GAP * em]
    return next((n for n in starts if abs(line.parts[n].x0 - below.x0) < _ALIGNED / 2 * em), 0)


def _blocks(lines: Sequence[Line]) -> Iterator[_Block]:
    block: list[Line] = []
    for line in lines:
        if block and not _goes_on(block[-1], line):
            yield _Block(tuple(block))
            block = []
        block.append(line)
    if block:
        yield _Block(tuple(block))


def _goes_on(last: Line, line: Line) -> bool:
    em = line.em
    if last.vertical or line.vertical or abs(last.em - em) > _SAME_SIZE * em:
        return False
    if not _is_next(last, line):
        return False
    ends = (line.x0 - last.x0, line.x1 - last.x1, (line.x0 + line.x1 - last.x0 - last.x1) / 2)
    return min(map(abs, ends)) < _ALIGNED * em


def _rows(blocks: Sequence[_Block]) -> Iterator[_Row]:
    """Blocks that stand side by side, each to the right of the one before."""
    row: _Row = []
    above = float("-inf")  # the least that the row before reaches down
    for block in blocks:
        if row and _is_beside(row, block, above):
            row.append(block)
            continue
        if row:
            yield row
            above = min(cell.y1 for cell in row)
        row = [block]
    if row:
        yield row


def _is_beside(row: _Row, block: _Block, top: float) -> bool:
    last = row[-1]
    reach = _REACH * block.lines[0].em
    y0, y1 = min(cell.y0 for cell in row), max(cell.y1 for cell in row)
    level = min(y1, block.y1) - max(y0, block.y0)
    lower = min(y1 - y0, block.y1 - block.y0)
    return block.x0 >= last.x1 and block.y0 >= top - reach and level >= _LEVEL * lower


def _runs(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Rows one below the other, from the first of several cells to the last of such."""
    run: list[_Row] = []
    for row in rows:
        if run and not _is_below(run[-1], row):
            yield from _trimmed(run)
            run = []
        run.append(row)
    yield from _trimmed(run)


def _is_below(above: _Row, row: _Row) -> bool:
    top = min(cell.y0 for cell in row)
    em = row[0].lines[0].em
    is_lower = top >= min(cell.y1 for cell in above) - _REACH * em
    return is_lower and top - max(cell.y1 for cell in above) < _ROW_GAP * em


def _trimmed(run: list[_Row]) -> Iterator[list[_Row]]:
    """The run without rows of one cell at its ends, and without those of a paragraph within."""
    table: list[_Row] = []
    alone: list[_Row] = []
    for row in run:
        if len(row) > 1:
            table += alone if table else []
            table.append(row)
            alone = []
        elif table and _is_cell(row[0], table):
            alone.append(row)
        elif table:
            yield table
            table, alone = [], []
    if table:
        yield table


def _is_cell(block: _Block, table: Sequence[_Row]) -> bool:
    """Whether a block alone in its row begins where a cell above does, and is narrower than the table."""
    left, right = min(row[0].x0 for row in table), max(row[-1].x1 for row in table)
    em = block.lines[0].em
    starts = any(abs(block.x0 - cell.x0) < _ALIGNED * em for row in table for cell in row)
    return starts and block.x1 - block.x0 < _NARROWER * (right - left)


def _is_table(rows: Sequence[_Row]) -> bool:
    several = [row for row in rows if len(row) > 1]
    if len(several) < _MIN_ROWS or not any(cell.is_wrapped for row in several for cell in row):
        return False
    if any(cell.lines[0].text.startswith("|") for row in several for cell in row):
        return False  # it is drawn with characters, and has its cells apart
    if any(len(line.parts) > 1 and any(map(is_number, line.parts)) for line in _lines(rows)):
        return False  # its numbers stand too close for the engine (see `cells.py`)
    if not _are_rows_apart(rows):
        return False
    if all(len(row) == 2 and MARKER.fullmatch(row[0].lines[0].text) for row in several):
        return False  # a list, with its numbers or marks apart
    long = (sum(sum(len(line.text) for line in cell.lines) > _COLUMN_OF_TEXT for cell in row) for row in rows)
    return all(count < 2 for count in long)


def _lines(rows: Sequence[_Row]) -> Iterator[Line]:
    return (line for row in rows for block in row for line in block.lines)


def _are_rows_apart(rows: Sequence[_Row]) -> bool:
    """Whether rows are farther apart than the lines of a cell, so that no line is the next row's."""
    tops = [min(block.y0 for block in row) for row in rows]
    bottoms = [max(block.y1 for block in row) for row in rows]
    between = median(top - bottom for top, bottom in zip(tops[1:], bottoms, strict=False))
    within = (below.y0 - above.y1 for row in rows for block in row for above, below in pairwise(block.lines))
    return between > max(within) + _FARTHER * rows[0][0].lines[0].em


def _grid(table: Sequence[_Row]) -> Grid:
    columns = _columns(table)
    cells = []
    for number, row in enumerate(table):
        for column, block in zip(_places(row, columns), row, strict=True):
            cells.append(Cell((number, number + 1), (column, column + 1), block.lines))
    between = [(left + right) / 2 for (_, left), (right, _) in pairwise(columns)]
    tops = [min(block.y0 for block in row) for row in table]
    bottom = max(block.y1 for row in table for block in row)
    return Grid((columns[0][0], *between, columns[-1][1]), (*tops, bottom), tuple(cells), is_ruled=False)


def _columns(table: Sequence[_Row]) -> list[_Span]:
    """Left and right ends of the columns: those of the rows that have the most cells."""
    most = max(map(len, table))
    longest = [row for row in table if len(row) == most]
    return [
        (min(block.x0 for block in column), max(block.x1 for block in column))
        for column in zip(*longest, strict=True)
    ]


def _places(row: _Row, columns: Sequence[_Span]) -> list[int]:
    """The columns of a row's cells: the nearest ones, in their order."""
    found: list[int] = []
    for number, block in enumerate(row):
        first = found[-1] + 1 if found else 0
        free = range(first, len(columns) - len(row) + number + 1)
        found.append(min(free, key=lambda column: _distance(block, columns[column])))
    return found


def _distance(block: _Block, column: _Span) -> float:
    (left, right), (x0, x1) = column, (block.x0, block.x1)
    return min(abs(x0 - left), abs(x1 - right), abs(x0 + x1 - left - right) / 2)
