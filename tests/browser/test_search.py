"""A person at the search page: the real app, a real index, the compact model, Chromium."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.running_app import ROOT, choose, choose_first_row, chromium, ingest, running_app, settled

pytestmark = [pytest.mark.browser, pytest.mark.model]

SAMPLES = ROOT / "data" / "samples"
LAWS = ("社会法__劳动法(2018-12-29).md", "民法商法__消费者权益保护法(2013-10-25).md")
PDF = "pdf/two_column_embedded.pdf"
QUESTION = "试用期最长多久"
PATIENCE_MS = 60_000  # the first question loads the model


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `资料`, the documents, and `index`, made of them."""
    place = tmp_path_factory.mktemp("browser")
    documents = place / "资料"
    (documents / "法规").mkdir(parents=True)
    for name in LAWS:
        shutil.copy(SAMPLES / "laws" / name, documents / "法规")
    (documents / "喝茶.txt").write_text("绿茶用八十度的水冲泡，味道最好。", encoding="utf-8")
    spring = datetime(2020, 5, 1, 12).timestamp()
    os.utime(documents / "喝茶.txt", (spring, spring))
    shutil.copy(SAMPLES / PDF, documents)
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
    settled(page)


def test_a_typed_question_shows_the_passage_first_with_marks_and_scores(page: Page, address: str) -> None:
    page.goto(address)
    ask(page, QUESTION)
    first_hit_has(page, "试用期最长不得超过六个月")
    hit = page.locator(".xz-hit").first
    expect(hit).to_contain_text(LAWS[0])
    expect(hit).to_contain_text("第三章 劳动合同和集体合同 › 第二十一条")
    assert "试用期" in "".join(hit.locator("mark").all_inner_texts())
    expect(hit.locator(".xz-bar").first).to_be_visible()
    expect(hit.get_by_text("余弦相似度")).not_to_be_visible()
    hit.locator(".xz-scores summary").click()
    for score in ("余弦相似度", "BM25 词面分", "融合分"):
        expect(hit.get_by_text(score, exact=True).first).to_be_visible()
    expect(page.get_by_text("向量化 ", exact=False).first).to_be_visible()


def test_a_reranked_search_marks_the_sentence_that_answers_and_tells_its_time(
    page: Page, address: str
) -> None:
    page.goto(address)
    page.get_by_role("button", name="方式").click()
    page.get_by_text("逐词比对", exact=True).click()
    page.keyboard.press("Escape")
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
    expect(page.get_by_text("已判断 1 条", exact=False).first).to_be_visible()
    first_hit_has(page, "试用期最长不得超过六个月")
    page.get_by_role("radio", name="相关", exact=True).first.click()
    expect(page.get_by_text("已判断", exact=False)).to_have_count(0)
    page.get_by_role("button", name="撤销上一次判断").click()
    expect(page.get_by_text("已判断 1 条", exact=False).first).to_be_visible()
    page.get_by_role("radio", name="相关", exact=True).first.click()
    expect(page.get_by_text("已判断", exact=False)).to_have_count(0)


def test_a_quoted_phrase_must_occur(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote('“七日内” 试用期')}")
    first_hit_has(page, "七日内退货")
    expect(page.locator(".xz-hit").filter(has_text="试用期最长不得超过六个月")).to_have_count(0)


def test_the_address_of_a_search_repeats_it(page: Page, address: str, browser: Browser) -> None:
    page.goto(address)
    page.get_by_role("button", name="方式").click()
    page.get_by_text("关键词", exact=True).click()
    page.keyboard.press("Escape")
    ask(page, "消费者 退货")
    first_hit_has(page, "七日内退货")
    other = browser.new_context().new_page()
    other.goto(page.url)
    first_hit_has(other, "七日内退货")
    expect(other.get_by_label("问题")).to_have_value("消费者 退货")
    expect(other.get_by_role("button", name="方式：关键词").first).to_be_visible()
    other.context.close()


def test_an_address_still_repeats_its_search_after_a_change_of_language(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote('消费者 退货')}&mode=lexical")
    first_hit_has(page, "七日内退货")
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("button", name="Mode: Keywords").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Mode: Keywords").first).to_be_visible()
    first_hit_has(page, "BM25 word score")
    page.wait_for_function("document.documentElement.lang === 'en'")


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


def test_a_hit_opens_in_its_context(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote(QUESTION)}")
    first_hit_has(page, "试用期最长不得超过六个月")
    page.get_by_role("button", name="看上下文").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("section.xz-found")).to_contain_text("试用期最长不得超过六个月")
    assert dialog.locator("section.xz-part").count() > 2
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    first_hit_has(page, "试用期最长不得超过六个月")


def test_a_hit_in_a_pdf_opens_as_its_page(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote('违约 精神损害赔偿')}&type=pdf")
    first_hit_has(page, "第九百九十六条")
    page.get_by_role("button", name="看上下文").first.click()
    page.get_by_role("tab", name="原页").click()
    picture = page.get_by_role("dialog").get_by_test_id("stImage").locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1000


def test_the_pages_of_a_pdf_are_seen_beside_their_text(page: Page, address: str) -> None:
    page.goto(f"{address}/library")
    find = page.get_by_label("按名称找")
    find.fill("two_column")
    find.press("Enter")
    expect(page.get_by_text("1 / ", exact=False).first).to_be_visible()
    choose_first_row(page)
    expect(page.locator("section.xz-part").first).to_contain_text("第 1 段")
    page.get_by_role("tab", name="各页").click()
    expect(page.get_by_test_id("stImage").locator("img").first).to_be_visible()
    expect(page.locator(".xz-passage:visible")).to_contain_text("人格权")


def test_a_passage_is_copied_with_its_source(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/?q={quote(QUESTION)}")
    first_hit_has(page, "试用期最长不得超过六个月")
    page.get_by_role("button", name="复制并注明出处").first.click()
    expect(page.get_by_role("button", name="已复制").first).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "试用期最长不得超过六个月" in copied
    assert copied.endswith(
        f"—— 资料/法规/{LAWS[0]}，中华人民共和国劳动法 › 第三章 劳动合同和集体合同 › 第二十一条"
    )


def test_ones_own_questions_are_kept_in_the_browser(page: Page, address: str) -> None:
    hostile = "<img src=x onerror='window.hacked = 1'> 退货"
    page.goto(address)
    ask(page, QUESTION)
    first_hit_has(page, "试用期最长不得超过六个月")
    ask(page, hostile)
    first_hit_has(page, "退货")
    page.reload()
    page.get_by_text("最近的问题").click()
    expect(page.get_by_role("button", name=hostile).first).to_be_visible()
    page.get_by_role("button", name=QUESTION).click()
    first_hit_has(page, "试用期最长不得超过六个月")
    expect(page.get_by_label("问题")).to_have_value(QUESTION)
    assert page.evaluate("window.hacked") is None
    page.get_by_text("最近的问题").click()
    page.get_by_role("button", name="清空").click()
    expect(page.get_by_text("最近的问题")).not_to_be_visible()


def test_keys_reach_the_box_and_the_hits(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote(QUESTION)}")
    first_hit_has(page, "试用期最长不得超过六个月")
    page.locator(".xz-head h1").click()
    for key, number in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(page.locator(".xz-hit").nth(number)).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("问题")).to_be_focused()
    page.keyboard.type("jk/")
    assert "jk/" in page.get_by_label("问题").input_value()


def test_filters_tell_how_much_there_is_and_stay_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote(QUESTION)}")
    first_hit_has(page, "试用期最长不得超过六个月")
    page.get_by_role("button", name="筛选").click()
    choose(page.get_by_test_id("stPopoverBody").get_by_label("类型"), re.compile("^txt（"))
    first_hit_has(page, "绿茶")
    page.wait_for_url("**type=txt**")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="清除筛选").click()
    first_hit_has(page, "试用期最长不得超过六个月")
    assert "type=" not in page.url


def test_a_filter_by_folder_tells_how_much_is_in_it_and_is_repeated_by_the_address(
    page: Page, address: str, browser: Browser
) -> None:
    page.goto(f"{address}/?q={quote('人格权')}")
    first_hit_has(page, "人格权")
    page.get_by_role("button", name="筛选").click()
    panel = page.get_by_test_id("stPopoverBody")
    panel.get_by_label("文件夹").click()
    expect(page.get_by_role("option").first).to_be_visible()
    counts = {
        name: int(number)
        for said in page.get_by_role("option").all_inner_texts()
        if (found := re.fullmatch("(资料.*)（(\\d+)）", said)) is not None
        for name, number in [found.groups()]
    }
    assert counts.keys() == {"资料", "资料/法规"}
    assert counts["资料"] > counts["资料/法规"] > 0
    choose(panel.get_by_label("文件夹"), "资料/法规（")
    expect(page.locator(".xz-hit").filter(has_text="two_column_embedded.pdf")).to_have_count(0)
    expect(page.locator(".xz-folder").first).to_have_text("资料/法规/")
    page.wait_for_url(f"**folder={quote('资料/法规', safe='')}**")
    other = browser.new_context().new_page()
    other.goto(page.url)
    expect(other.locator(".xz-folder").first).to_have_text("资料/法规/", timeout=PATIENCE_MS)
    expect(other.get_by_role("button", name="筛选（1）").first).to_be_visible()
    other.context.close()


def test_documents_are_filtered_by_the_day_they_were_changed(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote(QUESTION)}")
    first_hit_has(page, "试用期最长不得超过六个月")
    page.get_by_role("button", name="筛选").click()
    until = page.get_by_test_id("stPopoverBody").get_by_role("group", name="到", exact=True)
    until.get_by_role("spinbutton").first.click()
    page.keyboard.type("20201231")
    page.locator(".xz-head h1").click()  # a day counts when its box is left
    first_hit_has(page, "绿茶")
    expect(page.locator(".xz-hit")).to_have_count(1)
    page.wait_for_url("**until=2020-12-31**")
    page.reload()
    first_hit_has(page, "绿茶")
    expect(page.get_by_role("button", name="筛选（1）").first).to_be_visible()


@pytest.mark.parametrize(
    "days", ["since=2999-01-01", "since=1901-01-01&until=1902-01-01", "until=0001-01-01"]
)
def test_days_on_which_nothing_was_changed_find_nothing(page: Page, address: str, days: str) -> None:
    page.goto(f"{address}/?q={quote(QUESTION)}&{days}")
    expect(page.get_by_text("没有找到。", exact=False).first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="清除筛选").click()
    first_hit_has(page, "试用期最长不得超过六个月")


def test_a_question_that_nothing_answers_is_told(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote('量子纠缠与贝尔不等式的实验验证')}")
    expect(page.get_by_text("库里可能没有相关的内容", exact=False).first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("可能不相关").first).to_be_visible()
    ask(page, QUESTION)
    first_hit_has(page, "试用期最长不得超过六个月")
    expect(page.get_by_text("库里可能没有相关的内容", exact=False)).to_have_count(0)


def test_back_and_forward_go_through_the_searches(page: Page, address: str) -> None:
    asked = {
        QUESTION: "试用期最长不得超过六个月",
        "绿茶用几度的水": "绿茶用八十度的水",
        "消费者 退货": "退货",
    }
    page.goto(address)
    for question, answer in asked.items():
        ask(page, question)
        first_hit_has(page, answer)
    first, second, _ = asked
    for go, question in ((page.go_back, second), (page.go_back, first), (page.go_forward, second)):
        go()
        expect(page.get_by_label("问题")).to_have_value(question)
        first_hit_has(page, asked[question])
    page.go_back()
    expect(page.get_by_label("问题")).to_have_value(first)
    page.go_back()
    expect(page.get_by_label("问题")).to_have_value("")
    expect(page.locator(".xz-hit")).to_have_count(0)
    page.go_forward()
    expect(page.get_by_label("问题")).to_have_value(first)
    first_hit_has(page, asked[first])


def test_the_answer_is_there_after_a_look_at_another_page(page: Page, address: str) -> None:
    page.goto(f"{address}/?q={quote(QUESTION)}&mode=lexical")
    first_hit_has(page, "试用期最长不得超过六个月")
    page.get_by_role("link", name="状态").click()
    expect(page.get_by_role("heading", name="状态").first).to_be_visible()
    page.get_by_role("link", name="搜索").click()
    first_hit_has(page, "试用期最长不得超过六个月")
    expect(page.get_by_label("问题")).to_have_value(QUESTION)
    expect(page.get_by_role("button", name="方式：关键词").first).to_be_visible()


def test_a_narrow_screen_needs_no_sideways_scrolling(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/?q={quote(QUESTION)}")
    expect(page.locator(".xz-hit").first).to_be_visible(timeout=PATIENCE_MS)
    # Waits: a busy machine paints the hits a moment before their style. What stays wide fails.
    page.wait_for_function("""Math.max(...[document.documentElement, ...document.querySelectorAll(
        '.xz-hit, .xz-passage, .xz-source, [data-testid="stMain"]')].map(e => e.scrollWidth)) <= 390""")


def test_what_is_typed_while_the_model_loads_stays_and_is_answered(
    page: Page, place: Path, tmp_path: Path
) -> None:
    with running_app(place / "index", tmp_path / "app.log") as address:
        page.goto(address)
        expect(page.get_by_text("正在加载模型").first).to_be_visible(timeout=PATIENCE_MS)
        box = page.get_by_label("问题")
        box.press_sequentially("绿茶用几度的水")
        expect(page.get_by_text("模型已就绪").first).to_be_visible(timeout=PATIENCE_MS)
        expect(box).to_have_value("绿茶用几度的水")
        box.press("Enter")
        first_hit_has(page, "绿茶用八十度的水")


def test_an_empty_library_leads_by_the_hand(page: Page, tmp_path: Path) -> None:
    with running_app(tmp_path / "none", tmp_path / "app.log") as address:
        page.goto(address)
        expect(page.get_by_text("还没有文档").first).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_role("button", name="索引样本").first).to_be_visible()
        page.get_by_role("link", name="添加自己的文档").click()
        expect(page.get_by_role("tab", name="上传文件", exact=True).first).to_be_visible()
        expect(page.get_by_text("Traceback")).to_have_count(0)
