"""Which row of a table names its columns, where the document marks none; pure.

Both forms in which tables are written ask here: `table.py`, where each row gets the labels of its columns, so
that a wrong header would make wrong statements, and `printed_table.py`, which repeats the header.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

# Shorter tables are in one passage together with their header; and what has fewer rows may be a form,
# whose first row (姓名 | 张三) looks like a header.
_MIN_BODY_ROWS = 4
_LONGER_THAN_FORMS = 20  # rows; such a table needs no other evidence for its header
_MAX_LABEL = 30  # characters; what is longer is a sentence
_MIN_VALUES = 0.8  # of a column's cells that are numbers or dates; 合计 and 无 occur between them

_NO_LABEL = re.compile(r"[。；！？;!]|[:：]$")
# 2023年 and 3月 are columns of statistics as often as they are values.
_PERIOD = re.compile(
    r"(?:19|20)\d\d ?年?度?|(?:(?:19|20)\d\d ?年 ?)?(?:\d{1,2} ?月|[1-4一二三四] ?季度)|Q[1-4]"
)


def header_span(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Where the header is: from, to (not included); the same twice for none. Above it are only captions.

    Args:
        rows: of one length.
    """
    start = next((index for index, row in enumerate(rows) if sum(map(bool, row)) > 1), len(rows))
    return start, start + has_header(rows[start:])


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it reads like labels, and below it come values.

    Values are numbers, dates, words that come again, or texts too long for labels; or there are more rows
    than a form has.

    Args:
        rows: of one length.
    """
    if len(rows) <= _MIN_BODY_ROWS:
        return False
    first, body = rows[0], rows[1:]
    named = first[0 if first[0] else 1 :]  # the corner of a table with labels on two sides is empty
    if not all(map(is_label, named)) or len(set(named)) < len(named):
        return False
    columns = [[cell for cell in column if cell] for column in zip(*body, strict=True)]
    if any(label and label in column for label, column in zip(first, columns, strict=True)):
        return False
    return len(body) >= _LONGER_THAN_FORMS or any(map(_holds_values, columns))


def is_label(cell: str) -> bool:
    """Whether a cell may name its column: short, no sentence, no number."""
    if not cell or len(cell) > _MAX_LABEL or _NO_LABEL.search(cell):
        return False
    return _PERIOD.fullmatch(cell) is not None or not _is_value(cell)


def _is_value(cell: str) -> bool:
    """Whether it is a number, a date, a telephone number: at least half of it is digits."""
    return 2 * sum(map(str.isdecimal, cell)) >= len(cell)


def _holds_values(column: Sequence[str]) -> bool:
    if len(column) < _MIN_BODY_ROWS:
        return False
    if sum(map(_is_value, column)) >= _MIN_VALUES * len(column):
        return True
    return max(Counter(column).values()) > 1 or all(len(cell) > _MAX_LABEL for cell in column)
