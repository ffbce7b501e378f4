"""The state of one ingest, and of each source on its way through it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from indexer.catalog import Catalog, SourceRecord
from indexer.embedding import Embedder, Vectors
from indexer.model import Chunk, Document, Page
from indexer.report import Progress, SourceReport
from indexer.sources import Source
from indexer.store import VectorStore
from indexer.words import Analyzer


@dataclass(slots=True)
class Prepared:
    """A source that has been read and chunked, on its way to the store."""

    source: Source
    version: str
    document: Document
    chunks: list[Chunk]
    texts: list[str]  # as they are embedded
    vectors: list[Vectors | None]  # (full_dim,) each; None: still to embed
    old: SourceRecord | None  # the row under the path that the source had before it was moved


@dataclass(slots=True)
class Run:
    """One ingest's state."""

    store: VectorStore
    catalog: Catalog
    collection: str
    load_embedder: Callable[[], Embedder]
    analyzer: Analyzer
    on_progress: Callable[[Progress], None]
    total: int
    bytes_total: int
    records: dict[str, SourceRecord]  # the catalogue, by path
    again: bool  # read also what has not changed
    gone: dict[str, SourceRecord]  # of them, those whose files are gone, and that did not move
    started: float = field(default_factory=time.monotonic)
    reports: list[SourceReport] = field(default_factory=list)
    tickets: dict[str, str] = field(default_factory=dict)  # source → ticket
    bytes_done: int = 0
    bytes_embedded: dict[str, float] = field(default_factory=dict)  # of sources that are not done yet
    embedded: int = 0
    failures_in_a_row: int = 0
    loaded: Embedder | None = None
    by_version: dict[str, str] = field(init=False)  # content → a source that has it
    _moved: dict[str, SourceRecord] = field(init=False)

    def __post_init__(self) -> None:
        self.by_version = {record.version: path for path, record in self.records.items()}
        self._moved = {record.version: record for record in self.gone.values() if record.version}

    @property
    def embedder(self) -> Embedder:
        """Loaded when the first text needs it: a run that changes nothing loads no model."""
        if self.loaded is None:
            self.loaded = self.load_embedder()
        return self.loaded

    def progress(self, current: str) -> None:
        self.on_progress(
            Progress(
                done=len(self.reports),
                total=self.total,
                bytes_done=self.bytes_done + round(sum(self.bytes_embedded.values())),
                bytes_total=self.bytes_total,
                embedded_chunks=self.embedded,
                seconds=time.monotonic() - self.started,
                current=current,
            )
        )

    def report(self, source: Source, report: SourceReport) -> None:
        self.reports.append(report)
        self.bytes_embedded.pop(source.shown, None)
        if report.outcome == "unchanged":
            self.bytes_total -= source.bytes  # no work: the time that is left is not measured by it
        else:
            self.bytes_done += source.bytes
        self.progress(source.shown)

    def put(
        self, record: SourceRecord, instead_of: str | None = None, pages: Sequence[Page] | None = None
    ) -> None:
        self.catalog.put(record, instead_of, pages)
        self.records[record.source] = record
        self.by_version[record.version] = record.source
        if instead_of:
            del self.records[instead_of]

    def take_moved(self, version: str) -> SourceRecord | None:
        """The source that had this very content and whose file is gone; given out once."""
        record = self._moved.pop(version, None)
        if record:
            del self.gone[record.source]
        return record
