"""Styles of OpenDocument text: which hide, which are of the title, which take a number away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from indexer.readers.odt.names import STYLE, TEXT

_MOST_PARENTS = 12  # a chain of styles can be a circle
_TITLES = frozenset({"Title", "标题", "標題"})


@dataclass(frozen=True, slots=True)
class _Style:
    name: str  # as a person reads it
    parent: str | None
    list_style: str | None  # "": without a number
    display: str | None  # "none": hidden


class TextStyles:
    """Styles of paragraphs and characters by family and name."""

    def __init__(self, roots: Iterable[Any]) -> None:
        self._styles: dict[tuple[str, str], _Style] = {}
        for root in roots:
            for element in root.iter(f"{STYLE}style"):
                key = element.get(f"{STYLE}family", ""), element.get(f"{STYLE}name", "")
                self._styles[key] = _style(element)

    def hides(self, name: str | None, family: str = "paragraph") -> bool:
        """Whether text of a style is hidden."""
        given = (style.display for style in self._chain(name, family) if style.display is not None)
        return next(given, "") == "none"

    def is_title(self, name: str | None) -> bool:
        return any(style.name in _TITLES for style in self._chain(name, "paragraph"))

    def is_unnumbered(self, name: str | None) -> bool:
        """Whether a heading of this style has no number of the outline."""
        chain = self._chain(name, "paragraph")
        return next((style.list_style for style in chain if style.list_style is not None), None) == ""

    def _chain(self, name: str | None, family: str) -> Iterator[_Style]:
        for _ in range(_MOST_PARENTS):
            style = self._styles.get((family, name or ""))
            if style is None:
                return
            yield style
            name = style.parent


def _style(element: Any) -> _Style:
    properties = element.find(f"{STYLE}text-properties")
    return _Style(
        name=element.get(f"{STYLE}display-name") or element.get(f"{STYLE}name", ""),
        parent=element.get(f"{STYLE}parent-style-name"),
        list_style=element.get(f"{STYLE}list-style-name"),
        display=None if properties is None else properties.get(f"{TEXT}display"),
    )
