"""Question → hits, over a real embedded index."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.searcher import QuestionError, Searcher, filters, open_searcher
from indexer.catalog import Catalog
from indexer.embedding import load, resolve
from indexer.errors import IndexMismatchError, IndexMissingError, WeightsMissingError
from indexer.library import open_library, spec_for
from indexer.pipeline import ingest
from indexer.settings import Settings
from indexer.sources import survey
from indexer.store import IndexSpec
from indexer.store.edge import EdgeStore
from tests.checkpoints import make_piccolo2_checkpoint
from tests.fake_embedder import FakeEmbedder

DOCUMENTS = {
    "法规/劳动法.md": (
        "# 劳动法\n\n第二十一条 试用期最长不得超过六个月。\n\n第三十六条 每日工作不超过八小时。\n"
    ),
    "诗/静夜思.txt": "床前明月光，疑是地上霜。举头望明月，低头思故乡。",
    "诗/登鹳雀楼.txt": "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。",
}


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("searcher") / "资料"
    for name, text in DOCUMENTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def searcher(documents, tmp_path_factory):
    index = tmp_path_factory.mktemp("index")
    store = EdgeStore(index, IndexSpec("fake", "fake-256", 256, 64, 350, 50))
    ingest(survey([documents], ()), store, Catalog(index, "1"), FakeEmbedder, collection="c")
    made = Searcher(store, FakeEmbedder)
    yield made
    made.close()


def names(result):
    return [hit.shown.rsplit("/", 1)[-1] for hit in result.hits]


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_each_mode_finds_the_passage_and_says_where_it_is(searcher, mode):
    hit = searcher.search("试用期最长多久", mode).hits[0]
    assert (hit.shown, hit.headings) == ("资料/法规/劳动法.md", ("劳动法", "第二十一条"))
    assert "六个月" in hit.text


def test_scores_are_kept_apart_and_only_those_of_the_mode_are_there(searcher):
    hybrid = searcher.search("明月").hits
    assert all(-1 <= hit.scores.cosine <= 1 and 0 <= hit.scores.fused <= 1 for hit in hybrid)
    assert [hit.scores.fused for hit in hybrid] == sorted((h.scores.fused for h in hybrid), reverse=True)
    assert hybrid[0].scores.lexical > 0 and hybrid[-1].scores.lexical is None
    lexical = searcher.search("明月", "lexical").hits
    assert [(h.scores.cosine, h.scores.fused) for h in lexical] == [(None, None)]
    dense = searcher.search("明月", "dense").hits
    assert dense[0].scores.cosine == pytest.approx(hybrid[0].scores.cosine, abs=1e-3)


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_filters_hold_in_every_mode(searcher, mode):
    question = "试用期 明月 黄河"
    for given, expected in (
        ({"folder": "资料/诗"}, {"静夜思.txt", "登鹳雀楼.txt"}),
        ({"type": ["md"]}, {"劳动法.md"}),
        ({"file": ["静夜思.txt", "劳动法.md"]}, {"静夜思.txt", "劳动法.md"}),
        ({"folder": "资料/诗", "type": "md"}, set()),
        ({"folder": []}, {"静夜思.txt", "登鹳雀楼.txt", "劳动法.md"}),
    ):
        assert set(names(searcher.search(question, mode, where=filters(given)))) == expected


def test_no_more_hits_than_asked_for(searcher):
    assert len(searcher.search("明月", top=2).hits) == 2
    assert len(searcher.search("明月", top=100).hits) == 4


def test_words_that_occur_nowhere_find_nothing_by_words(searcher):
    assert searcher.search("量子纠缠", "lexical").hits == ()
    assert searcher.search("？！", "lexical").hits == ()


@pytest.mark.parametrize("question", ["", "  \u3000"])
def test_an_empty_question_is_refused(searcher, question):
    with pytest.raises(QuestionError, match="empty"):
        searcher.search(question)


def test_an_unknown_filter_is_named_with_those_there_are():
    with pytest.raises(QuestionError, match="'colour'; there are: file, folder, type"):
        filters({"colour": "red"})


def test_a_missing_index_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(IndexMissingError, match="nowhere"):
        open_searcher(Settings(index_dir=tmp_path / "nowhere"))


@pytest.fixture(scope="module")
def piccolo(documents, tmp_path_factory):
    """Settings of an index built with a Piccolo2-shaped model, at 512 of its 1792 dimensions."""
    place = tmp_path_factory.mktemp("piccolo")
    folder = make_piccolo2_checkpoint(place / "piccolo-large-zh-v2", layers=1)
    settings = Settings(index_dir=place / "index", model=str(folder), dim=512, device="cpu")
    model = resolve(settings)
    with open_library(settings, spec_for(settings, model)) as (store, catalog):
        report = ingest(
            survey([documents], ()),
            store,
            catalog,
            lambda: load(model, settings),
            collection=settings.collection,
        )
    assert report.exit_code == 0
    return settings


def test_an_index_is_searched_with_the_model_and_dimension_it_was_built_with(piccolo):
    searcher = open_searcher(Settings(index_dir=piccolo.index_dir, device="cpu"))  # neither is said
    assert (searcher.store.spec.dim, searcher.store.spec.full_dim) == (512, 1792)
    (hit, *_) = searcher.search("床前明月光，疑是地上霜。", "dense").hits  # a random model: no ranking
    assert searcher.embedder.matryoshka_dims[-1] == 1792
    assert -1 <= hit.scores.cosine <= 1
    searcher.close()


def test_another_dimension_than_the_index_has_is_refused(piccolo):
    with pytest.raises(IndexMismatchError, match=r"dim 512 \(asked for: 256\)"):
        open_searcher(replace(piccolo, dim=256))


def test_without_the_model_words_can_still_be_searched(piccolo):
    weights = [Path(piccolo.model, name) for name in ("model.safetensors", "2_Dense/model.safetensors")]
    for file in weights:
        file.rename(file.with_suffix(".away"))
    try:
        searcher = open_searcher(piccolo)
        assert names(searcher.search("明月", "lexical")) == ["静夜思.txt"]
        with pytest.raises(WeightsMissingError, match="Ways out"):
            searcher.search("明月")
        searcher.close()
    finally:
        for file in weights:
            file.with_suffix(".away").rename(file)
