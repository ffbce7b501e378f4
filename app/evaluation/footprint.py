"""What searched vectors take, by formula and as measured."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.store import STORAGES

# Of the graph, compressed, for each vector with 16 links: 45 at 6,000 vectors and 68 at 100,000 were
# measured (benchmarks/RESULTS.md).
GRAPH_BYTES = 68.0
_FULL_BYTES = 2  # of a component of the full vectors, which are on disk in float16

STORAGE_FORMULAS: Mapping[str, str] = {
    name: f"{storage.memory_bytes(8) / 8:g} × dim"
    + (f" (+ {storage.original_bits / 8:g} × dim on disk)" if storage.is_quantized else "")
    for name, storage in STORAGES.items()
}


@dataclass(frozen=True, slots=True)
class Footprint:
    ram_bytes: float  # what searches read: codes and graph
    disk_bytes: float  # with the vectors behind the codes, and the full ones


def footprint(dim: int, storage: str, chunks: int, full_dim: int) -> Footprint:
    """What the vectors of an index take; texts and words come on top, and do not depend on the setting.

    ram = chunks × (bytes of the code + graph); disk = ram + chunks × (bytes behind the code + full ones).
    """
    stored = STORAGES[storage]
    return Footprint(
        ram_bytes=chunks * (stored.memory_bytes(dim) + GRAPH_BYTES),
        disk_bytes=chunks * (stored.disk_bytes(dim) + GRAPH_BYTES + _FULL_BYTES * full_dim),
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """What the engine's files of the searched vectors take."""

    chunks: int
    disk_bytes: int  # allocated: the engine reserves more in its sparse files
    ram_bytes: int | None  # of these files in memory after the searches; None where it can't be told


def measure_files(folder: Path, chunks: int) -> Measured:
    """Of a shard that this process has open, after its searches."""
    files = [file for place in folder.rglob("vector_*-short") for file in place.rglob("*") if file.is_file()]
    allocated = sum(getattr(file.stat(), "st_blocks", 0) * 512 or file.stat().st_size for file in files)
    return Measured(chunks, allocated, _resident(folder))


_MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(?P<file>.*)$")


def _resident(folder: Path) -> int | None:
    """Bytes of the shard's mapped files of searched vectors that are in memory (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    resident, counts = 0, False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace").splitlines():
        if mapping := _MAPPING.match(line):
            file = mapping["file"]
            counts = file.startswith(str(folder)) and "-short/" in file
        elif counts and line.startswith("Rss:"):
            resident += int(line.split()[1]) * 1024
    return resident


def peak_memory_mib() -> float | None:
    """Most memory that this process has had; None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
