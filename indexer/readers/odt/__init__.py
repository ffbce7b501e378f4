"""OpenDocument texts, as LibreOffice and WPS write them (.odt, .ott, .fodt)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexer.model import Document
from indexer.readers.blocks import NOTE_MARK, TITLE_LEVEL, Block, document_of, with_pictures
from indexer.readers.mathml import mathml
from indexer.readers.odt.lists import Counts, ListStyles, start_of
from indexer.readers.odt.names import DRAW, MATH, OFFICE, TABLE, TEXT, XLINK, XML_ID, count_of
from indexer.readers.odt.package import OpenText, open_text, picture_of
from indexer.readers.odt.styles import TextStyles
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.pictures import OnPicture, Picture
from indexer.readers.printed_table import Row, printed, repeated

_MOST_SPACES = 100  # that one text:s stands for
_MOST_COLUMNS = 1000  # that one cell spans
_MOST_ROWS = 100_000  # that one cell spans
_LEVELS = 10

_SPACE = re.compile(r"[ \t\r\n]+")
# Tables of contents repeat the headings; the others say nothing that the page shows.
_NOT_READ_NAMES = """
    table-of-content illustration-index table-index object-index user-index index-title-template
    tracked-changes sequence-decls variable-decls user-field-decls hidden-text hidden-paragraph ruby-text
    note-citation number
"""
_NOT_READ = frozenset(TEXT + name for name in _NOT_READ_NAMES.split())
_NOT_READ |= {f"{OFFICE}annotation", f"{OFFICE}annotation-end", f"{OFFICE}forms", f"{OFFICE}event-listeners"}
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_NOT_READ |= {f"{_SVG}title", f"{_SVG}desc"}
_BREAKS = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}


def read(
    path: Path, data: bytes, options: ReadOptions = PLAIN, on_page: OnPicture = lambda *_: None
) -> Document:
    """Paragraphs with their automatic numbers and tables, in the order of the body.

    Headings are those of the document (text:h) and its title. A text box and a note follow the
    paragraph that they belong to, a note after "［注］", and so does the text of a picture that OCR reads.
    Tracked insertions are text, deletions are not. Left out: hidden text, comments, tables of contents,
    headers and footers.

    Args:
        on_page: see `pictures.read_pictures`.

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: it is no OpenDocument text, or is broken.
    """
    document = open_text(path, data)
    story, seen = with_pictures(lambda texts: _told(document, texts), options, on_page)
    return document_of(path, story.blocks, document.title, seen=seen)


def _told(document: OpenText, texts: Mapping[str, str]) -> _Story:
    story = _Story(document, texts)
    story.walk(document.body)
    return story


@dataclass(slots=True)
class _Line:
    """A paragraph, as it is collected."""

    pieces: list[str] = field(default_factory=list)
    asides: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a list a paragraph stands."""

    style: str
    depth: int  # from 1
    counts: Counts


class _Story:
    """The text of one document, as it is collected."""

    def __init__(self, document: OpenText, texts: Mapping[str, str]) -> None:
        """
        Args:
            texts: of pictures, by their names.
        """
        self.blocks: list[Block] = []
        self.pictures: list[Picture] = []
        self._document = document
        self._texts = dict(texts)
        self._styles = TextStyles(document.styles)
        self._lists = ListStyles(document.styles)
        self._deletions = _deletions(document.body)
        self._deleting: set[str] = set()
        self._outline = Counts()
        self._counts_by_id: dict[str, Counts] = {}
        self._counts_by_style: dict[str, Counts] = {}

    def walk(self, parent: Any, place: _Place | None = None) -> None:
        for child in parent:
            tag = child.tag
            if tag in (f"{TEXT}p", f"{TEXT}h"):
                self._paragraph(child)
            elif tag == f"{TEXT}list":
                self._list(child, place)
            elif tag == f"{TABLE}table":
                self._table(child)
            elif tag in (f"{TEXT}change-start", f"{TEXT}change-end"):
                self._change(child)
            elif tag.startswith(DRAW):  # anchored to a page
                line = _Line()
                self._node(child, line)
                self.blocks += [Block("".join(line.pieces)), *line.asides]
            elif tag not in _NOT_READ and child.get(f"{TEXT}display") != "none":
                self.walk(child, place)

    def _inner(self, parent: Any) -> list[Block]:
        """The blocks of a cell, a text box or a note."""
        outer, self.blocks = self.blocks, []
        self.walk(parent)
        inner, self.blocks = self.blocks, outer
        return inner

    def _paragraph(self, element: Any, label: str = "") -> None:
        style = element.get(f"{TEXT}style-name")
        line = _Line()
        if not self._styles.hides(style):
            self._inline(element, line)
        text = "".join(line.pieces).strip(" ")
        level = TITLE_LEVEL if self._styles.is_title(style) else None
        if element.tag == f"{TEXT}h":
            level = max(1, count_of(element, f"{TEXT}outline-level", 1, _LEVELS))
            if text and not label and not self._deleting:
                label = self._outline_label(element, style, level)
        if text or any(map(str.isalnum, label)):
            self.blocks.append(Block(label + text, level))
        self.blocks += line.asides

    def _outline_label(self, element: Any, style: str | None, level: int) -> str:
        if element.get(f"{TEXT}is-list-header") == "true" or self._styles.is_unnumbered(style):
            return ""
        restarts = element.get(f"{TEXT}restart-numbering") == "true"
        return self._lists.label("", level, self._outline, start_of(element) if restarts else None)

    def _list(self, element: Any, outer: _Place | None) -> None:
        style = element.get(f"{TEXT}style-name") or (outer.style if outer else "?")
        place = _Place(style, outer.depth + 1, outer.counts) if outer else self._root_place(element, style)
        for item in element:
            if item.tag not in (f"{TEXT}list-item", f"{TEXT}list-header"):
                continue
            first = next(iter(item), None)
            if item.tag == f"{TEXT}list-item" and first is not None and first.tag in (f"{TEXT}p", f"{TEXT}h"):
                used = item.get(f"{TEXT}style-override") or style
                label = self._lists.label(used, place.depth, place.counts, start_of(item))
                self._paragraph(first, label)
                self._rest(item, place)
            else:
                self.walk(item, place)

    def _rest(self, item: Any, place: _Place) -> None:
        for child in item[1:]:
            if child.tag == f"{TEXT}list":
                self._list(child, place)
            elif child.tag in (f"{TEXT}p", f"{TEXT}h"):
                self._paragraph(child)
            else:
                self.walk(child, place)

    def _root_place(self, element: Any, style: str) -> _Place:
        """A list counts anew, or goes on with one that it names, or with the last of its style."""
        counts = self._counts_by_id.get(element.get(f"{TEXT}continue-list", ""))
        if counts is None and element.get(f"{TEXT}continue-numbering") == "true":
            counts = self._counts_by_style.get(style)
        counts = counts or Counts()
        self._counts_by_style[style] = counts
        if element.get(XML_ID):
            self._counts_by_id[element.get(XML_ID)] = counts
        return _Place(style, 1, counts)

    def _inline(self, parent: Any, line: _Line) -> None:
        self._emit(_SPACE.sub(" ", parent.text or ""), line)
        for node in parent:
            self._node(node, line)
            self._emit(_SPACE.sub(" ", node.tail or ""), line)

    def _node(self, node: Any, line: _Line) -> None:
        tag = node.tag
        if tag in _BREAKS:
            self._emit(_BREAKS[tag], line)
        elif tag == f"{TEXT}s":
            self._emit(" " * count_of(node, f"{TEXT}c", 1, _MOST_SPACES), line)
        elif tag in (f"{TEXT}change-start", f"{TEXT}change-end"):
            self._change(node)
        elif tag == f"{TEXT}note":
            text = "\n".join(block.text for block in self._inner(node)).strip()
            self._aside([Block(NOTE_MARK + text)] * bool(text), line)
        elif tag == f"{DRAW}object":
            self._emit(self._formula(node), line)
        elif tag.startswith((DRAW, TABLE)):
            if tag == f"{DRAW}frame":
                self._picture(node, line)
            self._drawing(node, line)
        elif tag not in _NOT_READ and not self._styles.hides(node.get(f"{TEXT}style-name"), "text"):
            self._inline(node, line)

    def _drawing(self, node: Any, line: _Line) -> None:
        """A frame or shape: text in it stands beside the line, a formula in it."""
        for child in node:
            if child.tag.startswith(DRAW):
                self._node(child, line)
        inner = [child for child in node if not child.tag.startswith(DRAW)]
        self._aside(self._inner(inner), line)

    def _picture(self, node: Any, line: _Line) -> None:
        """The picture of a frame, unless it is that of a formula."""
        picture = picture_of(self._document, node)
        is_formula = any(self._formula(drawn) for drawn in node.iterchildren(f"{DRAW}object"))
        if picture is None or is_formula or self._deleting:
            return
        self.pictures.append(picture)
        text = self._texts.pop(picture.name, "")
        self._aside([Block(text)] * bool(text), line)

    def _formula(self, node: Any) -> str:
        own = node.find(f"{MATH}math")
        name = (node.get(f"{XLINK}href") or "").removeprefix("./")
        found = self._document.formulas.get(name) if own is None else own
        return "" if found is None else mathml(found)

    def _emit(self, text: str, line: _Line) -> None:
        if text and not self._deleting:
            line.pieces.append(text)

    def _aside(self, blocks: list[Block], line: _Line) -> None:
        if not self._deleting:
            line.asides += [Block(block.text, block.level, aside=True) for block in blocks]

    def _change(self, node: Any) -> None:
        name = node.get(f"{TEXT}change-id", "")
        if name in self._deletions:
            (self._deleting.add if node.tag == f"{TEXT}change-start" else self._deleting.discard)(name)

    def _table(self, element: Any) -> None:
        """A table as lines; one of a single column is a frame round its paragraphs."""
        spanning: dict[int, tuple[str, int]] = {}
        rows = [(list(self._cells(row, spanning)), is_header) for row, is_header in _rows(element)]
        if all(len(cells) < 2 for cells, _ in rows):
            self.blocks += [block for cells, _ in rows for _, blocks in cells for block in blocks]
            return
        table = [
            Row(
                cells=tuple(text for text, _ in cells),
                after=tuple(block.text for _, blocks in cells for block in blocks if block.aside),
                is_header=is_header,
            )
            for cells, is_header in rows
        ]
        self.blocks.append(Block(printed(table), aside=True))

    def _cells(self, row: Any, spanning: dict[int, tuple[str, int]]) -> Iterator[tuple[str, list[Block]]]:
        """Text and blocks of each cell. `spanning` has the text of vertically merged ones by column,
        and how many rows they go on."""
        column = 0
        for cell in row:
            if cell.tag == f"{TABLE}covered-table-cell":
                text, left = spanning.get(column, ("", 0))
                if left:
                    spanning[column] = (text, left - 1)
                    yield repeated(text), []
                column += count_of(cell, f"{TABLE}number-columns-repeated", 1, _MOST_COLUMNS)
            elif cell.tag == f"{TABLE}table-cell":
                blocks = self._inner(cell)
                text = " ".join(block.text for block in blocks if not block.aside)
                spanning[column] = (text, count_of(cell, f"{TABLE}number-rows-spanned", 1, _MOST_ROWS) - 1)
                yield text, blocks
                column += 1


def _rows(table: Any, is_header: bool = False) -> Iterator[tuple[Any, bool]]:
    for child in table:
        if child.tag == f"{TABLE}table-row":
            yield child, is_header
        elif child.tag in (f"{TABLE}table-header-rows", f"{TABLE}table-rows", f"{TABLE}table-row-group"):
            yield from _rows(child, is_header or child.tag == f"{TABLE}table-header-rows")


def _deletions(body: Any) -> frozenset[str]:
    """Tracked deletions whose text still stands in the body, between two marks."""
    regions = body.iterfind(f"{TEXT}tracked-changes/{TEXT}changed-region")
    names = {region.get(f"{TEXT}id", "") for region in regions if region.find(f"{TEXT}deletion") is not None}
    ended = {mark.get(f"{TEXT}change-id") for mark in body.iter(f"{TEXT}change-end")}
    return frozenset(names & ended)
