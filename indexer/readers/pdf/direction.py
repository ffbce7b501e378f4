"""Which way the text of a page runs, by a sample of its characters as pdfium has them."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from typing import Any

from indexer.readers.pdf.lines import Box

_SAMPLES = 40  # characters that tell which way the text of a page runs


def turn_of(raw: Any, count: int, rotation: int) -> int:
    """Quarter turns clockwise that bring the text upright.

    Those of the page, unless most of the text lies on its side: a wide table set across the page.
    """
    import pypdfium2.raw as pdfium

    turns = [0, 0, 0, 0]
    for index in range(0, count, max(1, count // _SAMPLES)):
        angle = pdfium.FPDFText_GetCharAngle(raw, index)
        if angle >= 0 and pdfium.FPDFText_IsGenerated(raw, index) == 0:
            turns[round(-angle / (math.pi / 2)) % 4] += 1
    return turns.index(max(turns)) if 2 * max(turns) > sum(turns) else rotation


def text_runs_down(raw: Any, count: int, placed: Callable[[Any], Box]) -> bool:
    """Whether most characters stand below the one before them: vertical text."""
    import pypdfium2.raw as pdfium

    one, other = pdfium.FS_RECTF(), pdfium.FS_RECTF()
    down = across = 0
    for index in range(0, count - 1, max(1, count // _SAMPLES)):
        pdfium.FPDFText_GetLooseCharBox(raw, index, ctypes.byref(one))
        pdfium.FPDFText_GetLooseCharBox(raw, index + 1, ctypes.byref(other))
        here, there = placed(one), placed(other)
        if abs(there[1] - here[1]) > abs(there[0] - here[0]):
            down += 1
        else:
            across += 1
    return down > across
