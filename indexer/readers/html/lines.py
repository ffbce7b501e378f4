"""The body of a web page as lines of text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.model import Heading
from indexer.readers.html.table import is_layout, table_lines
from indexer.readers.html.tree import drop
from indexer.readers.numerals import numeral

if TYPE_CHECKING:
    from bs4 import Tag

_BLOCKS_NAMES = """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p search
    section summary table tbody tfoot thead tr ul
"""
_BLOCKS = frozenset(_BLOCKS_NAMES.split())
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# With blank lines round them. A cell has them only where a table lays out the page.
_PARAGRAPHS = _HEADINGS | {"blockquote", "dl", "ol", "p", "pre", "table", "td", "th", "ul"}
_AS_TYPED = frozenset({"listing", "plaintext", "pre", "svg", "textarea", "xmp"})  # svg: see stand_ins.py

# What numbers an ordered list, by its `type`.
_NUMBERING = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}

_SPACE = re.compile(r"[ \t\n\f\r]+")
_HAN_BREAK = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t]*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")
_ANCHOR_SIGNS = frozenset({"", "#", "¶", "§", "🔗", "\u200b"})  # of links from a heading to itself


def lines_of(element: Tag) -> tuple[str, tuple[Heading, ...]]:
    """The text below an element as its reader sees it, and its headings."""
    lines = _Lines()
    _walk(element, lines)
    return lines.finished()


class _Lines:
    """The page's lines, as they are collected."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, int]] = []
        self._current: list[str] = []
        self._marker = ""
        self._items: list[tuple[int | None, str]] = []  # of each open list: its next number, their system

    def add(self, text: str) -> None:
        self._current.append(text)

    def begin_list(self, first: int | None, system: str) -> None:
        """Open a list whose items count from a number, or have none."""
        self._items.append((first, system))

    def end_list(self) -> None:
        self._items.pop()

    def begin_item(self, own_number: int | None) -> None:
        """Put a marker before the next line that has text."""
        following, system = self._items[-1] if self._items else (None, "")
        if following is None:
            self._marker = "- "
            return
        number = following if own_number is None else own_number
        self._marker = f"{numeral(number, system)}. "
        self._items[-1] = (number + 1, system)

    def add_as_typed(self, text: str) -> None:
        if text.strip():
            self._lines += [(line, 0) for line in text.strip("\n").split("\n")]

    def end_line(self, level: int = 0) -> None:
        line = _SPACE.sub(" ", "".join(self._current)).strip(" ")
        self._current = []
        if line:
            self._lines.append((self._marker + line, level))
            self._marker = ""

    def end_paragraph(self) -> None:
        self.end_line()
        if self._lines and self._lines[-1][0] and not self._marker:
            self._lines.append(("", 0))

    def finished(self) -> tuple[str, tuple[Heading, ...]]:
        self.end_line()
        headings = []
        position = 0
        for line, level in self._lines:
            if level:
                headings.append(Heading(position, level, line))
            position += len(line) + 1
        return "\n".join(line for line, _ in self._lines).rstrip("\n"), tuple(headings)


def _walk(element: Tag, lines: _Lines) -> None:
    from bs4.element import Comment, Declaration, Doctype, NavigableString, ProcessingInstruction, Tag

    for child in element.children:
        if isinstance(child, Tag):
            _walk_tag(child, lines)
        elif isinstance(child, NavigableString) and not isinstance(
            child, (Comment, Declaration, Doctype, ProcessingInstruction)
        ):
            lines.add(_SPACE.sub(" ", _HAN_BREAK.sub("", str(child))))


def _walk_tag(tag: Tag, lines: _Lines) -> None:
    if tag.name == "br":
        lines.end_line()
    elif tag.name in _AS_TYPED:
        lines.end_paragraph()
        for line_break in tag.find_all("br"):
            line_break.string = "\n"
        lines.add_as_typed(tag.get_text())
        lines.end_paragraph()
    elif tag.name == "table" and not is_layout(tag):
        lines.end_paragraph()
        lines.add_as_typed(table_lines(tag, lambda cell: lines_of(cell)[0]))
        lines.end_paragraph()
    elif tag.name in _HEADINGS:
        _walk_heading(tag, lines)
    elif tag.name in _BLOCKS or tag.name in _PARAGRAPHS:
        _walk_block(tag, lines)
    else:
        _walk(tag, lines)


def _walk_heading(tag: Tag, lines: _Lines) -> None:
    lines.end_paragraph()
    for link in tag.find_all("a"):
        if link.get_text(strip=True) in _ANCHOR_SIGNS:
            drop(link)
    for line_break in tag.find_all("br"):
        line_break.string = " "
    lines.add(_HAN_BREAK.sub("", tag.get_text()))
    lines.end_line(level=int(tag.name[1]))
    lines.end_paragraph()


def _walk_block(tag: Tag, lines: _Lines) -> None:
    end = lines.end_paragraph if tag.name in _PARAGRAPHS else lines.end_line
    end()
    is_list = tag.name in ("ol", "ul", "menu", "dir")
    if is_list:
        start = _number(tag, "start")
        lines.begin_list(
            (1 if start is None else start) if tag.name == "ol" else None,
            _NUMBERING.get(str(tag.get("type")), "decimal"),
        )
    if tag.name == "li":
        lines.begin_item(_number(tag, "value"))
    _walk(tag, lines)
    end()
    if is_list:
        lines.end_list()


def _number(tag: Tag, name: str) -> int | None:
    """A number of an attribute; one of a million digits is none."""
    value = str(tag.get(name, ""))
    return int(value) if value.isdecimal() and len(value) < 9 else None
