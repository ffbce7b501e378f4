"""Fit a rotation to an index: from its own chunks, and pairs of question and passage where there are any."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.embedding import Embedder, Vectors, shorten
from indexer.embedding.fit_rotation import OnProgress, Pairs, fit_rotation
from indexer.embedding.rotation import Rotation
from indexer.errors import RotationError
from indexer.store import VectorIndex

MOST_CHUNKS = 20_000  # learnt from; more change nothing and take longer
_HELD_OUT = 1_000  # chunks that it is shown on, at most a fifth
_NEAREST = 10


@dataclass(frozen=True, slots=True)
class Fitted:
    """A rotation, and what it does to chunks that it was not learnt from.

    Attributes:
        agreement: dimension → the share of a chunk's ten nearest chunks by full vectors that are its
            ten nearest by short ones, without and with the rotation. Agreement, not quality.
    """

    rotation: Rotation
    chunks: int
    agreement: dict[int, tuple[float, float]]


def fit_to_index(
    index: VectorIndex,
    dims: Sequence[int],
    pairs: Pairs | None = None,
    seconds: float = 180.0,
    seed: int = 0,
    on_progress: OnProgress = lambda what, done, total: None,
) -> Fitted:
    """Learn a rotation from stored vectors; nothing is embedded.

    Args:
        dims: shorter dimensions that it is to serve.
        pairs: see `fit_rotation`.
        seconds: most time for learning.

    Raises:
        RotationError: the index has too few chunks.
    """
    vectors = full_vectors(index, MOST_CHUNKS)
    held_out = min(len(vectors) // 5, _HELD_OUT)
    if held_out <= _NEAREST:
        raise RotationError(
            f"a rotation is learnt from many chunks, and the index has {len(vectors)}; index more first"
        )
    learnt, shown = vectors[held_out:], vectors[:held_out]
    rotation = fit_rotation(learnt, pairs, dims, seconds=seconds, seed=seed, on_progress=on_progress)
    agreement = {
        dim: (_agreement(shown, dim, None), _agreement(shown, dim, rotation))
        for dim in dims
        if dim < vectors.shape[1]
    }
    return Fitted(rotation, len(learnt), agreement)


def full_vectors(index: VectorIndex, most: int) -> Vectors:
    """Full vectors of the index, of at most `most` chunks: a random sample, since ids are hashes."""
    parts: list[Vectors] = []
    cursor: str | None = None
    while sum(map(len, parts)) < most:
        records, cursor = index.scroll(cursor=cursor, limit=1024, with_vectors=True)
        if records:
            parts.append(np.stack([record.full for record in records if record.full is not None]))
        if cursor is None:
            break
    whole = np.concatenate(parts) if parts else np.zeros((0, index.spec.full_dim), np.float32)
    return shorten(whole[:most], index.spec.full_dim)


def read_pairs(file: Path, embedder: Embedder) -> Pairs:
    """Embed the pairs of a file: a line of JSON each, with query and passage.

    Raises:
        RotationError: a line is something else, or there are none.
        EmbeddingError: a text can't be embedded.
    """
    queries, passages = [], []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            queries.append(str(record["query"]))
            passages.append(str(record["passage"]))
        except (ValueError, KeyError, TypeError) as error:
            raise RotationError(f"{file}, line {number}: must be JSON with query and passage") from error
    if not queries:
        raise RotationError(f"{file}: no pairs in it; a line of JSON each, with query and passage")
    return embedder.embed_queries(queries), embedder.embed_passages(passages)


def _agreement(vectors: Vectors, dim: int, rotation: Rotation | None) -> float:
    short = shorten(vectors, dim, None if rotation is None else rotation.matrix)
    pairs = zip(_nearest(vectors), _nearest(short), strict=True)
    return float(np.mean([len(set(a) & set(b)) / _NEAREST for a, b in pairs]))


def _nearest(vectors: Vectors) -> list[list[int]]:
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    nearest: list[list[int]] = np.argsort(-similarity, axis=1, kind="stable")[:, :_NEAREST].tolist()
    return nearest
