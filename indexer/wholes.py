"""Numbers, ordinals, quantities and codes as one term each, however they are written; pure.

    第十九条, 第19条        → 第19条
    三个月, 3 个月          → 3个月
    二〇二三年, 2023年      → 2023年
    百分之十五, 15%         → 15%
    1,000,000 元            → 1000000, 1000000元
    GB/T 7714-2015         → gbt, gbt7714, gbt77142015
    传感器-温度-TH01        → 传感器温度, 传感器温度th01

A code gives its beginnings too, so that GB/T 7714 finds GB/T 7714-2015. All of this comes beside the
plain words, not instead of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}

_GROUPED = re.compile("(?<![0-9])[0-9]{1,3}(?:,[0-9]{3}){1,5}(?![0-9])")
_FIGURES = f"(?<![0-9.])(?<![0-9],)(?:{_GROUPED.pattern}|[0-9]{{1,18}})"
_HAN = "[零〇一二两三四五六七八九十百千万亿]{1,18}"
_NUMERAL = f"{_FIGURES}|{_HAN}"
_ORDINAL = re.compile(rf"第 ?({_NUMERAL}) ?([\u4e00-\u9fff])(?:之({_NUMERAL}))?")
# A numeral of Han is a number only before one of these: 一般 and 十分 are words.
_UNIT = "个月|年|月|日|天|周|小时|分钟|万元|亿元|元|人|岁|倍|米|公里|千克|公斤|克|吨"
_QUANTITY = re.compile(rf"({_FIGURES}\.[0-9]{{1,9}}|{_NUMERAL}) ?({_UNIT})")
_PERCENT = re.compile(rf"百分之({_NUMERAL})")
_WITH_UNIT = re.compile(rf"{_FIGURES}(?:\.[0-9]{{1,9}})? ?(?:%|‰|°c|[μa-z]{{1,4}}(?![a-z0-9]))")

_JOINTS = frozenset("-‐–—/._:#· ")
_MOST_PARTS = 6  # of a code; longer ones are addresses and paths
_LETTERS = re.compile(r"[a-z]{1,5}")


def whole_terms(text: str, pieces: Sequence[str]) -> list[str]:
    """The terms of a text, in no order, once for each time they occur.

    Args:
        text: as it is searched (`normalize.searchable`).
        pieces: the same text, cut into words and what is between them.
    """
    return [term for term, _, _ in whole_spans(text, pieces)]


def whole_spans(text: str, pieces: Sequence[str]) -> list[tuple[str, int, int]]:
    """As `whole_terms`, with [start, end) of each in the text."""
    return [*_numbers(text), *_codes(pieces)]


def in_figures(text: str) -> str:
    """The text with its ordinals, quantities and percentages in figures: 第十九条 as 第19条."""
    text = _ORDINAL.sub(lambda match: _ordinal(match) or match.group(), text)
    text = _QUANTITY.sub(lambda match: _quantity(match) or match.group(), text)
    return _PERCENT.sub(lambda match: _percent(match) or match.group(), text)


def parse_numeral(numeral: str) -> int | None:
    """The value of 19, 1,900, 十九, 一百二十 or 二〇二三; None for what is none, such as 十十."""
    if numeral.isascii():
        return int(numeral.replace(",", ""))
    if all(character in _DIGITS for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral))
    total = section = digit = 0
    unit_before = 0
    for character in numeral:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _UNITS:
            if unit_before and _UNITS[character] >= unit_before:
                return None
            unit_before = _UNITS[character]
            section += (digit or 1) * unit_before
            digit = 0
        elif character == "亿":  # counts what stands before it, 万 only what follows an 亿
            total, section, digit, unit_before = (total + section + digit or 1) * 10**8, 0, 0, 0
        else:
            total, section, digit, unit_before = total + (section + digit or 1) * 10**4, 0, 0, 0
    if digit and numeral[-2] in "百千万亿":  # 一百二 is 120, and 一百零二 is 102
        return total + section + digit * {"百": 10, "千": 100, "万": 1000, "亿": 10**7}[numeral[-2]]
    return total + section + digit


def _numbers(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _GROUPED.finditer(text):
        yield match.group().replace(",", ""), *match.span()
    for pattern, written in ((_ORDINAL, _ordinal), (_QUANTITY, _quantity), (_PERCENT, _percent)):
        for match in pattern.finditer(text):
            if term := written(match):
                yield term, *match.span()
    for match in _WITH_UNIT.finditer(text):
        yield match.group().replace(" ", "").replace(",", ""), *match.span()


def _ordinal(match: re.Match[str]) -> str | None:
    number, unit, sub = match.groups()
    value, following = parse_numeral(number), parse_numeral(sub) if sub else None
    if value is None:
        return None
    return f"第{value}{unit}" + (f"之{following}" if following is not None else "")


def _quantity(match: re.Match[str]) -> str | None:
    number, unit = match.groups()
    value = number if "." in number else parse_numeral(number)
    return None if value is None else f"{value}{unit}"


def _percent(match: re.Match[str]) -> str | None:
    value = parse_numeral(match.group(1))
    return None if value is None else f"{value}%"


def _codes(pieces: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    starts = [0, *accumulate(len(piece) for piece in pieces)]
    joints = [at for at, piece in enumerate(pieces) if piece in _JOINTS and _joins(pieces, at)]
    code: list[int] = []  # its parts, as indices into pieces
    for at in joints:
        if not code or at != code[-1] + 1 or len(code) == _MOST_PARTS:
            yield from _beginnings(code, pieces, starts)
            code = [at - 1]
        code.append(at + 1)
    yield from _beginnings(code, pieces, starts)


def _joins(pieces: Sequence[str], at: int) -> bool:
    """Whether the piece at `at` joins the one before to the one after."""
    if not 0 < at < len(pieces) - 1:
        return False
    before, after = pieces[at - 1], pieces[at + 1]
    if pieces[at] == " ":  # GB 7714: letters, one space, a number
        return bool(_LETTERS.fullmatch(before)) and after[0].isascii() and after[0].isdigit()
    return before[-1].isalnum() and after[0].isalnum()


def _beginnings(
    code: Sequence[int], pieces: Sequence[str], starts: Sequence[int]
) -> Iterator[tuple[str, int, int]]:
    if any(pieces[part].isascii() for part in code):
        for length in range(2, len(code) + 1):
            parts = code[:length]
            yield "".join(pieces[part] for part in parts), starts[parts[0]], starts[parts[-1] + 1]
