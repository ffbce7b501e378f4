"""Where vectors live. Only this package imports a Qdrant engine."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from indexer.errors import IndexMissingError
from indexer.settings import Settings
from indexer.store.base import (
    Condition,
    DenseQuery,
    Filter,
    IndexSpec,
    Payload,
    QueryPlan,
    ReplaceSource,
    Scored,
    Stored,
    VectorIndex,
    VectorStore,
    check_spec,
    chunk_id,
    nothing,
    source_id,
)
from indexer.store.storages import DEFAULT_STORAGE, STORAGES, Storage

__all__ = [
    "DEFAULT_STORAGE",
    "STORAGES",
    "Condition",
    "DenseQuery",
    "Filter",
    "IndexSpec",
    "Payload",
    "QueryPlan",
    "ReplaceSource",
    "Scored",
    "Storage",
    "Stored",
    "VectorIndex",
    "VectorStore",
    "check_spec",
    "chunk_id",
    "collection_folder",
    "missing_index",
    "nothing",
    "open_store",
    "read_spec",
    "server_collections",
    "source_id",
]


def collection_folder(settings: Settings) -> Path:
    """Where a collection's files are: all of them, or only the catalogue where a server has the rest."""
    if settings.url:
        server = urlsplit(settings.url)
        place = f"{server.hostname}_{server.port or ''}{server.path.rstrip('/').replace('/', '_')}"
        return settings.index_dir / f"server-{place}" / settings.collection
    return settings.index_dir / settings.collection


def read_spec(settings: Settings) -> IndexSpec | None:
    """What the index was built with; None where there is no index yet."""
    if settings.url:
        from indexer.store import server

        client = server.connect(settings.url, settings.qdrant_api_key)
        try:
            return server.read_spec(client, settings.collection)
        finally:
            client.close()
    from indexer.store import edge

    return edge.read_spec(collection_folder(settings))


def server_collections(settings: Settings) -> list[str]:
    """The collections of this program on the settings' server.

    Raises:
        ServerError: it can't be asked.
    """
    from indexer.store import server

    assert settings.url
    client = server.connect(settings.url, settings.qdrant_api_key)
    try:
        return server.collections(client)
    finally:
        client.close()


def missing_index(settings: Settings) -> IndexMissingError:
    return IndexMissingError(
        f"{settings.url}, collection {settings.collection!r}"
        if settings.url
        else str(collection_folder(settings))
    )


def open_store(settings: Settings, spec: IndexSpec | None = None) -> VectorStore:
    """Open the index; with a `spec`, create it where it is missing, and insist on it where it is not.

    Raises:
        IndexMissingError: no index there, and no spec to create one.
        IndexMismatchError: the index was built with something else.
        ServerError: the server can't be reached, or refused.
    """
    wanted = spec or read_spec(settings)
    if wanted is None:
        raise missing_index(settings)
    if settings.url:
        from indexer.store.server import ServerStore, connect

        return ServerStore(connect(settings.url, settings.qdrant_api_key), settings.collection, wanted)
    from indexer.store.edge import EdgeStore

    return EdgeStore(collection_folder(settings), wanted)
