"""The embedded store: one folder, any number of processes.

One process at a time can hold the engine. Whoever gets `owner.lock` is the owner: it applies the
inbox, and answers the other processes. When it ends, however it ends, another takes over.

    collection/
        spec.json       what the index was built with, and which shard is in use
        shard/          Qdrant Edge's files; shard-1/ and so on, once they were made anew
        rotation-….npz  the rotation of the searched vectors, where there is one
        building/       a shard in the making
        inbox/          writes, durable, not yet applied
        quarantine/     writes that could not be applied
        owner.lock      held by the owner; the system lets go of it when a process dies
        owner.json      where the owner answers
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import filelock

from indexer.embedding.rotation import Rotation, read_rotation, shipped_rotation, write_rotation
from indexer.errors import IndexBusyError, IndexMismatchError, IndexMissingError, StoreError
from indexer.store import wire
from indexer.store.base import (
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
    nothing,
)
from indexer.store.inbox import POLL_SECONDS, Inbox, sync_folder
from indexer.store.rewrite import rewrite
from indexer.store.service import Service, ask
from indexer.store.shard import Shard

T = TypeVar("T")

DRAIN_SECONDS = 0.3  # between looks into the inbox: new text is found within this and a flush
_TRIES = 3  # to apply a write, while others pass, before it is put aside
_SETTLE_SECONDS = 600.0  # for the owner to apply what waits, before the vectors are made anew
_SWITCH_SECONDS = 60.0  # for the owner to open a new shard
_OWNERLESS_SECONDS = 20.0  # how long to wait for an owner that neither answers nor lets go

_log = logging.getLogger(__name__)


class EdgeStore:
    """A `VectorStore` in a folder; see the module's docstring."""

    def __init__(self, folder: Path, spec: IndexSpec) -> None:
        """Open, or create.

        Raises:
            IndexMismatchError: the folder holds an index built with something else.
            IndexBusyError: another process is creating it, and does not finish.
        """
        self.spec = spec
        self._folder = folder
        self._inbox = Inbox(folder)
        self._lock = filelock.FileLock(folder / "owner.lock", thread_local=False)
        # Round opening, draining and closing; searches go without, so that none waits for a write.
        self._guard = threading.RLock()
        self._shard: Shard | None = None
        self._service: Service | None = None
        self._failures: dict[str, int] = {}  # tries so far, by file name
        self._replaced_by: IndexMismatchError | None = None
        self._closed = threading.Event()
        self._open(spec)
        self._thread = threading.Thread(target=self._keep, name="index-owner", daemon=True)
        self._thread.start()

    def _open(self, wanted: IndexSpec) -> None:
        deadline = time.monotonic() + _OWNERLESS_SECONDS
        while True:
            self._try_to_own(create=True)
            built = read_spec(self._folder)
            if built:
                break
            if time.monotonic() > deadline:  # the owner writes the spec as soon as it owns
                raise IndexBusyError(
                    f"another process holds {self._folder} without creating its index; end it"
                )
            time.sleep(POLL_SECONDS)
        self.spec = built
        try:
            check_spec(built, wanted, str(self._folder))
        except IndexMismatchError:
            self._let_go()
            raise

    @property
    def owns(self) -> bool:
        return self._shard is not None

    def apply(self, operation: ReplaceSource) -> Ticket:
        self._check_usable()
        check_operation(operation, self.spec)
        return self._inbox.put(wire.pack(operation))

    def wait(self, tickets: Sequence[Ticket], timeout_seconds: float) -> None:
        self._inbox.wait(list(tickets), timeout_seconds)

    def search(self, plan: QueryPlan) -> list[Scored]:
        return self._do(
            lambda shard: shard.search(plan),
            lambda: wire.scored_from_json(ask(self._folder, "search", wire.plan_to_json(plan))),
        )

    def scroll(
        self, where: Filter = (), cursor: str | None = None, limit: int = 256, with_vectors: bool = False
    ) -> tuple[list[Stored], str | None]:
        arguments = {
            "where": wire.filter_to_json(where),
            "cursor": cursor,
            "limit": limit,
            "with_vectors": with_vectors,
        }

        def remotely() -> tuple[list[Stored], str | None]:
            records, following = ask(self._folder, "scroll", arguments)
            return wire.stored_from_json(records), following

        return self._do(lambda shard: shard.scroll(where, cursor, limit, with_vectors), remotely)

    def count(self, where: Filter = ()) -> int:
        arguments = {"where": wire.filter_to_json(where)}
        return self._do(lambda shard: shard.count(where), lambda: int(ask(self._folder, "count", arguments)))

    def facet(self, key: str, where: Filter = (), limit: int = 1000) -> dict[str, int]:
        arguments = {"key": key, "where": wire.filter_to_json(where), "limit": limit}
        return self._do(
            lambda shard: shard.facet(key, where, limit), lambda: dict(ask(self._folder, "facet", arguments))
        )

    def rotation(self) -> Rotation | None:
        return read_rotation(_rotation_file(self._folder, self.spec)) if self.spec.rotation else None

    def redimension(
        self, dim: int, storage: str, rotation: Rotation | None, on_progress: OnChunks = lambda done, of: None
    ) -> None:
        """See `VectorStore.redimension`. The new shard is made in a copy of the folder, in this process;
        the owner opens it when the spec names it."""
        self.wait([self.apply(nothing())], _SETTLE_SECONDS)  # all is applied, and on the disk
        built = self._settled_spec()
        wanted = next_generation(built, dim, storage, rotation)
        building = self._folder / "building"
        shutil.rmtree(building, ignore_errors=True)  # of one that was killed
        try:
            shutil.copytree(_shard_folder(self._folder, built), building)
            rewrite(building, wanted, rotation, on_progress)
            if rotation:
                write_rotation(rotation, _rotation_file(self._folder, wanted))
            place = _shard_folder(self._folder, wanted)
            shutil.rmtree(place, ignore_errors=True)  # of one that was killed before it was in use
            building.replace(place)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        _write_spec(self._folder, wanted)
        self._await_generation(wanted.generation)

    def _settled_spec(self) -> IndexSpec:
        self._check_usable()
        built = read_spec(self._folder)
        if built is None:
            raise IndexMissingError(str(self._folder))
        return built

    def _await_generation(self, generation: int) -> None:
        """Until whoever owns the index searches this generation."""
        deadline = time.monotonic() + _SWITCH_SECONDS
        while (
            self._do(lambda shard: shard.spec.generation, lambda: int(ask(self._folder, "generation", {})))
            != generation
        ):
            if time.monotonic() > deadline:
                raise IndexBusyError(
                    f"the process that owns the index at {self._folder} has not opened its new vectors "
                    f"within {_SWITCH_SECONDS:.0f} s. They are complete, and the next one to start uses "
                    "them; end it (its number is in owner.json)"
                )
            time.sleep(POLL_SECONDS)
        with self._guard:
            self._notice_another()

    def close(self) -> None:
        """Apply what waits, and let another process own the index."""
        self._closed.set()
        self._thread.join()
        with self._guard:
            if self._shard is None:
                return
            self._drain(self._shard)
            self._let_go()

    def _let_go(self, abandoned: bool = False) -> None:
        shard, service = self._shard, self._service
        self._shard = self._service = None
        if service:
            service.close()
        if shard and not abandoned:
            shard.close()
        self._lock.release()

    def _do(self, locally: Callable[[Shard], T], remotely: Callable[[], T]) -> T:
        """Ask our own shard, or the owner's; between two owners, wait for the next."""
        deadline = time.monotonic() + _OWNERLESS_SECONDS
        while True:
            self._check_usable()
            if shard := self._shard:
                return locally(shard)
            try:
                return remotely()
            except OSError as error:
                if read_spec(self._folder) is None:
                    raise IndexMissingError(str(self._folder)) from error
                if time.monotonic() > deadline:
                    raise IndexBusyError(
                        f"the process that owns the index at {self._folder} does not answer ({error}). "
                        "End it (its number is in owner.json), or try again later"
                    ) from error
                self._try_to_own()
                self._closed.wait(0.05)

    def _check_usable(self) -> None:
        if self._replaced_by:
            raise self._replaced_by
        if self._closed.is_set():
            raise StoreError(f"the index at {self._folder} has been closed; open it again")

    def _keep(self) -> None:
        """The owner's work: apply the inbox. Everyone else's: become the owner when there is none."""
        while not self._closed.wait(DRAIN_SECONDS):
            try:
                with self._guard:
                    self._notice_another()
                    if self._shard:
                        self._drain(self._shard)
                if not self._shard:
                    self._try_to_own()
            except Exception:  # such as a full disk: the writes stay in the inbox; try again
                _log.exception("the index at %s could not be written; trying again", self._folder)

    def _notice_another(self) -> None:
        """The searched vectors may have been made anew: go over to them. Or the folder may have been
        deleted, and perhaps built anew: that is another index."""
        built = read_spec(self._folder)
        if built and built.index_id == self.spec.index_id:
            if built.generation != self.spec.generation:
                if self._shard:
                    # Searches that run have the old one, and it goes when they let go of it.
                    self._shard = self._open_shard(built)
                self.spec = built
                if self._shard:
                    self._remove_generations_before(built)
            return
        self._let_go(abandoned=True)  # nothing of ours may be written into it
        if built:
            try:
                check_spec(built, self.spec, str(self._folder))
                self.spec = built
            except IndexMismatchError as error:
                self._replaced_by = error

    def _try_to_own(self, create: bool = False) -> None:
        with self._guard:
            if self._shard or self._replaced_by or self._closed.is_set():
                return
            if not create and read_spec(self._folder) is None:
                return  # deleted: it is not for those who had it open to make a new one
            try:
                self._lock.acquire(blocking=False)
            except filelock.Timeout:
                return
            try:
                self._own()
            except BaseException:
                self._let_go()
                raise

    def _own(self) -> None:
        """Open the shard, or create it; the lock is ours."""
        built = read_spec(self._folder)
        if built is None or not _shard_folder(self._folder, built).exists():
            # Without its shard an index is a new one, and what others know of the old is void.
            new = created(built or self.spec)
            shutil.rmtree(_shard_folder(self._folder, new), ignore_errors=True)
            self._shard = self._open_shard(new)
            self.spec = new
            _write_spec(self._folder, self.spec)
        else:
            self._shard = self._open_shard(built)
            self._remove_generations_before(built)
            self.spec = built
        self._inbox.remove_leftovers()
        self._drain(self._shard)
        self._service = Service(self._folder, self._answer)

    def _open_shard(self, spec: IndexSpec) -> Shard:
        file = _rotation_file(self._folder, spec)
        shipped = shipped_rotation(spec.fingerprint)
        if shipped and shipped.fingerprint == spec.rotation and not file.exists():
            write_rotation(shipped, file)  # a later version may ship another
        rotation = read_rotation(file) if spec.rotation else None
        return Shard(_shard_folder(self._folder, spec), spec, rotation)

    def _remove_generations_before(self, spec: IndexSpec) -> None:
        in_use = {_shard_folder(self._folder, spec), _rotation_file(self._folder, spec)}
        for generation in range(spec.generation):
            old = _shard_folder(self._folder, replace(spec, generation=generation))
            shutil.rmtree(old, ignore_errors=True)
        for file in set(self._folder.glob("rotation-*.npz")) - in_use:
            file.unlink(missing_ok=True)

    def _drain(self, shard: Shard) -> None:
        """Apply what waits, make it durable, and only then delete it from the inbox.

        A write that the engine refuses waits, and so do later ones of its source. It is put aside
        only when others pass: when none does, the trouble is the machine's, such as a full disk.
        """
        applied: list[Path] = []
        refused: dict[str, tuple[Path, Exception]] = {}  # by source
        for file in self._inbox.waiting():
            try:
                operation = wire.unpack(file.read_bytes())
                check_operation(operation, self.spec)
            except OSError:
                raise
            except Exception as error:  # not a write of ours: trying again will not mend it
                self._put_aside(file, error)
                continue
            if operation.source_id in refused:
                continue
            try:
                shard.apply(operation)
                applied.append(file)
            except Exception as error:  # Edge raises plain Exceptions
                refused[operation.source_id] = (file, error)
        if applied:
            shard.flush()
            for file in applied:
                file.unlink(missing_ok=True)
        for file, reason in refused.values():
            tries = self._failures[file.name] = self._failures.get(file.name, 0) + bool(applied)
            _log.error("a write can't be applied (%s): %s", file.name, reason)
            if tries >= _TRIES:
                self._put_aside(file, reason)

    def _put_aside(self, file: Path, error: Exception) -> None:
        _log.error("put aside %s: %s", file, error)
        self._inbox.put_aside(file, str(error))

    def _answer(self, method: str, arguments: dict[str, Any]) -> Any:
        """What another process asked; it runs in a thread of the service."""
        shard = self._shard
        if shard is None or self._closed.is_set():
            raise ConnectionAbortedError("the owner is closing")
        if method == "search":
            return wire.scored_to_json(shard.search(wire.plan_from_json(arguments)))
        if method == "generation":
            return shard.spec.generation
        where = wire.filter_from_json(arguments.pop("where"))
        if method == "scroll":
            records, following = shard.scroll(where, **arguments)
            return [wire.stored_to_json(records), following]
        if method == "count":
            return shard.count(where)
        if method == "facet":
            return shard.facet(where=where, **arguments)
        raise ValueError(f"no such method: {method}")


def read_spec(folder: Path) -> IndexSpec | None:
    """What the index in a folder was built with; None where there is none.

    Raises:
        StoreError: the file is damaged.
    """
    file = folder / "spec.json"
    try:
        return IndexSpec.from_json(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise StoreError(
            f"{file} is damaged ({error}); restore it, or delete it and the shard folders beside it, and "
            "ingest again; uploads and judgements there stay"
        ) from error


def _shard_folder(folder: Path, spec: IndexSpec) -> Path:
    return folder / (f"shard-{spec.generation}" if spec.generation else "shard")


def _rotation_file(folder: Path, spec: IndexSpec) -> Path:
    return folder / f"rotation-{spec.rotation}.npz"


def _write_spec(folder: Path, spec: IndexSpec) -> None:
    unfinished = folder / "spec.json.tmp"  # only who creates the index writes it, or is its one writer
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(json.dumps(spec.to_json(), indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / "spec.json")
    sync_folder(folder)
