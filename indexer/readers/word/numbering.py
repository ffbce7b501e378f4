"""Automatic numbers of Word: the 第一百零五条 that stands in no paragraph's own text.

ECMA-376 part 1, 17.9. A paragraph names a w:num and a level; the w:num names a w:abstractNum, which
has the text of each level ("第%1条") and is what counts: lists of one w:abstractNum count on together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from indexer.readers.numerals import before_text, numeral
from indexer.readers.word.names import MC, W, flag, value, whole_number
from indexer.readers.word.styles import Styles

_LEVELS = 9
_MOST_CHARACTERS = 100  # of a number; a longer one is no number, and repeated it would be most of the text
_MOST_LINKS = 4  # from a list to the style that has its levels
_PLACE = re.compile(r"%([1-9])")
_BULLET = "•"
_PRIVATE = re.compile("[\ue000-\uf8ff]")  # bullets of Wingdings and Symbol have no other characters


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    system: str = "decimal"  # of numerals.py, or "bullet"
    text: str = ""
    suffix: str = " "
    restart: int | None = None  # the level, from 1, that restarts it; 0: none does; None: every one above
    legal: bool = False  # all numbers in decimal digits
    style: str | None = None  # whose paragraphs have this level


@dataclass(frozen=True, slots=True)
class _List:
    """A w:abstractNum: its levels, and how far each has counted."""

    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Use:
    """A w:num."""

    list_id: str
    starts: dict[int, int]
    levels: dict[int, _Level]  # in place of those of the list


class Numbering:
    """The numbers of one document's paragraphs, which must be asked for in their order."""

    def __init__(self, root: Any, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, _List] = {}
        self._uses: dict[str, _Use] = {}
        self._begun: dict[str, dict[int, _Level]] = {}  # the w:num that have occurred, with their levels
        if root is not None:
            self._uses = {element.get(f"{W}numId", ""): _use(element) for element in root.iter(f"{W}num")}
            self._lists = self._read_lists(root)

    def _read_lists(self, root: Any) -> dict[str, _List]:
        elements = {element.get(f"{W}abstractNumId", ""): element for element in root.iter(f"{W}abstractNum")}
        return {name: _List(_levels(self._linked(element, elements))) for name, element in elements.items()}

    def _linked(self, element: Any, elements: dict[str, Any]) -> Any:
        """The w:abstractNum that has the levels: a list may name a style of lists that names it."""
        for _ in range(_MOST_LINKS):
            style = value(element, "numStyleLink")
            number = next((found.number for found in self._styles.chain(style) if found.number), None)
            use = self._uses.get(number or "")
            if not style or use is None or use.list_id not in elements:
                break
            element = elements[use.list_id]
        return element

    def label(self, properties: Any, style_id: str | None) -> str:
        """The next number or bullet, with the space after it; "" for a paragraph without one.

        Args:
            properties: the paragraph's w:pPr, or None.
            style_id: of the paragraph's style.
        """
        number, depth = self._named(properties, style_id)
        use = self._uses.get(number or "")
        counted = self._lists.get(use.list_id) if use else None
        if use is None or counted is None or number is None:
            return ""
        levels = self._begun.get(number)
        if levels is None:
            levels = self._begun[number] = _begun(use, counted)
        depth = self._depth(levels, style_id) if depth is None else depth
        if depth not in levels:
            return ""
        _count(counted.counts, levels, depth)
        return _written(counted.counts, levels, depth)

    def _named(self, properties: Any, style_id: str | None) -> tuple[str | None, int | None]:
        """The w:num, and the level where it is given; "0" is the w:num that takes a number away."""
        own = None if properties is None else properties.find(f"{W}numPr")
        number, depth = value(own, "numId"), whole_number(value(own, "ilvl"))
        if number is not None:
            return number, depth or 0
        for style in self._styles.chain(style_id):
            depth = style.number_level if depth is None else depth
            if style.number is not None:
                return style.number, depth
        return None, None

    def _depth(self, levels: dict[int, _Level], style_id: str | None) -> int:
        """The level of a paragraph that has its number by its style alone: the level names the style."""
        linked = {level.style: depth for depth, level in levels.items() if level.style}
        return next((linked[style.id] for style in self._styles.chain(style_id) if style.id in linked), 0)


def _begun(use: _Use, counted: _List) -> dict[int, _Level]:
    """The levels of a w:num that occurs for the first time, when its own starts restart the list."""
    levels = {**counted.levels, **use.levels}
    for depth, start in use.starts.items():
        counted.counts.pop(depth, None)
        levels[depth] = replace(levels.get(depth, _Level()), start=start)
    return levels


def _count(counts: dict[int, int], levels: dict[int, _Level], depth: int) -> None:
    for above in range(depth):  # a level that was left out shows its start
        counts.setdefault(above, levels.get(above, _Level()).start)
    counts[depth] = counts[depth] + 1 if depth in counts else levels[depth].start
    for below in range(depth + 1, _LEVELS):
        restart = levels.get(below, _Level()).restart
        if restart is None or depth < restart:
            counts.pop(below, None)


def _written(counts: dict[int, int], levels: dict[int, _Level], depth: int) -> str:
    level = levels[depth]
    if level.system == "bullet":
        text = _PRIVATE.sub(_BULLET, level.text)
    else:
        text = _PLACE.sub(lambda match: _placed(int(match[1]) - 1, counts, levels, level.legal), level.text)
    text = text[:_MOST_CHARACTERS]
    if not text.strip():
        return ""
    return before_text(text, level.suffix)


def _placed(depth: int, counts: dict[int, int], levels: dict[int, _Level], legal: bool) -> str:
    found = levels.get(depth, _Level())
    if depth not in counts or found.system == "bullet":
        return ""
    return numeral(counts[depth], "decimal" if legal else found.system)


def _levels(element: Any) -> dict[int, _Level]:
    levels = {}
    for child in element.findall(f"{W}lvl"):
        depth = whole_number(child.get(f"{W}ilvl"))
        if depth is not None and 0 <= depth < _LEVELS:
            levels[depth] = _level(child)
    return levels


def _use(element: Any) -> _Use:
    starts = {}
    levels = {}
    for override in element.findall(f"{W}lvlOverride"):
        depth = whole_number(override.get(f"{W}ilvl"))
        if depth is None or not 0 <= depth < _LEVELS:
            continue
        start = whole_number(value(override, "startOverride"))
        if start is not None:
            starts[depth] = start
        own = override.find(f"{W}lvl")
        if own is not None:
            levels[depth] = _level(own)
    return _Use(value(element, "abstractNumId") or "", starts, levels)


def _level(element: Any) -> _Level:
    start = whole_number(value(element, "start"))
    return _Level(
        start=0 if start is None else start,
        system=_system(element),
        text=value(element, "lvlText") or "",
        suffix="" if value(element, "suff") == "nothing" else " ",
        restart=whole_number(value(element, "lvlRestart")),
        legal=flag(element, "isLgl") or False,
        style=value(element, "pStyle"),
    )


def _system(element: Any) -> str:
    """The numeral system; a custom one, "001, 002", stands beside a usual one for older programs."""
    usual = value(element, "numFmt")
    if usual is None:
        usual = value(element.find(f"{MC}AlternateContent/{MC}Fallback"), "numFmt")
    return usual or "decimal"
