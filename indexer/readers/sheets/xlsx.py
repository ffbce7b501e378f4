"""Excel workbooks since 2007 (.xlsx, .xlsm): cells as they are shown, read as a stream.

Libraries that hold a sheet as a rectangle can't open one with a cell in its last row and column;
here a sheet takes as much memory as its cells with text.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from indexer.readers.archive import part_names, stream_xml, xml_root
from indexer.readers.number_format import BUILT_IN, GENERAL, general, shown
from indexer.readers.sheets.cells import Cells, Merged, Sheet

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATED = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_BOOLEANS = {"1": "TRUE", "0": "FALSE"}


@dataclass(frozen=True, slots=True)
class _Book:
    """What the sheets of a workbook share."""

    strings: list[str]
    formats: list[str]  # number format of each cell style
    from_1904: bool


def read_sheets(archive: zipfile.ZipFile, cells: Cells) -> Iterator[Sheet]:
    """The sheets in the order of their tabs.

    Raises:
        DamagedFileError: by way of `cells`.
        KeyError, ValueError, lxml.etree.XMLSyntaxError: it is no whole workbook.
    """
    names = part_names(archive)
    root = next(
        target for kind, target in _related(archive, names, "").values() if kind.endswith("/officeDocument")
    )
    workbook = xml_root(archive, names[root])
    related = _related(archive, names, root)
    parts = {kind.rpartition("/")[2]: target for kind, target in related.values()}
    book = _Book(
        strings=_strings(archive, names.get(parts.get("sharedStrings", ""), "")),
        formats=_formats(archive, names.get(parts.get("styles", ""), "")),
        from_1904=any(element.get("date1904") in ("1", "true") for element in workbook.iter("{*}workbookPr")),
    )
    for sheet in workbook.iter("{*}sheet"):
        kind, target = related.get(sheet.get(_RELATED) or sheet.get(_STRICT_RELATED) or "", ("", ""))
        if kind.endswith("/worksheet") and target in names:
            rows, merged = _rows(archive, names[target], book, cells)
            yield Sheet(
                name=sheet.get("name") or "",
                rows=rows,
                merged=merged,
                is_hidden=sheet.get("state") in ("hidden", "veryHidden"),
                beside=tuple(cells.counted(text) for text in _beside(archive, names, target)),
            )


def _related(archive: zipfile.ZipFile, names: dict[str, str], part: str) -> dict[str, tuple[str, str]]:
    """What a part refers to: id → kind, part."""
    folder, name = posixpath.split(part)
    listing = names.get(posixpath.join(folder, "_rels", f"{name}.rels").lower())
    if listing is None:
        return {}
    return {
        element.get("Id", ""): (
            element.get("Type", ""),
            posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/").lower(),
        )
        for element in xml_root(archive, listing).iter("{*}Relationship")
        if element.get("TargetMode") != "External"
    }


def _strings(archive: zipfile.ZipFile, name: str) -> list[str]:
    return [_rich_text(element) for element in stream_xml(archive, name, {"si"})] if name else []


def _rich_text(element: Any) -> str:
    """The runs of a string, without the pronunciation that may stand above it."""
    texts = list(element.iter("{*}t"))
    if len(texts) == 1:  # as in nearly every cell
        return texts[0].text or ""
    spoken = {text for reading in element.iter("{*}rPh") for text in reading.iter("{*}t")}
    return "".join(text.text or "" for text in texts if text not in spoken)


def _formats(archive: zipfile.ZipFile, name: str) -> list[str]:
    if not name:
        return []
    root = xml_root(archive, name)
    own = {element.get("numFmtId"): element.get("formatCode", GENERAL) for element in root.iter("{*}numFmt")}
    return [
        own.get(number) or BUILT_IN.get(int(number), GENERAL)
        for styles in root.iter("{*}cellXfs")
        for number in (style.get("numFmtId", "0") for style in styles.iter("{*}xf"))
    ]


def _rows(
    archive: zipfile.ZipFile, name: str, book: _Book, cells: Cells
) -> tuple[dict[int, dict[int, str]], list[Merged]]:
    rows: dict[int, dict[int, str]] = {}
    merged: list[Merged] = []
    row = -1
    for element in stream_xml(archive, name, {"row", "mergeCell"}):
        if element.tag.endswith("}mergeCell"):
            first, _, last = element.get("ref", "").partition(":")
            merged.append((*_place(first), *_place(last or first)))
            continue
        # Places are optional: what has none comes right after what is before it.
        row = int(element.get("r") or row + 2) - 1
        column = -1
        for cell in element.iterchildren("{*}c"):
            reference = cell.get("r")
            row, column = _place(reference) if reference else (row, column + 1)
            cells.add(rows, row, column, _cell_text(cell, book))
    return rows, merged


def _place(reference: str) -> tuple[int, int]:
    """Row and column from 0, of a reference such as B7."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(f"{reference!r} is no cell")
    return int(match[2]) - 1, _column(match[1])


@cache
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _cell_text(cell: Any, book: _Book) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _rich_text(cell)
    value = next((element.text or "" for element in cell if element.tag.endswith("}v")), "")
    if kind == "s":
        return book.strings[int(value)] if value else ""
    if kind == "b":
        return _BOOLEANS.get(value, value)
    if kind == "d":
        return value.replace("T", " ").removesuffix(" 00:00:00")
    if kind != "n" or not value:  # str: the result of a formula; e: an error such as #DIV/0!
        return value
    style = int(cell.get("s", "0"))
    code = book.formats[style] if style < len(book.formats) else GENERAL
    return general(float(value)) if code == GENERAL else shown(float(value), code, book.from_1904)


def _beside(archive: zipfile.ZipFile, names: dict[str, str], sheet: str) -> Iterator[str]:
    """Text of comments and of text boxes."""
    for kind, target in _related(archive, names, sheet).values():
        what = kind.rpartition("/")[2]
        if target not in names or what not in ("comments", "drawing"):
            continue
        paragraph = "{*}comment" if what == "comments" else "{*}p"
        for element in xml_root(archive, names[target]).iter(paragraph):
            yield _rich_text(element)
