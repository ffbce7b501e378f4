"""Is everything as it should be? One line a check, each with what to do when it is not."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from indexer.embedding import load, resolve
from indexer.errors import IndexMissingError, XunzhangError
from indexer.library import follow_index, spec_for
from indexer.settings import Settings
from indexer.store import missing_index, open_store, read_spec

_SAMPLE = "劳动合同期限三个月以上不满一年的，试用期不得超过一个月。" * 8
_SAMPLES = 32


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    detail: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def examine(settings: Settings) -> list[Check]:
    """Model, device and speed, index, disk. A failing check does not keep the others from running."""
    return [
        _check("model", lambda: _model(follow_index(settings))),
        _check("index", lambda: _index(settings)),
        _check("disk", lambda: _disk(settings)),
    ]


def _check(name: str, run: Callable[[], str]) -> Check:
    try:
        return Check(name, True, run())
    except XunzhangError as error:
        return Check(name, isinstance(error, IndexMissingError), str(error))


def _model(settings: Settings) -> str:
    embedder = load(resolve(settings), settings)
    embedder.embed_passages([_SAMPLE])  # the first run warms up
    started = time.perf_counter()
    embedder.embed_passages([_SAMPLE] * _SAMPLES)
    speed = _SAMPLES / (time.perf_counter() - started)
    tokens = embedder.count_tokens([_SAMPLE])[0]
    return f"{embedder.name} on {embedder.device}: {speed:.1f} chunks/s of {tokens} tokens"


def _index(settings: Settings) -> str:
    built = read_spec(settings)
    if built is None:
        raise missing_index(settings)
    settings = follow_index(settings)
    settings = replace(settings, chunk_tokens=built.chunk_tokens, overlap_tokens=built.overlap_tokens)
    store = open_store(settings, spec_for(settings, resolve(settings)))
    try:
        return f"{store.count()} chunks, built with {store.spec.model}, {store.spec.dim} dimensions searched"
    finally:
        store.close()


def _disk(settings: Settings) -> str:
    settings.index_dir.mkdir(parents=True, exist_ok=True)
    usage = shutil.disk_usage(settings.index_dir)
    return f"{usage.free / 1e9:.1f} GB free at {settings.index_dir}"
