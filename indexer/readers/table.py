"""Rows of cells as lines of text.

Under a header each line carries its labels ("姓名：张三；部门：销售部"), so that a passage from the
middle of a table still says what its values are. Without one, cells are apart by " | ".
"""

from __future__ import annotations

from collections.abc import Sequence

from indexer.readers.header_row import header_span


def rows_as_text(rows: Sequence[Sequence[str]], header_rows: int | None = None) -> str:
    """A table as text, one line a row; empty rows, columns and cells are left out.

    Args:
        rows: cells from the left; rows may differ in length.
        header_rows: how many rows the document marks as header, one above the other; None: it marks
            none, and the first row is judged by itself and those below.

    Returns:
        Lines "列甲：一；列乙：二" under a header, else "一 | 二". A caption, alone in a row above all
        others, is a line of its own. A header some of whose labels have no value is a line as well,
        so that no label is lost. The lines within the cells of a single column stay.
    """
    grid = _grid(rows)
    if not grid or len(grid[0]) == 1:
        return "\n".join(row[0] for row in grid)
    grid = [[" ".join(cell.split()) for cell in row] for row in grid]
    first, end = header_span(grid) if header_rows is None else (0, header_rows)
    header, body = grid[first:end], grid[end:]
    lines = [_plain(row) for row in grid[:first]]
    if not body or not header:
        return "\n".join([*lines, *(_plain(row) for row in [*header, *body])])
    labels = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*header, strict=True)]
    has_value = [any(column) for column in zip(*body, strict=True)]
    if not all(has_value):
        lines.append(_plain(labels))
    return "\n".join([*lines, *(_labelled(labels, row) for row in body)])


def _grid(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows with some text, in equal length, without the columns that have none."""
    filled = [stripped for row in rows if any(stripped := [cell.strip() for cell in row])]
    used = sorted({index for row in filled for index, cell in enumerate(row) if cell})
    return [[row[index] if index < len(row) else "" for index in used] for row in filled]


def _plain(row: Sequence[str]) -> str:
    return " | ".join(filter(None, row))


def _labelled(labels: Sequence[str], row: Sequence[str]) -> str:
    return "；".join(
        f"{label}：{cell}" if label else cell for label, cell in zip(labels, row, strict=True) if cell
    )
