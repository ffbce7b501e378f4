"""Spreadsheets: Excel (.xlsx, .xlsm, .xls) and OpenDocument (.ods), by what a file is, not by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from indexer.errors import DamagedFileError, EncryptedError, ReadError
from indexer.model import Document, Heading, Problem
from indexer.readers import csv_rows, html
from indexer.readers.archive import is_encrypted_office, open_archive, part_names
from indexer.readers.headings import merged_headings
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.sheets import ods, xls, xlsx, xml
from indexer.readers.sheets.cells import Cells, Sheet, sheet_text
from indexer.readers.signature import first_bytes

_ZIP = b"PK"
_OLD_EXCEL = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
_XML_WORKBOOK = b"urn:schemas-microsoft-com:office:spreadsheet"
_HTML = re.compile(rb"<(?:!doctype html|html|head|body|table|meta|div|style)\b", re.IGNORECASE)
_START_BYTES = 4096  # a web page shows what it is there
# What Excel, LibreOffice and WPS call a sheet before anybody names it.
_UNNAMED = re.compile(r"(?:sheet|工作表|表|_)\s*\d*", re.IGNORECASE)


def read(path: Path, data: bytes, options: ReadOptions = PLAIN) -> Document:
    """Each visible sheet under its name, a row as a line (see `table.rows_as_text`).

    What systems export under the name .xls is often a web page, a text or XML; it is read as that.

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: it is no spreadsheet, is broken, or has more cells than are read.
        CharsetError: it is a text, in no known charset.
    """
    if is_encrypted_office(data):
        raise EncryptedError(path, "it needs a password; save a copy without one and index that")
    cells = Cells(path)
    if data.startswith(_ZIP):
        archive = open_archive(path, data, path.suffix.lower() or ".xlsx")
        is_open_document = "content.xml" in part_names(archive)
        reader = ods.read_sheets if is_open_document else xlsx.read_sheets
        return _document(path, reader(archive, cells))
    if data.startswith(_OLD_EXCEL):
        return _document(path, xls.read_sheets(data, cells))
    start = data[:_START_BYTES]
    if _XML_WORKBOOK in start:
        return _document(path, xml.read_sheets(data, cells))
    if not data.strip():
        raise DamagedFileError(path, f"no spreadsheet: {first_bytes(data)}; save it anew")
    is_page = _HTML.search(start) is not None
    document = html.read(path, data, options) if is_page else csv_rows.read(path, data, options)
    what = "a web page" if is_page else "a text"
    problem = Problem(f"named {path.suffix} but {what}; read as that", lost=False, kind="declared")
    return replace(document, problems=(*document.problems, problem))


def _document(path: Path, sheets: Iterable[Sheet]) -> Document:
    shown = []
    problems = []
    for sheet in _whole(path, sheets):
        if sheet.is_hidden and sheet.rows:
            problems.append(
                Problem(
                    f"its sheet {sheet.name!r} is hidden and was left out; show it to have it indexed",
                    lost=False,
                    kind="left_out",
                )
            )
        elif not sheet.is_hidden and (text := sheet_text(sheet, path)):
            shown.append((sheet.name.strip(), text))
    text, headings = "", []
    for name, body in shown:
        text += "\n\n" if text else ""
        if name and (len(shown) > 1 or not _UNNAMED.fullmatch(name)):
            headings.append(Heading(len(text), 1, name))
            text += f"{name}\n\n"
        text += body
    return Document(
        text=text, title=path.stem, headings=merged_headings(text, headings), problems=tuple(problems)
    )


def _whole(path: Path, sheets: Iterable[Sheet]) -> Iterator[Sheet]:
    try:
        yield from sheets
    except ReadError:
        raise
    except Exception as error:  # the libraries below raise whatever they stumble over
        cause = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise DamagedFileError(
            path, f"no whole {path.suffix} ({cause}); open it in the program that made it and save it anew"
        ) from error
