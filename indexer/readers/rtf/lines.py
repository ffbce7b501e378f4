"""Paragraphs and tables of rich text, as its control words end them."""

from __future__ import annotations

from dataclasses import dataclass, field

from indexer.readers.blocks import Block
from indexer.readers.printed_table import Row, printed, repeated


@dataclass(slots=True)
class CellPlace:
    """What \\cellx ends: where a cell of the row stands, and how it is merged."""

    left: int = 0
    is_first: bool = False  # of vertically merged ones
    is_below: bool = False  # its text is that of the first
    is_beside: bool = False  # of horizontally merged ones, not the first


@dataclass(slots=True)
class RowPlaces:
    """What \\trowd begins."""

    cells: list[CellPlace] = field(default_factory=list)
    is_header: bool = False
    next_cell: CellPlace = field(default_factory=CellPlace)
    right: int = 0

    def end_cell(self, right: int) -> None:
        self.next_cell.left = self.right
        self.cells.append(self.next_cell)
        self.next_cell = CellPlace()
        self.right = right


class Lines:
    """The text of the document, of a note or of a text box, as it is collected."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._pieces: list[str] = []
        self._asides: list[Block] = []
        self._cell: list[str] = []
        self._nested: list[str] = []  # cells of a row of a table in a cell
        self._after: list[str] = []
        self._cells: list[str] = []
        self._rows: list[Row] = []
        self._above: dict[int, str] = {}

    def add(self, text: str) -> None:
        self._pieces.append(text)

    def add_asides(self, blocks: list[Block]) -> None:
        self._asides += [Block(block.text, block.level, aside=True) for block in blocks]

    def end_paragraph(self, level: int | None, *, in_table: bool) -> None:
        text = self._taken()
        if in_table:
            self._cell += [text] * bool(text.strip())
            self._after += [block.text for block in self._asides]
        else:
            self._end_table()
            self.blocks += [Block(text, level)] * bool(text.strip())
            self.blocks += self._asides
        self._asides = []

    def end_cell(self) -> None:
        self.end_paragraph(None, in_table=True)
        self._cells.append(" ".join(self._cell))
        self._cell = []

    def end_nested_cell(self) -> None:
        self._nested.append(" ".join(self._taken().split()))

    def end_nested_row(self) -> None:
        self._after.append(" | ".join(self._nested))
        self._nested = []

    def end_row(self, places: RowPlaces) -> None:
        cells = []
        for index, text in enumerate(self._cells):
            place = places.cells[index] if index < len(places.cells) else CellPlace()
            if place.is_beside:
                continue
            if place.is_below:
                text = repeated(self._above.get(place.left, ""))
            else:
                self._above[place.left] = text if place.is_first else ""
            cells.append(text)
        self._rows.append(Row(tuple(cells), tuple(self._after), places.is_header))
        self._cells, self._after = [], []

    def finished(self) -> list[Block]:
        if self._cells or self._cell:  # a table that is cut off
            self.end_cell()
            self.end_row(RowPlaces())
        self.end_paragraph(None, in_table=False)
        return self.blocks

    def _end_table(self) -> None:
        if self._rows:
            self.blocks.append(Block(printed(self._rows), aside=True))
        self._rows, self._above = [], {}

    def _taken(self) -> str:
        """The characters since the last end; \\u gives those beyond U+FFFF in two halves."""
        text = "".join(self._pieces)
        self._pieces = []
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
