from __future__ import annotations

import pytest

from indexer.readers.printed_table import Row, printed
from indexer.readers.table import rows_as_text

STAFF = [
    ["姓名", "部门", "电话"],
    ["张三", "销售部", "13800000001"],
    ["李四", "销售部", "13800000002"],
    ["王五", "人事部", ""],
    ["赵六", "财务部", "13800000004"],
]


def test_under_a_header_every_row_carries_its_labels():
    assert rows_as_text(STAFF).split("\n") == [
        "姓名：张三；部门：销售部；电话：13800000001",
        "姓名：李四；部门：销售部；电话：13800000002",
        "姓名：王五；部门：人事部",
        "姓名：赵六；部门：财务部；电话：13800000004",
    ]


def test_captions_above_the_header_are_lines_of_their_own():
    text = rows_as_text([["通讯录", "", ""], ["", "", "内部资料"], *STAFF])
    assert text.startswith("通讯录\n内部资料\n姓名：张三；")


def test_a_short_table_is_left_as_it_is():
    assert (
        rows_as_text(STAFF[:3])
        == "姓名 | 部门 | 电话\n张三 | 销售部 | 13800000001\n李四 | 销售部 | 13800000002"
    )


@pytest.mark.parametrize(
    "rows",
    [
        [
            ["姓名", "张三", "性别", "男"],
            ["民族", "汉", "职务", "经理"],
            ["电话", "138", "邮箱", "a@b"],
            ["住址", "北京", "籍贯", "河北"],
        ],
        [["姓名：", "张三"], ["年龄：", "30"], ["电话：", "138"], ["工龄：", "3"], ["工号：", "7"]],
        [["1", "张三"], ["2", "李四"], ["3", "王五"], ["4", "赵六"], ["5", "钱七"]],
        [["是", "甲"], ["否", "乙"], ["是", "丙"], ["是", "丁"], ["否", "戊"]],
    ],
    ids=["form", "labels with colons", "numbers first", "a first row like the others"],
)
def test_what_is_no_header_gives_no_labels(rows):
    assert rows_as_text(rows) == "\n".join(" | ".join(row) for row in rows)


def test_years_and_an_empty_corner_are_a_header():
    rows = [["", "2022年", "2023年"], *([f"产品{n}", str(n), str(n + 1)] for n in range(4))]
    assert rows_as_text(rows).split("\n")[1] == "产品1；2022年：1；2023年：2"


def test_a_long_table_of_words_has_a_header():
    rows = [["术语", "释义"], *([f"词{chr(0x4E00 + n)}", f"义{chr(0x5E00 + n)}"] for n in range(25))]
    assert rows_as_text(rows).startswith("术语：词一；释义：义")


def test_a_marked_header_is_believed_and_rows_of_it_are_joined():
    rows = [["部门", "一季度", "一季度"], ["部门", "收入", "成本"], ["华东", "10", "8"]]
    assert rows_as_text(rows, header_rows=2) == "部门：华东；一季度 收入：10；一季度 成本：8"


def test_a_label_without_values_is_not_lost():
    assert rows_as_text([["甲", "乙"], ["一", ""]], header_rows=1) == "甲 | 乙\n甲：一"


def test_empty_rows_columns_and_tables_vanish():
    assert rows_as_text([["", "a", ""], ["", "", ""], ["", "b"]]) == "a\nb"
    assert rows_as_text([]) == ""
    assert rows_as_text([["", " "]]) == ""


def test_lines_in_a_cell_stay_only_in_a_single_column():
    assert rows_as_text([["第一行\n第二行"]]) == "第一行\n第二行"
    assert rows_as_text([["第一行\n第二行", "乙"]]) == "第一行 第二行 | 乙"


QUESTIONS = [["问题", "回答"], *([f"问题{chr(0x4E00 + n)}", "答" * 60 + chr(0x4E00 + n)] for n in range(9))]


def test_labels_above_texts_are_a_header():
    assert rows_as_text(QUESTIONS).startswith("问题：问题一；回答：答答")


def test_a_long_printed_table_repeats_its_header_and_gives_no_labels():
    lines = printed([Row(("附表一", "")), *(Row(tuple(row)) for row in QUESTIONS)]).split("\n")
    assert lines[:2] == ["附表一", "问题 | 回答"]
    assert lines[8] == "问题 | 回答"
    assert lines.count("附表一") == 1
    assert lines[2] == "问题一 | " + "答" * 60 + "一"


def test_a_printed_form_has_no_header_to_repeat():
    rows = [Row((f"项{chr(0x4E00 + n)}", "内容" * 30 + chr(0x4E00 + n))) for n in range(3)]
    lines = printed([Row(("姓名", "张三")), *rows]).split("\n")
    assert lines.count("姓名 | 张三") == 1


def test_periods_are_labels_in_both_forms_of_a_table():
    rows = [["指标", "2022年", "2023年"], *([f"产品{n}" * 20, str(n), str(n + 1)] for n in range(9))]
    assert rows_as_text(rows).startswith("指标：产品0")
    assert printed([Row(tuple(row)) for row in rows]).count("指标 | 2022年 | 2023年") == 2
