"""One question to several libraries, of different models and dimensions."""

from dataclasses import replace

import pytest

from app.search_all import search_all
from app.searcher import Notice, QuestionError, Searcher
from indexer.catalog import Catalog
from indexer.errors import ApiError, IndexBusyError
from indexer.pipeline import ingest
from indexer.settings import Settings
from indexer.sources import survey
from indexer.store import IndexSpec
from indexer.store.edge import EdgeStore
from tests.fake_embedder import FakeEmbedder

CONTRACTS = {f"合同{i}.txt": f"合同第{i}条，双方约定交货的日期与地点。" for i in range(12)} | {
    "试用.txt": "劳动合同的试用期最长不得超过六个月。"
}
POEMS = {f"诗{i}.txt": f"第{i}首，山中的明月照着松间的流水。" for i in range(12)} | {
    "静夜思.txt": "床前明月光，疑是地上霜。举头望明月，低头思故乡。"
}


def a_library(place, name, documents, full_dim, dim):
    folder = place / name
    folder.mkdir()
    for file, text in documents.items():
        (folder / file).write_text(text, encoding="utf-8")
    index = place / "index" / name
    spec = IndexSpec(f"fake-{full_dim}", f"fake-{full_dim}", full_dim, dim, 350, 50)
    store = EdgeStore(index, spec)

    def load():
        return FakeEmbedder(full_dim, (dim, full_dim))

    ingest(survey([folder], ()), store, Catalog(index, store.spec.index_id), load, collection=name)
    return Searcher(store, load, settings=Settings(collection=name))


@pytest.fixture(scope="module")
def searchers(tmp_path_factory):
    place = tmp_path_factory.mktemp("libraries")
    made = {
        "合同": a_library(place, "合同", CONTRACTS, 256, 64),
        "诗": a_library(place, "诗", POEMS, 96, 48),
    }
    yield made
    for searcher in made.values():
        searcher.close()


def asking(question, top=10, **options):
    return lambda searcher: searcher.search(question, top=top, **options)


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
@pytest.mark.parametrize(
    ("question", "collection", "name"),
    [("试用期最长多久", "合同", "试用.txt"), ("举头望明月", "诗", "静夜思.txt")],
)
def test_the_best_answer_comes_first_whichever_library_has_it(searchers, mode, question, collection, name):
    for order in (searchers, dict(reversed(searchers.items()))):
        result = search_all(order, asking(question, mode=mode), 10)
        assert (result.hits[0].collection, result.hits[0].payload["name"]) == (collection, name)
        assert (result.question, result.mode) == (question, mode)


def test_the_list_is_ordered_by_score_and_has_the_best_of_each(searchers):
    result = search_all(searchers, asking("明月 合同"), 8)
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)
    assert {hit.collection for hit in result.hits} == {"合同", "诗"}
    each = [hit for s in searchers.values() for hit in s.search("明月 合同").hits]
    best = sorted((hit.score for hit in each), reverse=True)[:8]
    assert scores == pytest.approx(best)


@pytest.mark.parametrize("top", [1, 2, 7, 20])
def test_no_more_hits_than_asked_for(searchers, top):
    result = search_all(searchers, asking("明月 合同", top=top), top)
    assert len(result.hits) == top


def test_hits_know_their_collection_and_are_of_its_model(searchers):
    result = search_all(searchers, asking("明月 合同", top=26), 26)
    assert len(result.hits) == 26
    for hit in result.hits:
        assert hit.payload["shown"].startswith(f"{hit.collection}/")
        assert hit.scores.cosine is not None


def test_one_library_that_fails_is_told_and_the_others_answer(searchers):
    def search(searcher):
        if searcher.collection == "诗":
            raise ApiError("no answer")
        return searcher.search("试用期最长多久")

    for order in (searchers, dict(reversed(searchers.items()))):
        result = search_all(order, search, 10)
        assert {hit.collection for hit in result.hits} == {"合同"}
        assert result.hits[0].payload["name"] == "试用.txt"
        assert result.notices == (Notice("library_failed", {"library": "诗"}),)


def test_whatever_a_library_fails_with_does_not_hold_up_the_others(searchers):
    def search(searcher):
        if searcher.collection == "合同":
            raise RuntimeError("a bug")
        return searcher.search("明月")

    assert search_all(searchers, search, 3).notices == (Notice("library_failed", {"library": "合同"}),)


def test_where_all_fail_the_first_failure_is_raised(searchers):
    failures = {"合同": ApiError("the first"), "诗": IndexBusyError("the second")}

    def search(searcher):
        raise failures[searcher.collection]

    with pytest.raises(ApiError, match="the first"):
        search_all(searchers, search, 10)


def test_a_question_that_can_not_be_asked_is_refused_as_by_one(searchers):
    with pytest.raises(QuestionError):
        search_all(searchers, asking("  "), 10)


def test_a_notice_of_several_libraries_is_told_once_and_others_are_kept(searchers):
    old = Notice("lexicon_old", {})
    cut = {name: Notice("rerank_cut", {"done": n, "asked": 20}) for n, name in enumerate(searchers)}

    def search(searcher):
        return replace(searcher.search("明月"), notices=(old, cut[searcher.collection]))

    assert search_all(searchers, search, 10).notices == (old, cut["合同"], cut["诗"])


def test_times_are_those_of_all_together(searchers):
    times = {"合同": (1.0, 2.0, 4.0), "诗": (0.25, 0.5, 0.125)}

    def search(searcher):
        embed, look, rerank = times[searcher.collection]
        return replace(
            searcher.search("明月"), embed_seconds=embed, search_seconds=look, rerank_seconds=rerank
        )

    result = search_all(searchers, search, 10)
    assert (result.embed_seconds, result.search_seconds, result.rerank_seconds) == (1.25, 2.5, 4.125)


def test_each_library_is_asked_once_in_its_turn(searchers):
    asked = []

    def search(searcher):
        asked.append(searcher.collection)
        return searcher.search("明月")

    search_all(searchers, search, 10)
    assert asked == ["合同", "诗"]


def test_nothing_found_anywhere_is_an_answer(searchers):
    result = search_all(searchers, asking("量子纠缠", mode="lexical"), 10)
    assert (result.hits, result.notices) == ((), ())
