"""Web pages: the text of the page, without its menus."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.model import Document, Heading, Problem
from indexer.readers.charset import decode
from indexer.readers.headings import merged_headings
from indexer.readers.html.hidden import drop_unshown
from indexer.readers.html.lines import lines_of
from indexer.readers.html.menus import drop_menus
from indexer.readers.html.stand_ins import put_in
from indexer.readers.html.tree import parsed
from indexer.readers.options import PLAIN, ReadOptions

_CHARSET = re.compile(rb"<meta[^>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_PICTURE = re.compile(r"<img\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageText:
    """What a page shows."""

    text: str
    title: str  # that of the window; "" for none
    headings: tuple[Heading, ...]
    problems: tuple[Problem, ...]


def read(path: Path, data: bytes, options: ReadOptions = PLAIN) -> Document:
    """The text of the page's body, with h1 to h6 as headings, tables as lines "a | b".

    The charset is chosen by the bytes; what the page declares is only compared with it. What a page
    hides is left out.

    Raises:
        CharsetError: the bytes are no text in a known charset.
    """
    decoded = decode(data, path, options.charset)
    page = page_text(decoded.text, without_menus=True)
    if not page.text:
        page = page_text(decoded.text)
    if not page.text:
        left_out = [replace(problem, lost=True) for problem in page.problems]
        page = replace(page, problems=(*_why_empty(decoded.text), *left_out))
    first = page.headings[0].title if page.headings else path.stem
    return Document(
        text=page.text,
        title=page.title or first,
        headings=merged_headings(page.text, page.headings),
        charset=decoded.charset,
        problems=(*decoded.problems, *_false_declaration(data, decoded.charset), *page.problems),
    )


def page_text(markup: str, *, without_menus: bool = False) -> PageText:
    """The text of a page, or of a part of one such as a chapter of a book or a mail.

    Args:
        markup: HTML or XHTML, however broken.
        without_menus: leave out what surrounds the text of pages of a website.
    """
    page = parsed(markup)
    title = page.title.get_text(" ", strip=True) if page.title else ""
    problems = drop_unshown(page)
    put_in(page)
    if without_menus:
        problems += drop_menus(page)
    text, headings = lines_of(page)
    return PageText(text, title, headings, tuple(problems))


def _why_empty(markup: str) -> tuple[Problem, ...]:
    if _SCRIPT.search(markup):
        reason = (
            "it shows text only after its scripts have run; open it in a browser, save it from there as one "
            "file, and index that"
        )
        return (Problem(reason, kind="no_text"),)
    pictures = len(_PICTURE.findall(markup))
    if pictures:
        return (Problem(f"it has no text but {pictures:,} pictures, files of their own", kind="no_text"),)
    return ()


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
