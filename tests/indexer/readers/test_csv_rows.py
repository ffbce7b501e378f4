from __future__ import annotations

from pathlib import Path

import pytest

from indexer.readers.csv_rows import read
from indexer.readers.options import ReadOptions

ROWS = [
    ["姓名", "部门", "电话"],
    ["张三", "销售部", "13800000001"],
    ["李四", "销售部", "13800000002"],
    ["王五", "人事部", "13800000003"],
    ["赵六", "财务部", "13800000004"],
]
LABELLED = "\n".join(f"姓名：{name}；部门：{unit}；电话：{number}" for name, unit, number in ROWS[1:])


def text_of(text: str, charset: str = "utf-8-sig", name: str = "表.csv") -> str:
    return read(Path(name), text.encode(charset)).text


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", "|", "，", "；"])
@pytest.mark.parametrize("charset", ["utf-8-sig", "gbk", "utf-16"])
def test_whatever_parts_the_cells_in_whatever_charset_is_found(delimiter, charset):
    assert text_of("\n".join(delimiter.join(row) for row in ROWS), charset) == LABELLED


def test_big5_is_read():
    document = read(Path("表.csv"), "單位,人數\n業務處理部門,12\n".encode("big5"))
    assert document.text == "單位 | 人數\n業務處理部門 | 12"
    assert document.charset == "big5"


def test_a_charset_that_is_named_is_used():
    assert (
        read(Path("表.csv"), "甲,乙\n丙,丁".encode("gbk"), ReadOptions(charset="gbk")).text
        == "甲 | 乙\n丙 | 丁"
    )


def test_quoted_cells_may_hold_delimiters_quotes_and_newlines():
    assert text_of('名,注\n甲,"一,二\n三 ""四"""\n') == '名 | 注\n甲 | 一,二 三 "四"'


def test_a_quote_that_nothing_closes_takes_no_other_row():
    assert text_of('管径,价格\n12",5\n"未关,6\n好,7') == '管径 | 价格\n12" | 5\n"未关 | 6\n好 | 7'


def test_excels_own_line_names_the_delimiter():
    assert text_of("sep=|\n甲|1,2\n乙|3,4\n") == "甲 | 1,2\n乙 | 3,4"


@pytest.mark.parametrize(
    "text", ["今天，天气很好。\n我们去了，公园，玩得很开心。", "一行\n又一行", "只有一句，没有表。"]
)
def test_prose_is_left_as_it_is(text):
    assert text_of(text) == text


def test_captions_and_sums_do_not_hide_the_table():
    lines = ["二〇二四年通讯录", *(",".join(row) for row in ROWS), "合计,4"]
    assert text_of("\n".join(lines)) == f"二〇二四年通讯录\n{LABELLED}\n姓名：合计；部门：4"


def test_a_cell_longer_than_any_is_kept():
    assert len(text_of("长" * 200_000 + ",b\n甲,c\n")) > 200_000


def test_an_empty_file_has_no_text():
    assert text_of("") == ""
