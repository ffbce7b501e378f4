"""What is stored beside a chunk's vectors: what a hit shows, filters go by, and `export` prints."""

from __future__ import annotations

from indexer.chunking import with_context
from indexer.model import Chunk
from indexer.sources import Source
from indexer.store import Payload


def chunk_payload(
    source_id: str, source: Source, version: str, title: str, chunk: Chunk, ingested_at: str
) -> Payload:
    """The payload of a chunk: JSON values only."""
    folders = source.shown.split("/")[:-1]
    return {
        "source_id": source_id,
        "source": str(source.path),
        "shown": source.shown,
        "name": source.path.name,
        "folders": ["/".join(folders[: i + 1]) for i in range(len(folders))],
        "type": source.path.suffix.lower().lstrip("."),
        "title": title,
        "version": version,
        "ordinal": chunk.ordinal,
        "text": chunk.text,
        "start": chunk.start,
        "end": chunk.end,
        "overlap": chunk.overlap,
        "headings": list(chunk.headings),
        "pages": list(chunk.pages) if chunk.pages else None,
        "modified_at": source.modified_at,
        "ingested_at": ingested_at,
    }


def passage_of(payload: Payload) -> str:
    """A stored chunk under its title and headings: what its terms are made of, and what is reranked."""
    return with_context(payload["title"], tuple(payload["headings"]), payload["text"])
