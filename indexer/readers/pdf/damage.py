"""Whether a page shows all that its content says.

pdfium stops where a page's content is damaged, draws what it has, and says nothing. So the content, as pypdf
hands it out, is looked at too.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PageObject
    from pypdfium2 import PdfPage

# Operators that show text, after the string or the array that they show. It also finds them within strings,
# comments and pictures, and with empty strings: a sieve, since to parse the content takes a hundred times as
# long.
_SHOWS = re.compile(rb"[\])>]\s*(?:T[jJ]|['\"])(?=[\s\[(</]|$)")
_SHOWING = frozenset({b"Tj", b"TJ", b"'", b'"'})
_MIN_DRAWN = 0.8  # of the operators with text; pdfium makes a piece of text of each
_MAX_PARSED = 5_000_000  # bytes of content; a page of text has some ten thousand
_MAX_FORMS = 200  # of a page; a form that stands on it often is one
_INFLATED = frozenset({"/FlateDecode", "/Fl"})
_HEADER_BYTES = 2  # of a stream in zlib's format
_MAX_INFLATED = 50_000_000


def damage(page: PageObject, drawn: PdfPage) -> str:
    """What of a page is lost, in English; "" for nothing.

    Raises:
        Exception: pypdf stumbles over the page.
    """
    contents, is_missing = _contents(page)
    if is_missing:
        return "a part of its content is missing"
    if not contents:
        return "the page has fonts but no content" if _has_fonts(page) else ""
    if not all(_is_whole(stream) for stream in (*contents, *_forms(page))):
        return "its content is damaged, and what follows on the page is lost"
    said = sum(len(_SHOWS.findall(stream.get_data())) for stream in contents)
    shown = _texts(drawn)
    if shown >= _MIN_DRAWN * said:
        return ""
    said = _shown_strings(page, contents, said)
    if shown >= _MIN_DRAWN * said:
        return ""
    return f"its content is damaged: of {said} pieces of text {shown} can be read"


def _has_fonts(page: PageObject) -> bool:
    """Whether the page itself has fonts; those that it inherits are there for other pages."""
    own = page.indirect_reference.get_object() if page.indirect_reference else page
    return bool(_dictionary(_dictionary(own, "/Resources"), "/Font"))


def _contents(page: PageObject) -> tuple[list[Any], bool]:
    """The streams of the page's content, and whether one that it names is missing."""
    named = page.raw_get("/Contents") if "/Contents" in page else None
    if named is None:
        return [], False
    found = named.get_object()
    parts = [part.get_object() for part in found] if isinstance(found, list) else [found]
    streams = [part for part in parts if hasattr(part, "get_data")]
    return streams, len(streams) < len(parts)


def _forms(page: PageObject) -> Iterator[Any]:
    """Contents of their own that the page shows, such as a letterhead, or all there is."""
    things = _dictionary(_dictionary(page, "/Resources"), "/XObject").values()
    for number, thing in enumerate(things):
        form = thing.get_object()
        if number < _MAX_FORMS and hasattr(form, "get_data") and form.get("/Subtype") == "/Form":
            yield form


def _dictionary(owner: Any, key: str) -> Any:
    """A dictionary in a dictionary, empty where there is none."""
    value = owner.get(key)
    found = None if value is None else value.get_object()
    return found if isinstance(found, dict) else {}


def _is_whole(stream: Any) -> bool:
    """Whether a stream can be unpacked to its end; one that is packed otherwise is not looked at."""
    data = _deflated(stream)
    if not data:
        return True
    try:
        inflater = zlib.decompressobj()
        unpacked = inflater.decompress(data, _MAX_INFLATED)
        if inflater.eof or len(unpacked) == _MAX_INFLATED:
            return True
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)  # some programs leave out the checksum at the end
        inflater.decompress(data[_HEADER_BYTES:], _MAX_INFLATED)
    except zlib.error:
        return False
    return inflater.eof


def _deflated(stream: Any) -> bytes:
    """What is to be inflated, unpacked from what is around it; nothing where it is packed otherwise."""
    from pypdf import filters

    found = stream.get("/Filter")
    names = [str(name) for name in (found if isinstance(found, list) else [found])]
    if names[-1] not in _INFLATED:
        return b""
    data: bytes = stream._data
    for name in names[:-1]:
        if name in ("/ASCII85Decode", "/A85"):
            data = filters.ASCII85Decode.decode(data)
        elif name in ("/ASCIIHexDecode", "/AHx"):
            data = bytes(filters.ASCIIHexDecode.decode(data))
        else:
            return b""
    return data


def _shown_strings(page: PageObject, contents: Sequence[Any], at_most: int) -> int:
    """How many pieces of text the content shows; `at_most` where it can't be parsed, being damaged."""
    from pypdf.generic import ContentStream

    if sum(len(stream.get_data()) for stream in contents) > _MAX_PARSED:
        return at_most
    try:
        operations = ContentStream(page["/Contents"], page.pdf).operations
    except Exception:  # whatever pypdf stumbles over in damaged content
        return at_most
    return sum(operator in _SHOWING and _has_text(operands) for operands, operator in operations)


def _has_text(operands: Sequence[Any]) -> bool:
    last = operands[-1] if operands else ""
    parts = last if isinstance(last, list) else [last]
    return any(isinstance(part, str | bytes) and len(part) > 0 for part in parts)


def _texts(page: PdfPage) -> int:
    import pypdfium2.raw as pdfium

    return sum(1 for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=1))
