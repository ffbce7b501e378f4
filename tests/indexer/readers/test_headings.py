from __future__ import annotations

import pytest

from indexer.model import Heading
from indexer.readers.headings import merged_headings, statute_headings


def outline(text: str) -> list[tuple[int, str]]:
    found = statute_headings(text)
    for heading in found:
        assert heading.start == 0 or text[heading.start - 1] == "\n"
        assert text[heading.start :].lstrip().startswith(heading.title)
    return [(heading.level, heading.title) for heading in found]


CODE = """第三编 合同
第一分编 通则
第一章 一般规定
第四百六十三条 本编调整因合同产生的民事关系。
第四百六十四条 合同是民事主体之间的协议。
婚姻有关的协议，适用
第四百六十五条规定的办法。
第二章 合同的订立
第一节　要约
第四百六十九条　当事人订立合同，可以采用书面形式。
"""


def test_parts_of_a_code_nest_in_their_order():
    assert outline(CODE) == [
        (1, "第三编 合同"),
        (2, "第一分编 通则"),
        (3, "第一章 一般规定"),
        (5, "第四百六十三条"),
        (5, "第四百六十四条"),
        (3, "第二章 合同的订立"),
        (4, "第一节　要约"),
        (5, "第四百六十九条"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "第十九条规定的期限届满",
        "第十九条第二款规定的期限",
        "第十九条 第二款规定的期限",
        "第十九条、第二十条所列情形",
        "第十九条，应当",
        "第十九条至第二十二条",
        "第十九条和第二十条",
        "第十九条之规定",
        "第一章的规定适用于本章",
        "第二节课开始了",
        "第一章 总则………………………………1",
        "第三回，他终于到了那里。",
    ],
)
def test_a_reference_at_the_start_of_a_wrapped_line_is_no_heading(line):
    assert outline(f"依照\n{line}\n办理。") == []


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("第十九条 为了保护", "第十九条"),
        ("第十九条　为了保护", "第十九条"),
        ("第19条 为了保护", "第19条"),
        ("第十九条之一 非法", "第十九条之一"),
        ("第十九条：为了保护", "第十九条"),
        ("第十九条【目的】为了保护", "第十九条"),
        ("　　第十九条 为了保护", "第十九条"),
        ("第十九條 為了保護", "第十九條"),
        ("第九十六回 连升店差役拿书生", "第九十六回 连升店差役拿书生"),
        ("卷首\n第一章总则\n正文", "第一章总则"),
    ],
)
def test_forms_of_a_heading(line, title):
    assert [found for _, found in outline(f"前文。\n{line}\n后文。")] == [title]


def test_an_article_without_a_space_counts_where_a_paragraph_begins():
    assert outline("第一条本法适用于公司。\n第二条公司是法人。") == [(5, "第一条"), (5, "第二条")]
    assert outline("依照本法有关公司的\n第二条公司是法人。") == []


def test_a_table_of_contents_gives_no_headings():
    contents = "目录\n第一编 总则\n第一章 基本规定\n第二章 自然人\n第二编 物权\n第三章 通则\n"
    body = "第一编 总则\n第一章 基本规定\n第一条 甲。\n第二章 自然人\n第二条 乙。\n"
    found = statute_headings(contents + body)
    assert [heading.title for heading in found][-5:] == [
        "第一编 总则",
        "第一章 基本规定",
        "第一条",
        "第二章 自然人",
        "第二条",
    ]
    assert all(heading.start >= len(contents) for heading in found)


def test_articles_are_deeper_than_any_heading_of_the_format():
    text = "公司法\n第一章 总则\n第一条 甲。"
    formatted = (Heading(0, 1, "公司法"), Heading(4, 2, "第一章 总则"))
    assert merged_headings(text, formatted) == (*formatted, Heading(11, 7, "第一条"))


def test_chapters_without_a_format_nest_below_the_formatted_title():
    text = "公司法\n第一章 总则\n第一条 甲。"
    found = merged_headings(text, (Heading(0, 1, "公司法"),))
    assert [(heading.level, heading.title) for heading in found] == [
        (1, "公司法"),
        (4, "第一章 总则"),
        (6, "第一条"),
    ]


def test_a_text_without_numbers_has_no_headings():
    assert outline("") == []
    assert outline("床前明月光，疑是地上霜。") == []
