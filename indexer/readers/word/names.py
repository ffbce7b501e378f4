"""Names of WordprocessingML, and the strict ones of ISO 29500 made the usual ones."""

from __future__ import annotations

from typing import Any

_TRANSITIONAL = b"http://schemas.openxmlformats.org"
# Strict OOXML has the same elements in other namespaces. They stand in the XML's bytes as they are.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", _TRANSITIONAL + b"/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", _TRANSITIONAL + b"/officeDocument/2006/math"),
    (b"http://purl.oclc.org/ooxml/drawingml/main", _TRANSITIONAL + b"/drawingml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        _TRANSITIONAL + b"/officeDocument/2006/relationships",
    ),
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
V = "{urn:schemas-microsoft-com:vml}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

_OFF = frozenset({"0", "false", "off"})


def usual_names(xml: bytes) -> bytes:
    """The XML with the namespaces of strict OOXML replaced by the usual ones."""
    for strict, usual in _STRICT:
        xml = xml.replace(strict, usual)
    return xml


def value(parent: Any, name: str) -> str | None:
    """The w:val of a child element; None: there is no such child, "" it has no value."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(W + "val", "")


def whole_number(text: str | None) -> int | None:
    """What stands in the XML as a number, of at most nine digits; None where it is none."""
    text = (text or "").strip()
    digits = text[1:] if text[:1] in "+-" else text
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None


def flag(parent: Any, name: str) -> bool | None:
    """A property that is on or off; None: it is not given."""
    found = value(parent, name)
    return None if found is None else found.lower() not in _OFF
