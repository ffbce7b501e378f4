"""What is indexed: one row a source, in SQLite, so that nobody has to read the vectors to know.

A row is written after its chunks are durable in the store. A kill in between costs that source's
embedding again, and nothing else: ids are deterministic, so the second write replaces the first.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Literal

from indexer.model import Page, Problem, Reading

State = Literal["ok", "partial", "failed"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sources (
    source      TEXT PRIMARY KEY,  -- absolute path
    shown       TEXT NOT NULL,     -- path from the name of the indexed folder on
    version     TEXT NOT NULL,     -- sha256 of the content that is searchable; '' for none
    state       TEXT NOT NULL,     -- after the last ingest: ok, partial, failed
    problems    TEXT NOT NULL,     -- JSON
    chunks      INTEGER NOT NULL,
    pages       INTEGER NOT NULL,
    charset     TEXT,
    bytes       INTEGER NOT NULL,
    ingested_at TEXT NOT NULL,     -- ISO 8601, UTC
    reading     TEXT,              -- JSON, of the last reading; NULL: read before there were any
    page_readings TEXT NOT NULL DEFAULT '[]'  -- JSON, of the version that is searchable
);
CREATE TABLE IF NOT EXISTS belongs_to (index_id TEXT PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One source as of its last ingest. `version` is '' where nothing of it is searchable."""

    source: str
    shown: str
    version: str
    state: State
    problems: tuple[Problem, ...]
    chunks: int
    pages: int
    charset: str | None
    bytes: int
    ingested_at: str
    reading: Reading | None = None  # None: it was read before there were any


_COLUMNS = ", ".join(field.name for field in fields(SourceRecord))


class Catalog:
    """Of one index. Safe to use from several threads and processes; each call is a transaction."""

    def __init__(self, folder: Path, index_id: str) -> None:
        """Open, or create.

        Args:
            index_id: of the index in the store. A catalogue of another one, such as of an index
                that was deleted, is emptied: nothing that it knows is searchable.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(folder / "catalog.sqlite", timeout=30, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        # A power cut may cost the last rows, never the file: those sources are embedded again.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        with self._lock, self._connection as connection:
            connection.executescript(_SCHEMA)
            _migrate(connection)
            known = [row["index_id"] for row in connection.execute("SELECT index_id FROM belongs_to")]
            if known != [index_id]:
                connection.execute("DELETE FROM sources")
                connection.execute("DELETE FROM belongs_to")
                connection.execute("INSERT INTO belongs_to VALUES (?)", (index_id,))

    def all(self) -> list[SourceRecord]:
        """Every source, by path."""
        with self._lock, self._connection as connection:
            return [
                _record(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM sources ORDER BY source")
            ]

    def pages(self, source: str) -> list[Page]:
        """The pages of the version that is searchable, with the reading of each; none for other formats."""
        with self._lock, self._connection as connection:
            row = connection.execute(
                "SELECT page_readings FROM sources WHERE source = ?", (source,)
            ).fetchone()
        return [
            Page(number, start, end, Reading(*reading))
            for number, start, end, *reading in json.loads(row["page_readings"] if row else "[]")
        ]

    def put(
        self, record: SourceRecord, instead_of: str | None = None, pages: Sequence[Page] | None = None
    ) -> None:
        """Write a row, and drop that of the path which the source had before, in one transaction.

        Args:
            pages: those of what is now searchable; None: as they were.
        """
        values = asdict(record)
        for name in ("problems", "reading"):
            values[name] = json.dumps(values[name], ensure_ascii=False) if values[name] is not None else None
        if pages is not None:
            values["page_readings"] = json.dumps(
                [[page.number, page.start, page.end, *astuple(page.reading)] for page in pages],
                ensure_ascii=False,
            )
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        with self._lock, self._connection as connection:
            changes = ", ".join(f"{name} = excluded.{name}" for name in values)
            connection.execute(
                f"INSERT INTO sources ({names}) VALUES ({marks}) "
                f"ON CONFLICT (source) DO UPDATE SET {changes}",
                values,
            )
            connection.execute("DELETE FROM sources WHERE source = ?", (instead_of,))

    def remove(self, source: str) -> None:
        with self._lock, self._connection as connection:
            connection.execute("DELETE FROM sources WHERE source = ?", (source,))

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def catalogued_chunks(folder: Path) -> int:
    """How many chunks a catalogue counts, without opening its index; 0 where there is none."""
    file = folder / "catalog.sqlite"
    if not file.is_file():
        return 0
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=1)
    try:
        (chunks,) = connection.execute("SELECT coalesce(sum(chunks), 0) FROM sources").fetchone()
        return int(chunks)
    except sqlite3.Error:  # of another version, or being made at this moment
        return 0
    finally:
        connection.close()


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the table of an earlier version to this one's columns; its rows stay."""
    there = {row["name"] for row in connection.execute("PRAGMA table_info(sources)")}
    if "verdict" in there:
        connection.execute("ALTER TABLE sources RENAME COLUMN verdict TO state")
    if "reading" not in there:
        connection.execute("ALTER TABLE sources ADD COLUMN reading TEXT")
        connection.execute("ALTER TABLE sources ADD COLUMN page_readings TEXT NOT NULL DEFAULT '[]'")


def _record(row: sqlite3.Row) -> SourceRecord:
    values = dict(row)
    values["problems"] = tuple(Problem(**problem) for problem in json.loads(values["problems"]))
    values["reading"] = Reading(**json.loads(values["reading"])) if values["reading"] else None
    return SourceRecord(**values)
