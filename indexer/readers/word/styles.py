"""Styles of a Word document: which are headings, which are numbered, which are hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from indexer.readers.blocks import TITLE_LEVEL
from indexer.readers.word.names import W, flag, value, whole_number

_HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
_TITLES = frozenset({"title", "标题", "標題"})
_BODY_OUTLINE = 9  # Word's outline level of body text; 0 to 8 are headings
_MOST_BASES = 12  # a chain of styles can be a circle


def named_level(name: str) -> int | None:
    """The level of a style by its name, from 1 or TITLE_LEVEL; None: it is no style of headings."""
    if name.lower() in _TITLES:
        return TITLE_LEVEL
    heading = _HEADING.match(name)
    return int(heading[1]) if heading else None


@dataclass(frozen=True, slots=True)
class Style:
    id: str
    name: str
    based_on: str | None = None
    outline: int | None = None
    number: str | None = None  # w:numId
    number_level: int | None = None
    hidden: bool | None = None


class Styles:
    """The styles of one document, by their ids."""

    def __init__(self, root: Any) -> None:
        self._styles: dict[str, Style] = {}
        self._usual: str | None = None
        for element in () if root is None else root.findall(f"{W}style"):
            style = _style(element)
            self._styles.setdefault(style.id, style)
            if element.get(f"{W}type") == "paragraph" and element.get(f"{W}default") in ("1", "true", "on"):
                self._usual = style.id

    def chain(self, style_id: str | None, *, paragraph: bool = True) -> Iterator[Style]:
        """A style and those that it is based on. An unknown id is taken for its name.

        Args:
            style_id: None stands for the style of paragraphs that name none.
        """
        following = style_id or (self._usual if paragraph else None)
        for _ in range(_MOST_BASES):
            if following is None:
                return
            style = self._styles.get(following) or Style(following, following)
            yield style
            following = style.based_on

    def is_contents(self, style_id: str | None) -> bool:
        """Whether it is a style of tables of contents, which repeat the headings."""
        first = next(self.chain(style_id), None)
        return first is not None and first.name.lower().startswith("toc ")

    def level(self, style_id: str | None, outline: int | None) -> int | None:
        """The level of a heading from 1, TITLE_LEVEL, or None.

        Args:
            outline: the outline level that the paragraph itself gives, 0 to 9; None: none.
        """
        if outline is not None:
            return outline + 1 if 0 <= outline < _BODY_OUTLINE else None
        for style in self.chain(style_id):
            named = named_level(style.name)
            if named is not None:
                return named
            if style.outline is not None:
                return style.outline + 1 if 0 <= style.outline < _BODY_OUTLINE else None
        return None

    def hides(self, style_id: str | None, *, paragraph: bool) -> bool | None:
        """Whether text of this style is hidden; None: the style does not say."""
        return next(
            (style.hidden for style in self.chain(style_id, paragraph=paragraph) if style.hidden is not None),
            None,
        )


def _style(element: Any) -> Style:
    properties = element.find(f"{W}pPr")
    numbering = None if properties is None else properties.find(f"{W}numPr")
    style_id = element.get(f"{W}styleId", "")
    return Style(
        id=style_id,
        name=value(element, "name") or style_id,
        based_on=value(element, "basedOn") or None,
        outline=whole_number(value(properties, "outlineLvl")),
        number=value(numbering, "numId"),
        number_level=whole_number(value(numbering, "ilvl")),
        hidden=flag(element.find(f"{W}rPr"), "vanish"),
    )
