"""Word documents (.docx, .docm, .dotx, .dotm). Not called docx.py: that is a library's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexer.model import Document, Problem
from indexer.readers.blocks import NOTE_MARK, Block, document_of, with_pictures
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.pictures import OnPicture, Picture
from indexer.readers.printed_table import Row, printed, repeated
from indexer.readers.word.fields import Fields
from indexer.readers.word.math import formula
from indexer.readers.word.names import MC, A, M, R, V, W, flag, value, whole_number
from indexer.readers.word.numbering import Numbering
from indexer.readers.word.package import Package, open_package
from indexer.readers.word.styles import Styles
from indexer.readers.word.symbols import symbol
from indexer.readers.word.tree import (
    NO_TEXT,
    alternative,
    is_contents,
    is_deleted,
    notes_by_id,
    table_parts,
    unwrapped,
)

_MOST_COLUMNS = 1000  # Word has 63; a cell that claims to span more is no wider

_NOT_READ = {
    f"{W}altChunk": "inserted files (w:altChunk)",
    "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds": "diagrams (SmartArt)",
}
_NOT_TYPED = {ord("\n"): " ", 0xFFFC: None}  # U+FFFC stands for a picture
_BREAKS = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}


def read(
    path: Path, data: bytes, options: ReadOptions = PLAIN, on_page: OnPicture = lambda *_: None
) -> Document:
    """Paragraphs with their automatic numbers and tables, in the order of the body.

    Headings are those of the styles (Title, Heading N, 标题 N) and of outline levels. A text box and a
    note follow the paragraph that they belong to, a note after "［注］", and so does the text of a picture
    that OCR reads. Tracked insertions are text, deletions are not. Left out: hidden text, comments, tables
    of contents, headers and footers.

    Args:
        on_page: see `pictures.read_pictures`.

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: it is no Word document, or is broken.
    """
    package = open_package(path, data)
    story, seen = with_pictures(lambda texts: _told(package, texts), options, on_page)
    return document_of(path, story.blocks, package.title, _problems(package), seen)


def _told(package: Package, texts: Mapping[str, str]) -> _Story:
    story = _Story(package, texts)
    story.read_body()
    if not story.fields.all_ended:  # a field without its end would hide all that follows
        story = _Story(package, texts, fields_are_whole=False)
        story.read_body()
    return story


def _problems(package: Package) -> tuple[Problem, ...]:
    counts = ((kind, sum(1 for _ in package.body.iter(tag))) for tag, kind in _NOT_READ.items())
    return tuple(
        Problem(f"the text of {count} {kind} is not read; put it into paragraphs in Word")
        for kind, count in counts
        if count
    )


@dataclass(slots=True)
class _Line:
    """A paragraph, as it is collected."""

    pieces: list[str] = field(default_factory=list)
    asides: list[Block] = field(default_factory=list)


class _Story:
    """The text of one document, as it is collected."""

    def __init__(self, package: Package, texts: Mapping[str, str], *, fields_are_whole: bool = True) -> None:
        """
        Args:
            texts: of pictures, by their names.
        """
        self.blocks: list[Block] = []
        self.pictures: list[Picture] = []
        self.fields = Fields()
        self._fields_are_whole = fields_are_whole
        self._body = package.body
        self._styles = Styles(package.styles)
        self._numbering = Numbering(package.numbering, self._styles)
        self._notes = {
            f"{W}footnoteReference": notes_by_id(package.footnotes, "footnote"),
            f"{W}endnoteReference": notes_by_id(package.endnotes, "endnote"),
        }
        self._in_note = False
        self._pictures = package.pictures
        self._texts = dict(texts)
        self._carried = _Line()  # of paragraphs whose end is deleted: they go on in the next

    def read_body(self) -> None:
        self._walk(self._body)
        self._add("".join(self._carried.pieces), None, self._carried.asides)

    def _walk(self, parent: Any) -> None:
        for child in unwrapped(parent):
            if child.tag == f"{W}p":
                self._paragraph(child)
            elif child.tag == f"{W}tbl":
                self._table(child)
            elif child.tag.startswith(M):
                self._add(formula(child), None, [])

    def _inner(self, parent: Any) -> list[Block]:
        """The blocks of a cell, a text box or a note."""
        outer, self.blocks = self.blocks, []
        carried, self._carried = self._carried, _Line()
        self._walk(parent)
        self._add("".join(self._carried.pieces), None, self._carried.asides)
        inner, self.blocks = self.blocks, outer
        self._carried = carried
        return inner

    def _add(self, text: str, level: int | None, asides: list[Block]) -> None:
        if text.strip():
            self.blocks.append(Block(text, level))
        self.blocks += asides

    def _paragraph(self, element: Any) -> None:
        properties = element.find(f"{W}pPr")
        style = value(properties, "pStyle")
        line, self._carried = self._carried, _Line()
        was_shown = self._shown
        self._inline(element, line, self._styles.hides(style, paragraph=True) or False)
        if self._styles.is_contents(style):  # read all the same, for the fields that begin or end in it
            return
        text = "".join(line.pieces)
        mark = None if properties is None else properties.find(f"{W}rPr")
        if mark is not None and any(mark.find(W + name) is not None for name in ("del", "moveFrom")):
            self._carried = line
            return
        is_hidden = not text and (not was_shown or flag(mark, "vanish"))
        label = "" if is_hidden else self._numbering.label(properties, style)
        if not text.strip() and not any(map(str.isalnum, label)):
            label = ""  # a bullet without a text
        outline = whole_number(value(properties, "outlineLvl"))
        self._add(label + text, self._styles.level(style, outline), line.asides)

    @property
    def _shown(self) -> bool:
        return not self._fields_are_whole or self.fields.shown

    def _inline(self, parent: Any, line: _Line, hidden: bool) -> None:
        for node in parent:
            tag = node.tag
            if tag == f"{W}r":
                self._inline(node, line, self._hides(node, hidden))
            elif tag == f"{W}fldChar":
                drawn = self.fields.mark(node.get(f"{W}fldCharType", ""))
                self._emit(drawn, line, hidden)
            elif tag == f"{W}instrText":
                self.fields.instruct(node.text or "")
            elif tag == f"{W}t":
                self._emit((node.text or "").translate(_NOT_TYPED), line, hidden)
            elif tag in _BREAKS:
                self._emit(_BREAKS[tag], line, hidden)
            elif tag == f"{W}sym":
                self._emit(symbol(node.get(f"{W}font", ""), node.get(f"{W}char", "")), line, hidden)
            elif tag in self._notes:
                self._note(node, line, hidden)
            elif tag == f"{W}txbxContent":
                self._text_box(node, line, hidden)
            elif tag in (f"{A}blip", f"{V}imagedata"):
                self._picture(node, line, hidden)
            elif tag == f"{V}textpath":
                self._aside([Block(node.get("string", ""))], line, hidden)
            elif tag in (f"{M}oMath", f"{M}oMathPara"):
                self._emit(formula(node), line, hidden)
            elif tag == f"{MC}AlternateContent":
                self._inline(alternative(node), line, hidden)
            elif tag not in NO_TEXT and not is_contents(node):
                self._inline(node, line, hidden)

    def _hides(self, run: Any, hidden: bool) -> bool:
        properties = run.find(f"{W}rPr")
        if properties is None:
            return hidden
        own = flag(properties, "vanish")
        if own is None:
            style = value(properties, "rStyle")
            own = self._styles.hides(style, paragraph=False) if style else None
        return hidden if own is None else own

    def _emit(self, text: str, line: _Line, hidden: bool) -> None:
        if text and not hidden and self._shown:
            line.pieces.append(text)

    def _aside(self, blocks: list[Block], line: _Line, hidden: bool) -> None:
        if not hidden and self._shown:
            line.asides += [Block(block.text, block.level, aside=True) for block in blocks]

    def _text_box(self, node: Any, line: _Line, hidden: bool) -> None:
        self._aside(self._inner(node), line, hidden)

    def _picture(self, node: Any, line: _Line, hidden: bool) -> None:
        """A picture of the body: those of notes are named by relationships of their own part."""
        picture = self._pictures.get(node.get(f"{R}embed") or node.get(f"{R}id") or "")
        if picture is None or hidden or not self._shown or self._in_note:
            return
        self.pictures.append(picture)
        text = self._texts.pop(picture.name, "")
        self._aside([Block(text)] * bool(text), line, hidden)

    def _note(self, node: Any, line: _Line, hidden: bool) -> None:
        """A note, once: a document that refers to one from everywhere would grow without bound."""
        if hidden or not self._shown or self._in_note:
            return
        note = self._notes[node.tag].pop(node.get(f"{W}id", ""), None)
        if note is not None:
            self._in_note = True
            text = "\n".join(block.text for block in self._inner(note)).strip()
            self._in_note = False
            self._aside([Block(NOTE_MARK + text)] * bool(text), line, hidden)

    def _table(self, element: Any) -> None:
        """A table as lines; one of a single column is a frame round its paragraphs."""
        rows = [row for row in table_parts(element, f"{W}tr") if not is_deleted(row)]
        above: dict[int, str] = {}
        cells = [list(self._cells(row, above)) for row in rows]
        if all(len(row) < 2 for row in cells):
            self.blocks += [block for row in cells for _, blocks in row for block in blocks]
            return
        table = [
            Row(
                cells=tuple(text for text, _ in row),
                after=tuple(block.text for _, blocks in row for block in blocks if block.aside),
                is_header=flag(element.find(f"{W}trPr"), "tblHeader") or False,
            )
            for element, row in zip(rows, cells, strict=True)
        ]
        self.blocks.append(Block(printed(table), aside=True))

    def _cells(self, row: Any, above: dict[int, str]) -> Iterator[tuple[str, list[Block]]]:
        """Text and blocks of each cell. `above` has the text of vertically merged cells by column."""
        column = whole_number(value(row.find(f"{W}trPr"), "gridBefore")) or 0
        for cell in table_parts(row, f"{W}tc"):
            properties = cell.find(f"{W}tcPr")
            merged = value(properties, "vMerge")
            if value(properties, "hMerge") in ("", "continue"):
                continue
            if merged in ("", "continue"):
                yield repeated(above.get(column, "")), []
            else:
                blocks = self._inner(cell)
                text = " ".join(block.text for block in blocks if not block.aside)
                above[column] = text if merged == "restart" else ""
                yield text, blocks
            column += min(whole_number(value(properties, "gridSpan")) or 1, _MOST_COLUMNS)
