"""What the engines make of a page's text layer, and how much two readings of a page have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from indexer.normalize import searchable
from indexer.readers.ocr import OcrLine
from indexer.readers.pdf.lines import Line
from indexer.readers.pdf.pdfium import unmapped_share
from indexer.readers.quality import OK, Quality, judge
from indexer.readers.rules import NO_RULES, Rules

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

STAMP_CHARACTERS = 20  # with fewer the text may be a stamp or a page number on a picture
_MAX_UNMAPPED = 0.02  # of the characters; where the fonts are right, none is

Extract = Callable[[], tuple[Sequence[Line], Rules]]


@dataclass(frozen=True, slots=True)
class Layer:
    """What one engine makes of the text layer."""

    engine: str
    lines: tuple[Line, ...]
    quality: Quality
    rules: Rules = NO_RULES
    error: str = ""  # why it failed

    @property
    def is_good(self) -> bool:
        return self.quality.score >= OK

    @property
    def characters(self) -> int:
        return sum(len("".join(line.text.split())) for line in self.lines)


def best_layer(engines: Sequence[tuple[str, Extract]], page: PdfPage) -> Layer:
    """What the engine gets that reads the page best; the first one that reads it well.

    Args:
        engines: name, and what extracts the lines of this page and its rules, the fastest first.
    """
    layers = []
    for name, extract in engines:
        layers.append(_layer(name, extract))
        if layers[-1].is_good and layers[-1].characters >= STAMP_CHARACTERS:
            break

    def rank(layer: Layer) -> tuple[bool, float, int, bool]:
        # Where both have nothing, an engine that says why knows more than one that finds the page blank.
        return layer.is_good, round(layer.quality.score, 1), layer.characters, bool(layer.error)

    return _as_mapped(max(layers, key=rank), page)


def _layer(name: str, extract: Extract) -> Layer:
    try:
        lines, rules = extract()
    except Exception as error:  # of a corrupt page, which must not take the others with it
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        return Layer(name, (), Quality(0.0), error=said)
    return Layer(name, tuple(lines), judge(text_of(lines)), rules)


def _as_mapped(layer: Layer, page: PdfPage) -> Layer:
    """The layer, not good if its fonts don't say which characters they draw, whatever it looks like."""
    unmapped = unmapped_share(page) if layer.is_good and layer.characters else 0.0
    if unmapped <= _MAX_UNMAPPED:
        return layer
    reason = f"its fonts don't say which characters {unmapped:.0%} of its glyphs are"
    return replace(layer, quality=Quality(min(layer.quality.score, max(0.0, OK - unmapped)), reason))


def text_of(lines: Iterable[Line | OcrLine]) -> str:
    return "\n".join(line.text for line in lines)


def agreement(one: str, other: str) -> float:
    """Share of the pairs of neighbouring characters that two texts have in common, in any order."""
    first, second = _pairs(one), _pairs(other)
    most = max(first.total(), second.total())
    return (first & second).total() / most if most else 0.0


def _pairs(text: str) -> Counter[str]:
    characters = "".join(searchable(text).split())
    return Counter(map("".join, pairwise(characters)))
