"""Reading scans: character error rate and time of a page, beside RapidOCR called plainly on the same
images; and what the confidence of a page is worth, on a scan that is damaged more and more.

The peer has its own settings: its classifier of lines upside down, its batches, and all processors.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.readers.ocr import DPI, recognise

if TYPE_CHECKING:
    from PIL.Image import Image

PDFS = Path("tests/data/pdf")
SCANS = ("scanned_image_only.pdf", "scanned_rotated90.pdf")
SAME_TEXT = "one_column_embedded.pdf"  # page by page what the scans show
TOP = 420 / 1755  # of the page that is damaged, its height
SEED = 3


def main() -> None:
    print(f"at {DPI} dpi; error rates without white space, of {SAME_TEXT}")
    print("scan\treader\tpages\ts/page\terror rate\twidth folded\tconfidence")
    for name in SCANS:
        pages = list(zip(pictures(name), texts(SAME_TEXT), strict=True))
        for reader, read in (("ours", _ours), ("RapidOCR, plain", _plain)):
            read(pages[0][0].crop((0, 0, 600, 200)))  # loads the models
            _print_scan(name, reader, read, pages)
    print("\ntop of the first page\terror rate\tconfidence")
    top = pictures(SCANS[0])[0]
    top = top.crop((0, 0, top.width, round(TOP * top.height)))
    expected, _ = _ours(top)
    for damage, picture in _damaged(top):
        text, confidence = _ours(picture)
        print(f"{damage}\t{error_rate(text, expected):.3f}\t{confidence:.3f}")


def pictures(name: str) -> list[Image]:
    """The pages of a PDF of `PDFS`, drawn as a reader of documents draws them."""
    import pypdfium2

    return [page.render(scale=DPI / 72).to_pil() for page in pypdfium2.PdfDocument(PDFS / name)]


def texts(name: str) -> list[str]:
    """The text layers of the pages of a PDF of `PDFS`."""
    import pypdfium2

    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(PDFS / name)]


def error_rate(text: str, expected: str) -> float:
    """Characters to insert, delete or replace, a character of what is expected; white space is left out."""
    found, wanted = "".join(text.split()), "".join(expected.split())
    row = list(range(len(wanted) + 1))
    for count, character in enumerate(found, start=1):
        above, row = row, [count]
        for index, other in enumerate(wanted):
            row.append(min(above[index + 1] + 1, row[index] + 1, above[index] + (character != other)))
    return row[-1] / len(wanted)


def _print_scan(
    name: str, reader: str, read: Callable[[Image], tuple[str, float]], pages: list[tuple[Image, str]]
) -> None:
    started = time.perf_counter()
    found = [read(picture) for picture, _ in pages]
    seconds = (time.perf_counter() - started) / len(pages)
    text, expected = "".join(text for text, _ in found), "".join(text for _, text in pages)
    folded = error_rate(unicodedata.normalize("NFKC", text), unicodedata.normalize("NFKC", expected))
    confidence = min(confidence for _, confidence in found)
    print(
        f"{name}\t{reader}\t{len(pages)}\t{seconds:.1f}\t{error_rate(text, expected):.4f}\t{folded:.4f}"
        f"\t{confidence:.3f}",
        flush=True,
    )


def _ours(picture: Image) -> tuple[str, float]:
    page = recognise(picture)
    return "".join(line.text for line in page.lines), page.confidence


def _plain(picture: Image) -> tuple[str, float]:
    read = _peer()(picture)
    scores = read.scores or (0.0,)
    return "".join(read.txts or ()), float(sum(scores) / len(scores))


@cache
def _peer() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "critical"})


def _damaged(picture: Image) -> Iterator[tuple[str, Image]]:
    import numpy as np
    from PIL import Image as Images
    from PIL import ImageFilter, ImageOps

    yield "as it is", picture
    yield "turned by 2 degrees", picture.rotate(2, Images.Resampling.BICUBIC, fillcolor="white")
    random = np.random.default_rng(SEED)
    for strength in (80, 120, 150):
        grey = np.asarray(picture.convert("L")) + random.normal(0, strength, picture.size[::-1])
        yield f"noise of {strength} grey levels", Images.fromarray(grey.clip(0, 255).astype(np.uint8))
    for radius in (2, 3, 4):
        yield f"blurred by {radius} pixels", picture.filter(ImageFilter.GaussianBlur(radius))
    for part in (4, 5, 6):
        yield f"a scan at {DPI // part} dpi", picture.resize((picture.width // part, picture.height // part))
    yield "mirrored", ImageOps.mirror(picture)


if __name__ == "__main__":
    main()
