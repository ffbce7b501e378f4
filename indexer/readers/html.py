"""Web pages: the text of the page, without its menus."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.model import Document, Heading, Problem
from indexer.readers.charset import decode
from indexer.readers.headings import merged_headings
from indexer.readers.options import PLAIN, ReadOptions

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_NOT_SHOWN = ["script", "style", "noscript", "template", "svg", "head"]
_NOT_TEXT = ["nav", "footer", "aside", "button", "select", "input", "textarea", "datalist"]
_BOILERPLATE_NAMES = """
    nav navbar navigation menu sidebar breadcrumb breadcrumbs footer toolbar pagination pager banner
    search contentinfo cookie ads advertisement
"""
_BOILERPLATE = frozenset(_BOILERPLATE_NAMES.split())
_NEVER_BOILERPLATE = frozenset({"html", "body", "main", "article"})
_MAX_SHARE = 0.5  # of the page's text; an element named "has-sidebar" that holds more is the page

_BLOCKS_NAMES = """
    address article blockquote body center dd details div dl dt fieldset figcaption figure form h1
    h2 h3 h4 h5 h6 header hr html legend li main ol p section summary table tbody tfoot thead tr ul
"""
_BLOCKS = frozenset(_BLOCKS_NAMES.split())
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS = _HEADINGS | {"blockquote", "dl", "ol", "p", "pre", "table", "ul"}  # with blank lines round them

_WORD = re.compile(r"[a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")  # leftNav, VPNav
_ANCHOR_SIGNS = frozenset({"", "#", "¶", "§", "🔗", "\u200b"})  # of links from a heading to itself
_CHARSET = re.compile(rb"<meta[^>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\f\r]+")
_HAN_BREAK = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t]*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")


def read(path: Path, data: bytes, options: ReadOptions = PLAIN) -> Document:
    """The text of the page's body, with h1 to h6 as headings, tables as lines "a | b".

    The charset is chosen by the bytes; what the page declares is only compared with it.

    Raises:
        CharsetError: the bytes are no text in a known charset.
    """
    from bs4 import BeautifulSoup

    decoded = decode(data, path, options.charset)
    soup = BeautifulSoup(decoded.text, "lxml")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    text, headings = _text(soup)
    if not text:
        text, headings = _text(BeautifulSoup(decoded.text, "lxml"), whole=True)
    first = headings[0].title if headings else path.stem
    return Document(
        text=text,
        title=title or first,
        headings=merged_headings(text, headings),
        charset=decoded.charset,
        problems=(*decoded.problems, *_false_declaration(data, decoded.charset)),
    )


def _text(soup: BeautifulSoup, *, whole: bool = False) -> tuple[str, tuple[Heading, ...]]:
    for element in soup(_NOT_SHOWN):
        element.decompose()
    if not whole:
        _drop_boilerplate(soup)
    lines = _Lines()
    _walk(soup.body or soup, lines)
    return lines.finished()


def _drop_boilerplate(soup: BeautifulSoup) -> None:
    limit = _MAX_SHARE * len(soup.get_text(strip=True))
    for element in soup.find_all(True):
        if element.decomposed or element.name in _NEVER_BOILERPLATE:
            continue
        is_boilerplate = element.name in _NOT_TEXT or _is_page_header(element)
        if is_boilerplate or (_is_named_so(element) and len(element.get_text(strip=True)) <= limit):
            element.decompose()


def _is_page_header(element: Tag) -> bool:
    """Whether it is the page's header; an article's has the article's title."""
    return (
        element.name == "header"
        and element.find_parent(["article", "main"]) is None
        and element.find("h1") is None
    )


def _is_named_so(element: Tag) -> bool:
    values = [element.get("class"), element.get("id"), element.get("role")]
    names = " ".join(" ".join(value) if isinstance(value, list) else value or "" for value in values)
    return not _BOILERPLATE.isdisjoint(_WORD.findall(_CAMEL.sub("-", names).lower()))


class _Lines:
    """The page's lines, as they are collected."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, int]] = []
        self._current: list[str] = []
        self._marker = ""

    def add(self, text: str) -> None:
        self._current.append(text)

    def mark(self, marker: str) -> None:
        """Put the marker before the next line that has text."""
        self._marker = marker

    def add_preformatted(self, text: str) -> None:
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
    from bs4.element import Comment, Doctype, NavigableString, Tag

    for child in element.children:
        if isinstance(child, Tag):
            _walk_tag(child, lines)
        elif isinstance(child, NavigableString) and not isinstance(child, (Comment, Doctype)):
            lines.add(_SPACE.sub(" ", _HAN_BREAK.sub("", str(child))))


def _walk_tag(tag: Tag, lines: _Lines) -> None:
    if tag.name == "br":
        lines.end_line()
    elif tag.name == "pre":
        lines.end_paragraph()
        lines.add_preformatted(tag.get_text())
        lines.end_paragraph()
    elif tag.name == "tr":
        lines.end_line()
        cells = tag.find_all(["td", "th"], recursive=False)
        lines.add(" | ".join(cell.get_text(" ", strip=True) for cell in cells))
        lines.end_line()
    elif tag.name in _HEADINGS:
        lines.end_paragraph()
        for link in tag.find_all("a"):
            if link.get_text(strip=True) in _ANCHOR_SIGNS:
                link.decompose()
        lines.add(tag.get_text())
        lines.end_line(level=int(tag.name[1]))
        lines.end_paragraph()
    elif tag.name in _BLOCKS:
        end = lines.end_paragraph if tag.name in _PARAGRAPHS else lines.end_line
        end()
        if tag.name == "li":
            lines.mark(_marker(tag))
        _walk(tag, lines)
        end()
    else:
        _walk(tag, lines)


def _marker(item: Tag) -> str:
    if item.parent is None or item.parent.name != "ol":
        return "- "
    start = str(item.parent.get("start", "1"))
    number = len(item.find_previous_siblings("li")) + (int(start) if start.isdecimal() else 1)
    return f"{number}. "


def _false_declaration(data: bytes, charset: str) -> tuple[Problem, ...]:
    match = _CHARSET.search(data[:4096])
    if match is None or data.isascii():
        return ()
    declared = match[1].decode("ascii", "replace")
    if _family(declared) == _family(charset):
        return ()
    return (
        Problem(
            f"it declares charset {declared} but is in {charset}; read as {charset}",
            lost=False,
            kind="declared",
        ),
    )


def _family(charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
    except LookupError:
        return charset.lower()
    for family, members in (("gb", {"gb2312", "gbk", "gb18030"}), ("big5", {"big5", "cp950", "big5hkscs"})):
        if name in members:
            return family
    return name.removesuffix("-le").removesuffix("-be")
