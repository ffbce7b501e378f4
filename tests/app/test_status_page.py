"""The status page, by what a person sees of it: a real index, a fake model."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import models, resources
from app.searcher import Searcher
from app.text import ZH as COMMON
from app.text import explain
from app.text.status import EN, ZH
from app.views.libraries import ALL
from indexer import doctor, errors
from indexer.catalog import Catalog
from indexer.embedding import Embedder, ResolvedModel
from indexer.last_ingest import write_last_ingest
from indexer.pipeline import ingest
from indexer.report import IngestReport
from indexer.settings import Settings
from indexer.sources import survey
from indexer.store import IndexSpec, collection_folder
from indexer.store.edge import EdgeStore
from tests.fake_embedder import FakeEmbedder

PAGE = Path(__file__).parents[2] / "app" / "views" / "status.py"
FOLDER = "/somewhere/private/fake-model"
SPEC = IndexSpec(FOLDER, "fake-256", full_dim=256, dim=128, chunk_tokens=350, overlap_tokens=50)
MODEL = ResolvedModel("fake-model", "folder", None, "", "", 256, (), 512, "fake-256", "fake, for tests")
TEA = "绿茶用八十度的水冲泡，味道最好。"

# The library page is another's; links to it need its place only.
WRAPPER = f"""
import streamlit as st

pages = [
    st.Page({str(PAGE)!r}, url_path="status", default=True),
    st.Page("app/views/library.py", url_path="library"),
]
st.navigation(pages).run()
"""

Open = Callable[..., AppTest]


def build(settings: Settings, documents: Path) -> None:
    folder = collection_folder(settings)
    store = EdgeStore(folder, SPEC)
    catalog = Catalog(folder, store.spec.index_id)
    report = ingest(survey([documents], ()), store, catalog, FakeEmbedder, collection=settings.collection)
    write_last_ingest(folder, report)
    catalog.close()
    store.close()


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "文档"
    folder.mkdir()
    (folder / "茶.txt").write_text(TEA, encoding="utf-8")
    (folder / "空.txt").write_bytes(b"")
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index_dir=tmp_path / "index")


@pytest.fixture
def open_page(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open the page; `failing=` is what opening an index fails with, `load=` what loads the model."""

    def opened(
        library: str = "default",
        lang: str = "zh",
        failing: Exception | None = None,
        load: Callable[[ResolvedModel, Settings], Embedder] = lambda model, settings: FakeEmbedder(),
    ) -> AppTest:
        def open_searcher(given: Settings, load_model: Callable[..., Embedder]) -> Searcher:
            if failing:
                raise failing
            if not (collection_folder(given) / "spec.json").exists():
                raise errors.IndexMissingError(str(collection_folder(given)))
            store = EdgeStore(collection_folder(given), SPEC)
            return Searcher(store, lambda: load_model(MODEL, given), settings=given)

        monkeypatch.setattr(resources, "open_searcher", open_searcher)
        monkeypatch.setattr(resources, "load_settings", lambda: settings)
        for module in (resources, doctor):
            monkeypatch.setattr(module, "resolve", lambda settings: MODEL)
        monkeypatch.setattr(models, "load", load)
        wrapper = tmp_path / "wrapper.py"
        wrapper.write_text(WRAPPER, encoding="utf-8")
        other = tmp_path / "app" / "views" / "library.py"
        other.parent.mkdir(parents=True, exist_ok=True)
        other.touch()
        app = AppTest.from_file(str(wrapper), default_timeout=30)
        app.session_state["lang"], app.session_state["library"] = lang, library
        return app.run()

    st.cache_resource.clear()
    yield opened
    st.cache_resource.clear()


def said(app: AppTest) -> str:
    """Every sentence on the page; HTML by its text."""
    shown: list[Any] = [*app.info, *app.success, *app.error, *app.caption, *app.markdown]
    html = [unescape(re.sub("<[^>]+>", " ", block.body)) for block in app.main.get("html")]
    return "\n".join([*(element.value for element in shown), *html])


def check(app: AppTest, library: str = "default") -> AppTest:
    return app.button(key=f"status_check_{library}").click().run()


def no_model(model: ResolvedModel, settings: Settings) -> Embedder:
    raise AssertionError("loaded")


def test_what_there_is_is_told_and_no_model_is_loaded(
    open_page: Open, settings: Settings, documents: Path
) -> None:
    build(settings, documents)
    app = open_page(load=no_model)
    assert not app.exception
    assert [(metric.label, metric.value) for metric in app.metric[:2]] == [
        (ZH.documents, "2"),
        (ZH.passages, "1"),
    ]
    page = said(app)
    assert "fake-model" in page and "private" not in page
    assert ZH.model_states["not loaded"].format(device=ZH.devices["auto"]) in page
    assert ZH.precision_later in page
    assert "完整的有 256 维，搜索时用缩短的 128 维" in page
    assert ZH.storages["float16"] in page and ZH.not_rotated in page
    assert f"{ZH.states['failed']} 1 份" in page
    assert "有的文件没有读全" in page and "新算了 1 段" in page
    assert "新加或更新 1 份，没有读出来 1 份" in page
    assert ZH.parts["vectors"] in page and ZH.parts["uploads"] not in page
    assert ZH.cpu in page and "streamlit" in page
    assert app.metric[3].value == ZH.speed_none  # one passage tells none


def test_the_speed_of_the_last_ingest_is_told(open_page: Open, settings: Settings, documents: Path) -> None:
    build(settings, documents)
    write_last_ingest(collection_folder(settings), IngestReport((), 3000, 20.0))
    assert open_page().metric[3].value == "150.0"


def test_a_loaded_model_tells_where_it_runs(open_page: Open, settings: Settings, documents: Path) -> None:
    def load(model: ResolvedModel, settings: Settings) -> Embedder:
        embedder = FakeEmbedder()
        embedder.device = "cpu fp32"
        return embedder

    build(settings, documents)
    app = open_page(load=load)
    resources.searcher("default").wait_for_model()
    page = said(app.run())
    assert ZH.model_states["ready"].format(device=ZH.devices["cpu"]) in page
    assert ZH.precisions["fp32"] in page


def test_the_page_speaks_english(open_page: Open, settings: Settings, documents: Path) -> None:
    build(settings, documents)
    app = open_page(lang="en")
    assert app.metric[0].label == EN.documents
    assert EN.title in said(app) and "256 in full; searched by vectors cut to 128" in said(app)
    assert EN.all_well in said(check(app))


def test_without_an_index_the_library_page_is_a_click_away(open_page: Open) -> None:
    app = open_page()
    assert not app.exception
    assert ZH.no_index in said(app) and not app.error
    (link,) = app.get("page_link")
    assert (link.proto.label, link.proto.page) == (ZH.to_library, "library")
    assert ZH.cpu in said(app)
    page = said(check(app))
    assert ZH.no_index_yet in page and ZH.all_well not in page


def test_an_index_that_can_not_be_opened_is_told_with_the_rest_of_the_page(open_page: Open) -> None:
    app = open_page(failing=errors.IndexMismatchError("built with dim 256"))
    assert explain(errors.IndexMismatchError("built with dim 256"), "zh") in said(app)
    assert ZH.cpu in said(app) and not app.metric
    assert app.button(key="status_check_default")


def test_the_check_uses_the_models_of_the_process(
    open_page: Open, settings: Settings, documents: Path
) -> None:
    loaded = []

    def load(model: ResolvedModel, settings: Settings) -> Embedder:
        loaded.append(model.name)
        return FakeEmbedder()

    build(settings, documents)
    app = open_page(load=load)
    resources.searcher("default").wait_for_model()
    page = said(check(app))
    assert loaded == ["fake-model"]
    assert ZH.all_well in page
    assert page.count(":green[✓]") == 3
    assert "打得开，有 1 段" in page
    assert ZH.all_well in said(app.run())  # it stays


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errors.WeightsMissingError("no weights"), explain(errors.WeightsMissingError("no weights"), "zh")),
        (errors.EmbeddingError("broken"), ZH.advice["model"]),  # its own sentence leads to this check
        (OSError(28, "No space left on device"), ZH.advice["model"]),
    ],
)
def test_a_failing_check_says_what_to_do_and_folds_the_technical_line(
    open_page: Open, settings: Settings, documents: Path, error: Exception, sentence: str
) -> None:
    def load(model: ResolvedModel, settings: Settings) -> Embedder:
        raise error

    build(settings, documents)
    app = check(open_page(load=load))
    (shown,) = app.error
    assert shown.value == f"✗ **{ZH.checks['model']}**　{sentence}"
    (details,) = [e for e in app.expander if e.label == COMMON.technical_details]
    assert not details.proto.expanded
    assert str(error) in details.code[0].value
    assert ZH.all_well not in said(app) and not app.exception


def test_a_disk_that_is_nearly_full_is_told(
    open_page: Open, settings: Settings, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(settings, documents)
    usage = type(shutil.disk_usage(documents))(100_000_000_000, 99_500_000_000, 500_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    app = open_page()
    assert ZH.disk_low in said(app)
    (shown,) = check(app).error
    assert ZH.advice["disk"] in shown.value


def test_a_model_that_failed_and_works_now_is_ready_again(
    open_page: Open, settings: Settings, documents: Path
) -> None:
    tries = []

    def load(model: ResolvedModel, settings: Settings) -> Embedder:
        tries.append(model)
        if len(tries) == 1:
            raise errors.EmbeddingError("not now")
        return FakeEmbedder()

    build(settings, documents)
    app = open_page(load=load)
    with pytest.raises(errors.EmbeddingError):
        resources.searcher("default").wait_for_model()
    assert ZH.model_states["failed"].format(device=ZH.devices["auto"]) in said(app.run())
    page = said(check(app))
    assert ZH.all_well in page
    assert ZH.model_states["ready"].format(device="none") in page


def test_all_libraries_have_a_tab_each(open_page: Open, settings: Settings, documents: Path) -> None:
    build(settings, documents)
    build(Settings(index_dir=settings.index_dir, collection="合同_甲_"), documents)
    app = open_page(library=ALL)
    assert [tab.label for tab in app.tabs] == ["默认", r"合同\_甲\_"]
    assert len(app.metric) == 8
    page = said(check(app, "合同_甲_"))
    assert page.count(ZH.all_well) == 1


def test_a_damaged_catalogue_is_told(open_page: Open, settings: Settings, documents: Path) -> None:
    build(settings, documents)
    folder = collection_folder(settings)
    for file in folder.glob("catalog.sqlite*"):
        file.unlink()
    (folder / "catalog.sqlite").write_bytes(b"not a database" * 100)
    app = open_page()
    assert not app.exception
    assert len(app.error) == 1 and ZH.cpu in said(app)
