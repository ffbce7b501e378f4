"""Automatic numbers of OpenDocument text: of lists, and of headings by the outline style."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from indexer.readers.numerals import before_text, numeral
from indexer.readers.odt.names import LOEXT, STYLE, TEXT, count_of

_LEVELS = 10
_MOST = 1_000_000  # where a list may start
_MOST_CHARACTERS = 100  # of a number; a longer one is no number, and repeated it would be most of the text
_PLACE = re.compile(r"%(\d{1,2})%")
_PRIVATE = re.compile("[\ue000-\uf8ff]")  # bullets of symbol fonts have no other characters

# A format is written by its first numbers: "一, 二, 三, ...".
_SYSTEMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_SYSTEMS |= {"一": "chineseCountingThousand", "壹, 贰": "chineseLegalSimplified"}
_SYSTEMS |= {"壹, 貳": "ideographLegalTraditional", "甲": "ideographTraditional", "子": "ideographZodiac"}
_SYSTEMS |= {"①": "decimalEnclosedCircle", "１": "decimalFullWidth", "": "none"}


@dataclass(frozen=True, slots=True)
class _Level:
    system: str = "none"
    text: str = ""  # with %1% for the number of the first level
    suffix: str = " "
    start: int = 1


@dataclass(slots=True)
class Counts:
    """How far a list, with the lists in it, has counted, by level from 1."""

    numbers: dict[int, int] = field(default_factory=dict)


class ListStyles:
    """The list styles of one document, and its outline style, whose name is ""."""

    def __init__(self, roots: Iterable[Any]) -> None:
        self._styles: dict[str, dict[int, _Level]] = {}
        for root in roots:
            for element in root.iter(f"{TEXT}list-style", f"{TEXT}outline-style"):
                is_outline = element.tag == f"{TEXT}outline-style"
                levels = {
                    count_of(child, f"{TEXT}level", 0, _LEVELS): _level(child)
                    for child in element
                    if child.get(f"{TEXT}level")
                }
                self._styles["" if is_outline else element.get(f"{STYLE}name", "?")] = levels

    def label(self, name: str, depth: int, counts: Counts, start: int | None = None) -> str:
        """The next number or bullet at a level from 1, with the space after it; "" where there is none.

        Args:
            name: of the list style; "" is the outline style.
            start: the number to go on with in place of the next.
        """
        levels = self._styles.get(name, {})
        level = levels.get(depth, _Level())
        numbers = counts.numbers
        for above in range(1, depth):  # a level that was left out shows its start
            numbers.setdefault(above, levels.get(above, _Level()).start)
        following = numbers[depth] + 1 if depth in numbers else level.start
        numbers[depth] = following if start is None else start
        for below in [below for below in numbers if below > depth]:
            del numbers[below]
        text = _PLACE.sub(lambda match: _placed(int(match[1]), levels, numbers), level.text)
        text = text[:_MOST_CHARACTERS]
        if not text.strip():
            return ""
        return before_text(text, level.suffix)


def start_of(element: Any) -> int | None:
    """The number that an item or a heading says that it has."""
    return count_of(element, f"{TEXT}start-value", 1, _MOST) if element.get(f"{TEXT}start-value") else None


def _placed(depth: int, levels: dict[int, _Level], numbers: dict[int, int]) -> str:
    return numeral(numbers[depth], levels[depth].system) if depth in numbers and depth in levels else ""


def _level(element: Any) -> _Level:
    follows = element.find(f".//{STYLE}list-level-label-alignment")
    suffix = " "
    if follows is not None and follows.get(f"{TEXT}label-followed-by") == "nothing":
        suffix = ""
    bullet = element.get(f"{TEXT}bullet-char")
    if bullet is not None:
        text = _PRIVATE.sub("•", bullet).replace("%", "％")  # no place for a number
        return _Level(text=text, suffix=suffix)
    written = element.get(f"{STYLE}num-format", "")
    system = next((_SYSTEMS[key] for key in (written[:4], written[:1]) if key in _SYSTEMS), "decimal")
    return _Level(system, _text(element, written), suffix, count_of(element, f"{TEXT}start-value", 1, _MOST))


def _text(element: Any, written: str) -> str:
    """The level's text with places for its numbers; older documents give its parts."""
    given = element.get(f"{LOEXT}num-list-format")
    if given is not None:
        return str(given)
    if not written:
        return ""
    depth = count_of(element, f"{TEXT}level", 1, _LEVELS)
    shown = count_of(element, f"{TEXT}display-levels", 1, _LEVELS)
    places = ".".join(f"%{place}%" for place in range(max(1, depth - shown + 1), depth + 1))
    return f"{element.get(f'{STYLE}num-prefix', '')}{places}{element.get(f'{STYLE}num-suffix', '')}"
