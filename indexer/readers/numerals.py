"""Numbers as word processors write them before a paragraph: 一百零五, 甲, ①, iv; pure.

The systems have the names of OOXML (ECMA-376 part 1, 17.18.59 ST_NumberFormat).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_MOST = 32_767  # Word counts no further

# After these a tab is only the indent: 一、总则 is what one would type.
_CLOSING = frozenset("、。，．：）】〕〉》」』")

_MOST_REPEATS = 30  # of a letter in Word, AAAA…; it goes on in digits

_ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    )
)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"


@dataclass(frozen=True, slots=True)
class _Counting:
    """Characters of a system that names its places: 千, 百, 十."""

    digits: str  # of 0 to 9
    places: str  # of 10, 100, 1000
    myriad: str
    one: bool = True  # 一百; without it 百
    teens_without_one: bool = True  # 十二, and not 一十二


_SIMPLIFIED = _Counting("零一二三四五六七八九", "十百千", "万")
_TRADITIONAL = _Counting("零一二三四五六七八九", "十百千", "萬")
_LEGAL_SIMPLIFIED = _Counting("零壹贰叁肆伍陆柒捌玖", "拾佰仟", "万", teens_without_one=False)
_LEGAL_TRADITIONAL = _Counting("零壹貳參肆伍陸柒捌玖", "拾佰仟", "萬", teens_without_one=False)
_JAPANESE = _Counting("〇一二三四五六七八九", "十百千", "万", one=False)


def _counted(number: int, system: _Counting) -> str:
    if number >= 10_000:
        rest = number % 10_000
        gap = system.digits[0] if system.one and 0 < rest < 1000 else ""
        lower = gap + _counted(rest, system) if rest else ""
        return _counted(number // 10_000, system) + system.myriad + lower
    written = ""
    skipped = False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit == 0:
            skipped = skipped or bool(written)
            continue
        if skipped and system.one:
            written += system.digits[0]
        skipped = False
        is_bare = place == 1 and system.teens_without_one and not written
        if not (place and digit == 1 and (is_bare or not system.one)):
            written += system.digits[digit]
        written += system.places[place - 1] if place else ""
    return written


def _digits(number: int, digits: str) -> str:
    return "".join(digits[int(digit)] for digit in str(number))


def _tens(number: int, digits: str) -> str:
    """十二 and 九十九, but 一〇五: from 100 the digits alone."""
    if number >= 100:
        return _digits(number, digits)
    tens, ones = divmod(number, 10)
    ten = (digits[tens] if tens > 1 else "") + "十" if tens else ""
    return ten + (digits[ones] if ones else "")


def _roman(number: int) -> str:
    written = ""
    for value, letters in _ROMAN:
        written += letters * (number // value)
        number %= value
    return written


def _repeated(number: int, letters: str) -> str:
    """A, B … Z, AA, BB: Word repeats the letter, and does not count on as AB."""
    repeats, letter = divmod(number - 1, len(letters))
    return letters[letter] * (repeats + 1) if repeats < _MOST_REPEATS else str(number)


def _from(start: str, count: int) -> Callable[[int], str]:
    """Consecutive characters of Unicode for 1 to `count`, decimal beyond."""
    return lambda number: chr(ord(start) + number - 1) if number <= count else str(number)


def _of_list(characters: str) -> Callable[[int], str]:
    return lambda number: characters[number - 1] if number <= len(characters) else str(number)


def _pair(number: int) -> str:
    """甲子, 乙丑 … 癸亥."""
    return _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12] if number <= 60 else str(number)


def _ordinal(number: int) -> str:
    teen = 10 <= number % 100 <= 20
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


_SYSTEMS: dict[str, Callable[[int], str]] = {
    "none": lambda number: "",
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": lambda number: _repeated(number, _LETTERS),
    "lowerLetter": lambda number: _repeated(number, _LETTERS.lower()),
    "ordinal": _ordinal,
    "hex": lambda number: f"{number:X}",
    "decimalZero": lambda number: f"{number:02}",
    "numberInDash": lambda number: f"- {number} -",
    "decimalFullWidth": lambda number: _digits(number, "０１２３４５６７８９"),
    "decimalFullWidth2": lambda number: _digits(number, "０１２３４５６７８９"),
    "decimalEnclosedCircle": _from("①", 20),
    "decimalEnclosedCircleChinese": _from("①", 20),
    "decimalEnclosedFullstop": _from("⒈", 20),
    "decimalEnclosedParen": _from("⑴", 20),
    "ideographEnclosedCircle": _from("㊀", 10),
    "ideographTraditional": _of_list(_STEMS),
    "ideographZodiac": _of_list(_BRANCHES),
    "ideographZodiacTraditional": _pair,
    "ideographDigital": lambda number: _digits(number, "〇一二三四五六七八九"),
    "japaneseDigitalTenThousand": lambda number: _digits(number, "〇一二三四五六七八九"),
    "taiwaneseDigital": lambda number: _digits(number, "○一二三四五六七八九"),
    "chineseCounting": lambda number: _tens(number, "〇一二三四五六七八九"),
    "taiwaneseCounting": lambda number: _tens(number, "○一二三四五六七八九"),
    "chineseCountingThousand": lambda number: _counted(number, _SIMPLIFIED),
    "taiwaneseCountingThousand": lambda number: _counted(number, _TRADITIONAL),
    "japaneseCounting": lambda number: _counted(number, _JAPANESE),
    "chineseLegalSimplified": lambda number: _counted(number, _LEGAL_SIMPLIFIED),
    "ideographLegalTraditional": lambda number: _counted(number, _LEGAL_TRADITIONAL),
}


def numeral(number: int, system: str) -> str:
    """A number in a system by its OOXML name; in decimal digits where the system can't write it.

    Systems of other languages and English words come out in decimal digits too.
    """
    if system == "none":
        return ""
    if not 1 <= number <= _MOST:
        return str(number)
    return _SYSTEMS.get(system, str)(number)


def before_text(number: str, gap: str) -> str:
    """An automatic number, 第一条 or 一、, with the gap to the text of its paragraph where there is one."""
    return number if number.rstrip()[-1:] in _CLOSING else number + gap
