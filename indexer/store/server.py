"""The store on a Qdrant server or cluster: the plan translated into its client's terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from indexer.embedding.base import shorten
from indexer.errors import IndexMissingError, ServerError, SettingsError
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
    Ticket,
    check_operation,
    check_spec,
    created,
)

T = TypeVar("T")

TIMEOUT_SECONDS = 30  # the client's own 5 are too few for a first search on a cold disk
_SLICE = 128  # points a request
_SPEC_KEY = "xunzhang"  # in the collection's metadata
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def connect(url: str, api_key: str | None) -> QdrantClient:
    """A client for the server at `url`.

    Raises:
        SettingsError: the address is none, or a key would travel unencrypted.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"url = {url!r}: must be an address such as http://localhost:6333")
    if api_key and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise SettingsError(f"url = {url!r}: an API key over plain http can be read by others; use https")
    port = parts.port or (443 if parts.scheme == "https" else 6333)
    return QdrantClient(url=url, port=port, api_key=api_key, timeout=TIMEOUT_SECONDS)


class ServerStore:
    """A `VectorStore` in a server's collection."""

    def __init__(self, client: QdrantClient, collection: str, spec: IndexSpec) -> None:
        """Open the collection, or create it.

        Raises:
            IndexMismatchError: the collection was built with something else.
            ServerError: the server can't be reached, or refused.
        """
        self._client = client
        self._collection = collection
        built = read_spec(client, collection)
        if built is None:
            built = created(spec)
            _reach(partial(self._create, built))
        check_spec(built, spec, f"collection {collection!r}")
        self.spec = built

    def _create(self, spec: IndexSpec) -> None:
        cosine, half = models.Distance.COSINE, models.Datatype.FLOAT16
        self._client.create_collection(
            self._collection,
            vectors_config={
                "full": models.VectorParams(
                    size=spec.full_dim,
                    distance=cosine,
                    datatype=half,
                    on_disk=True,
                    hnsw_config=models.HnswConfigDiff(m=0),
                ),
                "short": models.VectorParams(
                    size=spec.dim,
                    distance=cosine,
                    datatype=half,
                    hnsw_config=models.HnswConfigDiff(m=16, ef_construct=128),
                ),
            },
            sparse_vectors_config={"lexical": models.SparseVectorParams(modifier=models.Modifier.IDF)},
            metadata={_SPEC_KEY: spec.to_json()},
        )
        for name in KEYWORD_FIELDS:
            self._client.create_payload_index(self._collection, name, models.PayloadSchemaType.KEYWORD)

    def apply(self, operation: ReplaceSource) -> Ticket:
        """First the new chunks, then away with the old: a search in between finds the source."""
        check_operation(operation, self.spec)
        short = shorten(operation.full, self.spec.dim) if operation.ids else operation.full
        points = [
            models.PointStruct(
                id=operation.ids[i],
                vector={
                    "full": operation.full[i].astype(np.float32).tolist(),
                    "short": short[i].tolist(),
                    "lexical": models.SparseVector(
                        indices=operation.lexical[i].indices.tolist(),
                        values=operation.lexical[i].values.tolist(),
                    ),
                },
                payload=operation.payloads[i],
            )
            for i in range(len(operation.ids))
        ]
        for at in range(0, len(points), _SLICE):
            _reach(partial(self._client.upsert, self._collection, points[at : at + _SLICE], wait=True))
        of_source = models.FieldCondition(key="source_id", match=models.MatchValue(value=operation.source_id))
        new = models.HasIdCondition(has_id=list(operation.ids))
        old = models.Filter(must=[of_source], must_not=[new] if operation.ids else None)
        _reach(
            lambda: self._client.delete(
                self._collection, points_selector=models.FilterSelector(filter=old), wait=True
            )
        )
        return ""

    def wait(self, tickets: Sequence[Ticket], timeout_seconds: float) -> None:
        """Nothing to wait for: `apply` returns when the server has applied."""

    def search(self, plan: QueryPlan) -> list[Scored]:
        query, using = _query(plan)
        response = _reach(
            lambda: self._client.query_points(
                self._collection,
                query=query,
                using=using,
                prefetch=_prefetch(plan.first) if plan.first else None,
                query_filter=_filter(plan.where, plan.ids),
                limit=plan.limit,
                with_payload=True,
            )
        )
        return [Scored(str(point.id), point.score, point.payload or {}) for point in response.points]

    def scroll(
        self, where: Filter = (), cursor: str | None = None, limit: int = 256, with_vectors: bool = False
    ) -> tuple[list[Stored], str | None]:
        records, following = _reach(
            lambda: self._client.scroll(
                self._collection,
                scroll_filter=_filter(where),
                offset=cursor,
                limit=limit,
                with_payload=True,
                with_vectors=["full"] if with_vectors else False,
            )
        )
        stored = [
            Stored(str(record.id), record.payload or {}, _full(record.vector) if with_vectors else None)
            for record in records
        ]
        return stored, None if following is None else str(following)

    def count(self, where: Filter = ()) -> int:
        result = _reach(lambda: self._client.count(self._collection, count_filter=_filter(where), exact=True))
        return result.count

    def facet(self, key: str, where: Filter = (), limit: int = 1000) -> dict[str, int]:
        response = _reach(
            lambda: self._client.facet(
                self._collection, key=key, facet_filter=_filter(where), limit=limit, exact=True
            )
        )
        return {str(hit.value): hit.count for hit in response.hits}

    def close(self) -> None:
        self._client.close()


def read_spec(client: QdrantClient, collection: str) -> IndexSpec | None:
    """What a collection was built with; None where there is none.

    Raises:
        IndexMissingError: a collection of this name is there, but made by something else.
    """
    if not _reach(lambda: client.collection_exists(collection)):
        return None
    metadata = _reach(lambda: client.get_collection(collection)).config.metadata or {}
    if _SPEC_KEY not in metadata:
        raise IndexMissingError(f"collection {collection!r}: it was made by another program")
    return IndexSpec.from_json(metadata[_SPEC_KEY])


def _reach(request: Callable[[], T]) -> T:
    try:
        return request()
    except UnexpectedResponse as error:
        detail = error.content[:200].decode(errors="replace")
        raise ServerError(
            f"the Qdrant server answered {error.status_code}: {detail}. Check --url, the collection's name "
            "and XUNZHANG_QDRANT_API_KEY"
        ) from error
    except (ResponseHandlingException, ConnectionError, TimeoutError) as error:
        raise ServerError(
            f"the Qdrant server can't be reached ({error}). Check that it runs and that --url is right"
        ) from error


def _query(plan: QueryPlan) -> tuple[list[float] | models.SparseVector, str]:
    if isinstance(plan.query, DenseQuery):
        return plan.query.vector.tolist(), plan.query.using
    sparse = models.SparseVector(indices=plan.query.indices.tolist(), values=plan.query.values.tolist())
    return sparse, "lexical"


def _prefetch(plan: QueryPlan) -> models.Prefetch:
    query, using = _query(plan)
    return models.Prefetch(
        query=query,
        using=using,
        limit=plan.limit,
        filter=_filter(plan.where, plan.ids),
    )


def _filter(where: Sequence[Condition], ids: Sequence[str] | None = None) -> models.Filter | None:
    must: list[Any] = [
        models.FieldCondition(key=condition.key, match=models.MatchAny(any=list(condition.values)))
        for condition in where
    ]
    if ids is not None:
        must.append(models.HasIdCondition(has_id=list(ids)))
    return models.Filter(must=must) if must else None


def _full(vector: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.asarray(vector["full"], dtype=np.float32)
