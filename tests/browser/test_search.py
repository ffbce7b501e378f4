"""A person at the search page: the real app, a real index, the compact model, Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.running_app import ROOT, chromium, ingest, running_app

pytestmark = [pytest.mark.browser, pytest.mark.model]

SAMPLES = ROOT / "data" / "samples"
LAWS = ("社会法__劳动法(2018-12-29).md", "民法商法__消费者权益保护法(2013-10-25).md")
QUESTION = "试用期最长多久"
PATIENCE_MS = 60_000  # the first question loads the model

HOSTILE = (
    "<script>window.hacked = 1</script><img src='http://evil.example/p.png' onerror='window.hacked = 1'>"
    "<iframe src='http://evil.example/'></iframe>[链接](http://evil.example/) ![图](http://evil.example/q.png)"
    "\N{RIGHT-TO-LEFT OVERRIDE}倒写 **恶意文本** " + "长" * 50 + "x" * 300
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `资料`, the documents, and `index`, made of them."""
    place = tmp_path_factory.mktemp("browser")
    documents = place / "资料"
    (documents / "法规").mkdir(parents=True)
    for name in LAWS:
        shutil.copy(SAMPLES / "laws" / name, documents / "法规")
    (documents / "喝茶.txt").write_text("绿茶用八十度的水冲泡，味道最好。", encoding="utf-8")
    (documents / "恶意.txt").write_text(HOSTILE, encoding="utf-8")
    ingest(documents, place / "index")
    return place


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[str]:
    with running_app(place / "index", place / "app.log") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def ask(page: Page, question: str) -> None:
    box = page.get_by_label("问题")
    box.fill(question)
    box.press("Enter")


def first_hit_has(page: Page, text: str) -> None:
    expect(page.locator(".xz-hit").first).to_contain_text(text, timeout=PATIENCE_MS)


def test_a_typed_question_shows_the_passage_first_with_marks_and_scores(page: Page, address: str) -> None:
    page.goto(address)
    ask(page, QUESTION)
    first_hit_has(page, "试用期最长不得超过六个月")
    hit = page.locator(".xz-hit").first
    expect(hit).to_contain_text(LAWS[0])
    expect(hit).to_contain_text("第三章 劳动合同和集体合同 › 第二十一条")
    assert "试用期" in "".join(hit.locator("mark").all_inner_texts())
    for score in ("余弦相似度", "BM25 词面分", "融合分"):
        expect(hit).to_contain_text(score)


def test_a_reranked_search_marks_the_sentence_that_answers_and_tells_its_time(
    page: Page, address: str
) -> None:
    page.goto(address)
    page.get_by_text("逐词比对", exact=True).click()
    ask(page, "劳动者试用期最长可以约定多久")
    first_hit_has(page, "重排分")
    best = page.locator(".xz-hit").first.locator(".xz-best")
    assert "".join(best.all_inner_texts()) == "试用期最长不得超过六个月。"
    expect(page.get_by_text("重排 ", exact=False).first).to_be_visible()


def test_a_hit_is_judged_below_it_and_the_answer_stays(page: Page, address: str) -> None:
    page.goto(address)
    ask(page, QUESTION)
    first_hit_has(page, "试用期最长不得超过六个月")
    page.get_by_role("radio", name="相关", exact=True).first.click()
    expect(page.get_by_text("已判断 1 条", exact=False)).to_be_visible()
    first_hit_has(page, "试用期最长不得超过六个月")
    page.get_by_role("radio", name="相关", exact=True).first.click()
    expect(page.get_by_text("已判断", exact=False)).to_have_count(0)


def test_a_quoted_phrase_must_occur(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote('“七日内” 试用期')}")
    first_hit_has(page, "七日内退货")
    expect(page.locator(".xz-hit").filter(has_text="试用期最长不得超过六个月")).to_have_count(0)


def test_the_address_of_a_search_repeats_it(page: Page, address: str, browser: Browser) -> None:
    page.goto(address)
    page.get_by_test_id("stRadio").get_by_text("关键词", exact=True).click()
    ask(page, "消费者 退货")
    first_hit_has(page, "七日内退货")
    other = browser.new_context().new_page()
    other.goto(page.url)
    first_hit_has(other, "七日内退货")
    expect(other.get_by_label("问题")).to_have_value("消费者 退货")
    expect(other.get_by_label("关键词", exact=True)).to_be_checked()
    other.context.close()


def test_an_address_still_repeats_its_search_after_a_change_of_language(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote('消费者 退货')}&mode={quote('关键词')}")
    first_hit_has(page, "七日内退货")
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_label("Keywords", exact=True)).to_be_checked()
    page.wait_for_url("**mode=Keywords**")
    page.reload()
    first_hit_has(page, "BM25 word score")
    expect(page.get_by_label("Keywords", exact=True)).to_be_checked()
    assert page.evaluate("document.documentElement.lang") == "en"


def test_text_indexed_while_the_page_is_open_is_found_by_asking_again(
    page: Page, address: str, place: Path
) -> None:
    page.goto(address)
    ask(page, "咖啡豆怎么保存")
    expect(page.locator(".xz-hit").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".xz-hit").filter(has_text="避光密封")).to_have_count(0)
    (place / "资料" / "咖啡.txt").write_text("咖啡豆要避光密封，放在阴凉处保存。", encoding="utf-8")
    ingest(place / "资料" / "咖啡.txt", place / "index")
    ask(page, "咖啡豆怎么保存")
    first_hit_has(page, "咖啡豆要避光密封")


def test_a_hostile_document_runs_nothing_and_calls_nobody(page: Page, address: str) -> None:
    called: list[str | None] = []
    page.on("request", lambda request: called.append(urlsplit(request.url).hostname))
    page.goto(f"{address}/?q={quote('恶意文本')}")
    first_hit_has(page, "<script>window.hacked = 1</script>")
    first_hit_has(page, "![图](http://evil.example/q.png)")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.hacked") is None
    assert page.locator(".xz-hit :is(a, img, iframe, script)").count() == 0
    assert {host for host in called if host} == {"localhost"}


@pytest.mark.parametrize("question", [QUESTION, "恶意文本"])
def test_a_narrow_screen_needs_no_sideways_scrolling(page: Page, address: str, question: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/?q={quote(question)}")
    expect(page.locator(".xz-hit").first).to_be_visible(timeout=PATIENCE_MS)
    # Waits: a busy machine paints the hits a moment before their style. What stays wide fails.
    page.wait_for_function("""Math.max(...[document.documentElement, ...document.querySelectorAll(
        '.xz-hit, .xz-passage, .xz-source, [data-testid="stMain"]')].map(e => e.scrollWidth)) <= 390""")


def test_a_missing_index_leads_to_the_command(page: Page, tmp_path: Path) -> None:
    with running_app(tmp_path / "none", tmp_path / "app.log") as address:
        page.goto(address)
        expect(page.get_by_text("还没有索引")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_text("python -m indexer ingest 文件夹")).to_be_visible()
        expect(page.get_by_text("Traceback")).to_have_count(0)
