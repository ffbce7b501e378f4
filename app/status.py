"""How a library and this machine are, in figures; the status page puts them in words.

Nothing here loads a model or imports what is slow to import.
"""

from __future__ import annotations

import os
import platform
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import metadata
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from app.machine import cpu_name, gpu_name, memory_bytes
from app.searcher import ModelState, Searcher
from indexer.catalog import Catalog, State
from indexer.embedding import ResolvedModel
from indexer.last_ingest import LastIngest, read_last_ingest
from indexer.settings import Settings
from indexer.store import IndexSpec, collection_folder, missing_index, read_spec

ModelKind = Literal["folder", "api", "compact"]
Precision = Literal["fp32", "bf16", "fp16"]
Part = Literal["vectors", "catalogue", "words", "judgements", "evaluations", "uploads", "rest"]

# By the name in a collection's folder; the first that fits. See indexer/store/edge.py for the engine's.
_PARTS: Mapping[str, Part] = {
    "shard": "vectors",
    "shard-*": "vectors",
    "building": "vectors",
    "inbox": "vectors",
    "quarantine": "vectors",
    "rotation-*.npz": "vectors",
    "trained-rotation.npz": "vectors",
    "catalog.sqlite*": "catalogue",
    "lexicon.json*": "words",
    "judged": "judgements",
    "evaluations": "evaluations",
    "uploads": "uploads",
    "上传": "uploads",
}
_PACKAGES = (
    *("torch", "sentence-transformers", "transformers", "qdrant-edge-py", "qdrant-client"),
    *("streamlit", "jieba", "pypdf", "pypdfium2", "rapidocr"),
)
_PROJECT = "xunzhang"
_PROJECT_FILE = Path(__file__).parents[1] / "pyproject.toml"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """
    Attributes:
        name: never a path.
        kind: None: it is not on this machine (any more).
        device: of a loaded model, as torch spells it, or an API's address; of another, what the
            settings ask for, which may be "auto".
        precision: None where it is not loaded, or an API's own business.
    """

    name: str
    kind: ModelKind | None
    state: ModelState
    device: str
    precision: Precision | None


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    """
    Attributes:
        sources: documents by how they could be read.
        pages: of documents that have pages.
        parts: bytes on this machine's disk, as allocated; all parts are named.
        server: where the vectors are, if not here; without user name and password.
    """

    collection: str
    model: ModelFacts
    full_dim: int
    dim: int
    storage: str
    rotated: bool
    chunk_tokens: int
    overlap_tokens: int
    chunks: int
    sources: Mapping[State, int]
    pages: int
    parts: Mapping[Part, int]
    server: str | None
    last_ingest: LastIngest | None

    @property
    def documents(self) -> int:
        return sum(self.sources.values())

    @property
    def disk_bytes(self) -> int:
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """
    Attributes:
        gpu: an NVIDIA one; None too before a model has been loaded.
        disk_free_bytes, disk_total_bytes: where the indexes are.
        versions: of Python, this program and what it is made of, by name; what is missing is left out.
    """

    cpu: str
    cores: int
    memory_bytes: int | None
    gpu: str | None
    disk_free_bytes: int
    disk_total_bytes: int
    versions: Mapping[str, str]


def library_facts(searcher: Searcher, settings: Settings, resolved: ResolvedModel | None) -> LibraryFacts:
    """
    Args:
        settings: of the same collection.
        resolved: its model, as far as it was found; None: it was not, or it is an API's, which is not
            asked for this.

    Raises:
        StoreError: the index can't be read, or is gone.
        sqlite3.Error: its catalogue can't.
    """
    # Read anew: the catalogue of an index that was built a moment ago would be emptied by the id of the
    # one before.
    spec = read_spec(settings)
    if spec is None:
        raise missing_index(settings)
    folder = collection_folder(settings)
    sources, pages = _sources(folder, spec)
    return LibraryFacts(
        collection=settings.collection,
        model=_model_facts(searcher, settings, spec, resolved),
        full_dim=spec.full_dim,
        dim=spec.dim,
        storage=spec.storage,
        rotated=bool(spec.rotation),
        chunk_tokens=spec.chunk_tokens,
        overlap_tokens=spec.overlap_tokens,
        chunks=searcher.store.count(),
        sources=sources,
        pages=pages,
        parts=parts_on_disk(folder),
        server=_host(settings.url) if settings.url else None,
        last_ingest=read_last_ingest(folder),
    )


def machine_facts(settings: Settings) -> MachineFacts:
    """
    Raises:
        OSError: the disk can't be asked.
    """
    place = settings.index_dir.absolute()
    while not place.exists() and place != place.parent:  # looking makes no folder
        place = place.parent
    disk = shutil.disk_usage(place)
    return MachineFacts(
        cpu=cpu_name(),
        cores=os.cpu_count() or 0,
        memory_bytes=memory_bytes(),
        gpu=gpu_name(),
        disk_free_bytes=disk.free,
        disk_total_bytes=disk.total,
        versions=versions(),
    )


def _model_facts(
    searcher: Searcher, settings: Settings, spec: IndexSpec, resolved: ResolvedModel | None
) -> ModelFacts:
    state = searcher.model_state
    device, precision = settings.device, None
    if state == "ready":
        device, precision = device_and_precision(searcher.embedder.device)
    kind: ModelKind | None = "api" if spec.model == "api" else resolved.kind if resolved else None
    name = settings.api_model or spec.model if kind == "api" else resolved.name if resolved else spec.model
    return ModelFacts(Path(name).name, kind, state, device, precision)


def device_and_precision(told: str) -> tuple[str, Precision | None]:
    """What an Embedder tells of its device, such as "cuda bf16", in two."""
    device, _, last = told.rpartition(" ")
    for precision in get_args(Precision):
        if device and last == precision:
            return device, precision
    return told, None


def _sources(folder: Path, spec: IndexSpec) -> tuple[dict[State, int], int]:
    """Documents by state, and pages; what only another machine has the catalogue of counts as none."""
    if not (folder / "catalog.sqlite").is_file():
        return dict.fromkeys(get_args(State), 0), 0
    catalog = Catalog(folder, spec.index_id)
    try:
        records = catalog.all()
    finally:
        catalog.close()
    counted = Counter(record.state for record in records)
    return {state: counted[state] for state in get_args(State)}, sum(r.pages for r in records)


def parts_on_disk(folder: Path) -> dict[Part, int]:
    """Bytes that a collection's files take, by what they are for."""
    parts: dict[Part, int] = dict.fromkeys(get_args(Part), 0)
    for relative, size in _allocated(folder, folder):
        parts[_part(relative.parts[0])] += size
    return parts


def _part(name: str) -> Part:
    return next((part for pattern, part in _PARTS.items() if fnmatchcase(name, pattern)), "rest")


def _allocated(folder: Path, root: Path) -> Iterator[tuple[Path, int]]:
    """Every file below a folder, by its path from the root, and its bytes on the disk: the engine
    reserves more in its sparse files than they take. Links are counted nowhere."""
    try:
        entries = list(os.scandir(folder))
    except OSError:  # there is none, or it went away just now
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _allocated(Path(entry.path), root)
            elif entry.is_file(follow_symlinks=False):
                status = entry.stat(follow_symlinks=False)
                blocks: int | None = getattr(status, "st_blocks", None)  # Windows has none
                yield Path(entry.path).relative_to(root), status.st_size if blocks is None else blocks * 512
        except OSError:
            continue


def versions() -> dict[str, str]:
    found = {_PROJECT: _project_version(), "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {name: version for name, version in found.items() if version}


def _project_version() -> str:
    """Of the source that runs, rather than of a copy that may be installed besides."""
    try:
        return str(tomllib.loads(_PROJECT_FILE.read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _host(url: str) -> str:
    parsed = urlsplit(url)
    return f"{parsed.hostname or ''}:{parsed.port}" if parsed.port else parsed.hostname or url
