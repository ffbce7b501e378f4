"""What the library page tells of the indexed documents; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from indexer.catalog import SourceRecord, Verdict
from indexer.model import Document, Problem
from indexer.normalize import exact


@dataclass(frozen=True, slots=True)
class PageVerdict:
    """How one page was read."""

    number: int
    text: str
    problems: tuple[Problem, ...]


def matching(
    records: Iterable[SourceRecord], part: str = "", verdict: Verdict | None = None
) -> list[SourceRecord]:
    """Those whose name or folder has the part, whatever its script, width or case; failures first."""
    wanted = exact(part.strip())
    found = [
        record for record in records if wanted in exact(record.shown) and verdict in (None, record.verdict)
    ]
    order: Sequence[Verdict] = ("failed", "partial", "ok")
    return sorted(found, key=lambda record: (order.index(record.verdict), record.shown))


def folder_of(record: SourceRecord) -> str:
    parent = PurePosixPath(record.shown).parent
    return "" if parent == PurePosixPath(".") else str(parent)


def with_problems(records: Iterable[SourceRecord]) -> list[SourceRecord]:
    """Those that are not searchable as a whole."""
    return [record for record in records if record.verdict != "ok"]


def page_verdicts(document: Document) -> list[PageVerdict]:
    """Of each page, what was read and what went wrong."""
    return [
        PageVerdict(
            page.number,
            document.text[page.start : page.end],
            tuple(problem for problem in document.problems if problem.page == page.number),
        )
        for page in document.pages
    ]


def is_below(path: Path, folder: Path) -> bool:
    """Whether a file is in a folder, links and `..` aside."""
    return path.resolve().is_relative_to(folder.resolve())
