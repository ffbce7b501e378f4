"""A person who brings documents: first run, uploads, what went wrong and its way out, several libraries."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from pypdf import PdfReader, PdfWriter

from tests.browser.running_app import (
    LIST_MS,
    ROOT,
    TRIES,
    choose,
    choose_first_row,
    chromium,
    drawn,
    running_app,
)

pytestmark = [pytest.mark.browser, pytest.mark.model]

SAMPLES = ROOT / "data" / "samples"
PATIENCE_MS = 300_000  # an ingest loads the model
PAYMENT = "甲方应当在收到货物后三十日内付款，逾期付款的，按日支付万分之五的违约金。"
SECRET = "秘密"
FILES = ".st-key-library_files input[type=file]"  # another tab's takes folders, and may be drawn first


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`index`, which is yet to be made, and `文件夹`, which the settings allow."""
    place = tmp_path_factory.mktemp("library")
    folder = place / "文件夹"
    folder.mkdir()
    (folder / "合同.txt").write_text(PAYMENT, encoding="gb18030")
    for law in ("社会法__劳动法(2018-12-29).md", "民法商法__消费者权益保护法(2013-10-25).md"):
        shutil.copy(SAMPLES / "laws" / law, folder)
    locked = PdfWriter(clone_from=PdfReader(SAMPLES / "pdf" / "two_column_embedded.pdf"))
    locked.encrypt(SECRET)
    locked.write(folder / "加密.pdf")
    return place


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[str]:
    allowed = {"XUNZHANG_FOLDERS": str(place / "文件夹")}
    with running_app(place / "index", place / "app.log", allowed) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def open_adding(page: Page, tab: str) -> None:
    add = page.get_by_test_id("stExpander").filter(has_text="添加文档")
    expect(add.first).to_be_visible()
    drawn(page)
    if not add.get_by_role("tab").first.is_visible():
        add.locator("summary").click()
    add.get_by_role("tab", name=tab, exact=True).click()


def upload(page: Page, *files: FilePayload) -> None:
    """Choose files and have them indexed. The button moves as they are listed, and a click may miss it."""
    open_adding(page, "上传文件")
    page.locator(FILES).set_input_files(files)
    listed = page.locator(".st-key-library_files").get_by_role("button", name=re.compile("^Remove "))
    expect(listed).to_have_count(len(files))
    for _ in range(TRIES):
        drawn(page)
        start(page)
        try:
            expect(listed).to_have_count(0, timeout=LIST_MS)
        except AssertionError:
            continue
        return
    raise AssertionError(f"not taken in {TRIES} tries")


def start(page: Page) -> None:
    page.get_by_role("button", name="开始索引").locator("visible=true").first.click()


def choose_row(page: Page, name: str) -> None:
    find = page.get_by_label("按名称找")
    find.fill(name)
    find.press("Enter")
    expect(page.get_by_text("1 / ", exact=False).first).to_be_visible()
    choose_first_row(page)
    expect(page.get_by_role("tab", name="重读与移除").first).to_be_visible()


def ask(page: Page, question: str) -> None:
    page.get_by_label("问题").fill(question)
    page.get_by_label("问题").press("Enter")


def archive_with_gbk_names(name: str, text: str) -> bytes:
    """As Windows makes it: the name in GBK, and no flag that says so."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("x" * len(name.encode("gbk")), text)
    return made.getvalue().replace(b"x" * len(name.encode("gbk")), name.encode("gbk"))


# The tests go through one library's life, in this order.


def test_a_folder_is_indexed_and_what_went_wrong_is_told(page: Page, address: str, browser: Browser) -> None:
    page.goto(address)
    page.get_by_role("link", name="添加自己的文档").click()
    open_adding(page, "这台机器上的文件夹")
    start(page)
    expect(page.get_by_text("正在索引：文件夹").first).to_be_visible()
    other = browser.new_context().new_page()  # someone else, or another tab
    other.goto(f"{address}/library")
    expect(other.get_by_text("正在索引：文件夹").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("索引完成：新增或更新 3 份，失败 1 份").first).to_be_visible(timeout=PATIENCE_MS)
    expect(other.get_by_text("索引完成：新增或更新 3 份，失败 1 份").first).to_be_visible(timeout=PATIENCE_MS)
    other.context.close()
    page.get_by_text("没有读好的文件（1）").click()
    expect(page.get_by_text("文件有密码", exact=False).first).to_be_visible()


def test_a_document_opens_with_its_passages(page: Page, address: str) -> None:
    page.goto(f"{address}/library")
    choose_row(page, "勞動法")
    expect(page.locator("section.xz-part").first).to_contain_text("中华人民共和国劳动法")
    assert page.locator("section.xz-part").count() == 50


def test_an_encrypted_file_is_read_with_its_password(page: Page, address: str) -> None:
    page.goto(f"{address}/library")
    choose_row(page, "加密")
    page.get_by_role("tab", name="重读与移除").click()
    page.get_by_label("密码", exact=True).fill(SECRET)
    page.get_by_label("密码", exact=True).press("Enter")
    page.get_by_role("button", name="重读", exact=True).click()
    expect(page.get_by_text("索引完成：新增或更新 1 份").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("没有读好的文件", exact=False)).to_have_count(0)


def test_uploads_are_found_and_can_be_removed(page: Page, address: str, place: Path) -> None:
    page.goto(f"{address}/library")
    archive = archive_with_gbk_names("咖啡.txt", "咖啡豆要避光密封，放在阴凉处保存。")
    upload(
        page,
        {"name": "茶.txt", "mimeType": "text/plain", "buffer": "绿茶用八十度的水冲泡。".encode()},
        {"name": "笔记.zip", "mimeType": "application/zip", "buffer": archive},
    )
    expect(page.get_by_text("索引完成：新增或更新 2 份").first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("link", name="搜索").click()
    ask(page, "咖啡豆怎么保存")
    expect(page.locator(".xz-hit").first).to_contain_text("上传/笔记/咖啡.txt")
    page.get_by_role("link", name="资料库").click()
    choose_row(page, "咖啡")
    page.get_by_role("tab", name="重读与移除").click()
    page.get_by_role("button", name="移除", exact=True).click()
    page.get_by_role("button", name="确定移除").click()
    expect(page.get_by_text("已移除 咖啡.txt").first).to_be_visible()
    assert not list((place / "index").rglob("咖啡.txt"))
    assert list((place / "index").rglob("茶.txt"))


def test_a_scan_is_read_by_ocr_and_its_pages_say_so(page: Page, address: str) -> None:
    scan, made = PdfWriter(), io.BytesIO()
    scan.add_page(PdfReader(ROOT / "tests" / "data" / "pdf" / "scanned_image_only.pdf").pages[0])
    scan.write(made)
    page.goto(f"{address}/library")
    upload(page, {"name": "扫描.pdf", "mimeType": "application/pdf", "buffer": made.getvalue()})
    expect(page.get_by_text("索引完成：新增或更新 1 份").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".st-key-xz-problems").get_by_text("扫描.pdf")).to_have_count(0)
    page.get_by_role("radio", name="文字识别 1").click()
    expect(page.get_by_text("1 / ", exact=False).first).to_be_visible()
    choose_first_row(page)
    page.get_by_role("tab", name="各页").click()
    expect(page.locator("strong", has_text="✓ 文字识别").first).to_be_visible()
    expect(page.locator(".xz-passage").last).to_contain_text("民事主体")
    expect(page.get_by_test_id("stImage").first).to_be_visible()


def test_two_libraries_are_searched_together(page: Page, address: str) -> None:
    page.goto(f"{address}/library")
    open_adding(page, "新建资料库")
    page.get_by_label("名称", exact=True).fill("论文")
    page.get_by_label("名称", exact=True).press("Enter")
    choose(page.get_by_role("combobox", name="模型"), "compact")
    # The model has its own list of dimensions.
    choose(page.locator(".st-key-library_dim_compact").get_by_role("combobox"), "288", exact=True)
    page.get_by_role("button", name="新建", exact=True).click()
    expect(page.get_by_text("资料库“论文”建好了", exact=False).first).to_be_visible()
    text = "注意力机制让模型在生成每个词时关注输入的不同部分。"
    upload(page, {"name": "注意力.md", "mimeType": "text/markdown", "buffer": text.encode()})
    expect(page.get_by_text("索引完成：新增或更新 1 份").first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("link", name="搜索").click()
    ask(page, "注意力机制")
    expect(page.locator(".xz-hit")).to_have_count(1)
    expect(page.get_by_text("288 维", exact=False).first).to_be_visible()
    choose(page.get_by_test_id("stSidebar").get_by_role("combobox"), "全部资料库")
    expect(page.locator(".xz-hit").nth(3)).to_be_visible()
    expect(page.locator(".xz-hit").first).to_contain_text(text)
    expect(page.locator(".xz-hit").first.locator(".xz-library")).to_have_text("论文")
    expect(page.locator(".xz-library", has_text="默认").first).to_be_visible()
    page.reload()
    expect(page.locator(".xz-hit").first.locator(".xz-library")).to_have_text("论文")


def test_the_status_page_checks_everything(page: Page, address: str) -> None:
    page.goto(f"{address}/status")
    expect(page.get_by_role("heading", name="状态").first).to_be_visible()
    page.get_by_role("button", name="检查一遍").first.click()
    expect(page.get_by_text("一切正常。").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("✗")).to_have_count(0)


def test_indexing_is_stopped_and_can_go_on(page: Page, address: str) -> None:
    page.goto(f"{address}/library")
    open_adding(page, "样本")  # they take minutes: the stop comes in time on any machine
    start(page)
    page.get_by_role("button", name="停止").click()
    expect(page.get_by_text("索引停下了", exact=False).first).to_be_visible()
    open_adding(page, "样本")
    expect(page.get_by_role("button", name="开始索引").locator("visible=true").first).to_be_enabled()
