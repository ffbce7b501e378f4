"""Prove that what the catalogue says is searchable is in the store: all of it, once, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from indexer.catalog import Catalog
from indexer.store import ReplaceSource, VectorStore, source_id


@dataclass(frozen=True, slots=True)
class Difference:
    source: str
    expected: int  # chunks, by the catalogue
    found: int  # chunks of the right version in the store

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def differences(store: VectorStore, catalog: Catalog) -> list[Difference]:
    """Sources whose chunks in the store are not those that the catalogue knows, by path.

    Reads the payload of every chunk once. A chunk of an old version counts against its source, as
    does one of a source that the catalogue does not know.
    """
    found: Counter[tuple[str, str]] = Counter()
    cursor: str | None = None
    while True:
        records, cursor = store.scroll(cursor=cursor, limit=1024)
        found.update((record.payload["source"], record.payload["version"]) for record in records)
        if cursor is None:
            break
    expected = {(r.source, r.version): r.chunks for r in catalog.all() if r.version}
    return [
        Difference(source, expected.get((source, version), 0), found[source, version])
        for source, version in sorted(expected.keys() | found.keys())
        if expected.get((source, version), 0) != found[source, version]
    ]


def repair(found: Sequence[Difference], store: VectorStore, catalog: Catalog, collection: str) -> None:
    """Have the next ingest read these sources again; chunks that nobody knows of are removed."""
    known = {record.source: record for record in catalog.all()}
    tickets = []
    for source in {difference.source for difference in found}:
        if record := known.get(source):
            catalog.put(replace(record, version="", state="failed"))
        else:
            tickets.append(store.apply(ReplaceSource(source_id(collection, source))))
    store.wait(tickets, timeout_seconds=60)
