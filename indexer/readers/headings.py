"""Headings of statutes and books in running text: 第一编, 第二章, 第三节, 第十九条, 第五回."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.model import Heading

_LEVELS = {"编": 1, "編": 1, "卷": 1, "篇": 1, "部分": 1, "分编": 2, "分編": 2}
_LEVELS |= {"章": 3, "回": 3, "节": 4, "節": 4, "条": 5, "條": 5}
_ARTICLE_LEVEL = 5

_NUMERAL = "[0-9０-９〇零○一二三四五六七八九十百千万两]"
_LINE = re.compile(
    rf"^[ \t\u3000]*(?P<label>第 ?{_NUMERAL}+ ?(?P<unit>分编|分編|部分|[编編卷篇章回节節条條])"
    rf"(?:之{_NUMERAL}+)?)(?P<rest>.*)$",
    re.MULTILINE,
)
_SEPARATOR = re.compile(r"[ \t\u3000\u00a0]+|[：:]|(?=[【（(])")
# After a number these go on with a sentence: 第十九条规定的, 第一条至第三条, 第五条、第六条.
_CONTINUES = re.compile(
    r"\s*[、，。；？！,;.）)》”」~～－—-]|[规規]定|的|第|之|和|[与與]|及|或|至|到|中|[内內]|所|以|等|[里裡]|[为為]|是|有|[项項]|款"
)
_REFERENCE = re.compile(rf"第{_NUMERAL}+[款项項条條]")
_TOC_PAGE = re.compile(r"(?:[.．…·]{2,}|\t) *\d+ *$")
_SENTENCE_END = "。！？；：.!?;:”」』"
# Units that a title follows without a space (第一章总则). The others are words of prose: 第二节课.
_TITLE_FOLLOWS = {"编", "編", "分编", "分編", "章"}
_MAX_TITLE = 50  # characters; a longer line is a paragraph that begins with a number


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line that may be a heading, and what comes before the next such line."""

    heading: Heading
    governs: bool  # text follows on its own line, or before the next entry
    formatted: bool = False  # a heading by the document's own format


def statute_headings(text: str) -> tuple[Heading, ...]:
    """Headings by their numbers at the start of a line, outermost 编 (1) to 条 (5).

    The title of an article (条) is its number alone, as its text goes on in the same line; of the
    others it is the whole line. A heading with nothing below it is a line of a table of contents
    and left out.
    """
    return merged_headings(text, ())


def merged_headings(text: str, formatted: Sequence[Heading]) -> tuple[Heading, ...]:
    """The headings of a format, by position, with those that only their numbers show.

    Args:
        text: the document's text.
        formatted: headings that the format marks as such, by start, each at the start of its line.

    Returns:
        All headings by start. Those found by number are deeper than every one of `formatted`.
    """
    depth = max((heading.level for heading in formatted), default=0)
    starts = {heading.start for heading in formatted}
    found = [
        (Heading(match.start(), depth + _LEVELS[match["unit"]], _title(match)), match)
        for match in _LINE.finditer(text)
        if match.start() not in starts and _is_heading(match, text)
    ]
    marks = [(heading, _line_end(text, heading.start), True) for heading in formatted]
    marks += [(heading, _own_end(match, text), False) for heading, match in found]
    marks.sort(key=lambda mark: mark[0].start)
    ends = [heading.start for heading, _, _ in marks[1:]] + [len(text)] * bool(marks)
    entries = [
        _Entry(heading, bool(text[own_end:end].strip()), is_formatted)
        for (heading, own_end, is_formatted), end in zip(marks, ends, strict=True)
    ]
    return _without_contents(entries)


def _is_heading(match: re.Match[str], text: str) -> bool:
    rest = match["rest"].rstrip()
    if not rest:
        return True
    if _TOC_PAGE.search(rest) or _CONTINUES.match(rest):
        return False
    is_article = _LEVELS[match["unit"]] == _ARTICLE_LEVEL
    separator = _SEPARATOR.match(rest)
    if separator:
        after = rest[separator.end() :]
        return not _REFERENCE.match(after) if is_article else _is_title(after)
    if is_article:
        return _starts_paragraph(match, text)
    return match["unit"] in _TITLE_FOLLOWS and _is_title(rest)


def _is_title(rest: str) -> bool:
    return len(rest) <= _MAX_TITLE and rest[-1:] not in "。；，;,"


def _starts_paragraph(match: re.Match[str], text: str) -> bool:
    """Whether the line before ends a sentence, so that this one is not its wrapped rest."""
    before = text[max(0, match.start() - 200) : match.start()].removesuffix("\n")
    line = before[before.rfind("\n") + 1 :].strip()
    return not line or line[-1] in _SENTENCE_END or _LINE.fullmatch(line) is not None


def _title(match: re.Match[str]) -> str:
    is_article = _LEVELS[match["unit"]] == _ARTICLE_LEVEL
    return (match["label"] if is_article else match.group()).strip()


def _own_end(match: re.Match[str], text: str) -> int:
    """Where the heading's own characters end: an article's text begins right after its number."""
    is_article = _LEVELS[match["unit"]] == _ARTICLE_LEVEL
    return match.end("label") if is_article else _line_end(text, match.start())


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _without_contents(entries: Sequence[_Entry]) -> tuple[Heading, ...]:
    """Leave out found headings that govern no text, neither themselves nor through deeper ones."""
    kept: list[Heading] = []
    following: list[tuple[int, bool]] = []  # of later entries not below one another: level, governs
    for entry in reversed(entries):
        level, governs = entry.heading.level, entry.governs
        while following and following[-1][0] > level:
            governs |= following.pop()[1]
        following.append((level, governs))
        if entry.formatted or governs:
            kept.append(entry.heading)
    return tuple(reversed(kept))
