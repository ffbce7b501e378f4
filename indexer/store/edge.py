"""The embedded store: one folder, any number of processes.

One process at a time can hold the engine. Whoever gets `owner.lock` is the owner: it applies the
inbox, and answers the other processes. When it ends, however it ends, another takes over.

    collection/
        spec.json       what the index was built with
        shard/          Qdrant Edge's files
        inbox/          writes, durable, not yet applied
        quarantine/     writes that could not be applied
        owner.lock      held by the owner; the system lets go of it when a process dies
        owner.json      where the owner answers
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import filelock

from indexer.errors import IndexBusyError
from indexer.store import wire
from indexer.store.base import (
    Filter,
    IndexSpec,
    QueryPlan,
    ReplaceSource,
    Scored,
    Stored,
    Ticket,
    check_operation,
    check_spec,
)
from indexer.store.inbox import Inbox
from indexer.store.service import Service, ask
from indexer.store.shard import Shard

T = TypeVar("T")

DRAIN_SECONDS = 0.3  # between looks into the inbox: new text is found within this and a flush
_TRIES = 3  # to apply a write before it is put aside
_OWNERLESS_SECONDS = 20.0  # how long to wait for an owner that neither answers nor lets go

_log = logging.getLogger(__name__)


class EdgeStore:
    """A `VectorStore` in a folder; see the module's docstring."""

    def __init__(self, folder: Path, spec: IndexSpec) -> None:
        """Open, or create.

        Raises:
            IndexMismatchError: the folder holds an index built with something else.
        """
        folder.mkdir(parents=True, exist_ok=True)
        built = read_spec(folder)
        if built is None:
            _write_spec(folder, spec)
        else:
            check_spec(built, spec, str(folder))
        self.spec = built or spec
        self._folder = folder
        self._inbox = Inbox(folder)
        self._lock = filelock.FileLock(folder / "owner.lock", thread_local=False)
        # Round opening, draining and closing; searches go without, so that none waits for a write.
        self._guard = threading.RLock()
        self._shard: Shard | None = None
        self._service: Service | None = None
        self._failures: dict[str, int] = {}  # tries so far, by file name
        self._closed = threading.Event()
        self._identity = _identity(folder)
        self._try_to_own()
        self._thread = threading.Thread(target=self._keep, name="index-owner", daemon=True)
        self._thread.start()

    @property
    def owns(self) -> bool:
        return self._shard is not None

    def apply(self, operation: ReplaceSource) -> Ticket:
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
            if shard := self._shard:
                return locally(shard)
            try:
                return remotely()
            except OSError as error:
                if time.monotonic() > deadline:
                    raise IndexBusyError(
                        f"the process that owns the index at {self._folder} does not answer ({error}). "
                        "End it (its number is in owner.json), or try again later"
                    ) from error
                self._try_to_own()
                self._closed.wait(0.05)

    def _keep(self) -> None:
        """The owner's work: apply the inbox. Everyone else's: become the owner when there is none."""
        while not self._closed.wait(DRAIN_SECONDS):
            try:
                with self._guard:
                    if _identity(self._folder) != self._identity:
                        # Deleted, and perhaps built anew: nothing of ours may be written into it.
                        self._let_go(abandoned=True)
                        self._identity = _identity(self._folder)
                    if self._shard:
                        self._drain(self._shard)
                if not self._shard:
                    self._try_to_own()
            except Exception:  # such as a full disk: the writes stay in the inbox; try again
                _log.exception("the index at %s could not be written; trying again", self._folder)

    def _try_to_own(self) -> None:
        with self._guard:
            if self._shard or self._closed.is_set() or self._identity is None:
                return
            try:
                self._lock.acquire(blocking=False)
            except filelock.Timeout:
                return
            try:
                self._shard = Shard(self._folder / "shard", self.spec)
                self._inbox.remove_leftovers()
                self._drain(self._shard)
                self._service = Service(self._folder, self._answer)
            except BaseException:
                if self._shard:
                    self._shard.close()
                    self._shard = None
                self._lock.release()
                raise

    def _drain(self, shard: Shard) -> None:
        """Apply what waits, make it durable, and only then delete it from the inbox."""
        applied = []
        for file in self._inbox.waiting():
            try:
                shard.apply(wire.unpack(file.read_bytes()))
                applied.append(file)
            except OSError:
                raise  # the machine's trouble, not the write's
            except Exception as error:  # Edge raises plain Exceptions
                self._failures[file.name] = self._failures.get(file.name, 0) + 1
                if self._failures[file.name] < _TRIES:
                    break  # keep the order: what comes later may replace it
                _log.error("put aside %s: %s", file, error)
                self._inbox.put_aside(file, str(error))
        if applied:
            shard.flush()
            for file in applied:
                file.unlink()

    def _answer(self, method: str, arguments: dict[str, Any]) -> Any:
        """What another process asked; it runs in a thread of the service."""
        shard = self._shard
        if shard is None or self._closed.is_set():
            raise ConnectionAbortedError("the owner is closing")
        if method == "search":
            return wire.scored_to_json(shard.search(wire.plan_from_json(arguments)))
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
    """What the index in a folder was built with; None where there is none."""
    try:
        return IndexSpec.from_json(json.loads((folder / "spec.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _identity(folder: Path) -> int | None:
    """Changes when the folder is built anew; None while it is gone."""
    try:
        return (folder / "spec.json").stat().st_ino
    except FileNotFoundError:
        return None


def _write_spec(folder: Path, spec: IndexSpec) -> None:
    unfinished = folder / "spec.json.tmp"
    unfinished.write_text(json.dumps(spec.to_json(), indent=2) + "\n", encoding="utf-8")
    unfinished.replace(folder / "spec.json")
