"""Tables without rules, whose cells the file draws one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.indexer.readers.test_pdf_ruled import LAW, prose
from tests.indexer.readers.test_pdf_tables import text

Text = tuple[float, float, str]

XS = (50, 130, 280)
TABLE = [
    [["参数名称"], ["含义"], ["默认值"]],
    [["数据库连接池", "上限"], ["同时打开的连接不超过这", "个数目，超出的请求排队"], ["128"]],
    [["超时"], ["等待应答的最长时间，过", "后断开并且记入日志，再", "试三次"], ["三十秒，可以", "按需调整"]],
    [["重试次数"], ["失败以后再试几次"], ["3"]],
]
AS_READ = [
    "参数名称 | 含义 | 默认值",
    "数据库连接池上限 | 同时打开的连接不超过这个数目，超出的请求排队 | 128",
    "超时 | 等待应答的最长时间，过后断开并且记入日志，再试三次 | 三十秒，可以按需调整",
    "重试次数 | 失败以后再试几次 | 3",
]


def placed(table: Sequence[Sequence[Sequence[str]]], top: float, *, in_middle: bool = False) -> list[Text]:
    """Cells one after the other, the lines of each from top to bottom."""
    texts = []
    for row in table:
        height = max(map(len, row))
        for x, cell in zip(XS, row, strict=True):
            y = top + 7 * (height - len(cell)) if in_middle else top
            texts += [(x, y + 14 * n, line) for n, line in enumerate(cell)]
        top += 14 * height + 8
    return texts


@pytest.mark.parametrize("in_middle", [False, True], ids=["top", "middle"])
def test_wrapped_cells_are_whole(tmp_path: Path, in_middle: bool):
    before, after = (50, 90, "参数如下表所示，未列的不得修改。"), (50, 270, "修改以后应当重启服务。")
    texts = [before, *placed(TABLE, 120, in_middle=in_middle), after]
    assert text(tmp_path, texts) == [before[2], *AS_READ, after[2]]


def test_a_cell_that_stands_close_to_a_wrapped_one_is_apart(tmp_path: Path):
    table = [
        (50, 100, "甲类"),
        (106, 100, "58754"),
        (140, 100, "马会主席桑达士在英礼聘"),
        (140, 114, "将军为总经理"),
        (50, 136, "乙类"),
        (106, 136, "75680"),
        (140, 136, "所有车站都位于千叶线浦"),
        (140, 150, "安市内"),
    ]
    assert text(tmp_path, table) == [
        "甲类 | 58754 | 马会主席桑达士在英礼聘将军为总经理",
        "乙类 | 75680 | 所有车站都位于千叶线浦安市内",
    ]


def test_cells_of_rows_that_lack_some_stand_below_their_header(tmp_path: Path):
    rows = [
        (100, [(60, "日期"), (150, "摘要"), (260, "支出"), (330, "收入"), (400, "余额")]),
        (124, [(50, "五月一日"), (120, "工资"), (320, "一万二千"), (390, "一万五千")]),
        (148, [(50, "五月二日"), (120, "某某超市有限公司上海浦"), (250, "三百五十"), (390, "一万四千")]),
        (184, [(50, "五月四日"), (120, "利息"), (340, "三元"), (390, "一万四千")]),
    ]
    texts = [(x, y, said) for y, cells in rows for x, said in cells]
    texts.insert(texts.index((250, 148, "三百五十")), (120, 162, "东新区分店"))
    assert text(tmp_path, texts) == [
        "日期 | 摘要 | 支出 | 收入 | 余额",
        "五月一日 | 工资 |  | 一万二千 | 一万五千",
        "五月二日 | 某某超市有限公司上海浦东新区分店 | 三百五十 |  | 一万四千",
        "五月四日 | 利息 |  | 三元 | 一万四千",
    ]


def test_two_columns_of_paragraphs_are_no_table(tmp_path: Path):
    left = [
        (50 + 20 * (n % 4 == 0), 100 + 14 * n, LAW[n % 5 : n % 5 + 22 - 2 * (n % 4 == 0)]) for n in range(16)
    ]
    right = [(x + 260, y, said) for x, y, said in left]
    found = "".join(text(tmp_path, [*left, *right]))
    assert found == "".join(said for _, _, said in [*left, *right])


def test_a_list_with_its_numbers_apart_is_no_table(tmp_path: Path):
    items: list[Text] = []
    for number in range(3):
        y = 100 + 36 * number
        items.append((50, y, f"（{'一二三'[number]}）"))
        items += [(90, y, LAW[:28]), (90, y + 14, LAW[5:21])]
    for line, number in zip(text(tmp_path, items), "一二三", strict=True):
        assert line == f"（{number}） {LAW[:28]}{LAW[5:21]}"


def test_code_with_remarks_is_no_table(tmp_path: Path):
    code = [
        (50, 100, 'host = "10.0.0.1"'),
        (200, 100, "# 例如这个地址"),
        (50, 114, "port = 4000"),
        (50, 128, 'user = "root"'),
        (200, 128, "# 不要在生产环境里使用"),
        (50, 142, 'password = ""'),
    ]
    assert [line.split("=")[0] for line in text(tmp_path, code)] == ["host ", "port ", "user ", "password "]


def test_lines_that_the_file_draws_across_the_cells_are_told_by_their_columns(tmp_path: Path):
    across = sorted(placed(TABLE, 120), key=lambda one: (one[1], one[0]))
    found = text(tmp_path, across)
    assert found[0] == AS_READ[0] and found[-1] == AS_READ[-1]
    assert "".join(sorted("".join(found))) == "".join(sorted("".join(text(tmp_path, placed(TABLE, 120)))))


def test_prose_stays_as_it_is(tmp_path: Path):
    texts = prose(50, 100, 12, 31)
    assert "".join(text(tmp_path, texts)) == "".join(said for _, _, said in texts)
