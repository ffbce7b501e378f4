"""Tables in plain text (.csv, .tsv), whatever parts their cells."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from indexer.model import Document
from indexer.readers.charset import decode
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.sheets.cells import Cells, Sheet, sheet_text

# In order of preference where several part the rows equally well.
_DELIMITERS = ("\t", ",", ";", "|", "，", "；")
_PUNCTUATION = "，；"  # of prose, so that they part cells only where every row has as many of them
_NAMED = re.compile(r"\Asep=(.)\n", re.IGNORECASE)  # how Excel is told
_SAMPLE_ROWS = 200
_MOST_LINES = 200  # of a quoted cell
_MIN_AGREEMENT = 0.5  # of the sampled rows that have as many cells as most; captions and sums have fewer


def read(path: Path, data: bytes, options: ReadOptions = PLAIN) -> Document:
    """Rows as lines under the labels of their header (see `table.rows_as_text`).

    Where nothing parts the lines into cells, they are the text.

    Raises:
        CharsetError: the bytes are no text in a known charset.
        DamagedFileError: it has more cells than are read.
    """
    decoded = decode(data, path, options.charset)
    text = decoded.text
    named = _NAMED.match(text)
    delimiter = named[1] if named else _delimiter(text)
    if delimiter:
        cells = Cells(path)
        rows: dict[int, dict[int, str]] = {}
        for number, row in enumerate(_rows(text[named.end() :] if named else text, delimiter)):
            for column, cell in enumerate(row):
                cells.add(rows, number, column, cell)
        text = sheet_text(Sheet("", rows), path)
    return Document(text=text, title=path.stem, charset=decoded.charset, problems=decoded.problems)


def _delimiter(text: str) -> str | None:
    """What parts the cells: the sign by which most rows have the same number of them; None: no sign."""
    best: tuple[float, str | None] = (0.0, None)
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in islice(_rows(text, delimiter), _SAMPLE_ROWS) if any(row)]
        if not widths:
            return None
        width, rows = Counter(widths).most_common(1)[0]
        agreement = rows / len(widths)
        least = 1.0 if delimiter in _PUNCTUATION else _MIN_AGREEMENT
        if width > 1 and agreement >= least and (len(widths) > 1 or delimiter not in _PUNCTUATION):
            best = max(best, (agreement, delimiter), key=lambda found: found[0])
    return best[1]


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows; a quoted cell may have newlines, a quote that nothing closes is a character."""
    lines = text.split("\n")
    is_odd = [line.count('"') % 2 == 1 for line in lines]
    at = 0
    while at < len(lines):
        end = at + 1
        if is_odd[at]:
            end = next((n + 1 for n in range(end, min(end + _MOST_LINES, len(lines))) if is_odd[n]), 0)
        if end:
            record = io.StringIO("\n".join(lines[at:end]))
            try:
                yield from list(csv.reader(record, delimiter=delimiter, strict=True))
            except csv.Error:  # a quote in the wrong place, or a cell longer than csv takes
                end = 0
        if not end:
            yield lines[at].split(delimiter)
        at = end or at + 1
