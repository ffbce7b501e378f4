"""One page: which engine reads it best, when a picture has to be read instead, and how well it went.

pdfium is 10 to 25 times as fast as pypdf, but gets nothing from some fonts that pypdf reads; each page goes
to pdfium first, to pypdf if that reads it badly, and to OCR if both do or the page is a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from indexer.model import OcrMode, Problem, ProblemKind, Reading, Verdict
from indexer.readers.ocr import DPI, OcrLine, OcrPage, OcrUnavailableError, recognise
from indexer.readers.pdf.hidden_layer import CLEAR, Sample, is_hidden
from indexer.readers.pdf.layer import STAMP_CHARACTERS, Extract, Layer, agreement, best_layer, text_of
from indexer.readers.pdf.lines import Line
from indexer.readers.pdf.picture import ink_outside, picture_rules, picture_share, rendered, shows_something
from indexer.readers.quality import OK, UNREADABLE, judge
from indexer.readers.rules import NO_RULES, Rules

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

OCR_ENGINE = "rapidocr"

# What a picture of this share of the page shows may be text, of which the layer has only a caption.
_MIN_PICTURE = 0.15
_PICTURE_INK = 0.02  # of the page's area, dark outside the text: a picture, more than a rule or a logo
# Confidence of OCR (benchmarks/ocr.py). Pages that are read right have .95 and more; below `SURE` a tenth of
# the characters or more was wrong, below `MIN_CONFIDENCE` more than half.
SURE, MIN_CONFIDENCE = 0.9, 0.7
_TALL = 1.5  # times as high as wide: a column of vertical text
_AGREES = 0.7  # of the pairs of characters of two readings: they read the same page
# A right layer shares .88 or more with OCR that is so confident, one with every tenth character wrong .84 or
# less, one of another page of the same book .31.
_VERY_SURE, _AGREES_WITH_SURE = 0.95, 0.85
_HIDDEN = "its text is an invisible layer, made by somebody's OCR"
_FEWER = 0.8  # of the characters that OCR sees; a text layer that has less holds a part of the page


@dataclass(frozen=True, slots=True)
class PageRead:
    lines: tuple[Line, ...]  # as the engine has them; none where nothing could be read
    width: float  # of the page, in the units of the lines
    height: float
    reading: Reading
    problem: Problem | None = None
    rules: Rules = NO_RULES


def read_page(
    number: int, page: PdfPage, engines: Sequence[tuple[str, Extract]], ocr: OcrMode, sample: Sample
) -> PageRead:
    """Read one page as well as it can be.

    Args:
        engines: name, and what extracts the lines of this page and its rules, the fastest first.
        sample: of the file; it learns how the page's layer fared, where that is a hidden one.
    """
    layer = best_layer(engines, page)
    width, height = page.get_size()
    share = picture_share(page)
    layer_is_hidden = share > 0 and is_hidden(page)
    if layer_is_hidden and layer.lines:
        layer = replace(layer, rules=picture_rules(page, layer.lines))
    read = _Page(number, layer, width, height, layer_is_hidden)
    may_be_part = layer.characters < STAMP_CHARACTERS or share >= _MIN_PICTURE
    is_whole = layer.is_good and not (may_be_part and ink_outside(page, layer.lines) >= _PICTURE_INK)
    if ocr != "always":
        may_compare = ocr == "auto" and read.is_hidden
        if is_whole and not (may_compare and sample.wants(number, layer.quality.score, layer.characters)):
            return read.as_it_is(fallback=layer.engine != engines[0][0])
        if not layer.characters and not shows_something(page):
            return read.blank()
    if ocr == "never":
        return read.without_ocr("")
    try:
        seen = recognise(rendered(page, DPI))
    except OcrUnavailableError as error:
        why = f", and there is no OCR: {error}"
        return read.unchecked(why) if read.is_hidden and is_whole else read.without_ocr(why)
    if ocr == "always" and seen.confidence >= MIN_CONFIDENCE:
        return read.by_ocr(seen, "its picture was to be read")
    better = read.better_of(seen)
    if read.is_hidden and seen.confidence >= SURE and better.reading.engine == OCR_ENGINE:
        sample.refute(layer.quality.score, layer.characters)
    return better


def unread_page(number: int, reason: str, kind: ProblemKind) -> PageRead:
    """A page of which nothing was read."""
    reading = Reading("unreadable", 0.0, "", reason, kind)
    return PageRead((), 1.0, 1.0, reading, Problem(reason, number, kind=kind))


def doubted_page(page: PageRead, number: int, reason: str, kind: ProblemKind = "doubtful") -> PageRead:
    """A page with a doubt about what was read; one that is doubtful already stays as it is."""
    if page.reading.verdict in ("suspicious", "unreadable"):
        return page
    reading = replace(page.reading, verdict="suspicious", reason=reason, kind=kind)
    return replace(page, reading=reading, problem=Problem(reason, number, kind=kind))


@dataclass(frozen=True, slots=True)
class _Page:
    """What is known of a page's text layer, and what may become of it."""

    number: int
    layer: Layer
    width: float
    height: float
    is_hidden: bool  # the layer is not what the page shows

    def as_it_is(self, fallback: bool = False) -> PageRead:
        if self.is_hidden:
            return self.unchecked("")
        problem = None
        if fallback:
            reason = f"{self.layer.engine} read it, the faster engine got nothing or garbage"
            problem = Problem(reason, self.number, lost=False, kind="other_engine")
        return self._layer_read("repaired" if fallback else "ok", problem)

    def unchecked(self, why: str) -> PageRead:
        """With a hidden layer that is believed, though nobody has compared it with the picture."""
        reason = f"{_HIDDEN}, and was not compared with the picture{why}"
        if self.layer.quality.score < CLEAR:
            return self._doubtful(f"{reason}; {self.layer.quality.reason or 'it reads badly'}", "doubtful")
        return self._layer_read("ocr", Problem(reason, self.number, lost=False, kind="ocr"))

    def _compared(self, seen: OcrPage) -> PageRead:
        """With a hidden layer that is believed if it has what OCR sees."""
        alike = agreement(text_of(self.layer.lines), text_of(seen.lines))
        if alike >= (_AGREES_WITH_SURE if seen.confidence >= _VERY_SURE else _AGREES):
            reason = f"{_HIDDEN}, and has what the picture shows ({alike:.0%} alike)"
            return self._layer_read("ocr", Problem(reason, self.number, lost=False, kind="ocr"))
        if seen.confidence >= SURE:
            return self.by_ocr(seen, f"its invisible text layer is not what it shows ({alike:.0%} alike)")
        return self._doubtful(
            f"{_HIDDEN}, and only {alike:.0%} alike what OCR makes of the picture, which it can't read well",
            "doubtful",
        )

    def blank(self) -> PageRead:
        if self.layer.error:
            return self._unreadable(f"the page is broken ({self.layer.error})", "broken_page")
        return self._layer_read("ok")

    def without_ocr(self, why: str) -> PageRead:
        layer = self.layer
        if not layer.characters:
            return self._unreadable(f"no text layer: the page is a picture and needs OCR{why}", "scan")
        if layer.quality.score < UNREADABLE:
            return self._unreadable(
                f"the text layer is garbled ({layer.quality.reason}): its fonts don't say which characters "
                f"they draw; the page needs OCR{why}",
                "garbled",
            )
        if layer.is_good:
            return self._doubtful(
                f"a picture on it is not read, only {layer.characters} characters of text; it needs OCR{why}",
                "stamp",
            )
        return self._doubtful(f"{layer.quality.reason}; OCR would tell{why}", "doubtful")

    def better_of(self, seen: OcrPage) -> PageRead:
        """The text layer or what OCR saw, whichever is likelier to be what the page shows."""
        layer = self.layer
        if self.is_hidden and layer.quality.score >= UNREADABLE:
            return self._compared(seen)
        characters = sum(len(line.text) for line in seen.lines)
        if layer.is_good and layer.characters >= _FEWER * characters:
            return self.as_it_is()  # such as a title over a photograph
        if layer.characters and agreement(text_of(layer.lines), text_of(seen.lines)) >= _AGREES:
            return self.as_it_is()  # a strange text, such as a list of names, but what the page shows
        if seen.confidence >= MIN_CONFIDENCE:
            why = "its text layer is garbled" if layer.characters else "the page is a picture"
            if layer.is_good:
                why = f"a picture on it has more than the text layer's {layer.characters} characters"
            return self.by_ocr(seen, why)
        if layer.quality.score >= UNREADABLE:
            return self._doubtful(f"{layer.quality.reason}, and OCR can't read it either", "doubtful")
        if not seen.lines and not layer.characters:
            return self._layer_read(
                "ocr", Problem("a picture in which OCR finds no text", self.number, lost=False, kind="ocr")
            )
        return self._unreadable(
            f"OCR can't read it (confidence {seen.confidence:.2f}), and the text layer "
            f"{'is garbled' if layer.characters else 'is empty'}",
            "ocr_failed",
        )

    def by_ocr(self, seen: OcrPage, why: str) -> PageRead:
        lines = tuple(map(line_of, seen.lines))
        quality = judge(text_of(lines))
        turned = f", turned by {seen.turned}°" if seen.turned else ""
        reason = f"read by OCR{turned}, since {why}"
        problem = Problem(reason, self.number, lost=False, kind="ocr")
        reading = Reading("ocr", round(seen.confidence, 3), OCR_ENGINE, reason, "ocr")
        if seen.confidence < SURE or quality.score < OK:
            doubt = quality.reason or f"its confidence is only {seen.confidence:.2f}"
            reason = f"{reason}, and doubtful: {doubt}; compare it with the page"
            problem = Problem(reason, self.number, kind="doubtful")
            score = round(min(seen.confidence, quality.score), 3)
            reading = Reading("suspicious", score, OCR_ENGINE, reason, "doubtful")
        return PageRead(lines, seen.width, seen.height, reading, problem, seen.rules)

    def _layer_read(self, verdict: Verdict, problem: Problem | None = None) -> PageRead:
        layer = self.layer
        score = layer.quality.score if layer.characters else 1.0
        reading = Reading(
            verdict,
            round(score, 3),
            layer.engine if layer.characters else "",
            problem.reason if problem else "",
            problem.kind if problem else None,
        )
        return PageRead(layer.lines, self.width, self.height, reading, problem, layer.rules)

    def _doubtful(self, reason: str, kind: ProblemKind) -> PageRead:
        return self._layer_read("suspicious", Problem(reason, self.number, kind=kind))

    def _unreadable(self, reason: str, kind: ProblemKind) -> PageRead:
        reading = Reading("unreadable", round(self.layer.quality.score, 3), self.layer.engine, reason, kind)
        problem = Problem(reason, self.number, kind=kind)
        return PageRead((), self.width, self.height, reading, problem)


def line_of(seen: OcrLine) -> Line:
    is_column = len(seen.text) > 1 and seen.y1 - seen.y0 > _TALL * (seen.x1 - seen.x0)
    return Line(seen.text, seen.x0, seen.y0, seen.x1, seen.y1, 0.0, vertical=is_column)
