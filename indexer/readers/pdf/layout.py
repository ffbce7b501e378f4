"""Lines of a page → its text, in reading order and in paragraphs. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from indexer.readers.pdf.columns import ordered
from indexer.readers.pdf.lines import Line, is_vertical, unbroken
from indexer.readers.pdf.order import joins
from indexer.readers.pdf.paragraphs import Frame, continues, frame, paragraphs
from indexer.readers.pdf.parted import parted
from indexer.readers.pdf.tables import Piece, pieces
from indexer.readers.rules import Rules


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a page begins or ends: a line, and the margins of its column."""

    line: Line
    margins: Frame
    is_row: bool


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page: a paragraph or a row of a table a line."""

    text: str
    places: tuple[tuple[int, Line], ...]  # where in the text each paragraph begins, and its first line
    first: Edge | None  # None: the page is empty
    last: Edge | None
    joins: tuple[str, ...] = ()  # the two Han at each place where lines were joined


def page_text(lines: Sequence[Line], page_width: float, tables: Collection[Line] = ()) -> PageText:
    """The text of a page in the order in which a person reads it.

    Lines that the margin of their column broke are joined, without a space between Han; paragraphs
    are apart by a newline. Vertical text is read in columns from right to left.

    Args:
        lines: of one page, in any order; from an engine, or from OCR in pixels.
        page_width: in the unit of the lines.
        tables: apart from the lines, as lines that have the text of all their rows.
    """
    whole: list[list[Piece]] = []
    first: Edge | None = None
    before: Edge | None = None
    for part in _parts([*lines, *tables]):
        is_same_part = False
        for run, margins in _runs(tables, ordered(part, page_width)):
            found = paragraphs(run, margins)
            edge = Edge(run[0].line, margins, run[0].is_row)
            if before and is_same_part and _goes_on(before, edge):
                whole[-1] += found.pop(0)
            whole += found
            first = first or edge
            before = Edge(run[-1].line, margins, run[-1].is_row)
            is_same_part = True
    text, places = _set(whole)
    at_joins = tuple(pair for paragraph in whole for pair in joins(piece.line.text for piece in paragraph))
    return PageText(text, places, first, before, at_joins)


def page_texts(pages: Sequence[tuple[Sequence[Line], float, Rules]]) -> list[PageText]:
    """The texts of pages, one after the other, with their tables.

    Args:
        pages: lines in the order of the file, width and rules of each, in one unit.
    """
    by_page = parted([(lines, rules) for lines, _, rules in pages])
    widths = (width for _, width, _ in pages)
    return [page_text(part.lines, width, part.tables) for part, width in zip(by_page, widths, strict=True)]


def _runs(tables: Collection[Line], blocks: Iterable[Sequence[Line]]) -> Iterator[tuple[list[Piece], Frame]]:
    """The blocks as they are read, cut at tables, with the margins of the column that they are in."""
    for block in blocks:
        runs = [
            [Piece(table, is_row=True) for table in run] if is_table else pieces(list(run))
            for is_table, run in groupby(block, tables.__contains__)
        ]
        of_text = [lines for run in runs if (lines := [p.line for p in run if p.line not in tables])]
        margins = frame(of_text or [[piece.line for piece in run] for run in runs])
        yield from ((run, margins) for run in runs)


def goes_on(page: PageText, following: PageText) -> bool:
    """Whether the last paragraph of a page goes on at the top of the following one.

    Then nothing, or between Latin letters a space, belongs between their texts; else a newline.
    """
    return bool(page.last and following.first and _goes_on(page.last, following.first))


def _goes_on(before: Edge, after: Edge) -> bool:
    if before.is_row or after.is_row:
        return False
    return continues(before.line, before.margins, after.line, after.margins)


def _parts(lines: Sequence[Line]) -> list[list[Line]]:
    """Horizontal and vertical lines apart, the vertical ones turned so that columns are rows.

    On a page of vertical text heads come before it and feet after it; on another page vertical
    lines are notes along the margins and come last.
    """
    across = [line for line in lines if not line.vertical]
    down = [line for line in lines if line.vertical]
    if not down:
        return [across]
    turned = _turned(down)
    if not is_vertical(lines):
        return [across, *([line] for line in turned)]
    top = min(line.y0 for line in down)
    heads = [line for line in across if line.y1 <= top]
    feet = [line for line in across if line.y1 > top]
    return [heads, turned, feet]


def _turned(lines: Sequence[Line]) -> list[Line]:
    right = max(line.x1 for line in lines)
    return [Line(line.text, line.y0, right - line.x1, line.y1, right - line.x0, line.em) for line in lines]


def _set(whole: Sequence[Sequence[Piece]]) -> tuple[str, tuple[tuple[int, Line], ...]]:
    texts = [unbroken(piece.line.text for piece in paragraph) for paragraph in whole]
    places = []
    position = 0
    for paragraph, text in zip(whole, texts, strict=True):
        places.append((position, paragraph[0].line))
        position += len(text) + 1
    return "\n".join(texts), tuple(places)
