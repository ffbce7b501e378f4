"""The page on dimension and quality, by what a person sees of it: runs made by hand, a fake model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import resources
from app.jobs import Job, JobRunningError, Jobs, Progress
from app.judgements import RELEVANT, Judgements
from app.searcher import Searcher
from app.text import explain
from app.text.dimensions import EN, ZH
from indexer import errors
from indexer.embedding import ResolvedModel
from indexer.settings import Settings
from indexer.store.edge import EdgeStore
from tests.app.runs import outcome, run_data
from tests.app.test_search_page import DOCUMENTS, RETURNS, SPEC, write_index
from tests.fake_embedder import FakeEmbedder

APP = Path(__file__).parents[2] / "streamlit_app.py"
MODEL = ResolvedModel("fake", "folder", None, "", "", 256, (), 512, "fake-256", "fake, for tests")
MEASURED = run_data(
    [
        outcome(256, values=(1.0, 0.8), baseline=True),
        outcome(256, index="hnsw", values=(1.0, 0.8), p50=4.0),
        outcome(128, index="hnsw", values=(1.0, 0.796), p50=2.0, against=(-0.004, 0.0)),
        outcome(
            64,
            index="hnsw",
            values=(1.0, 0.0),
            p50=1.0,
            against=(-0.8, 0.0),
            top=[["p0", "p1"], ["p11", "p1", "p2"]],
        ),
    ],
)

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index as `collection_folder` has it, of the search page's documents."""
    folder = tmp_path_factory.mktemp("dimensions")
    for name, text in DOCUMENTS.items():
        file = folder / "文档" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return write_index(folder / "index", folder / "文档")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The folder of runs and judgements."""
    return tmp_path / "index" / "default"


@pytest.fixture
def open_page(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open the page; `error=` is what opening the index fails with."""

    def opened(error: Exception | None = None, **settings: Any) -> AppTest:
        def open_searcher(given: Settings, _load: object) -> Searcher:
            if error:
                raise error
            return Searcher(EdgeStore(index, SPEC), FakeEmbedder, settings=given)

        monkeypatch.setattr(resources, "open_searcher", open_searcher)
        monkeypatch.setattr(
            resources, "load_settings", lambda: Settings(index_dir=tmp_path / "index", **settings)
        )
        monkeypatch.setattr(resources, "resolve", lambda settings: MODEL)
        st.cache_resource.clear()
        app = AppTest.from_file(str(APP), default_timeout=60)
        return app.run().switch_page("app/views/dimensions.py").run()

    yield opened
    st.cache_resource.clear()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, list[str], str, bool]]:
    """What was started in the background: kind, module, arguments, subject, and whether it makes a run."""
    calls: list[tuple[str, str, list[str], str, bool]] = []

    def start(
        self: Jobs, kind: str, module: str, arguments: Sequence[str], subject: str, *, makes_run: bool = False
    ) -> None:
        calls.append((kind, module, list(arguments), subject, makes_run))

    monkeypatch.setattr(Jobs, "start", start)
    return calls


def keep(
    place: Path, data: dict[str, Any] | str = MEASURED, name: str = "20261125T162000Z-judged.json"
) -> Path:
    file = place / "evaluations" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return file


def said(app: AppTest) -> str:
    """Every sentence on the page; HTML by its text."""
    shown = [*app.info, *app.success, *app.error, *app.warning, *app.caption, *app.markdown]
    html = [unescape(re.sub("<[^>]+>", " ", block.body)) for block in app.main.get("html")]
    return "\n".join([*(element.value for element in shown), *html])


def option(arguments: list[str], name: str) -> str:
    return arguments[arguments.index(f"--{name}") + 1]


def button(app: AppTest, key: str) -> Any:
    return app.button(key=f"dimensions_{key}")


def test_the_page_tells_what_the_index_has_and_that_nothing_was_measured(open_page: Open) -> None:
    app = open_page()
    assert not app.exception
    assert ZH.index_now.format(dim=256, storage="float16", model="fake", full_dim=256, chunks=3) in said(app)
    assert ZH.no_runs in said(app)


def test_the_verdict_is_on_top_with_its_caveats(open_page: Open, place: Path) -> None:
    keep(place)
    app = open_page()
    assert not app.exception
    (verdict,) = app.success
    assert "**128 维 · float32 · HNSW 图** 就够了" in verdict.value
    assert "损失 0.22%" in verdict.value
    for caveat in ("只有 2 个问题", "没有为 128 维训练过"):
        assert caveat in said(app)
    assert "不是质量" not in verdict.value


def test_the_tolerance_moves_the_verdict(open_page: Open, place: Path) -> None:
    keep(place)
    app = open_page()
    app.slider(key="dimensions_tolerance").set_value(0.0).run()
    assert not app.success
    assert "更小的设置都超出了您允许的 0.0%" in said(app)


def test_charts_table_and_downloads_are_there(open_page: Open, place: Path) -> None:
    file = keep(place)
    app = open_page()
    charts = app.get("vega_lite_chart")
    assert len(charts) == 3
    tables = [frame.value for frame in app.dataframe]
    assert any(ZH.cause_truncation in table.columns for table in tables)
    assert any(ZH.column_p95 in table.columns and len(table) == 4 for table in tables)
    assert [b.label for b in app.get("download_button")] == [
        ZH.download_csv,
        ZH.download_json,
        ZH.download_markdown,
    ]
    assert file.exists()


def test_agreement_is_told_as_agreement(open_page: Open, place: Path) -> None:
    overlap = {"metric": "overlap@10"}
    data = run_data(
        [
            outcome(256, values=(1.0, 1.0), baseline=True, **overlap),
            outcome(64, values=(0.9, 0.9), against=(-0.1, -0.1), **overlap),
        ],
        kind="agreement",
        source="agreement",
        **overlap,
    )
    keep(place, data, "20261125T162000Z-agreement.json")
    app = open_page()
    app.slider(key="dimensions_tolerance").set_value(10.0).run()
    assert "与完整向量的一致度是 0.900" in app.success[0].value
    assert ZH.caveats["agreement"] in said(app)


def test_a_question_that_breaks_is_shown_with_both_lists(open_page: Open, place: Path) -> None:
    keep(place)
    app = open_page()
    setting = next(box for box in app.selectbox if box.label == ZH.broken_setting)
    app = setting.select_index([o.startswith("64") for o in setting.options].index(True)).run()
    page = said(app)
    assert ZH.broken_count.format(count=1, lost=1) in page
    assert "几天之内可以退货" in page
    assert "第p0段的原文" in page and ZH.moved_out in page and ZH.moved_new in page
    (link,) = app.get("page_link")
    assert link.proto.label == ZH.open_in_search
    assert "q=%E5%87%A0%E5%A4%A9" in link.proto.query_string


def test_two_runs_are_compared_and_unlike_ones_are_told_apart(open_page: Open, place: Path) -> None:
    keep(place)
    other = MEASURED | {"corpus": MEASURED["corpus"] | {"chunks": 7}}
    keep(place, other, "20261124T100000Z-classical_dev.json")
    app = open_page()
    app.selectbox(key="dimensions_beside").set_value("20261124T100000Z-classical_dev.json").run()
    assert not app.exception
    assert ZH.compare_unlike in said(app)


def test_a_run_is_deleted_when_that_was_meant(open_page: Open, place: Path) -> None:
    file = keep(place)
    app = open_page()
    button(app, f"delete_{file.name}").click().run()
    assert not file.exists()
    assert ZH.no_runs in said(app)


def test_a_broken_run_is_told_and_can_be_deleted(open_page: Open, place: Path) -> None:
    file = keep(place, "{")
    app = open_page()
    assert not app.exception
    assert "读不出来" in said(app)
    button(app, f"delete_{file.name}").click().run()
    assert not file.exists()


def test_known_items_of_the_index_are_proposed_and_started(
    open_page: Open, started: list[Any], tmp_path: Path
) -> None:
    app = open_page()
    assert app.radio(key="dimensions_truth").value == "known-item"
    assert ZH.truth_sentences["known-item"] in said(app)
    app.number_input(key="dimensions_questions").set_value(50).run()
    button(app, "start").click().run()
    ((kind, module, arguments, subject, makes_run),) = started
    assert (kind, module, subject, makes_run) == ("evaluate", "app", "known-item", True)
    assert arguments[0] == "evaluate"
    assert option(arguments, "index") == str((tmp_path / "index").absolute())
    assert option(arguments, "truth") == "known-item"
    assert option(arguments, "questions") == "50"
    assert option(arguments, "dims") == "256,168,128,88,40"
    assert option(arguments, "model") == "fake"


def test_a_set_is_measured_with_its_files(open_page: Open, started: list[Any]) -> None:
    app = open_page()
    app.radio(key="dimensions_truth").set_value("set").run()
    app.selectbox(key="dimensions_set").set_value("sections_dev").run()
    assert ZH.set_sentences["sections_dev"] in said(app)
    button(app, "start").click().run()
    ((_, _, arguments, subject, _),) = started
    assert subject == "sections_dev"
    assert Path(option(arguments, "corpus")).parts[-3:] == ("eval", "sections_dev", "corpus.jsonl")


def test_judged_questions_are_counted_and_needed(open_page: Open, place: Path, started: list[Any]) -> None:
    app = open_page()
    app.radio(key="dimensions_truth").set_value("judged").run()
    assert ZH.judged_none in said(app)
    assert button(app, "start").disabled
    Judgements(place / "judged").judge("几天退货", "c1", RETURNS, RELEVANT)
    app.run()
    assert ZH.judged_so_far.format(questions=1, judgements=1, answered=1) in said(app)
    button(app, "start").click().run()
    assert option(started[0][2], "truth") == "judged"


def test_what_can_not_be_measured_can_not_be_started(open_page: Open) -> None:
    app = open_page()
    app.multiselect(key="dimensions_dims").set_value(["257", "128", "viel"]).run()
    assert ZH.dims_wrong.format(full_dim=256, wrong="257、viel") in said(app)
    assert button(app, "start").disabled
    app.multiselect(key="dimensions_dims").set_value(["128"]).run()
    app.button_group(key="dimensions_storages").set_value([]).run()
    assert ZH.nothing_chosen in said(app)
    assert button(app, "start").disabled


def a_job(**fields: Any) -> Job:
    usual = {
        "id": "1",
        "kind": "evaluate",
        "subject": "classical_dev",
        "started": datetime.now(UTC),
        "state": "running",
        "run": None,
        "progress": None,
        "error": "",
    }
    return Job(**(usual | fields))


def test_a_running_command_shows_how_far_it_is_and_can_be_stopped(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = a_job(progress=Progress("passages", 256, 6000, 75.0))
    monkeypatch.setattr(Jobs, "current", lambda self: job)
    app = open_page()
    (bar,) = app.get("progress")
    assert bar.proto.value == 4
    assert bar.proto.text == "计算段落的向量：256 / 6000 · 这一步大约还要 1 分钟"
    assert "正在评测：古文与今译" in said(app)
    monkeypatch.setattr(
        Jobs, "stop", lambda self: monkeypatch.setattr(Jobs, "current", lambda self: a_job(state="stopped"))
    )
    button(app, "stop").click().run()
    assert ZH.job_stopped in said(app)


def test_one_that_waits_for_another_command_says_so(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Jobs, "current", lambda self: a_job(progress=Progress("waiting", 0, 0, None)))
    (bar,) = open_page().get("progress")
    assert bar.proto.text == ZH.steps["waiting"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"state": "failed", "error": "error: **no** questions"}, r"没有做成：error\: \*\*no\*\* questions"),
        ({"state": "broken off"}, ZH.job_broken_off),
    ],
)
def test_how_a_command_went_wrong_is_told(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, fields: dict[str, str], sentence: str
) -> None:
    monkeypatch.setattr(Jobs, "current", lambda self: a_job(**fields))
    app = open_page()
    assert sentence in said(app)
    assert not app.exception


def test_a_second_command_is_refused_in_a_sentence(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object, **__: object) -> None:
        raise JobRunningError("evaluate of x is running")

    monkeypatch.setattr(Jobs, "start", start)
    app = open_page()
    button(app, "start").click().run()
    assert ZH.job_busy in said(app)


def test_the_verdicts_dimension_is_proposed_to_switch_to(
    open_page: Open, place: Path, started: list[Any]
) -> None:
    keep(place)
    app = open_page()
    switch = button(app, "switch_button_128_float32_none")
    assert switch.label == "从现在起用 128 维"
    switch.click().run()
    ((kind, module, arguments, subject, makes_run),) = started
    assert (kind, module, subject, makes_run) == ("redimension", "indexer", "128", False)
    assert arguments[:2] == ["redimension", "128"]
    assert (option(arguments, "storage"), option(arguments, "rotation")) == ("float32", "none")


def test_what_the_index_has_is_no_switch_and_a_pinned_dimension_is_told(open_page: Open) -> None:
    app = open_page(dim=256)
    (switch,) = (one for one in app.button if str(one.key).startswith("dimensions_switch_button"))
    assert switch.disabled
    assert ZH.switch_same in said(app)
    box = next(box for box in app.selectbox if str(box.key).startswith("dimensions_switch_dim"))
    app = box.set_value(128).run()
    assert ZH.switch_pinned.format(dim=256) in said(app)


def test_a_rotation_is_learnt_and_its_gain_shown(open_page: Open, place: Path, started: list[Any]) -> None:
    data = run_data(
        [
            outcome(256, values=(1.0, 1.0), baseline=True),
            outcome(64, values=(0.5, 0.5)),
            outcome(64, values=(0.75, 0.75), rotated=True),
        ]
    )
    keep(place, data)
    app = open_page()
    (gains,) = [frame.value for frame in app.dataframe if ZH.column_gain in frame.value.columns]
    assert gains[ZH.column_gain].tolist() == [0.25]
    button(app, "rotate").click().run()
    assert started[0][:2] == ("rotate", "indexer") and "--train" in started[0][2]


def test_any_question_is_asked_at_two_settings(open_page: Open) -> None:
    app = open_page()
    app.text_input(key="dimensions_side_question").set_value("几天之内可以退货")
    app.selectbox(key="dimensions_side_right_dim").set_value(64)
    submit = next(b for b in app.button if b.label == ZH.side_ask)
    app = submit.click().run()
    assert not app.exception
    page = said(app)
    assert ZH.overlap.format(count=3) in page
    assert page.count(RETURNS) == 2
    assert "64 维 · float16" in page and "256 维 · float32" in page


def test_without_an_index_a_set_can_be_measured_all_the_same(open_page: Open, started: list[Any]) -> None:
    app = open_page(errors.IndexMissingError("data/index"))
    assert "还没有索引" in said(app)
    assert app.radio(key="dimensions_truth").value == "set"
    button(app, "start").click().run()
    assert started[0][3] == "classical_dev"
    app.radio(key="dimensions_truth").set_value("agreement").run()
    assert ZH.needs_index in said(app)
    assert button(app, "start").disabled


def test_without_the_model_old_runs_can_still_be_read(
    open_page: Open, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(place)

    def missing(name: str) -> ResolvedModel:
        raise errors.ModelMissingError("not here")

    monkeypatch.setattr(resources, "model", missing)
    app = open_page()
    assert explain(errors.ModelMissingError(""), "zh") in said(app)
    assert "就够了" in app.success[0].value
    assert not app.exception


def test_documents_and_names_are_text(open_page: Open, place: Path) -> None:
    hostile = "<script>alert(1)</script> **粗** [链](http://x)"
    data = json.loads(json.dumps(MEASURED))
    data["questions"][1]["text"] = hostile
    data["passages"]["p1"] = {"text": hostile, "shown": hostile}
    data["model"] = hostile
    keep(place, data)
    app = open_page()
    html = "".join(block.body for block in app.main.get("html"))
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html
    assert hostile not in "".join(e.value for e in [*app.markdown, *app.caption])


def test_the_page_speaks_english(open_page: Open, place: Path) -> None:
    keep(place)
    app = open_page()
    app.sidebar.radio(key="lang").set_value("en").run()
    assert not app.exception
    assert "**128 dim · float32 · HNSW graph** will do" in app.success[0].value
    assert EN.not_shown in said(app)
