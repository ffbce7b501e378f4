"""The verdict on what a reader handed on; pure.

No reader says of itself that it read well: its text is judged here, and what it reports as lost or
repaired counts against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from indexer.model import NOT_JUDGED, Document, Page, Problem, ProblemKind, Reading, Verdict
from indexer.readers.pdf.page import OCR_ENGINE
from indexer.readers.quality import OK, judge

# From the best to the worst.
VERDICTS: tuple[Verdict, ...] = ("ok", "repaired", "ocr", "suspicious", "unreadable")


def judged(document: Document, engine: str) -> Document:
    """The document with a reading of each page and of the whole; those that the reader has judged stay.

    Args:
        engine: what read it, where the reader has not said so page by page.
    """
    if not document.pages:
        reading = document.reading
        if reading is NOT_JUDGED:
            reading = reading_of(document.text, document.problems, engine)
        doubt = _doubt(reading, document.problems)
        return replace(document, reading=reading, problems=(*document.problems, *doubt))
    pages: list[Page] = []
    problems = list(document.problems)
    by_page: defaultdict[int | None, list[Problem]] = defaultdict(list)
    for problem in document.problems:
        by_page[problem.page].append(problem)
    for page in document.pages:
        own, reading = by_page[page.number], page.reading
        if reading is NOT_JUDGED:
            reading = reading_of(document.text[page.start : page.end], own, engine)
        problems += _doubt(reading, own, page.number)
        pages.append(replace(page, reading=reading))
    numbers = {page.number for page in document.pages}
    of_file = [problem for problem in document.problems if problem.page not in numbers]
    return replace(
        document, pages=tuple(pages), problems=tuple(problems), reading=_of_pages(pages, of_file, engine)
    )


def reading_of(
    text: str, problems: Sequence[Problem], engine: str, ocr_confidence: float | None = None
) -> Reading:
    """How well a text was read, in the light of what the reader reported.

    A text that looks garbled is doubtful here, not unreadable: of most formats there is no second witness,
    and a list of names looks odd too.

    Args:
        ocr_confidence: of the part of the text that OCR read; None: there is none.
    """
    if ocr_confidence is not None:
        return _partly_by_ocr(reading_of(text, problems, f"{engine}, {OCR_ENGINE}"), problems, ocr_confidence)
    quality = judge(text)
    lost = next((problem for problem in problems if problem.lost), None)
    repaired = next((problem for problem in problems if not problem.lost), None)
    if not text.strip():
        # A page may be blank. One that should not be has a problem.
        verdict: Verdict = "unreadable" if lost else "ok"
        return _reading(verdict, 0.0 if lost else 1.0, engine, lost)
    if lost:
        return _reading("suspicious", quality.score, engine, lost)
    if quality.score < OK:
        return Reading("suspicious", quality.score, engine, quality.reason, "doubtful")
    return _reading("repaired" if repaired else "ok", quality.score, engine, repaired)


def _partly_by_ocr(reading: Reading, problems: Sequence[Problem], confidence: float) -> Reading:
    """The reading, with OCR's confidence for its score where that is less."""
    score = round(min(reading.score, confidence), 3)
    if reading.verdict not in ("ok", "repaired"):
        return replace(reading, score=score)
    said = next((problem.reason for problem in problems if problem.kind == "ocr"), "")
    return Reading("ocr", score, reading.engine, said, "ocr")


def unreadable(problem: Problem) -> Reading:
    """The reading of a file that no reader could read."""
    return Reading("unreadable", 0.0, "", problem.reason, problem.kind)


def _reading(verdict: Verdict, score: float, engine: str, problem: Problem | None) -> Reading:
    kind: ProblemKind | None = problem.kind if problem else None
    return Reading(verdict, round(score, 3), engine, problem.reason if problem else "", kind)


def _doubt(reading: Reading, problems: Sequence[Problem], page: int | None = None) -> list[Problem]:
    """A problem for a text that the reader found nothing wrong with, and that is doubtful all the same."""
    if reading.kind != "doubtful" or any(problem.kind == "doubtful" for problem in problems):
        return []
    return [Problem(f"{reading.reason}; compare it with the file", page, kind="doubtful")]


def _with_page(problem: Problem) -> str:
    """The reason, with the page if it is one that is not among the document's, such as a hidden slide."""
    return f"page {problem.page}: {problem.reason}" if problem.page else problem.reason


def _of_pages(pages: Sequence[Page], of_file: Sequence[Problem], engine: str) -> Reading:
    """The worst page's verdict; a file of which something can be searched is not unreadable."""
    worst = max(pages, key=lambda page: (VERDICTS.index(page.reading.verdict), -page.reading.score))
    names = {name for page in pages for name in page.reading.engine.split(", ")}
    engines = ", ".join(sorted(filter(None, names)))
    verdict, reason, kind = worst.reading.verdict, worst.reading.reason, worst.reading.kind
    if verdict == "unreadable" and any(page.end > page.start for page in pages):
        verdict = "suspicious"
    lost = next((problem for problem in of_file if problem.lost), None)
    if lost and VERDICTS.index(verdict) < VERDICTS.index("suspicious"):
        verdict, reason, kind = "suspicious", _with_page(lost), lost.kind
    elif of_file and verdict == "ok":
        verdict, reason, kind = "repaired", _with_page(of_file[0]), of_file[0].kind
    elif reason:
        same = [page.number for page in pages if page.reading.verdict == worst.reading.verdict]
        reason = f"page {same[0]}{f' and {len(same) - 1} more' if len(same) > 1 else ''}: {reason}"
    score = min(page.reading.score for page in pages)
    return Reading(verdict, score, engines or engine, reason, kind)
