"""Whether the lines of a page were read in their order, by what stands at the joins; pure.

Where a margin broke a sentence, the last character of a line and the first of the next are a pair of Chinese
as often as any neighbours. Where lines of two columns were read across each other, they seldom are, although
each line by itself reads well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from indexer.readers.quality import pairs_of_chinese
from indexer.script import simplified_characters

# Of 29 printed pages in the right order .85 to 1.34 of the share within lines, of the same ones interleaved 0
# to .62.
_MIN_SHARE = 0.65
_MIN_JOINS = 12
_MIN_WITHIN = 0.5  # of the pairs within lines; verse and lists of names have less, and tell nothing
_DEVIATIONS = 4.0  # standard ones of chance, below what is to be expected; matters for few joins

_TWO_HAN = re.compile("[\u3400-\u9fff]{2}")


def joins(lines: Iterable[str]) -> list[str]:
    """The two Han at each place where the lines of one paragraph were joined."""
    return [pair for one, other in pairwise(lines) if _TWO_HAN.fullmatch(pair := one[-1:] + other[:1])]


def why_out_of_order(text: str, at_joins: Sequence[str]) -> str:
    """What speaks against the order of a page's lines, in English; "" for nothing.

    Args:
        at_joins: pairs of Han, of all paragraphs.
    """
    count = len(at_joins)
    if count < _MIN_JOINS:
        return ""
    within = _known([one + other for one, other in pairwise(text) if _TWO_HAN.fullmatch(one + other)])
    found = _known(at_joins)
    chance = _DEVIATIONS * (within * (1 - within) / count) ** 0.5
    if within < _MIN_WITHIN or found >= min(_MIN_SHARE * within, within - chance):
        return ""
    return (
        f"its lines seem to be out of order (where they meet {found:.0%} of the pairs of Han are known ones, "
        f"else {within:.0%})"
    )


def _known(pairs: Sequence[str]) -> float:
    """Share of the pairs that Chinese text is made of."""
    codes = np.frombuffer(simplified_characters("".join(pairs)).encode("utf-32-le"), np.uint32)
    keys = (codes[::2] << 16) | codes[1::2]
    table = pairs_of_chinese()
    at = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    return float(np.mean(table[at] == keys)) if len(keys) else 0.0
