"""Tables of web pages: those that hold data, and those that only lay out the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from indexer.readers.printed_table import Row, printed, repeated

if TYPE_CHECKING:
    from bs4 import Tag
    from bs4.element import PageElement

_CELLS = ["td", "th"]
_PARTS = frozenset({"caption", "table", "tr", *_CELLS})
_IN_LAYOUT = ["table", "h1", "h2", "h3", "h4", "h5", "h6", "pre"]
_MAX_CELL = 500  # characters; a cell of paragraphs beyond that is a column of the page
_MAX_SPAN = 1000  # rows or columns, by the HTML standard
_MAX_SPANNED = 20_000  # places that cells of a table reach into; no longer page has as many


def is_layout(table: Tag) -> bool:
    """Whether its cells are columns of the page: they hold tables, headings, or many paragraphs."""
    if table.find(_IN_LAYOUT) is not None:
        return True
    return any(
        len(cell.get_text()) > _MAX_CELL and len(cell.find_all("p", limit=2)) > 1
        for cell in table.find_all(_CELLS)
    )


def table_lines(table: Tag, cell_text: Callable[[Tag], str]) -> str:
    """A table of data as lines "a | b", under its caption; a long one repeats its header.

    What stands in a cell over several rows stands in each of their lines.
    """
    caption = table.find("caption")
    rows: list[Row] = []
    left = _MAX_SPANNED
    below: dict[int, tuple[int, str]] = {}  # column → how many more rows a cell reaches into, its text
    for element, found in _rows(table):
        cells: list[str] = []
        reaching: dict[int, tuple[int, str]] = {}
        for cell in found:
            _fill(cells, below)
            text = " ".join(cell_text(cell).split())
            height, width = _span(cell, "rowspan"), _span(cell, "colspan")
            left -= height + width - 2
            if height > 1 and left > 0:
                reaching[len(cells)] = (height, repeated(text))
            # An empty place for each further column keeps those below in line.
            cells += [text, *[""] * (width - 1 if left > 0 else 0)]
        _fill(cells, below)
        is_head = bool(found) and (
            (element.parent is not None and element.parent.name == "thead")
            or (len(found) > 1 and all(cell.name == "th" for cell in found))
        )
        rows.append(Row(tuple(cells), is_header=is_head and all(row.is_header for row in rows)))
        below |= reaching
        below = {column: (rest - 1, text) for column, (rest, text) in below.items() if rest > 1}
    return "\n".join(
        filter(None, [*_outside_cells(table), cell_text(caption) if caption else "", printed(rows)])
    )


def _rows(table: Tag) -> list[tuple[Tag, list[Tag]]]:
    """Each row with its cells. Old pages put a form between them, and leave out the row of its only cells."""
    rows: dict[int, tuple[Tag, list[Tag]]] = {}
    for element in table.find_all(["tr", *_CELLS]):
        if element.name == "tr":
            rows[id(element)] = (element, [])
        elif (row := _around(element)).name not in _CELLS:
            rows.setdefault(id(row), (row, []))[1].append(element)
    return list(rows.values())


def _around(node: PageElement) -> Tag:
    """The part of a table that something in it stands in."""
    return next(parent for parent in node.parents if parent.name in _PARTS)


def _outside_cells(table: Tag) -> list[str]:
    """Text that stands between the cells by mistake, which browsers show above the table."""
    from bs4.element import NavigableString

    texts = [node for node in table.descendants if type(node) is NavigableString and not node.isspace()]
    return [" ".join(text.split()) for text in texts if _around(text).name in ("table", "tr")]


def _fill(cells: list[str], below: dict[int, tuple[int, str]]) -> None:
    while len(cells) in below:
        cells.append(below[len(cells)][1])


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(max(int(value), 1), _MAX_SPAN) if value.isdecimal() and len(value) < 9 else 1
