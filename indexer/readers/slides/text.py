"""Text in DrawingML, the drawings of Office: paragraphs and tables."""

from __future__ import annotations

from typing import Any

from indexer.readers.printed_table import Row, printed, repeated

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_TRUE = ("1", "true")


def paragraphs(element: Any) -> str:
    """The paragraphs below an element, a line each."""
    return "\n".join(_paragraph(paragraph) for paragraph in element.iter(f"{A}p"))


def _paragraph(paragraph: Any) -> str:
    pieces = []
    stack = [paragraph]
    while stack:
        node = stack.pop()
        if node.tag in (f"{A}t", _MATH_TEXT):
            pieces.append(node.text or "")
        elif node.tag == f"{A}br":
            pieces.append("\n")
        elif node.tag != f"{MC}Fallback":  # the same once more, for older versions
            stack.extend(reversed(node))
    return "".join(pieces)


def table_text(table: Any) -> str:
    """A table (`a:tbl`) as lines; a cell merged over rows or columns stands in each row once."""
    rows: list[Row] = []
    for row in table.iter(f"{A}tr"):
        cells: list[str] = []
        for cell in row.iter(f"{A}tc"):
            if cell.get("vMerge") in _TRUE and rows and len(cells) < len(rows[-1].cells):
                cells.append(repeated(rows[-1].cells[len(cells)]))
            else:
                cells.append("" if cell.get("hMerge") in _TRUE else paragraphs(cell))
        rows.append(Row(tuple(cells)))
    return printed(rows)
