"""Which files there are, what the catalogue knows of them, and what an ingest would do with each."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer import readers
from indexer.catalog import Catalog, SourceRecord
from indexer.errors import ReadError
from indexer.model import Problem
from indexer.report import IngestReport, Outcome, SourceReport


@dataclass(frozen=True, slots=True)
class Source:
    path: Path  # absolute
    root: Path  # the folder that was asked for, or the file's own

    @property
    def shown(self) -> str:
        """Path from the root's name on, as people know it."""
        return f"{self.root.name}/{self.path.relative_to(self.root).as_posix()}"


def find_sources(paths: Sequence[Path]) -> tuple[list[Source], list[SourceReport]]:
    """Files to read, each once, in the order of their paths; and those of a type that nothing reads.

    A file that was named is always a source: if nothing reads its type, that is a failure, not a skip.

    Raises:
        FileNotFoundError: one of the paths does not exist.
    """
    found: dict[Path, Source] = {}
    skipped: dict[Path, SourceReport] = {}
    for path in (path.expanduser().absolute() for path in paths):
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file or folder")
        if path.is_file():
            found[path] = Source(path, path.parent)
            continue
        for file in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if hidden or not file.is_file() or file in found:
                continue
            if file.suffix.lower() in readers.SUFFIXES:
                found[file] = Source(file, path)
            else:
                reason = Problem(f"files of type {file.suffix or '(none)'!r} are not read", lost=False)
                skipped[file] = SourceReport(str(file), "skipped", problems=(reason,))
    return list(found.values()), [skipped[file] for file in skipped if file not in found]


def vanished(catalog: Catalog, paths: Sequence[Path], sources: Sequence[Source]) -> list[SourceRecord]:
    """Indexed sources below the folders among `paths` whose files are gone."""
    folders = [path.expanduser().absolute() for path in paths if path.is_dir()]
    present = {source.path for source in sources}
    gone = []
    for folder in folders:
        below = [record for record in catalog.all() if Path(record.source).is_relative_to(folder)]
        if below and not any(path.is_relative_to(folder) for path in present):
            raise FileNotFoundError(
                f"{folder}: not one readable file in it, but {len(below)} are indexed from there; is the "
                "disk mounted? If they are really gone, use `python -m indexer remove`"
            )
        gone += [record for record in below if not Path(record.source).exists()]
    return list({record.source: record for record in gone}.values())


def moved_from(catalog: Catalog, source: Source, version: str) -> str | None:
    """The path that this very content was indexed under, if there is no file any more."""
    for record in catalog.with_version(version):
        if record.source != str(source.path) and not Path(record.source).exists():
            return record.source
    return None


def unchanged(record: SourceRecord) -> SourceReport:
    return SourceReport(
        record.source,
        "unchanged",
        chunks=record.chunks,
        pages=record.pages,
        charset=record.charset,
        problems=record.problems,
    )


def outcome_of(problems: Sequence[Problem]) -> Outcome:
    return "partial" if any(problem.lost for problem in problems) else "indexed"


def problem_of(error: ReadError | OSError) -> Problem:
    return Problem(error.reason if isinstance(error, ReadError) else (error.strerror or str(error)))


def version_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # gone since it was found: its reading will say so
        return 0


def plan_ingest(paths: Sequence[Path], catalog: Catalog, mirror: bool = False) -> IngestReport:
    """What `ingest` would do: reads every new or changed file, embeds and writes nothing."""
    started = time.monotonic()
    sources, reports = find_sources(paths)
    for source in sources:
        try:
            version = version_of(source.path)
            record = catalog.get(str(source.path))
            if record and record.version == version and record.verdict != "failed":
                reports.append(unchanged(record))
                continue
            document = readers.read(source.path)
        except (ReadError, OSError) as error:
            reports.append(SourceReport(str(source.path), "failed", problems=(problem_of(error),)))
            continue
        reports.append(
            SourceReport(
                str(source.path),
                "moved" if moved_from(catalog, source, version) else outcome_of(document.problems),
                pages=len(document.pages),
                charset=document.charset,
                problems=document.problems,
            )
        )
    if mirror:
        gone = vanished(catalog, paths, sources)
        reports += [SourceReport(record.source, "removed", chunks=record.chunks) for record in gone]
    return IngestReport(tuple(reports), 0, time.monotonic() - started)
