"""One picture: opened within bounds, and what to think of the text that OCR reads in it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from indexer.readers.ocr import recognise
from indexer.readers.pdf.layout import page_texts
from indexer.readers.pdf.lines import Line
from indexer.readers.pdf.page import MIN_CONFIDENCE, SURE, line_of
from indexer.readers.quality import OK, judge
from indexer.readers.rules import Rules
from indexer.readers.signature import first_bytes

if TYPE_CHECKING:
    from PIL.Image import Image

# What Pillow may take for a picture. It knows more, old and rare ones, each of them code to be attacked.
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "DIB", "WEBP", "GIF", "WMF")
_PAGED = "TIFF"
_GRAIN = 8  # characters; what OCR makes of the grain of a photograph


class PictureError(Exception):
    """A picture can't be opened. The message is a clause that says why."""


@dataclass(frozen=True, slots=True)
class PictureText:
    """What OCR reads in a picture."""

    lines: tuple[Line, ...]
    width: float  # pixels, as for the lines
    height: float
    turned: int  # degrees by which it was turned clockwise
    rules: Rules
    text: str
    confidence: float  # 0 to 1

    @property
    def standing(self) -> Literal["no text", "unreadable", "doubtful", "read"]:
        """What to think of it."""
        if not self.text.strip():
            return "no text"
        if self.confidence < MIN_CONFIDENCE:
            return "unreadable"
        return "doubtful" if self.confidence < SURE or judge(self.text).score < OK else "read"


def opened(data: bytes) -> Image:
    """A picture of which only the head has been read; `upright` decodes it.

    Raises:
        PictureError: it is none, is broken, or has more pixels than any scan.
    """
    from PIL import Image as Images
    from PIL import UnidentifiedImageError

    try:
        with _quiet():
            image: Image = Images.open(BytesIO(data), formats=_FORMATS)
    except (Images.DecompressionBombWarning, Images.DecompressionBombError) as error:
        raise PictureError(f"more than {Images.MAX_IMAGE_PIXELS:,} pixels; scale it down") from error
    except UnidentifiedImageError as error:
        raise PictureError(f"no picture, or a broken one: {first_bytes(data)}") from error
    except Exception as error:  # of a decoder that met something its authors did not expect
        raise _broken(error) from error
    return image


def page_count(image: Image) -> int:
    """How many pages a picture file has: those of a fax are pages, those of an animation are not.

    Raises:
        PictureError: its list of pages is broken.
    """
    if image.format != _PAGED:
        return 1
    try:
        with _quiet():
            return int(getattr(image, "n_frames", 1))
    except Exception as error:
        raise _broken(error) from error


def upright(image: Image, page: int = 1) -> Image:
    """The picture decoded, and turned as its camera says.

    Args:
        page: of a file of several, from 1.

    Raises:
        PictureError: it is broken or cut short, or has more pixels than any scan.
    """
    from PIL import Image as Images
    from PIL import ImageOps

    most = Images.MAX_IMAGE_PIXELS or 0
    with _quiet():
        try:
            image.seek(page - 1)
            is_too_large = image.width * image.height > most  # of a later page nobody has asked before
            if not is_too_large:
                image.load()
        except Exception as error:
            raise _broken(error) from error
        if is_too_large:
            raise PictureError(f"more than {most:,} pixels; scale it down")
        try:
            return ImageOps.exif_transpose(image)
        except Exception:  # what the camera noted is broken, and the picture is not
            return image


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what Pillow says of broken pictures in the terminal; too many pixels are an error."""
    from PIL.Image import DecompressionBombWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", DecompressionBombWarning)
        yield


def _broken(error: Exception) -> PictureError:
    return PictureError(f"broken ({type(error).__name__}: {error})")


def read_picture(image: Image) -> PictureText:
    """Read an upright picture, in reading order.

    Raises:
        OcrUnavailableError: the engine can't be loaded on this machine.
    """
    page = recognise(image)
    is_grain = page.confidence < MIN_CONFIDENCE and sum(len(line.text) for line in page.lines) <= _GRAIN
    lines = () if is_grain else tuple(line_of(line) for line in page.lines)
    (laid_out,) = page_texts([(lines, page.width, page.rules)])
    return PictureText(
        lines, page.width, page.height, page.turned, page.rules, laid_out.text, page.confidence
    )
