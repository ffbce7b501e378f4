"""kill -9 at any moment: after a re-run, the same chunks as an undisturbed run; none lost, none twice."""

import os
import random
import signal
import subprocess
import sys
import time

from indexer.store.edge import EdgeStore, read_spec

# An ingest in a process of its own, with the fake embedder slowed down so that kills hit all stages.
INGEST = """
import sys, time
from pathlib import Path
from indexer.catalog import Catalog
from indexer.pipeline import ingest
from indexer.sources import survey
from indexer.store import IndexSpec
from indexer.store.edge import EdgeStore
from indexer import pipeline
from tests.fake_embedder import FakeEmbedder

pipeline._GROUP_CHUNKS = pipeline._SLICE_CHUNKS = 4

class Slow(FakeEmbedder):
    def embed_passages(self, texts):
        time.sleep(0.02)
        return super().embed_passages(texts)

documents, index = Path(sys.argv[1]), Path(sys.argv[2])
store = EdgeStore(index, IndexSpec("fake", "fake-256", 256, 64, 60, 10))
catalog = Catalog(index, store.spec.index_id)
print("ready", flush=True)
report = ingest(survey([documents], catalog.all()), store, catalog, Slow, collection="c", mirror=True)
store.close()
sys.exit(report.exit_code)
"""


def start(documents, index):
    return subprocess.Popen(
        [sys.executable, "-c", INGEST, str(documents), str(index)], stdout=subprocess.PIPE, text=True
    )


def run_undisturbed(documents, index):
    """Seconds that the work took, without the process's start."""
    process = start(documents, index)
    process.stdout.readline()
    ready = time.monotonic()
    assert process.wait(timeout=120) == 0
    return time.monotonic() - ready


def contents(index):
    store = EdgeStore(index, read_spec(index))
    records, cursor = store.scroll(limit=100_000, with_vectors=True)
    store.close()
    assert cursor is None
    return {r.id: ({**r.payload, "ingested_at": None}, r.full.tolist()) for r in records}, len(records)


def test_an_ingest_killed_ten_times_ends_like_an_undisturbed_one(tmp_path):
    documents = tmp_path / "文档"
    documents.mkdir()
    for i in range(40):
        text = "".join(f"第{i}篇文章的第{j}句话，说的是第{i * j}件事。" for j in range(30))
        (documents / f"{i:02}.md").write_text(f"# 第{i}篇\n\n{text}", encoding="utf-8")
    shaken = tmp_path / "shaken"

    work_seconds = run_undisturbed(documents, tmp_path / "first")

    rng = random.Random(20261123)
    for number in range(10):
        if number == 5:  # a rename and a deletion between the kills
            (documents / "00.md").rename(documents / "00 新.md")
            (documents / "39.md").unlink()
        process = start(documents, shaken)
        process.stdout.readline()
        time.sleep(rng.uniform(0, work_seconds / 4))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert start(documents, shaken).wait(timeout=120) == 0

    run_undisturbed(documents, tmp_path / "calm")
    expected, _ = contents(tmp_path / "calm")
    found, points = contents(shaken)
    assert points == len(found) == len(expected) > 400
    assert found == expected
