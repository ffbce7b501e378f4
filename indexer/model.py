"""The values that the stages hand to one another.

Positions are offsets in characters (Python code points) into `Document.text`; spans are
half-open, `[start, end)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, where the part of the text that it governs begins."""

    start: int  # where its own line begins, so that the line goes with its part
    level: int  # 1 is the outermost
    title: str  # as the document has it, without markup


# When pages and pictures are read by OCR.
OcrMode = Literal[
    "never",
    "auto",  # where a page is a picture or its text garbled, and where a document is little but pictures
    "always",  # whatever the text layer says
]

# What went wrong, for a reader's own language; see `app/text/library.py` for what each means.
ProblemKind = Literal[
    "unsupported",
    "encrypted",
    "damaged",
    "charset",
    "empty",
    "no_text",
    "unopened",
    "name",
    "scan",
    "stamp",
    "garbled",
    "broken_page",
    "too_many_pages",
    "bytes_replaced",
    "cut",
    "declared",
    "ocr",
    "ocr_failed",
    "other_engine",
    "repaired",
    "doubtful",
    "left_out",
    "out_of_bounds",
    "not_embedded",
    "not_reached",
    "not_written",
    "other",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a reader could not read or had to repair."""

    reason: str  # one English sentence, with the value that was wrong
    page: int | None = None  # from 1; None: it concerns the whole file
    lost: bool = True  # text is missing because of it; False: a repair, nothing is missing
    kind: ProblemKind = "other"


Verdict = Literal[
    "ok",
    "repaired",  # read whole, after a repair
    "ocr",  # read from the picture of the page
    "suspicious",  # searchable, but part of it is missing, or may not be what the page shows
    "unreadable",  # nothing of it is searchable
]


@dataclass(frozen=True, slots=True)
class Reading:
    """How well a page, or a file, was read."""

    verdict: Verdict
    score: float  # 0 to 1: quality of the text, see `readers.quality`; of OCR its confidence
    engine: str  # what read it, such as "pdfium"
    reason: str = ""  # one English sentence; "" for ok
    kind: ProblemKind | None = None  # of the reason


# What a reader hands on before it is judged: nothing is ok by default.
NOT_JUDGED = Reading("unreadable", 0.0, "", "not judged", "other")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a paged document. Its span is empty where nothing could be read."""

    number: int  # from 1
    start: int
    end: int
    reading: Reading = NOT_JUDGED


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader got out of a file."""

    text: str
    title: str
    headings: tuple[Heading, ...] = ()  # by start
    pages: tuple[Page, ...] = ()  # by number; empty for formats without pages
    charset: str | None = None  # of text formats: the one chosen
    problems: tuple[Problem, ...] = ()
    reading: Reading = NOT_JUDGED


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage that is embedded and found as a whole.

    `text[overlap:]` of all chunks of a document, joined, is the document's text.
    """

    ordinal: int  # from 0, in document order
    text: str  # document.text[start:end]
    start: int
    end: int
    overlap: int  # characters at the beginning that repeat the end of the chunk before
    headings: tuple[str, ...]  # the path, outermost first
    pages: tuple[int, int] | None  # first and last page number; None without pages
