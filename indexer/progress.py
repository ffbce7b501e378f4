"""Progress as text: a moving line on a terminal, plain lines elsewhere, or a file that
another program watches."""

from __future__ import annotations

import json
import shutil
import time
import unicodedata
from pathlib import Path
from typing import TextIO

from indexer.report import Progress

_PLAIN_SECONDS = 5.0  # between two lines where nothing can be overwritten, such as in a log
_MOVING_SECONDS = 0.1
_WATCHED_SECONDS = 0.3  # between two states of a file that is watched
WAITING = "waiting"  # what a command does while another one writes to the index


class ProgressLine:
    def __init__(self, out: TextIO, file: Path | None = None) -> None:
        """
        Args:
            file: replaced as it goes on; see `_write_state`.
        """
        self._out = out
        self._file = file
        self._moving = out.isatty()
        self._shown_at = self._written_at = 0.0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        finished = progress.done == progress.total
        if self._file and (finished or now - self._written_at >= _WATCHED_SECONDS):
            self._written_at = now
            _write_state(
                self._file,
                what=progress.current,
                done=progress.done,
                total=progress.total,
                chunks=progress.embedded_chunks,
                left_seconds=progress.eta_seconds,
            )
        if not finished and now - self._shown_at < (_MOVING_SECONDS if self._moving else _PLAIN_SECONDS):
            return
        self._shown_at = now
        line = _line(progress)
        if self._moving:
            line = _fit(line, shutil.get_terminal_size().columns - 1)
            self._out.write(f"\r\x1b[K{line}")
        else:
            self._out.write(f"{line}\n")
        self._out.flush()

    def end(self) -> None:
        if self._moving and self._shown_at:
            self._out.write("\n")


class StepProgress:
    """Steps of long work: `what`, how far it is, and how far it goes."""

    def __init__(self, out: TextIO, file: Path | None = None) -> None:
        """
        Args:
            file: replaced as it goes on, by {"what": …, "done": …, "total": …}.
        """
        self._out = out
        self._file = file
        self._written_at = self._printed_at = 0.0

    def show(self, what: str, done: int, total: int) -> None:
        now, finished = time.monotonic(), done == total
        if finished or now - self._printed_at >= _PLAIN_SECONDS:
            self._printed_at = now
            self._out.write(f"  {what}: {done}/{total}\n")
            self._out.flush()
        if self._file and (finished or now - self._written_at >= _WATCHED_SECONDS):
            self._written_at = now
            _write_state(self._file, what=what, done=done, total=total)


def say_waiting(out: TextIO, file: Path | None = None) -> None:
    """That another command is writing to the index.

    Args:
        file: as those of the classes above.
    """
    print("another command is writing to this index; waiting for its end", file=out)
    if file:
        _write_state(file, what=WAITING, done=0, total=0)


def _write_state(file: Path, *, what: str, done: int, total: int, **more: float | None) -> None:
    """What is done, how far it is, and how far it goes; for a program that watches."""
    beside = file.with_name(f"{file.name}.tmp")
    state = {"what": what, "done": done, "total": total, **more}
    beside.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
    beside.replace(file)


def _line(progress: Progress) -> str:
    eta = progress.eta_seconds
    parts = [
        f"{progress.done}/{progress.total} files",
        f"{progress.embedded_chunks} chunks",
        f"{progress.chunks_per_second:.1f} chunks/s",
    ]
    if eta is not None and progress.done < progress.total:
        parts.append(f"about {int(eta) // 60}:{int(eta) % 60:02} left")
    return f"{', '.join(parts)}  {progress.current}"


def _fit(line: str, columns: int) -> str:
    """Cut to a width on the screen, where a Chinese character takes two columns."""
    width = 0
    for at, character in enumerate(line):
        width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width > columns:
            return line[:at]
    return line
