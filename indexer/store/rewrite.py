"""Make the searched vectors of a shard anew from its full ones, in a copy that nobody searches yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as edge

from indexer.embedding.base import Vectors
from indexer.embedding.rotation import Rotation
from indexer.errors import RewriteError
from indexer.store.base import IndexSpec, OnChunks, short_vectors
from indexer.store.shard import config_of, datatype_of, named
from indexer.store.storages import STORAGES

_PAGE = 1024  # chunks
_TOLERANCE = 2e-3  # of a component: rounding a unit vector to float16 twice moves it by 1e-3 at most
_GRAPH_FROM = 200_000  # chunks; below, scanning all is as fast and misses nothing


def rewrite(folder: Path, spec: IndexSpec, rotation: Rotation | None, on_progress: OnChunks) -> None:
    """
    Args:
        folder: of a shard that no process has open.
        spec: what it is to be.
        rotation: the one that the spec names.

    Raises:
        RewriteError: vectors are missing or wrong in the end.
    """
    shard = edge.EdgeShard.load(str(folder))
    total = shard.count(edge.CountRequest(exact=True))
    shard.update(edge.UpdateOperation.delete_vector_name("short"))
    shard.update(
        edge.UpdateOperation.create_dense_vector(
            "short", spec.dim, edge.Distance.Cosine, datatype=datatype_of(spec.storage)
        )
    )
    done = 0
    for ids, full, _ in _pages(shard, ["full"]):
        short = short_vectors(full, spec, rotation)
        shard.update(
            edge.UpdateOperation.update_vectors(
                [edge.PointVectors(id_, {"short": row.tolist()}) for id_, row in zip(ids, short, strict=True)]
            )
        )
        done += len(ids)
        on_progress(done, total)
    shard.flush()
    shard.close()
    # Opened with its own layout, for the codes and the graph.
    shard = edge.EdgeShard.load(str(folder), config_of(spec))
    if STORAGES[spec.storage].is_quantized or total >= _GRAPH_FROM:
        shard.optimize()
    _check(shard, spec, rotation, total)
    shard.flush()
    shard.close()


def _check(shard: edge.EdgeShard, spec: IndexSpec, rotation: Rotation | None, total: int) -> None:
    """Every chunk has its vector, and it is that of its full one."""
    having = edge.Filter(must=[edge.HasVectorCondition("short")])
    if (made := shard.count(edge.CountRequest(filter=having, exact=True))) != total:
        raise RewriteError(f"{made} of {total} chunks have their vector of {spec.dim} dimensions; try again")
    checked = 0
    for ids, full, found in _pages(shard, ["full", "short"]):
        expected = short_vectors(full, spec, rotation)
        if found.shape != expected.shape:
            raise RewriteError(
                f"vectors of shape {found.shape} were made, {expected.shape} expected; try again"
            )
        wrong = np.abs(found - expected).max(axis=1) > _TOLERANCE
        if wrong.any():
            raise RewriteError(
                f"the vector of chunk {ids[int(np.argmax(wrong))]} is not that of its full one; try again"
            )
        checked += len(ids)
    if checked != total:
        raise RewriteError(f"{checked} of {total} chunks are left after the change; try again")


def _pages(shard: edge.EdgeShard, names: list[str]) -> Iterator[tuple[list[Any], Vectors, Vectors]]:
    """All chunks: ids, and their vectors of the first and of the last name."""
    cursor = None
    while True:
        records, cursor = shard.scroll(
            edge.ScrollRequest(offset=cursor, limit=_PAGE, with_payload=False, with_vector=names)
        )
        if records:
            vectors = [named(record.vector) for record in records]
            first, last = (
                np.asarray([vector[name] for vector in vectors], dtype=np.float32)
                for name in (names[0], names[-1])
            )
            yield [record.id for record in records], first, last
        if cursor is None:
            return
