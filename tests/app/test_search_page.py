"""The search page, by what a person sees of it: a real index, a fake model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import resources
from app.judged import JudgedSetError, read_judged_set
from app.judgements import IRRELEVANT, RELEVANT
from app.searcher import Searcher
from app.text import EN, ZH, explain
from app.text.library import ZH as LIBRARY
from indexer import errors
from indexer.catalog import Catalog
from indexer.pipeline import ingest
from indexer.settings import Settings
from indexer.sources import survey
from indexer.store.base import IndexSpec
from indexer.store.edge import EdgeStore
from tests.fake_embedder import FakeEmbedder, FakeTokenEmbedder

APP = Path(__file__).parents[2] / "streamlit_app.py"
SPEC = IndexSpec("fake", "fake-256", full_dim=256, dim=256, chunk_tokens=350, overlap_tokens=0)

PROBATION = "第十九条 三年以上固定期限的劳动合同，试用期不得超过六个月。"
RETURNS = "消费者有权自收到商品之日起七日内退货，且无需说明理由。"
TEA = "绿茶用八十度的水冲泡，味道最好。"

DOCUMENTS = {
    "法规/劳动合同法.md": f"# 劳动合同法\n\n## 第二章\n\n{PROBATION}\n",
    "法规/消费者权益保护法.txt": RETURNS,
    "笔记/喝茶.txt": TEA,
}

FILES = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")

OpenApp = Callable[..., AppTest]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of DOCUMENTS, made as `ingest` makes it."""
    folder = tmp_path_factory.mktemp("index")
    for name, text in DOCUMENTS.items():
        file = folder / "文档" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return write_index(folder / "index", folder / "文档")


def write_index(index: Path, documents: Path) -> Path:
    store = EdgeStore(index, SPEC)
    report = ingest(survey([documents], ()), store, Catalog(index, "1"), FakeEmbedder, collection="default")
    store.close()
    assert report.exit_code == 0
    return index


@pytest.fixture
def open_app(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenApp]:
    """Open the page at a link: `open_app(q="试用期", n="5")`; on another index with `at=`."""

    def opened(at: Path = index, **link: str | list[str]) -> AppTest:
        def open_searcher(settings: Settings, _load: object) -> Searcher:
            return Searcher(EdgeStore(at, SPEC), FakeTokenEmbedder)

        monkeypatch.setattr(resources, "open_searcher", open_searcher)
        monkeypatch.setattr(resources, "load_settings", lambda: Settings(index_dir=at))
        return start(**link)

    st.cache_resource.clear()
    yield opened
    st.cache_resource.clear()


@pytest.fixture
def failing_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Exception], AppTest]]:
    """Open the page where opening the index fails."""

    def opened(error: Exception) -> AppTest:
        def open_searcher(settings: Settings, _load: object) -> Searcher:
            raise error

        monkeypatch.setattr(resources, "open_searcher", open_searcher)
        return start()

    st.cache_resource.clear()
    yield opened
    st.cache_resource.clear()


def start(**link: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.query_params.update(link)
    return app.run()


def ask(app: AppTest, question: str, mode: str | None = None) -> AppTest:
    app.text_input(key="q").set_value(question)
    if mode:
        app.radio(key="mode").set_value(mode)
    return app.button[0].click().run()


def hits_html(app: AppTest) -> str:
    """The list of hits; empty where none is shown."""
    return "".join(block.body for block in app.main.get("html") if "<article" in block.body)


def hits(app: AppTest) -> str:
    return unescape(re.sub("<[^>]+>", "", hits_html(app)))


def said(app: AppTest) -> str:
    """Every sentence of our own beside the form and the hits."""
    alerts = [*app.info, *app.error, *app.warning]
    return "\n".join([*(alert.value for alert in alerts), *(caption.value for caption in app.caption)])


def test_an_answer_shows_passage_place_marks_and_scores(open_app: OpenApp) -> None:
    app = ask(open_app(), "劳动合同试用期不得超过几个月")
    page = hits(app)
    assert re.match(r"1文档/法规/劳动合同法.md\d{4}-\d\d-\d\d劳动合同法 › 第二章", page)
    assert PROBATION in page
    assert "<mark>劳动合同</mark>" in hits_html(app)
    assert all(name in page for name in (ZH.cosine, ZH.lexical, ZH.fused))
    assert "3 条结果 · 向量化" in said(app)
    assert "模型 fake，256 维" in said(app)


def test_a_question_asked_before_the_browser_knows_the_new_address_is_not_lost(open_app: OpenApp) -> None:
    app = open_app()
    app.radio(key="mode").set_value("lexical").run()
    assert app.query_params["mode"] == "lexical"
    app.query_params.clear()  # as the browser sends it, until it is told
    ask(app, "消费者退货")
    assert RETURNS in hits(app)
    assert app.radio(key="mode").value == "lexical"
    assert (app.query_params["q"], app.query_params["mode"]) == ("消费者退货", "lexical")


def test_a_way_changed_before_the_browser_knows_the_new_address_stays(open_app: OpenApp) -> None:
    app = ask(open_app(), "消费者退货")
    app.query_params.clear()
    app.radio(key="mode").set_value("lexical").run()
    assert (app.text_input(key="q").value, app.radio(key="mode").value) == ("消费者退货", "lexical")


def test_a_question_is_reranked_when_asked_to_and_the_time_is_told(open_app: OpenApp) -> None:
    app = open_app()
    assert app.radio(key="rerank").options == [ZH.reranks["none"], ZH.reranks["late"]]  # no cross-encoder
    app.radio(key="rerank").set_value("late")
    app = ask(app, "劳动合同试用期不得超过几个月")
    assert hits(app).startswith("1文档/法规/劳动合同法.md")
    assert ZH.rerank_score in hits(app)
    assert '<span class="xz-best">' in hits_html(app)
    assert "重排 0." in said(app)


def test_a_phrase_and_a_typed_filter_narrow_the_answer(open_app: OpenApp) -> None:
    page = hits(ask(open_app(), '"七日内" 试用期'))
    assert RETURNS in page and PROBATION not in page
    page = hits(ask(open_app(), "试用期 文件:喝茶"))
    assert TEA in page and PROBATION not in page
    assert ZH.no_hits in said(ask(open_app(), '"六个月" -合同'))


def test_a_library_of_few_passages_claims_no_relevance(open_app: OpenApp) -> None:
    app = ask(open_app(), "航天飞机")
    assert ZH.relevance not in hits(app) and ZH.weak not in hits(app)
    assert ZH.nothing_relevant not in said(app)


def test_keywords_find_only_what_has_them_and_show_no_other_score(open_app: OpenApp) -> None:
    app = ask(open_app(), "退货", mode="lexical")
    page = hits(app)
    assert RETURNS in page
    assert PROBATION not in page and TEA not in page
    assert ZH.lexical in page and ZH.cosine not in page
    assert "1 条结果 · 检索" in said(app)


def test_filters_narrow_the_answer(open_app: OpenApp) -> None:
    app = open_app()
    assert app.multiselect(key="type").options == ["txt（2）", "md（1）"]
    app.multiselect(key="folder").set_value(["文档/笔记"])
    app.multiselect(key="type").set_value(["txt"])
    page = hits(ask(app, "试用期"))
    assert TEA in page
    assert PROBATION not in page and RETURNS not in page


def test_a_shared_link_repeats_its_search(open_app: OpenApp) -> None:
    app = open_app(q="茶", mode="dense", n="1", type="txt", folder=["文档/笔记"])
    assert hits(app).startswith("1文档/笔记/喝茶.txt")
    assert app.number_input(key="n").value == 1
    assert app.radio(key="mode").value == "dense"
    assert app.multiselect(key="folder").value == ["文档/笔记"]


def test_a_link_with_values_that_mean_nothing_opens_with_the_usual_ones(open_app: OpenApp) -> None:
    app = open_app(q="茶", mode="", lang="", n="", type="")
    assert TEA in hits(app)
    assert "3 条结果" in said(app)
    assert TEA in hits(open_app(q="茶", mode="none", lang="tlh", n="many"))


def test_a_link_to_a_file_that_is_gone_finds_nothing(open_app: OpenApp) -> None:
    app = open_app(q="茶", file="没有了.txt")
    assert hits(app) == ""
    assert ZH.no_hits in said(app)


def test_an_empty_question_is_told(open_app: OpenApp) -> None:
    app = ask(open_app(), "   ")
    assert "请输入想找的内容" in said(app)


def test_the_last_answer_stays_when_a_question_fails(open_app: OpenApp) -> None:
    app = ask(ask(open_app(), "茶"), "长" * 600)
    assert "问题太长" in said(app)
    assert ZH.earlier_answer in said(app)
    assert TEA in hits(app)
    assert not ask(app, "退货").error


def test_asking_again_finds_what_was_indexed_in_the_meantime(open_app: OpenApp, tmp_path: Path) -> None:
    documents = tmp_path / "文档"
    documents.mkdir()
    (documents / "茶.txt").write_text(TEA, encoding="utf-8")
    app = ask(open_app(at=write_index(tmp_path / "index", documents)), "咖啡豆", mode="lexical")
    assert ZH.no_hits_lexical in said(app)
    (documents / "咖啡.txt").write_text("咖啡豆要避光保存。", encoding="utf-8")
    write_index(tmp_path / "index", documents)
    assert "避光保存" in hits(ask(app, "咖啡豆", mode="lexical"))


def test_an_empty_index_leads_by_the_hand(open_app: OpenApp, tmp_path: Path) -> None:
    app = ask(open_app(at=tmp_path / "index"), "茶")
    assert LIBRARY.first_run_shell in said(app)
    assert app.button(key="first_run_samples").label == LIBRARY.index_samples
    assert not app.multiselect
    assert not app.error


def judge(app: AppTest, number: int, grade: int | None) -> AppTest:
    """Click below a hit; None: on what is chosen there, again."""
    return app.segmented_control[number].set_value(grade).run()


def test_a_hit_is_judged_and_the_judgement_taken_back(open_app: OpenApp, tmp_path: Path) -> None:
    at = tmp_path / "index"
    documents = tmp_path / "文档"
    documents.mkdir()
    (documents / "茶.txt").write_text(TEA, encoding="utf-8")
    (documents / "退货.txt").write_text(RETURNS, encoding="utf-8")
    app = ask(open_app(at=write_index(at, documents)), "绿茶怎么泡")
    assert [control.value for control in app.segmented_control] == [None, None]
    assert "已判断" not in said(app)
    app = judge(judge(app, 0, RELEVANT), 1, IRRELEVANT)
    assert [control.value for control in app.segmented_control] == [RELEVANT, IRRELEVANT]
    assert "已判断 2 条，属于 1 个问题" in said(app)
    assert TEA in hits(app)
    judged = read_judged_set(*(at / "default" / "judged" / name for name in FILES))
    assert list(judged.queries.values()) == ["绿茶怎么泡"]
    assert sorted(
        (judged.passages[id_], g) for grades in judged.qrels.values() for id_, g in grades.items()
    ) == [
        (f"茶\n{TEA}", RELEVANT),
        (f"退货\n{RETURNS}", IRRELEVANT),
    ]
    app = judge(app, 1, None)
    assert "已判断 1 条" in said(app)
    again = ask(open_app(at=at), "绿茶怎么泡")
    assert [control.value for control in again.segmented_control] == [RELEVANT, None]


def test_judging_searches_nothing(open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = tmp_path / "文档"
    documents.mkdir()
    (documents / "茶.txt").write_text(TEA, encoding="utf-8")
    app = ask(open_app(at=write_index(tmp_path / "index", documents)), "绿茶")

    def search(*_: object, **__: object) -> None:
        raise AssertionError("searched again")

    monkeypatch.setattr(Searcher, "search", search)
    app = judge(app, 0, RELEVANT)
    assert TEA in hits(app) and "已判断 1 条" in said(app)


def test_broken_judgements_are_told_and_stay_as_they_are(open_app: OpenApp, tmp_path: Path) -> None:
    documents = tmp_path / "文档"
    documents.mkdir()
    (documents / "茶.txt").write_text(TEA, encoding="utf-8")
    at = write_index(tmp_path / "index", documents)
    qrels = at / "default" / "judged" / "qrels.tsv"
    qrels.parent.mkdir(parents=True)
    qrels.write_text("query-id\tcorpus-id\tscore\nq1 c1 1\n", encoding="utf-8")
    app = ask(open_app(at=at), "绿茶")
    assert explain(JudgedSetError(), "zh") in said(app)
    assert TEA in hits(app)
    assert not app.segmented_control
    assert "q1 c1 1" in qrels.read_text(encoding="utf-8")


def test_the_language_can_be_switched_without_losing_the_answer(open_app: OpenApp) -> None:
    app = ask(open_app(), "试用期")
    app.sidebar.radio(key="lang").set_value("en").run()
    assert EN.cosine in hits(app)
    assert "3 results · embedding" in said(app)


def test_a_link_opens_in_its_language(open_app: OpenApp) -> None:
    app = open_app(q="试用期", lang="English", mode="lexical")
    assert EN.lexical in hits(app)
    assert app.radio(key="mode").value == "lexical"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errors.IndexMismatchError("built with dim 256"), "与现在的设置不符"),
        (errors.IndexBusyError("owner 42"), "另一个程序正占用索引"),
        (errors.WeightsMissingError("no weights"), "没有权重"),
        (errors.ModelMissingError("not here"), "不在这台机器上"),
        (errors.ServerError("refused"), "连不上 Qdrant 服务器"),
        (errors.ApiError("timeout"), "向量化服务没有回应"),
        (errors.SettingsError("dim = 0"), "设置有误"),
        (RuntimeError("a bug"), "出了意料之外的错误"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence(
    failing_app: Callable[[Exception], AppTest], error: Exception, sentence: str
) -> None:
    app = failing_app(error)
    assert sentence in said(app)
    assert not app.exception
    (details,) = [expander for expander in app.expander if expander.label == ZH.technical_details]
    assert not details.proto.expanded
    assert str(error) in details.code[0].value


def test_an_index_that_comes_later_is_found_without_a_restart(
    failing_app: Callable[[Exception], AppTest],
    monkeypatch: pytest.MonkeyPatch,
    index: Path,
) -> None:
    app = failing_app(errors.IndexMissingError("data/index"))
    assert LIBRARY.first_run_help in "".join(block.value for block in app.markdown)
    assert not app.error
    monkeypatch.setattr(
        resources, "open_searcher", lambda settings, load: Searcher(EdgeStore(index, SPEC), FakeEmbedder)
    )
    assert PROBATION in hits(ask(app, "超过六个月"))
