"""A dictionary and BM25's constants belong to the index, and change without embedding anything."""

import pytest

from app.searcher import Searcher
from indexer.catalog import Catalog
from indexer.errors import SettingsError
from indexer.lexicon import read_analyzer, read_user_dict, refresh, wanted_analyzer
from indexer.pipeline import ingest
from indexer.settings import Settings
from indexer.sources import survey
from indexer.store import IndexSpec
from indexer.store.edge import EdgeStore
from indexer.words import PLAIN, Analyzer
from tests.fake_embedder import FakeEmbedder

NAME = "寻章索引器"


@pytest.fixture
def place(tmp_path):
    """An index of two files, by the plain analyzer, and a dictionary beside it."""
    documents = tmp_path / "文档"
    documents.mkdir()
    (documents / "甲.txt").write_text(f"{NAME}的说明。" * 60, encoding="utf-8")
    (documents / "乙.md").write_text("# 题\n\n别的内容。\n", encoding="utf-8")
    (tmp_path / "词.txt").write_text("# 注释\n\n尋章索引器 5 n\n", encoding="utf-8-sig")
    store = EdgeStore(tmp_path / "index", IndexSpec("fake", "fake-256", 256, 64, 64, 20))
    refresh(store, tmp_path / "index", PLAIN)
    ingest(survey([documents], ()), store, Catalog(tmp_path / "index", "1"), FakeEmbedder, collection="c")
    yield tmp_path, store
    store.close()


def everything(store):
    records, _ = store.scroll(limit=1000, with_vectors=True)
    return {r.id: (r.payload, r.full.tolist()) for r in records}


def test_a_dictionary_is_read_as_texts_are_searched(place):
    folder, _ = place
    assert read_user_dict(folder / "词.txt") == f"{NAME} 5 n"


def test_new_words_reach_every_chunk_and_nothing_else_changes(place):
    folder, store = place
    before = everything(store)
    analyzer = wanted_analyzer(folder / "index", Settings(user_dict=folder / "词.txt"))
    assert refresh(store, folder / "index", analyzer) == len(before) > 2
    after = everything(store)
    assert {id_: payload for id_, (payload, _) in after.items()} == {
        id_: payload for id_, (payload, _) in before.items()
    }
    for id_, (_, vector) in after.items():
        assert vector == pytest.approx(before[id_][1], abs=1e-3)
    searcher = Searcher(store, FakeEmbedder, read_analyzer=lambda: read_analyzer(folder / "index"))
    assert NAME in searcher.read_analyzer().words(NAME)
    found = searcher.search(NAME, "lexical", per_document=0).hits
    plain = Searcher(store, FakeEmbedder).search(NAME, "lexical", per_document=0).hits
    assert found[0].scores.lexical > plain[0].scores.lexical  # the word itself meets the passages


def test_the_same_again_writes_nothing(place):
    folder, store = place
    assert refresh(store, folder / "index", PLAIN) == 0


def test_the_index_keeps_its_dictionary_until_another_is_given(place):
    folder, store = place
    with_words = wanted_analyzer(folder / "index", Settings(user_dict=folder / "词.txt"))
    refresh(store, folder / "index", with_words)
    assert wanted_analyzer(folder / "index", Settings()) == with_words == read_analyzer(folder / "index")
    (folder / "空.txt").write_text("", encoding="utf-8")
    assert wanted_analyzer(folder / "index", Settings(user_dict=folder / "空.txt")) == PLAIN


def test_constants_of_bm25_are_kept_too(place):
    folder, store = place
    other = wanted_analyzer(folder / "index", Settings(bm25_k1=2.0, bm25_b=0.3))
    assert other == Analyzer("", 2.0, 0.3)
    assert refresh(store, folder / "index", other) > 0
    assert read_analyzer(folder / "index") == other


def test_what_was_cut_short_is_done_again(place, monkeypatch):
    folder, store = place
    other = Analyzer(NAME)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(EdgeStore, "wait", killed)
        with pytest.raises(KeyboardInterrupt):
            refresh(store, folder / "index", other)
    assert wanted_analyzer(folder / "index", Settings()) == other  # what it was to become
    assert refresh(store, folder / "index", other) > 0
    assert refresh(store, folder / "index", other) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("寻章 五 n".encode(), r"line 1: '寻章 五 n' is not a word, a frequency"),
        ("寻章\n一 2 n 多".encode(), "line 2"),
        (b"New York", "'New York' is not a word"),
        (b"GB/T", "a word is of Han, Latin letters"),
        ("寻章".encode("gb18030"), "it must be a text file in UTF-8"),
    ],
)
def test_a_dictionary_that_is_wrong_is_told(tmp_path, content, says):
    (tmp_path / "词.txt").write_bytes(content)
    with pytest.raises(SettingsError, match=says):
        read_user_dict(tmp_path / "词.txt")


def test_a_dictionary_that_is_missing_is_told(tmp_path):
    with pytest.raises(SettingsError, match=r"没有\.txt"):
        read_user_dict(tmp_path / "没有.txt")


def test_what_a_killed_writer_left_behind_is_not_undone(place):
    from indexer.store import ReplaceSource, source_id

    folder, store = place
    gone = source_id("c", str(folder / "文档" / "甲.txt"))
    store.apply(ReplaceSource(gone))  # laid down, perhaps not applied yet
    refresh(store, folder / "index", Analyzer(NAME))
    assert gone not in store.facet("source_id")


def test_terms_of_another_analyzer_or_version_are_known_as_such(place):
    from indexer.lexicon import is_stale

    folder, store = place
    assert not is_stale(folder / "index")
    (folder / "index" / "lexicon.json").unlink()
    assert is_stale(folder / "index")
    refresh(store, folder / "index", PLAIN)
    assert not is_stale(folder / "index")


def test_one_writes_at_a_time_and_the_other_waits(tmp_path):
    import threading

    from indexer.library import writing

    settings, order = Settings(index_dir=tmp_path), []
    with writing(settings):
        waiting = threading.Event()

        def second():
            with writing(settings, waiting.set):
                order.append("second")

        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
