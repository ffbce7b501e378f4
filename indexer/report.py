"""What an ingest did, source by source; failures by name, never counted as success."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from indexer.model import Page, Problem, Reading, Verdict

Outcome = Literal[
    "indexed",  # new or changed, and whole
    "partial",  # searchable, but a part of it could not be read
    "unchanged",
    "moved",  # renamed: nothing was embedded again
    "removed",
    "failed",  # an earlier version, if there was one, stays searchable
    "skipped",  # found in a folder, but of a type that nothing here reads
]


@dataclass(frozen=True, slots=True)
class SourceReport:
    source: str  # absolute path
    outcome: Outcome
    chunks: int = 0
    pages: int = 0
    charset: str | None = None
    problems: tuple[Problem, ...] = ()
    reading: Reading | None = None  # None: not read, such as a file of an unknown type
    read_pages: tuple[Page, ...] = ()  # of paged formats; empty where the file was not read now


@dataclass(frozen=True, slots=True)
class IngestReport:
    sources: tuple[SourceReport, ...]
    embedded_chunks: int
    seconds: float
    interrupted: bool = False
    stopped_by: str | None = None  # an error that ended the run early
    stopped_kind: str | None = None  # its class

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(source.outcome for source in self.sources))

    @property
    def verdicts(self) -> dict[Verdict, int]:
        """Files by the verdict on their reading, the best verdict first."""
        counted = Counter(source.reading.verdict for source in self.sources if source.reading)
        return {verdict: counted[verdict] for verdict in get_args(Verdict) if counted[verdict]}

    @property
    def incomplete(self) -> list[SourceReport]:
        """Sources that are not searchable as a whole."""
        return [
            source
            for source in self.sources
            if source.outcome == "failed" or any(problem.lost for problem in source.problems)
        ]

    @property
    def exit_code(self) -> int:
        """0 all indexed, 3 some sources failed, 1 nothing could be done, 130 interrupted."""
        if self.interrupted:
            return 130
        if all(source.outcome in ("failed", "skipped") for source in self.sources):
            return 1
        return 3 if self.incomplete or self.stopped_by else 0

    def to_json(self) -> dict[str, Any]:
        return {
            "exit_code": self.exit_code,
            "counts": self.counts,
            "verdicts": self.verdicts,
            "chunks": sum(source.chunks for source in self.sources),
            "embedded_chunks": self.embedded_chunks,
            "seconds": round(self.seconds, 3),
            "interrupted": self.interrupted,
            "stopped_by": self.stopped_by,
            "stopped_kind": self.stopped_kind,
            "sources": [asdict(source) for source in self.sources],
        }


_MIN_SHARE = 0.03  # of the bytes, before the pace says how long the others take


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is. Work is measured in bytes: files differ in size by a thousand."""

    done: int  # sources
    total: int
    bytes_done: int
    bytes_total: int
    embedded_chunks: int
    seconds: float
    current: str

    @property
    def chunks_per_second(self) -> float:
        return self.embedded_chunks / self.seconds if self.seconds else 0.0

    @property
    def eta_seconds(self) -> float | None:
        """None while it is too early to tell: the first files pay for the start of model and readers."""
        if self.bytes_done < _MIN_SHARE * self.bytes_total or not self.bytes_done:
            return None
        return self.seconds * (self.bytes_total - self.bytes_done) / self.bytes_done


def outcomes(sources: Sequence[SourceReport], *wanted: Outcome) -> list[SourceReport]:
    return [source for source in sources if source.outcome in wanted]
