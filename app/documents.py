"""What the library page tells of the indexed documents; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from indexer.catalog import SourceRecord
from indexer.model import Page, Verdict
from indexer.normalize import exact

# How a document fared: the verdict on its reading, or its state where that says more.
Finding = Literal[Verdict, "partial", "failed"]
# From the worst to the best.
FINDINGS: tuple[Finding, ...] = ("failed", "unreadable", "partial", "suspicious", "ocr", "repaired", "ok")


def finding(record: SourceRecord) -> Finding:
    """The verdict on the reading. The state of what was read before there were verdicts, and of what was
    read and could not be indexed then."""
    reading = record.reading
    if reading is None or (record.state == "failed" and reading.verdict != "unreadable"):
        return record.state
    return reading.verdict


def findings(records: Sequence[SourceRecord]) -> dict[Finding, int]:
    """How many documents `matching` finds for each finding, the best first; those that do not occur are
    left out."""
    counts = {wanted: sum(_fits(record, wanted) for record in records) for wanted in reversed(FINDINGS)}
    return {wanted: count for wanted, count in counts.items() if count}


def matching(
    records: Iterable[SourceRecord], part: str = "", wanted: Finding | None = None
) -> list[SourceRecord]:
    """Those whose name or folder has the part, whatever its script, width or case; the worst first.

    Args:
        wanted: only those that fared so. "ocr" also finds those of which OCR read but some pages.
    """
    sought = exact(part.strip())
    found = [
        record
        for record in records
        if sought in exact(record.shown) and (wanted is None or _fits(record, wanted))
    ]
    return sorted(found, key=lambda record: (FINDINGS.index(finding(record)), record.shown))


def _fits(record: SourceRecord, wanted: Finding) -> bool:
    if wanted == "ocr" and any(problem.kind == "ocr" for problem in record.problems):
        return True
    return finding(record) == wanted


def folder_of(record: SourceRecord) -> str:
    parent = PurePosixPath(record.shown).parent
    return "" if parent == PurePosixPath(".") else str(parent)


def with_problems(records: Iterable[SourceRecord]) -> list[SourceRecord]:
    """Those that are not searchable as a whole."""
    return [record for record in records if record.state != "ok"]


def page_texts(pages: Sequence[Page], text: str) -> list[str] | None:
    """The text of each page.

    Args:
        text: the document's.

    Returns:
        None: the pages go on beyond the text, which is another document's.
    """
    if any(page.end > len(text) for page in pages):
        return None
    return [text[page.start : page.end] for page in pages]


def is_below(path: Path, folder: Path) -> bool:
    """Whether a file is in a folder, links and `..` aside."""
    return path.resolve().is_relative_to(folder.resolve())
