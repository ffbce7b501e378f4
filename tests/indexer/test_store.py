"""One contract, kept by the embedded engine and by the server's translator."""

import threading
import time

import numpy as np
import pytest
from qdrant_client import QdrantClient

from indexer.embedding.base import shorten
from indexer.errors import IndexMismatchError, InvalidVectorError, SettingsError, StoreError
from indexer.store import Condition, DenseQuery, IndexSpec, QueryPlan, ReplaceSource, chunk_id, source_id
from indexer.store.edge import EdgeStore
from indexer.store.server import ServerStore, connect
from indexer.words import PLAIN

SPEC = IndexSpec("fake", "fp", full_dim=64, dim=16, chunk_tokens=350, overlap_tokens=50)
FULL, SHORT = 64, 16


@pytest.fixture(params=["edge", "edge, another process's", "server"])
def store(request, tmp_path):
    """An empty store; the second is a store that has to ask the owner for everything."""
    if request.param == "server":
        made = ServerStore(QdrantClient(":memory:"), "c", SPEC)
        yield made
        made.close()
        return
    owner = EdgeStore(tmp_path, SPEC)
    other = EdgeStore(tmp_path, SPEC) if "another" in request.param else None
    yield other or owner
    if other:
        assert not other.owns
        other.close()
    owner.close()


def operation(source, texts, version="1", folders=("法规",), seed=0):
    sid = source_id("c", source)
    rng = np.random.default_rng(seed)
    return ReplaceSource(
        sid,
        [chunk_id("c", source, version, i) for i in range(len(texts))],
        [
            {"source_id": sid, "name": source, "folders": list(folders), "type": "md", "text": t}
            for t in texts
        ],
        rng.standard_normal((len(texts), FULL)).astype(np.float32),
        [PLAIN.passage_vector(t) for t in texts],
    )


def write(store, *operations):
    store.wait([store.apply(o) for o in operations], timeout_seconds=10)


def texts(hits):
    return [hit.payload["text"] for hit in hits]


def test_an_empty_store_finds_nothing(store):
    assert store.search(QueryPlan(DenseQuery("short", np.ones(FULL, np.float32)), limit=3)) == []
    assert store.count() == 0


def test_dense_scores_are_cosines_of_the_asked_vector(store):
    new = operation("劳动法", ["一", "二", "三"])
    write(store, new)
    query = np.random.default_rng(9).standard_normal(FULL).astype(np.float32)
    for using, dim in (("full", FULL), ("short", SHORT)):
        expected = shorten(new.full, dim) @ shorten(query[None], dim)[0]
        hits = store.search(QueryPlan(DenseQuery(using, query), limit=3))
        assert texts(hits) == [["一", "二", "三"][i] for i in np.argsort(-expected)]
        assert [hit.score for hit in hits] == pytest.approx(sorted(expected, reverse=True), abs=2e-3)


def test_two_stages_rank_what_the_short_vector_found_by_the_full_one(store):
    new = operation("劳动法", [str(i) for i in range(40)])
    write(store, new)
    query = new.full[7] + np.random.default_rng(1).standard_normal(FULL).astype(np.float32)
    first = QueryPlan(DenseQuery("short", query), limit=5)
    found = {hit.id for hit in store.search(first)}
    hits = store.search(QueryPlan(DenseQuery("full", query), limit=3, first=first))
    full = shorten(new.full, FULL) @ shorten(query[None], FULL)[0]
    allowed = [i for i in np.argsort(-full) if new.ids[i] in found]
    assert [hit.id for hit in hits] == [new.ids[i] for i in allowed[:3]]


def test_words_are_weighted_by_their_rarity(store):
    passages = ["试用期最长不得超过六个月", *[f"劳动合同的第{i}种情形" for i in range(20)]]
    write(store, operation("劳动法", passages))
    hits = store.search(QueryPlan(PLAIN.query_vector("劳动合同的试用期"), limit=25))
    assert texts(hits)[0] == passages[0]
    assert len(hits) == 21
    assert hits[0].score > 2 * hits[1].score


def test_a_source_is_replaced_as_a_whole(store):
    write(store, operation("甲", ["旧一", "旧二", "旧三"]), operation("乙", ["别的"]))
    write(store, operation("甲", ["新一"], version="2"))
    records, _ = store.scroll()
    assert sorted(r.payload["text"] for r in records) == ["别的", "新一"]


def test_writing_the_same_twice_changes_nothing(store):
    write(store, operation("甲", ["一", "二"]))
    write(store, operation("甲", ["一", "二"]))
    assert store.count() == 2


def test_a_source_without_chunks_is_gone(store):
    write(store, operation("甲", ["一"]), operation("乙", ["二"]))
    write(store, ReplaceSource(source_id("c", "甲")))
    assert store.facet("name") == {"乙": 1}


def test_filters_narrow_every_kind_of_search(store):
    write(
        store,
        operation("甲", ["劳动合同"], folders=("法规", "法规/劳动")),
        operation("乙", ["劳动合同"], folders=("合同",), seed=1),
    )
    where = (Condition("folders", ("法规/劳动", "没有")),)
    query = np.ones(FULL, np.float32)
    first = QueryPlan(DenseQuery("short", query), limit=5, where=where)
    for plan in (
        QueryPlan(DenseQuery("full", query), limit=5, where=where),
        QueryPlan(DenseQuery("full", query), limit=5, where=where, first=first),
        QueryPlan(PLAIN.query_vector("劳动"), limit=5, where=where),
    ):
        assert [hit.payload["name"] for hit in store.search(plan)] == ["甲"]
    assert store.count(where) == 1
    assert store.facet("name", where) == {"甲": 1}


def test_only_the_given_chunks_are_scored(store):
    new = operation("甲", ["劳动一", "劳动二", "劳动三"])
    write(store, new)
    for query in (DenseQuery("full", np.ones(FULL, np.float32)), PLAIN.query_vector("劳动")):
        hits = store.search(QueryPlan(query, limit=5, ids=(new.ids[1],)))
        assert texts(hits) == ["劳动二"]


def test_scroll_visits_every_chunk_once_with_its_vector(store):
    new = operation("甲", [f"第{i}段" for i in range(23)])
    write(store, new)
    seen, cursor = {}, None
    while True:
        records, cursor = store.scroll(cursor=cursor, limit=5, with_vectors=True)
        for record in records:
            assert record.id not in seen
            seen[record.id] = record.full
        if cursor is None:
            break
    expected = shorten(new.full, FULL)
    for i, id_ in enumerate(new.ids):
        assert shorten(seen[id_][None], FULL)[0] == pytest.approx(expected[i], abs=2e-3)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_vectors_that_are_no_numbers_are_refused_and_nothing_is_written(store, bad):
    new = operation("甲", ["一", "二"])
    new.full[1, 3] = bad
    with pytest.raises(InvalidVectorError, match="NaN or infinite"):
        store.apply(new)
    time.sleep(0.5)
    assert store.count() == 0


def test_vectors_of_a_wrong_length_are_refused(store):
    new = operation("甲", ["一"])
    short = ReplaceSource(new.source_id, new.ids, new.payloads, new.full[:, :10], new.lexical)
    with pytest.raises(InvalidVectorError, match=r"\(1, 10\).*64"):
        store.apply(short)


def test_an_index_of_another_model_is_refused_with_both_named(tmp_path):
    other = IndexSpec("piccolo2", "another", 1792, 512, 350, 50)
    client = QdrantClient(":memory:")
    EdgeStore(tmp_path, SPEC).close()
    ServerStore(client, "c", SPEC)
    for reopen in (lambda: EdgeStore(tmp_path, other), lambda: ServerStore(client, "c", other)):
        with pytest.raises(IndexMismatchError, match=r"model fake \(asked for: piccolo2\).*--collection"):
            reopen()


def test_a_key_never_travels_unencrypted():
    with pytest.raises(SettingsError, match="use https"):
        connect("http://qdrant.example:6333", "secret-key")


def test_what_one_process_writes_another_finds_after_the_owner_has_gone(tmp_path):
    owner, other = EdgeStore(tmp_path, SPEC), EdgeStore(tmp_path, SPEC)
    write(other, operation("甲", ["一", "二"]))
    assert (owner.owns, other.owns) == (True, False)
    owner.close()
    assert other.count() == 2
    other.close()


def test_searches_go_on_while_the_owner_changes(tmp_path):
    owner, other = EdgeStore(tmp_path, SPEC), EdgeStore(tmp_path, SPEC)
    write(owner, operation("甲", ["一"]))
    counts, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            counts.append(other.count())

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.2)
    owner.close()
    time.sleep(1)
    stop.set()
    asking.join()
    assert set(counts) == {1}
    assert other.owns
    other.close()


def test_a_write_that_cannot_be_applied_is_put_aside_and_blocks_nothing(tmp_path):
    from indexer.errors import BatchFailedError

    store = EdgeStore(tmp_path, SPEC)
    (tmp_path / "inbox" / "0-broken.npz").write_bytes(b"not an archive")
    write(store, operation("甲", ["一"]))
    assert store.count() == 1
    with pytest.raises(BatchFailedError, match="ingest the source again"):
        store.wait(["0-broken"], timeout_seconds=5)
    store.close()


def test_writes_left_by_a_killed_writer_are_applied_by_the_next_owner(tmp_path):
    from indexer.store import wire
    from indexer.store.inbox import Inbox

    EdgeStore(tmp_path, SPEC).close()
    Inbox(tmp_path).put(wire.pack(operation("甲", ["一", "二"])))
    store = EdgeStore(tmp_path, SPEC)
    assert store.count() == 2
    assert not list((tmp_path / "inbox").iterdir())
    store.close()


def test_an_index_that_was_deleted_and_built_anew_is_seen_by_those_who_had_it_open(tmp_path):
    import shutil

    reader = EdgeStore(tmp_path / "c", SPEC)
    write(reader, operation("旧", ["一", "二"]))
    shutil.rmtree(tmp_path / "c")
    writer = EdgeStore(tmp_path / "c", SPEC)
    write(writer, operation("新", ["三"]))
    deadline = time.monotonic() + 10
    while reader.facet("name") != {"新": 1} and time.monotonic() < deadline:
        time.sleep(0.1)
    assert reader.facet("name") == {"新": 1}
    reader.close()
    assert writer.count() == 1
    writer.close()


def test_an_index_built_anew_with_another_model_is_refused_by_those_who_had_it_open(tmp_path):
    import shutil

    reader = EdgeStore(tmp_path / "c", SPEC)
    shutil.rmtree(tmp_path / "c")
    writer = EdgeStore(tmp_path / "c", IndexSpec("other", "fp2", FULL, SHORT, 350, 50))
    time.sleep(1)
    with pytest.raises(IndexMismatchError, match=r"model other \(asked for: fake\)"):
        reader.count()
    reader.close()
    write(writer, operation("甲", ["一"]))
    assert writer.count() == 1
    writer.close()


def test_a_write_that_the_engine_refuses_waits_when_no_other_passes(tmp_path, monkeypatch):
    from indexer.store.shard import Shard

    store = EdgeStore(tmp_path, SPEC)
    apply = Shard.apply

    def full_disk(shard, operation):
        raise Exception("No space left on device")

    monkeypatch.setattr(Shard, "apply", full_disk)
    ticket = store.apply(operation("甲", ["一"]))
    time.sleep(2)
    monkeypatch.setattr(Shard, "apply", apply)
    store.wait([ticket], timeout_seconds=5)
    assert store.count() == 1
    store.close()


def test_a_closed_store_says_so_at_once(tmp_path):
    store = EdgeStore(tmp_path, SPEC)
    store.close()
    with pytest.raises(StoreError, match="has been closed"):
        store.count()
