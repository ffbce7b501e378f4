"""One page of a PDF as an image, with a passage boxed; pure, without Streamlit."""

from __future__ import annotations

import ctypes
import sys
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.errors import XunzhangError
from indexer.normalize import fold_radicals

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels

_PDFIUM = threading.Lock()  # pdfium keeps global state: one call at a time, whatever the document

_MAX_HEIGHT = 4000  # pixels; a page may claim to be as long and as narrow as it likes
_MAX_CHARACTERS = 8_000  # of the page and of the passage; bounds the time for odd files

_FILL = (47, 143, 131, 46)  # #2f8f83 at 18 %
_BORDER = (47, 143, 131, 255)
_BORDER_PIXELS = 2

_SEED = 4  # characters; fewer than that are equal by chance all over a page
_MAX_PLACES = 50  # of a seed; leader dots and rules of dashes match everywhere and say nothing
# A run of this length stands for itself, in whatever order pdfium has it: it sorts what begins on one
# height from left to right, so the columns of vertical print come out last to first.
_LONG = 20
_GAP = 16  # characters that may lie between a run and a shorter one that goes on from it
# Of the shorter of passage and page, at least this share must be found. On its own page a passage is
# found to 96-100 %; half of one is on another page only where that page says the same.
_MIN_SHARE = 0.5
# A page break may leave less than that, but then the passage's beginning or end, this long at least:
# with 12 characters two in a hundred wrong pages of statutes have it too, with 16 less than one.
_END = 16


class PageImageError(XunzhangError):
    """A page can't be shown. `reason` is a sentence without the path."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PageImage:
    png: bytes
    width: int  # pixels
    height: int
    boxed: bool  # whether the passage was found on the page; if not, nothing is boxed


def render_page(
    path: Path, number: int, passage: str, *, width: int = 1000, password: str | None = None
) -> PageImage:
    """Draw a page as it prints, with a box round each line of `passage`.

    Args:
        number: the page, counted from 1.
        passage: text as the indexer read it; it may begin or end on other pages.
        width: pixels; a page that would be more than 4000 high is drawn smaller.
        password: of an encrypted file.

    Raises:
        PageImageError: the file is gone, is no PDF or is damaged, needs a password, or has no such page.
    """
    with _PDFIUM:
        image, boxes = _drawn(path, number, passage, width, password)
    png = BytesIO()
    _with_boxes(image, boxes).save(png, "PNG")
    return PageImage(png.getvalue(), image.width, image.height, bool(boxes))


def _drawn(
    path: Path, number: int, passage: str, width: int, password: str | None
) -> tuple[Image, list[Box]]:
    # Loading the library takes 80 ms, which only who looks at a page should wait for.
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(path, password) as document:  # closes its pages with it
            if not 1 <= number <= len(document):
                raise PageImageError(
                    path, f"it has no page {number}, only 1 to {len(document)}; index the file again"
                )
            page = document[number - 1]
            image = _rendered(page, width)
            return image, _boxes(page, passage, image)
    except FileNotFoundError as error:
        raise PageImageError(path, "the file is gone; put it back, or index its folder again") from error
    except pypdfium2.PdfiumError as error:
        raise PageImageError(path, _why(error, number, password)) from error


def _why(error: Any, number: int, password: str | None) -> str:
    import pypdfium2.raw as pdfium

    if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
        if password:
            return "the password does not open it; give another one, or save a copy without one"
        return "it needs a password; give it, or save a copy without one"
    if error.err_code == pdfium.FPDF_ERR_FILE:
        return "it can't be opened; check that this account may read it"
    if error.err_code is None:
        return f"page {number} can't be drawn ({error}); fetch or export the file again"
    return f"not a PDF, or a damaged one ({error}); fetch or export the file again"


def _rendered(page: Any, width: int) -> Image:
    import pypdfium2
    import pypdfium2.raw as pdfium

    page_width, page_height = page.get_size()
    height = max(1, round(page_height * width / page_width))
    if height > _MAX_HEIGHT:
        width, height = max(1, round(page_width * _MAX_HEIGHT / page_height)), _MAX_HEIGHT
    bitmap = pypdfium2.PdfBitmap.new_native(width, height, pdfium.FPDFBitmap_BGRx)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        # Not page.render(): it rounds the size up, and the boxes must be placed in the same size.
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, pdfium.FPDF_ANNOT)
        image: Image = bitmap.to_pil().convert("RGB")  # a copy, so it outlives the bitmap
        return image
    finally:
        bitmap.close()


def _boxes(page: Any, passage: str, image: Image) -> list[Box]:
    import pypdfium2.raw as pdfium

    textpage = page.get_textpage()
    count = min(textpage.count_chars(), _MAX_CHARACTERS)
    # A broken font may name characters that there are none of.
    codes = (min(pdfium.FPDFText_GetUnicode(textpage, index), sys.maxunicode) for index in range(count))
    text, origins = _folded(map(chr, codes))
    wanted, _ = _folded(passage[:_MAX_CHARACTERS])
    indexes = sorted({origins[at] for at in _places(wanted, text)})
    boxes = (_pixels(page, textpage, index, image) for index in indexes)
    return _lines([box for box in boxes if box])


def _folded(characters: Iterable[str]) -> tuple[str, list[int]]:
    """Characters without spaces and compatibility forms, and for each the index that it comes from."""
    folded: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(characters):
        for part in unicodedata.normalize("NFKC", fold_radicals(character)).lower():
            if part.isprintable() and not part.isspace():
                folded.append(part)
                origins.append(index)
    return "".join(folded), origins


def _pixels(page: Any, textpage: Any, index: int, image: Image) -> Box | None:
    """The box of a character in the image; pdfium knows how the page is turned and cropped."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    # The loose box is as high as the font's line, so a line's characters overlap whatever they are.
    if not pdfium.FPDFText_GetLooseCharBox(textpage, index, box):
        return None
    corners = []
    for x, y in ((box.left, box.bottom), (box.right, box.top)):
        column, row = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, image.width, image.height, 0, x, y, column, row)
        corners.append((column.value, row.value))
    (x0, y0), (x1, y1) = corners
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _places(passage: str, page: str) -> set[int]:
    """Which characters of a page are the passage's; none where the page does not have it."""
    end = min(_END, len(passage))
    pairs: dict[int, int] = {}  # passage to page
    taken: set[int] = set()

    def continues(start: int, at: int, length: int) -> bool:
        before = (at - pairs.get(start - gap, at) for gap in range(1, _GAP))
        after = (pairs.get(start + length - 1 + gap, at) - at - length for gap in range(1, _GAP))
        return any(1 <= step <= _GAP for step in before) or any(0 <= step < _GAP for step in after)

    for start, at, length in sorted(_runs(passage, page), key=lambda run: -run[2]):
        is_end = length >= end and (start == 0 or start + length == len(passage))
        if not (length >= _LONG or is_end or continues(start, at, length)):
            continue
        # Runs overlap where a character is doubled on one side; the longer run keeps what both have.
        free = [i for i in range(length) if start + i not in pairs and at + i not in taken]
        if len(free) >= min(_SEED, length):
            pairs.update((start + i, at + i) for i in free)
            taken.update(at + i for i in free)
    is_fair = len(pairs) >= max(1, _MIN_SHARE * min(len(passage), len(page)))
    has_end = all(i in pairs for i in range(end)) or all(len(passage) - 1 - i in pairs for i in range(end))
    return taken if is_fair or (passage and has_end) else set()


def _runs(passage: str, page: str) -> Iterator[tuple[int, int, int]]:
    """Longest equal runs: where in the passage, where on the page, and how many characters."""
    seed = min(_SEED, len(passage)) or 1
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at in range(len(page) - seed + 1):
        places[page[at : at + seed]].append(at)
    done: dict[int, int] = {}  # by shift: up to where in the passage it has been followed
    for position in range(len(passage) - seed + 1):
        found = places.get(passage[position : position + seed], [])
        for at in found if len(found) <= _MAX_PLACES else ():
            shift = at - position
            if position < done.get(shift, 0):
                continue
            start, stop = position, position + seed
            while start > 0 and start + shift > 0 and passage[start - 1] == page[start - 1 + shift]:
                start -= 1
            while stop < len(passage) and stop + shift < len(page) and passage[stop] == page[stop + shift]:
                stop += 1
            done[shift] = stop
            yield start, start + shift, stop - start


def _lines(boxes: list[Box]) -> list[Box]:
    """Boxes of characters, in pdfium's order, as one a line; one a column where the text runs down."""
    down = sum(abs(box[1] - before[1]) > abs(box[0] - before[0]) for before, box in pairwise(boxes))
    along = 1 if 2 * down > len(boxes) else 0  # 0: lines go along x, 1: along y; /Rotate turns them
    lines: list[Box] = []
    for box in boxes:
        if lines and _go_on(lines[-1], box, along):
            old = lines.pop()
            box = min(old[0], box[0]), min(old[1], box[1]), max(old[2], box[2]), max(old[3], box[3])
        lines.append(box)
    return lines


def _go_on(line: Box, box: Box, along: int) -> bool:
    """Whether a character stands in a line: at its height, and not a column or a cell away."""
    over = 1 - along
    shared = min(line[over + 2], box[over + 2]) - max(line[over], box[over])
    thickness = min(line[over + 2] - line[over], box[over + 2] - box[over])
    gap = max(line[along], box[along]) - min(line[along + 2], box[along + 2])
    return 2 * shared >= thickness and gap <= 2 * thickness


def _with_boxes(image: Image, boxes: list[Box]) -> Image:
    from PIL import Image as images
    from PIL import ImageDraw

    overlay = images.new("RGBA", image.size)
    draw = ImageDraw.Draw(overlay)
    # Rectangles replace what is under them in the overlay, so the borders come after all the fills.
    for box in boxes:
        draw.rectangle(box, fill=_FILL)
    for left, top, right, bottom in boxes:
        # The border lies outside, where it covers no letter.
        edge = (left - _BORDER_PIXELS, top - _BORDER_PIXELS, right + _BORDER_PIXELS, bottom + _BORDER_PIXELS)
        draw.rectangle(edge, outline=_BORDER, width=_BORDER_PIXELS)
    return images.alpha_composite(image.convert("RGBA"), overlay).convert("RGB")
