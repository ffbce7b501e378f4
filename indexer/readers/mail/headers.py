"""Headers of mails as they were meant, whatever the program that wrote them did to them."""

from __future__ import annotations

import base64
import binascii
import codecs
import contextlib
import quopri
import re
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote_to_bytes

from indexer.errors import CharsetError
from indexer.readers.characters import printable
from indexer.readers.charset import decode
from indexer.readers.plausibility import is_plausible

_ENCODED_WORD = re.compile(r"=\?([\w.:+-]+)(?:\*[\w-]*)?\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_BETWEEN = re.compile(r"(\?=)\s+(?==\?)")  # folded there for the line's length; it is no space
_MOST = 10_000  # characters of a header; a thousand recipients have 30,000, and nobody searches for them
# Declared by programs that don't know what they write.
_MEANINGLESS = frozenset({"ascii", "iso8859-1", "cp1252", "utf-8"})
_GBK_SUBSETS = frozenset({"gb2312", "gbk"})


def header(message: Message, name: str) -> str:
    """A header in one line, "" for none."""
    raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return " ".join(printable(_words(str(raw)))[:_MOST].split())


def date(message: Message) -> str:
    """When it was sent, as 2024-01-05 10:30 in the sender's time; what is no date stays as it is."""
    raw = header(message, "Date")
    with contextlib.suppress(ValueError, TypeError, IndexError, OverflowError):
        return parsedate_to_datetime(raw).strftime("%Y-%m-%d %H:%M")
    return raw


def file_name(message: Message) -> str:
    """The name of an attachment, "" for none."""
    for header_name, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        value = message.get_param(parameter, None, header_name)
        if isinstance(value, tuple):  # RFC 2231: charset, language, text
            raw = unquote_to_bytes(value[2].encode("latin-1", "replace"))
            return _clean(decoded(raw, value[0]))
        if value:
            return _clean(_words(str(value)))
    return ""


def decoded(data: bytes, declared: str | None, path: Path = Path("mail")) -> str:
    """Bytes in the charset that they are declared to be in, if text comes of it; else in their own.

    Bytes that mean nothing are replaced.
    """
    name = _codec(declared)
    if name and name not in _MEANINGLESS:
        with contextlib.suppress(UnicodeDecodeError, LookupError, ValueError):
            text = data.decode(name)
            if is_plausible(text):
                return text
    try:
        return decode(data, path).text
    except CharsetError:
        with contextlib.suppress(LookupError, ValueError):
            return data.decode(name or "utf-8", "replace")
        return data.decode("utf-8", "replace")


def _codec(declared: str | None) -> str | None:
    try:
        name = codecs.lookup((declared or "").strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    return "gb18030" if name in _GBK_SUBSETS else name  # what says GB2312 is often GBK


def _words(raw: str) -> str:
    """The text of encoded words (RFC 2047), and of 8-bit characters that should have been encoded."""
    text = _BETWEEN.sub(r"\1", raw.replace("\r", "").replace("\n", ""))
    pieces: list[tuple[str | None, bytes]] = []
    at = 0
    for match in _ENCODED_WORD.finditer(text):
        _append(pieces, None, _bytes(text[at : match.start()]))
        _append(pieces, match[1].lower(), _word_bytes(match[2], match[3]))
        at = match.end()
    _append(pieces, None, _bytes(text[at:]))
    return "".join(decoded(data, charset) for charset, data in pieces)


def _append(pieces: list[tuple[str | None, bytes]], charset: str | None, data: bytes) -> None:
    """Words of one charset are one text: programs cut them in the middle of a character."""
    if not data:
        return
    if pieces and pieces[-1][0] == charset:
        data = pieces.pop()[1] + data
    pieces.append((charset, data))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = _bytes(text)
    if encoding in "qQ":
        return quopri.decodestring(raw, header=True)
    with contextlib.suppress(binascii.Error, ValueError):
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    return raw


def _clean(name: str) -> str:
    return " ".join(printable(name).split())
