"""A document as the index has it: its chunks in order, and those round a hit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from app.judgements import flat
from app.searcher import Hit
from indexer.store import Condition, Payload, VectorIndex


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document.

    Attributes:
        ordinal: of the chunk, from 0.
        repeated: what it has in common with the end of the chunk before; not part of `text`.
        pages: first and last, from 1; None without pages.
    """

    ordinal: int
    text: str
    repeated: str
    headings: tuple[str, ...]
    pages: tuple[int, int] | None


def passages(store: VectorIndex, source_id: str, version: str | None = None) -> list[Passage]:
    """All chunks of a source, in document order: their texts, joined, are the document's.

    Args:
        version: if given, only of this version; another one has other chunks.
    """
    found: dict[int, Payload] = {}
    cursor: str | None = None
    while True:
        records, cursor = store.scroll((Condition("source_id", (source_id,)),), cursor, limit=1000)
        found |= {
            record.payload["ordinal"]: record.payload
            for record in records
            if version in (None, record.payload["version"])
        }
        if cursor is None:
            break
    return [_passage(found[ordinal]) for ordinal in sorted(found)]


def around(store: VectorIndex, hit: Hit, before: int = 2, after: int = 2) -> list[Passage]:
    """The chunk of a hit with its neighbours; empty if its document has left the index or changed since."""
    return [
        passage
        for passage in passages(store, hit.payload["source_id"], hit.payload["version"])
        if hit.ordinal - before <= passage.ordinal <= hit.ordinal + after
    ]


def _passage(payload: Payload) -> Passage:
    text, overlap, pages = payload["text"], payload["overlap"], payload["pages"]
    return Passage(
        ordinal=payload["ordinal"],
        text=text[overlap:],
        repeated=text[:overlap],
        headings=tuple(payload["headings"]),
        pages=(pages[0], pages[1]) if pages else None,
    )


def chunk_finder(store: VectorIndex) -> Callable[[str, str], str | None]:
    """Which chunk a passage of elsewhere is: by its id where the text agrees, else by its text.

    Reads the whole index once, at the first passage. White space does not count: not every format
    keeps it.
    """

    @cache
    def texts() -> tuple[dict[str, str], dict[str, str]]:
        by_id: dict[str, str] = {}
        cursor: str | None = None
        while True:
            records, cursor = store.scroll(cursor=cursor, limit=1000)
            by_id |= {record.id: flat(record.payload["text"]) for record in records}
            if cursor is None:
                return by_id, {text: id_ for id_, text in by_id.items()}

    def find(id_: str, text: str) -> str | None:
        by_id, by_text = texts()
        wanted = flat(text)
        return id_ if by_id.get(id_) == wanted else by_text.get(wanted)

    return find
