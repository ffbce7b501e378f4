"""Names of OpenDocument (ODF 1.3), as lxml has them."""

from __future__ import annotations

from typing import Any

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE = f"{{{_ODF}office:1.0}}"
TEXT = f"{{{_ODF}text:1.0}}"
TABLE = f"{{{_ODF}table:1.0}}"
STYLE = f"{{{_ODF}style:1.0}}"
DRAW = f"{{{_ODF}drawing:1.0}}"
LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
MATH = "{http://www.w3.org/1998/Math/MathML}"
XLINK = "{http://www.w3.org/1999/xlink}"
DC = "{http://purl.org/dc/elements/1.1/}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"


def count_of(element: Any, name: str, usual: int, most: int) -> int:
    """A whole number from an attribute, bounded: a document can claim any number of spaces or columns."""
    given = (element.get(name) or "").strip()
    return min(int(given), most) if given.isascii() and given.isdecimal() and len(given) < 10 else usual
