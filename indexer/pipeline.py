"""Ingest: read, chunk, embed and write the sources; report on each.

Idempotent, and safe to kill at any moment: a source counts as indexed only when its chunks are
durable in the store, and writing it again replaces it.
"""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from indexer.catalog import Catalog, SourceRecord
from indexer.chunking import chunk_document, embedded_texts, with_context
from indexer.embedding import Embedder, Vectors
from indexer.errors import (
    BatchFailedError,
    BlankTextError,
    EmbeddingError,
    ReadError,
    StoreError,
    TextTooLongError,
)
from indexer.model import Document, Problem, Reading
from indexer.payload import chunk_payload
from indexer.readers import Read, is_photograph, read_all
from indexer.readers.verdict import unreadable
from indexer.report import IngestReport, Outcome, Progress, SourceReport
from indexer.run import Prepared, Run
from indexer.sources import (
    Source,
    Survey,
    as_known,
    is_gone,
    is_unchanged,
    outcome_of,
    problem_of,
    unchanged,
    version_of,
)
from indexer.store import Condition, ReplaceSource, VectorStore, chunk_id, source_id
from indexer.words import PLAIN, Analyzer

_GROUP_BATCHES = 8  # sorted by length together, whatever files they come from
_WAIT_SECONDS = 300.0  # for the owner to apply the last writes
_FAILURES_IN_A_ROW = 3  # sources that can't be embedded, until it is the model's fault and not theirs

_Key = tuple[tuple[str, ...], str]  # heading path and text


def ingest(
    found: Survey,
    store: VectorStore,
    catalog: Catalog,
    load_embedder: Callable[[], Embedder],
    *,
    collection: str,
    mirror: bool = False,
    again: bool = False,
    read: Read = read_all,
    analyzer: Analyzer = PLAIN,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> IngestReport:
    """Index what a survey found.

    Args:
        load_embedder: called at most once, and only if something has to be embedded.
        mirror: also remove sources whose files are gone.
        again: read also what has not changed, such as in another charset.
        read: a `ReaderPool`'s, for files that may be broken; else they are read in this process.
        analyzer: the index's; see `indexer.lexicon`.

    Returns:
        The report: on Ctrl-C, or an error of the model or the store that stopped the run, of what was
        done until then. The next run goes on from there.
    """
    run = Run(
        store=store,
        catalog=catalog,
        collection=collection,
        load_embedder=load_embedder,
        analyzer=analyzer,
        on_progress=on_progress,
        total=len(found.sources),
        bytes_total=sum(source.bytes for source in found.sources),
        records={record.source: record for record in catalog.all()},
        again=again,
        gone={record.source: record for record in found.gone},
    )
    interrupted = False
    stopped: Exception | None = None
    try:
        _index_all(run, found.sources, read)
        if mirror:
            _remove_gone(run)
    except KeyboardInterrupt:
        interrupted = True
    except (EmbeddingError, StoreError, OSError, sqlite3.Error) as error:
        stopped = error
        _report_unreached(run, found.sources, str(error))
    try:
        _settle(run)
    except StoreError as error:  # such as no owner: the writes are safe in the inbox
        stopped = stopped or error
    return IngestReport(
        (*run.reports, *found.reports),
        run.embedded,
        time.monotonic() - run.started,
        interrupted,
        str(stopped) if stopped else None,
        type(stopped).__name__ if stopped else None,
    )


def _index_all(run: Run, sources: Sequence[Source], read: Read) -> None:
    waiting: list[Prepared] = []
    chunks = 0
    asked: deque[tuple[Source, str]] = deque()  # whose documents are still to come, in this order

    def changed() -> Iterator[Path]:
        for source in sources:
            record = run.records.get(str(source.path))
            source = as_known(source, record)
            try:
                version = version_of(source.path)
            except OSError as error:
                _fail(run, source, problem_of(error))
                continue
            if record and not run.again and is_unchanged(record, source, version):
                run.report(source, unchanged(record))
                continue
            asked.append((source, version))
            yield source.path

    def show_page(_: Path, page: int, pages: int) -> None:
        run.progress(f"{asked[0][0].shown}" + (f" ({page}/{pages})" if page else ""))

    for result in read(changed(), show_page):
        source, version = asked.popleft()
        if isinstance(result, ReadError):
            _fail(run, source, problem_of(result))
            continue
        prepared = _prepare(run, source, version, result)
        if not prepared.chunks and not is_photograph(result):
            _fail(run, source, Problem("nothing to index: no visible character", kind="no_text"))
            continue
        waiting.append(prepared)
        chunks += len(prepared.chunks)
        if chunks >= _GROUP_BATCHES * run.embedder.batch_size:
            _embed_and_write(run, waiting)
            waiting, chunks = [], 0
    _embed_and_write(run, waiting)


def _prepare(run: Run, source: Source, version: str, document: Document) -> Prepared:
    embedder, spec = run.embedder, run.store.spec
    chunks = chunk_document(document, embedder.count_tokens, spec.chunk_tokens, spec.overlap_tokens)
    known = _known_vectors(run, source, version)
    return Prepared(
        source=source,
        version=version,
        document=document,
        chunks=chunks,
        texts=embedded_texts(document.title, chunks, embedder.count_tokens, spec.chunk_tokens),
        vectors=[known.get((chunk.headings, chunk.text)) for chunk in chunks],
        old=run.take_moved(version),
    )


def _known_vectors(run: Run, source: Source, version: str) -> dict[_Key, Vectors]:
    """Vectors of chunks that are already in the index: of a renamed or copied file all, of an edited
    one those of the places that the edit did not touch. (A file without a title of its own is embedded
    with its name, and keeps what it was embedded with when it is renamed.)"""
    path = str(source.path)
    twin = run.by_version.get(version)
    ids = tuple({source_id(run.collection, name) for name in (path, twin) if name in run.records})
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


def _embed_and_write(run: Run, waiting: Sequence[Prepared]) -> None:
    """Embed what is missing in a group of sources, then write each."""
    try:
        _embed(run, waiting)
    except EmbeddingError:
        _embed_and_write_each(run, waiting)
        return
    run.failures_in_a_row = 0
    for prepared in waiting:
        _write(run, prepared)


def _embed_and_write_each(run: Run, waiting: Sequence[Prepared]) -> None:
    """One text of the group may be to blame: find its source, and let the others pass.

    Raises:
        EmbeddingError: several sources in a row failed, so it is not the texts.
    """
    for prepared in waiting:
        try:
            _embed(run, [prepared])
        except EmbeddingError as error:
            if not isinstance(error, BlankTextError | TextTooLongError):
                run.failures_in_a_row += 1
                if run.failures_in_a_row == _FAILURES_IN_A_ROW:
                    raise
            problem = Problem(f"it can't be embedded: {error}", kind="not_embedded")
            _fail(run, prepared.source, problem, prepared.document.reading)
        else:
            run.failures_in_a_row = 0
            _write(run, prepared)


def _embed(run: Run, waiting: Sequence[Prepared]) -> None:
    todo = [
        (prepared, i) for prepared in waiting for i, vector in enumerate(prepared.vectors) if vector is None
    ]
    if not todo:
        return
    todo.sort(key=lambda item: len(item[0].texts[item[1]]))  # texts of a length waste no padding
    batch_size = run.embedder.batch_size
    for at in range(0, len(todo), batch_size):
        part = todo[at : at + batch_size]
        vectors = run.embedder.embed_passages([prepared.texts[i] for prepared, i in part])
        for (prepared, i), vector in zip(part, vectors, strict=True):
            prepared.vectors[i] = vector
            source, share = prepared.source, prepared.source.bytes / len(prepared.vectors)
            run.bytes_embedded[source.shown] = run.bytes_embedded.get(source.shown, 0.0) + share
        run.embedded += len(part)
        run.progress(part[-1][0].source.shown)


def _write(run: Run, prepared: Prepared) -> None:
    """Write to the store, then to the catalogue. A source that the catalogue does not know gets a row
    before that, so that no kill leaves chunks in the store that nobody knows of."""
    source, document, old = prepared.source, prepared.document, prepared.old
    path = str(source.path)
    sid = source_id(run.collection, path)
    record = SourceRecord(
        source=path,
        shown=source.shown,
        version=prepared.version,
        state="partial" if outcome_of(document.problems) == "partial" else "ok",
        problems=document.problems,
        chunks=len(prepared.chunks),
        pages=len(document.pages),
        charset=document.charset,
        bytes=source.bytes,
        ingested_at=_now(),
        reading=document.reading,
    )
    if path not in run.records:
        run.put(replace(record, version="", state="failed", chunks=0))
    run.tickets[path] = run.store.apply(
        ReplaceSource(
            source_id=sid,
            ids=[chunk_id(run.collection, path, prepared.version, c.ordinal) for c in prepared.chunks],
            payloads=[
                chunk_payload(sid, source, prepared.version, document.title, chunk, record.ingested_at)
                for chunk in prepared.chunks
            ],
            full=np.reshape(
                [vector for vector in prepared.vectors if vector is not None], (-1, run.store.spec.full_dim)
            ),
            lexical=[
                run.analyzer.passage_vector(with_context(document.title, chunk.headings, chunk.text))
                for chunk in prepared.chunks
            ],
        )
    )
    if old:
        run.tickets[old.source] = run.store.apply(ReplaceSource(source_id(run.collection, old.source)))
    run.put(record, instead_of=old.source if old else None, pages=document.pages)
    outcome: Outcome = "moved" if old else outcome_of(document.problems)
    run.report(
        source,
        SourceReport(
            path,
            outcome,
            chunks=record.chunks,
            pages=record.pages,
            charset=record.charset,
            problems=record.problems,
            reading=document.reading,
            read_pages=document.pages,
        ),
    )


def _fail(run: Run, source: Source, problem: Problem, reading: Reading | None = None) -> None:
    """Record a failure. What was searchable of an earlier version stays so.

    Args:
        reading: of a file that was read, and failed later.
    """
    path = str(source.path)
    before = run.records.get(path) or SourceRecord(
        source=path,
        shown=source.shown,
        version="",
        state="failed",
        problems=(),
        chunks=0,
        pages=0,
        charset=None,
        bytes=source.bytes,
        ingested_at=_now(),
    )
    reading = reading or unreadable(problem)
    run.put(replace(before, state="failed", problems=(problem,), reading=reading))
    run.report(
        source, SourceReport(path, "failed", chunks=before.chunks, problems=(problem,), reading=reading)
    )


def remove_source(store: VectorStore, catalog: Catalog, collection: str, source: str) -> str:
    """Take a source out of the index.

    Returns:
        The write's ticket.
    """
    ticket = store.apply(ReplaceSource(source_id(collection, source)))
    catalog.remove(source)
    return ticket


def _remove_gone(run: Run) -> None:
    for record in run.gone.values():
        if is_gone(record.source):  # still
            run.tickets[record.source] = remove_source(run.store, run.catalog, run.collection, record.source)
            run.reports.append(SourceReport(record.source, "removed", chunks=record.chunks))


def _settle(run: Run) -> None:
    """Wait until searches see what was written; a write that was put aside is a failure."""
    for path, ticket in run.tickets.items():
        try:
            run.store.wait([ticket], _WAIT_SECONDS)
        except BatchFailedError as error:
            problem = Problem(str(error), kind="not_written")
            if record := run.records.get(path):
                run.put(replace(record, version="", state="failed", problems=(problem,)))
            run.reports = [report for report in run.reports if report.source != path]
            run.reports.append(SourceReport(path, "failed", problems=(problem,)))


def _report_unreached(run: Run, sources: Sequence[Source], reason: str) -> None:
    """What a stopped run did not get to: as it was, where it has not changed, else failed."""
    reached = {report.source for report in run.reports}
    for source in sources:
        if str(source.path) in reached:
            continue
        record = run.records.get(str(source.path))
        try:
            as_it_was = record and is_unchanged(record, source, version_of(source.path))
        except OSError:
            as_it_was = False
        if record and as_it_was:
            run.report(source, unchanged(record))
        else:
            problem = Problem(f"not indexed: {reason}", kind="not_reached")
            run.report(source, SourceReport(str(source.path), "failed", problems=(problem,)))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
