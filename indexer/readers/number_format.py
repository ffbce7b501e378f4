"""Numbers of spreadsheets as their cells show them: 0.125 under "0.0%" is 12.5%, 43835 a date.

The format codes are those of Excel (ECMA-376 part 1, 18.8.30 and 18.8.31), in .xlsx and .xls alike.
"""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

GENERAL = "General"
# Those that Excel does not write into the file, as its Chinese edition shows them.
_DATE, _SHORT_DATE, _MONTH = 'yyyy"年"m"月"d"日"', 'm"月"d"日"', 'yyyy"年"m"月"'
BUILT_IN = {
    **{1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00"},
    **{14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy"},
    **{18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm"},
    **{27: _MONTH, 28: _SHORT_DATE, 29: _SHORT_DATE, 30: "m-d-yy", 31: _DATE},
    **{32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 36: _MONTH},
    **{37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss"},
    **{
        50: _MONTH,
        51: _SHORT_DATE,
        52: _MONTH,
        53: _SHORT_DATE,
        54: _SHORT_DATE,
        57: _MONTH,
        58: _SHORT_DATE,
    },
}

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<elapsed>h+|m+|s+)\]'
    r"|(?P<nothing>\[[^\]]*\]|[_*].)|(?P<half>AM/PM|A/P|上午/下午)|(?P<weekday>aaaa?|dddd?)"
    r"|(?P<date>y+|m+|d+|h+|s+)|(?P<number>[#0?][#0?,.]*(?:E[+-]0+)?)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_MAX_CODE = 255  # characters, by the format's definition
_LAST_DAY = 2_958_466  # 10000-01-01; beyond it there are no dates
_EPOCH = datetime.datetime(1899, 12, 30)  # day 0; right from 1900-03-01 on, as Excel has a 1900-02-29
_EPOCH_1904 = datetime.datetime(1904, 1, 1)  # of workbooks that a Macintosh began

_HALVES = ("上午", "下午")

_Token = tuple[str, str]  # the group's name, its text


def shown(value: float, code: str, from_1904: bool = False) -> str:
    """A cell's number in its format.

    Args:
        code: the format, such as "#,##0.00"; what this does not know is shown as "General".
        from_1904: whether the workbook counts days from 1904.
    """
    value = float(value)
    tokens = _tokens(_section(value, code))
    kinds = {kind for kind, _ in tokens}
    if kinds & {"date", "elapsed", "half", "weekday"}:
        return _date(value, tokens, _EPOCH_1904 if from_1904 else _EPOCH)
    numbers = [text for kind, text in tokens if kind == "number"]
    if len(numbers) != 1 or numbers[0].endswith(",") or ("other", "/") in tokens:
        return general(value)
    is_percent = ("other", "%") in tokens
    amount = _amount(abs(value) * (100 if is_percent else 1), numbers[0])
    sign = "-" if value < 0 and ";" not in code and amount.strip("0.,") else ""
    return (
        sign + "".join(amount if kind == "number" else _literal(kind, text) for kind, text in tokens).strip()
    )


def general(value: float) -> str:
    """A number as it is written by hand: 3 for 3.0, 0.3 for 0.30000000000000004."""
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e21 else f"{value:.15g}"


def _section(value: float, code: str) -> str:
    """The part for numbers of this sign: positive;negative;zero;text."""
    parts = code.split(";")
    number = 1 if value < 0 else 2 if value == 0 else 0
    return parts[number] if number < min(len(parts), 3) else parts[0]


@lru_cache(maxsize=4096)
def _tokens(code: str) -> tuple[_Token, ...]:
    if code.lower() in ("general", "@", "g/通用格式") or len(code) > _MAX_CODE:
        return ()
    return tuple((match.lastgroup or "", match[match.lastgroup or 0]) for match in _TOKEN.finditer(code))


def _literal(kind: str, text: str) -> str:
    return text if kind in ("quoted", "escaped", "currency", "other") else ""


def _amount(value: float, pattern: str) -> str:
    mantissa, has_exponent, _ = pattern.upper().partition("E")
    decimals = mantissa.partition(".")[2]
    if has_exponent:
        return f"{value:.{len(decimals)}E}"
    whole = mantissa.partition(".")[0].replace(",", "")
    if not value and not mantissa.strip("#?,."):
        return ""  # the dash of an accounting format stands alone
    width = len(whole.lstrip("#?")) + (len(decimals) + 1 if decimals else 0)  # 0000 pads a number
    digits = f"{value:{',' if ',' in mantissa else f'0{width}'}.{len(decimals)}f}"
    optional = len(decimals) - len(decimals.rstrip("#?"))  # digits that are shown only if not 0
    while optional and digits.endswith("0"):
        digits, optional = digits[:-1], optional - 1
    return digits.rstrip(".") if decimals else digits


def _date(value: float, tokens: tuple[_Token, ...], epoch: datetime.datetime) -> str:
    if not 0 <= value < _LAST_DAY - (epoch - _EPOCH).days:
        return general(value)
    # Whole seconds, as a time is a fraction of a day and hardly ever exact.
    moment = epoch + datetime.timedelta(seconds=round(value * 86_400))
    is_half_day = any(kind == "half" for kind, _ in tokens)
    pieces = []
    for index, (kind, text) in enumerate(tokens):
        if kind == "date":
            letters = "n" * len(text) if _is_minute(tokens, index) else text.lower()
            pieces.append(_date_part(moment, letters, is_half_day))
        elif kind == "elapsed":
            unit = {"h": 3600, "m": 60, "s": 1}[text[0].lower()]
            pieces.append(str(round(value * 86_400) // unit))
        elif kind == "weekday":
            pieces.append(("星期" if len(text) > 3 else "周") + "一二三四五六日"[moment.weekday()])
        elif kind == "half":
            pieces.append(
                ("AM" if moment.hour < 12 else "PM") if text.isascii() else _HALVES[moment.hour >= 12]
            )
        else:
            pieces.append(_literal(kind, text) if text != "@" else "")
    return "".join(pieces).strip()


def _is_minute(tokens: tuple[_Token, ...], index: int) -> bool:
    """Whether an m stands for minutes: after hours, or before seconds."""
    if tokens[index][1][0] not in "mM" or len(tokens[index][1]) > 2:
        return False
    times = [text[0].lower() for kind, text in tokens[:index] if kind in ("date", "elapsed")]
    following = [text[0].lower() for kind, text in tokens[index + 1 :] if kind in ("date", "elapsed")]
    return times[-1:] in (["h"], ["s"]) or following[:1] == ["s"]


def _date_part(moment: datetime.datetime, letters: str, is_half_day: bool) -> str:
    hour = (moment.hour % 12 or 12) if is_half_day else moment.hour
    if letters[0] == "y":
        return f"{moment.year:04}" if len(letters) > 2 else f"{moment.year % 100:02}"
    number = {"m": moment.month, "d": moment.day, "h": hour, "n": moment.minute, "s": moment.second}[
        letters[0]
    ]
    if letters[0] == "m" and len(letters) > 2:
        return f"{number}月"
    return f"{number:02}" if len(letters) == 2 else str(number)
