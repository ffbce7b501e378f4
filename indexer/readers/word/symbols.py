"""Characters of Word's symbol fonts, which have no code of Unicode in the document."""

from __future__ import annotations

_PRIVATE = range(0xF000, 0xF100)  # where a font of symbols has its 256 characters

_GREEK = dict(zip("ABGDEZHQIKLMNXOPRSTUFCYW", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", strict=True))
_GREEK |= {latin.lower(): greek.lower() for latin, greek in _GREEK.items()}
_SYMBOL = {ord(latin): greek for latin, greek in _GREEK.items()}
_SYMBOL |= {0xA3: "≤", 0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠"}
_SYMBOL |= {0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xBB: "≈", 0xD6: "√", 0xE5: "∑"}
_WINGDINGS = {0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x72: "❒", 0x75: "◆", 0xA7: "▪", 0xA8: "□"}
_WINGDINGS |= {0xAB: "★", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"}
_WINGDINGS |= {0x80 + digit: "⓪①②③④⑤⑥⑦⑧⑨⑩"[digit] for digit in range(11)}
_WINGDINGS |= {0x8B + digit: "⓿❶❷❸❹❺❻❼❽❾❿"[digit] for digit in range(11)}
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "□", 0x98: "•"}

_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2}


def symbol(font: str, code: str) -> str:
    """The character of a w:sym; "" for an ornament of a symbol font that is none.

    Args:
        font: the font's name.
        code: its hexadecimal code, such as "F0FE".
    """
    try:
        number = int(code, 16)
        character = chr(number)
    except (ValueError, OverflowError):
        return ""
    known = _FONTS.get(font.strip().lower())
    if known is not None:
        return known.get(number & 0xFF, "") if number in _PRIVATE or number < 0x100 else character
    return "" if 0xE000 <= number <= 0xF8FF else character
