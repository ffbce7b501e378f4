"""A table as cells in rows and columns, and their text. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.readers.pdf.lines import Line, merged, rows, unbroken, usual_em
from indexer.readers.pdf.paragraphs import begins, ends_sentence, first_word
from indexer.readers.printed_table import repeated

_PADDING = 1.5  # ems that cells leave free at most at their right
_SLACK = 0.3  # ems that a line leaves free although the next word would fit

Span = tuple[int, int]  # from, to (not included)


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one or more rows and columns."""

    rows: Span
    columns: Span
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    xs: tuple[float, ...]  # between the columns, from left to right, with the outermost
    ys: tuple[float, ...]
    cells: tuple[Cell, ...]  # from the top, each row from the left
    is_ruled: bool = True  # the places between columns are those of rules, else halfway between the texts

    @property
    def line(self) -> Line:
        """Its place on the page, as a line without text."""
        sizes = sorted(line.size for cell in self.cells for line in cell.lines)
        return Line("", self.xs[0], self.ys[0], self.xs[-1], self.ys[-1], sizes[len(sizes) // 2])

    def rows(self) -> list[list[str]]:
        """The texts of the cells by row; what stands over several rows is in each of them, if it is short."""
        found = [[""] * (len(self.xs) - 1) for _ in range(len(self.ys) - 1)]
        margins = self._margins()
        for cell in self.cells:
            text = _text(cell.lines, margins[cell.columns])
            first, *below = range(*cell.rows)
            found[first][cell.columns[0]] = text
            for row in below:
                found[row][cell.columns[0]] = repeated(text)
        return found

    def _margins(self) -> dict[Span, float]:
        """How far right a line of a cell may reach, by the columns that the cell goes over."""
        lines: dict[Span, list[Line]] = {}
        for cell in self.cells:
            lines.setdefault(cell.columns, []).extend(cell.lines)
        margins = {columns: max((line.x1 for line in of), default=0.0) for columns, of in lines.items()}
        if not self.is_ruled:
            return margins
        return {
            columns: max(margin, self.xs[columns[1]] - _PADDING * usual_em(lines[columns]))
            for columns, margin in margins.items()
        }


def _text(lines: Sequence[Line], margin: float) -> str:
    """The text of a cell, its lines joined where only the margin broke them, else apart by spaces."""
    if any(line.vertical for line in lines):  # from right to left
        return unbroken(line.text for line in sorted(lines, key=lambda line: -line.x0))
    paragraphs: list[list[str]] = []
    above: Line | None = None  # None where pieces stand side by side, which are no line of a paragraph
    for row in rows(lines):
        line = merged(row, " ".join(piece.text for piece in row))
        if above and len(row) == 1 and _goes_on(above, line, margin):
            paragraphs[-1].append(line.text)
        else:
            paragraphs.append([line.text])
        above = line if len(row) == 1 else None
    # Programs don't hyphenate words in cells, but break them after the hyphens that they have.
    return " ".join(unbroken(texts, may_hyphenate=False) for texts in paragraphs)


def _goes_on(above: Line, line: Line, margin: float) -> bool:
    is_full = margin - above.x1 < first_word(line) + _SLACK * line.em
    return is_full and not (begins(line) and ends_sentence(above))
