"""The rules that a page of a PDF draws: strokes, and thin filled rectangles, as word processors draw them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from indexer.readers.pdf.lines import Box, Place
from indexer.readers.rules import NO_RULES, Rule, Rules

if TYPE_CHECKING:
    from pypdfium2 import PdfMatrix, PdfObject

_MAX_DEPTH = 3  # of forms within forms
_MAX_SEGMENTS = 20_000  # a page with more is a drawing; bounds the work
_MAX_THICKNESS = 3.0  # points; thicker is a bar or a shaded cell
_MIN_LENGTH = 3.0  # points; shorter are dashes, corners and glyphs
_LEVEL = 0.5  # points that the ends of a rule may differ by

_Point = tuple[float, float]


def page_rules(page: Any, place: Place) -> Rules:
    """The rules of a page; none of one that is a drawing.

    Args:
        page: a pypdfium2.PdfPage.
        place: from coordinates of the PDF to those of the page as it is read.
    """
    import pypdfium2.raw as pdfium

    across: list[Rule] = []
    down: list[Rule] = []
    left = _MAX_SEGMENTS
    for drawn in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=_MAX_DEPTH):
        left -= pdfium.FPDFPath_CountSegments(drawn.raw)
        if left < 0:
            return NO_RULES
        for x0, y0, x1, y1 in _straight(drawn, place):
            if x1 - x0 >= max(y1 - y0, _MIN_LENGTH):
                across.append(Rule((y0 + y1) / 2, x0, x1))
            elif y1 - y0 >= _MIN_LENGTH:
                down.append(Rule((x0 + x1) / 2, y0, y1))
    return Rules(tuple(across), tuple(down))


def _straight(drawn: PdfObject, place: Place) -> Iterator[Box]:
    """What of a path is a rule, by its box on the page."""
    import pypdfium2.raw as pdfium

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(drawn.raw, fill, stroke)
    if not (fill.value or stroke.value):
        return  # it only clips
    for outline in _outlines(drawn, place):
        if stroke.value:
            for segment in map(_box, pairwise(outline)):
                if min(segment[2] - segment[0], segment[3] - segment[1]) <= _LEVEL:
                    yield segment
        else:
            whole = _box(outline)
            if min(whole[2] - whole[0], whole[3] - whole[1]) <= _MAX_THICKNESS:
                yield whole


def _outlines(drawn: PdfObject, place: Place) -> Iterator[list[_Point]]:
    """The points of each part of a path; of curves, which are no rules, only where they end."""
    import pypdfium2.raw as pdfium

    matrix = _matrix(drawn)
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[_Point] = []
    for index in range(pdfium.FPDFPath_CountSegments(drawn.raw)):
        segment = pdfium.FPDFPath_GetPathSegment(drawn.raw, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = place(*matrix.on_point(x.value, y.value))
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO or (kind == pdfium.FPDF_SEGMENT_BEZIERTO and len(points) > 1):
            if len(points) > 1:
                yield points
            points = []
        points.append(point)
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if len(points) > 1:
        yield points


def _matrix(drawn: PdfObject) -> PdfMatrix:
    """From a path's coordinates to the page's; it may be in a form, and that in another."""
    matrix = drawn.get_matrix()
    around = drawn.container
    while around is not None:
        matrix = matrix.multiply(around.get_matrix())
        around = around.container
    return matrix


def _box(points: Any) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
