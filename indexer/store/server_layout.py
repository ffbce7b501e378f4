"""The collections behind a library on a Qdrant server: how they are laid out, made and made anew.

NAME                    an alias of the one in use
NAME.0, NAME.1 …        chunks; the number is the generation of the searched vectors
NAME.rotation-…         a rotation, a row of the matrix a point: every machine that searches needs it
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from qdrant_client import QdrantClient, models

from indexer.embedding.base import Vectors
from indexer.embedding.rotation import Rotation
from indexer.errors import RewriteError, RotationError
from indexer.store.base import KEYWORD_FIELDS, IndexSpec, OnChunks, short_vectors
from indexer.store.storages import STORAGES

SPEC_KEY = "xunzhang"  # in a collection's metadata
_PAGE = 128  # points a request
_TOLERANCE = 2e-3  # of a component: rounding a unit vector to float16 twice moves it by 1e-3 at most


def name_of(collection: str, spec: IndexSpec) -> str:
    return f"{collection}.{spec.generation}"


def create(client: QdrantClient, collection: str, spec: IndexSpec, rotation: Rotation | None) -> None:
    """Make an empty collection of this spec, in place of one that was left unfinished.

    Raises:
        RotationError: `rotation` is not the one that the spec names.
    """
    if spec.rotation != (rotation.fingerprint if rotation else ""):
        raise RotationError(f"there is no rotation {spec.rotation!r} on this machine; fit it again")
    name, storage = name_of(collection, spec), STORAGES[spec.storage]
    cosine, half = models.Distance.COSINE, models.Datatype.FLOAT16
    _delete(client, name)
    client.create_collection(
        name,
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
                datatype=models.Datatype.FLOAT32 if spec.storage == "float32" else half,
                on_disk=storage.is_quantized,
                hnsw_config=models.HnswConfigDiff(m=16, ef_construct=128),
                quantization_config=_codes(spec.storage),
            ),
        },
        sparse_vectors_config={"lexical": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        metadata={SPEC_KEY: spec.to_json()},
    )
    _index(client, name, KEYWORD_FIELDS)
    if rotation:
        _write_rotation(client, collection, rotation)


def index_new_fields(client: QdrantClient, collection: str, spec: IndexSpec) -> None:
    """Let a collection of an earlier version be filtered by what has come since."""
    name = name_of(collection, spec)
    indexed = client.get_collection(name).payload_schema
    if indexed:  # a local client indexes none, and needs none
        _index(client, name, [field for field in KEYWORD_FIELDS if field not in indexed])


def _index(client: QdrantClient, name: str, fields: Sequence[str]) -> None:
    for field in fields:
        client.create_payload_index(name, field, models.PayloadSchemaType.KEYWORD)


def move_alias(client: QdrantClient, collection: str, spec: IndexSpec) -> None:
    """Take the collection of this spec into use, in one step."""
    moves: list[Any] = []
    if client.collection_exists(collection):
        away = models.DeleteAlias(alias_name=collection)
        moves.append(models.DeleteAliasOperation(delete_alias=away))
    to = models.CreateAlias(collection_name=name_of(collection, spec), alias_name=collection)
    moves.append(models.CreateAliasOperation(create_alias=to))
    client.update_collection_aliases(change_aliases_operations=moves)


def rewrite(
    client: QdrantClient,
    collection: str,
    built: IndexSpec,
    wanted: IndexSpec,
    rotation: Rotation | None,
    on_progress: OnChunks,
) -> None:
    """Fill the collection of `wanted` from that of `built`, and check it.

    Raises:
        RewriteError: vectors are missing or wrong in the end.
    """
    old, new = name_of(collection, built), name_of(collection, wanted)
    done, total = 0, client.count(old, exact=True).count
    for records in _pages(client, old, ["full", "lexical"]):
        short = short_vectors(_stacked(records), wanted, rotation)
        points = [
            models.PointStruct(
                id=record.id, vector={**record.vector, "short": row.tolist()}, payload=record.payload
            )
            for record, row in zip(records, short, strict=True)
        ]
        client.upsert(new, points, wait=True)
        done += len(points)
        on_progress(done, total)
    checked = 0
    for records in _pages(client, new, ["full", "short"]):
        expected = short_vectors(_stacked(records), wanted, rotation)
        found = np.array([record.vector["short"] for record in records], dtype=np.float32)
        if found.shape != expected.shape or float(np.abs(found - expected).max()) > _TOLERANCE:
            raise RewriteError(f"vectors in {new!r} are not those of the full ones; try again")
        checked += len(records)
    if checked != total:
        raise RewriteError(f"{checked} of {total} chunks arrived in {new!r}; try again")


def drop(client: QdrantClient, collection: str, spec: IndexSpec, unless_used_by: IndexSpec) -> None:
    """Delete a generation, and its rotation unless the other one has it too."""
    _delete(client, name_of(collection, spec))
    if spec.rotation and spec.rotation != unless_used_by.rotation:
        _delete(client, _rotation_name(collection, spec.rotation))


def read_rotation(client: QdrantClient, collection: str, spec: IndexSpec) -> Rotation | None:
    """The rotation that the spec names.

    Raises:
        RotationError: it is not there, or not whole.
    """
    if not spec.rotation:
        return None
    name = _rotation_name(collection, spec.rotation)
    points = client.retrieve(name, ids=list(range(spec.full_dim)), with_vectors=True)
    rows = {int(point.id): point.vector for point in points}
    if len(rows) != spec.full_dim:
        raise RotationError(f"collection {name!r} has {len(rows)} of {spec.full_dim} rows; fit it again")
    return Rotation(np.array([rows[number] for number in range(spec.full_dim)], dtype=np.float32))


def full_of(record: models.Record) -> Vectors:
    """The full vector of a record: float32 (full_dim,)."""
    if not isinstance(record.vector, dict):
        raise TypeError(f"named vectors expected, got {type(record.vector).__name__}")
    return np.asarray(record.vector["full"], dtype=np.float32)


def _write_rotation(client: QdrantClient, collection: str, rotation: Rotation) -> None:
    name, side = _rotation_name(collection, rotation.fingerprint), len(rotation.halves)
    _delete(client, name)
    # Dot: for a cosine the rows would be given unit length, and no longer be those of the fingerprint.
    params = models.VectorParams(
        size=side, distance=models.Distance.DOT, hnsw_config=models.HnswConfigDiff(m=0)
    )
    client.create_collection(name, vectors_config=params)
    rows = rotation.halves.astype(np.float32)
    for at in range(0, side, _PAGE):
        numbers = range(at, min(at + _PAGE, side))
        points = [models.PointStruct(id=number, vector=rows[number].tolist()) for number in numbers]
        client.upsert(name, points, wait=True)


def _rotation_name(collection: str, fingerprint: str) -> str:
    return f"{collection}.rotation-{fingerprint}"


def _codes(storage: str) -> Any:
    if storage == "int8":
        scalar = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
        return models.ScalarQuantization(scalar=scalar)
    if storage == "turbo4":
        turbo = models.TurboQuantQuantizationConfig(bits=models.TurboQuantBitSize.BITS4, always_ram=True)
        return models.TurboQuantization(turbo=turbo)
    if storage == "binary":
        return models.BinaryQuantization(binary=models.BinaryQuantizationConfig(always_ram=True))
    return None


def _pages(client: QdrantClient, name: str, vectors: list[str]) -> Iterator[list[Any]]:
    cursor: Any = None
    while True:
        records, cursor = client.scroll(
            name, limit=_PAGE, offset=cursor, with_payload=True, with_vectors=vectors
        )
        if records:
            yield records
        if cursor is None:
            return


def _stacked(records: Sequence[models.Record]) -> Vectors:
    return np.stack([full_of(record) for record in records])


def _delete(client: QdrantClient, name: str) -> None:
    if client.collection_exists(name):
        client.delete_collection(name)
