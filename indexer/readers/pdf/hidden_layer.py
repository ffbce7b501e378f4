"""Text that a page holds and does not show: the layer that somebody's OCR laid over or under a scan.

Nobody has seen it, so nobody has seen its faults. Pages whose layer reads badly are compared with what our
own OCR sees; of the others a few, and all of them once one of these does not hold what its picture shows.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# Score of a layer that need not be compared on its own page. A layer with half of its characters wrong still
# has .2 to 1, so the sample counts for more.
CLEAR = 0.9
_ONE_IN = 20  # clear pages; OCR takes ten times as long as all else
_MOST = 5  # of a file, however long
_TELLING_CHARACTERS = 100  # with fewer, such as those of a cover, a difference tells nothing of other pages

_HIDDEN = 0.3  # of the area of a page's text; less is a stamp's description
_MAX_DEPTH = 3  # of forms within forms
_MAX_OBJECTS = 10_000  # of a page; a scan has some hundred
_MAX_PICTURES = 50  # that may cover text; a scan in strips has 20
_INVISIBLE = (3, 7)  # render modes: drawn not at all, and only as a clipping path
_OPAQUE = 0.9  # of a picture's pixels; a watermark's or a signature's are not

_Bounds = tuple[float, float, float, float]  # left, bottom, right, top


class Sample:
    """Which pages of one file to compare with their pictures, and what came of it."""

    def __init__(self, page_count: int) -> None:
        self.unchecked: list[int] = []  # numbers of pages whose layer was believed
        self._step = max(_ONE_IN, -(-page_count // _MOST))
        self._clear = 0
        self._is_refuted = False

    def wants(self, number: int, score: float, characters: int) -> bool:
        """Whether a page with a hidden layer is to be compared; called once a page, in their order."""
        if score < CLEAR or self._is_refuted:
            return True
        is_telling = characters >= _TELLING_CHARACTERS
        is_due = is_telling and self._clear % self._step == 0
        self._clear += is_telling
        if not is_due:
            self.unchecked.append(number)
        return is_due

    def refute(self, score: float, characters: int) -> None:
        """Of a page that does not hold what its picture shows; from now on no clear page is believed."""
        self._is_refuted |= score >= CLEAR and characters >= _TELLING_CHARACTERS

    def doubted(self) -> list[int]:
        """Numbers of the pages that were believed before one was found wrong; each is told once."""
        if not self._is_refuted:
            return []
        numbers, self.unchecked = self.unchecked, []
        return numbers


@dataclass(frozen=True, slots=True)
class _Box:
    area: float  # square points
    x: float  # its middle
    y: float

    def lies_in(self, bounds: _Bounds) -> bool:
        return bounds[0] <= self.x <= bounds[2] and bounds[1] <= self.y <= bounds[3]


def is_hidden(page: PdfPage) -> bool:
    """Whether much of a page's text is invisible: not drawn, transparent, or below a picture.

    It takes up to 30 ms; a page without a picture needs not be asked.
    """
    import pypdfium2.raw as pdfium

    shown: list[_Box] = []
    hidden = 0.0
    pictures = 0
    kinds = [pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_IMAGE]
    for number, drawn in enumerate(page.get_objects(filter=kinds, max_depth=_MAX_DEPTH)):
        if number == _MAX_OBJECTS:
            break
        bounds = drawn.get_bounds()
        if drawn.type == pdfium.FPDF_PAGEOBJ_TEXT:
            left, bottom, right, top = bounds
            box = _Box((right - left) * (top - bottom), (left + right) / 2, (bottom + top) / 2)
            if _is_invisible(drawn.raw):
                hidden += box.area
            else:
                shown.append(box)
        elif pictures < _MAX_PICTURES and any(box.lies_in(bounds) for box in shown):
            pictures += 1
            if _is_opaque(drawn):
                hidden += sum(box.area for box in shown if box.lies_in(bounds))
                shown = [box for box in shown if not box.lies_in(bounds)]
    total = hidden + sum(box.area for box in shown)
    return hidden > _HIDDEN * total


def _is_invisible(text: Any) -> bool:
    import pypdfium2.raw as pdfium

    if pdfium.FPDFTextObj_GetTextRenderMode(text) in _INVISIBLE:
        return True
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    return bool(pdfium.FPDFPageObj_GetFillColor(text, red, green, blue, alpha)) and alpha.value == 0


def _is_opaque(picture: Any) -> bool:
    """Whether nothing below a picture shows."""
    import numpy as np
    import pypdfium2
    import pypdfium2.raw as pdfium

    if pdfium.FPDFPageObj_HasTransparency(picture.raw):
        return False
    try:
        bitmap = picture.get_bitmap(render=True)
    except pypdfium2.PdfiumError:  # it isn't drawn either
        return False
    if bitmap.format != pdfium.FPDFBitmap_BGRA:
        return True
    return float(np.mean(bitmap.to_numpy()[..., 3] == 255)) >= _OPAQUE
