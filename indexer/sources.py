"""Which files there are, what the catalogue knows of them, and what an ingest would do with each."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from indexer.catalog import SourceRecord
from indexer.errors import ReadError
from indexer.model import Problem
from indexer.readers import SUFFIXES, Read, read_all
from indexer.readers.verdict import unreadable
from indexer.report import IngestReport, Outcome, SourceReport

_ARCHIVES = frozenset((".zip", ".rar", ".7z", ".tar", ".gz", ".bz2", ".xz"))


@dataclass(frozen=True, slots=True)
class Source:
    path: Path  # see `normal`
    root: Path  # the folder that was asked for, or the file's own
    bytes: int
    modified_at: str  # ISO 8601, UTC

    @property
    def shown(self) -> str:
        """Path from the root's name on, as people know it."""
        return f"{self.root.name}/{self.path.relative_to(self.root).as_posix()}"


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found, before anything is read."""

    sources: tuple[Source, ...]
    reports: tuple[SourceReport, ...]  # on files that are no sources, and folders that can't be read
    gone: tuple[SourceRecord, ...]  # catalogued below the folders, but there is no file any more


def normal(path: Path) -> Path:
    """The one spelling of a path by which its source is known: absolute, without `..`."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100  Path.absolute keeps the ..


def survey(paths: Sequence[Path], records: Collection[SourceRecord]) -> Survey:
    """Walk the paths: files, or folders with all that is below them but hidden and lock files.

    A file that was named is always a source: if nothing reads its type, that is a failure, not a skip.

    Raises:
        FileNotFoundError: one of the paths does not exist; or a folder is empty from which something
            is indexed, as that of a disk that is not mounted would be.
    """
    found: dict[Path, Source] = {}
    reports: dict[Path, SourceReport] = {}
    roots: set[Path] = set()
    for path in map(normal, paths):
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file or folder")
        if not path.is_dir():
            _add(path, path.parent, True, found, reports)
            continue
        roots.add(path)
        for file in _walk(path, reports):
            _add(file, path, False, found, reports)
        below = [record for record in records if path in Path(record.source).parents]
        if below and not any(path in file.parents for file in found):
            raise FileNotFoundError(
                f"{path}: not one readable file in it, but {len(below)} are indexed from there; is the "
                "disk mounted? If they are really gone, use `python -m indexer remove`"
            )
    gone = [
        record
        for record in records
        if Path(record.source) not in found
        and not roots.isdisjoint(Path(record.source).parents)
        and is_gone(record.source)
    ]
    return Survey(tuple(found.values()), tuple(reports.values()), tuple(gone))


def _walk(folder: Path, reports: dict[Path, SourceReport]) -> list[Path]:
    def unreadable(error: OSError) -> None:
        path = Path(error.filename)
        reports[path] = _failed(path, Problem(f"the folder can't be read: {error.strerror}", kind="unopened"))

    files = []
    for inside, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        # "~$" are the lock files of Word and its like.
        files += [Path(inside, name) for name in names if not name.startswith((".", "~$"))]
    return sorted(files)


def _add(
    file: Path, root: Path, named: bool, found: dict[Path, Source], reports: dict[Path, SourceReport]
) -> None:
    if file in found:
        return
    if not named and file.suffix.lower() not in SUFFIXES:
        reason = f"files of type {file.suffix or '(none)'!r} are not read"
        if file.suffix.lower() in _ARCHIVES:
            reason = "archives are not read; unpack it, or upload it in the browser if it is a .zip"
        problem = Problem(reason, lost=False, kind="unsupported")
        reports[file] = SourceReport(displayed(file), "skipped", problems=(problem,))
        return
    try:
        str(file).encode()
        facts = file.stat()
    except UnicodeEncodeError:
        wrong = "its name is not UTF-8, as from an archive made elsewhere; rename it"
        reports[file] = _failed(file, Problem(wrong, kind="name"))
    except OSError as error:
        reports[file] = _failed(file, problem_of(error))
    else:
        reports.pop(file, None)
        modified = datetime.fromtimestamp(facts.st_mtime, UTC).isoformat(timespec="seconds")
        found[file] = Source(file, root, facts.st_size, modified)


def displayed(path: Path) -> str:
    """A path as text, whatever bytes are in it."""
    return os.fsencode(path).decode(errors="replace")


def _failed(path: Path, problem: Problem) -> SourceReport:
    return SourceReport(displayed(path), "failed", problems=(problem,), reading=unreadable(problem))


def is_gone(source: str) -> bool:
    """Whether there is certainly no such file: one that can't be looked at may be there."""
    try:
        Path(source).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def version_of(path: Path) -> str:
    """SHA-256 of the content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_known(source: Source, record: SourceRecord | None) -> Source:
    """A file that was named alone, under the name that says more of where it is, if it has one."""
    parts = record.shown.split("/") if record else []
    if len(parts) <= len(source.shown.split("/")) or source.path.parts[-len(parts) :] != tuple(parts):
        return source
    return replace(source, root=source.path.parents[len(parts) - 2])


def is_unchanged(record: SourceRecord | None, source: Source, version: str) -> bool:
    """Whether the index has this very content, under a name that says as much of where it is."""
    return (
        record is not None
        and record.version == version
        and record.state != "failed"
        and len(record.shown) >= len(source.shown)
    )


def unchanged(record: SourceRecord) -> SourceReport:
    return SourceReport(
        record.source,
        "unchanged",
        chunks=record.chunks,
        pages=record.pages,
        charset=record.charset,
        problems=record.problems,
        reading=record.reading,
    )


def outcome_of(problems: Sequence[Problem]) -> Outcome:
    return "partial" if any(problem.lost for problem in problems) else "indexed"


def problem_of(error: ReadError | OSError) -> Problem:
    if isinstance(error, ReadError):
        return Problem(error.reason, kind=error.kind)
    return Problem(error.strerror or str(error), kind="unopened")


def plan_ingest(
    found: Survey, records: Mapping[str, SourceRecord], mirror: bool = False, read: Read = read_all
) -> IngestReport:
    """What an ingest would do: reads every new or changed file, embeds and writes nothing."""
    started = time.monotonic()
    reports = list(found.reports)
    gone = {record.source: record for record in found.gone}
    by_version = {record.version: record.source for record in found.gone}
    changed: list[tuple[Source, str]] = []
    for source in found.sources:
        record = records.get(str(source.path))
        try:
            version = version_of(source.path)
        except OSError as error:
            reports.append(_failed(source.path, problem_of(error)))
            continue
        if record and is_unchanged(record, source, version):
            reports.append(unchanged(record))
        else:
            changed.append((source, version))
    results = read([source.path for source, _ in changed], lambda *_: None)
    for (source, version), result in zip(changed, results, strict=True):
        if isinstance(result, ReadError):
            reports.append(_failed(source.path, problem_of(result)))
            continue
        old = by_version.pop(version, None)
        if old:
            del gone[old]
        reports.append(
            SourceReport(
                str(source.path),
                "moved" if old else outcome_of(result.problems),
                pages=len(result.pages),
                charset=result.charset,
                problems=result.problems,
                reading=result.reading,
                read_pages=result.pages,
            )
        )
    if mirror:
        reports += [SourceReport(record.source, "removed", record.chunks) for record in gone.values()]
    return IngestReport(tuple(reports), 0, time.monotonic() - started)
