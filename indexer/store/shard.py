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

from indexer.embedding.base import Vectors
from indexer.embedding.rotation import Rotation
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
    short_vectors,
)
from indexer.store.storages import STORAGES

_SLICE = 128  # points an update
_LINKS = 16  # of a chunk in the graph (HNSW's m)


class Shard:
    """The engine itself. One process may open a folder; `EdgeStore` sees to that."""

    def __init__(
        self,
        folder: Path,
        spec: IndexSpec,
        rotation: Rotation | None = None,
        config: edge.EdgeConfig | None = None,
    ) -> None:
        """Open, or create.

        Args:
            rotation: the one that the spec names.
            config: see `config_of`, which is the default.
        """
        # Left by a kill during an optimisation; Edge would not load with it.
        shutil.rmtree(folder / "temp_segments", ignore_errors=True)
        self.spec = spec
        self._rotation = rotation
        config = config or config_of(spec)
        if folder.exists():
            self._edge = edge.EdgeShard.load(str(folder), config)
        else:
            folder.mkdir(parents=True)
            self._edge = edge.EdgeShard.create(str(folder), config)
        for name in KEYWORD_FIELDS:
            self._edge.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Keyword))

    def apply(self, operation: ReplaceSource) -> None:
        """First the new chunks, then away with the old: a search in between finds the source."""
        short = self._short(operation.full) if operation.ids else operation.full
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

    def optimize(self) -> None:
        """Merge segments, build graphs and codes where there are none. Holds Python's global lock."""
        self._edge.optimize()

    def search(self, plan: QueryPlan) -> list[Scored]:
        request = edge.QueryRequest(
            limit=plan.limit,
            query=self._query(plan),
            prefetches=[self._prefetch(plan.first)] if plan.first else None,
            filter=_filter(plan.where, plan.ids),
            with_payload=True,
            params=self._params(plan),
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
                np.asarray(named(record.vector)["full"], dtype=np.float32) if with_vectors else None,
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

    def _short(self, full: np.ndarray[Any, np.dtype[np.floating]]) -> Vectors:
        return short_vectors(full, self.spec, self._rotation)

    def _query(self, plan: QueryPlan) -> Any:  # Edge's stubs give its query constructors no usable type
        query = plan.query
        if isinstance(query, DenseQuery):
            vector = query.vector if query.using == "full" else self._short(query.vector[None])[0]
            return edge.Query.Nearest(vector.tolist(), using=query.using)
        sparse = edge.SparseVector(query.indices.tolist(), query.values.tolist())
        return edge.Query.Nearest(sparse, using="lexical")

    def _prefetch(self, plan: QueryPlan) -> edge.Prefetch:
        return edge.Prefetch(
            limit=plan.limit,
            query=self._query(plan),
            filter=_filter(plan.where, plan.ids),
            params=self._params(plan),
        )

    def _params(self, plan: QueryPlan) -> edge.SearchParams | None:
        storage = STORAGES[self.spec.storage]
        if not isinstance(plan.query, DenseQuery) or plan.query.using == "full" or not storage.is_quantized:
            return None
        ranked_again = edge.QuantizationSearchParams(rescore=True, oversampling=storage.oversampling)
        return edge.SearchParams(quantization=ranked_again)


def config_of(spec: IndexSpec, *, graph: bool = True, at_any_size: bool = False) -> edge.EdgeConfig:
    """How a shard of this spec is laid out.

    Args:
        graph: whether `optimize` builds one over the searched vectors.
        at_any_size: build and use it also where scanning is as fast.
    """
    half, cosine = edge.VectorStorageDatatype.Float16, edge.Distance.Cosine
    threshold = 1 if at_any_size else 10_000  # kB of vectors
    # Codes are built by `optimize`, and are what a quantized storage is for, so they are at any size.
    built_from = 1 if at_any_size or STORAGES[spec.storage].is_quantized else None
    return edge.EdgeConfig(
        vectors={
            "full": edge.EdgeVectorParams(
                spec.full_dim, cosine, datatype=half, hnsw_config=_graph(0, threshold)
            ),
            "short": edge.EdgeVectorParams(
                spec.dim,
                cosine,
                datatype=datatype_of(spec.storage),
                hnsw_config=_graph(_LINKS if graph else 0, threshold),
                quantization_config=_codes(spec.storage),
            ),
        },
        sparse_vectors={"lexical": edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        optimizers=edge.EdgeOptimizersConfig(
            indexing_threshold=built_from, default_segment_number=1 if at_any_size else None
        ),
    )


def datatype_of(storage: str) -> edge.VectorStorageDatatype:
    kinds = edge.VectorStorageDatatype
    return kinds.Float32 if storage == "float32" else kinds.Float16


def _graph(links: int, threshold: int) -> edge.HnswIndexConfig:
    return edge.HnswIndexConfig(m=links, ef_construct=128, full_scan_threshold=threshold)


def _codes(storage: str) -> Any:
    if storage == "int8":
        return edge.ScalarQuantizationConfig(edge.ScalarType.Int8, quantile=0.99)
    if storage == "turbo4":
        return edge.TurboQuantQuantizationConfig(bits=edge.TurboQuantBitSize.Bits4)
    return edge.BinaryQuantizationConfig() if storage == "binary" else None


def _filter(where: Sequence[Condition], ids: Sequence[str] | None = None) -> edge.Filter | None:
    must: list[Any] = [
        edge.FieldCondition(condition.key, match=edge.MatchAny(list(condition.values))) for condition in where
    ]
    if ids is not None:
        must.append(edge.HasIdCondition(set(ids)))
    return edge.Filter(must=must) if must else None


def named(vector: Any) -> dict[str, Any]:
    if not isinstance(vector, dict):
        raise TypeError(f"named vectors expected, got {type(vector).__name__}")
    return vector
