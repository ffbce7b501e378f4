"""OCR: the text lines of a picture of a page, which may stand on its side or on its head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.readers.ocr.engine import Box, Engine, OcrUnavailableError, Pixels, loaded_engine
from indexer.readers.ocr.ruling import cut, line_height, rules_of
from indexer.readers.ocr.turn import askew, set_straight, stance
from indexer.readers.rules import NO_RULES, Rules

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["DPI", "OcrLine", "OcrPage", "OcrUnavailableError", "recognise"]

# Dots per inch at which a page should be drawn. Type of 10.5 points is read without an error even at
# 57, so 150 is enough for notes of 4 points; at 200 finding the lines takes twice as long.
DPI = 150

# Longer sides are scaled down to this: A3 at 150 dpi has 2,480. Finding lines in a square of it takes
# 10 seconds and 1.4 GB.
_MAX_SIDE = 2560
# The engine stretches a shorter side to 736 pixels: a strip of 20,000 x 10 to a length of 1.5 million. So
# a shorter side is padded with paper to this, and nothing is stretched to more than twice its size.
_MIN_SIDE = 368


@dataclass(frozen=True, slots=True)
class OcrLine:
    """One line of text, or one column of vertical text, and the rectangle around it."""

    text: str
    x0: float  # pixels of the turned image, set straight if it is askew; origin at the top left
    y0: float
    x1: float
    y1: float
    confidence: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class OcrPage:
    """What was read of one image."""

    lines: tuple[OcrLine, ...]  # rows from the top, each from the left; vertical text: columns from the right
    turned: int  # degrees by which the image was turned clockwise to stand upright: 0, 90, 180 or 270
    confidence: float  # 0 to 1: mean over the characters; 0 for no line
    width: float  # pixels of the turned image
    height: float
    rules: Rules = NO_RULES


def recognise(image: Image) -> OcrPage:
    """Read the text of an image.

    It takes about 10 seconds for a page of 1,250 Han on one core, and nothing is ever downloaded.

    Args:
        image: of any mode and size; transparent pixels count as white.

    Raises:
        OcrUnavailableError: the engine can't be loaded on this machine.
    """
    import numpy as np

    engine = loaded_engine()
    pixels, scale = _prepared(image)
    boxes, strips = engine.found(pixels)
    stands = stance(boxes, strips, engine.read)
    width, height = image.size
    if stands.turn:
        pixels = np.ascontiguousarray(np.rot90(pixels, -stands.turn // 90))
        boxes, strips = engine.found(pixels)  # it finds more in upright text than on its side
        if stands.turn != 180:
            width, height = height, width
    straight, boxes = set_straight(pixels, boxes, askew(boxes))
    rules = NO_RULES
    if boxes and not stands.is_vertical:
        rules = rules_of(straight, line_height(boxes))
        boxes, strips = cut(boxes, strips, rules)
    lines = _lines(engine, boxes, strips, scale, (width, height))
    characters = sum(len(line.text) for line in lines)
    total = sum(len(line.text) * line.confidence for line in lines)
    return OcrPage(
        lines=_in_columns(lines) if stands.is_vertical else _in_rows(lines),
        turned=stands.turn,
        confidence=total / characters if characters else 0.0,
        width=float(width),
        height=float(height),
        rules=rules.scaled(1 / scale),
    )


def _prepared(image: Image) -> tuple[Pixels, float]:
    """The image as the engine wants it, at least `_MIN_SIDE` wide and high, and by what it was scaled."""
    import numpy as np
    from PIL import Image as Images

    if image.mode.startswith(("I", "F")):  # of more than 8 bits, which Pillow would cut off
        levels = np.asarray(image, np.float32)
        least, most = float(levels.min()), float(levels.max())
        image = Images.fromarray(((levels - least) * (255 / max(most - least, 1.0))).astype(np.uint8))
    if image.mode not in ("L", "RGB"):
        layered = image.convert("RGBA")
        image = Images.new("RGB", image.size, "white")
        image.paste(layered, mask=layered)
    scale = min(1.0, _MAX_SIDE / max(*image.size, 1))
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Images.Resampling.BICUBIC, reducing_gap=2.0)
    pixels = np.full((max(image.height, _MIN_SIDE), max(image.width, _MIN_SIDE), 3), 255, dtype=np.uint8)
    pixels[: image.height, : image.width] = np.asarray(image.convert("RGB"))[:, :, ::-1]
    return pixels, scale


def _lines(
    engine: Engine, boxes: list[Box], strips: list[Pixels], scale: float, size: tuple[int, int]
) -> list[OcrLine]:
    lines = []
    for box, strip in zip(boxes, strips, strict=True):
        text, confidence = engine.read(strip)
        if text.strip():
            x0, y0 = (max(0.0, float(low) / scale) for low in box.min(axis=0))
            highest = box.max(axis=0)
            x1, y1 = (min(most, float(high) / scale) for most, high in zip(size, highest, strict=True))
            lines.append(OcrLine(text.strip(), x0, y0, x1, y1, confidence))
    return lines


def _in_rows(lines: list[OcrLine]) -> tuple[OcrLine, ...]:
    """From the top; lines whose middle lies within the height of another's are beside it."""
    rows: list[list[OcrLine]] = []
    for line in sorted(lines, key=lambda line: line.y0 + line.y1):
        if rows and (line.y0 + line.y1) / 2 < rows[-1][0].y1:
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda line: line.x0))


def _in_columns(lines: list[OcrLine]) -> tuple[OcrLine, ...]:
    """From the right; lines whose middle lies within the width of another's are above or below it."""
    columns: list[list[OcrLine]] = []
    for line in sorted(lines, key=lambda line: -line.x0 - line.x1):
        if columns and (line.x0 + line.x1) / 2 > columns[-1][0].x0:
            columns[-1].append(line)
        else:
            columns.append([line])
    return tuple(line for column in columns for line in sorted(column, key=lambda line: line.y0))
