"""What a page looks like: whether it shows anything, and its picture for OCR."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from indexer.readers.ocr.ruling import rules_of
from indexer.readers.pdf.lines import Line, usual_em
from indexer.readers.rules import Rules

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

_POINTS_AN_INCH = 72
_MAX_PIXELS = 40_000_000  # A4 at 600 dots per inch; a page may claim to be of any size
_GLANCE_DPI = 24  # enough to see that there is something
_RULES_DPI = 100  # enough for rules of half a point
_MAX_DEPTH = 3  # of forms within forms
_INK = 48  # grey levels between paper and the faintest thing that counts


def shows_something(page: PdfPage) -> bool:
    """Whether a page is more than empty paper: text as shapes, pictures, drawings."""
    levels = _grey_levels(rendered(page, _GLANCE_DPI, grey=True))
    return levels[-1] - levels[0] >= _INK


def picture_share(page: PdfPage) -> float:
    """Area of the page's largest picture, as a share of the page's."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    largest = 0.0
    for drawn in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_MAX_DEPTH):
        left, bottom, right, top = drawn.get_bounds()
        largest = max(largest, (right - left) * (top - bottom))
    return float(largest / max(width * height, 1.0))


def ink_outside(page: PdfPage, lines: Sequence[Line]) -> float:
    """Share of the page's area that is dark and in none of the lines.

    Args:
        lines: in points, origin at the top left.
    """
    from PIL import ImageDraw

    image = rendered(page, _GLANCE_DPI, grey=True)
    scale = image.width / max(page.get_width(), 1)
    lightest = _grey_levels(image)[-1]
    pen = ImageDraw.Draw(image)
    for line in lines:
        pen.rectangle((line.x0 * scale, line.y0 * scale, line.x1 * scale, line.y1 * scale), fill=lightest)
    dark = sum(image.histogram()[: max(lightest - _INK, 0)])
    return dark / (image.width * image.height)


def picture_rules(page: PdfPage, lines: Sequence[Line]) -> Rules:
    """The rules that a page shows, whether or not its file draws them as such.

    Args:
        lines: in points, origin at the top left; at least one.
    """
    import numpy as np

    grey = np.asarray(rendered(page, _RULES_DPI, grey=True).convert("L"))
    scale = grey.shape[1] / max(page.get_width(), 1)
    return rules_of(grey, scale * usual_em(lines)).scaled(1 / scale)


def _grey_levels(image: Image) -> list[int]:
    """Those that occur, from the darkest."""
    return [level for level, count in enumerate(image.histogram()) if count]


def rendered(page: PdfPage, dpi: float, *, grey: bool = False) -> Image:
    """The page as it prints, upright as the file says.

    Args:
        dpi: dots per inch; fewer for a page so large that the picture would be of more than 40 million.
    """
    width, height = page.get_size()
    scale = dpi / _POINTS_AN_INCH
    pixels = max(width, 1) * max(height, 1) * scale**2
    if pixels > _MAX_PIXELS:
        scale *= (_MAX_PIXELS / pixels) ** 0.5
    bitmap: Any = page.render(scale=scale, grayscale=grey, may_draw_forms=False)
    image: Image = bitmap.to_pil()
    return image
