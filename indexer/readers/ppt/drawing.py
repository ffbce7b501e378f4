"""The texts of a slide's shapes, as they stand on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.readers.ppt.record import BYTES, MAX_DEPTH, TEXT_HEADER, UTF16, Record, decoded, records
from indexer.readers.printed_table import Row, printed

NOTES_TEXT, OTHER_TEXT = 2, 4  # kinds of text
_GROUP, _SHAPE, _SHAPE_ATOM, _TEXT_BOX, _OUTLINE_REFERENCE = 0xF003, 0xF004, 0xF00A, 0xF00D, 0x0F9E
_ANCHOR, _CHILD_ANCHOR, _TABLE_OPTIONS = 0xF010, 0xF00F, 0xF122
_PICTURE_FRAME = 75  # instance of a shape atom
_TABLE_PROPERTY = 0x039F
_ROW = 24  # master units (1/576 inch) within which shapes stand in one row; a slide has 4,320


@dataclass(frozen=True, slots=True)
class Text:
    kind: int  # of text: a title, a body, notes ...
    text: str


def texts_of(page: Record, outline: Sequence[Text]) -> list[Text]:
    """The texts of a page's shapes, row by row, within a row from the left.

    Args:
        outline: those to which shapes refer.
    """
    drawing = page.first(_GROUP)
    return [text for row in _rows(drawing, outline, 0) for text in row] if drawing else []


def _rows(group: Record, outline: Sequence[Text], depth: int) -> list[list[Text]]:
    """The texts of a group's shapes, a list for each row of shapes."""
    placed: list[tuple[int, int, list[Text]]] = []
    for shape in group.children():
        if shape.kind == _SHAPE:
            placed.append((*_place(shape), _shape_texts(shape, outline)))
        elif shape.kind == _GROUP and depth < MAX_DEPTH:
            own = next(shape.children(), None)  # a group's first shape is the group itself
            rows = _rows(shape, outline, depth + 1)
            if own and _is_table(own):
                cells = [Row(tuple(text.text for text in row)) for row in rows]
                rows = [[Text(OTHER_TEXT, printed(cells))]]
            placed.append((*(_place(own) if own else (0, 0)), [text for row in rows for text in row]))
    placed.sort(key=lambda item: item[0])
    lines: list[list[tuple[int, list[Text]]]] = []
    begins = 0
    for top, left, texts in placed:
        if not lines or top - begins > _ROW:
            lines.append([])
            begins = top
        lines[-1].append((left, texts))
    return [[text for _, texts in sorted(line, key=lambda item: item[0]) for text in texts] for line in lines]


def _shape_texts(shape: Record, outline: Sequence[Text]) -> list[Text]:
    box = next((record for record in shape.children() if record.kind == _TEXT_BOX), None)
    if box is None:
        return []
    kind, texts = OTHER_TEXT, []
    for record in records(box.data):
        if record.kind == TEXT_HEADER:
            kind = record.number(0)
        elif record.kind in (UTF16, BYTES):
            texts.append(Text(kind, decoded(record)))
        elif record.kind == _OUTLINE_REFERENCE and record.number(0) < len(outline):
            texts.append(outline[record.number(0)])
    return texts


def _place(shape: Record) -> tuple[int, int]:
    """Top and left, in master units or those of the group."""
    for record in shape.children():
        if record.kind == _ANCHOR and len(record.data) >= 16:
            return record.number(0, "<i"), record.number(4, "<i")
        if record.kind == _ANCHOR:
            return record.number(0, "<h"), record.number(2, "<h")
        if record.kind == _CHILD_ANCHOR:
            return record.number(4, "<i"), record.number(0, "<i")
    return 0, 0


def _is_table(shape: Record) -> bool:
    options = (record for record in shape.children() if record.kind == _TABLE_OPTIONS)
    return any(
        record.number(6 * index, "<H") & 0x3FFF == _TABLE_PROPERTY
        for record in options
        for index in range(record.instance)
    )


def has_picture(slide: Record) -> bool:
    return any(record.kind == _SHAPE_ATOM and record.instance == _PICTURE_FRAME for record in slide.all())
