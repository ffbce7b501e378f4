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


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a paged document. Its span is empty where nothing could be read."""

    number: int  # from 1
    start: int
    end: int


# What went wrong, for a reader's own language; see `app/text/library.py` for what each means.
ProblemKind = Literal[
    "unsupported",
    "encrypted",
    "damaged",
    "charset",
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


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader got out of a file."""

    text: str
    title: str
    headings: tuple[Heading, ...] = ()  # by start
    pages: tuple[Page, ...] = ()  # by number; empty for formats without pages
    charset: str | None = None  # of text formats: the one chosen
    problems: tuple[Problem, ...] = ()


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
