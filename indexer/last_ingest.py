"""The figures of a collection's last ingest, kept beside its catalogue for whoever asks later."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from indexer.report import IngestReport, Outcome

FILE = "last-ingest.json"
_FEW = 20  # chunks; loading the model takes longer than embedding them


@dataclass(frozen=True, slots=True)
class LastIngest:
    """
    Attributes:
        finished_at: with its time zone.
        embedded_chunks: those that were computed; what had not changed is not among them.
        counts: sources by what became of them.
        exit_code: see `IngestReport.exit_code`.
    """

    finished_at: datetime
    embedded_chunks: int
    seconds: float
    counts: Mapping[Outcome, int]
    exit_code: int

    @property
    def chunks_per_second(self) -> float | None:
        """Reading included; None where so few were embedded that it says nothing about speed."""
        return self.embedded_chunks / self.seconds if self.embedded_chunks > _FEW and self.seconds else None


def write_last_ingest(folder: Path, report: IngestReport) -> None:
    """Keep a report's figures in a collection's folder, in place of those before.

    Raises:
        OSError: the folder can't be written; what was there stays.
    """
    values = {
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "embedded_chunks": report.embedded_chunks,
        "seconds": round(report.seconds, 3),
        "counts": report.counts,
        "exit_code": report.exit_code,
    }
    beside = folder / f"{FILE}.tmp-{os.getpid()}"
    try:
        beside.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
        beside.replace(folder / FILE)
    finally:
        beside.unlink(missing_ok=True)


def read_last_ingest(folder: Path) -> LastIngest | None:
    """None where there was none, or its file can't be read: the next ingest writes another."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        finished = datetime.fromisoformat(kept["finished_at"])
        return LastIngest(
            finished_at=finished if finished.tzinfo else finished.replace(tzinfo=UTC),
            embedded_chunks=int(kept["embedded_chunks"]),
            seconds=float(kept["seconds"]),
            # Of another version may be an outcome that nobody here has a word for.
            counts={name: int(kept["counts"][name]) for name in get_args(Outcome) if name in kept["counts"]},
            exit_code=int(kept["exit_code"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
