"""What surrounds the text of a page of a website: its menus, side columns, buttons, header and footer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.model import Problem
from indexer.readers.html.tree import drop, elements

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_OF_A_PART = frozenset({"aside", "footer", "header"})  # of the page, unless in one of these:
_PARTS = ["article", "blockquote", "main"]
_LAYOUT = ["nav", "main", "article"]  # a page without them is no website's; its footer may be a signature
# What is named so is a menu if it is short, or most of it can be clicked on: a restaurant has one too.
_CLICKED = frozenset(
    ["nav", "navbar", "navigation", "menu", "breadcrumb", "breadcrumbs", "toolbar", "pagination", "pager"]
)
_BESIDE = frozenset(["sidebar", "footer", "search", "contentinfo", "cookie", "ads", "advertisement"])
_MIN_CLICKED = 0.5
_SHORT = 30  # characters
_NEVER_MENUS = frozenset({"html", "body", "main", "article"})
_MAX_SHARE = 0.5  # of the page's text; an element named "has-sidebar" that holds more is the page
_TITLES = ["dt", "h1", "h2", "h3", "h4", "h5", "h6", "summary"]  # in them buttons unfold a part of the page
_MAX_BUTTON = 8  # characters; one with more is a text to click on

_WORD = re.compile(r"[a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")  # leftNav, VPNav
_SENTENCE = re.compile(r"[^。！？\n]{12,}[。！？]")
_EXCERPT = 20  # characters


def drop_menus(page: BeautifulSoup) -> list[Problem]:
    """Drop what is no text of the page; it is named where it has sentences, as a menu has none."""
    is_site = page.find(_LAYOUT) is not None
    limit = _MAX_SHARE * len(page.get_text(strip=True))
    sentences: list[str] = []
    for element in elements(page):
        if element.decomposed or element.name in _NEVER_MENUS:
            continue
        text = ""
        is_part = element.name == "nav" or (is_site and _is_of_the_page(element))
        if not (is_part or _is_button(element)):
            names = _names(element)
            if names.isdisjoint(_CLICKED | _BESIDE):
                continue
            text = element.get_text(" ", strip=True)
            if len(text) > limit or (names.isdisjoint(_BESIDE) and not _is_menu(element, len(text))):
                continue
        sentences += _SENTENCE.findall(text or element.get_text(" ", strip=True))
        drop(element)
    if not sentences:
        return []
    size = sum(map(len, sentences))
    reason = (
        f"{size:,} characters beside the page's text, in menus, side columns and footers, were left out: "
        f"{sentences[0][:_EXCERPT]}…"
    )
    return [Problem(reason, lost=False, kind="left_out")]


def _is_of_the_page(element: Tag) -> bool:
    """Whether it is the page's header, footer or side column; an article has its own, with its title."""
    if element.name not in _OF_A_PART or element.find_parent(_PARTS) is not None:
        return False
    return element.name != "header" or element.find("h1") is None


def _is_button(element: Tag) -> bool:
    return (
        element.name == "button"
        and len(element.get_text(strip=True)) <= _MAX_BUTTON
        and element.find_parent(_TITLES) is None
    )


def _names(element: Tag) -> set[str]:
    values = [element.get("class"), element.get("id"), element.get("role")]
    names = " ".join(" ".join(value) if isinstance(value, list) else value or "" for value in values)
    return set(_WORD.findall(_CAMEL.sub("-", names).lower()))


def _is_menu(element: Tag, length: int) -> bool:
    if length <= _SHORT:
        return True
    links = element.find_all(["a", "button"])
    return sum(len(link.get_text(" ", strip=True)) for link in links) >= _MIN_CLICKED * length
