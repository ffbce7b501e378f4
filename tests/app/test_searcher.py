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
from tests.fake_embedder import FakeEmbedder, FakeTokenEmbedder

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
    assert all(-1 <= hit.scores.cosine <= 1 for hit in hybrid)
    assert [hit.scores.fused for hit in hybrid] == sorted((h.scores.fused for h in hybrid), reverse=True)
    assert hybrid[0].scores.lexical > 0 and hybrid[-1].scores.lexical is None
    lexical = searcher.search("明月", "lexical").hits
    assert [(h.scores.cosine, h.scores.fused, h.scores.relevance) for h in lexical] == [(None,) * 3]
    dense = searcher.search("明月", "dense").hits
    assert dense[0].scores.cosine == pytest.approx(hybrid[0].scores.cosine, abs=1e-3)
    assert all(hit.scores.fused is None and hit.scores.rerank is None for hit in dense)


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
    with pytest.raises(QuestionError, match="asks for nothing"):
        searcher.search(question)


def test_an_unknown_filter_is_named_with_those_there_are():
    with pytest.raises(QuestionError, match="'colour'; there are: folder, file, type"):
        filters({"colour": "red"})


def test_a_missing_index_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(IndexMissingError, match="nowhere"):
        open_searcher(Settings(index_dir=tmp_path / "nowhere"))


def test_a_hit_says_which_words_match_and_which_sentence_answers(searcher):
    hit = searcher.search("试用期最长多久").hits[0]
    assert "试用期最长" in "".join(hit.text[start:end] for start, end in hit.matched)
    assert hit.text[slice(*hit.best)] == "第二十一条 试用期最长不得超过六个月。"
    (poem,) = searcher.search("举头望明月", "lexical").hits
    assert poem.text[slice(*poem.best)] == "举头望明月，低头思故乡。"


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_a_phrase_must_occur_in_every_mode_and_an_excluded_word_must_not(searcher, mode):
    assert names(searcher.search('"明月光" 试用期 黄河', mode)) == ["静夜思.txt"]
    assert searcher.search('"明月的光"', mode).hits == ()
    assert "静夜思.txt" not in names(searcher.search("明月 黄河 -故乡", mode))
    assert "登鹳雀楼.txt" in names(searcher.search("明月 黄河 -故乡", mode))


@pytest.mark.parametrize("phrase", ["期", "月光", "第二十一", "八小时。"])
def test_a_phrase_of_a_single_character_or_a_part_of_a_word_is_found(searcher, phrase):
    found = searcher.search(f'"{phrase}" 工资').hits
    assert found and all(phrase in hit.text or phrase in "".join(hit.headings) for hit in found)


def test_a_part_of_a_code_is_found(tmp_path):
    searcher = an_index(tmp_path, {"一.txt": "编号 TH01-2023A，请发 email。", "二.txt": "别的编号。"})
    for phrase in ("TH0", "2023", "mail", "编号 th01"):
        assert names(searcher.search(f'"{phrase}"')) == ["一.txt"]
    searcher.close()


def test_an_excluded_word_leaves_what_has_it_not_however_rare_that_is(tmp_path):
    documents = {f"{i}.txt": f"劳动合同第{i}号的全部内容。" for i in range(600)}
    searcher = an_index(tmp_path, documents | {"别的.txt": "买卖合同的内容。"})
    for mode in ("hybrid", "dense", "lexical"):
        result = searcher.search("合同 -劳动", mode)
        assert names(result) == ["别的.txt"]
        assert result.notices == ()
    searcher.close()


def test_a_file_that_is_chosen_may_fill_the_list(tmp_path):
    text = "\n\n".join(f"# 第{i}节\n\n第{i}节讲试用期的第{i}种情形。" for i in range(9))
    searcher = an_index(tmp_path, {"书.md": text, "别的.txt": "试用期。"}, hits_per_document=2)
    assert names(searcher.search("试用期")).count("书.md") == 2
    assert names(searcher.search("试用期 文件:书")).count("书.md") == 9
    assert names(searcher.search("试用期", where=filters({"file": "书.md"}))).count("书.md") == 9
    searcher.close()


def test_an_index_of_older_words_is_told(tmp_path):
    searcher = an_index(tmp_path, {"一.txt": "试用期。"})
    told = Searcher(searcher.store, FakeTokenEmbedder, is_stale=lambda: True).search("试用期")
    assert [notice.kind for notice in told.notices] == ["lexicon_old"]
    searcher.close()


def test_filters_may_be_typed_by_a_part_of_the_name(searcher):
    assert set(names(searcher.search("明月 文件夹:诗"))) == {"静夜思.txt", "登鹳雀楼.txt"}
    assert names(searcher.search("明月 文件:靜夜")) == ["静夜思.txt"]
    assert set(names(searcher.search("明月 类型:.MD"))) == {"劳动法.md"}
    assert searcher.search("明月 文件:没有").hits == ()
    (hit,) = searcher.search("标题:第三十六条 工作").hits
    assert "八小时" in hit.text


def test_a_question_in_the_other_script_finds_the_same(searcher):
    for mode in ("hybrid", "dense", "lexical"):
        here = searcher.search("试用期最长不得超过六个月", mode).hits[0]
        there = searcher.search("試用期最長不得超過六個月", mode).hits[0]
        assert (there.id, there.matched) == (here.id, here.matched)
        assert there.scores.cosine == pytest.approx(here.scores.cosine, abs=1e-3) or mode == "lexical"


def an_index(tmp_path, documents, embedder=FakeTokenEmbedder, **settings):
    folder = tmp_path / "文档"
    for name, text in documents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    store = EdgeStore(tmp_path / "index", IndexSpec("fake", "fake-256", 256, 256, 64, 20))
    ingest(survey([folder], ()), store, Catalog(tmp_path / "index", "1"), embedder, collection="c")
    return Searcher(store, embedder, settings=Settings(**settings))


def test_a_traditional_library_is_searched_in_either_script(tmp_path):
    searcher = an_index(
        tmp_path, {"一.txt": "試用期最長不得超過六個月。", "二.txt": "白日依山盡，黃河入海流。"}
    )
    for question in ("试用期最长多久", "試用期最長多久"):
        hit = searcher.search(question).hits[0]
        assert hit.text == "試用期最長不得超過六個月。"  # shown as it is
        assert hit.text[slice(*hit.matched[0])].startswith("試用期最長")
    searcher.close()


def test_the_same_text_in_several_files_is_one_hit_and_overlapping_chunks_are_joined(tmp_path):
    sentences = "".join(f"第{i}点说明试用期的工资如何计算。" for i in range(12))
    documents = {"甲.txt": sentences, "乙.txt": "试用期最长六个月。", "副本/丙.txt": "試用期最長六個月。"}
    searcher = an_index(tmp_path, documents, hits_per_document=1)
    result = searcher.search("试用期 工资")
    by_name = {hit.shown.rsplit("/", 1)[-1]: hit for hit in result.hits}
    assert by_name["甲.txt"].text in sentences
    assert by_name["甲.txt"].payload["text"] in by_name["甲.txt"].text
    assert len(by_name["甲.txt"].text) > len(by_name["甲.txt"].payload["text"])
    same = by_name.get("乙.txt") or by_name["丙.txt"]
    assert len(same.also) == 1 and len(result.hits) == 2
    assert len(searcher.search("试用期 工资", per_document=0).hits) > 2
    searcher.close()


def test_nothing_relevant_is_said_when_it_is_so_and_not_when_an_answer_is_there(tmp_path):
    documents = {
        f"{i}.txt": f"第{i}号产品的使用说明：按下按钮{i}次，然后等待指示灯亮起。" for i in range(150)
    }
    searcher = an_index(tmp_path, documents | {"法.txt": "劳动合同的试用期最长不得超过六个月。"})
    there = searcher.search("试用期最长多久")
    assert there.hits[0].shown.endswith("法.txt")
    assert not there.is_weak(there.hits[0]) and not there.nothing_relevant
    assert there.hits[0].scores.percentile == 1.0
    assert there.is_weak(there.hits[-1])  # greyed, not hidden
    assert searcher.search("火星上有没有水").nothing_relevant
    searcher.close()


def test_time_that_is_over_is_told_with_how_far_reranking_came(tmp_path):
    documents = {f"{i}.txt": f"试用期第{i}条规定。" for i in range(30)}
    searcher = an_index(tmp_path, documents, rerank_seconds=1e-9)
    result = searcher.search("试用期", rerank="late")
    assert [(n.kind, n.values) for n in result.notices] == [("rerank_cut", {"done": 4, "asked": 20})]
    assert sum(hit.scores.rerank is not None for hit in result.hits) == 4
    searcher.close()


def test_the_background_follows_the_collection(tmp_path, monkeypatch):
    from app import background

    monkeypatch.setattr(background, "_LOOK_AGAIN_SECONDS", 0.0)
    searcher = an_index(tmp_path, {"一.txt": "试用期。"})
    assert searcher.sampler.sample().of == 1
    before = searcher.sampler.sample()
    assert searcher.sampler.sample() is before
    store = searcher.store
    (tmp_path / "文档" / "二.txt").write_text("工资。", encoding="utf-8")
    catalog = Catalog(tmp_path / "index", "1")
    ingest(survey([tmp_path / "文档"], ()), store, catalog, FakeTokenEmbedder, collection="c")
    assert searcher.sampler.sample().of == 2
    searcher.close()


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
