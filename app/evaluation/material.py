"""What an evaluation searches: chunks with their full vectors, of a judged set or of an index."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.judged import JudgedSetError
from indexer.chunking import chunk_document, embedded_texts
from indexer.embedding import Embedder, Vectors, shorten
from indexer.model import Document
from indexer.store import Payload, VectorIndex, chunk_id, source_id

OnProgress = Callable[[str, int, int], None]  # what is being done, how far it is, and how far it goes

_SLICE = 256  # texts embedded between two reports of progress
_KEPT = 8  # sets whose vectors are kept


@dataclass(frozen=True, slots=True)
class Material:
    """A row a chunk.

    Attributes:
        ids: of the chunks.
        passages: what each chunk is a part of, and counts as: of an index, itself.
        payloads: as they are stored.
        vectors: (n, full_dim), unit rows, float16 or float32.
    """

    ids: Sequence[str]
    passages: Sequence[str]
    payloads: Sequence[Payload]
    vectors: NDArray[np.floating]


def from_set(
    passages: Mapping[str, str],
    embedder: Embedder,
    cache: Path | None = None,
    on_progress: OnProgress = lambda what, done, total: None,
) -> Material:
    """Embed the passages of a set.

    A passage longer than the model's window is cut into chunks, and counts by its best one: nothing
    is left out silently.

    Args:
        passages: id → text.
        cache: a folder for vectors, so that the same set is embedded once for a model.
    """
    parts = [(passage, part) for passage, text in passages.items() for part in _parts(text, embedder)]
    vectors = _cached(cache, embedder, [text for _, text in parts], on_progress)
    ids = [chunk_id("evaluate", "", "", number) for number in range(len(parts))]
    payloads = [_payload(passage, text, number) for number, (passage, text) in enumerate(parts)]
    return Material(ids, [passage for passage, _ in parts], payloads, vectors)


def from_index(index: VectorIndex, on_progress: OnProgress = lambda what, done, total: None) -> Material:
    """Every chunk of an index, with the vectors that it was indexed with; nothing is embedded."""
    ids: list[str] = []
    payloads: list[Payload] = []
    vectors = np.empty((index.count(), index.spec.full_dim), np.float16)
    for records in _scrolled(index):
        for record in records:
            if record.full is not None and len(ids) < len(vectors):  # it may grow meanwhile
                vectors[len(ids)] = shorten(record.full[None], index.spec.full_dim)[0]
                ids.append(record.id)
                payloads.append(record.payload)
        on_progress("chunks", len(ids), len(vectors))
    return Material(ids, ids, payloads, vectors[: len(ids)])


def read_distractors(file: Path) -> dict[str, str]:
    """Passages that answer no question: a line of JSON each, with text and perhaps a title.

    Raises:
        JudgedSetError: a line is something else.
    """
    texts = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = json.loads(line)
            text = str(record["text"])
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise JudgedSetError(f"{file}, line {number}: must be JSON with text") from error
        texts[f"distractor-{number}"] = f"{record['title']}\n{text}" if record.get("title") else text
    return texts


def embed_all(
    embed: Callable[[Sequence[str]], Vectors], texts: Sequence[str], what: str, on_progress: OnProgress
) -> Vectors:
    """Embed many texts, those of a length together: that wastes no padding.

    Returns:
        float32 (n, full_dim), unit rows, in input order.
    """
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    parts = []
    for at in range(0, len(order), _SLICE):
        parts.append(embed([texts[i] for i in order[at : at + _SLICE]]))
        on_progress(what, min(at + _SLICE, len(order)), len(order))
    vectors = np.concatenate(parts) if parts else embed([])
    vectors[order] = vectors.copy()
    return vectors


def _scrolled(index: VectorIndex) -> Iterator[list[Any]]:
    cursor: str | None = None
    while True:
        records, cursor = index.scroll(cursor=cursor, limit=1024, with_vectors=True)
        yield records
        if cursor is None:
            return


def _cached(cache: Path | None, embedder: Embedder, texts: Sequence[str], on_progress: OnProgress) -> Vectors:
    if cache is None:
        return embed_all(embedder.embed_passages, texts, "passages", on_progress)
    digest = hashlib.sha256(embedder.fingerprint.encode())
    for text in texts:
        digest.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    file = cache / f"{digest.hexdigest()[:32]}.npy"
    if file.is_file():
        file.touch()
        return np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))
    vectors = embed_all(embedder.embed_passages, texts, "passages", on_progress)
    cache.mkdir(parents=True, exist_ok=True)
    beside = cache / f"{file.name}.tmp.npy"
    np.save(beside, vectors)
    beside.replace(file)
    by_age = sorted(cache.glob("*.npy"), key=lambda kept: kept.stat().st_mtime)
    for old in by_age[:-_KEPT]:
        old.unlink(missing_ok=True)
    return vectors


def _parts(text: str, embedder: Embedder) -> list[str]:
    """A passage as it is embedded: whole where the model's window allows."""
    chunks = chunk_document(Document(text, ""), embedder.count_tokens, embedder.max_tokens)
    return embedded_texts("", chunks, embedder.count_tokens, embedder.max_tokens)


def _payload(passage: str, text: str, number: int) -> Payload:
    return {
        "source_id": source_id("evaluate", passage),
        "source": passage,
        "shown": "",
        "title": "",
        "headings": [],
        "ordinal": number,
        "text": text,
    }
