"""A web page, or a part of one, as a tree of elements."""

from __future__ import annotations

import re
import warnings
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_MAX_DEPTH = 150  # elements in one another; what is deeper is read as if it stood there

# What comes before the page: the parser would show declarations of entities.
_PROLOG = re.compile(
    r"\A(?:\s|<!--.*?-->|<\?[^>]*>)*+(?:<!DOCTYPE[^\[>]*\[[^\]]*\]\s*>)?", re.DOTALL | re.IGNORECASE
)
_LITERAL = re.compile(
    r"<!\[CDATA\[((?:(?!\]\]>|<!\[CDATA\[).)*+)\]\]>", re.DOTALL
)  # in XHTML; an HTML parser drops it


def parsed(markup: str) -> BeautifulSoup:
    """The tree of HTML or XHTML, however broken, and without XML's entities."""
    from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning

    class Shallow(BeautifulSoup):
        """A tree that no depth of nesting makes too deep to walk."""

        def handle_starttag(self, *args: Any, **options: Any) -> Tag | None:
            if len(self.tagStack) > _MAX_DEPTH:
                self.handle_data("\n")
                return None
            return super().handle_starttag(*args, **options)

    page = _PROLOG.sub("", markup, count=1)
    page = _LITERAL.sub(lambda literal: escape(literal[1], quote=False), page)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return Shallow(page, "lxml")


def elements(tree: Tag) -> list[Tag]:
    """All elements in order; find_all takes several times as long to list them."""
    from bs4 import Tag

    return [element for element in tree.descendants if isinstance(element, Tag)]


def drop(element: Tag) -> None:
    """Leave of it an empty element in a line. To take it out takes time with the number of its siblings."""
    element.clear(decompose=True)
    element.name = "span"
    element.attrs.clear()
