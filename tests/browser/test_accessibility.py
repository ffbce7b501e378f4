"""Each page, as axe-core and someone without a mouse find it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.running_app import ROOT, choose_first_row, chromium, ingest, running_app, settled

pytestmark = [pytest.mark.browser, pytest.mark.model]

LAW = ROOT / "data" / "samples" / "laws" / "社会法__劳动法(2018-12-29).md"
QUESTION = "试用期最长多久"
PATIENCE_MS = 60_000
CHINESE, ENGLISH = "中文", "English"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place = tmp_path_factory.mktemp("accessibility")
    (place / "资料").mkdir()
    shutil.copy(LAW, place / "资料")
    ingest(place / "资料", place / "index")
    with running_app(place / "index", place / "app.log") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    scheme: Literal["light", "dark"] = request.param
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical, by the rules of WCAG 2 A and AA."""
    page.wait_for_timeout(700)  # colours fade in; half-way they have too little contrast
    result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response
    return [
        f"{violation['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def search(page: Page, address: str, lang: str) -> None:
    page.goto(f"{address}/?lang={quote(lang)}&q={quote(QUESTION)}")
    expect(page.locator(".xz-hit").first).to_be_visible(timeout=PATIENCE_MS)
    settled(page)
    page.locator(".xz-scores summary").first.click()


def library(page: Page, address: str, lang: str) -> None:
    page.goto(f"{address}/library?lang={quote(lang)}")
    table = page.get_by_test_id("stDataFrame").first
    expect(table).to_be_visible()
    choose_first_row(page)
    expect(page.locator("section.xz-part").first).to_be_visible()
    page.locator('[data-testid="stExpander"] summary').first.click()


def other(path: str) -> Callable[[Page, str, str], None]:
    def opened(page: Page, address: str, lang: str) -> None:
        page.goto(f"{address}/{path}?lang={quote(lang)}")
        expect(page.locator(".xz-head h1").first).to_be_visible()
        page.wait_for_timeout(2000)

    return opened


@pytest.mark.parametrize("lang", [CHINESE, ENGLISH])
@pytest.mark.parametrize(
    "opened",
    [search, library, other("dimensions"), other("status")],
    ids=["search", "library", "dims", "status"],
)
def test_a_page_has_no_serious_finding(
    page: Page, address: str, opened: Callable[[Page, str, str], None], lang: str
) -> None:
    opened(page, address, lang)
    told = "zh-CN" if lang == CHINESE else "en"
    page.wait_for_function("told => document.documentElement.lang === told", arg=told)
    assert findings(page) == []


@pytest.mark.parametrize("panel", ["方式", "筛选", "看上下文"])
def test_what_opens_over_the_search_page_has_none_either(page: Page, address: str, panel: str) -> None:
    search(page, address, CHINESE)
    page.get_by_role("button", name=panel).first.click()
    opened = page.get_by_role("dialog").first if panel == "看上下文" else page.get_by_test_id("stPopoverBody")
    expect(opened).to_be_visible()
    assert findings(page) == []


def test_the_keyboard_goes_from_the_question_to_the_answers(page: Page, address: str) -> None:
    search(page, address, CHINESE)
    page.locator(".xz-head h1").click()
    page.keyboard.press("/")
    expect(page.get_by_label("问题")).to_be_focused()
    order = []
    for _ in range(12):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.className + document.activeElement.innerText"))
    at = [
        next(i for i, said in enumerate(order) if wanted in said)
        for wanted in ("搜索", "方式", "筛选", "xz-hit", "复制")
    ]
    assert at == sorted(at)
