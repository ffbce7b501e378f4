"""Rich text as tokens, and its bytes as characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from indexer.readers.plausibility import log_likelihood

_TOKEN = rb"\\([A-Za-z]{1,32})(-?\d{1,9})? ?|((?:\\'[0-9A-Fa-f]{2})+)|\\([^A-Za-z])|([{}])|[\r\n]+|(%s)"
_SINGLE = re.compile(_TOKEN % rb"[^\\{}\r\n]+|\\", re.DOTALL)
# In GBK and Big5 the second byte of a character can be a brace or a backslash.
_DOUBLE = re.compile(_TOKEN % rb"(?:[\x81-\xfe][\x40-\x7e\x80-\xfe]|[^\\{}\r\n])+|\\", re.DOTALL)
_CODE_PAGE = re.compile(rb"\\ansicpg(\d{1,5})")
_HEAD_BYTES = 1024  # that the code page stands in

_DOUBLE_BYTE = frozenset({"gb18030", "cp950", "cp932", "cp949"})
_CODECS = {936: "gb18030", 54936: "gb18030", 65001: "utf-8", 10000: "mac_roman", 1361: "johab"}
_CODECS |= {page: f"cp{page}" for page in (437, 850, 852, 866, 874, 932, 949, 950, *range(1250, 1259))}
# Code pages by the charset of a font (RTF 1.9.1, \fcharset). 0 and 1 say nothing in Chinese documents.
_CHARSETS = {77: 10000, 128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258}
_CHARSETS |= {177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250, 254: 437, 255: 850}


class Kind(Enum):
    OPEN = auto()
    CLOSE = auto()
    WORD = auto()  # \name and \name12; of one sign, such as \~, too
    BYTES = auto()  # \'d6\'d0
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    name: str = ""  # of a word
    number: int | None = None  # of a word
    data: bytes = b""  # of bytes or a text


def tokens(data: bytes, codec: str) -> Iterator[Token]:
    """What the bytes of a rich text are, one after the other; binary data is passed over.

    Args:
        codec: of the document. In one of two bytes a character, a second byte is never a brace.
    """
    pattern = _DOUBLE if codec in _DOUBLE_BYTE else _SINGLE
    position = 0
    while match := pattern.match(data, position):
        position = match.end()
        word, number, byte, sign, brace, text = match.groups()
        if text:
            yield Token(Kind.TEXT, data=text)
        elif byte:
            yield Token(Kind.BYTES, data=bytes.fromhex(byte.replace(b"\\'", b"").decode("ascii")))
        elif word == b"bin":
            position += max(int(number or 0), 0)
            yield Token(Kind.WORD, "bin")
        elif word:
            yield Token(Kind.WORD, word.decode("ascii"), None if number is None else int(number))
        elif brace:
            yield Token(Kind.OPEN if brace == b"{" else Kind.CLOSE)
        elif sign in (b"\r", b"\n"):
            yield Token(Kind.WORD, "par")
        elif sign:
            yield Token(Kind.WORD, sign.decode("latin-1"))


def document_codec(data: bytes) -> str | None:
    """The codec of a rich text by its \\ansicpg; None: it names none that is known."""
    found = _CODE_PAGE.search(data[:_HEAD_BYTES])
    return _CODECS.get(int(found[1])) if found else None


def font_codec(charset: int | None, page: int | None) -> str | None:
    """The codec of a font by its \\cpg or \\fcharset; None: that of the document."""
    return _CODECS.get(page or _CHARSETS.get(charset or 0, 0))


def decoded(data: bytes, font: str | None, document: str | None) -> str:
    """Bytes as characters, U+FFFD for those that mean nothing.

    A font of a Chinese charset decides, if all the bytes are characters of it. Else the most probable
    text is taken: fonts of no charset are used for Chinese, and those of a Chinese one for é.

    Args:
        font: the font's codec, if it has one.
        document: the document's codec; None: it names none, and Chinese ones are tried.
    """
    if data.isascii():
        return data.decode("ascii")
    text = _strict(data, font) if font in _DOUBLE_BYTE else None
    if text is not None:
        return text
    names = [font, document] if document else [font, "gb18030", "cp950", "utf-8"]
    codecs = dict.fromkeys(name for name in (*names, "cp1252") if name)
    texts = [text for codec in codecs if (text := _strict(data, codec)) is not None]
    return max([*texts, data.decode(next(iter(codecs)), errors="replace")], key=log_likelihood)


def _strict(data: bytes, codec: str | None) -> str | None:
    try:
        return data.decode(codec) if codec else None
    except UnicodeDecodeError:
        return None
