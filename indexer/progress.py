"""Progress and reports as text: a moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import time
import unicodedata
from typing import TextIO

from indexer.report import IngestReport, Progress, outcomes

_PLAIN_SECONDS = 5.0  # between two lines where nothing can be overwritten, such as in a log
_MOVING_SECONDS = 0.1


class ProgressLine:
    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._moving = out.isatty()
        self._shown_at = 0.0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        finished = progress.done == progress.total
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


def describe(report: IngestReport) -> str:
    """A report for people: failures by name with their reasons, then the counts."""
    lines = []
    for source in report.incomplete:
        for problem in source.problems:
            page = f", page {problem.page}" if problem.page else ""
            lines.append(f"{source.outcome}: {source.source}{page}: {problem.reason}")
    skipped = outcomes(report.sources, "skipped")
    if skipped:
        lines.append(f"skipped {len(skipped)} files of types that are not read, such as {skipped[0].source}")
    if report.stopped_by:
        lines.append(f"stopped: {report.stopped_by}")
    if report.interrupted:
        lines.append("interrupted; run the same command again to go on")
    counts = ", ".join(f"{number} {outcome}" for outcome, number in sorted(report.counts.items()))
    speed = report.embedded_chunks / report.seconds if report.seconds else 0
    lines.append(
        f"{counts or 'nothing found'}; {report.embedded_chunks} chunks embedded in {report.seconds:.1f} s "
        f"({speed:.1f}/s)"
    )
    return "\n".join(lines)


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
