"""Fields of Word: what they show is text, what they are told is not, and a table of contents neither."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from indexer.readers.numerals import numeral

_CONTENTS = re.compile(r"\s*TOC\b", re.IGNORECASE)
# Characters set over one another, ○ and 正, or a reading above its character, have no result: the
# last argument is the character.
_OVERSTRIKE = re.compile(
    r"\s*EQ\b.*\\o(?:\\a[a-z])?\s*\((?P<over>.*)[,，](?P<base>[^,，()]*)\)\s*$", re.IGNORECASE | re.DOTALL
)
_CIRCLES = frozenset("○〇◯")
_MOST_CHARACTERS = 1000  # of an instruction; longer ones are data


def is_contents(instruction: str) -> bool:
    return _CONTENTS.match(instruction) is not None


def overstruck(instruction: str) -> str:
    """The character that an EQ field draws, ① for 1 in a circle; "" for other fields."""
    match = _OVERSTRIKE.match(instruction[:_MOST_CHARACTERS])
    if not match:
        return ""
    base = match["base"].strip()
    if match["over"].strip() in _CIRCLES and base.isascii() and base.isdecimal() and len(base) < 3:
        return numeral(int(base), "decimalEnclosedCircle")
    return base


@dataclass(slots=True)
class _Field:
    instruction: list[str] = field(default_factory=list)
    has_result: bool = False
    shown: bool = False  # in its result, and that is no table of contents


class Fields:
    """The fields round the present place of a text, outermost first."""

    def __init__(self) -> None:
        self._open: list[_Field] = []

    @property
    def shown(self) -> bool:
        return all(opened.shown for opened in self._open)

    @property
    def all_ended(self) -> bool:
        return not self._open

    def instruct(self, text: str) -> None:
        if self._open and not self._open[-1].has_result:
            self._open[-1].instruction.append(text)

    def mark(self, kind: str) -> str:
        """Pass a w:fldChar: begin, separate or end. Returns what a field without a result draws."""
        if kind == "begin":
            self._open.append(_Field())
        elif kind == "separate" and self._open:
            self._open[-1].has_result = True
            self._open[-1].shown = not is_contents("".join(self._open[-1].instruction))
        elif kind == "end" and self._open:
            ended = self._open.pop()
            return "" if ended.has_result else overstruck("".join(ended.instruction))
        return ""
