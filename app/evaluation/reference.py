"""Exact search with numpy: what an engine would find if it left nothing out, for each way to store.

So a loss can be told apart: of a shorter vector (float32 here, against full length), of its storage
(the others here), and of the engine (Qdrant against this).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from indexer.embedding import Vectors, shorten
from indexer.embedding.rotation import Rotation
from indexer.store import STORAGES

# turbo4 is Qdrant's own, with no description to compute it by.
REFERENCED = ("float32", "float16", "int8", "binary")

_BLOCK = 64  # questions at once: 26 MB of scores at 100,000 chunks
_QUANTILE = 0.99  # of the components' sizes; larger ones get the largest code, as in Qdrant

Rows = NDArray[np.int64]


def search(
    vectors: NDArray[np.floating],
    queries: Vectors,
    dim: int,
    storage: str,
    rotation: Rotation | None,
    limit: int,
) -> tuple[Rows, Vectors]:
    """The nearest rows to each question by the first `dim` components.

    Args:
        vectors: (n, full_dim), unit rows.
        queries: (q, full_dim), unit rows.
        storage: one of REFERENCED.
        rotation: what both go through first.

    Returns:
        Rows (q, limit or n), best first, and their scores: cosines, of the codes' candidates too.
    """
    matrix = None if rotation is None else rotation.matrix
    stored, asked = shorten(vectors, dim, matrix), shorten(queries, dim, matrix)
    limit = min(limit, len(stored))
    if storage == "float32":
        return _best(lambda block: asked[block] @ stored.T, len(asked), limit)
    stored = stored.astype(np.float16).astype(np.float32)
    if storage == "float16":
        return _best(lambda block: asked[block] @ stored.T, len(asked), limit)
    encode = {"int8": _int8, "binary": _signs}[storage]
    codes = encode(stored, stored)
    asked_codes = encode(asked, stored)
    candidates = min(round(limit * STORAGES[storage].oversampling), len(stored))
    rows, _ = _best(lambda block: asked_codes[block] @ codes.T, len(asked), candidates)
    scores = np.einsum("qd,qcd->qc", asked, stored[rows])
    order = np.argsort(-scores, axis=1, kind="stable")[:, :limit]
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(scores, order, axis=1)


def _best(score: Callable[[slice], Vectors], questions: int, limit: int) -> tuple[Rows, Vectors]:
    all_rows, all_scores = [], []
    for at in range(0, questions, _BLOCK):
        scores = score(slice(at, at + _BLOCK))
        rows = np.argpartition(-scores, limit - 1, axis=1)[:, :limit] if limit else np.empty((0, 0), int)
        found = np.take_along_axis(scores, rows, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        all_rows.append(np.take_along_axis(rows, order, axis=1))
        all_scores.append(np.take_along_axis(found, order, axis=1))
    return np.concatenate(all_rows), np.concatenate(all_scores)


def _int8(vectors: Vectors, among: Vectors) -> Vectors:
    """Components on 127 steps to either side; float32, since numpy multiplies int8 slowly."""
    step = float(np.quantile(np.abs(among[:: max(1, len(among) // 10_000)]), _QUANTILE)) / 127
    return np.asarray(np.clip(np.round(vectors / step), -127, 127), dtype=np.float32)


def _signs(vectors: Vectors, _: Vectors) -> Vectors:
    return np.asarray(np.where(vectors > 0, 1, -1), dtype=np.float32)
