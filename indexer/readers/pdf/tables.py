"""Lines that stand side by side within a block: rows of a table, or one line in pieces. Pure functions."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.readers.pdf.cells import has_numbers, in_cells
from indexer.readers.pdf.lines import Line, closed_up, merged, rows, unbroken, usual_em

_PIECE_GAP = 0.4  # ems; pieces closer than that are one word
_CELL = " | "  # between cells, as the readers of office documents have it
_APART = "  "  # between pieces of a line that is no row: 甲方：  乙方：
MARKER = re.compile(r"[（(]?[0-9一二三四五六七八九十]{1,3}[.．、）)]|[-–•●○◆■□▪·*]|[①-⑳]|[a-zA-Z][.)）]")
_MAX_CELL_LINES = 40  # a cell has no more; bounds the work for odd pages
_ROW_GAP = 0.3  # ems by which the gap between rows exceeds that between the lines of a cell
_CLOSER = 0.08  # ems by which lines of a label are closer than rows of numbers
_WITHIN_CELL = 0.6  # ems between the lines of a label
_FULL_CELL = 2.0  # ems that a wrapped line may leave free in its cell
_WRAPPING_WIDTH = 8.0  # ems of a cell that wraps to as many lines as all others; narrower ones hold words

Span = tuple[float, float]  # left and right end
Row = list[Line]  # what stands side by side, from left to right


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of a block as it is read: of a paragraph, or a whole row of a table."""

    line: Line
    is_row: bool = False


def pieces(block: Sequence[Line]) -> list[Piece]:
    """The lines of a block from top to bottom, the cells of each row of a table as one, a | b."""
    em = usual_em(block)
    found: list[Piece] = []
    found_rows = rows(block)
    number_rows = in_cells(found_rows)
    for zone in _zones([cells or _together(row) for row, cells in zip(found_rows, number_rows, strict=True)]):
        columns = _columns(zone)
        if sum(len(row) > 1 for row in zone) > 1 and len(columns) > 1:
            found += [Piece(_cells(band, columns), is_row=True) for band in _row_bands(zone, columns, em)]
        else:
            found += [_apart(row) for row in zone]
    return found


def _together(row: Row) -> Row:
    """A row with the pieces joined that only the engine parted, and numbers of items before their text."""
    parts: Row = []
    for line in row:
        if not parts or line.x1 <= parts[-1].x1:
            parts.append(line)
        elif line.x0 - parts[-1].x1 < _PIECE_GAP * line.em:
            parts[-1] = merged([parts[-1], line], parts[-1].text + line.text)
        elif len(parts) == 1 and MARKER.fullmatch(parts[0].text):
            parts[-1] = merged([parts[-1], line], f"{parts[-1].text} {line.text}")
        else:
            parts.append(line)
    return parts


def _apart(row: Row) -> Piece:
    if len(row) == 1:
        return Piece(row[0])
    texts = [line.text for line in row]
    gaps = [right.x0 - left.x1 for left, right in pairwise(row)]
    return Piece(merged(row, closed_up(texts, [_APART] * len(gaps), gaps)), is_row=True)


def _zones(all_rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows of several cells with what is wrapped between them; every other row by itself."""
    zone: list[Row] = []
    for index, row in enumerate(all_rows):
        following = all_rows[index + 1] if index + 1 < len(all_rows) else []
        if zone and (len(row) > 1 or _is_rest_of_cell(row[0], zone, following)):
            zone.append(row)
            continue
        if zone:
            yield zone
            zone = []
        if len(row) > 1:
            zone = [row]
        else:
            yield [row]
    if zone:
        yield zone


def _is_rest_of_cell(line: Line, zone: Sequence[Row], following: Row) -> bool:
    """Whether a line alone belongs to a cell: it lies below one, and not below the first one only."""
    near = zone[-_MAX_CELL_LINES:]
    # Titles of numbers are centred, so that those of one column begin at different places.
    is_of_numbers = any(map(has_numbers, near))
    cells = _columns(near) if is_of_numbers else [(cell.x0, cell.x1) for row in near for cell in row]
    below = sum(x0 < line.x1 and line.x0 < x1 for x0, x1 in cells)
    begins_within = all(line.x1 < x0 or x0 <= line.x0 + line.em for x0, _ in cells)
    is_within = below == 1 if is_of_numbers else below > 0 and begins_within
    last = zone[-1][0]
    gap = line.y0 - max(cell.y1 for cell in zone[-1])
    if is_of_numbers and has_numbers(following):  # above the rest of a label, which has the numbers
        gap = min(gap, _gap([line], following))
    is_close = gap < last.em and abs(line.em - last.em) < 0.1 * last.em
    is_first = line.x0 < min(cells)[0] + line.em
    is_rest = (
        is_of_numbers and gap < _WITHIN_CELL * line.em and not (following and _gap([line], following) < gap)
    )
    return is_within and is_close and (not is_first or len(following) > 1 or is_rest)


def _spans(zone: Sequence[Row]) -> list[Span]:
    """Left and right ends of what the cells of the rows cover."""
    spans: list[Span] = []
    for x0, x1 in sorted((cell.x0, cell.x1) for row in zone for cell in row):
        if spans and x0 < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(x1, spans[-1][1]))
        else:
            spans.append((x0, x1))
    return spans


def _columns(zone: Sequence[Row]) -> list[Span]:
    """Left and right ends of the columns; a title that stands above no cell belongs to the nearest ones."""
    spans = _spans(zone)
    titles = {_column(cell, spans) for cell in zone[0]}
    bodies = {_column(cell, spans) for row in zone[1:] for cell in row}
    joined: set[int] = set()  # spans that are one with the following
    for title in sorted(titles - bodies):
        beside = [other for other in (title - 1, title + 1) if other in bodies - titles]
        free = [other for other in beside if not joined & {other - 1, other}]
        if free:
            nearest = min(free, key=lambda other: spans[max(title, other)][0] - spans[min(title, other)][1])
            joined.add(min(title, nearest))
    columns: list[Span] = []
    for number, span in enumerate(spans):
        if number - 1 in joined:
            columns[-1] = (columns[-1][0], span[1])
        else:
            columns.append(span)
    return columns


def _row_bands(zone: Sequence[Row], columns: Sequence[Span], em: float) -> list[list[Row]]:
    """Lines of the zone that make up one row each: cells wrap to several lines."""
    gaps = [_gap(above, below) for above, below in pairwise(zone)]
    numbers = [index for index, row in enumerate(zone) if has_numbers(row)]
    # Between two rows of numbers the widest gap is that between rows; closer is the rest of a label.
    between_rows = min((max(gaps[one:other]) for one, other in pairwise(numbers)), default=0.0)
    is_gapped = max(gaps) - min(gaps) > _ROW_GAP * em
    threshold = (max(gaps) + min(gaps)) / 2
    bands: list[list[Row]] = [[zone[0]]]
    for index, gap in enumerate(gaps, start=1):
        row = zone[index]
        has_no_label = row[0].x0 >= columns[0][1]
        if len(numbers) > 1:
            goes_on = gap < between_rows - _CLOSER * em or (has_no_label and index not in numbers)
        else:
            goes_on = gap <= threshold if is_gapped else has_no_label
        if goes_on:
            bands[-1].append(row)
        else:
            bands.append([row])
    return [part for band in bands for part in _checked(band, columns, em)]


def _gap(above: Row, below: Row) -> float:
    return min(line.y0 for line in below) - max(line.y1 for line in above)


def _checked(band: list[Row], columns: Sequence[Span], em: float) -> list[list[Row]]:
    """A band, or its lines as rows of their own where no cell of it is wrapped.

    Rows of one line each lie in one band too, below a header that stands apart from them.
    """
    if len(band) == 1 or any(len(row) == 1 for row in band):
        return [band]
    full = []
    for line in (line for row in band[:-1] for line in row):
        left, right = columns[_column(line, columns)]
        full.append(right - left > _WRAPPING_WIDTH * em and line.x1 > right - _FULL_CELL * em)
    has_gaps = len(band) == 2 or any(len(row) < len(columns) for row in band)
    is_wrapped = any(full) if has_gaps else all(full)
    return [band] if is_wrapped else [[row] for row in band]


def _cells(band: Sequence[Row], columns: Sequence[Span]) -> Line:
    lines = [line for row in band for line in row]
    cells: list[list[str]] = [[] for _ in columns]
    for line in lines:
        cells[_column(line, columns)].append(line.text)
    return merged(lines, _CELL.join(map(unbroken, cells)))


def _column(line: Line, columns: Sequence[Span]) -> int:
    return bisect_right(columns, line.x0, key=lambda span: span[0]) - 1
