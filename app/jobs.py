"""One command at a time in the background of a collection, and the runs that came of them.

All that is known of it is on disk, so that another tab, or the UI after a restart, sees the same:

    <collection>/evaluations/
        job.json        what was started, when, and the file that it writes its run to
        progress.json   how far it is; written by the command
        job.lock        held by the command as long as it lives; see app/job_process.py
        job.pid, job.ended, output.txt, errors.txt
        <UTC>-<name>.json   runs
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from app.evaluation.run_file import Run, RunFileError, read_run
from app.job_process import ENDED, LOCK, PID, write_whole
from indexer.errors import XunzhangError
from indexer.progress import WAITING
from indexer.settings import Settings

Kind = Literal["evaluate", "redimension", "rotate", "ingest"]
State = Literal["running", "finished", "failed", "stopped", "broken off"]

_ROOT = Path(__file__).parents[1]
_JOB, _PROGRESS = "job.json", "progress.json"
_OUTPUT, _ERRORS = "output.txt", "errors.txt"
_LOOK_SECONDS = 0.05  # for another who looks at the lock at the same moment
_START_SECONDS = 20.0  # for the process to take the lock
_STOP_SECONDS = 15.0  # for the command to clean up, before it is killed
_POLL_SECONDS = 0.05
_STAMP = "%Y%m%dT%H%M%SZ"
_RUN_FILE = re.compile(r"(\d{8}T\d{6}Z)-(.+)\.json")
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has but one way to end a process
_KEPT_IN_MEMORY = 4  # runs; one is some megabytes


class JobRunningError(XunzhangError):
    """There is a command in the background already."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a command is in what it is doing.

    Attributes:
        what: the step, or `WAITING`.
        left_seconds: of this step, as the command says or by its pace so far; None: too early to tell.
        chunks: embedded so far, by an ingest.
    """

    what: str
    done: int
    total: int
    left_seconds: float | None
    chunks: int | None = None

    @property
    def share(self) -> float:
        """0..1"""
        return min(1.0, self.done / self.total) if self.total > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """The last command that was started.

    Attributes:
        id: of this very start.
        subject: what it is about: a run's name, or a dimension.
        run: name of the file that its run goes to; None: it makes none.
        error: the last line of what it said, where it failed.
        error_kind: the class of the error, where it was one of ours.
    """

    id: str
    kind: Kind
    subject: str
    started: datetime
    state: State
    run: str | None
    progress: Progress | None
    error: str
    error_kind: str = ""


@dataclass(frozen=True, slots=True)
class RunName:
    """A run that is there to be read."""

    file: str
    created: datetime
    name: str


class Jobs:
    """The commands and runs of one collection. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: is made at the first start.
        """
        self.folder = folder
        self._pace: tuple[str, str, int, float] | None = None  # job, step, done when first seen, and when
        self._guard = threading.Lock()
        self._read = lru_cache(_KEPT_IN_MEMORY)(lambda file, changed_ns: read_run(folder / file))

    def start(
        self,
        kind: Kind,
        module: str,
        arguments: Sequence[str],
        subject: str,
        *,
        makes_run: bool = False,
        secrets: Mapping[str, str] = {},
    ) -> Job:
        """Start `python -m MODULE ARGUMENTS… --progress FILE`, with `--json FILE` where it makes a run.

        Args:
            secrets: variables for its environment: what others could read among the arguments.

        Raises:
            JobRunningError: another is running.
            OSError: the folder can't be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "start.lock"):
            if (job := self.current()) and job.state == "running":
                raise JobRunningError(f"{job.kind} of {job.subject} is running; wait for it, or stop it")
            now = datetime.now(UTC)
            run = self._free_name(now, subject) if makes_run else None
            for leftover in (PID, ENDED, _PROGRESS):
                (self.folder / leftover).unlink(missing_ok=True)
            started = {
                "id": uuid.uuid4().hex,
                "kind": kind,
                "subject": subject,
                "started_at": now.isoformat(),
                "run": run,
                "stopped": False,
            }
            write_whole(self.folder / _JOB, json.dumps(started, ensure_ascii=False))
            command = [*arguments, "--progress", str((self.folder / _PROGRESS).absolute())]
            if run:
                command += ["--json", str((self.folder / run).absolute())]
            self._spawn(module, command, secrets)
        current = self.current()
        assert current is not None
        return current

    def current(self) -> Job | None:
        """The command that runs, or else the last one; None: there was none."""
        try:
            kept = json.loads((self.folder / _JOB).read_text(encoding="utf-8"))
            started = datetime.fromisoformat(kept["started_at"])
            state = self._state(kept, started)
            return Job(
                id=kept["id"],
                kind=kept["kind"],
                subject=kept["subject"],
                started=started,
                state=state,
                run=kept["run"],
                progress=self._progress(kept["id"]) if state == "running" else None,
                error=self._last_line() if state == "failed" else "",
                error_kind=self._ended()[1],
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None  # none, or the file is of another version

    def stop(self) -> None:
        """End the command that runs: it cleans up, or is killed if it does not within some seconds."""
        try:
            file = self.folder / _JOB
            kept = json.loads(file.read_text(encoding="utf-8"))
            pid = int((self.folder / PID).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if not self._held():
            return
        write_whole(file, json.dumps(kept | {"stopped": True}, ensure_ascii=False))
        deadline = time.monotonic() + _STOP_SECONDS
        number = signal.SIGTERM
        # As long as the lock is held, the number is that of our process.
        while self._held():
            _signal(pid, number)
            while self._held() and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
            number, deadline = _KILL, time.monotonic() + _STOP_SECONDS

    def runs(self) -> list[RunName]:
        """Finished runs by their files' names, the newest first."""
        found = []
        for file in self.folder.glob("*.json"):
            if match := _RUN_FILE.fullmatch(file.name):
                created = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
                found.append(RunName(file.name, created, match[2]))
        return sorted(found, key=lambda run: (run.created, run.file), reverse=True)

    def read(self, file: str) -> Run:
        """
        Raises:
            RunFileError: it is gone, or is not a run.
        """
        try:
            run = self._read(file, (self.folder / file).stat().st_mtime_ns)
        except OSError as error:
            raise RunFileError(f"{self.folder / file} is gone: {error}") from error
        return run

    def data(self, file: str) -> bytes:
        """A run's file as it is."""
        return (self.folder / file).read_bytes()

    def delete(self, file: str) -> None:
        """Delete a run; another file is left alone."""
        if _RUN_FILE.fullmatch(file):
            (self.folder / file).unlink(missing_ok=True)

    def _free_name(self, now: datetime, subject: str) -> str:
        plain = re.sub(r"[^\w.,-]+", "-", subject).strip(".-") or "run"
        stamp = now.strftime(_STAMP)
        names = (f"{stamp}-{plain}{suffix}.json" for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
        return next(name for name in names if not (self.folder / name).exists())

    def _spawn(self, module: str, arguments: Sequence[str], secrets: Mapping[str, str]) -> None:
        """In a session of its own: it goes on when the UI ends."""
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        command = [sys.executable, "-m", "app.job_process", str(self.folder.absolute()), module]
        with (self.folder / _OUTPUT).open("wb") as output, (self.folder / _ERRORS).open("wb") as errors:
            process = subprocess.Popen(
                [*command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env=os.environ | secrets | {"PYTHONPATH": path},
                start_new_session=True,
            )
        # Waited for, so that it does not stay as a zombie when it ends.
        threading.Thread(target=process.wait, name="job", daemon=True).start()
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if (self.folder / PID).exists():
                return
            time.sleep(_POLL_SECONDS)

    def _state(self, kept: dict[str, Any], started: datetime) -> State:
        if self._held():
            return "running"
        status, _ = self._ended()
        if status is None:
            if kept["stopped"]:
                return "stopped"
            if (self.folder / PID).exists():
                return "broken off"
            if self._last_line():  # it did not come as far as the command
                return "failed"
            young = (datetime.now(UTC) - started).total_seconds() < _START_SECONDS
            return "running" if young else "broken off"
        if status == 0:
            return "finished"
        return "stopped" if kept["stopped"] else "failed"

    def _ended(self) -> tuple[int | None, str]:
        """Exit status and kind of error; None as long as it has not ended by itself."""
        try:
            status, *kind = (self.folder / ENDED).read_text(encoding="utf-8").split()
            return int(status), "".join(kind)
        except (OSError, ValueError):
            return None, ""

    def _held(self) -> bool:
        """Whether a command's process is alive."""
        lock = FileLock(self.folder / LOCK)
        with self._guard:
            try:
                lock.acquire(timeout=_LOOK_SECONDS, poll_interval=_LOOK_SECONDS / 5)
            except Timeout:
                return True
            lock.release()
        return False

    def _progress(self, job: str) -> Progress | None:
        try:
            now = json.loads((self.folder / _PROGRESS).read_text(encoding="utf-8"))
            what, done, total = str(now["what"]), int(now["done"]), int(now["total"])
            if what == WAITING:
                return Progress(what, done, total, None)
            if "chunks" in now:
                return Progress(what, done, total, now["left_seconds"], int(now["chunks"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        with self._guard:
            if self._pace is None or self._pace[:2] != (job, what) or self._pace[2] > done:
                self._pace = (job, what, done, time.monotonic())
            _, _, first_done, first_seen = self._pace
        since = time.monotonic() - first_seen
        pace = (done - first_done) / since if since > 0 else 0.0
        return Progress(what, done, total, (total - done) / pace if pace > 0 else None)

    def _last_line(self) -> str:
        try:
            text = (self.folder / _ERRORS).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return lines[-1] if lines else ""


def place_arguments(settings: Settings) -> list[str]:
    """Which collection a command is about."""
    # Of a server, the folder beside it is found by the same settings as here.
    place = ["--url", settings.url] if settings.url else ["--index", str(settings.index_dir.absolute())]
    return [*place, "--collection", settings.collection]


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        return  # it has just ended
