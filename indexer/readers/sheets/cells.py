"""The cells of a spreadsheet, whatever its format, and how they become text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.errors import DamagedFileError
from indexer.readers.characters import printable
from indexer.readers.header_row import has_header, is_label
from indexer.readers.table import rows_as_text

MAX_CELLS = 5_000_000  # with text, of a whole file; a list of a million people has as many
MAX_CHARACTERS = 100_000_000  # one long string can be shown by every cell
MAX_AREA = 20_000_000  # rows times columns that have text; few cells can be spread over 17 billion places
_MAX_HEADER_ROWS = 4  # one above the other: 年, 季度, 月, and what is counted

Merged = tuple[int, int, int, int]  # first row, first column, last row, last column; all from 0


@dataclass(slots=True)
class Cells:
    """Collects the cells of a file, and refuses what no memory could hold."""

    path: Path
    _cells: int = field(default=0, init=False)
    _characters: int = field(default=0, init=False)

    def add(self, rows: dict[int, dict[int, str]], row: int, column: int, text: str) -> None:
        """Put a cell's text in its place, unless it is blank.

        Raises:
            DamagedFileError: the file is beyond MAX_CELLS or MAX_CHARACTERS.
        """
        text = self.counted(text)
        if text:
            rows.setdefault(row, {})[column] = text

    def counted(self, text: str) -> str:
        """The text without blanks around it, as one more cell.

        Raises:
            DamagedFileError: the file is beyond MAX_CELLS or MAX_CHARACTERS.
        """
        text = (text if text.isprintable() else printable(text)).strip()
        self._cells += bool(text)
        self._characters += len(text)
        if self._cells > MAX_CELLS or self._characters > MAX_CHARACTERS:
            raise DamagedFileError(
                self.path,
                f"it has more than {MAX_CELLS:,} cells, or {MAX_CHARACTERS:,} characters, the most that is "
                "read; split it into several files",
            )
        return text


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; rows and columns are counted from 0, and only cells with text are there."""

    name: str
    rows: dict[int, dict[int, str]]
    merged: Sequence[Merged] = ()
    is_hidden: bool = False
    beside: Sequence[str] = ()  # text of its comments and text boxes


def sheet_text(sheet: Sheet, path: Path) -> str:
    """Its tables, apart by a blank line, then the text beside the cells.

    A table ends at an empty row, if what follows begins with labels of its own.

    Raises:
        DamagedFileError: its cells are spread beyond MAX_AREA.
    """
    columns = sorted({column for row in sheet.rows.values() for column in row})
    if len(sheet.rows) * len(columns) > MAX_AREA:
        raise DamagedFileError(
            path,
            f"the cells of its sheet {sheet.name!r} lie in {len(sheet.rows):,} rows and {len(columns):,} "
            f"columns, more than {MAX_AREA:,} places; split the sheet",
        )
    _repeat_merged(sheet)
    tables = [_table_text(sheet, numbers, columns) for numbers in _tables(sheet)]
    return "\n\n".join([*tables, *filter(None, sheet.beside)])


def _repeat_merged(sheet: Sheet) -> None:
    """A value merged over several rows holds for each of them that says more."""
    budget = MAX_CELLS  # merged ranges of a hostile file may overlap
    for first_row, column, last_row, _ in sheet.merged:
        text = sheet.rows.get(first_row, {}).get(column)
        budget -= last_row - first_row
        if text is None or budget < 0:
            continue
        for number in range(first_row + 1, last_row + 1):
            if number in sheet.rows:
                sheet.rows[number].setdefault(column, text)


def _tables(sheet: Sheet) -> list[list[int]]:
    """The numbers of the rows of each table."""
    tables: list[list[int]] = []
    for number in sorted(sheet.rows):
        follows = bool(tables) and number == tables[-1][-1] + 1
        if follows or (tables and not all(map(is_label, sheet.rows[number].values()))):
            tables[-1].append(number)
        else:
            tables.append([number])
    return tables


def _table_text(sheet: Sheet, numbers: Sequence[int], columns: Sequence[int]) -> str:
    captions = next((at for at, number in enumerate(numbers) if len(sheet.rows[number]) > 1), len(numbers))
    above, numbers = numbers[:captions], numbers[captions:]
    header_rows = _header_rows(sheet, numbers)
    grid = [[sheet.rows[number].get(column, "") for column in columns] for number in numbers]
    marked = None
    if header_rows > 1:
        header = _spread(sheet, numbers[:header_rows], columns)
        labels = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*header, strict=True)]
        used = [index for index, label in enumerate(labels) if label]
        if has_header([[row[index] for index in used] for row in [labels, *grid[header_rows:]]]):
            grid[:header_rows], marked = [labels], 1
    lines = [text for number in above for text in sheet.rows[number].values()]
    return "\n".join(filter(None, [*lines, rows_as_text(grid, marked)]))


def _header_rows(sheet: Sheet, numbers: Sequence[int]) -> int:
    """How many rows the header has if it has groups: labels merged over several columns, others below."""
    wide = {row for row, first, _, last in sheet.merged if last > first}
    rows = 1
    while rows < min(len(numbers), _MAX_HEADER_ROWS) and numbers[rows - 1] in wide:
        rows += 1
    return rows


def _spread(sheet: Sheet, numbers: Sequence[int], columns: Sequence[int]) -> list[list[str]]:
    """The rows of a header, with a group's label above each of its columns."""
    header = {number: dict(sheet.rows[number]) for number in numbers}
    for row, first, _, last in sheet.merged:
        text = header.get(row, {}).get(first)
        if text is not None:
            for column in columns:
                if first < column <= last:
                    header[row].setdefault(column, text)
    return [[header[number].get(column, "") for column in columns] for number in numbers]
