"""A person at the page on dimension and quality: the real app and commands, the compact model, Chromium."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.running_app import ROOT, choose, chromium, drawn, ingest, running_app

pytestmark = [pytest.mark.browser, pytest.mark.model]

SAMPLES = ROOT / "data" / "samples"
DOCUMENTS = ("laws/社会法__劳动法(2018-12-29).md", "laws/民法商法__消费者权益保护法(2013-10-25).md")
PATIENCE_MS = 60_000
RUN_MS = 150_000  # of an evaluation


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("dimensions")
    (place / "资料").mkdir()
    for name in DOCUMENTS:
        shutil.copy(SAMPLES / name, place / "资料")
    ingest(place / "资料", place / "index")
    return place / "index"


@pytest.fixture(scope="module")
def address(index: Path) -> Iterator[str]:
    with running_app(index, index.parent / "app.log") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def open_tab(page: Page, name: str) -> None:
    drawn(page)
    page.get_by_role("tab", name=name, exact=True).click()


def choose_little(page: Page) -> None:
    """Two dimensions, two storages, few questions; plain and rotated."""
    dims = page.get_by_test_id("stMultiSelect").get_by_role("combobox")
    for _ in range(3):  # of five; the last are the shortest
        dims.press("Backspace")
    dims.press("Escape")
    questions = page.get_by_label("最多用多少个问题")
    questions.fill("30")
    questions.press("Enter")
    expect(page.get_by_text("一共 12 种设置").first).to_be_visible()


def test_a_run_from_the_choice_to_the_switch(page: Page, address: str, index: Path) -> None:
    page.goto(f"{address}/dimensions")
    expect(page.get_by_text("索引现在用：384 维", exact=False).first).to_be_visible(timeout=PATIENCE_MS)
    choose_little(page)

    # A run that is stopped leaves nothing.
    page.get_by_role("button", name="开始评测").click()
    page.get_by_role("button", name="停止").click()
    expect(page.get_by_text("已停止。").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("还没有评测过", exact=False).first).to_be_visible()

    page.get_by_role("button", name="开始评测").click()
    expect(page.get_by_text("正在评测：", exact=False).first).to_be_visible(timeout=PATIENCE_MS)
    verdict = page.get_by_test_id("stAlert").filter(has_text="在自动出的题上")
    expect(verdict).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_text("评测完成。").first).to_be_visible()
    expect(page.get_by_text(re.compile("只有 \\d+ 个问题，不到 100 个")).first).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()

    # The run is the file that the shell writes, and the picture is the browser's own.
    (file,) = (index / "default" / "evaluations").glob("*-known-item.json")
    assert json.loads(file.read_text(encoding="utf-8"))["truth"]["kind"] == "known-item"
    chart = page.get_by_test_id("stVegaLiteChart").first
    chart.hover()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as PNG").first.click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")

    open_tab(page, "明细")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载报告（Markdown）").click()
    report = Path(download.value.path()).read_text(encoding="utf-8")
    assert report.startswith("# 维度与质量：从文档自动出的题") and "## 结论" in report

    open_tab(page, "并排比较")
    asked = page.get_by_role("searchbox")
    asked.fill("试用期最长多久")
    asked.press("Enter")
    expect(page.locator(".xz-pair:visible li")).to_have_count(20, timeout=PATIENCE_MS)
    expect(page.locator(".xz-pair:visible section").first).to_contain_text("试用期最长不得超过六个月")

    # The switch, while searches go on.
    open_tab(page, "切换维度")
    panel = page.get_by_role("tabpanel").filter(has_text="从现在起用")
    choose(panel.get_by_role("combobox").first, "288", exact=True)
    page.get_by_role("button", name="从现在起用 288 维").click()
    expect(page.get_by_text("索引已改用 288 维", exact=False).first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("索引现在用：288 维", exact=False).first).to_be_visible()
    page.goto(f"{address}/?q={quote('试用期最长多久')}")
    expect(page.locator(".xz-hit").first).to_contain_text("试用期最长不得超过六个月", timeout=PATIENCE_MS)
    expect(page.get_by_text("288 维", exact=False).first).to_be_visible()


def test_a_narrow_screen_needs_no_sideways_scrolling(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/dimensions")
    expect(page.get_by_text("索引现在用：", exact=False).first).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")
    page.wait_for_function("""Math.max(...[document.documentElement, ...document.querySelectorAll(
        '[data-testid="stMain"], .xz-pair')].map(e => e.scrollWidth)) <= 390""")
