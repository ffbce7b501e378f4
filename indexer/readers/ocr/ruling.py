"""The rules that a picture of a page shows, and lines of text cut where one goes through them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from indexer.readers.ocr.engine import Box, Pixels
from indexer.readers.rules import Rule, Rules

_MIN_LENGTH = 1.5  # heights of a line of text; strokes of characters are shorter
_MAX_THICKNESS = 0.4  # heights of a line; thicker is a bar or a shade
_PAPER = 15  # grey levels by which ink is darker than what is around it
_GOES_THROUGH = 0.6  # of a line's height
_LONGER = 1.2  # heights of a line; a stroke of its characters is no rule
_MEET = 0.2  # of a rule's length; so near its ends rules across meet it
_FREE = 0.15  # heights of a line, beside a rule
_MIN_PIECE = 0.4  # heights of a line; the detector leaves less beside the text


def rules_of(grey: Pixels, height: float) -> Rules:
    """The rules of a picture that stands straight, in its pixels.

    Args:
        grey: (height, width), dark on light.
        height: of a line of its text.
    """
    import cv2

    mean, inverse = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV
    around = 2 * round(height) + 3
    ink = cv2.adaptiveThreshold(grey, 255, mean, inverse, around, _PAPER).astype(np.uint8)
    length = max(3, round(_MIN_LENGTH * height))
    thickness = _MAX_THICKNESS * height
    across = [
        Rule(y, x - wide / 2, x + wide / 2)
        for x, y, wide, high, area in _bars(ink, (length, 1))
        if area <= thickness * wide
    ]
    down = [
        Rule(x, y - high / 2, y + high / 2)
        for x, y, wide, high, area in _bars(ink, (1, length))
        if area <= thickness * high
    ]
    return Rules(tuple(across), tuple(down))


def _bars(ink: Pixels, size: tuple[int, int]) -> list[tuple[float, float, float, float, float]]:
    """Middle (x, y), width, height and area of what is as long as `size`, width and height, without a gap."""
    import cv2

    wide, high = size
    # A rule that is a little askew steps from row to row.
    thick = cv2.dilate(ink, np.ones((3, 1) if wide > high else (1, 3), np.uint8))
    bars = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((high, wide), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(bars, connectivity=8)
    return [
        (x + w / 2, y + h / 2, float(w), float(h), float(area))
        for x, y, w, h, area in stats[1:count].tolist()
    ]


def cut(boxes: Sequence[Box], strips: Sequence[Pixels], rules: Rules) -> tuple[list[Box], list[Pixels]]:
    """Lying lines of text cut at the rules that go down through them: they are of several cells.

    Args:
        boxes: straight, in the unit of the rules.
        strips: of each box.
    """
    cut_boxes: list[Box] = []
    cut_strips: list[Pixels] = []
    sides = [rule for rule in rules.down if _has_ends(rule, rules.across)]
    for box, strip in zip(boxes, strips, strict=True):
        (x0, y0), (x1, y1) = box.min(axis=0), box.max(axis=0)
        edges = _edges((x0, y0, x1, y1), sides)
        free = _FREE * (y1 - y0)
        for left, right in pairwise(edges):
            start, end = (round((x - x0) / (x1 - x0) * strip.shape[1]) for x in (left, right))
            # What is left of the rule is no part of the lines: they don't touch.
            left, right = left + free * (left > x0), right - free * (right < x1)
            cut_boxes.append(np.array([[left, y0], [right, y0], [right, y1], [left, y1]], np.float32))
            cut_strips.append(strip[:, start:end] if len(edges) > 2 else strip)
    return cut_boxes, cut_strips


def _has_ends(rule: Rule, across: Sequence[Rule]) -> bool:
    """Whether rules across meet it above and below, as those of a table do, and not strokes of characters."""
    near = _MEET * (rule.end - rule.start)
    meeting = [other.at for other in across if other.start - near < rule.at < other.end + near]
    return all(any(abs(at - end) < near for at in meeting) for end in (rule.start, rule.end))


def _edges(sides: tuple[float, float, float, float], rules: Sequence[Rule]) -> list[float]:
    """The left end of a line, where rules longer than it is high go through it, and its right end."""
    x0, y0, x1, y1 = sides
    height = y1 - y0
    margin = _MIN_PIECE * height
    edges = [x0]
    for rule in sorted(rules, key=lambda rule: rule.at):
        goes_through = min(rule.end, y1) - max(rule.start, y0) >= _GOES_THROUGH * height
        is_long = rule.end - rule.start >= _LONGER * height
        if goes_through and is_long and x1 - x0 > height and edges[-1] + margin < rule.at < x1 - margin:
            edges.append(rule.at)
    return [*edges, x1]


def line_height(boxes: Sequence[Box]) -> float:
    """The usual height of lines; 0 for none."""
    sides = (np.linalg.norm(box[[1, 3]] - box[0], axis=1) for box in boxes)  # width and height as it lies
    return float(np.median([side.min() for side in sides])) if boxes else 0.0
