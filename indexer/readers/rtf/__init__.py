"""Rich text (.rtf), as Word, WordPad, WPS and LibreOffice write it.

Chinese stands in it as bytes of GBK or Big5 by the font, as \\u numbers, or as both, one for programs
that don't know the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.errors import DamagedFileError
from indexer.model import Document, Problem
from indexer.readers.blocks import NOTE_MARK, document_of
from indexer.readers.numerals import before_text
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.pictures import LITTLE_TEXT
from indexer.readers.rtf.groups import Group
from indexer.readers.rtf.lines import Lines, RowPlaces
from indexer.readers.rtf.tokens import Kind, Token, decoded, document_codec, font_codec, tokens
from indexer.readers.signature import first_bytes
from indexer.readers.word.fields import overstruck
from indexer.readers.word.styles import named_level
from indexer.readers.word.symbols import symbol

_MOST_GROUPS = 2000  # inside one another; Word's documents have about 20
_BODY_OUTLINE = 9  # Word's outline level of body text; 0 to 8 are headings
_SYMBOL_CHARSET = 2

_SPECIAL = {"tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "emspace": "\u2003", "enspace": "\u2002"}
_SPECIAL |= {"qmspace": "\u2005", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“"}
_SPECIAL |= {"rdblquote": "”", "~": "\xa0", "_": "-", "{": "{", "}": "}", "\\": "\\"}
_SPECIAL |= {"mden": "/", "msup": "^", "msub": "_"}  # of formulas, so that no two numbers become one

# A picture of 2,000 bytes or more, after its properties; smaller ones are icons.
_PICTURE = re.compile(rb"\\pict(?![a-z])(?:(?!\\pict(?![a-z])).){0,5000}?[0-9a-fA-F\s]{4000}", re.DOTALL)
_PICTURE_AGAIN = b"\\nonshppict"  # the same once more, for older versions

_PRIVATE = re.compile("[\ue000-\uf8ff]")  # bullets of symbol fonts have no other characters


def read(path: Path, data: bytes, _: ReadOptions = PLAIN) -> Document:
    """Paragraphs with their automatic numbers and tables, in the order of the text.

    Headings are those of styles and outline levels. A text box and a note follow the paragraph that
    they belong to, a note after "［注］". Left out: hidden and deleted text, comments, tables of
    contents, headers and footers, pictures (which are counted in a problem).

    Raises:
        DamagedFileError: it is no rich text, or nested deeper than any.
    """
    source = data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x00")
    if not source.startswith(b"{\\rtf"):
        raise DamagedFileError(
            path, f"not a .rtf: {first_bytes(data)}; open it in Word and save it as .rtf or .docx"
        )
    text = _RichText(path, document_codec(source))
    is_whole = text.read(source)
    blocks = text.lines.finished()
    problems = []
    if not is_whole:
        problems.append(Problem("the file ends in the middle of the text; what follows is lost", kind="cut"))
    invalid = sum(block.text.count("\ufffd") for block in blocks)
    if invalid:
        places = "1 place" if invalid == 1 else f"{invalid} places"
        reason = f"bytes that mean nothing in the charset of their font were replaced in {places}"
        problems.append(Problem(reason, kind="bytes_replaced"))
    problems += _pictures(source, sum(len("".join(block.text.split())) for block in blocks))
    return document_of(path, blocks, text.title, tuple(problems))


def _pictures(source: bytes, characters: int) -> list[Problem]:
    """A problem for the pictures, none of which is read."""
    count = len(_PICTURE.findall(source)) - source.count(_PICTURE_AGAIN)
    if count <= 0:
        return []
    is_content = characters < LITTLE_TEXT * count
    reason = f"{'1 picture was' if count == 1 else f'{count} pictures were'} not read; save it as .docx"
    return [Problem(reason, lost=is_content, kind="scan" if is_content else "left_out")]


@dataclass(frozen=True, slots=True)
class _Font:
    codec: str | None = None
    is_symbols: bool = False
    name: str = ""


class _RichText:
    """One document, as its tokens are followed."""

    def __init__(self, path: Path, codec: str | None) -> None:
        self.lines = Lines()
        self.title = ""
        self._path = path
        self._codec = codec
        self._group = Group(self.lines)
        self._outer: list[Group] = []
        self._bytes = bytearray()  # of characters whose last byte may still come
        self._skip = 0  # characters of a fallback that still come
        self._starred = False
        self._fonts: dict[int | None, _Font] = {}
        self._usual_font: int | None = None
        self._levels: dict[int | None, int | None] = {}  # of styles
        self._row = RowPlaces()

    def read(self, data: bytes) -> bool:
        """Follow the document to its end. False: it is cut off."""
        for token in tokens(data, self._codec or "gb18030"):
            if token.kind in (Kind.TEXT, Kind.BYTES):
                self._take(token)
                continue
            self._flush()
            if token.kind is Kind.OPEN:
                self._open()
            elif token.kind is Kind.CLOSE:
                self._close()
                if not self._outer:
                    return True
            elif self._skip and token.name in _SPECIAL:
                self._skip -= 1
            else:
                self._skip = 0
                self._word(token.name, token.number)
        self._flush()
        return False

    def _take(self, token: Token) -> None:
        skipped = min(self._skip, len(token.data))
        self._skip -= skipped
        self._bytes += token.data[skipped:]

    def _flush(self) -> None:
        """The bytes so far are whole characters."""
        data = bytes(self._bytes)
        self._bytes.clear()
        if not data or not self._group.shown:
            return
        font = self._font()
        if font.is_symbols:
            self._emit("".join(symbol(font.name, f"{byte:x}") or "•" for byte in data))
        else:
            self._emit(decoded(data, font.codec, self._codec))

    def _font(self) -> _Font:
        number = self._usual_font if self._group.font is None else self._group.font
        return self._fonts.get(number, _Font())

    def _emit(self, text: str) -> None:
        if self._group.is_text:
            self._group.lines.add(text)
        elif self._group.shown and self._group.captured is not None:
            self._group.captured.append(text)

    def _open(self) -> None:
        if len(self._outer) >= _MOST_GROUPS:
            raise DamagedFileError(
                self._path,
                f"it nests more than {_MOST_GROUPS} groups, as no document does; save it anew in Word",
            )
        self._skip = 0
        self._starred = False
        self._outer.append(self._group)
        self._group = self._group.inside()

    def _close(self) -> None:
        self._skip = 0
        if not self._outer:
            return
        ended, self._group = self._group, self._outer.pop()
        text = "".join(ended.captured or ())
        if ended.kind == "font":
            self._fonts[ended.font] = replace(self._fonts.get(ended.font, _Font()), name=text.strip(" ;"))
        elif ended.kind == "style":
            level = named_level(text.strip(" ;"))
            self._levels[ended.style] = _heading_level(ended.outline) if level is None else level
        elif ended.kind == "label":
            self._emit(_label(text))
        elif ended.kind == "title":
            self.title = text
        elif ended.kind == "instruction":
            self._group.instruction = text
            self._emit(overstruck(text))
        elif ended.kind in ("note", "box"):
            self._add_aside(ended)

    def _add_aside(self, ended: Group) -> None:
        blocks = ended.lines.finished()
        if ended.kind == "note" and blocks:
            blocks = [replace(blocks[0], text=NOTE_MARK + blocks[0].text.lstrip()), *blocks[1:]]
        if self._group.is_text:
            self._group.lines.add_asides(blocks)

    def _word(self, name: str, number: int | None) -> None:
        starred, self._starred = self._starred, name == "*"
        if self._group.become(name, self._outer, starred=starred):
            return
        if name == "u":
            self._character(number)
        elif name in _SPECIAL:
            self._emit(_SPECIAL[name])
        elif name == "deff":
            self._usual_font = number
        elif name == "fcharset" or name == "cpg":
            self._set_font(name, number)
        else:
            self._group.set(name, number)
            if self._group.shown and self._group.captured is None:
                self._end(name)
                self._place(name, number)

    def _character(self, number: int | None) -> None:
        self._skip = self._group.fallback
        if number is not None and -0x8000 <= number <= 0xFFFF:
            code = number % 0x10000
            font = self._font()
            self._emit((symbol(font.name, f"{code:x}") if font.is_symbols else "") or chr(code))

    def _set_font(self, name: str, number: int | None) -> None:
        font = self._fonts.get(self._group.font, _Font())
        if name == "cpg":
            font = replace(font, codec=font_codec(None, number))
        else:
            font = replace(font, codec=font_codec(number, None), is_symbols=number == _SYMBOL_CHARSET)
        self._fonts[self._group.font] = font

    def _end(self, name: str) -> None:
        """Follow a word that ends a paragraph, a cell or a row."""
        group = self._group
        if name in ("par", "sect", "page"):
            level = self._levels.get(group.style) if group.outline is None else _heading_level(group.outline)
            group.lines.end_paragraph(level, in_table=group.in_table)
        elif name == "cell":
            group.lines.end_cell()
        elif name == "row":
            group.lines.end_row(self._row)
        elif name == "nestcell":
            group.lines.end_nested_cell()
        elif name == "nestrow":
            group.lines.end_nested_row()

    def _place(self, name: str, number: int | None) -> None:
        """Follow a word that says where the cells of a row stand."""
        if name == "trowd":
            self._row = RowPlaces()
        elif name == "trhdr":
            self._row.is_header = True
        elif name == "clvmgf":
            self._row.next_cell.is_first = True
        elif name == "clvmrg":
            self._row.next_cell.is_below = True
        elif name == "clmrg":
            self._row.next_cell.is_beside = True
        elif name == "cellx":
            self._row.end_cell(number or 0)


def _heading_level(outline: int | None) -> int | None:
    return None if outline is None or not 0 <= outline < _BODY_OUTLINE else outline + 1


def _label(text: str) -> str:
    """An automatic number with one space for its tab."""
    number = _PRIVATE.sub("•", text).strip()
    return before_text(number, " ") if number else ""
