"""Ingest: find the sources, read, chunk, embed and write them; report on each.

Idempotent, and safe to kill at any moment: a source counts as indexed only when its chunks are
durable in the store, and writing it again replaces it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from indexer import readers
from indexer.catalog import Catalog, SourceRecord
from indexer.chunking import chunk_document, embedded_texts
from indexer.embedding import Embedder, Vectors
from indexer.errors import BatchFailedError, BlankTextError, EmbeddingError, ReadError, TextTooLongError
from indexer.model import Chunk, Document, Problem
from indexer.payload import chunk_payload
from indexer.report import IngestReport, Outcome, Progress, SourceReport
from indexer.sources import (
    Source,
    find_sources,
    moved_from,
    outcome_of,
    problem_of,
    size_of,
    unchanged,
    vanished,
    version_of,
)
from indexer.store import (
    Condition,
    ReplaceSource,
    VectorStore,
    chunk_id,
    source_id,
)
from indexer.words import passage_vector

_GROUP_CHUNKS = 256  # embedded together, whatever files they come from
_SLICE_CHUNKS = 64  # embedded between two reports of progress
_WAIT_SECONDS = 300.0  # for the owner to apply the last writes

_Key = tuple[tuple[str, ...], str]  # heading path and text: what makes a chunk's vector


@dataclass(slots=True)
class _Prepared:
    """A source that has been read and chunked, on its way to the store."""

    source: Source
    version: str
    document: Document
    chunks: list[Chunk]
    texts: list[str]  # as they are embedded
    vectors: list[Vectors | None]  # (full_dim,) each; None: still to embed
    moved_from: str | None
    seconds: float


@dataclass(slots=True)
class _Run:
    """One ingest's state."""

    store: VectorStore
    catalog: Catalog
    collection: str
    chunk_tokens: int
    overlap_tokens: int
    load_embedder: Callable[[], Embedder]
    on_progress: Callable[[Progress], None]
    total: int
    bytes_total: int
    started: float = field(default_factory=time.monotonic)
    reports: list[SourceReport] = field(default_factory=list)
    tickets: dict[str, str] = field(default_factory=dict)  # source → ticket
    bytes_done: int = 0
    embedded: int = 0
    loaded: Embedder | None = None

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
                bytes_done=self.bytes_done,
                bytes_total=self.bytes_total,
                embedded_chunks=self.embedded,
                seconds=time.monotonic() - self.started,
                current=current,
            )
        )

    def report(self, source: Source, outcome: Outcome, **details: object) -> None:
        self.reports.append(SourceReport(str(source.path), outcome, **details))  # type: ignore[arg-type]
        self.bytes_done += size_of(source.path)
        self.progress(source.shown)


def ingest(
    paths: Sequence[Path],
    store: VectorStore,
    catalog: Catalog,
    load_embedder: Callable[[], Embedder],
    *,
    collection: str,
    mirror: bool = False,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> IngestReport:
    """Index files and folders.

    Args:
        paths: files, or folders with all that is below them (hidden files left out).
        load_embedder: called at most once, and only if something has to be embedded.
        mirror: also remove sources below these folders whose files are gone.

    Returns:
        The report. On Ctrl-C, of what was done until then; the next run goes on from there.

    Raises:
        FileNotFoundError: one of the paths does not exist; nothing was done.
        StoreError: the index can't be written.
    """
    sources, skipped = find_sources(paths)
    if mirror:
        vanished(catalog, paths, sources)  # refuses an unmounted disk before anything is done
    run = _Run(
        store=store,
        catalog=catalog,
        collection=collection,
        chunk_tokens=store.spec.chunk_tokens,
        overlap_tokens=store.spec.overlap_tokens,
        load_embedder=load_embedder,
        on_progress=on_progress,
        total=len(sources),
        bytes_total=sum(size_of(source.path) for source in sources),
    )
    interrupted, stopped_by = False, None
    try:
        _index_all(run, sources)
        if mirror:
            _remove_vanished(run, paths, sources)
    except KeyboardInterrupt:
        interrupted = True
    except EmbeddingError as error:
        stopped_by = str(error)
        reached = {report.source for report in run.reports}
        for source in sources:
            if str(source.path) not in reached:
                run.report(source, "failed", problems=(Problem(f"not embedded: {error}"),))
    reports = [*_settle(run), *skipped]
    return IngestReport(tuple(reports), run.embedded, time.monotonic() - run.started, interrupted, stopped_by)


def _index_all(run: _Run, sources: Sequence[Source]) -> None:
    waiting: list[_Prepared] = []
    for source in sources:
        started = time.monotonic()
        try:
            version = version_of(source.path)
            record = run.catalog.get(str(source.path))
            if record and record.version == version and record.verdict != "failed":
                run.reports.append(unchanged(record))
                run.bytes_done += record.bytes
                continue
            document = readers.read(source.path)
        except (ReadError, OSError) as error:
            _fail(run, source, problem_of(error))
            continue
        prepared = _prepare(run, source, version, document, started)
        if not prepared.chunks:
            _fail(run, source, Problem("nothing to index: no visible character"))
            continue
        waiting.append(prepared)
        if sum(_missing(prepared) for prepared in waiting) >= _GROUP_CHUNKS:
            _embed_and_write(run, waiting)
            waiting = []
    _embed_and_write(run, waiting)


def _prepare(run: _Run, source: Source, version: str, document: Document, started: float) -> _Prepared:
    embedder = run.embedder
    chunks = chunk_document(document, embedder.count_tokens, run.chunk_tokens, run.overlap_tokens)
    twins = [record.source for record in run.catalog.with_version(version)]
    known = _known_vectors(run, [str(source.path), *twins])
    return _Prepared(
        source=source,
        version=version,
        document=document,
        chunks=chunks,
        texts=embedded_texts(document.title, chunks, embedder.count_tokens, run.chunk_tokens),
        vectors=[known.get((chunk.headings, chunk.text)) for chunk in chunks],
        moved_from=moved_from(run.catalog, source, version),
        seconds=time.monotonic() - started,
    )


def _known_vectors(run: _Run, sources: Sequence[str]) -> dict[_Key, Vectors]:
    """Vectors of chunks that are already in the index: of a renamed or copied file all, of an edited
    one those of the places that the edit did not touch."""
    ids = tuple(source_id(run.collection, source) for source in sources if run.catalog.get(source))
    known: dict[_Key, Vectors] = {}
    if not ids:
        return known
    cursor: str | None = None
    while True:
        records, cursor = run.store.scroll((Condition("source_id", ids),), cursor, with_vectors=True)
        for record in records:
            if record.full is not None:
                known[tuple(record.payload["headings"]), record.payload["text"]] = record.full
        if cursor is None:
            return known


def _embed_and_write(run: _Run, waiting: Sequence[_Prepared]) -> None:
    """Embed what is missing in a group of sources, then write each."""
    try:
        _embed(run, waiting)
    except (BlankTextError, TextTooLongError):
        # One text of the group is to blame: find its source, and let the others pass.
        for prepared in waiting:
            try:
                _embed(run, [prepared])
            except (BlankTextError, TextTooLongError) as error:
                _fail(run, prepared.source, Problem(f"a chunk can't be embedded: {error}"))
            else:
                _write(run, prepared)
        return
    for prepared in waiting:
        _write(run, prepared)


def _embed(run: _Run, waiting: Sequence[_Prepared]) -> None:
    todo = [
        (prepared, i) for prepared in waiting for i, vector in enumerate(prepared.vectors) if vector is None
    ]
    todo.sort(key=lambda item: len(item[0].texts[item[1]]))  # texts of a length waste no padding
    for at in range(0, len(todo), _SLICE_CHUNKS):
        part = todo[at : at + _SLICE_CHUNKS]
        vectors = run.embedder.embed_passages([prepared.texts[i] for prepared, i in part])
        for (prepared, i), vector in zip(part, vectors, strict=True):
            prepared.vectors[i] = vector
        run.embedded += len(part)
        run.progress(part[-1][0].source.shown)


def _write(run: _Run, prepared: _Prepared) -> None:
    source, document = prepared.source, prepared.document
    path, now = str(source.path), datetime.now(UTC).isoformat(timespec="seconds")
    sid = source_id(run.collection, path)
    operation = ReplaceSource(
        source_id=sid,
        ids=[chunk_id(run.collection, path, prepared.version, chunk.ordinal) for chunk in prepared.chunks],
        payloads=[
            chunk_payload(sid, source, prepared.version, document.title, chunk, now)
            for chunk in prepared.chunks
        ],
        full=np.stack([vector for vector in prepared.vectors if vector is not None]),
        lexical=[passage_vector(text) for text in prepared.texts],
    )
    run.tickets[path] = run.store.apply(operation)
    run.catalog.put(
        SourceRecord(
            source=path,
            version=prepared.version,
            verdict="partial" if outcome_of(document.problems) == "partial" else "ok",
            problems=document.problems,
            chunks=len(prepared.chunks),
            pages=len(document.pages),
            charset=document.charset,
            bytes=size_of(source.path),
            ingested_at=now,
        )
    )
    if prepared.moved_from:
        _remove(run, prepared.moved_from)
    run.report(
        source,
        "moved" if prepared.moved_from else outcome_of(document.problems),
        chunks=len(prepared.chunks),
        pages=len(document.pages),
        charset=document.charset,
        seconds=round(prepared.seconds, 3),
        problems=document.problems,
    )


def _fail(run: _Run, source: Source, problem: Problem) -> None:
    """Record a failure. What was searchable of an earlier version stays so."""
    path = str(source.path)
    before = run.catalog.get(path)
    kept = replace(before, verdict="failed", problems=(problem,)) if before else None
    run.catalog.put(
        kept
        or SourceRecord(
            source=path,
            version="",
            verdict="failed",
            problems=(problem,),
            chunks=0,
            pages=0,
            charset=None,
            bytes=size_of(source.path),
            ingested_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
    )
    run.report(source, "failed", chunks=kept.chunks if kept else 0, problems=(problem,))


def _remove(run: _Run, path: str) -> None:
    run.tickets[path] = run.store.apply(ReplaceSource(source_id(run.collection, path)))
    run.catalog.remove(path)


def _remove_vanished(run: _Run, paths: Sequence[Path], sources: Sequence[Source]) -> None:
    for record in vanished(run.catalog, paths, sources):
        _remove(run, record.source)
        run.reports.append(SourceReport(record.source, "removed", chunks=record.chunks))


def _settle(run: _Run) -> Iterator[SourceReport]:
    """The reports, once searches see what was written; a write that was put aside is a failure."""
    by_source = {report.source: report for report in run.reports}
    for path, ticket in run.tickets.items():
        try:
            run.store.wait([ticket], _WAIT_SECONDS)
        except BatchFailedError as error:
            run.catalog.remove(path)
            by_source[path] = SourceReport(path, "failed", problems=(Problem(str(error)),))
    yield from by_source.values()


def _missing(prepared: _Prepared) -> int:
    return sum(vector is None for vector in prepared.vectors)
