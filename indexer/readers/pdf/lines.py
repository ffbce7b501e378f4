"""A line of a page with its box, and what engines and layout share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from indexer.readers.characters import printable

Box = tuple[float, float, float, float]
Place = Callable[[float, float], tuple[float, float]]

_HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_CJK = re.compile(f"[{_HAN}\u3000-\u303f\u3040-\u30ff\uff00-\uffef“”‘’…—·]")
_CLEANED = str.maketrans(
    # Fonts draw punctuation of vertical text by glyphs that some files take for characters of their own.
    "︐︑︒︓︔︕︖︗︘︙︱︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄",
    "，、。：；！？〖〗…—（）｛｝〔〕【】《》〈〉「」『』",
    "\u200b\u2060\ufeff\u00ad\n",  # of no width
)

# Ascent and descent of Han in font sizes: with them every font of a line gives the same box.
ASCENT = 0.88
DESCENT = 0.12

_SAME_BASELINE = 0.1  # ems
_TOUCHING = 0.2  # ems between pieces of one line
_WORD_GAP = 0.6  # ems; words that are farther apart have a space between them

_SAME_ROW = 0.5  # of the lower line's height must overlap; neighbouring lines overlap by a third at most

_ONE_GLYPH = re.compile(f"[{_HAN}0-9０-９]")
_ONE_HAN = re.compile(f"[{_HAN}]")
_MIN_SPACED = 3  # glyphs of a title that stand apart; of two only both Han (目 录) say so
_WIDER = 1.6  # a gap of so many usual gaps separates words of a letterspaced title: 第 一 章　总 则
# Figures set apart within a sentence: three or more single ones, with gaps that no space made.
_APART_FIGURES = re.compile("(?<![0-9\x00])[0-9](?:\x00[0-9]){2,}(?![0-9])\x00?")
FALSE_SPACE = "\x00"  # a gap that an engine took for a space, without a space in the file


@dataclass(frozen=True, slots=True)
class Part:
    """What stands between two gaps of a line."""

    text: str
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of text on one baseline: a line of a column, a cell of a table, a column of vertical text."""

    text: str  # as the engine gives it, without a newline
    x0: float  # points (pixels from OCR), origin at the top left of the upright page
    y0: float  # downwards
    x1: float
    y1: float
    size: float  # font size in points; 0.0 unknown
    vertical: bool = False
    parts: tuple[Part, ...] = ()  # where it has gaps: words, or cells of a table that stand close

    @property
    def em(self) -> float:
        """The width of a Han; never 0."""
        return self.size or max(self.x1 - self.x0 if self.vertical else self.y1 - self.y0, 0.1)


def cleaned(text: str) -> str:
    """Without control characters, newlines and characters of no width; upright forms of punctuation."""
    return printable(text).translate(_CLEANED)


def is_cjk(char: str) -> bool:
    """Whether a character is set without spaces to its neighbours: Han, kana and their punctuation."""
    return _CJK.match(char) is not None


def upright(page_box: Box, turn: int) -> Place:
    """From PDF coordinates to those of the page as it is read.

    Args:
        page_box: left, bottom, right, top of what the page shows.
        turn: quarter turns clockwise that bring it upright.
    """
    left, bottom, right, top = page_box
    return (
        lambda x, y: (x - left, top - y),
        lambda x, y: (y - bottom, x - left),
        lambda x, y: (right - x, y - bottom),
        lambda x, y: (top - y, right - x),
    )[turn]


def on_page(lines: Iterable[Line], page_box: Box, place: Place) -> list[Line]:
    """The lines that the page shows, at least in part.

    On a page of vertical text single characters are vertical too, such as the last of a paragraph.
    """
    corners = place(*page_box[:2]), place(*page_box[2:])
    width, height = (max(values) for values in zip(*corners, strict=True))
    shown = [
        line
        for line in lines
        if line.text and line.x1 > 0 and line.y1 > 0 and line.x0 < width and line.y0 < height
    ]
    if not is_vertical(shown):
        return shown
    return [replace(line, vertical=True) if len(line.text) == 1 else line for line in shown]


def is_vertical(lines: Sequence[Line]) -> bool:
    """Whether most of the text is vertical."""
    return 2 * sum(len(line.text) for line in lines if line.vertical) > sum(len(line.text) for line in lines)


def unbroken(parts: Iterable[str], *, may_hyphenate: bool = True) -> str:
    """Pieces of text that line breaks parted, as one: a space between Latin words, none beside Han.

    Args:
        may_hyphenate: whether a hyphen at the end of a piece may be there only since it broke a word.
    """
    whole: list[str] = []
    for part in filter(None, parts):
        if whole:
            whole[-1] = _before(whole[-1], part, may_hyphenate)
        whole.append(part)
    return "".join(whole)


def _before(part: str, following: str, may_hyphenate: bool) -> str:
    if is_cjk(part[-1]) or is_cjk(following[0]):
        return part
    word = part[part.rfind(" ") + 1 :]
    if part.endswith("-") and len(word) > 1:
        is_broken = may_hyphenate and word[:-1].isalpha() and following[0].islower()
        return part[:-1] if is_broken else part
    return f"{part} "


def usual_em(lines: Sequence[Line]) -> float:
    """The size that most lines have; 1.0 for none."""
    return median(line.em for line in lines) if lines else 1.0


def merged(lines: Sequence[Line], text: str) -> Line:
    """Lines as one of the given text, with the box that holds them all."""
    return Line(
        text,
        min(line.x0 for line in lines),
        min(line.y0 for line in lines),
        max(line.x1 for line in lines),
        max(line.y1 for line in lines),
        max(line.size for line in lines),
        lines[0].vertical,
    )


def part_of(line: Line, parts: Sequence[Part]) -> Line:
    """Some neighbouring parts of a line, at least one, as a line of their own."""
    text = parts[0].text
    for before, part in pairwise(parts):
        is_apart = part.x0 - before.x1 > _WORD_GAP * line.em
        text = f"{text} {part.text}" if is_apart else unbroken((text, part.text))
    left = tuple(parts) if len(parts) > 1 else ()
    return replace(line, text=text, x0=parts[0].x0, x1=parts[-1].x1, parts=left)


def mended(lines: Iterable[Line]) -> list[tuple[Line, list[Line]]]:
    """Lines that go on where the one before ends as one, and of which ones each is made.

    Engines part what overlaps, such as two dashes, and the characters of pages that are mostly table.
    """
    found: list[tuple[Line, list[Line]]] = []
    for line in lines:
        if found and _touch(found[-1][0], line):
            last, sources = found[-1]
            whole = replace(merged([last, line], last.text + line.text), parts=_met(last, line))
            found[-1] = (whole, [*sources, line])
        else:
            found.append((line, [line]))
    return found


def _touch(last: Line, line: Line) -> bool:
    em = line.em
    is_level = abs(line.y0 - last.y0) < _SAME_BASELINE * em and not (last.vertical or line.vertical)
    goes_on = last.x0 < line.x0 and last.x1 < line.x1 and line.x0 - last.x1 < _TOUCHING * em
    return is_level and goes_on


def _met(last: Line, line: Line) -> tuple[Part, ...]:
    """The parts of two lines that touch."""
    before, after = (one.parts or (Part(one.text, one.x0, one.x1),) for one in (last, line))
    one, other = before[-1], after[0]
    parts = (*before[:-1], Part(one.text + other.text, one.x0, other.x1), *after[1:])
    return parts if len(parts) > 1 else ()


def rows(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines that stand side by side together, from top to bottom, each row from left to right."""
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.y0 + line.y1, line.x0)):
        if found and _side_by_side(found[-1][0], line):
            found[-1].append(line)
        else:
            found.append([line])
    return [sorted(row, key=lambda line: line.x0) for row in found]


def _side_by_side(one: Line, other: Line) -> bool:
    overlap = min(one.y1, other.y1) - max(one.y0, other.y0)
    return overlap > _SAME_ROW * min(one.y1 - one.y0, other.y1 - other.y0)


def closed_up(pieces: Sequence[str], separators: Sequence[str], gaps: Sequence[float]) -> str:
    """A line without the spaces that only spread its characters.

    Args:
        pieces: the line's text between its spaces.
        separators: len(pieces) - 1; the white space of the file, or FALSE_SPACE.
        gaps: the width of each, in any unit.

    Returns:
        目 录 as 目录, 第 一 章  总 则 as 第一章 总则, 自 1 0 5 年 as 自105年; other spaces stay.
    """
    if _is_spread(pieces):
        usual = sorted(gaps)[(len(gaps) - 1) // 2]
        separators = [" " if gap > _WIDER * usual else "" for gap in gaps]
    pairs = zip(pieces, [*separators, ""], strict=True)
    text = "".join(piece + separator for piece, separator in pairs)
    figures = _APART_FIGURES.sub(lambda match: match.group().replace(FALSE_SPACE, ""), text)
    return figures.replace(FALSE_SPACE, " ")


def _is_spread(pieces: Sequence[str]) -> bool:
    if len(pieces) < 2:
        return False
    pattern = _ONE_GLYPH if len(pieces) >= _MIN_SPACED else _ONE_HAN
    has_han = any(_ONE_HAN.fullmatch(piece) for piece in pieces)
    return has_han and all(pattern.fullmatch(piece) for piece in pieces)
