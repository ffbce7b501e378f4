"""Repairs of text, without any knowledge of where it came from. Pure functions."""

from __future__ import annotations

import re
import unicodedata

from indexer.script import simplified, simplified_characters

# Radicals have the shape of a Han; fonts of PDFs often claim to draw the radical. NFKC folds the
# Kangxi radicals, but of the supplement only these two.
_KANGXI = re.compile("[\u2f00-\u2fd5\u2e9f\u2ef3]")
# The radicals of the supplement that simplified text is seen with in PDFs, and the one Kangxi
# radical that simplified fonts draw for another Han than NFKC gives (户, not 戶).
_SIMPLIFIED = str.maketrans(
    "⼾⺠⻔⻅⻉⻋⻓⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰", "户民门见贝车长青页风飞食马骨鬼鱼鸟麦黄齐齿龙"
)

_SENTENCE_END = re.compile(r"[。！？!?；;：:…][”’」』）)》]*$|[^\d]\.$")
_CLOSING = tuple("，。、；：？！”’）》〉」』】〕％…,;:?!)%")
# What begins a paragraph of its own: numbered parts, items, bullets, an indentation.
_NUMERALS = "0-9〇零一二三四五六七八九十百千万两"
_NEW_PARAGRAPH = re.compile(
    r"[\u3000\t]| {2,}"
    rf"|第[{_NUMERALS}]+(?:分编|分編|[编編章节節条條篇卷回])(?:之[{_NUMERALS}]+)?(?:[ \u3000]|$)"
    rf"|[（(][{_NUMERALS}]+[）)]|[一二三四五六七八九十]+、"
    r"|[0-9]+(?:[.．、][^0-9]|[.．、]$)|[-•●◆■▪·*#>] "
)
_FULL_SHARE = 0.85  # a line of at least this share of the page's full line was ended by the margin
_MIN_FULL_WIDTH = 10.0  # Han; narrower pages are lists, tables or verse, whose lines end by themselves


def fold_radicals(text: str) -> str:
    """Radicals as the Han that they stand for; the length stays."""
    simplified = text.translate(_SIMPLIFIED)
    return _KANGXI.sub(lambda match: unicodedata.normalize("NFKC", match.group()), simplified)


def searchable(text: str) -> str:
    """The text as it is searched: compatibility forms (NFKC), case and script folded.

    So ＧＢ／Ｔ is gb/t, and 試用期 is 试用期, in the index and in the question.
    """
    return simplified(unicodedata.normalize("NFKC", text).lower())


def exact(text: str) -> str:
    """The text as quotations are compared: as `searchable`, and a part of it stays a part."""
    return simplified_characters(unicodedata.normalize("NFKC", text).lower())


def searchable_with_origins(text: str) -> tuple[str, list[int]]:
    """The text as it is searched, and for each of its characters the position it comes from."""
    folded: list[str] = []
    origins: list[int] = []
    for position, character in enumerate(text):
        for part in unicodedata.normalize("NFKC", character).lower():
            folded.append(part)
            origins.append(position)
    return simplified("".join(folded)), origins


def join_wrapped_lines(text: str) -> str:
    """Join the lines of one page that its right margin broke within a sentence.

    A line is joined to the next if it is about as long as the page's full lines and ends no
    sentence, or if the next begins with closing punctuation, which no paragraph does. Between
    Latin letters a space replaces the break, between Han nothing does.
    """
    lines = [line.rstrip() for line in text.split("\n")]
    full = _full_width(lines)
    joined: list[str] = []
    previous = ""  # the line as it stood on the page, not what it was joined to
    for line in lines:
        if joined and _goes_on(previous, line, full):
            joined[-1] += _gap(previous, line) + line.lstrip()
        else:
            joined.append(line)
        previous = line
    return "\n".join(joined)


def _full_width(lines: list[str]) -> float:
    """The width that the page's long lines reach: its 90th percentile, so one long line is not it."""
    widths = sorted(_width(line) for line in lines if line)
    return widths[int(0.9 * (len(widths) - 1))] if widths else 0.0


def _width(line: str) -> float:
    """Width in Han: a Latin letter or digit is half as wide."""
    return sum(0.5 if char.isascii() else 1.0 for char in line)


def _goes_on(previous: str, line: str, full: float) -> bool:
    if not previous or not line or _NEW_PARAGRAPH.match(line):
        return False
    if line.startswith(_CLOSING):
        return True
    is_full = full >= _MIN_FULL_WIDTH and _width(previous) >= _FULL_SHARE * full
    return is_full and not _SENTENCE_END.search(previous)


def _gap(previous: str, line: str) -> str:
    return " " if previous[-1].isascii() and line.lstrip()[0].isascii() else ""
