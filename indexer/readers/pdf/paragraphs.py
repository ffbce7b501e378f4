"""Lines of a column → paragraphs, by indents, margins, gaps and what the text says. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from indexer.readers.pdf.lines import Line, usual_em
from indexer.readers.pdf.tables import Piece

_NUMERALS = "0-9０-９〇零一二三四五六七八九十百千万两"
# What begins a paragraph of its own, wherever the line before ended.
_NUMBERED = re.compile(
    rf"第[{_NUMERALS}]+(?:分编|分編|部分|[编編章节節条條篇卷回])(?:之[{_NUMERALS}]+)?(?:[ \u3000]|$)"
)
_ITEM = re.compile(
    rf"[（(][{_NUMERALS}]{{1,4}}[）)]|[一二三四五六七八九十]+、|[0-9]{{1,3}}(?:[.．、](?![0-9])|[)）])"
    r"|[①-⑳]|[-–•●○◆■□▪·*#>] ?(?=\D)|[a-z][.)）] "
)
_SENTENCE_END = re.compile(r"[。！？!?；;：:…][”’」』）)》]*$|[^\d]\.$")
_CLOSING = tuple("，。、；：？！”’）》〉」』】〕％…,;:?!)%")
_WORD = re.compile(r"[^\s\u2e80-\U000323af]+")

_OTHER_SIZE = 1.12  # times as large is another kind of text; within a paragraph fonts differ by less
_OTHER_HEIGHT = 1.4  # boxes of OCR, without a font size, differ by more
_WIDER_GAP = 0.25  # ems more than the usual gap between lines is one between paragraphs
_TOO_FAR = 1.5  # ems more than that even what can't begin a paragraph does not go on
_INDENT = 0.7  # ems
_MAX_INDENT = 4.5  # ems of the first line of a paragraph; more is centred
_MIN_FULL_WIDTH = 10.0  # ems; narrower columns are lists or verse, whose lines end by themselves
_SLACK = 0.6  # ems that justified text leaves free although the next word would fit
_MANY_LINES = 20  # of so many, one in twenty may stick out of the margins


@dataclass(frozen=True, slots=True)
class Frame:
    """The margins of a column, and how its paragraphs are told apart."""

    left: float
    right: float
    gap: float  # usual, between a line and the next
    em: float
    indented: bool  # first lines of paragraphs are indented
    spaced: bool  # paragraphs are farther apart than lines


def frame(runs: Sequence[Sequence[Line]]) -> Frame:
    """The frame of a column: of its lines from top to bottom, at least one, without the tables between them.

    Args:
        runs: the lines between two tables.
    """
    lines = [line for run in runs for line in run]
    pairs = [pair for run in runs for pair in pairwise(run)]
    em = usual_em(lines)
    outside = len(lines) // _MANY_LINES
    left = sorted(line.x0 for line in lines)[outside]
    right = sorted(line.x1 for line in lines)[-1 - outside]
    gaps = [below.y0 - above.y1 for above, below in pairs]
    gap = median(gaps) if gaps else 0.0
    return Frame(
        left=left,
        right=right,
        gap=gap,
        em=em,
        indented=any(
            _INDENT * em < first.x0 - left < _MAX_INDENT * em
            and abs(second.x0 - left) < _INDENT * em
            and second.y0 - first.y1 < gap + _WIDER_GAP * em
            for first, second in pairs
        ),
        spaced=any(value > gap + _WIDER_GAP * em for value in gaps),
    )


def paragraphs(pieces: Sequence[Piece], margins: Frame) -> list[list[Piece]]:
    """The pieces of a block by paragraph; a row of a table is one."""
    found: list[list[Piece]] = []
    for piece in pieces:
        is_text = found and not piece.is_row and not found[-1][-1].is_row
        if is_text and _goes_on(found[-1], piece.line, margins):
            found[-1].append(piece)
        else:
            found.append([piece])
    return found


def _goes_on(paragraph: Sequence[Piece], line: Line, margins: Frame) -> bool:
    last = paragraph[-1].line
    wider = line.y0 - last.y1 - margins.gap
    if _differ_in_size(last, line) or wider > _TOO_FAR * margins.em:
        return False
    if line.text.startswith(_CLOSING):
        return True
    if wider > _WIDER_GAP * margins.em or not is_full(last, line, margins):
        return False
    sentence_ends = ends_sentence(last)
    if begins(line) and (sentence_ends or not margins.indented or _is_indented(line, margins)):
        return False
    if _is_indented(line, margins):
        return _hangs(paragraph, line, margins) and (len(paragraph) > 1 or not sentence_ends)
    return not sentence_ends or margins.indented or margins.spaced


def continues(last: Line, last_margins: Frame, line: Line, margins: Frame) -> bool:
    """Whether a paragraph goes on from the last line of a page or column to the first of the next.

    Only where its sentence does: whether the next one begins a paragraph the break has hidden.
    """
    if _differ_in_size(last, line) or ends_sentence(last):
        return False
    if line.text.startswith(_CLOSING):
        return True
    return is_full(last, line, last_margins) and not _is_indented(line, margins) and not begins(line)


def is_full(last: Line, following: Line, margins: Frame) -> bool:
    """Whether the margin ended a line: the next word would not have fitted into what it leaves free."""
    if margins.right - margins.left < _MIN_FULL_WIDTH * margins.em:
        return False
    return margins.right - last.x1 < first_word(following) + _SLACK * margins.em


def first_word(line: Line) -> float:
    """The width of what can't be broken at a line's beginning, with the punctuation that clings to it."""
    word = _WORD.match(line.text)
    share = len(word.group()) / len(line.text) if word else 0.0
    clinging = line.text[1:2] in _CLOSING
    return max(share * (line.x1 - line.x0), line.em * (2 if clinging else 1))


def ends_sentence(line: Line) -> bool:
    return _SENTENCE_END.search(line.text) is not None


def begins(line: Line) -> bool:
    """Whether a line begins with the number or the mark of an article or an item."""
    return _NUMBERED.match(line.text) is not None or _ITEM.match(line.text) is not None


def _is_indented(line: Line, margins: Frame) -> bool:
    return line.x0 - margins.left > _INDENT * margins.em


def _hangs(paragraph: Sequence[Piece], line: Line, margins: Frame) -> bool:
    """Whether an indented line is aligned with its paragraph: an item's rest, or a quotation's."""
    first, last = paragraph[0].line, paragraph[-1].line
    near = _INDENT * margins.em
    if len(paragraph) > 1:
        return abs(line.x0 - last.x0) < near
    if _ITEM.match(first.text):
        return line.x0 > first.x0 - near
    return not margins.indented and abs(line.x0 - first.x0) < near


def _differ_in_size(one: Line, other: Line) -> bool:
    limit = _OTHER_SIZE if one.size and other.size else _OTHER_HEIGHT
    return max(one.em, other.em) > limit * min(one.em, other.em)
