"""Tables whose columns stand so close that an engine takes a row for a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from indexer.readers.pdf.layout import page_texts
from indexer.readers.rules import NO_RULES
from tests.indexer.readers.test_pdf_lines import WIDTH, by_pdfium, drawn

NARROW = 5  # points between columns, half an em


def width(text: str) -> float:
    """Of Helvetica and Han at 10 points, figures and the like alone."""
    return sum(
        2.78 if char in ",.:" else 3.33 if char in "-()" else 5.56 if char.isascii() else 10 for char in text
    )


def set_in_columns(
    rows: Sequence[Sequence[str]], y: float, *, right_from: int = 1, pitch: float = 14
) -> list[tuple[float, float, str]]:
    """Cells at their places, those of the columns from `right_from` on at the right of their columns."""
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    placed = []
    for number, row in enumerate(rows):
        x = 50.0
        for column, (cell, wide) in enumerate(zip(row, widths, strict=True)):
            shift = wide - width(cell) if column >= right_from else 0
            if cell:
                placed.append((x + shift, y + pitch * number, cell))
            x += wide + NARROW
    return placed


def text(path: Path, texts: Sequence[tuple[float, float, str]]) -> list[str]:
    drawn(path / "a.pdf", texts)
    (page,) = page_texts([(by_pdfium(path / "a.pdf"), WIDTH, NO_RULES)])
    return page.text.split("\n")


MONEY = [
    ("项目", "一月", "二月", "三月", "四月", "五月"),
    ("货币资金", "22,178,851.81", "9,436,401.05", "33,926,009.82", "54,748,883.44", "-689,107.07"),
    ("应收账款", "2,171,951.25", "75,534,748.31", "24,082,507.28", "(21,855,455.53)", "89,612,390.36"),
    ("存货", "75,445,069.16", "43,395,435.57", "57,877,064.51", "-", "57,502,598.59"),
    ("未分配利润", "47,563,127.72", "66,971,415.20", "60,755,621.31", "6,698,798.00", "68,482,491.92"),
]


def test_columns_of_numbers_that_stand_close_are_cells_and_so_is_their_header(tmp_path):
    assert text(tmp_path, set_in_columns(MONEY, 100)) == [" | ".join(row) for row in MONEY]


def test_a_row_of_a_section_alone_does_not_part_the_header_from_its_columns(tmp_path):
    rows = [MONEY[0], ("流动资产：", "", "", "", "", ""), *MONEY[1:]]
    assert text(tmp_path, set_in_columns(rows, 100)) == [" | ".join(row) for row in rows]


def test_columns_of_words_beside_the_numbers_are_cells_where_they_begin_together(tmp_path):
    rows = [
        ("1", "笔记本电脑", "台", "40", "2,112.00", "84,480.00"),
        ("2", "激光打印机", "套", "16", "5,336.00", "85,376.00"),
        ("3", "会议桌", "张", "1", "962.00", "962.00"),
    ]
    assert text(tmp_path, set_in_columns(rows, 100, right_from=3)) == [" | ".join(row) for row in rows]


@pytest.mark.parametrize(
    ("wide", "row_of_numbers"), [(4, 0), (4, 1), (6, 1)], ids=["top", "middle", "bottom"]
)
def test_a_label_that_wraps_is_one_with_the_numbers_in_its_row(tmp_path, wide, row_of_numbers):
    table = [
        ("指标", "2020", "2021", "2022"),
        ("城镇居民人均可支配收入", "43,834", "47,412", "49,283"),
        ("农村居民人均可支配收入", "17,131", "18,931", "20,133"),
        ("城镇居民消费价格总指数", "102.5", "100.9", "102.0"),
    ]
    lines = []
    y = 100
    for label, *numbers in table:
        parts = [label[start : start + wide] for start in range(0, len(label), wide)]
        for line, part in enumerate(parts):
            has_numbers = line == row_of_numbers or len(parts) == 1
            lines.append((y, (part, *(numbers if has_numbers else [""] * 3))))
            y += 12
        y += 5  # between rows
    placed = set_in_columns([cells for _, cells in lines], 0, pitch=1000)
    texts = [(x, lines[round(index / 1000)][0], cell) for x, index, cell in placed]
    assert text(tmp_path, texts) == [" | ".join(row) for row in table]


def test_numbers_in_prose_make_no_table(tmp_path):
    lines = [
        "依照本法第 5 条与第 10 条应当支付 20 元或者 30 元的",
        "以及第 6 条与第 11 条规定的应支付 40 元或者 50 元的",
        "由 3 个部门在 15 日内依照第 12 条处理",
    ]
    texts = [(50.0, 100.0 + 14 * number, line) for number, line in enumerate(lines)]
    assert text(tmp_path, texts) == ["".join(lines)]


def test_code_keeps_its_spaces(tmp_path):
    line = "return 3 * x ** 2 - 4 * x"
    found = text(tmp_path, [(50, 100, line), (50, 114, line), (50, 128, line)])
    assert " ".join(found) == " ".join([line] * 3)
