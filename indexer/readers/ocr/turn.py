"""Which way up a page is, from a few of its lines.

Each line is tried as a lying strip, both ways up; the recogniser reads the wrong one badly. But it reads
columns of vertical text too, laid on their side, so a strip that reads well may be either a horizontal
line or such a column. What tells them apart is the glyphs: each turned on its own spot, those of a column
stand upright and can be read, and those of a horizontal line lie.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.readers.ocr.engine import Box, Pixels

Read = Callable[[Pixels], tuple[str, float]]  # a strip → text, confidence

_SAMPLE = 5  # lines that are tried
_MAX_LENGTH = 12  # of what is tried of a line, in heights of it, about characters
_MIN_ASPECT = 1.5  # below it a box is about one character, and shows no direction
_SURE = 0.9  # mean confidence; upright scans have .99, scans on their head .6 to .8
_MIN_HAN = 0.8  # share of Han and full-width marks; others are not of equal width
_MIN_GLYPHS = 4
# Of a column's characters, .9 and more are read again; of a horizontal line's, hardly any.
_READ_AGAIN = 0.5

_SQUARE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uff60]")


@dataclass(frozen=True, slots=True)
class Stance:
    """How a page stands."""

    turn: int  # degrees by which to turn it clockwise: 0, 90, 180 or 270
    is_vertical: bool  # its text runs in columns from the right


def stance(boxes: Sequence[Box], strips: Sequence[Pixels], read: Read) -> Stance:
    """How a page stands on which these boxes were found, from its longest lines.

    Args:
        strips: of each box, lying, those of standing boxes turned counterclockwise.
    """
    is_tall, sample = _sample(boxes, strips)
    if not sample:
        return Stance(0, False)
    readings = [read(strip) for strip in sample]
    flip = 0
    if float(np.mean([confidence for _, confidence in readings])) < _SURE:
        turned = [np.ascontiguousarray(strip[::-1, ::-1]) for strip in sample]
        others = [read(strip) for strip in turned]
        if _evidence(others) > _evidence(readings):
            flip, sample, readings = 180, turned, others
    is_vertical = _are_columns(sample, [text for text, _ in readings], read)
    # A horizontal line stands, or a column lies: what made the strip of it is the turn, or its inverse.
    quarter = 270 if is_tall and not is_vertical else 90 if is_vertical and not is_tall else 0
    return Stance((quarter + flip) % 360, is_vertical)


def askew(boxes: Sequence[Box]) -> float:
    """The small angle at which most of the text lies, in radians clockwise."""
    slants = sorted((slant, _long_side(box)) for box in boxes if (slant := _slant(box)) is not None)
    if not slants:
        return 0.0
    # Of a short box the detector knows no angle: it says 0.
    reached = np.cumsum([length for _, length in slants])
    return slants[int(np.searchsorted(reached, reached[-1] / 2))][0]


def set_straight(pixels: Pixels, boxes: Sequence[Box], angle: float) -> tuple[Pixels, list[Box]]:
    """A picture in grey and its boxes, turned back by an angle round the middle of all boxes.

    On a page askew by 2 degrees a line ends lower than the next one begins, and the upright rectangles
    round such lines overlap.
    """
    import cv2

    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.uint8)
    if not boxes:
        return grey, []
    back = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.mean(np.concatenate(boxes), axis=0)
    turned = cv2.getRotationMatrix2D(middle.tolist(), float(np.degrees(angle)), 1.0)
    straight = cv2.warpAffine(grey, turned, grey.shape[::-1], borderValue=255).astype(np.uint8)
    return straight, [((box - middle) @ back + middle).astype(np.float32) for box in boxes]


def _slant(box: Box) -> float | None:
    """Radians clockwise at which a long box lies, or leans if it stands; None for one that is not long."""
    across, down = box[1] - box[0], box[3] - box[0]
    width, height = float(np.linalg.norm(across)), float(np.linalg.norm(down))
    if width >= _MIN_ASPECT * height:
        return float(np.arctan2(across[1], across[0]))
    if height >= _MIN_ASPECT * width:
        return float(np.arctan2(-down[0], down[1]))
    return None


def _long_side(box: Box) -> float:
    return float(np.linalg.norm(box[[1, 3]] - box[0], axis=1).max())


def _sample(boxes: Sequence[Box], strips: Sequence[Pixels]) -> tuple[bool, list[Pixels]]:
    """Whether most of the text stands, and the beginnings of the longest lines that lie as most do."""
    tall: list[Pixels] = []
    wide: list[Pixels] = []
    for box, strip in zip(boxes, strips, strict=True):
        length, height = _length(strip), strip.shape[0]
        if length >= _MIN_ASPECT * height:
            across, down = (float(np.linalg.norm(box[corner] - box[0])) for corner in (1, 3))
            (tall if down > across else wide).append(strip)
    is_tall = sum(_length(strip) for strip in tall) > sum(_length(strip) for strip in wide)
    longest = sorted(tall if is_tall else wide, key=_length, reverse=True)[:_SAMPLE]
    return is_tall, [np.ascontiguousarray(strip[:, : _MAX_LENGTH * strip.shape[0]]) for strip in longest]


def _length(strip: Pixels) -> int:
    return int(strip.shape[1])


def _evidence(readings: Sequence[tuple[str, float]]) -> float:
    """About how many characters were read right."""
    return sum(len(text) * confidence for text, confidence in readings)


def _are_columns(strips: Sequence[Pixels], texts: Sequence[str], read: Read) -> bool:
    glyphs = again = 0
    for strip, text in zip(strips, texts, strict=True):
        if len(text) >= _MIN_GLYPHS and len(_SQUARE.findall(text)) >= _MIN_HAN * len(text):
            found, _ = read(_each_turned(strip, len(text)))
            glyphs += len(text)
            again += (Counter(text) & Counter(found)).total()
    return glyphs > 0 and again >= _READ_AGAIN * glyphs


def _each_turned(strip: Pixels, count: int) -> Pixels:
    """A strip of `count` square characters, with each turned clockwise where it is."""
    edges = np.linspace(0, strip.shape[1], count + 1).round().astype(int)
    pitch = max(1, strip.shape[1] // count)
    return np.hstack([np.rot90(strip[:, start : start + pitch], -1) for start in edges[:-1]])
