"""How well a text was read: a score from 0 (garbled) to 1, and what costs it most; pure.

Five questions, the worst answer counts:

    stretch     is a part of it, such as a line or two, nothing that people write?
    characters  are they ones that people write, about as often as people write them?
    pairs       do neighbouring Han form pairs that Chinese text is made of? A font that maps every glyph
                to another Han passes the first question, even if all are common, and fails this one.
    letters     are those of Latin text in words? Bytes of Chinese shown as Latin (µÚÒ»Õ¹) mix accents, signs
                and capitals as no language does.
    order       do neighbours fit better than characters some places apart? In columns that were read
                across each other they do not; whole lines in a wrong order are not seen here.

`han_bigrams.txt` holds 80,000 pairs, see `benchmarks/build_han_bigrams.py`; `benchmarks/page_quality.py`
measures the thresholds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from indexer.readers.plausibility import (
    SPECIAL_HAN,
    log_probability,
    mean_log_likelihood,
    without_foreign_words,
)
from indexer.script import simplified_characters

# Thresholds of the score. Pages of every kind of document in the corpora score OK or more; text of fonts
# without a right ToUnicode table scores less than UNREADABLE. What lies between is kept, and said to be
# doubtful.
OK = 0.6
UNREADABLE = 0.35

Codes = NDArray[np.uint32]  # (n,), code points

_WINDOW = 500  # characters: garbage of twice the length fills one, and does not hide in a good text
_MAX_WINDOWS = 600  # evenly over a longer text: what 600 places do not show is not in a few of them

# Characters. `_GOOD_MEAN`: 1 of 27,500 passages has less; `_BAD_MEAN`: see `plausibility.MIN_MEAN`.
_GOOD_MEAN, _BAD_MEAN = -9.3, -11.8
_FEW = 20  # characters beyond ASCII; fewer, such as a name of two rare Han, prove nothing
_MIN_SHARE = 0.15  # of the characters; below it they are accents and symbols of a Latin text
_MAX_IMPOSSIBLE = 0.2  # share of the characters that makes the score 0; bullets of symbol fonts are a few

# Pairs. Statutes have .5 to 1 of their pairs in the table, classical prose .13 to .6, a list of names .05, a
# substitution of common Han 0 to .06, most of them less than .03: so a list is doubtful, not unreadable.
_GOOD_PAIRS, _BAD_PAIRS = 0.21, -0.07
_MIN_PAIRS = 20
# Han of dialects and of chemistry stand in pairs that the table's text does not have.
_NOT_PAIRED = str.maketrans(dict.fromkeys(SPECIAL_HAN, "，"))
# Order. Where columns were read across each other, or vertical text row by row, the true neighbours stand
# some places apart. Of 7,800 good stretches of 300 characters none has a distance at which Han are more often
# known pairs than at 1, of 10,500 of 100 characters 1 in 1,000 has one with 1.14 times as many; of text read
# across 2 to 15 columns 99 % have one with 1.6 times as many.
_GOOD_APART, _BAD_APART = 1.05, 1.55
_MIN_ORDERED_PAIRS = 60
_APART = range(2, 41)
_MIN_PAIRS_APART = 40
_FEWEST_PAIRS = 0.13  # known ones; classical prose has as few, garbage fewer
_GOOD_ORDER = 0.5  # known pairs of those in a row; a text that has more is not taken apart

# Lists of names, whose entries have 2 to 4 Han; of the clauses of text one in four is as short.
_HAN_RUN = re.compile("[\u3400-\u9fff〇]{2,}")
_MIN_ENTRIES = 10
_ENTRY = 4
_LISTED = 0.85

# Stretches. Of 2,000,000 good ones of 32 characters beyond ASCII the least plausible has a mean of -9.4, of
# 2,000 in GBK that is read from the wrong byte the most plausible -10.0. Of 1,300,000 good ones of 60 pairs
# each has 4 known pairs or more, of those with other Han in their places 99.7 % have 3 or fewer.
_STRETCH = 32
_GOOD_STRETCH, _BAD_STRETCH = -9.3, -10.7
_STRETCH_PAIRS = 60
_GOOD_STRETCH_PAIRS, _BAD_STRETCH_PAIRS = 0.1, 0.0
# Letters. In French and pinyin 0 % of the characters are capitals within words, in GBK or UCS-2 shown as
# Latin 8 to 17 %; the signs of Windows-1252 are 2 % at most, in Big5 and UTF-8 shown as Latin 25 to 67 %.
_ACCENTED = re.compile(
    "[\x80-\xa6\xa8-\xaf\xb2-\xb6\xb8-\xd6\xd8-\xf6\xf8-\u024f\ufb00-\ufb06\u2020-\u2044\u02c0-\u02df]"
)
_CAPITAL_WITHIN = re.compile("[a-zß-öø-ÿ][A-ZÀ-Þ]")
_SIGN = re.compile(
    "[\x80-\xa6\xa8-\xaf\xb2-\xb6\xb8-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u201a\u201e"
    "\u2020\u2021\u2030\u2039\u203a\u20ac\u2122]"
)
_MIN_LETTERS = 40
_MIN_ACCENTS = 0.1
_GOOD_TURNS, _BAD_TURNS = 0.01, 0.07
_GOOD_SIGNS, _BAD_SIGNS = 0.05, 0.2

_FIRST_HAN, _LAST_HAN = 0x3400, 0x9FFF
# Private use, controls, surrogates, noncharacters, and what decoders put in for bytes they can't read.
_LOST = re.compile(r"(?<=[\u3400-\u9fff])\?(?=[\u3400-\u9fff])|\?{3,}")  # Han in a charset without them
_IMPOSSIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\uf8ff\ufffd-\uffff\U000f0000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Quality:
    score: float  # 0 to 1
    reason: str = ""  # of the score, in English; "" for a good one


def judge(text: str) -> Quality:
    """The quality of the text's worst stretch; 0 for a text without a visible character."""
    spaced = " ".join(text.split())
    if not spaced:
        return Quality(0.0, "no text")
    return min((_judge(window) for window in _windows(spaced)), key=lambda quality: quality.score)


def _windows(text: str) -> Iterator[str]:
    """Stretches of about equal length, all of a text that is not too long."""
    count = max(1, round(len(text) / _WINDOW))
    length = len(text) / count
    for i in range(min(count, _MAX_WINDOWS)):
        start = round(i * max(1.0, count / _MAX_WINDOWS) * length)
        yield text[start : start + round(length)]


def _judge(window: str) -> Quality:
    visible = window.replace(" ", "")
    native = without_foreign_words(window).replace(" ", "")
    worst = min(
        (
            *(_impossible(window, visible), _characters(native), _stretch(native), _letters(window)),
            *(() if _is_list(window) else _pairs_and_order(visible)),
        ),
        key=lambda quality: quality.score,
    )
    return worst if worst.score < OK else Quality(worst.score)


def _impossible(window: str, visible: str) -> Quality:
    lost = sum(map(len, _LOST.findall(window)))  # with its spaces: a question may end a line
    share = (len(_IMPOSSIBLE.findall(visible)) + lost) / len(visible)
    return Quality(
        _between(share, _MAX_IMPOSSIBLE, 0.0), f"{share:.0%} of its characters are none that people write"
    )


def _characters(window: str) -> Quality:
    beyond = sum(not char.isascii() for char in window)
    if beyond < _FEW or beyond < _MIN_SHARE * len(window):
        return Quality(1.0)
    mean = mean_log_likelihood(window)
    return Quality(
        _between(mean, _BAD_MEAN, _GOOD_MEAN),
        f"its characters are rare ones (mean log-likelihood {mean:.1f}, text has more than {_GOOD_MEAN})",
    )


def _is_list(window: str) -> bool:
    """Whether it is a list of names or the like, whose Han hardly ever follow one another elsewhere."""
    entries = _HAN_RUN.findall(window)
    return len(entries) >= _MIN_ENTRIES and sum(len(e) <= _ENTRY for e in entries) >= _LISTED * len(entries)


def _stretch(window: str) -> Quality:
    """A line of garbage in a good text makes it doubtful."""
    beyond = [char for char in window if not char.isascii()]
    if len(beyond) < _STRETCH:
        return Quality(1.0)
    lowest = float(_sums(np.array([log_probability(char) for char in beyond]), _STRETCH).min()) / _STRETCH
    return Quality(
        max(UNREADABLE, _between(lowest, _BAD_STRETCH, _GOOD_STRETCH)),
        f"{_STRETCH} characters in a row are ones that hardly any text has (mean log-likelihood "
        f"{lowest:.1f})",
    )


def _letters(window: str) -> Quality:
    accents, signs, turns = (
        len(pattern.findall(window)) / len(window) for pattern in (_ACCENTED, _SIGN, _CAPITAL_WITHIN)
    )
    if len(window) < _MIN_LETTERS or accents < _MIN_ACCENTS:
        return Quality(1.0)
    score = min(_between(turns, _BAD_TURNS, _GOOD_TURNS), _between(signs, _BAD_SIGNS, _GOOD_SIGNS))
    return Quality(
        score, f"its letters mix accents, signs and capitals as no language does ({window[:20]!r})"
    )


def _pairs_and_order(window: str) -> Iterator[Quality]:
    paired = simplified_characters(window.translate(_NOT_PAIRED))
    codes = np.frombuffer(paired.encode("utf-32-le"), np.uint32)
    known = _known_pairs(codes, 1)
    if len(known) < _MIN_PAIRS:
        return
    share = float(known.mean())
    yield Quality(
        _between(share, _BAD_PAIRS, _GOOD_PAIRS),
        f"its Han follow one another as in no Chinese text ({share:.0%} of their pairs are known ones)",
    )
    if len(known) >= _STRETCH_PAIRS:
        fewest = int(_sums(known, _STRETCH_PAIRS).min())
        yield Quality(
            max(UNREADABLE, _between(fewest / _STRETCH_PAIRS, _BAD_STRETCH_PAIRS, _GOOD_STRETCH_PAIRS)),
            f"a part of it has Han that follow one another as in no Chinese text ({fewest} of "
            f"{_STRETCH_PAIRS} pairs in a row are known ones)",
        )
    if len(known) >= _MIN_ORDERED_PAIRS and share < _GOOD_ORDER:
        times, distance = _better_apart(codes, share)
        yield Quality(
            _between(times, _BAD_APART, _GOOD_APART),
            f"its characters are out of order: {distance} places apart they fit {times:.1f} times as well as "
            "neighbours do",
        )


def _better_apart(codes: Codes, share: float) -> tuple[float, int]:
    """How many times the share of known pairs among neighbours the best one among Han some places apart is,
    and at which distance; 0 where no distance has as many as text has.
    """
    known = ((_known_pairs(codes, distance), distance) for distance in _APART)
    shares = [(float(k.mean()), distance) for k, distance in known if len(k) >= _MIN_PAIRS_APART]
    best, distance = max(shares, default=(0.0, 0))
    return (best / max(share, 1 / len(codes)) if best >= _FEWEST_PAIRS else 0.0), distance


def _known_pairs(codes: Codes, distance: int) -> NDArray[np.bool_]:
    """Of each two Han at a distance, whether they are in the table."""
    first, second = codes[:-distance], codes[distance:]
    both = (first >= _FIRST_HAN) & (first <= _LAST_HAN) & (second >= _FIRST_HAN) & (second <= _LAST_HAN)
    keys = (first[both] << 16) | second[both]
    table = pairs_of_chinese()
    at = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    return np.asarray(table[at] == keys)


def _sums(values: NDArray[np.float64] | NDArray[np.bool_], count: int) -> NDArray[np.float64]:
    """Of each `count` values in a row."""
    totals = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    return totals[count:] - totals[:-count]


def _between(value: float, zero: float, one: float) -> float:
    """0 at `zero`, 1 at `one`, in a straight line and never beyond."""
    return min(1.0, max(0.0, (value - zero) / (one - zero)))


@cache
def pairs_of_chinese() -> Codes:
    """The table, ascending: each pair as the code of its first character << 16 | that of its second."""
    table = resources.files("indexer.readers").joinpath("han_bigrams.txt").read_text(encoding="utf-8")
    pairs = [ord(line[0]) << 16 | ord(second) for line in table.splitlines() for second in line[1:]]
    return np.sort(np.array(pairs, np.uint32))
