"""What a vector store is asked to do, in words of neither engine.

A store holds one collection: chunks, each with two dense vectors and a sparse one:
    full     the model's whole vector, float16, no graph: only rescored with
    short    its first `dim` components, of unit length: searched. In a rotated index, of the rotated
             vector; see indexer/embedding/rotation.py
    lexical  words with BM25 weights, idf by the engine

`short` is made here, of what is written and of what is asked, so that nobody else has to know how.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.base import shorten
from indexer.embedding.rotation import Rotation
from indexer.errors import IndexMismatchError, InvalidVectorError
from indexer.store.storages import DEFAULT_STORAGE
from indexer.words import SparseVector

SCHEMA_VERSION = 1

# Fields that filters and counts go by; the engines index them.
KEYWORD_FIELDS = ("source_id", "name", "folders", "type", "modified_at")

_NAMESPACE = uuid.UUID("6e1a7c1e-3f55-5a0c-9b57-2d2c3f1f7a10")

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """What an index was built with. Anything else can't be mixed into it."""

    model: str  # as the user names it
    fingerprint: str
    full_dim: int
    dim: int
    chunk_tokens: int
    overlap_tokens: int
    schema_version: int = SCHEMA_VERSION
    index_id: str = ""  # of this very index, given when it is created: another one, even if alike, differs
    storage: str = DEFAULT_STORAGE  # of the searched vectors; see indexer/store/storages.py
    rotation: str = ""  # fingerprint of the rotation that they went through; "" for none
    generation: int = 0  # how often they were made anew

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> IndexSpec:
        try:
            return cls(**values)
        except TypeError as error:
            raise IndexMismatchError(
                f"the index was written by another version of this program ({error}); "
                "index the folder again into another --index or --collection"
            ) from error


# What an index is given when it is made, or later by `redimension`; no setting asks for it.
_OF_THE_INDEX = ("index_id", "storage", "rotation", "generation")


def check_spec(built: IndexSpec, wanted: IndexSpec, where: str) -> None:
    """Refuse to use an index as something that it is not.

    Raises:
        IndexMismatchError: naming each difference and the ways out.
    """
    ours, theirs = wanted.to_json(), built.to_json()
    for name in _OF_THE_INDEX:
        del ours[name]
    if ours["fingerprint"] == theirs["fingerprint"]:
        ours["model"] = theirs["model"]  # the same model by another name, such as its folder
    different = [
        f"{name} {theirs[name]} (asked for: {ours[name]})" for name in ours if ours[name] != theirs[name]
    ]
    if different:
        another_dim = (
            "; `python -m indexer redimension` changes its dimension" if _only_dim(different) else ""
        )
        raise IndexMismatchError(
            f"the index at {where} was built with {'; '.join(different)}. Use the settings it was built "
            f"with, or another --collection or --index for the new ones{another_dim}"
        )


def _only_dim(different: Sequence[str]) -> bool:
    return len(different) == 1 and different[0].startswith("dim ")


def created(spec: IndexSpec) -> IndexSpec:
    """The spec of a new index."""
    return replace(spec, index_id=uuid.uuid4().hex)


def next_generation(built: IndexSpec, dim: int, storage: str, rotation: Rotation | None) -> IndexSpec:
    """The spec of the same index with its searched vectors made anew."""
    return replace(
        built,
        dim=dim,
        storage=storage,
        rotation=rotation.fingerprint if rotation else "",
        generation=built.generation + 1,
    )


def source_id(collection: str, source: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{collection}\0{source}"))


def chunk_id(collection: str, source: str, version: str, ordinal: int) -> str:
    """The same chunk of the same version always gets the same id, so writing it twice is harmless."""
    return str(uuid.uuid5(_NAMESPACE, f"{collection}\0{source}\0{version}\0{ordinal}"))


@dataclass(frozen=True, slots=True)
class ReplaceSource:
    """All chunks of a source, in place of those it had. No chunks: the source is gone.

    ids and payloads have n entries, `full` is (n, full_dim).
    """

    source_id: str
    ids: Sequence[str] = ()
    payloads: Sequence[Payload] = ()
    full: NDArray[np.floating] = field(default_factory=lambda: np.zeros((0, 0), np.float16))
    lexical: Sequence[SparseVector] = ()


def nothing() -> ReplaceSource:
    """A write that changes nothing: when it has been applied, so has all that was written before it."""
    return ReplaceSource(source_id("", ""))


def check_operation(operation: ReplaceSource, spec: IndexSpec) -> None:
    """The engines accept NaN, and then never find the point.

    Raises:
        InvalidVectorError: a vector has a wrong length or a component that is not a number.
    """
    if not operation.ids:
        return
    full = operation.full
    if full.shape != (len(operation.ids), spec.full_dim):
        raise InvalidVectorError(
            f"vectors of shape {full.shape} for {len(operation.ids)} chunks; "
            f"the index holds vectors of {spec.full_dim} components"
        )
    if not np.isfinite(full.astype(np.float32)).all():
        raise InvalidVectorError(f"a vector of source {operation.source_id} has NaN or infinite components")
    if not len(operation.ids) == len(operation.payloads) == len(operation.lexical):
        raise InvalidVectorError(
            f"{len(operation.ids)} ids, {len(operation.payloads)} payloads, {len(operation.lexical)} lexical "
            "vectors: they must be as many"
        )


@dataclass(frozen=True, slots=True)
class Condition:
    """A field has one of these values (of a list field: any element has)."""

    key: str
    values: tuple[str, ...]


Filter = tuple[Condition, ...]  # all must hold


@dataclass(frozen=True, slots=True)
class DenseQuery:
    using: Literal["short", "full"]
    vector: NDArray[np.float32]  # (full_dim,) also for `short`: the store shortens it as it did the chunks


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """Nearest chunks to a query.

    Attributes:
        first: if given, only what this plan finds is ranked (two-stage search).
        ids: if given, only these chunks are ranked.
    """

    query: DenseQuery | SparseVector
    limit: int
    where: Filter = ()
    ids: tuple[str, ...] | None = None
    first: QueryPlan | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    id: str
    score: float  # cosine, or BM25 for a sparse query
    payload: Payload


@dataclass(frozen=True, slots=True)
class Stored:
    id: str
    payload: Payload
    full: NDArray[np.float32] | None  # (full_dim,), where it was asked for


Ticket = str  # of a write; what `wait` wants


OnChunks = Callable[[int, int], None]  # chunks done, and of how many


class VectorIndex(Protocol):
    """What can be searched."""

    @property
    def spec(self) -> IndexSpec: ...

    def search(self, plan: QueryPlan) -> list[Scored]:
        """Best first."""
        ...

    def scroll(
        self, where: Filter = (), cursor: str | None = None, limit: int = 256, with_vectors: bool = False
    ) -> tuple[list[Stored], str | None]:
        """A page of chunks in the order of their ids, and the cursor of the next page or None."""
        ...

    def count(self, where: Filter = ()) -> int: ...

    def facet(self, key: str, where: Filter = (), limit: int = 1000) -> dict[str, int]:
        """How many chunks have each value of a keyword field, most first."""
        ...


class VectorStore(VectorIndex, Protocol):
    """One collection of chunks. Safe to use from several threads."""

    def apply(self, operation: ReplaceSource) -> Ticket:
        """Write. Durable on return: a kill after it loses nothing. Idempotent.

        Raises:
            InvalidVectorError: see `check_operation`; nothing was written.
        """
        ...

    def wait(self, tickets: Sequence[Ticket], timeout_seconds: float) -> None:
        """Return when searches see what was written.

        Raises:
            BatchFailedError: a write was put aside.
            IndexBusyError: not within the time.
        """
        ...

    def rotation(self) -> Rotation | None:
        """The one that the searched vectors went through."""
        ...

    def redimension(
        self, dim: int, storage: str, rotation: Rotation | None, on_progress: OnChunks = lambda done, of: None
    ) -> None:
        """Make the searched vectors anew from the full ones: of `dim` components, stored as `storage`.

        Searches go on with the old ones until the new ones are complete and verified, then change in
        one step; on return they use the new. A kill half-way leaves the old. Nobody else may write
        meanwhile; see `library.writing`.

        Raises:
            RewriteError: what was made is not what it should be; the old vectors stay in use.
            IndexBusyError: as `wait`.
        """
        ...

    def close(self) -> None: ...


def short_vectors(
    full: NDArray[np.floating], spec: IndexSpec, rotation: Rotation | None
) -> NDArray[np.float32]:
    """What is searched of full vectors: (n, full_dim) → float32 (n, dim), unit rows."""
    return shorten(full, spec.dim, None if rotation is None else rotation.matrix)
