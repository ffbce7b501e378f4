"""Tables with rules between their rows only, drawn cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from tests.indexer.readers.test_pdf_lines import HEIGHT
from tests.indexer.readers.test_pdf_ruled import (
    AS_READ,
    BOXES,
    HEADER,
    TOTAL,
    WRAPPED,
    XS,
    Box,
    lines,
    prose,
    ruled,
)


def across(boxes: Sequence[Box]) -> str:
    """The upper and the lower side of each."""
    return "\n".join(
        f"{x0} {HEIGHT - y} m {x1} {HEIGHT - y} l S" for x0, y0, x1, y1 in boxes for y in (y0, y1)
    )


def row(top: float, bottom: float, xs: Sequence[float] = XS) -> list[Box]:
    return [(x0, top, x1, bottom) for x0, x1 in pairwise(xs)]


def test_wrapped_and_merged_cells_are_whole(tmp_path: Path):
    before, after = (50, 80, "设备清单如下，乙方应当按期交付。"), (50, 250, "本合同一式两份。")
    path = ruled(tmp_path / "a.pdf", [before, *HEADER, *WRAPPED, *TOTAL, after], across(BOXES))
    assert lines(path) == [before[2], *AS_READ, after[2]]


def test_a_cell_over_several_columns_is_whole(tmp_path: Path):
    rules = across([*row(100, 120), *row(120, 160), *row(160, 200)])
    note = [
        (60, 134, "注：以上各项以双方签字盖章的清单为准，没有"),
        (60, 148, "清单的按合同"),
        (300, 140, "见附件"),
    ]
    assert lines(ruled(tmp_path / "a.pdf", [*HEADER, *note, *WRAPPED[8:]], rules)) == [
        "序号 | 名称 | 要求 | 备注",
        "注：以上各项以双方签字盖章的清单为准，没有清单的按合同 |  |  | 见附件",
        "2 | 立式加工中心 | 三轴线轨，主轴转速一万二千转",
    ]


def test_what_stands_between_two_tables_is_in_neither(tmp_path: Path):
    def table(top: float, name: str) -> list[tuple[float, float, str]]:
        return [
            *((x + 5, top + 14, said) for x, said in zip(XS, ("序号", "名称", "要求", "备注"), strict=False)),
            (55, top + 40, "1"),
            (95, top + 34, f"{name}号车床及其"),
            (95, top + 46, "配套装置"),
            (185, top + 40, "按期"),
            (295, top + 40, "无"),
        ]

    texts = [*table(100, "甲"), (50, 185, "第二节 安装"), *prose(50, 205, 2, 20), *table(240, "乙")]
    rules = across([*row(100, 120), *row(120, 160), *row(240, 260), *row(260, 300)])
    found = lines(ruled(tmp_path / "a.pdf", texts, rules))
    assert found[:3] == ["序号 | 名称 | 要求 | 备注", "1 | 甲号车床及其配套装置 | 按期 | 无", "第二节 安装"]
    assert found[-2:] == ["序号 | 名称 | 要求 | 备注", "1 | 乙号车床及其配套装置 | 按期 | 无"]
    assert "".join(found[3:-2]) == "".join(said for _, _, said in prose(50, 205, 2, 20))


def test_rows_that_no_rule_parts_stay_rows(tmp_path: Path):
    body = [
        (x + 5, 134 + 20 * n, f"{said}{n}") for n in range(4) for x, said in zip(XS, "甲乙丙丁", strict=False)
    ]
    rules = across([*row(100, 120), *row(120, 200)])
    assert lines(ruled(tmp_path / "a.pdf", [*HEADER, *body], rules)) == [
        "序号 | 名称 | 要求 | 备注",
        *(" | ".join(f"{said}{n}" for said in "甲乙丙丁") for n in range(4)),
    ]


def test_wrapped_cells_below_the_rule_of_a_header_are_whole(tmp_path: Path):
    def device(top: float, number: str, last: str) -> list[tuple[float, float, str]]:
        return [
            (55, top + 14, number),
            (95, top + 14, "数控车床"),
            *((185, top + 14 * n, said) for n, said in enumerate(("10.0.1.1", "10.0.1.2", "10.0.1.3"))),
            (295, top + 7, "默认"),
            (295, top + 21, last),
        ]

    texts = [*HEADER, *device(136, "1", "目录"), *device(196, "2", "端口")]
    rules = across([*row(100, 120), *row(120, 240)])
    assert lines(ruled(tmp_path / "a.pdf", texts, rules)) == [
        "序号 | 名称 | 要求 | 备注",
        "1 | 数控车床 | 10.0.1.1 10.0.1.2 10.0.1.3 | 默认 目录",
        "2 | 数控车床 | 10.0.1.1 10.0.1.2 10.0.1.3 | 默认 端口",
    ]


def test_lines_below_words_part_nothing(tmp_path: Path):
    text = prose(50, 100, 12, 31)
    runs = [box for _, y, _ in text for box in row(y - 11, y + 3, (50, 150, 260, 360))]
    plain = lines(ruled(tmp_path / "plain.pdf", text, ""))
    assert lines(ruled(tmp_path / "lined.pdf", text, across(runs))) == plain
