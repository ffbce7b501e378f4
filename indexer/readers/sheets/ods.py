"""OpenDocument spreadsheets (.ods), whose cells hold the text that they show."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

from indexer.errors import EncryptedError
from indexer.readers.archive import part_names, stream_xml, xml_root
from indexer.readers.sheets.cells import Cells, Merged, Sheet

_OFFICE, _STYLE, _TABLE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "style", "table", "text")
)
_BREAKS = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_COMMENT = f"{_OFFICE}annotation"


def read_sheets(archive: zipfile.ZipFile, cells: Cells) -> Iterator[Sheet]:
    """The sheets in the order of their tabs.

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: by way of `cells`.
        KeyError, ValueError, lxml.etree.XMLSyntaxError: it is no whole spreadsheet.
    """
    names = part_names(archive)
    manifest = names.get("meta-inf/manifest.xml")
    if manifest and any(True for _ in xml_root(archive, manifest).iter("{*}encryption-data")):
        raise EncryptedError(cells.path, "it needs a password; save a copy without one and index that")
    hidden_styles: set[str] = set()
    sheet = Sheet("", {})
    merged: list[Merged] = []
    beside: list[str] = []
    row = column = next_row = 0
    repeated_rows = 1
    wholes = {"style", "table-cell", "covered-table-cell", "shapes"}
    for element in stream_xml(archive, names["content.xml"], wholes, starts={"table", "table-row"}):
        if element.tag == f"{_STYLE}style":
            if any(part.get(f"{_TABLE}display") == "false" for part in element):
                hidden_styles.add(element.get(f"{_STYLE}name", ""))
        elif element.tag == f"{_TABLE}table":
            yield sheet
            merged, beside, next_row = [], [], 0
            is_hidden = element.get(f"{_TABLE}style-name") in hidden_styles
            sheet = Sheet(element.get(f"{_TABLE}name", ""), {}, merged, is_hidden, beside)
        elif element.tag == f"{_TABLE}table-row":
            row, column = next_row, 0
            repeated_rows = _count(element, "number-rows-repeated")
            next_row += repeated_rows
        elif element.tag == f"{_TABLE}shapes":
            beside.append(cells.counted(_paragraphs(element)))
        else:
            repeated = _count(element, "number-columns-repeated")
            text = _paragraphs(element) if element.tag == f"{_TABLE}table-cell" else ""  # else it is covered
            if text.strip():
                for place in range(repeated_rows * repeated):
                    cells.add(sheet.rows, row + place // repeated, column + place % repeated, text)
            beside += [cells.counted(_paragraphs(comment)) for comment in element.iter(_COMMENT)]
            height, width = _count(element, "number-rows-spanned"), _count(element, "number-columns-spanned")
            if height * width > 1:
                merged.append((row, column, row + height - 1, column + width - 1))
            column += repeated
    yield sheet


def _count(element: Any, name: str) -> int:
    return max(int(element.get(f"{_TABLE}{name}", "1")), 1)


def _paragraphs(element: Any) -> str:
    """The paragraphs of a cell without those of its comment; all of a comment, or of shapes."""
    found = []
    for paragraph in element.iter(f"{_TEXT}p"):
        above = next((parent for parent in paragraph.iterancestors(element.tag, _COMMENT)), None)
        if above is element:
            found.append(_text(paragraph))
    return "\n".join(found)


def _text(paragraph: Any) -> str:
    pieces = []
    for node in paragraph.iter():
        pieces.append(_BREAKS.get(node.tag, "") if node is not paragraph else "")
        pieces.append(node.text or "")
        if node is not paragraph:
            pieces.append(node.tail or "")
    return "".join(pieces)
