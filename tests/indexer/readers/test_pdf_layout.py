from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader

from indexer.normalize import fold_radicals
from indexer.readers.pdf import pdfium, pypdf_lines
from indexer.readers.pdf.heads import without_running_heads
from indexer.readers.pdf.layout import goes_on, page_text
from indexer.readers.pdf.lines import Line

PDFS = Path(__file__).parents[2] / "data" / "pdf"
WIDTH, HEIGHT = 600.0, 800.0


def line(text: str, x: float, y: float, *, size: float = 10) -> Line:
    """A line whose Latin letters are half as wide as its Han, y its top."""
    width = sum(size if ord(char) > 0x2000 else size / 2 for char in text)
    return Line(text, x, y, x + width, y + size, size)


def column(text: str, x: float, y: float, width: int, *, indent: int = 2) -> list[Line]:
    """A paragraph of so many Han a line, its first line indented."""
    first = width - indent
    parts = [text[:first], *(text[start : start + width] for start in range(first, len(text), width))]
    return [
        line(part, x + (indent * 10 if number == 0 else 0), y + 15 * number)
        for number, part in enumerate(parts)
    ]


def sentence(name: str, length: int) -> str:
    """A sentence of so many characters that says its name all over."""
    return (name * length)[: length - 1] + "。"


def text(lines: Sequence[Line]) -> list[str]:
    return page_text(lines, WIDTH).text.split("\n")


def two_columns() -> tuple[list[Line], list[str]]:
    title = [line("双栏排印的文章标题横贯全页", 170, 40, size=20)]
    lead = column(sentence("导言", 70), 50, 80, 50)
    left = [*column(sentence("左一", 50), 50, 140, 23), *column(sentence("左二", 60), 50, 185, 23)]
    right = [*column(sentence("右一", 50), 320, 140, 23), *column(sentence("右二", 40), 320, 185, 23)]
    rest = column(sentence("结语", 60), 50, 260, 50)
    truth = ["双栏排印的文章标题横贯全页"]
    truth += [sentence(*part) for part in (("导言", 70), ("左一", 50), ("左二", 60))]
    truth += [sentence(*part) for part in (("右一", 50), ("右二", 40), ("结语", 60))]
    return [*title, *lead, *left, *right, *rest], truth


def test_columns_are_read_one_after_the_other_between_what_crosses_them():
    lines, truth = two_columns()
    assert text(lines) == truth


def test_the_order_in_which_the_engine_gives_the_lines_does_not_matter():
    lines, truth = two_columns()
    random.Random(7).shuffle(lines)
    assert text(lines) == truth


def test_lines_of_ocr_are_laid_out_too():
    lines, truth = two_columns()
    shaken = random.Random(7)
    pixels = [
        Line(
            each.text,
            *(4 * value + shaken.uniform(-4, 4) for value in (each.x0, each.y0, each.x1, each.y1)),
            0,
        )
        for each in lines
    ]
    assert page_text(pixels, 4 * WIDTH).text.split("\n") == truth


def test_three_columns_below_a_title_that_crosses_no_gutter():
    lines = [line("公报", 280, 40, size=20)]
    names = ("东", "南", "西")
    for number, name in enumerate(names):
        lines += column(sentence(name, 100), 30 + 190 * number, 80, 16)
    assert text(lines) == ["公报", *(sentence(name, 100) for name in names)]


def test_a_sentence_goes_on_in_the_next_column():
    whole = sentence("续", 200)
    lines = column(whole, 50, 80, 23)
    lines = [each if each.y0 < 140 else replace(each, x0=each.x0 + 270, x1=each.x1 + 270) for each in lines]
    lines = [each if each.x0 < 300 else replace(each, y0=each.y0 - 60, y1=each.y1 - 60) for each in lines]
    assert text(lines) == [whole]


def test_a_last_page_of_short_paragraphs_is_still_two_columns():
    left = [*column(sentence("甲", 24), 50, 60, 23), *column(sentence("乙", 30), 50, 90, 23)]
    right = [
        line(f"（{number}）第几项的内容在此处；", 340, 60 + 15 * index) for index, number in enumerate("一二")
    ]
    right += column(sentence("丙", 30), 320, 90, 23)
    assert text([*left, *right]) == [
        sentence("甲", 24),
        sentence("乙", 30),
        "（一）第几项的内容在此处；",
        "（二）第几项的内容在此处；",
        sentence("丙", 30),
    ]


def test_the_rows_of_a_table_stay_rows():
    rows = [("序号", "项目", "金额"), ("1", "办公设备采购", "120.5"), ("2", "培训", "8"), ("3", "差旅费", "")]
    lines = column(sentence("正文", 80), 50, 40, 50)
    for index, row in enumerate(rows):
        lines += [line(cell, 50 + 150 * number, 90 + 20 * index) for number, cell in enumerate(row) if cell]
    lines += column(sentence("后文", 80), 50, 190, 50)
    assert text(lines) == [
        sentence("正文", 80),
        "序号 | 项目 | 金额",
        "1 | 办公设备采购 | 120.5",
        "2 | 培训 | 8",
        "3 | 差旅费 | ",
        sentence("后文", 80),
    ]


def test_cells_that_wrap_are_whole():
    lines = [line("术语", 50, 40), line("定义", 150, 40)]
    for index, term in enumerate(("试用期", "服务期")):
        y = 65 + 45 * index
        lines += [line(term, 50, y), *column(sentence(term, 50), 150, y, 30, indent=0)]
    assert text(lines) == [
        "术语 | 定义",
        f"试用期 | {sentence('试用期', 50)}",
        f"服务期 | {sentence('服务期', 50)}",
    ]


def test_a_table_of_two_columns_of_prose_is_read_row_by_row():
    lines = []
    for index in range(4):
        y = 40 + 60 * index
        lines += column(sentence(f"中{index}", 55), 50, y, 22, indent=0)
        lines += column(sentence(f"译{index}", 60), 320, y, 22, indent=0)
    assert text(lines) == [f"{sentence(f'中{n}', 55)} | {sentence(f'译{n}', 60)}" for n in range(4)]


def test_pieces_of_one_line_are_no_table():
    assert text([line("甲方：", 50, 40), line("乙方：", 300, 40)]) == ["甲方：  乙方："]


def test_notes_in_the_margin_come_after_the_text():
    body = [sentence(name, 100) for name in "甲乙丙"]
    lines = []
    for index, paragraph in enumerate(body):
        lines += column(paragraph, 150, 40 + 60 * index, 38)
        lines.append(line("立法目的", 50, 42 + 60 * index, size=8))
    assert text(lines) == [*body, *["立法目的"] * 3]


@pytest.mark.parametrize("gap", [0, 8])
def test_paragraphs_are_told_apart_by_indents_and_by_gaps(gap):
    indent = 0 if gap else 2
    lines = []
    y = 40.0
    for name, length in (("甲", 130), ("乙", 95), ("丙", 60), ("丁", 99)):
        paragraph = column(sentence(name, length), 50, y, 30, indent=indent)
        lines += paragraph
        y = paragraph[-1].y0 + 15 + gap
    assert text(lines) == [sentence(*part) for part in (("甲", 130), ("乙", 95), ("丙", 60), ("丁", 99))]


def test_articles_and_items_begin_paragraphs_although_the_line_before_is_full():
    parts = ["第一条 " + "为了保护劳动者的合法权益制定本法以及如下各项" * 2, "（一）" + "行政法规的规定" * 3]
    parts += ["（二）" + "其他情形的规定" * 3 + "长", "第二条 本法自公布之日起施行"]
    lines = []
    for part in parts:
        lines += column(part, 50, 40 + 15 * len(lines), 24, indent=0)
    assert text(lines) == parts


def test_a_reference_at_the_beginning_of_a_line_begins_no_paragraph():
    lines = [
        line("用人单位违反本法规定解除劳动合同的依照本法", 70, 40),
        line("第八十七条 的规定支付赔偿金", 50, 55),
        line("本法自公布之日起施行", 70, 70),
    ]
    assert text(lines)[0] == "用人单位违反本法规定解除劳动合同的依照本法第八十七条 的规定支付赔偿金"


def test_items_whose_rest_is_indented_are_whole():
    lines = []
    for index in range(3):
        lines += [
            line("•", 50, 40 + 30 * index),
            line("金融级高可用的数据采用多副本存储并且" * 2, 65, 40 + 30 * index),
        ]
        lines.append(line("同步事务日志", 65, 55 + 30 * index))
    assert text(lines) == ["• " + "金融级高可用的数据采用多副本存储并且" * 2 + "同步事务日志"] * 3


def test_verse_keeps_its_lines():
    verse = ["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"]
    assert text([line(each, 100, 40 + 15 * index) for index, each in enumerate(verse)]) == verse


def test_latin_words_keep_their_space_and_broken_ones_lose_their_hyphen():
    lines = [
        line("Retrieval of documents by mean-", 50, 40),
        line("ing needs whole sentences and a", 50, 55),
        line("state-of-the-", 50, 70),
    ]
    assert text(lines) == ["Retrieval of documents by meaning needs whole sentences and a state-of-the-"]


def test_closing_punctuation_never_begins_a_paragraph():
    assert text([line("应当依法申请", 50, 40), line("。附则", 50, 55)]) == ["应当依法申请。附则"]


def test_vertical_text_is_read_from_right_to_left_between_its_head_and_its_foot():
    columns = ["第一条为了保护劳动者的合法权益", "制定本法。", "第二条在中华人民共和国境内适用"]
    lines = [
        Line(each, 500 - 20.0 * index, 60.0, 510 - 20.0 * index, 60.0 + 10 * len(each), 10, vertical=True)
        for index, each in enumerate(columns)
    ]
    lines = [line("十二", 300, 780), *reversed(lines), line("劳动法", 300, 20)]
    assert text(lines) == ["劳动法", columns[0] + columns[1], columns[2], "十二"]


def test_an_empty_page_has_no_text():
    page = page_text([], WIDTH)
    assert (page.text, page.places, page.first, page.last) == ("", (), None, None)


def test_the_places_of_paragraphs_are_where_they_begin():
    lines, _ = two_columns()
    page = page_text(lines, WIDTH)
    assert [page.text[offset : offset + 4] for offset, _ in page.places] == [
        each.text[:4] for _, each in page.places
    ]


@pytest.mark.parametrize(
    ("following", "expected"),
    [
        (column(sentence("续", 40), 50, 40, 30, indent=0), True),
        (column(sentence("新", 40), 50, 40, 30), False),
        ([line("第三条 本法自公布之日起施行", 50, 40)], False),
        ([line("大标题", 50, 40, size=20)], False),
        ([], False),
    ],
    ids=["same", "indented", "article", "title", "empty"],
)
def test_a_paragraph_goes_on_across_pages_if_nothing_begins_there(following, expected):
    page = page_text(column("未完" * 44, 50, 600, 30), WIDTH)
    body = column(sentence("后", 130), 50, 100, 30)
    assert goes_on(page, page_text([*following, *body] if following else [], WIDTH)) is expected


def test_a_page_that_ends_with_a_sentence_or_a_short_line_is_at_an_end():
    following = page_text(column(sentence("续", 90), 50, 40, 30, indent=0), WIDTH)
    assert not goes_on(page_text(column(sentence("完", 88), 50, 600, 30), WIDTH), following)
    assert not goes_on(page_text(column("短行" * 40, 50, 600, 30), WIDTH), following)


def by_pdfium(name: str) -> list[list[Line]]:
    with pypdfium2.PdfDocument(PDFS / name) as document:
        return [pdfium.page_lines(document, number + 1)[0] for number in range(len(document))]


def by_pypdf(name: str) -> list[list[Line]]:
    return [pypdf_lines.page_lines(page) for page in PdfReader(PDFS / name).pages]


@pytest.mark.parametrize("engine", [by_pdfium, by_pypdf])
@pytest.mark.parametrize("name", ["one_column_embedded.pdf", "two_column_embedded.pdf"])
def test_the_articles_of_a_statute_are_its_paragraphs(name, engine):
    statute = (PDFS.parent / "encodings" / "minfadian_utf8_bom.txt").read_text(encoding="utf-8-sig")
    pages = without_running_heads(engine(name), [842.0] * 3)
    laid_out = page_text(pages[0], 595).text
    assert fold_radicals(laid_out).split("\n")[:15] == statute.split("\n")[:15]


def test_vertical_print_is_one_text():
    (lines,) = by_pdfium("cid_unigb_v_vertical_notembedded.pdf")
    statute = (PDFS.parent / "encodings" / "minfadian_utf8_bom.txt").read_text(encoding="utf-8-sig")
    found = page_text(lines, 595).text
    assert found.startswith("第九百八十九条本编调整因人格权的享有和保护产生的民事关系。")
    assert "".join(statute.split()).startswith("".join(found.split()))
