"""Tables in PDFs: how many cells and rows arrive whole, beside pypdf alone and pdfium alone.

Tables of Chinese text with wrapped and merged cells, seeded, printed by Chromium in the ways in which tables
are drawn. A cell is whole where its text stands in the page's text without anything between, a row where its
cells stand in one line in their order. White space is not counted. The last lines are the same pages as
pictures, read by OCR. Needs chromium and a Chinese font.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path

import pypdfium2
from playwright.sync_api import Browser
from pypdf import PdfReader

from indexer.readers import read
from tests.browser.running_app import chromium

_PASSAGES = Path(__file__).parents[1] / "data" / "eval" / "cmrc2018_dev" / "corpus.jsonl"
_SEED = 20261126
_TABLES = 40  # of each style
_SCANNED = 10  # of those with rules around each cell
_SCAN_DPI = 150
_SPACE = re.compile(r"\s+")

_COLLAPSED = "table {border-collapse: collapse}"
_ACROSS = "tr {border-top: 1px solid; border-bottom: 1px solid}"
_THREE = "table {border-top: 1px solid; border-bottom: 1px solid} tr:first-child {border-bottom: 1px solid}"
_STYLES = {
    "rules around each cell": f"{_COLLAPSED} td {{border: 1px solid}}",
    "a box for each cell": "table {border-spacing: 2px} td {border: 1px solid}",
    "open at the sides": f"{_COLLAPSED} {_ACROSS} td + td {{border-left: 1px solid}}",
    "rules between rows only": f"{_COLLAPSED} {_ACROSS}",
    "below the header only": f"{_COLLAPSED} {_THREE}",
    "no rules": _COLLAPSED,
}
_PAGE = "<meta charset=utf-8><style>body {{font: {size}px 'Noto Serif CJK SC', serif}} table {{width: 100%}}"
_PAGE += "td {{padding: 4px 6px; vertical-align: {align}}} {style}</style>{table}"


@dataclass(frozen=True, slots=True)
class _Table:
    html: str
    rows: tuple[tuple[str, ...], ...]  # the cells that begin in each row


def _sentences() -> list[str]:
    texts = [json.loads(line)["text"] for line in _PASSAGES.read_text(encoding="utf-8").splitlines()]
    parts = (part for text in texts for part in re.split(r"[，。；：]", text))
    return [part for part in parts if 4 <= len(part) <= 40 and not _SPACE.search(part)]


def _table(chance: random.Random, sentences: list[str]) -> _Table:
    columns, rows = chance.randint(2, 6), chance.randint(3, 9)
    taken: set[tuple[int, int]] = set()
    html, texts = [], []
    for row in range(rows):
        cells = []
        for column in range(columns):
            if (row, column) in taken:
                continue
            high = 2 if row and row + 1 < rows and chance.random() < 0.06 else 1
            wide = (
                2 if column + 1 < columns and (row, column + 1) not in taken and chance.random() < 0.06 else 1
            )
            taken |= {(r, c) for r in range(row, row + high) for c in range(column, column + wide)}
            text = chance.choice(sentences) if chance.random() < 0.7 else str(chance.randint(1, 99_999))
            cells.append((text, f"<td rowspan={high} colspan={wide}>{escape(text)}</td>"))
        html.append(f"<tr>{''.join(cell for _, cell in cells)}</tr>")
        texts.append(tuple(text for text, _ in cells))
    return _Table(f"<table>{''.join(html)}</table>", tuple(texts))


def _printed(browser: Browser, style: str, chance: random.Random, table: _Table) -> bytes:
    page = browser.new_page()
    size, align = chance.choice((10, 12, 14)), chance.choice(("top", "middle"))
    page.set_content(_PAGE.format(size=size, align=align, style=style, table=table.html))
    printed = page.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "15mm"))
    page.close()
    return printed


def _ours(data: bytes) -> str:
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        return read(Path(file.name)).text


def _pypdf(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def _pdfium(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def _scan(data: bytes) -> bytes:
    """The pages as pictures."""
    with pypdfium2.PdfDocument(data) as document:
        pictures = [page.render(scale=_SCAN_DPI / 72).to_pil().convert("L") for page in document]
    made = BytesIO()
    pictures[0].save(made, "PDF", save_all=True, append_images=pictures[1:], resolution=_SCAN_DPI)
    return made.getvalue()


def _whole(text: str, table: _Table) -> tuple[int, int]:
    """How many cells, and how many rows, of a table arrived whole."""
    lines = [_SPACE.sub("", line) for line in text.splitlines()]
    unbroken = "".join(lines)
    cells = sum(cell in unbroken for row in table.rows for cell in row)
    rows = sum(any(_in_order(row, line) for line in lines) for row in table.rows)
    return cells, rows


def _in_order(cells: tuple[str, ...], line: str) -> bool:
    at = 0
    for cell in cells:
        found = line.find(cell, at)
        if found < 0:
            return False
        at = found + len(cell)
    return True


def _row(style: str, name: str, texts: Iterator[str], tables: list[_Table]) -> None:
    whole = [_whole(text, table) for text, table in zip(texts, tables, strict=True)]
    cells = sum(len(row) for table in tables for row in table.rows)
    rows = sum(len(table.rows) for table in tables)
    cell_share, row_share = sum(cell for cell, _ in whole) / cells, sum(row for _, row in whole) / rows
    print(f"{style:26}{name:14}{cell_share:>8.1%} of {cells} cells whole{row_share:>8.1%} of {rows} rows")


def main() -> None:
    sentences = _sentences()
    readers: dict[str, Callable[[bytes], str]] = {
        "pdfium alone": _pdfium,
        "pypdf alone": _pypdf,
        "ours": _ours,
    }
    with chromium() as browser:
        for style, css in _STYLES.items():
            chance = random.Random(f"{_SEED} {style}")
            tables = [_table(chance, sentences) for _ in range(_TABLES)]
            files = [_printed(browser, css, chance, table) for table in tables]
            for name, reader in readers.items():
                _row(style, name, map(reader, files), tables)
            if css == next(iter(_STYLES.values())):
                scans = map(_scan, files[:_SCANNED])
                _row("the same as pictures", "ours", map(_ours, scans), tables[:_SCANNED])


if __name__ == "__main__":
    main()
