"""Changing the dimension of an index of 100,000 chunks, beside embedding them again; and what a search
takes meanwhile, beside what it takes when nothing goes on.

Synthetic vectors of Piccolo2's length, cut from 1792 to 512 dimensions; times only. Embedding again is
the time of a sample of passages, by compact and by a model of Piccolo2's size with random weights, times
the number of chunks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from indexer.embedding import Embedder, load, resolve
from indexer.settings import Settings
from indexer.store import (
    DenseQuery,
    IndexSpec,
    QueryPlan,
    ReplaceSource,
    VectorStore,
    chunk_id,
    open_store,
    source_id,
)
from indexer.words import SparseVector
from tests.checkpoints import make_piccolo2_checkpoint

CHUNKS = int(os.environ.get("BENCH_CHUNKS", "100000"))
PER_SOURCE = 500
FULL, BEFORE, AFTER = 1792, 1792, 512
PASSAGES = 32  # embedded, to know how long all would take
LAYERS = 24  # Piccolo2's
TERMS = 100  # of a chunk
TEXT = "劳动合同可以约定试用期，试用期最长不得超过六个月。" * 12


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="xunzhang-bench-") as folder:
        settings = Settings(index_dir=Path(folder))
        with closing(_filled(settings)) as store:
            idle = _searches(store, seconds=10)
            done = threading.Event()
            during: list[float] = []
            asking = threading.Thread(target=_ask_until, args=(store, done, during))
            asking.start()
            started = time.perf_counter()
            # In a process of its own, as a reader does it: the store stays here, and answers.
            command = [sys.executable, "-m", "indexer", "redimension", str(AFTER), "--index", folder]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            seconds = time.perf_counter() - started
            done.set()
            asking.join()
            after = _searches(store, seconds=10)
            assert (store.spec.dim, store.count()) == (AFTER, CHUNKS)
    print(f"{CHUNKS:,} chunks from {BEFORE} to {AFTER} of {FULL} dimensions: {seconds:.0f} s")
    for what, times in (("before", idle), ("during", during), ("after", after)):
        p50, p95, most = np.percentile(times, [50, 95, 100])
        print(f"search {what}: p50 {p50:.1f} ms, p95 {p95:.1f}, longest {most:.0f} ({len(times)} searches)")
    for name, again in _embedding_again(CHUNKS):
        print(f"embedding again with {name}: {again:,.0f} s; {again / seconds:,.0f} times as long")


def _filled(settings: Settings) -> VectorStore:
    rng = np.random.default_rng(0)
    store = open_store(settings, IndexSpec("piccolo2", "synthetic", FULL, BEFORE, 350, 50))
    tickets = []
    for at in range(0, CHUNKS, PER_SOURCE):
        sid, part = source_id("default", str(at)), range(at, min(at + PER_SOURCE, CHUNKS))
        payload = {"source_id": sid, "name": str(at), "folders": [], "type": "md", "text": TEXT}
        lexical = [_terms(rng) for _ in part]
        vectors = rng.standard_normal((len(part), FULL)).astype(np.float16)
        ids = [chunk_id("default", str(at), "1", i) for i in part]
        tickets.append(store.apply(ReplaceSource(sid, ids, [payload] * len(part), vectors, lexical)))
        if len(tickets) % 20 == 0:
            store.wait(tickets, 600)
    store.wait(tickets, 600)
    return store


def _terms(rng: np.random.Generator) -> SparseVector:
    indices = np.unique(rng.integers(0, 100_000, TERMS)).astype(np.uint32)
    return SparseVector(indices, np.ones(len(indices), np.float32))


def _searches(store: VectorStore, seconds: float) -> list[float]:
    done = threading.Event()
    times: list[float] = []
    asking = threading.Thread(target=_ask_until, args=(store, done, times))
    asking.start()
    time.sleep(seconds)
    done.set()
    asking.join()
    return times


def _ask_until(store: VectorStore, done: threading.Event, times: list[float]) -> None:
    """A reader's question every 0.2 s."""
    rng = np.random.default_rng(1)
    while not done.wait(0.2):
        query = rng.standard_normal(FULL).astype(np.float32)
        started = time.perf_counter()
        store.search(QueryPlan(DenseQuery("short", query), limit=10))
        times.append(1000 * (time.perf_counter() - started))


def _embedding_again(chunks: int) -> list[tuple[str, float]]:
    lines = Path("data/eval/cmrc2018_dev/corpus.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"][:400] for line in lines[:PASSAGES]]
    compact = load(resolve(Settings(model="compact")), Settings())
    found = [(f"compact, {compact.device}", _seconds(compact, texts) / len(texts) * chunks)]
    with tempfile.TemporaryDirectory() as folder:
        make_piccolo2_checkpoint(Path(folder) / "piccolo2", layers=LAYERS)
        settings = Settings(model=str(Path(folder) / "piccolo2"))
        large = load(resolve(settings), settings)
        few = texts if "cuda" in large.device else texts[:4]
        found.append((f"Piccolo2's shape, {large.device}", _seconds(large, few) / len(few) * chunks))
    return found


def _seconds(embedder: Embedder, texts: list[str]) -> float:
    embedder.embed_passages(texts[:2])
    started = time.perf_counter()
    embedder.embed_passages(texts)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
