"""What is indexed: one row a source, in SQLite, so that nobody has to read the vectors to know.

A row is written after its chunks are durable in the store. A kill in between costs that source's
embedding again, and nothing else: ids are deterministic, so the second write replaces the first.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from indexer.model import Problem

Verdict = Literal["ok", "partial", "failed"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sources (
    source      TEXT PRIMARY KEY,  -- absolute path
    version     TEXT NOT NULL,     -- sha256 of the content that is searchable; '' for none
    verdict     TEXT NOT NULL,     -- of the last reading: ok, partial, failed
    problems    TEXT NOT NULL,     -- JSON
    chunks      INTEGER NOT NULL,
    pages       INTEGER NOT NULL,
    charset     TEXT,
    bytes       INTEGER NOT NULL,
    ingested_at TEXT NOT NULL      -- ISO 8601, UTC
);
CREATE INDEX IF NOT EXISTS by_version ON sources (version);
"""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One source as of its last ingest. `version` is '' where nothing of it is searchable."""

    source: str
    version: str
    verdict: Verdict
    problems: tuple[Problem, ...]
    chunks: int
    pages: int
    charset: str | None
    bytes: int
    ingested_at: str


class Catalog:
    """Safe to use from several processes; each call is a transaction."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "catalog.sqlite"
        with self._transaction() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._file, timeout=30)
        try:
            connection.row_factory = sqlite3.Row
            with connection:
                yield connection
        finally:
            connection.close()

    def all(self) -> list[SourceRecord]:
        """Every source, by path."""
        with self._transaction() as connection:
            return [_record(row) for row in connection.execute("SELECT * FROM sources ORDER BY source")]

    def get(self, source: str) -> SourceRecord | None:
        with self._transaction() as connection:
            row = connection.execute("SELECT * FROM sources WHERE source = ?", (source,)).fetchone()
        return _record(row) if row else None

    def with_version(self, version: str) -> list[SourceRecord]:
        """Sources whose searchable content is this; several where a file was copied."""
        with self._transaction() as connection:
            rows = connection.execute("SELECT * FROM sources WHERE version = ? ORDER BY source", (version,))
            return [_record(row) for row in rows]

    def put(self, record: SourceRecord) -> None:
        values = asdict(record)
        values["problems"] = json.dumps(values["problems"], ensure_ascii=False)
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        with self._transaction() as connection:
            connection.execute(f"INSERT OR REPLACE INTO sources ({names}) VALUES ({marks})", values)

    def remove(self, source: str) -> None:
        with self._transaction() as connection:
            connection.execute("DELETE FROM sources WHERE source = ?", (source,))


def _record(row: sqlite3.Row) -> SourceRecord:
    values = dict(row)
    values["problems"] = tuple(Problem(**problem) for problem in json.loads(values["problems"]))
    return SourceRecord(**values)
