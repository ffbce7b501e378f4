"""Simplified and traditional characters, by OpenCC's tables. Text never changes its length."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache


def simplified(text: str) -> str:
    """The text in simplified characters; what has no simplified form stays."""
    return _convert("t2s", text)


def simplified_characters(text: str) -> str:
    """As `simplified`, but each character by itself: a part of a text becomes the same part of the result.

    (By phrases, 覆 stays alone and becomes 复 in 答覆.)
    """
    return text.translate(_characters())


def traditional(text: str) -> str:
    """The text in traditional characters."""
    return _convert("s2t", text)


def traditional_share(texts: Iterable[str]) -> float | None:
    """How traditional some texts are, by the characters that only one of the scripts has.

    Returns:
        0 for simplified, 1 for traditional; None if no such character occurs.
    """
    only_traditional = only_simplified = 0
    for text in texts:
        only_traditional += sum(a != b for a, b in zip(text, simplified(text), strict=True))
        only_simplified += sum(a != b for a, b in zip(text, traditional(text), strict=True))
    total = only_traditional + only_simplified
    return only_traditional / total if total else None


def _convert(table: str, text: str) -> str:
    convert = _converter(table)
    converted = convert(text)
    if len(converted) == len(text):
        return converted
    # A phrase of the tables that changes the length; none of their single characters does.
    return "".join(convert(character) for character in text)


@cache
def _characters() -> dict[int, str]:
    convert = _converter("t2s")
    # The blocks of Han that OpenCC knows: extension A, the unified ideographs, the planes above.
    codes = (*range(0x3400, 0xA000), *range(0x20000, 0x32000))
    return {code: changed for code in codes if (changed := convert(chr(code))) != chr(code)}


@cache
def _converter(table: str) -> Callable[[str], str]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC(table).convert
    return convert
