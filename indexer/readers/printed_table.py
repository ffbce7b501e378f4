"""A table as it is printed: a line a row, and the header again where a new page would begin.

Of a report's table the text must stay what the document has, so cells are apart by " | " and get no
labels. A long table is cut into passages, though, and one without its header does not say what its
values are. So the header is repeated as Word repeats it on a new page, about once in a passage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.readers.header_row import header_span

_PAGE_CHARACTERS = 400  # between two headers; a passage has about 500 tokens, a Chinese character is one
_MAX_REPEATED = 60  # characters of a vertically merged cell; a longer one is no label of its rows
_SAMPLE_ROWS = 200  # that show whether the first one is a header


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[str, ...]
    after: tuple[str, ...] = ()  # what its cells hold beside text: notes, text boxes, tables
    is_header: bool = False  # marked so by the document


def printed(rows: Sequence[Row]) -> str:
    """Lines "a | b | c". Rows without text are left out, and empty cells at a row's end."""
    shown = [row for row in rows if any(cell.strip() for cell in row.cells) or row.after]
    first, end = _header(shown)
    header = [_line(row) for row in shown[first:end]]
    # A header of half a page is none that a reader would want to see again.
    header = header if sum(map(len, header)) <= _PAGE_CHARACTERS // 2 else []
    lines = []
    since = 0
    for index, row in enumerate(shown):
        if header and index > end and since >= _PAGE_CHARACTERS:
            lines += header
            since = 0
        line = _line(row)
        lines += [line] * bool(line)
        lines += row.after
        since += len(line) + sum(map(len, row.after))
    return "\n".join(lines)


def repeated(text: str) -> str:
    """The text of a vertically merged cell, for the rows below its first."""
    return text if len(text) <= _MAX_REPEATED else ""


def _line(row: Row) -> str:
    return " | ".join(" ".join(cell.split()) for cell in row.cells).rstrip(" |")


def _header(rows: Sequence[Row]) -> tuple[int, int]:
    """Where the rows are that the table repeats: from, to (not included)."""
    marked = next((index for index, row in enumerate(rows) if not row.is_header), len(rows))
    return (0, marked) if marked else header_span(_grid(rows[:_SAMPLE_ROWS]))


def _grid(rows: Sequence[Row]) -> list[list[str]]:
    """The cells' texts in equal length, without columns that have none."""
    texts = [[" ".join(cell.split()) for cell in row.cells] for row in rows]
    used = sorted({index for row in texts for index, cell in enumerate(row) if cell})
    return [[row[index] if index < len(row) else "" for index in used] for row in texts]
