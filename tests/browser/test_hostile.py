"""Documents and names that would rather act than be read: everywhere they are text and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.running_app import choose_first_row, chromium, ingest, running_app, settled

pytestmark = [pytest.mark.browser, pytest.mark.model]

PATIENCE_MS = 60_000
MARKUP = (
    "<script>window.hacked=1</script><img src='http://evil.example/p.png' onerror='window.hacked=1'>"
    "<iframe src='http://evil.example/'></iframe><svg onload='window.hacked=1'></svg>"
)
MARKDOWN = (
    "[链接](http://evil.example/) ![图](http://evil.example/q.png) **粗** `码` ~~删~~ | 表 | "
    "$x^2$ $$y$$ :smile: :red[红] :material/home: http://evil.example/ &lt;b&gt; {0} {name}"
)
ANSI = "\x1b[31m红字\x1b[0m"
TURNED = "\N{RIGHT-TO-LEFT OVERRIDE}倒写"
LONG = "长" * 80 + "x" * 400
# What a file system takes of it.
NAME = "恶意<img src=x onerror=window.hacked=1> [a](b) $x^2$ :smile: **粗** \N{RIGHT-TO-LEFT OVERRIDE}fdp"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place = tmp_path_factory.mktemp("hostile")
    folder = place / "资料" / NAME
    folder.mkdir(parents=True)
    text = f"# {MARKUP} {MARKDOWN}\n\n恶意文本 {MARKUP} {MARKDOWN} {ANSI} {TURNED} {LONG}\n"
    (folder / f"{NAME}.md").write_text(text, encoding="utf-8")
    (folder / f"{NAME}.txt").write_text(text, encoding="utf-8")
    (folder / f"{NAME}.pdf").write_bytes(b"no PDF")
    ingest(place / "资料", place / "index", fails=True)
    with running_app(place / "index", place / "app.log") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(params=[("light", 1280), ("dark", 390)], ids=["wide", "narrow"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Fails afterwards if anything ran, was fetched from elsewhere, or made the page wide."""
    scheme: Literal["light", "dark"]
    scheme, width = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    called: list[str | None] = []
    page.on("request", lambda sent: called.append(urlsplit(sent.url).hostname))
    yield page
    page.wait_for_timeout(500)
    assert page.evaluate("window.hacked") is None
    assert {host for host in called if host} <= {"localhost"}
    page.wait_for_function(
        """width => Math.max(...[document.documentElement, ...document.querySelectorAll(
        '[data-testid="stMain"], [data-testid="stAppViewContainer"]')].map(e => e.scrollWidth)) <= width""",
        arg=width,
    )
    context.close()


def nothing_acts(page: Page, where: str) -> None:
    assert page.locator(f"{where} :is(a, img, iframe, script, svg, .katex)").count() == 0


def test_hits_are_text(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote('恶意文本')}&type=txt")
    hit = page.locator(".xz-hit").first
    expect(hit).to_contain_text(MARKUP)
    expect(hit).to_contain_text(MARKDOWN)
    expect(hit).to_contain_text("红字")
    expect(hit.locator(".xz-name")).to_contain_text(
        "恶意<img src=x onerror=window.hacked=1> [a](b) $x^2$ :smile:"
    )
    assert "\x1b" not in hit.inner_text() and "\N{RIGHT-TO-LEFT OVERRIDE}" not in hit.inner_text()
    nothing_acts(page, ".xz-hit")


def test_the_context_and_its_title_are_text(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote('恶意文本')}&type=txt")
    expect(page.locator(".xz-hit").first).to_be_visible()
    settled(page)
    page.get_by_role("button", name="看上下文").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("section.xz-found")).to_contain_text(MARKUP)
    expect(dialog).to_contain_text("恶意<img src=x onerror=window.hacked=1> [a](b) $x^2$ :smile: **粗**")
    nothing_acts(page, "section.xz-part")


def test_filters_and_history_are_text(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote('恶意文本 ' + MARKUP)}")
    expect(page.locator(".xz-hit").first).to_be_visible()
    page.get_by_text("最近的问题").click()
    expect(page.get_by_role("button", name="<script>window.hacked=1</script>").first).to_be_visible()
    page.get_by_role("button", name="筛选").click()
    page.get_by_test_id("stPopoverBody").get_by_label("文件", exact=True).click()
    expect(page.get_by_role("option").filter(has_text="恶意").first).to_contain_text(
        "恶意<img src=x onerror=window.hacked=1> [a](b) $x^2$"
    )
    page.keyboard.press("Escape")


def test_the_library_is_text(page: Page, address: str) -> None:
    page.goto(f"{address}/library")
    page.get_by_text("没有读好的文件（3）").click()  # what repeats one sign eighty times is doubted
    problems = page.locator(".st-key-xz-problems")
    expect(problems).to_contain_text("恶意<img src=x onerror=window.hacked=1> [a](b) $x^2$ :smile: **粗**")
    assert (
        problems.locator("[data-testid=stMarkdownContainer] :is(a, img, iframe, script, .katex)").count() == 0
    )
    find = page.get_by_label("按名称找")
    find.fill(".txt")
    find.press("Enter")
    expect(page.get_by_text("1 / 3 份", exact=False).first).to_be_visible()
    choose_first_row(page)
    expect(page.locator("section.xz-part").first).to_contain_text(MARKUP)
    nothing_acts(page, "section.xz-part")


@pytest.mark.parametrize("path", ["dimensions", "status"])
def test_other_pages_stay_whole(page: Page, address: str, path: str) -> None:
    page.goto(f"{address}/{path}")
    expect(page.locator(".xz-head h1").first).to_be_visible()
    page.wait_for_timeout(1500)
