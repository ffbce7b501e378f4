"""The searched vectors made anew: in each store the same, while searches go on, and safe to kill."""

import multiprocessing
import os
import signal
import threading
import time
from contextlib import closing

import numpy as np
import pytest
from qdrant_client import QdrantClient

from indexer.embedding.base import shorten
from indexer.embedding.rotation import Rotation
from indexer.errors import RewriteError
from indexer.store import DenseQuery, QueryPlan, ReplaceSource, source_id
from indexer.store.edge import EdgeStore, read_spec
from indexer.store.server import ServerStore
from indexer.words import PLAIN
from tests.indexer.test_store import FULL, SPEC, operation, store, write

__all__ = ["store"]  # a fixture: each store in turn

QUERY = np.random.default_rng(9).standard_normal(FULL).astype(np.float32)


def rotation(seed=0):
    return Rotation(np.linalg.qr(np.random.default_rng(seed).standard_normal((FULL, FULL)))[0])


def cosines(hits):
    return {hit.payload["text"]: hit.score for hit in hits}


@pytest.mark.parametrize("storage", ["float32", "float16", "int8", "turbo4", "binary"])
def test_searches_use_the_new_dimension_and_storage(store, storage):
    new = operation("劳动法", [str(i) for i in range(30)])
    write(store, new)
    seen = []
    store.redimension(32, storage, None, lambda done, of: seen.append((done, of)))
    assert seen[-1] == (30, 30)
    assert (store.spec.dim, store.spec.storage, store.spec.generation) == (32, storage, 1)
    expected = shorten(new.full, 32) @ shorten(QUERY[None], 32)[0]
    hits = store.search(QueryPlan(DenseQuery("short", QUERY), limit=30))
    assert cosines(hits) == pytest.approx({str(i): expected[i] for i in range(30)}, abs=5e-3)


def test_nothing_else_changes(store):
    passages = ["试用期最长不得超过六个月", "劳动合同", "工资"]
    write(store, operation("劳动法", passages), operation("合同法", ["合同"], seed=1))
    plans = [
        QueryPlan(DenseQuery("full", QUERY), limit=5),
        QueryPlan(PLAIN.query_vector("劳动合同的试用期"), limit=5),
    ]
    before = [store.search(plan) for plan in plans]
    records, _ = store.scroll(with_vectors=True)
    store.redimension(48, "float16", None)
    assert [store.search(plan) for plan in plans] == before
    after, _ = store.scroll(with_vectors=True)
    assert [(r.id, r.payload) for r in after] == [(r.id, r.payload) for r in records]
    for old, new in zip(records, after, strict=True):
        np.testing.assert_array_equal(new.full, old.full)
    assert store.facet("name") == {"劳动法": 3, "合同法": 1}


def test_a_rotation_turns_chunks_and_questions_alike(store):
    new = operation("劳动法", [str(i) for i in range(30)])
    write(store, new)
    turn = rotation()
    store.redimension(16, "float16", turn)
    assert store.spec.rotation == turn.fingerprint
    late = operation("合同法", ["后来"], seed=3)
    write(store, late)
    full = np.concatenate([new.full, late.full])
    expected = shorten(full @ turn.matrix, 16) @ shorten(QUERY[None] @ turn.matrix, 16)[0]
    hits = store.search(QueryPlan(DenseQuery("short", QUERY), limit=40))
    names = [*map(str, range(30)), "后来"]
    assert cosines(hits) == pytest.approx(dict(zip(names, expected, strict=True)), abs=5e-3)


def test_one_change_follows_another_and_the_rotation_can_be_taken_away(store):
    write(store, operation("劳动法", [str(i) for i in range(10)]))
    store.redimension(8, "float16", rotation(1))
    store.redimension(8, "int8", rotation(2))
    store.redimension(64, "float16", None)
    assert (store.spec.dim, store.spec.rotation, store.spec.generation) == (64, "", 3)
    hits = store.search(QueryPlan(DenseQuery("short", QUERY), limit=10))
    assert cosines(hits) == pytest.approx(
        cosines(store.search(QueryPlan(DenseQuery("full", QUERY), limit=10))), abs=2e-3
    )


def test_an_empty_index_can_change_too(store):
    store.redimension(32, "float16", None)
    write(store, operation("甲", ["一"]))
    assert len(store.search(QueryPlan(DenseQuery("short", QUERY), limit=3))) == 1


def test_what_is_open_elsewhere_goes_over_to_the_new_vectors():
    client = QdrantClient(":memory:")
    ours, theirs = ServerStore(client, "c", SPEC), ServerStore(client, "c", SPEC)
    new = operation("甲", [str(i) for i in range(10)])
    write(ours, new)
    turn = rotation()
    theirs.redimension(16, "float16", turn)  # of the same length as before
    expected = shorten(new.full @ turn.matrix, 16) @ shorten(QUERY[None] @ turn.matrix, 16)[0]
    hits = ours.search(QueryPlan(DenseQuery("short", QUERY), limit=10))
    assert cosines(hits) == pytest.approx({str(i): expected[i] for i in range(10)}, abs=5e-3)
    assert [c.name for c in client.get_collections().collections if "rotation" not in c.name] == ["c.1"]


@pytest.mark.parametrize("changer", ["the owner", "another process"])
def test_searches_go_on_and_find_everything_while_it_changes(tmp_path, changer):
    owner = EdgeStore(tmp_path, SPEC)
    other = EdgeStore(tmp_path, SPEC)
    texts = [str(i) for i in range(400)]
    write(owner, operation("甲", texts))
    wrong, asked, stop = [], [], threading.Event()

    def ask():
        while not stop.is_set():
            hits = owner.search(QueryPlan(DenseQuery("short", QUERY), limit=400))
            asked.append(len(hits))
            if sorted(hit.payload["text"] for hit in hits) != sorted(texts):
                wrong.append(hits)
            time.sleep(0.005)  # so that this thread does not keep the others from running

    asking = threading.Thread(target=ask)
    asking.start()
    (owner if changer == "the owner" else other).redimension(32, "float16", None)
    during = len(asked)
    time.sleep(1)  # the one that did not change it looks as often
    stop.set()
    asking.join()
    assert not wrong and during > 0 and len(asked) > during
    assert owner.spec.dim == other.spec.dim == 32
    assert not (tmp_path / "shard").exists()  # the old one is gone, and nothing half-made is left
    assert not (tmp_path / "building").exists()
    other.close()
    owner.close()


def test_vectors_that_come_out_wrong_are_not_taken_into_use(tmp_path, monkeypatch):
    from indexer.store import rewrite

    with closing(EdgeStore(tmp_path, SPEC)) as opened:
        write(opened, operation("甲", ["一", "二"]))
        made = iter([np.eye(2, 32, dtype=np.float32)])  # what is written; what it is checked by is right
        right = rewrite.short_vectors
        monkeypatch.setattr(rewrite, "short_vectors", lambda *given: next(made, right(*given)))
        with pytest.raises(RewriteError, match="try again"):
            opened.redimension(32, "float16", None)
        assert opened.spec == read_spec(tmp_path)
        assert opened.spec.dim == SPEC.dim
        assert len(opened.search(QueryPlan(DenseQuery("short", QUERY), limit=5))) == 2
        assert not (tmp_path / "building").exists()


def _change(folder, dims):
    """In a process of its own, until it is killed."""
    with closing(EdgeStore(folder, read_spec(folder))) as opened:
        (folder / "begun").touch()
        for dim in dims:
            opened.redimension(dim, "float16", None)


def test_a_kill_at_any_moment_leaves_an_index_that_is_whole(tmp_path):
    with closing(EdgeStore(tmp_path, SPEC)) as opened:
        for number in range(6):
            write(opened, operation(str(number), [f"{number}-{i}" for i in range(200)], seed=number))
        whole = {record.id for record in all_of(opened)}
    context = multiprocessing.get_context("spawn")
    for switches, seconds in ((0, 0.0), (0, 0.2), (0, 0.6), (1, 0.0), (1, 0.3), (2, 0.1)):
        target = read_spec(tmp_path).generation + switches
        (tmp_path / "begun").unlink(missing_ok=True)
        process = context.Process(target=_change, args=(tmp_path, [8, 24, 40, 56] * 20))
        process.start()
        while not (tmp_path / "begun").exists() or read_spec(tmp_path).generation < target:
            assert process.is_alive()
            time.sleep(0.01)
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        built = read_spec(tmp_path)  # of whichever dimension it has by now
        assert built.generation >= target
        with closing(EdgeStore(tmp_path, built)) as opened:
            records = all_of(opened)
            assert {record.id for record in records} == whole
            dim = opened.spec.dim
            cosines = shorten(np.stack([r.full for r in records]), dim) @ shorten(QUERY[None], dim)[0]
            (hit,) = opened.search(QueryPlan(DenseQuery("short", QUERY), limit=1))
            assert hit.score == pytest.approx(cosines.max(), abs=2e-3)
    with closing(EdgeStore(tmp_path, read_spec(tmp_path))) as opened:
        opened.redimension(32, "float16", None)
        assert {record.id for record in all_of(opened)} == whole
        assert [place.name for place in tmp_path.glob("shard*")] == [f"shard-{opened.spec.generation}"]


def all_of(opened):
    records, cursor = opened.scroll(with_vectors=True)
    while cursor is not None:
        more, cursor = opened.scroll(cursor=cursor, with_vectors=True)
        records += more
    return records


def test_a_source_written_after_the_change_replaces_the_old_one(store):
    write(store, operation("甲", ["旧一", "旧二"]))
    store.redimension(32, "int8", None)
    write(store, operation("甲", ["新"], version="2"))
    assert [h.payload["text"] for h in store.search(QueryPlan(DenseQuery("short", QUERY), limit=5))] == ["新"]
    write(store, ReplaceSource(source_id("c", "甲")))
    assert store.count() == 0
