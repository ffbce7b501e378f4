"""One Qdrant Edge shard in this process: the plan translated into Edge's terms.

Edge holds Python's global lock during an update, so writes go in small slices.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as edge

from indexer.embedding.base import shorten
from indexer.store.base import (
    KEYWORD_FIELDS,
    Condition,
    DenseQuery,
    Filter,
    IndexSpec,
    QueryPlan,
    ReplaceSource,
    Scored,
    Stored,
)

_SLICE = 128  # points an update


class Shard:
    """The engine itself. One process may open a folder; `EdgeStore` sees to that."""

    def __init__(self, folder: Path, spec: IndexSpec) -> None:
        # Left by a kill during an optimisation; Edge would not load with it.
        shutil.rmtree(folder / "temp_segments", ignore_errors=True)
        if folder.exists():
            self._edge = edge.EdgeShard.load(str(folder))
        else:
            folder.mkdir(parents=True)
            self._edge = edge.EdgeShard.create(str(folder), _config(spec))
        self._spec = spec
        for name in KEYWORD_FIELDS:
            self._edge.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Keyword))

    def apply(self, operation: ReplaceSource) -> None:
        """First the new chunks, then away with the old: a search in between finds the source."""
        short = shorten(operation.full, self._spec.dim) if operation.ids else operation.full
        for at in range(0, len(operation.ids), _SLICE):
            points = [
                edge.Point(
                    id=operation.ids[i],
                    vector={
                        "full": operation.full[i].astype(np.float32).tolist(),
                        "short": short[i].tolist(),
                        "lexical": edge.SparseVector(
                            operation.lexical[i].indices.tolist(), operation.lexical[i].values.tolist()
                        ),
                    },
                    payload=operation.payloads[i],
                )
                for i in range(at, min(at + _SLICE, len(operation.ids)))
            ]
            self._edge.update(edge.UpdateOperation.upsert_points(points))
        of_source = edge.FieldCondition("source_id", match=edge.MatchValue(operation.source_id))
        new: list[Any] = [edge.HasIdCondition(set(operation.ids))] if operation.ids else []
        self._edge.update(
            edge.UpdateOperation.delete_points_by_filter(edge.Filter(must=[of_source], must_not=new))
        )

    def flush(self) -> None:
        self._edge.flush()

    def search(self, plan: QueryPlan) -> list[Scored]:
        request = edge.QueryRequest(
            limit=plan.limit,
            query=_query(plan),
            prefetches=[_prefetch(plan.first)] if plan.first else None,
            filter=_filter(plan.where, plan.ids),
            with_payload=True,
        )
        return [Scored(str(p.id), p.score, p.payload or {}) for p in self._edge.query(request)]

    def scroll(
        self, where: Filter = (), cursor: str | None = None, limit: int = 256, with_vectors: bool = False
    ) -> tuple[list[Stored], str | None]:
        records, following = self._edge.scroll(
            edge.ScrollRequest(
                offset=cursor,
                limit=limit,
                filter=_filter(where),
                with_payload=True,
                with_vector=["full"] if with_vectors else False,
            )
        )
        stored = [
            Stored(
                str(record.id),
                record.payload or {},
                np.asarray(_named(record.vector)["full"], dtype=np.float32) if with_vectors else None,
            )
            for record in records
        ]
        return stored, None if following is None else str(following)

    def count(self, where: Filter = ()) -> int:
        return self._edge.count(edge.CountRequest(filter=_filter(where), exact=True))

    def facet(self, key: str, where: Filter = (), limit: int = 1000) -> dict[str, int]:
        response = self._edge.facet(edge.FacetRequest(key, limit=limit, exact=True, filter=_filter(where)))
        return {str(hit.value): hit.count for hit in response.hits if hit.count}  # it keeps values of old

    def close(self) -> None:
        self._edge.flush()
        self._edge.close()


def _config(spec: IndexSpec) -> edge.EdgeConfig:
    half = edge.VectorStorageDatatype.Float16
    graph = edge.HnswIndexConfig(m=16, ef_construct=128, full_scan_threshold=10_000)
    no_graph = edge.HnswIndexConfig(m=0, ef_construct=128, full_scan_threshold=10_000)
    cosine = edge.Distance.Cosine
    return edge.EdgeConfig(
        vectors={
            "full": edge.EdgeVectorParams(spec.full_dim, cosine, datatype=half, hnsw_config=no_graph),
            "short": edge.EdgeVectorParams(spec.dim, cosine, datatype=half, hnsw_config=graph),
        },
        sparse_vectors={"lexical": edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
    )


def _query(plan: QueryPlan) -> Any:  # Edge's stubs give its query constructors no usable type
    if isinstance(plan.query, DenseQuery):
        return edge.Query.Nearest(plan.query.vector.tolist(), using=plan.query.using)
    sparse = edge.SparseVector(plan.query.indices.tolist(), plan.query.values.tolist())
    return edge.Query.Nearest(sparse, using="lexical")


def _prefetch(plan: QueryPlan) -> edge.Prefetch:
    return edge.Prefetch(
        limit=plan.limit,
        query=_query(plan),
        filter=_filter(plan.where, plan.ids),
    )


def _filter(where: Sequence[Condition], ids: Sequence[str] | None = None) -> edge.Filter | None:
    must: list[Any] = [
        edge.FieldCondition(condition.key, match=edge.MatchAny(list(condition.values))) for condition in where
    ]
    if ids is not None:
        must.append(edge.HasIdCondition(set(ids)))
    return edge.Filter(must=must) if must else None


def _named(vector: Any) -> dict[str, Any]:
    if not isinstance(vector, dict):
        raise TypeError(f"named vectors expected, got {type(vector).__name__}")
    return vector
