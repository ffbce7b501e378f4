"""Running heads, feet and page numbers, found over all pages of a document. Pure functions.

What repeats at one height of several pages, set off from the text, is a head. The header of a table
that goes on repeats too, and articles of a statute begin alike: but they are not set off from what
follows, or differ in more than figures.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from statistics import median

from indexer.readers.pdf.lines import Line, rows, usual_em

_DEPTH = 3  # rows at the top and at the bottom that may be heads
_MARGIN = 0.2  # of the page's height; a head is not farther from the edge
_MIN_PAGES = 3  # that a head is on; two pages that begin alike may be two copies of a form
_MIN_SMALL_PAGES = 2  # if it is in smaller type than the text
_MIN_MARKED_PAGES = 2  # for page numbers that say what they are: - 3 -, 第3页
_MAX_DISTANCE = 2  # pages from one to the next: left and right pages have heads of their own
_DRIFT = 0.75  # ems that a head may lie higher or lower
_SET_OFF = 0.3  # ems more than the usual gap between lines
_SMALLER = 0.92  # of the text's size; a head that small need not be set off
_LARGER = 1.1  # times the text's size; what is larger is a title, though every page may have it

_NUMBER = r"([0-9]{1,5}|[ivxlc]{1,8}|[〇零一二三四五六七八九十百]{1,6})"
_BARE = re.compile(_NUMBER)
_MARKED = re.compile(
    rf"[-–—~·•|]+{_NUMBER}[-–—~·•|]+|第{_NUMBER}[页頁](?:[,，/]?[共总總]{_NUMBER}[页頁])?"
    rf"|p(?:age|\.)?{_NUMBER}(?:of{_NUMBER})?|{_NUMBER}/{_NUMBER}"
)
_FIGURES = re.compile("[0-9]+|[〇零一二三四五六七八九十百]+")
_SECTION = re.compile("第[0-9〇零一二三四五六七八九十百千万两]+[条條章节節编編]")
_LETTER = re.compile(r"[^\W\d_]")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_CHINESE = {"〇": 0} | {char: value for value, char in enumerate("零一二三四五六七八九")}
_TENS = {"十": 10, "百": 100}


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A row at the top or bottom of a page."""

    page: int  # from 0
    at_top: bool
    lines: list[Line]
    is_small: bool  # beside the text of its page

    @property
    def y(self) -> float:
        return self.lines[0].y1

    @property
    def em(self) -> float:
        return max(line.em for line in self.lines)

    @property
    def text(self) -> str:
        return "  ".join(line.text for line in self.lines)

    @property
    def folded(self) -> str:
        return _folded(self.text)


def without_running_heads(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """The lines of the pages without what only says where in the document one is.

    A head that says something which no other line does stays once: at the top of the first page
    that has it, or at the foot of the last. Page numbers go wherever they count the pages.

    Args:
        pages: the lines of each page.
        heights: of the pages, in the unit of the lines.
    """
    sides = [side for page, lines in enumerate(pages) for side in _sides(page, lines, heights[page])]
    candidates = [row for side in sides for row in side]
    numbers = _page_numbers(candidates)
    repeated = _repeated(candidates)
    found = [row for side in sides for row in _heads(side, numbers | repeated, pages[side[0].page])]
    heads = {id(line) for row in found for line in row.lines}
    elsewhere = {_folded(line.text) for lines in pages for line in lines if id(line) not in heads}
    once = {id(line) for row in _kept_once(found, numbers, elsewhere) for line in row.lines}
    return [[line for line in lines if id(line) not in heads or id(line) in once] for lines in pages]


def _sides(page: int, lines: Sequence[Line], height: float) -> list[list[_Row]]:
    """The rows at the top and those at the bottom, each from the edge inwards; without empty ones."""
    all_rows = rows(line for line in lines if not line.vertical)
    body = usual_em(lines)

    def side(edge: Sequence[list[Line]], at_top: bool) -> list[_Row]:
        found = [_Row(page, at_top, row, max(line.em for line in row) < _SMALLER * body) for row in edge]
        return list(takewhile(lambda row: row.em <= _LARGER * body, found))

    top = side([row for row in all_rows[:_DEPTH] if row[0].y1 < _MARGIN * height], at_top=True)
    edge = [row for row in all_rows[: -_DEPTH - 1 : -1] if row[0].y0 > (1 - _MARGIN) * height]
    bottom = side(edge, at_top=False)
    return [side for side in (top, bottom) if side]


def _heads(side: Sequence[_Row], likely: set[_Row], lines: Sequence[Line]) -> Sequence[_Row]:
    """The outermost rows of a side that are likely heads, up to where the text is set off from them."""
    count = 0
    while count < len(side) and side[count] in likely:
        count += 1
    body = usual_em(lines)
    all_rows = rows(line for line in lines if not line.vertical)
    usual = median([below[0].y0 - above[0].y1 for above, below in pairwise(all_rows)] or [0.0])
    while count:
        last = side[count - 1]
        if count == len(all_rows):
            break  # nothing else is on the page
        inner = all_rows[count if last.at_top else -count - 1]
        gap = inner[0].y0 - last.lines[0].y1 if last.at_top else last.lines[0].y0 - inner[0].y1
        if gap > usual + _SET_OFF * body or last.is_small:
            break
        count -= 1
    return side[:count]


def _repeated(candidates: Iterable[_Row]) -> set[_Row]:
    """Rows that say the same, but for figures, at one height of several pages."""

    def key(row: _Row) -> Hashable:
        text = row.folded
        if not _LETTER.search(_FIGURES.sub("", text)):
            return None  # figures alone are a page number, or nothing
        return row.at_top, text if _SECTION.search(text) else _FIGURES.sub("#", text)

    return {
        row
        for chain in _chains(candidates, key)
        if len(chain) >= (_MIN_SMALL_PAGES if all(row.is_small for row in chain) else _MIN_PAGES)
        for row in chain
    }


def _page_numbers(candidates: Sequence[_Row]) -> set[_Row]:
    """Rows whose number grows with the page."""
    found: set[_Row] = set()
    for pattern, least in ((_BARE, _MIN_PAGES), (_MARKED, _MIN_MARKED_PAGES)):

        def key(row: _Row, pattern: re.Pattern[str] = pattern) -> Hashable:
            match = pattern.fullmatch(row.folded)
            return match and (row.at_top, _value(next(filter(None, match.groups()))) - row.page)

        found.update(row for chain in _chains(candidates, key) if len(chain) >= least for row in chain)
    return found


def _chains(candidates: Iterable[_Row], key: Callable[[_Row], Hashable]) -> list[list[_Row]]:
    """Rows of one key and height on pages that follow one another, or every other one."""
    chains: list[list[_Row]] = []
    open_by_key: dict[Hashable, list[list[_Row]]] = defaultdict(list)
    for row in candidates:
        found = key(row)
        if found is None:
            continue
        near = [chain for chain in open_by_key[found] if row.page - chain[-1].page <= _MAX_DISTANCE]
        for chain in near:
            if row.page > chain[-1].page and abs(row.y - chain[-1].y) < _DRIFT * row.em:
                chain.append(row)
                break
        else:
            near.append([row])
            chains.append(near[-1])
        open_by_key[found] = near
    return chains


def _kept_once(found: Sequence[_Row], numbers: set[_Row], elsewhere: set[str]) -> Iterable[_Row]:
    """Of each head that no other line repeats the row that stays."""
    kept: dict[str, _Row] = {}
    for row in found:
        key = _FIGURES.sub("#", row.folded)
        if row not in numbers and row.folded not in elsewhere and (key not in kept or not row.at_top):
            kept[key] = row
    return kept.values()


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def _value(numeral: str) -> int:
    if numeral.isdecimal():
        return int(numeral)
    if numeral[0] in _ROMAN:
        values = [_ROMAN[char] for char in numeral]
        return sum(
            -value if any(later > value for later in values[index + 1 : index + 2]) else value
            for index, value in enumerate(values)
        )
    if not any(char in _TENS for char in numeral):  # 一二三 for 123
        return int("".join(str(_CHINESE[char]) for char in numeral))
    total, digit = 0, 0
    for char in numeral:
        if char in _TENS:
            total += (digit or 1) * _TENS[char]
            digit = 0
        else:
            digit = _CHINESE[char]
    return total + digit
