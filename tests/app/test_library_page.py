"""The library page, by what a person sees of it: a real index, a fake model."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pandas
import pytest
import streamlit as st
from filelock import FileLock
from pypdf import PdfReader, PdfWriter
from streamlit.testing.v1 import AppTest

from app import resources
from app.jobs import JobRunningError, Jobs
from app.judgements import Judgements
from app.plain import in_markdown
from app.searcher import Searcher
from app.text import explain
from app.text.library import EN, ZH
from app.views.libraries import SAMPLES
from indexer import errors
from indexer.catalog import Catalog, SourceRecord
from indexer.model import Document, OcrMode, Page, Problem, Reading
from indexer.pipeline import ingest
from indexer.readers import OnWait, Result, read_all
from indexer.settings import Settings
from indexer.sources import survey
from indexer.store import IndexSpec, collection_folder, read_spec
from indexer.store.edge import EdgeStore
from tests.fake_embedder import FakeEmbedder

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "app" / "views" / "library.py"
APP = ROOT / "streamlit_app.py"
PDFS = ROOT / "tests" / "data" / "pdf"
SPEC = IndexSpec("compact", "fake-256", full_dim=256, dim=128, chunk_tokens=64, overlap_tokens=20)

LAW = "".join(f"第{i}点，说明试用期的工资如何计算。" for i in range(20))
TEA = "绿茶用八十度的水冲泡，味道最好。"
LOCKED = "锁着_的*合同*.pdf"

GOODS = "".join(f"第{i}批货物，验收合格以后付款。" for i in range(20))
SCAN = Problem("no text layer: the page is a picture and needs OCR", 2, kind="scan")
HALF = Document(
    f"{GOODS}\n",
    "半份",
    pages=(
        Page(1, 0, len(GOODS), Reading("ok", 0.934, "pdfium")),
        Page(2, len(GOODS) + 1, len(GOODS) + 1, Reading("unreadable", 0.0, "pdfium", SCAN.reason, "scan")),
    ),
    problems=(SCAN,),
    reading=Reading("suspicious", 0.0, "pdfium", f"page 2: {SCAN.reason}", "scan"),
)

Open = Callable[..., AppTest]


@dataclass
class Started:
    kind: str
    module: str
    arguments: list[str]
    subject: str
    secrets: dict[str, str]


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Two that are read, one of which in GB2312; a PDF with a scanned page; and two failures.

    What is read of the PDFs is `HALF`, and that one is locked, whatever the readers make of them."""
    folder = tmp_path / "文档"
    (folder / "法规").mkdir(parents=True)
    (folder / "法规" / "劳动法.txt").write_bytes(LAW.encode("gb18030"))
    (folder / "喝茶.md").write_text(TEA, encoding="utf-8")
    (folder / "空.txt").write_bytes(b"")
    locked, partly = PdfWriter(), PdfWriter()
    locked.add_page(PdfReader(PDFS / "one_column_embedded.pdf").pages[0])
    locked.encrypt("mima", algorithm="AES-256")
    locked.write(folder / LOCKED)
    partly.add_page(PdfReader(PDFS / "one_column_embedded.pdf").pages[0])
    partly.add_page(PdfReader(PDFS / "scanned_image_only.pdf").pages[0])
    partly.write(folder / "半份.pdf")
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index_dir=tmp_path / "index")


def read_but_pdfs(paths: Iterable[Path], on_wait: OnWait) -> Iterator[Result]:
    for path in paths:
        if path.name == LOCKED:
            yield errors.EncryptedError(path, "it needs a password")
        elif path.suffix == ".pdf":
            yield HALF
        else:
            yield from read_all([path], on_wait)


def build(settings: Settings, *folders: Path) -> None:
    place = collection_folder(settings)
    store = EdgeStore(place, SPEC)
    catalog = Catalog(place, store.spec.index_id)
    ingest(
        survey(folders, ()),
        store,
        catalog,
        FakeEmbedder,
        collection=settings.collection,
        read=read_but_pdfs,
    )
    catalog.close()
    store.close()


@pytest.fixture
def built(settings: Settings, documents: Path) -> Settings:
    build(settings, documents)
    return settings


@pytest.fixture
def open_page(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open the page; `failing=` is what opening the index fails with, others are settings."""

    def opened(
        lang: str = "zh", library: str = "default", failing: Exception | None = None, **more: Any
    ) -> AppTest:
        place_in(monkeypatch, Settings(index_dir=settings.index_dir, **more), failing)
        st.cache_resource.clear()
        app = AppTest.from_file(str(PAGE), default_timeout=60)
        app.session_state["lang"], app.session_state["library"] = lang, library
        return app.run()

    yield opened
    st.cache_resource.clear()


def place_in(monkeypatch: pytest.MonkeyPatch, settings: Settings, failing: Exception | None = None) -> None:
    def open_searcher(given: Settings, _load: object) -> Searcher:
        if failing:
            raise failing
        built = read_spec(given)
        if built is None:
            raise errors.IndexMissingError(str(collection_folder(given)))
        return Searcher(EdgeStore(collection_folder(given), built), FakeEmbedder, settings=given)

    monkeypatch.setattr(resources, "open_searcher", open_searcher)
    monkeypatch.setattr(resources, "load_settings", lambda: settings)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Started]:
    """What would have run in the background."""
    calls: list[Started] = []

    def start(
        self: Jobs, kind: str, module: str, arguments: list[str], subject: str, *, secrets: dict[str, str]
    ) -> None:
        calls.append(Started(kind, module, list(arguments), subject, dict(secrets)))

    monkeypatch.setattr(Jobs, "start", start)
    return calls


def expected(settings: Settings, *paths: Path, more: tuple[str, ...] = (), spec: bool = True) -> list[str]:
    """The arguments of an ingest of these."""
    report = collection_folder(settings) / "ingests" / "report.json"
    return [
        *("ingest", *map(str, paths), "--index", str(settings.index_dir)),
        *("--collection", settings.collection),
        *(("--model", "compact", "--dim", "128") if spec else ()),
        *("--report", str(report)),
        *more,
    ]


def said(app: AppTest) -> str:
    """Every sentence on the page; HTML by its text."""
    shown: list[Any] = [*app.info, *app.success, *app.error, *app.warning, *app.caption, *app.markdown]
    html = [unescape(re.sub("<[^>]+>", " ", block.body)) for block in app.main.get("html")]
    return "\n".join([*(element.value for element in shown), *html])


def table(app: AppTest) -> list[dict[str, Any]]:
    """The rows of the documents' table, by column."""
    return rows(app, 0)


def rows(app: AppTest, number: int) -> list[dict[str, Any]]:
    """Of a table; None where a cell is empty."""
    records = app.dataframe[number].value.to_dict("records")
    return [{name: None if pandas.isna(value) else value for name, value in row.items()} for row in records]


def choose(app: AppTest, name: str, say: Any = ZH) -> AppTest:
    """Click the row of a document."""
    names = [row[say.document] for row in table(app)]
    selection = {"rows": [names.index(name)], "columns": [], "cells": []}
    app.session_state[app.dataframe[0].key] = {"selection": selection}
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [button for button in app.button if button.label == label]
    return button.click().run()


def opened_catalog(settings: Settings) -> Catalog:
    built = read_spec(settings)
    assert built
    return Catalog(collection_folder(settings), built.index_id)


def catalogued(settings: Settings) -> dict[str, SourceRecord]:
    catalog = opened_catalog(settings)
    found = {Path(record.source).name: record for record in catalog.all()}
    catalog.close()
    return found


def recatalogue(settings: Settings, name: str, of_pages: list[Page] | None = None, **changes: Any) -> None:
    """As if it had been read otherwise."""
    record = catalogued(settings)[name]
    catalog = opened_catalog(settings)
    catalog.put(replace(record, **changes), pages=of_pages)
    catalog.close()


# What is there


def test_every_document_is_listed_with_how_it_was_read_the_worst_first(
    open_page: Open, built: Settings
) -> None:
    app = open_page()
    assert not app.exception and not app.error
    listed = table(app)
    assert [(row[ZH.finding], row[ZH.document], row[ZH.folder]) for row in listed] == [
        ("✗ 读不了", "空.txt", "文档"),
        ("✗ 读不了", LOCKED, "文档"),
        ("◐ 存疑", "半份.pdf", "文档"),
        ("✓ 读好了", "喝茶.md", "文档"),
        ("✓ 读好了", "劳动法.txt", "文档/法规"),
    ]
    by_name = {row[ZH.document]: row for row in listed}
    law, tea, pdf = by_name["劳动法.txt"], by_name["喝茶.md"], by_name["半份.pdf"]
    records = catalogued(built)
    assert (law[ZH.chunks], law[ZH.charset]) == (records["劳动法.txt"].chunks, "gb2312")
    assert law[ZH.chunks] > 3
    assert (tea[ZH.chunks], tea[ZH.charset], tea[ZH.engine]) == (1, "utf-8", "markdown-it")
    assert (pdf[ZH.pages], pdf[ZH.engine], pdf[ZH.score]) == (2, "pdfium", 0.0)
    assert law[ZH.score] > 0.6 and by_name[LOCKED][ZH.engine] is None
    assert (law[ZH.engine], law[ZH.size]) == (ZH.engine_own, len(LAW.encode("gb18030")))
    assert "5 / 5 份" in said(app)


@pytest.mark.parametrize(("lang", "say"), [("zh", ZH), ("en", EN)])
def test_each_file_that_was_not_read_well_is_told_with_its_reason_and_what_to_do(
    open_page: Open, built: Settings, lang: str, say: Any
) -> None:
    app = open_page(lang)
    (box,) = [box for box in app.expander if box.label == say.problems_title.format(number=3)]
    told = {block.value.split("**")[1]: block.value for block in box.markdown}
    assert list(told) == ["文档/半份.pdf", "文档/空.txt", r"文档/锁着\_的\*合同\*.pdf"]
    assert say.problems["encrypted"] in told[r"文档/锁着\_的\*合同\*.pdf"]
    assert "it needs a password" in told[r"文档/锁着\_的\*合同\*.pdf"]
    assert say.findings["unreadable"] in told["文档/空.txt"]
    assert say.problems["empty"] in told["文档/空.txt"]
    page_two = say.problem_page.format(page=2)
    assert f"{page_two}{say.list_comma}{say.problems['scan']}" in told["文档/半份.pdf"]
    assert say.findings["suspicious"] in told["文档/半份.pdf"]


@pytest.mark.parametrize(("lang", "say"), [("zh", ZH), ("en", EN)])
def test_a_document_is_told_by_its_verdict_its_score_and_what_read_it(
    open_page: Open, built: Settings, lang: str, say: Any
) -> None:
    recatalogue(built, "劳动法.txt", reading=Reading("ocr", 0.913, "pdfium, rapidocr", "a picture", "ocr"))
    recatalogue(built, "喝茶.md", reading=Reading("repaired", 0.87, "", "wrapped lines", "repaired"))
    by_name = {row[say.document]: row for row in table(open_page(lang))}
    law, tea = by_name["劳动法.txt"], by_name["喝茶.md"]
    assert (law[say.finding], law[say.score]) == (f"✓ {say.findings['ocr']}", 0.913)
    assert law[say.engine] == "pdfium, rapidocr"
    assert (tea[say.finding], tea[say.engine]) == (f"✓ {say.findings['repaired']}", say.engine_own)


def test_ocr_and_repairs_are_no_problems(open_page: Open, settings: Settings, documents: Path) -> None:
    build(settings, documents / "法规")
    by_ocr = Problem("read by OCR", 1, lost=False, kind="ocr")
    recatalogue(settings, "劳动法.txt", reading=Reading("ocr", 0.9, "rapidocr"), problems=(by_ocr,))
    app = open_page()
    assert [row[ZH.finding] for row in table(app)] == ["✓ 文字识别"]
    assert not any("没有读好" in box.label for box in app.expander)


def test_what_was_read_but_could_not_be_indexed_is_a_failure_whatever_its_verdict(
    open_page: Open, built: Settings
) -> None:
    problem = Problem("it can't be embedded: out of memory", kind="not_embedded")
    recatalogue(built, "喝茶.md", state="failed", problems=(problem,), version="")
    app = open_page()
    assert table(app)[0][ZH.finding] == "✗ 没收进来"
    assert ZH.problems["not_embedded"] in said(app)


def test_what_an_earlier_version_read_has_its_state_and_no_score(open_page: Open, built: Settings) -> None:
    for name in ("喝茶.md", "半份.pdf", LOCKED):
        recatalogue(built, name, reading=None)
    by_name = {row[ZH.document]: row for row in table(open_page())}
    told = [(by_name[name][ZH.finding], by_name[name][ZH.engine]) for name in ("喝茶.md", "半份.pdf", LOCKED)]
    assert told == [("✓ 读好了", None), ("◐ 读了一部分", None), ("✗ 没收进来", None)]
    assert {by_name[name][ZH.score] for name in ("喝茶.md", "半份.pdf", LOCKED)} == {None}


def test_a_library_without_problems_tells_of_none(
    open_page: Open, settings: Settings, documents: Path
) -> None:
    build(settings, documents / "法规")
    assert not any("没有读好" in box.label for box in open_page().expander)


def choices(app: AppTest) -> list[str]:
    return list(app.segmented_control(key="library_finding").options)


def test_only_findings_that_occur_are_offered_with_their_numbers(open_page: Open, built: Settings) -> None:
    assert choices(open_page()) == ["全部", "读好了 2", "存疑 1", "读不了 2"]
    by_ocr = Problem("read by OCR", 1, lost=False, kind="ocr")
    recatalogue(built, "喝茶.md", reading=Reading("ocr", 0.9, "rapidocr", "a picture", "ocr"))
    recatalogue(built, "半份.pdf", problems=(SCAN, by_ocr))
    app = open_page()
    assert choices(app) == ["全部", "读好了 1", "文字识别 2", "存疑 1", "读不了 2"]
    app.segmented_control(key="library_finding").set_value("ocr").run()
    assert [row[ZH.document] for row in table(app)] == ["半份.pdf", "喝茶.md"]


def test_the_list_is_narrowed_by_verdict_and_by_a_part_of_the_name_in_either_script(
    open_page: Open, built: Settings
) -> None:
    app = open_page()
    app.text_input(key="library_find").set_value("勞動").run()
    assert [row[ZH.document] for row in table(app)] == ["劳动法.txt"]
    assert "1 / 5 份" in said(app)
    app.segmented_control(key="library_finding").set_value("unreadable").run()
    assert "0 / 5 份" in said(app)
    app.text_input(key="library_find").set_value("").run()
    assert {row[ZH.document] for row in table(app)} == {"空.txt", LOCKED}
    app.segmented_control(key="library_finding").set_value("").run()
    app.text_input(key="library_find").set_value("法規").run()
    assert [row[ZH.document] for row in table(app)] == ["劳动法.txt"]
    assert not app.exception


def test_a_row_that_was_chosen_is_not_taken_for_another_s_when_the_list_is_narrowed(
    open_page: Open, built: Settings
) -> None:
    app = choose(open_page(), "劳动法.txt")
    assert "#### 文档/法规/劳动法.txt" in said(app)
    app.text_input(key="library_find").set_value("喝茶").run()
    assert "####" not in said(app) and not app.exception


def test_an_empty_library_says_so_and_offers_to_add(open_page: Open) -> None:
    app = open_page()
    assert not app.exception and not app.error
    assert ZH.no_documents in said(app)
    assert not app.dataframe
    (add,) = [box for box in app.expander if box.label == ZH.add]
    assert add.proto.expanded


# What goes wrong


def test_an_index_that_can_not_be_read_is_a_sentence(open_page: Open, built: Settings) -> None:
    (collection_folder(built) / "spec.json").write_text("not JSON", encoding="utf-8")
    app = open_page()
    assert not app.exception
    assert [box.value for box in app.error] == [explain(errors.StoreError(), "zh")]
    assert "Traceback" not in said(app) and "spec.json is damaged" in app.code[0].value


def test_a_catalogue_that_is_damaged_is_a_sentence(open_page: Open, built: Settings) -> None:
    for file in collection_folder(built).glob("catalog.sqlite*"):
        file.unlink()
    (collection_folder(built) / "catalog.sqlite").write_bytes(b"not a database" * 100)
    app = open_page()
    assert not app.exception
    assert len(app.error) == 1 and "Traceback" not in said(app)


def test_a_library_name_of_an_address_that_can_be_none_is_a_sentence(open_page: Open) -> None:
    app = open_page(library="../别处")
    assert not app.exception
    assert [box.value for box in app.error] == [explain(errors.SettingsError(), "zh")]


def test_where_the_index_is_held_the_documents_are_listed_all_the_same(
    open_page: Open, built: Settings
) -> None:
    app = open_page(failing=errors.IndexBusyError("owner 42"))
    assert not app.exception
    assert len(table(app)) == 5
    busy = explain(errors.IndexBusyError(), "zh")
    assert busy in [box.value for box in app.error]
    app = choose(app, "劳动法.txt")
    assert not app.exception and [box.value for box in app.error].count(busy) == 2


# One document


def test_a_document_shows_its_passages_and_what_they_repeat(
    open_page: Open, built: Settings, documents: Path
) -> None:
    app = choose(open_page(), "劳动法.txt")
    html = "".join(block.body for block in app.main.get("html"))
    shown = re.sub(r'<span class="xz-repeated">.*?</span>', "", html)
    assert all(f"第{i}点，说明试用期的工资如何计算。" in shown for i in range(20))
    assert '<span class="xz-repeated">第' in html
    assert ZH.no_pages not in said(app)
    assert ZH.no_pages in said(open_pages(app, documents, "劳动法.txt"))


def open_pages(app: AppTest, documents: Path, name: str) -> AppTest:
    """The tab is drawn when it is opened."""
    (source,) = documents.rglob(name)
    app.session_state[f"tabs_{source}"] = ZH.page_by_page
    return app.run()


def choose_page(app: AppTest, number: int) -> AppTest:
    """Click the row of a page."""
    selection = {"rows": [number - 1], "columns": [], "cells": []}
    app.session_state[app.dataframe[1].key] = {"selection": selection}
    return app.run()


def page_rows(app: AppTest) -> list[dict[str, Any]]:
    return rows(app, 1)


@pytest.mark.parametrize(("lang", "say"), [("zh", ZH), ("en", EN)])
def test_a_pdf_shows_how_each_page_was_read(
    open_page: Open, built: Settings, documents: Path, lang: str, say: Any
) -> None:
    app = choose(open_page(lang), "半份.pdf", say)
    app.session_state[f"tabs_{documents / '半份.pdf'}"] = say.page_by_page
    app.run()
    assert not app.exception and not app.error
    first, second = page_rows(app)
    assert (first[say.page_number], first[say.finding], first[say.score]) == (
        *(1, f"✓ {say.findings['ok']}", 0.934),
    )
    assert (first[say.engine], first[say.page_characters]) == ("pdfium", len(GOODS))
    assert first[say.page_reason] is None
    assert (second[say.page_number], second[say.finding]) == (2, f"✗ {say.findings['unreadable']}")
    assert (second[say.page_characters], second[say.page_reason]) == (0, say.problems["scan"])
    reason = in_markdown(SCAN.reason)
    assert said(app).count(reason) == 1  # among the problems of the library
    choose_page(app, 2)
    assert f"**✗ {say.findings['unreadable']}**　{say.problems['scan']}" in said(app)
    assert said(app).count(reason) == 2


def test_every_verdict_of_a_page_is_told(open_page: Open, built: Settings, documents: Path) -> None:
    readings = [
        Reading("ok", 1.0, ""),
        Reading("repaired", 0.9, "pypdf", "pypdf read it", "other_engine"),
        Reading("ocr", 0.97, "rapidocr", "read by OCR", "ocr"),
        Reading("suspicious", 0.41, "pdfium", "its characters are rare ones", "doubtful"),
    ]
    places = [(0, 0), (0, 20), (20, 30), (30, 40)]
    pages = [Page(i, *places[i - 1], reading) for i, reading in enumerate(readings, 1)]
    recatalogue(built, "半份.pdf", pages)
    app = open_pages(choose(open_page(), "半份.pdf"), documents, "半份.pdf")
    assert [(row[ZH.finding], row[ZH.engine], row[ZH.page_reason]) for row in page_rows(app)] == [
        (ZH.page_empty, None, None),
        ("✓ 已修复", "pypdf", ZH.problems["other_engine"]),
        ("✓ 文字识别", "rapidocr", ZH.problems["ocr"]),
        ("◐ 存疑", "pdfium", ZH.problems["doubtful"]),
    ]


def shown_page(app: AppTest) -> str:
    """The text of the page that is chosen: the last passage on the page."""
    return unescape(re.findall(r'<div class="xz-passage"[^>]*>([^<]*)</div>', html_of(app))[-1])


def html_of(app: AppTest) -> str:
    return "".join(block.body for block in app.main.get("html"))


def test_a_page_s_text_is_what_the_index_has_and_the_file_is_not_read_for_it(
    open_page: Open, built: Settings, documents: Path
) -> None:
    app = open_pages(choose(open_page(), "半份.pdf"), documents, "半份.pdf")
    assert shown_page(app) == GOODS
    (documents / "半份.pdf").write_bytes(b"something else")
    assert shown_page(app.run()) == GOODS
    (documents / "半份.pdf").unlink()
    app.run()
    assert shown_page(app) == GOODS and ZH.file_gone in said(app)
    assert not app.exception and not app.get("image")


def test_a_page_without_text_shows_its_picture(open_page: Open, built: Settings, documents: Path) -> None:
    app = choose_page(open_pages(choose(open_page(), "半份.pdf"), documents, "半份.pdf"), 2)
    assert not app.exception and not app.error
    assert len(app.get("image")) == 1


def test_only_a_pdf_has_pictures(open_page: Open, built: Settings, documents: Path) -> None:
    page = Page(1, 0, len(TEA), Reading("ok", 1.0, "python-pptx"))
    recatalogue(built, "喝茶.md", [page], pages=1)
    app = open_pages(choose(open_page(), "喝茶.md"), documents, "喝茶.md")
    assert not app.exception and not app.error
    assert shown_page(app) == TEA and not app.get("image")
    assert ZH.page_picture not in said(app)


def test_pages_that_an_earlier_version_read_are_judged_when_they_are_read_again(
    open_page: Open, built: Settings, documents: Path
) -> None:
    recatalogue(built, "半份.pdf", [], reading=None)
    app = open_pages(choose(open_page(), "半份.pdf"), documents, "半份.pdf")
    assert not app.exception and not app.error
    assert ZH.pages_unjudged in said(app)
    assert len(app.get("image")) == 1  # as they look, all the same


def test_pages_of_a_document_that_failed_later_are_said_to_be_those_of_before(
    open_page: Open, built: Settings, documents: Path
) -> None:
    locked = Problem("it needs a password", kind="encrypted")
    recatalogue(built, "半份.pdf", state="failed", problems=(locked,), reading=Reading("unreadable", 0.0, ""))
    app = open_pages(choose(open_page(), "半份.pdf"), documents, "半份.pdf")
    assert ZH.pages_earlier in said(app)
    assert shown_page(app) == GOODS


def test_a_document_that_is_on_its_way_into_the_index_is_said_to_be(
    open_page: Open, built: Settings, documents: Path
) -> None:
    recatalogue(built, "半份.pdf", version="another")
    app = open_pages(choose(open_page(), "半份.pdf"), documents, "半份.pdf")
    assert not app.exception and not app.error
    assert [caption.value for caption in app.caption].count(ZH.being_written) == 2
    assert [row[ZH.finding] for row in page_rows(app)] == ["✓ 读好了", "✗ 读不了"]


def test_where_the_index_is_held_the_pages_are_judged_all_the_same(
    open_page: Open, built: Settings, documents: Path
) -> None:
    app = choose(open_page(failing=errors.IndexBusyError("owner 42")), "半份.pdf")
    app = open_pages(app, documents, "半份.pdf")
    assert not app.exception
    assert [row[ZH.finding] for row in page_rows(app)] == ["✓ 读好了", "✗ 读不了"]
    assert ZH.being_written not in said(app)


def test_a_document_of_which_nothing_was_read_can_be_chosen_to_mend_or_remove_it(
    open_page: Open, built: Settings, documents: Path
) -> None:
    for name in (LOCKED, "空.txt"):
        app = choose(open_page(), name)
        assert not app.exception
        assert ZH.page_empty in said(app)
        assert app.button(key=f"reread_{documents / name}").label == ZH.reread_button
        assert app.button(key=f"remove_{documents / name}").label == ZH.remove_sure


def test_a_document_whose_file_is_gone_still_has_its_passages(
    open_page: Open, built: Settings, documents: Path
) -> None:
    app = open_pages(choose(open_page(), "喝茶.md"), documents, "喝茶.md")
    (documents / "喝茶.md").unlink()
    app.run()
    assert not app.exception
    assert ZH.file_gone in said(app) and TEA in said(app)


def test_an_unreadable_pdf_says_why_and_shows_its_pages(
    open_page: Open, built: Settings, documents: Path
) -> None:
    app = open_pages(choose(open_page(), LOCKED), documents, LOCKED)
    assert not app.exception
    assert ZH.problems["encrypted"] in said(app)


# Reading again


def test_a_text_is_read_again_in_a_named_charset(
    open_page: Open, built: Settings, documents: Path, started: list[Started]
) -> None:
    app = choose(open_page(), "劳动法.txt")
    source = documents / "法规" / "劳动法.txt"
    assert not [box for box in app.text_input if box.label == ZH.password]
    app.selectbox(key=f"charset_{source}").set_value("gb18030")
    app = app.button(key=f"reread_{source}").click().run()
    assert not app.exception
    more = ("--again", "--encoding", "gb18030")
    assert started == [Started("ingest", "indexer", expected(built, source, more=more), "劳动法.txt", {})]


def test_a_text_is_read_again_by_what_its_bytes_speak_for_where_none_is_named(
    open_page: Open, built: Settings, documents: Path, started: list[Started]
) -> None:
    source = documents / "喝茶.md"
    choose(open_page(), "喝茶.md").button(key=f"reread_{source}").click().run()
    assert [call.arguments for call in started] == [expected(built, source, more=("--again",))]


def test_a_password_is_a_secret_and_no_argument(
    open_page: Open, built: Settings, documents: Path, started: list[Started]
) -> None:
    app = choose(open_page(), LOCKED)
    source = documents / LOCKED
    assert not [box for box in app.selectbox if box.label == ZH.encoding]
    app.text_input(key=f"password_{source}").set_value("芝麻 sesame")
    app.button(key=f"reread_{source}").click().run()
    (call,) = started
    assert call.arguments == expected(built, source, more=("--again", "--ocr", "auto"))
    assert call.secrets == {"XUNZHANG_DOCUMENT_PASSWORD": "芝麻 sesame"}
    assert "sesame" not in f"{call.arguments}{call.subject}"
    kept = (file for file in built.index_dir.rglob("*") if file.is_file())
    assert not any(b"sesame" in file.read_bytes() for file in kept)


@pytest.mark.parametrize(
    ("configured", "chosen", "asked"), [("auto", "always", "always"), ("never", None, "never")]
)
def test_a_pdf_is_read_again_by_ocr_as_chosen_or_else_as_the_settings_say(
    open_page: Open,
    built: Settings,
    documents: Path,
    started: list[Started],
    configured: OcrMode,
    chosen: OcrMode | None,
    asked: str,
) -> None:
    app = choose(open_page(ocr=configured), "半份.pdf")
    source = documents / "半份.pdf"
    box = app.selectbox(key=f"ocr_{source}")
    assert (box.value, box.options) == (configured, ["自动", "总是", "从不"])
    if chosen:
        box.set_value(chosen)
    app = app.button(key=f"reread_{source}").click().run()
    assert not app.exception
    assert [call.arguments for call in started] == [expected(built, source, more=("--again", "--ocr", asked))]


def test_only_a_pdf_can_be_read_by_ocr(open_page: Open, built: Settings) -> None:
    app = choose(open_page(), "喝茶.md")
    assert not [box for box in app.selectbox if (box.key or "").startswith("ocr_")]


def test_two_at_once_are_refused_in_place(
    open_page: Open, built: Settings, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(*_: object, **__: object) -> None:
        raise JobRunningError("ingest of x is running")

    monkeypatch.setattr(Jobs, "start", start)
    app = choose(open_page(), "喝茶.md").button(key=f"reread_{documents / '喝茶.md'}").click().run()
    assert [box.value for box in app.warning] == [ZH.job_busy]
    assert not app.exception


# Removing


def test_a_document_that_is_removed_is_found_no_more_and_its_file_stays(
    open_page: Open, built: Settings, documents: Path
) -> None:
    app = choose(open_page(), "劳动法.txt")
    source = documents / "法规" / "劳动法.txt"
    store = resources.searcher("default").store
    before = store.count()
    app = app.button(key=f"remove_{source}").click().run()
    assert not app.exception
    assert [box.value for box in app.success] == [ZH.removed.format(name="劳动法.txt")]
    assert "劳动法.txt" not in {row[ZH.document] for row in table(app)}
    assert "劳动法.txt" not in catalogued(built)
    assert 0 < store.count() < before
    assert resources.searcher("default").search("试用期的工资", "lexical").hits == ()
    assert source.read_bytes() == LAW.encode("gb18030")
    assert not app.run().success  # told once


def test_a_failure_is_removed_from_the_list_too(open_page: Open, built: Settings, documents: Path) -> None:
    app = choose(open_page(), LOCKED).button(key=f"remove_{documents / LOCKED}").click().run()
    assert not app.exception and not app.error
    assert LOCKED not in catalogued(built) and (documents / LOCKED).exists()
    assert any(box.label == ZH.problems_title.format(number=2) for box in app.expander)


def test_an_uploaded_copy_goes_with_its_document_and_its_neighbours_stay(
    open_page: Open, settings: Settings, documents: Path
) -> None:
    uploads = collection_folder(settings) / "上传"
    uploads.mkdir(parents=True)
    for name in ("茶.txt", "别的.txt"):
        (uploads / name).write_text(TEA + name, encoding="utf-8")
    build(settings, uploads, documents / "法规")
    app = choose(open_page(), "茶.txt")
    assert ZH.remove_uploaded in said(app) and ZH.remove_help not in said(app)
    app = app.button(key=f"remove_{uploads / '茶.txt'}").click().run()
    assert not app.exception
    assert not (uploads / "茶.txt").exists() and (uploads / "别的.txt").exists()
    assert set(catalogued(settings)) == {"别的.txt", "劳动法.txt"}


def test_a_document_that_can_not_be_removed_stays_and_the_failure_is_told(
    open_page: Open, built: Settings, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove(*_: object) -> None:
        raise errors.IndexBusyError("owner 42")

    monkeypatch.setattr("app.views.library_document.remove_sources", remove)
    app = choose(open_page(), "喝茶.md").button(key=f"remove_{documents / '喝茶.md'}").click().run()
    assert explain(errors.IndexBusyError(), "zh") in [box.value for box in app.error]
    assert not app.exception and "喝茶.md" in catalogued(built)


# Adding


def uploader(app: AppTest, key: str) -> Any:
    (found,) = [uploader for uploader in app.file_uploader if uploader.key == key]
    return found


def submit(app: AppTest, form: str) -> AppTest:
    (button,) = [button for button in app.button if button.form_id == form]
    return button.click().run()


def test_uploads_are_kept_in_the_library_s_folder_and_indexed_from_there(
    open_page: Open, settings: Settings, started: list[Started]
) -> None:
    app = open_page()
    uploader(app, "library_files").upload("茶.txt", TEA.encode()).upload("法 规.md", LAW.encode())
    app = submit(app, "library_upload_files")
    assert not app.exception
    uploads = collection_folder(settings) / "上传"
    assert (uploads / "茶.txt").read_text(encoding="utf-8") == TEA
    assert (uploads / "法 规.md").read_text(encoding="utf-8") == LAW
    by_settings = ("--ocr", "auto")
    assert [call.arguments for call in started] == [expected(settings, uploads, more=by_settings, spec=False)]
    assert ZH.saved.format(files=2) in said(app)


@pytest.mark.parametrize("which", ["files", "folder"])
def test_uploads_are_read_by_ocr_as_chosen(
    open_page: Open, settings: Settings, started: list[Started], which: str
) -> None:
    app = open_page(ocr="never")
    uploader(app, f"library_{which}").upload("茶.txt", TEA.encode())
    app.selectbox(key=f"library_ocr_{which}").set_value("always")
    submit(app, f"library_upload_{which}")
    uploads = collection_folder(settings) / "上传"
    assert [call.arguments for call in started] == [
        expected(settings, uploads, more=("--ocr", "always"), spec=False)
    ]


def a_zip(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return data.getvalue()


def test_what_is_refused_of_an_upload_is_told_beside_what_was_kept(
    open_page: Open, settings: Settings, started: list[Started]
) -> None:
    app = open_page()
    archive = a_zip(茶__txt=TEA.encode(), 内__zip=a_zip(x__txt=b"x"))
    uploader(app, "library_files").upload("一包.zip", archive).upload("坏.zip", b"no archive")
    app = submit(app, "library_upload_files")
    assert not app.exception
    assert len(started) == 1
    told = "\n".join(box.value for box in app.warning)
    assert "内.zip" in told and "坏.zip" in told
    assert ZH.saved.format(files=1) in said(app)
    assert not app.run().warning  # told once


def test_where_nothing_of_an_upload_is_kept_nothing_is_indexed(
    open_page: Open, settings: Settings, started: list[Started]
) -> None:
    app = open_page()
    uploader(app, "library_files").upload("坏.zip", b"no archive")
    app = submit(app, "library_upload_files")
    assert not app.exception and started == []
    assert any("坏.zip" in box.value for box in app.warning)
    assert started == []


@pytest.mark.parametrize("which", ["files", "folder"])
def test_that_no_file_is_chosen_is_told(open_page: Open, started: list[Started], which: str) -> None:
    app = submit(open_page(), f"library_upload_{which}")
    assert [box.value for box in app.warning] == [ZH.no_files] and started == []


def test_folders_of_this_machine_are_only_those_the_settings_allow(
    open_page: Open, built: Settings, documents: Path, started: list[Started]
) -> None:
    app = open_page()
    assert ZH.add_server_none in said(app)
    assert not [button for button in app.button if button.key == "library_server"]

    gone = documents.parent / "没有了"
    app = open_page(folders=(documents, gone))
    assert app.selectbox(key="library_root").options == [str(documents)]
    below = app.selectbox(key=f"library_below_{documents}")
    assert below.options == [ZH.server_all, "法规"]
    below.set_value("法规")
    app.button(key="library_server").click().run()
    app.checkbox(key="library_mirror").check()
    app.selectbox(key="library_ocr_server").set_value("never")
    app.selectbox(key=f"library_below_{documents}").set_value("")
    app.button(key="library_server").click().run()
    assert [call.arguments for call in started] == [
        expected(built, documents / "法规", more=("--ocr", "auto")),
        expected(built, documents, more=("--mirror", "--ocr", "never")),
    ]


def test_a_link_that_leads_out_of_an_allowed_folder_is_not_followed(
    open_page: Open, built: Settings, documents: Path, tmp_path: Path, started: list[Started]
) -> None:
    secret = tmp_path / "机密"
    secret.mkdir()
    (documents / "门").symlink_to(secret)
    (documents / ".隐藏").mkdir()
    app = open_page(folders=(documents,))
    below = app.selectbox(key=f"library_below_{documents}")
    assert ".隐藏" not in below.options
    if "门" in below.options:
        below.set_value("门")
        app = app.button(key="library_server").click().run()
    assert started == [] and not app.exception


def test_the_samples_are_a_click_away(open_page: Open, settings: Settings, started: list[Started]) -> None:
    open_page().button(key="library_samples").click().run()
    assert [call.arguments for call in started] == [expected(settings, SAMPLES, spec=False)]
    assert SAMPLES.is_dir()


# New libraries


def name_box(app: AppTest) -> Any:
    (box,) = [box for box in app.text_input if box.label == ZH.name]
    return box


@pytest.mark.model
def test_a_new_library_is_made_chosen_and_there_with_its_own_dimension(
    built: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_in(monkeypatch, Settings(index_dir=built.index_dir, model="compact"))
    st.cache_resource.clear()
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    app = app.switch_page("app/views/library.py").run()
    name_box(app).set_value(" 合同_甲 ").run()
    app.selectbox(key="library_model").set_value("compact").run()
    dims = app.selectbox(key="library_dim_compact")
    assert dims.options[0] == ZH.dim_full and len(dims.options) > 1
    shorter = dims.options[1]
    dims.set_value(int(shorter))
    app = app.button(key="library_create").click().run()
    assert not app.exception and not app.error
    made = read_spec(Settings(index_dir=built.index_dir, collection="合同_甲"))
    assert made and (made.model, made.dim) == ("compact", int(shorter))
    assert [box.value for box in app.success] == [ZH.created.format(name=r"合同\_甲")]
    assert app.session_state["library"] == "合同_甲"
    assert ZH.no_documents in said(app)
    assert name_box(app).value == ""

    name_box(app).set_value("合同_甲").run()
    app = app.button(key="library_create").click().run()
    assert [box.value for box in app.error] == [ZH.bad_name]
    assert read_spec(Settings(index_dir=built.index_dir, collection="合同_甲")) == made
    st.cache_resource.clear()


@pytest.mark.parametrize("name", ["default", "a/b", "..", "*", ".x", "a:b"])
def test_a_name_that_is_taken_or_can_be_none_makes_no_library(
    open_page: Open, built: Settings, name: str
) -> None:
    before = read_spec(built)
    app = open_page()
    name_box(app).set_value(name).run()
    app = app.button(key="library_create").click().run()
    assert not app.exception
    assert [box.value for box in app.error] == [ZH.bad_name]
    assert read_spec(built) == before
    assert [place.parent.name for place in built.index_dir.rglob("spec.json")] == ["default"]


def test_without_a_name_there_is_nothing_to_press(open_page: Open) -> None:
    app = open_page()
    assert app.button(key="library_create").disabled
    name_box(app).set_value("  　 ").run()
    assert app.button(key="library_create").disabled


# How the last one ended


def kept_job(
    settings: Settings, status: int | None, report: dict[str, Any] | None, stopped: bool = False
) -> None:
    """What an ingest leaves behind."""
    folder = collection_folder(settings) / "ingests"
    folder.mkdir(parents=True, exist_ok=True)
    job = {
        **{"id": "1", "kind": "ingest", "subject": "文档", "run": None, "stopped": stopped},
        "started_at": "2026-01-01T00:00:00+00:00",
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    (folder / "job.pid").write_text("1", encoding="utf-8")
    if status is not None:
        (folder / "job.ended").write_text(str(status), encoding="utf-8")
    if report is not None:
        (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")


def test_one_that_runs_says_which_page_of_which_file_it_reads(open_page: Open, built: Settings) -> None:
    kept_job(built, None, None)
    folder = collection_folder(built) / "ingests"
    progress = {"what": "文档/一_*书*.pdf (3/20)", "done": 1, "total": 4, "chunks": 56, "left_seconds": 80.0}
    (folder / "progress.json").write_text(json.dumps(progress), encoding="utf-8")
    with FileLock(folder / "job.lock"):
        app = open_page()
    assert not app.exception
    assert r"文档/一\_\*书\*.pdf (3/20)" in [caption.value for caption in app.caption]
    (bar,) = app.get("progress")
    assert bar.proto.text == "1 / 4 个文件，56 段，大约还要 80 秒"


def test_one_that_waits_for_another_command_says_so(open_page: Open, built: Settings) -> None:
    kept_job(built, None, None)
    folder = collection_folder(built) / "ingests"
    (folder / "progress.json").write_text('{"what": "waiting", "done": 0, "total": 0}', encoding="utf-8")
    with FileLock(folder / "job.lock"):
        (bar,) = open_page().get("progress")
    assert bar.proto.text == ZH.job_waiting


SKIPPED = {"source": "/x/图_1_.png", "outcome": "skipped"}


@pytest.mark.parametrize(
    ("status", "report", "kind", "sentence"),
    [
        (
            0,
            {"counts": {"indexed": 2, "unchanged": 1}, "sources": []},
            "success",
            "新增或更新 2 份，没变 1 份",
        ),
        (3, {"counts": {"indexed": 2, "failed": 1}, "sources": []}, "warning", "新增或更新 2 份，失败 1 份"),
        (1, {"counts": {}, "sources": []}, "warning", ZH.job_nothing),
        (1, None, "error", "索引没有完成"),
        (None, None, "warning", ZH.job_broken_off),
    ],
)
def test_how_the_last_one_ended_is_told(
    open_page: Open, built: Settings, status: int | None, report: Any, kind: str, sentence: str
) -> None:
    kept_job(built, status, report)
    app = open_page()
    assert not app.exception
    assert any(sentence in box.value for box in getattr(app, kind))
    started_at = datetime(2026, 1, 1, tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    assert ("新增或更新" in sentence) is any(started_at in box.value for box in getattr(app, kind))


def test_what_was_skipped_is_told_with_an_example(open_page: Open, built: Settings) -> None:
    kept_job(built, 0, {"counts": {"indexed": 1, "skipped": 2}, "sources": [SKIPPED, SKIPPED]})
    assert ZH.skipped.format(number=2, name=r"图\_1\_.png") in said(open_page())


@pytest.mark.parametrize("content", ["", "null", "[]", "{", "{}"])
def test_a_report_that_is_none_breaks_nothing(open_page: Open, built: Settings, content: str) -> None:
    kept_job(built, 0, None)
    (collection_folder(built) / "ingests" / "report.json").write_text(content, encoding="utf-8")
    app = open_page()
    assert not app.exception
    assert len(table(app)) == 5


# Judgements


def test_judgements_come_from_a_file_and_are_told(open_page: Open, built: Settings) -> None:
    app = open_page()
    assert any(box.label == ZH.judged.format(judgements=0) for box in app.expander)
    lines = [
        "question\tpassage\tscore",
        f"怎么泡茶\t{TEA}\t1",
        "怎么泡茶\t不在这里的一段\t0",
        f"试用期\t{TEA}\t0",
    ]
    uploader(app, "judged_file").upload("表.tsv", "\n".join(lines).encode())
    app = press(app, ZH.judged_import_button)
    assert not app.exception
    told = ZH.judged_imported.format(judgements=3, questions=2, unknown=1)
    assert [box.value for box in app.success] == [told]
    assert any(box.label == ZH.judged.format(judgements=3) for box in app.expander)
    (tea,) = [r for r in resources.searcher("default").store.scroll(limit=100)[0] if r.payload["text"] == TEA]
    grades = Judgements(collection_folder(built) / "judged").read().grades
    assert grades["怎么泡茶"][tea.id] == 1 and grades["试用期"] == {tea.id: 0}


def test_judgements_go_into_files_that_can_be_imported_again(
    open_page: Open, built: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: dict[str, tuple[Callable[[], bytes], bool]] = {}
    offer = st.download_button

    def download_button(label: str, data: Any, name: str, **more: Any) -> bool:
        offered[name] = (data, more["disabled"])
        return offer(label, data, name, **more)

    monkeypatch.setattr(st, "download_button", download_button)
    open_page()
    assert {name: disabled for name, (_, disabled) in offered.items()} == {
        "default-beir.zip": True,
        "default.tsv": True,
    }
    judgements = Judgements(collection_folder(built) / "judged")
    judgements.judge("怎么泡茶", "c1", TEA, 1, title="喝茶")
    open_page()
    assert not any(disabled for _, disabled in offered.values())
    table_bytes = offered["default.tsv"][0]()
    assert table_bytes.startswith(b"\xef\xbb\xbf")
    assert f"怎么泡茶\t{TEA}\t1\t喝茶\tc1" in table_bytes.decode("utf-8-sig")
    for name in ("default.tsv", "default-beir.zip"):
        data = offered[name][0]()
        for file in judgements.folder.iterdir():
            file.unlink()
        app = open_page()
        uploader(app, "judged_file").upload(name, data)
        app = press(app, ZH.judged_import_button)
        assert not app.exception and not app.error
        (grades,) = judgements.read().grades.values()
        assert list(grades.values()) == [1]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("表.tsv", b""),
        ("表.tsv", "问题\t段落\n一\t二".encode()),
        ("表.tsv", b"question\tpassage\tscore\nq\tp\tgood"),
        ("包.zip", b"no archive"),
        ("包.zip", a_zip(a__txt=b"x")),
    ],
)
def test_a_file_that_holds_no_judgements_is_refused_whole(
    open_page: Open, built: Settings, name: str, data: bytes
) -> None:
    app = open_page()
    uploader(app, "judged_file").upload(name, data)
    app = press(app, ZH.judged_import_button)
    assert not app.exception
    assert len(app.error) == 1 and name in app.code[0].value
    assert Judgements(collection_folder(built) / "judged").read().judgements == 0


def test_a_library_without_an_index_has_no_judgements_to_show(open_page: Open) -> None:
    assert not any("问题与判断" in box.label for box in open_page().expander)
