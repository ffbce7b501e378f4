"""Excel workbooks before 2007 (.xls), through xlrd; WPS writes its .et in the same format."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from indexer.errors import DamagedFileError, EncryptedError
from indexer.readers.number_format import GENERAL, shown
from indexer.readers.sheets.cells import Cells, Sheet

_BOOLEANS = ("FALSE", "TRUE")


def read_sheets(data: bytes, cells: Cells) -> Iterator[Sheet]:
    """The sheets in the order of their tabs.

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: its container would keep xlrd reading for ever; or by way of `cells`.
        Exception: it is no whole workbook; xlrd raises whatever it stumbles over.
    """
    import xlrd
    from xlrd.compdoc import SIGNATURE, CompDoc

    # xlrd follows the chains of large sectors with care, those of small ones without.
    if data.startswith(SIGNATURE) and _has_circle(CompDoc(data, logfile=io.StringIO()).SSAT):
        raise DamagedFileError(
            cells.path,
            "a chain of its sectors is a circle; open it in the program that made it and save it anew",
        )
    try:
        book = xlrd.open_workbook(
            file_contents=data, logfile=io.StringIO(), formatting_info=True, on_demand=True, ragged_rows=True
        )
    except xlrd.XLRDError as error:
        if "encrypted" not in str(error):
            raise
        raise EncryptedError(
            cells.path, "it needs a password; save a copy without one and index that"
        ) from error
    for number in range(book.nsheets):
        sheet = book.sheet_by_index(number)
        rows: dict[int, dict[int, str]] = {}
        for row in range(sheet.nrows):
            for column in range(sheet.row_len(row)):
                cells.add(rows, row, column, _cell_text(book, sheet.cell(row, column)))
        yield Sheet(
            name=sheet.name,
            rows=rows,
            merged=[(first, left, last - 1, right - 1) for first, last, left, right in sheet.merged_cells],
            is_hidden=bool(sheet.visibility),
            beside=tuple(cells.counted(note.text) for note in sheet.cell_note_map.values()),
        )
        book.unload_sheet(number)


def _has_circle(following: Sequence[int]) -> bool:
    """Whether from any sector on, each naming the one that follows it, one comes back to it."""
    passed = [0] * len(following)  # by the walk of which number
    for number, at in enumerate(range(len(following)), start=1):
        while 0 <= at < len(following) and not passed[at]:
            passed[at] = number
            at = following[at]
        if 0 <= at < len(following) and passed[at] == number:
            return True
    return False


def _cell_text(book: Any, cell: Any) -> str:
    import xlrd

    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return str(cell.value)
        case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
            return shown(cell.value, _code(book, cell), book.datemode == 1)
        case xlrd.XL_CELL_BOOLEAN:
            return _BOOLEANS[bool(cell.value)]
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, ""))
        case _:
            return ""


def _code(book: Any, cell: Any) -> str:
    if cell.xf_index is None or cell.xf_index >= len(book.xf_list):
        return GENERAL
    found = book.format_map.get(book.xf_list[cell.xf_index].format_key)
    return found.format_str if found else GENERAL
