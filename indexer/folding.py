"""Text as it is meant, where a document writes it otherwise, and where each character of it comes from.

    ⽤⼾             → 用户          radicals that fonts of PDFs claim to draw
    合合同同法法规规  → 合同法规       print made bold by drawing every glyph twice
    总　则, 1 0 5 年  → 总则, 105年    words spaced out
    ＧＢ／Ｔ, ㎏, ①    → GB/T, kg, 1   compatibility forms (NFKC)

Pure. What is shown stays as it is; this is for what is searched and embedded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

Edit = tuple[int, int, str]  # [start, end) of a text and what stands there instead

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

# Unicode's equivalents of the radicals of the supplement, of which NFKC knows two; and the one Kangxi
# radical that simplified fonts draw for another Han than NFKC gives (户, not 戶).
_RADICALS = str.maketrans(
    "⼾⺁⺄⺅⺆⺈⺉⺊⺌⺍⺎⺐⺒⺓⺖⺘⺙⺛⺜⺝⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺬⺭⺯⺰⺲⺶⺹⺾⺿⻀⻁⻂⻃⻄⻅⻆⻈⻉⻋⻌⻍⻎⻏⻐⻑⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲",
    "户厂乙亻冂刀刂卜小小兀尢巳幺忄扌攵旡日月民氵氺灬爫爫丬牛犭王示礻糹纟罒羊耂艹艹艹虎衤覀西见角讠贝车辶辶辶邑钅長长门阜雨青韦页风飞食飠饣马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
)
# Of one character each under NFKC: Kangxi and two more radicals, compatibility ideographs, full-width
# letters and digits. Full-width punctuation is not among them: it is how Chinese is written.
_ALIKE = "\u2f00-\u2fd5\u2e9f\u2ef3\uf900-\ufaff\U0002f800-\U0002fa1f\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
_LOOKALIKE = re.compile(f"[{_ALIKE}]")
# Unicode's default ignorables (soft hyphen, zero-width, directions, variation selectors, tags), controls
# that are no white space, and lone surrogates, which OpenCC refuses.
_IGNORED = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_LIGATURES = "\ufb00-\ufb06"  # ﬁ and others, which fonts of PDFs make of letters
_LIGATURE = re.compile(f"[{_LIGATURES}]")
_UNTYPED = re.compile(f"[{_IGNORED}]+|[{_LIGATURES}]")
_UNUSUAL = re.compile(f"[\u2e80-\u2eff{_ALIKE}{_IGNORED}{_LIGATURES}]")  # most texts have none of it

_SPACE = "[ \u3000\xa0]"
_LONE = f"(?<![^\\W_])[{_HAN}]"  # a Han that no other letter or digit touches
# Three single Han or more are a word spaced out; of two, a line or its end (目　录; 第一章　总　则),
# since two may be cells of a table (是 否). Digits only where a unit or 第 says that they are a number.
_SPACED_OUT = re.compile(
    f"{_LONE}(?:{_SPACE}{{1,8}}[{_HAN}](?![^\\W_])){{2,}}"
    f"|(?m:^{_SPACE}*(?:第[{_HAN}0-9]{{1,8}}{_SPACE}+)?)({_LONE}{_SPACE}{{1,8}}[{_HAN}])(?m:{_SPACE}*$)"
    f"|(?<![0-9]{_SPACE})(?<![0-9.])[0-9](?:{_SPACE}[0-9])+{_SPACE}?[年月日号條条章节節款项項元页頁]"
    f"|第(?:{_SPACE}[0-9]){{2,}}{_SPACE}?[{_HAN}]"
)
_HINT = re.compile(f"{_SPACE}[{_HAN}0-9](?![^\\W_])")  # a line with such a word has it
_SPACES = re.compile(f"{_SPACE}+")

_FEWEST_PAIRS = 4
_DOUBLED = re.compile(rf"(?:(\S)\1{_SPACE}{{0,2}}){{{_FEWEST_PAIRS},}}")
_ONE_HAN = re.compile(f"[{_HAN}]")
_PAIR = re.compile(r"(\S)\1")
_FEWEST_HAN = 3  # different ones: 哈哈哈哈 and 11223344 mean what they say
# Idioms such as 高高兴兴 double two Han, so four or six pairs may be idioms in a row.
_MOST_IDIOMATIC_PAIRS = 6

# Marks that compose with the character before them, as the dots of half-width kana do.
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\uff9e\uff9f\ufe20-\ufe2f"
# Where characters are that NFKC makes several of; outside the basic plane all of a range count, since
# an expression of single ones is slow there.
_COMPATIBLE = ((0xA0, 0x2E80), (0x3000, 0x3400), (0xA69C, 0xAC00), (0xF900, 0x10000))
_COMPATIBLE_ABOVE = "\U0001d15e-\U0001d1c0\U0001f100-\U0001f26f"


@dataclass(frozen=True, slots=True)
class Folded:
    """A text made of another. Character i stands for [starts[i], ends[i]) of the other."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """[start, end) of this text, which is not empty, in the other."""
        return self.starts[start], self.ends[end - 1]

    def edited(self, edits: Iterable[Edit]) -> Folded:
        """With other characters in some places; the edits ascend and don't overlap."""
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for start, end, new in edits:
            parts += [self.text[at:start], new]
            starts += [*self.starts[at:start], *[self.starts[start]] * len(new)]
            ends += [*self.ends[at:start], *[self.ends[end - 1]] * len(new)]
            at = end
        if not at:
            return self
        return Folded(
            "".join([*parts, self.text[at:]]), [*starts, *self.starts[at:]], [*ends, *self.ends[at:]]
        )

    def rewritten(self, text: str) -> Folded:
        """With another text of the same length."""
        return self if text == self.text else Folded(text, self.starts, self.ends)


def mended(text: str) -> Folded:
    """The text without accidents of print and of fonts, as an author would type it.

    Radicals and other look-alikes are the Han, letters and digits that they stand for, glyphs that are
    doubled are single, words that are spaced out are closed, what has no width is gone. Punctuation,
    case and script stay, so ordinary text is as it was.
    """
    letters = typed(text)
    single = letters.edited(_single_glyphs(letters.text))
    return single.edited(_closed_words(single.text))


def typed(text: str) -> Folded:
    """The text with radicals and other look-alikes as what they stand for, without what has no width."""
    plain = Folded(text, range(len(text)), range(1, len(text) + 1))
    if not _UNUSUAL.search(text):
        return plain
    letters = plain.rewritten(fold_radicals(text))
    return letters.edited(
        _edits(_UNTYPED, letters.text, lambda found: _nfkc(found) if _LIGATURE.match(found) else "")
    )


def folded(text: str) -> Folded:
    """The mended text with its compatibility forms folded (NFKC)."""
    return compatible(mended(text))


def compatible(text: Folded) -> Folded:
    """With compatibility forms folded (NFKC): a cluster of a character and its marks at a time."""
    some, longer = _longer()
    short = text.edited(_edits(longer, text.text, _nfkc)) if some.search(text.text) else text
    whole = _nfkc(short.text)
    if len(whole) != len(short.text):  # letters of Korean and Indic scripts that compose; they stay apart
        whole = "".join(one if len(one := _nfkc(char)) == 1 else char for char in short.text)
    return short.rewritten(whole)


def fold_radicals(text: str) -> str:
    """Radicals and other look-alikes as what they stand for; the length stays."""
    return _LOOKALIKE.sub(lambda match: _nfkc(match[0]), text.translate(_RADICALS))


def _edits(pattern: re.Pattern[str], text: str, written: Callable[[str], str]) -> Iterator[Edit]:
    for match in pattern.finditer(text):
        yield match.start(), match.end(), written(match.group())


def _single_glyphs(text: str) -> Iterator[Edit]:
    for run in _DOUBLED.finditer(text):
        pairs = list(_PAIR.finditer(run.group()))
        han = {pair[1] for pair in pairs if _ONE_HAN.match(pair[1])}
        line = text[text.rfind("\n", 0, run.start()) + 1 : run.start()] + text[run.end() :].partition("\n")[0]
        idioms = len(pairs) % 2 == 0 and len(pairs) <= _MOST_IDIOMATIC_PAIRS
        if len(han) >= _FEWEST_HAN and not (idioms and any(map(str.isalnum, line))):
            for pair in pairs:
                yield run.start() + pair.start(), run.start() + pair.end(), pair[1]


def _closed_words(text: str) -> Iterator[Edit]:
    done = 0
    for hint in _HINT.finditer(text):
        if hint.start() < done:
            continue
        begin, done = text.rfind("\n", 0, hint.start()) + 1, text.find("\n", hint.start())
        done = len(text) if done < 0 else done
        for word in _SPACED_OUT.finditer(text, begin, done):
            for spaces in _SPACES.finditer(text, *word.span(1 if word[1] else 0)):
                yield *spaces.span(), ""


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@cache
def _longer() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Characters of which NFKC makes several, and any with marks that may compose with it: first to see
    soon whether there are any."""
    codes = (code for first, last in _COMPATIBLE for code in range(first, last))
    longer = re.escape("".join(char for char in map(chr, codes) if len(_nfkc(char)) != 1)) + _COMPATIBLE_ABOVE
    return re.compile(f"[{_MARKS}{longer}]"), re.compile(f"[^{_MARKS}][{_MARKS}]+|[{longer}]")
