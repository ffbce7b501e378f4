"""Writes that wait to be applied: one file each, durable before anyone is told that it is written.

Whoever owns the index applies them in the order of their names and then deletes them. A file that
can't be applied moves to `quarantine/` with its reason beside it, so that one bad write blocks none.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path

from indexer.errors import BatchFailedError, IndexBusyError
from indexer.store.base import Ticket

POLL_SECONDS = 0.05


class Inbox:
    def __init__(self, folder: Path) -> None:
        self._folder = folder / "inbox"
        self._quarantine = folder / "quarantine"
        self._folder.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes) -> Ticket:
        """Lay a write down; on return it survives a kill and a power cut."""
        ticket = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
        unfinished = self._folder / f"{ticket}.tmp"
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._folder / f"{ticket}.npz")
        sync_folder(self._folder)
        return ticket

    def waiting(self) -> list[Path]:
        """Files to apply, oldest first."""
        return sorted(self._folder.glob("*.npz"))

    def put_aside(self, file: Path, reason: str) -> None:
        self._quarantine.mkdir(exist_ok=True)
        (self._quarantine / f"{file.stem}.txt").write_text(reason, encoding="utf-8")
        file.replace(self._quarantine / file.name)

    def wait(self, tickets: list[Ticket], timeout_seconds: float) -> None:
        """See `VectorStore.wait`."""
        deadline = time.monotonic() + timeout_seconds
        for ticket in tickets:
            while (self._folder / f"{ticket}.npz").exists():
                if time.monotonic() > deadline:
                    raise IndexBusyError(
                        f"writes in {self._folder} were not applied within {timeout_seconds:.0f} s. They are "
                        "safe there; the process that owns the index applies them, or the next one to start"
                    )
                time.sleep(POLL_SECONDS)
            reason = self._quarantine / f"{ticket}.txt"
            if reason.exists():
                raise BatchFailedError(
                    f"a write could not be applied: {reason.read_text(encoding='utf-8')}. "
                    f"It was kept as {self._quarantine / ticket}.npz; ingest the source again"
                )

    def remove_leftovers(self) -> None:
        """Delete what a killed writer left half-written: nobody was told that it was written."""
        an_hour_ago = time.time() - 3600
        for file in self._folder.glob("*.tmp"):
            if file.stat().st_mtime < an_hour_ago:
                file.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make what was renamed in a folder survive a power cut."""
    if os.name == "nt":  # Windows can't open a folder, and does not need this
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
