"""The store on a Qdrant server or cluster: the plan translated into its client's terms.

A library is an alias. Behind it is a collection of its name and a number, the generation, which grows
when the searched vectors are made anew; see `server_layout`. An alias is for finding what is in use;
searches name the collection itself, so that none asks new vectors in the terms of the old.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from indexer.embedding.base import Vectors
from indexer.embedding.rotation import Rotation, shipped_rotation
from indexer.errors import IndexMissingError, ServerError, SettingsError
from indexer.store import server_layout as layout
from indexer.store.base import (
    Condition,
    DenseQuery,
    Filter,
    IndexSpec,
    OnChunks,
    QueryPlan,
    ReplaceSource,
    Scored,
    Stored,
    Ticket,
    check_operation,
    check_spec,
    created,
    next_generation,
    short_vectors,
)
from indexer.store.storages import STORAGES

T = TypeVar("T")

TIMEOUT_SECONDS = 30  # the client's own 5 are too few for a first search on a cold disk
_SLICE = 128  # points a request
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
        self._guard = threading.Lock()
        built = read_spec(client, collection)
        if built is None:
            built = created(spec)
            rotation = shipped_rotation(spec.fingerprint) if spec.rotation else None
            _reach(lambda: layout.create(client, collection, built, rotation))
            _reach(lambda: layout.move_alias(client, collection, built))
        check_spec(built, spec, f"collection {collection!r}")
        _reach(lambda: layout.index_new_fields(client, collection, built))
        self.spec = built
        self._rotation = _reach(lambda: layout.read_rotation(client, collection, built))

    def apply(self, operation: ReplaceSource) -> Ticket:
        """First the new chunks, then away with the old: a search in between finds the source."""
        check_operation(operation, self.spec)
        self._do(lambda name: self._apply(name, operation))
        return ""

    def _apply(self, name: str, operation: ReplaceSource) -> None:
        short = self._short(operation.full) if operation.ids else operation.full
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
            self._client.upsert(name, points[at : at + _SLICE], wait=True)
        of_source = models.FieldCondition(key="source_id", match=models.MatchValue(value=operation.source_id))
        new = models.HasIdCondition(has_id=list(operation.ids))
        old = models.Filter(must=[of_source], must_not=[new] if operation.ids else None)
        self._client.delete(name, points_selector=models.FilterSelector(filter=old), wait=True)

    def rotation(self) -> Rotation | None:
        return self._rotation

    def redimension(
        self, dim: int, storage: str, rotation: Rotation | None, on_progress: OnChunks = lambda done, of: None
    ) -> None:
        """See `VectorStore.redimension`. The new vectors are made in a second collection, on which the
        alias is then put."""
        self._notice_another()
        built = self.spec
        wanted = next_generation(built, dim, storage, rotation)

        def change() -> None:
            layout.create(self._client, self._collection, wanted, rotation)
            layout.rewrite(self._client, self._collection, built, wanted, rotation, on_progress)
            layout.move_alias(self._client, self._collection, wanted)

        _reach(change)
        self._notice_another()
        _reach(lambda: layout.drop(self._client, self._collection, built, unless_used_by=wanted))

    def _notice_another(self) -> bool:
        """The searched vectors may have been made anew, here or elsewhere: go over to them.

        Returns:
            Whether they were.
        """
        with self._guard:
            built = read_spec(self._client, self._collection)
            if built is None or built.index_id != self.spec.index_id or built == self.spec:
                return False
            self._rotation = layout.read_rotation(self._client, self._collection, built)
            self.spec = built
            return True

    def _do(self, request: Callable[[str], T]) -> T:
        """Send a request about the collection that is in use; again, if another has just come into use."""
        try:
            return _reach(lambda: request(layout.name_of(self._collection, self.spec)))
        except ServerError:
            if not self._notice_another():
                raise
            return _reach(lambda: request(layout.name_of(self._collection, self.spec)))

    def _short(self, full: np.ndarray[Any, np.dtype[np.floating]]) -> Vectors:
        return short_vectors(full, self.spec, self._rotation)

    def wait(self, tickets: Sequence[Ticket], timeout_seconds: float) -> None:
        """Nothing to wait for: `apply` returns when the server has applied."""

    def search(self, plan: QueryPlan) -> list[Scored]:
        def ask(name: str) -> models.QueryResponse:
            query, using = self._query(plan)
            return self._client.query_points(
                name,
                query=query,
                using=using,
                prefetch=self._prefetch(plan.first) if plan.first else None,
                query_filter=_filter(plan.where, plan.ids),
                search_params=self._params(plan),
                limit=plan.limit,
                with_payload=True,
            )

        response = self._do(ask)
        return [Scored(str(point.id), point.score, point.payload or {}) for point in response.points]

    def scroll(
        self, where: Filter = (), cursor: str | None = None, limit: int = 256, with_vectors: bool = False
    ) -> tuple[list[Stored], str | None]:
        records, following = self._do(
            lambda name: self._client.scroll(
                name,
                scroll_filter=_filter(where),
                offset=cursor,
                limit=limit,
                with_payload=True,
                with_vectors=["full"] if with_vectors else False,
            )
        )
        stored = [
            Stored(str(record.id), record.payload or {}, layout.full_of(record) if with_vectors else None)
            for record in records
        ]
        return stored, None if following is None else str(following)

    def count(self, where: Filter = ()) -> int:
        result = self._do(lambda name: self._client.count(name, count_filter=_filter(where), exact=True))
        return result.count

    def facet(self, key: str, where: Filter = (), limit: int = 1000) -> dict[str, int]:
        response = self._do(
            lambda name: self._client.facet(
                name, key=key, facet_filter=_filter(where), limit=limit, exact=True
            )
        )
        return {str(hit.value): hit.count for hit in response.hits}

    def close(self) -> None:
        self._client.close()

    def _query(self, plan: QueryPlan) -> tuple[list[float] | models.SparseVector, str]:
        query = plan.query
        if isinstance(query, DenseQuery):
            vector = query.vector if query.using == "full" else self._short(query.vector[None])[0]
            return vector.tolist(), query.using
        return models.SparseVector(indices=query.indices.tolist(), values=query.values.tolist()), "lexical"

    def _prefetch(self, plan: QueryPlan) -> models.Prefetch:
        query, using = self._query(plan)
        return models.Prefetch(
            query=query,
            using=using,
            limit=plan.limit,
            filter=_filter(plan.where, plan.ids),
            params=self._params(plan),
        )

    def _params(self, plan: QueryPlan) -> models.SearchParams | None:
        storage = STORAGES[self.spec.storage]
        if not isinstance(plan.query, DenseQuery) or plan.query.using == "full" or not storage.is_quantized:
            return None
        ranked_again = models.QuantizationSearchParams(rescore=True, oversampling=storage.oversampling)
        return models.SearchParams(quantization=ranked_again)


def read_spec(client: QdrantClient, collection: str) -> IndexSpec | None:
    """What a collection was built with; None where there is none.

    Raises:
        IndexMissingError: a collection of this name is there, but made by something else.
    """
    if not _reach(lambda: client.collection_exists(collection)):
        return None
    metadata = _reach(lambda: client.get_collection(collection)).config.metadata or {}
    if layout.SPEC_KEY not in metadata:
        raise IndexMissingError(f"collection {collection!r}: it was made by another program")
    spec = IndexSpec.from_json(metadata[layout.SPEC_KEY])
    if not _reach(lambda: client.collection_exists(layout.name_of(collection, spec))):
        raise IndexMissingError(
            f"collection {collection!r}: it was made by an earlier version of this program"
        )
    return spec


def collections(client: QdrantClient) -> list[str]:
    """Names of those that this program made.

    Raises:
        ServerError: see `_reach`.
    """
    aliases = _reach(lambda: client.get_aliases()).aliases
    return sorted(
        alias.alias_name
        for alias in aliases
        if layout.SPEC_KEY in (_reach(partial(client.get_collection, alias.alias_name)).config.metadata or {})
    )


def _reach(request: Callable[[], T]) -> T:
    try:
        return request()
    except UnexpectedResponse as error:
        detail = error.content[:200].decode(errors="replace")
        raise ServerError(
            f"the Qdrant server answered {error.status_code}: {detail}. Check --url, the collection's name "
            "and XUNZHANG_QDRANT_API_KEY"
        ) from error
    except ValueError as error:  # the client's own, such as of its local mode
        raise ServerError(f"Qdrant refused: {error}. Check the collection's name") from error
    except (ResponseHandlingException, ConnectionError, TimeoutError) as error:
        raise ServerError(
            f"the Qdrant server can't be reached ({error}). Check that it runs and that --url is right"
        ) from error


def _filter(where: Sequence[Condition], ids: Sequence[str] | None = None) -> models.Filter | None:
    must: list[Any] = [
        models.FieldCondition(key=condition.key, match=models.MatchAny(any=list(condition.values)))
        for condition in where
    ]
    if ids is not None:
        must.append(models.HasIdCondition(has_id=list(ids)))
    return models.Filter(must=must) if must else None
