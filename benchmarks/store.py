"""Writes and searches of the embedded store, beside qdrant-client's local mode, on the same points.

Synthetic vectors; times only, no quality. Local mode is the peer because it is the other way to have
Qdrant without a server.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from qdrant_client import QdrantClient

from app.background import Sampler
from app.ranking import Asked, Mode, rank
from indexer.store import IndexSpec, ReplaceSource, VectorStore, chunk_id, source_id
from indexer.store.edge import EdgeStore
from indexer.store.server import ServerStore
from indexer.words import PLAIN

CHUNKS = 10_000
CHUNKS_PER_SOURCE = 100
DIM, SHORT = 1024, 256
QUERIES = 50
VOCABULARY = (
    *("劳动", "合同", "期限", "工资", "试用期", "法院", "诉讼", "保险", "赔偿"),
    *("数据库", "索引", "事务", "组件", "模型", "梯度", "网络", "明月", "故乡"),
)


def main() -> None:
    warnings.filterwarnings("ignore", message="Payload indexes have no effect")
    rng = np.random.default_rng(0)
    random.seed(0)
    vectors = rng.standard_normal((CHUNKS, DIM)).astype(np.float32)
    texts = ["".join(random.choices(VOCABULARY, k=120)) for _ in range(CHUNKS)]
    lexical = [PLAIN.passage_vector(text) for text in texts]
    spec = IndexSpec("synthetic", "synthetic", DIM, SHORT, 350, 50)
    print(f"{CHUNKS} chunks, {DIM} dimensions, {SHORT} searched, {QUERIES} questions")
    with tempfile.TemporaryDirectory() as folder:
        edge = EdgeStore(Path(folder) / "edge", spec)
        local = ServerStore(QdrantClient(path=str(Path(folder) / "local")), "c", spec)
        writes = {name: _write(store, vectors, texts, lexical) for name, store in _named(edge, local)}
        _row("written, chunks/s", writes["edge"], writes["local"], higher_is_better=True)
        for mode in ("dense", "lexical", "hybrid"):
            times = {name: _search(store, mode, vectors) for name, store in _named(edge, local)}
            _row(f"{mode} p50, ms", times["edge"], times["local"], higher_is_better=False)
        edge.close()
        local.close()


def _named(edge: VectorStore, local: VectorStore) -> tuple[tuple[str, VectorStore], ...]:
    return ("edge", edge), ("local", local)


def _write(store: VectorStore, vectors: np.ndarray, texts: list[str], lexical: list) -> float:
    started = time.perf_counter()
    tickets = []
    for at in range(0, CHUNKS, CHUNKS_PER_SOURCE):
        source, part = str(at), range(at, at + CHUNKS_PER_SOURCE)
        sid = source_id("c", source)
        payloads = [
            {"source_id": sid, "source": source, "shown": source, "title": "", "headings": [], "ordinal": i}
            for i in part
        ]
        for payload, i in zip(payloads, part, strict=True):
            payload["text"] = texts[i]
        ids = [chunk_id("c", source, "1", i) for i in part]
        operation = ReplaceSource(sid, ids, payloads, vectors[part], [lexical[i] for i in part])
        tickets.append(store.apply(operation))
    store.wait(tickets, timeout_seconds=600)
    return CHUNKS / (time.perf_counter() - started)


def _search(store: VectorStore, mode: Mode, vectors: np.ndarray) -> float:
    sample = Sampler(store).sample()
    questions = ["".join(random.choices(VOCABULARY, k=4)) for _ in range(QUERIES)]
    asked = [Asked(text, PLAIN.query_vector(text), vectors[i * 7]) for i, text in enumerate(questions)]
    return 1000 * statistics.median(
        _seconds(lambda one=one: rank(one, mode, store, sample, PLAIN)) for one in asked
    )


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _row(what: str, ours: float, theirs: float, higher_is_better: bool) -> None:
    ratio = ours / theirs if higher_is_better else theirs / ours
    print(f"{what}: ours {ours:,.1f}, local mode {theirs:,.1f}; {ratio:.1f} times as good")


if __name__ == "__main__":
    main()
