"""Workbooks in the XML of Excel 2003, which many systems export under the name .xls."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.readers.sheets.cells import Cells, Merged, Sheet

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_BOOLEANS = {"1": "TRUE", "0": "FALSE"}


def read_sheets(data: bytes, cells: Cells) -> Iterator[Sheet]:
    """The sheets in the order of their tabs.

    Raises:
        DamagedFileError: by way of `cells`.
        ValueError, lxml.etree.XMLSyntaxError: it is no whole workbook.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    for worksheet in etree.fromstring(data, parser).iter(f"{_SS}Worksheet"):
        rows: dict[int, dict[int, str]] = {}
        merged: list[Merged] = []
        row = -1
        for row_element in worksheet.iter(f"{_SS}Row"):
            row = int(row_element.get(f"{_SS}Index") or row + 2) - 1
            column = -1
            for cell in row_element.iter(f"{_SS}Cell"):
                column = int(cell.get(f"{_SS}Index") or column + 2) - 1
                value = next(cell.iter(f"{_SS}Data"), None)
                if value is not None:
                    cells.add(rows, row, column, _shown("".join(value.itertext()), value.get(f"{_SS}Type")))
                wide, high = int(cell.get(f"{_SS}MergeAcross", "0")), int(cell.get(f"{_SS}MergeDown", "0"))
                if wide or high:
                    merged.append((row, column, row + high, column + wide))
                column += wide
        hidden = next((element.text for element in worksheet.iter("{*}Visible")), "") or ""
        yield Sheet(worksheet.get(f"{_SS}Name", ""), rows, merged, is_hidden=hidden.endswith("Hidden"))


def _shown(text: str, kind: str | None) -> str:
    if kind == "DateTime":
        return text.removesuffix(".000").replace("T", " ").removesuffix(" 00:00:00")
    return _BOOLEANS.get(text, text) if kind == "Boolean" else text
