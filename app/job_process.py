"""A background command's own process: `python -m app.job_process FOLDER MODULE ARGUMENTS…`.

Runs `python -m MODULE ARGUMENTS…`, holds a lock as long as it lives, and leaves its exit status
behind. The system lets go of the lock when a process dies, however it dies, so whoever finds it free
and no exit status knows that the command was broken off. A process number alone would not tell: the
system gives it to another process later.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
from pathlib import Path

from filelock import FileLock

from indexer.terminal import ended_by

LOCK = "job.lock"
PID = "job.pid"
ENDED = "job.ended"  # exit status, and what kind of error ended it, if it was one of ours
_START_SECONDS = 20.0  # for someone who only looks whether the lock is free


def main(folder: Path, module: str, arguments: list[str]) -> int:
    lock = FileLock(folder / LOCK)
    lock.acquire(timeout=_START_SECONDS)
    write_whole(folder / PID, str(os.getpid()))
    signal.signal(signal.SIGTERM, _interrupt)
    status = 1
    try:
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        status = 130
    finally:
        # An error that nobody expected goes on, with its traceback, to the command's stderr.
        write_whole(folder / ENDED, " ".join([str(status), *ended_by[-1:]]))
    return status


def write_whole(file: Path, text: str) -> None:
    """Write a file that nobody sees half of."""
    beside = file.with_name(f"{file.name}.tmp-{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _interrupt(*_: object) -> None:
    """As Ctrl-C: what was begun is cleaned up."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
