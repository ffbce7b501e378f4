"""HTML inside Markdown: its tags go, their text stays, and pictures leave their descriptions."""

from __future__ import annotations

import re
from html import unescape

from indexer.readers.html.stand_ins import description

# Elements of the HTML standard; anything else in angle brackets is text, such as List<T>.
_BLOCKS_NAMES = """
    address article aside blockquote body br center dd details dialog div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol optgroup
    option p pre section select summary table tbody tfoot thead tr ul
"""
_BLOCKS = frozenset(_BLOCKS_NAMES.split())
_INLINE_NAMES = """
    a abbr audio b base bdi bdo big button canvas caption cite code col colgroup data datalist del
    dfn em embed font i iframe img input ins kbd label link map mark meta meter noscript object
    output param picture progress q rp rt ruby s samp script small source span strike strong style
    sub sup svg td template textarea th time title tt track u var video wbr
"""
_INLINE = frozenset(_INLINE_NAMES.split())
_CELLS = frozenset({"td", "th"})

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CODE = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
# Attribute values may hold ">", as in @click="a > b".
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)\b(?![-.:])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


def without_tags(markup: str) -> str:
    """The text of HTML markup, line by line; tags that are not HTML stay as they are."""
    stripped = _TAG.sub(_replacement, _CODE.sub("", _COMMENT.sub("", markup)))
    return unescape(stripped)


def _replacement(match: re.Match[str]) -> str:
    name = match[1]
    if name == "img":
        alt = _ALT.search(match.group())
        return description(alt[1] or alt[2] or "") if alt else ""
    if name in _BLOCKS:
        return "\n"
    if name in _CELLS:
        return "" if match.group().startswith("</") else " "
    return "" if name in _INLINE else match.group()
