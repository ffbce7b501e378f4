"""Is everything as it should be? One line a check, each with what to do when it is not."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from indexer.embedding import Embedder, ResolvedModel, load, resolve
from indexer.errors import IndexMissingError, XunzhangError
from indexer.library import follow_index, spec_for
from indexer.settings import Settings
from indexer.store import missing_index, open_store, read_spec

# A full disk stops an ingest half-way, and an engine that merges its segments needs room beside them.
LEAST_FREE_BYTES = 1_000_000_000
LEAST_FREE_SHARE = 0.05

_SAMPLE = "劳动合同期限三个月以上不满一年的，试用期不得超过一个月。" * 8
_SAMPLES = 32

LoadModel = Callable[[ResolvedModel, Settings], Embedder]
Values = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        detail: a line for the shell, with what to do where it failed.
        values: what was found, for a sentence in another language; not in the JSON.
        error: why it failed, or that there is no index yet; not in the JSON.
    """

    name: str
    ok: bool
    detail: str
    values: Values = field(default_factory=dict)
    error: Exception | None = None

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


def examine(settings: Settings, load_model: LoadModel = load) -> list[Check]:
    """Model, device and speed, index, disk. A failing check does not keep the others from running.

    Args:
        load_model: for a process that has its models loaded already.
    """
    return [
        _check("model", lambda: _model(follow_index(settings), load_model)),
        _check("index", lambda: _index(settings)),
        _check("disk", lambda: _disk(settings)),
    ]


def _check(name: str, run: Callable[[], Check]) -> Check:
    try:
        return run()
    except XunzhangError as error:
        return Check(name, isinstance(error, IndexMissingError), str(error), error=error)
    except Exception as error:  # such as a full disk, or a fault of a library: it is what is looked for
        return Check(name, False, f"{type(error).__name__}: {error}", error=error)


def _model(settings: Settings, load_model: LoadModel) -> Check:
    embedder = load_model(resolve(settings), settings)
    embedder.embed_passages([_SAMPLE])  # the first run warms up
    started = time.perf_counter()
    embedder.embed_passages([_SAMPLE] * _SAMPLES)
    speed = _SAMPLES / (time.perf_counter() - started)
    tokens = embedder.count_tokens([_SAMPLE])[0]
    return Check(
        "model",
        True,
        f"{embedder.name} on {embedder.device}: {speed:.1f} chunks/s of {tokens} tokens",
        {"model": embedder.name, "device": embedder.device, "speed": speed, "tokens": tokens},
    )


def _index(settings: Settings) -> Check:
    built = read_spec(settings)
    if built is None:
        raise missing_index(settings)
    settings = follow_index(settings)
    settings = replace(settings, chunk_tokens=built.chunk_tokens, overlap_tokens=built.overlap_tokens)
    store = open_store(settings, spec_for(settings, resolve(settings)))
    try:
        chunks, spec = store.count(), store.spec
    finally:
        store.close()
    return Check(
        "index",
        True,
        f"{chunks} chunks, built with {spec.model}, {spec.dim} dimensions searched",
        {"chunks": chunks, "dim": spec.dim},
    )


def _disk(settings: Settings) -> Check:
    settings.index_dir.mkdir(parents=True, exist_ok=True)
    usage = shutil.disk_usage(settings.index_dir)
    free = f"{usage.free / 1e9:.1f} GB free at {settings.index_dir}"
    values = {"free": usage.free, "total": usage.total}
    if is_nearly_full(usage.free, usage.total):
        return Check(
            "disk",
            False,
            f"{free}, of {usage.total / 1e9:.1f} GB: nearly full; delete what is not needed, or put the "
            "index on another disk with XUNZHANG_INDEX_DIR",
            values,
        )
    return Check("disk", True, free, values)


def is_nearly_full(free_bytes: int, total_bytes: int) -> bool:
    return free_bytes < LEAST_FREE_BYTES or free_bytes < LEAST_FREE_SHARE * total_bytes
