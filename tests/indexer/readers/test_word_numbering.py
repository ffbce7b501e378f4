"""Automatic numbers of Word: what the page shows and no paragraph's own text has."""

from __future__ import annotations

import pytest

from indexer.readers.numerals import numeral
from tests.indexer.readers.word_files import item, level, listed, paragraph, read, used

STATUTE = listed(
    level(0, "chineseCountingThousand", "第%1章"),
    level(1, "chineseCountingThousand", "第%2条", '<w:lvlRestart w:val="0"/>'),
    level(2, "chineseCounting", "（%3）"),
)
OUTLINE = listed(level(0, "decimal", "%1."), level(1, "decimal", "%1.%2"), level(2, "lowerRoman", "%1.%2.%3"))


def lines(folder, body, numbering, **parts):
    return read(folder, body, numbering=numbering, **parts).text.split("\n\n")


def test_articles_numbered_by_word_are_searchable_and_headings(tmp_path):
    body = (
        item("总则") + item("制定本法。", level=1) + item("住宅", level=2) + item("商铺", level=2)
        + item("登记") + item("应当登记。", level=1) + item("住所", level=2)
    )  # fmt: skip
    document = read(tmp_path, body, numbering=STATUTE + used(1))
    assert document.text.split("\n\n") == [
        "第一章 总则",
        "第一条 制定本法。",
        "（一）住宅",
        "（二）商铺",
        "第二章 登记",
        "第二条 应当登记。",
        "（一）住所",
    ]
    assert [heading.title for heading in document.headings] == [
        "第一章 总则",
        "第一条",
        "第二章 登记",
        "第二条",
    ]


def test_a_number_can_start_anywhere(tmp_path):
    start = '<w:lvlOverride w:ilvl="1"><w:startOverride w:val="105"/></w:lvlOverride>'
    body = item("甲", level=1) + item("乙", 2, 1) + item("丙", 2, 1) + item("丁", level=1)
    assert lines(tmp_path, body, STATUTE + used(1) + used(2, more=start)) == [
        "第一条 甲",
        "第一百零五条 乙",
        "第一百零六条 丙",
        "第一百零七条 丁",
    ]


def test_lists_of_one_definition_count_on_and_those_of_another_do_not(tmp_path):
    numbering = OUTLINE + listed(level(0, "decimal", "%1."), name=1) + used(1) + used(2) + used(3, 1)
    assert lines(tmp_path, item("a", 1) + item("b", 2) + item("c", 3), numbering) == ["1. a", "2. b", "1. c"]


def test_deeper_levels_restart_below_each_higher_one(tmp_path):
    body = "".join(item("x", level=depth) for depth in (0, 1, 1, 2, 2, 1, 0, 1, 2))
    found = [line.split()[0] for line in lines(tmp_path, body, OUTLINE + used(1))]
    assert found == ["1.", "1.1", "1.2", "1.2.i", "1.2.ii", "1.3", "2.", "2.1", "2.1.i"]


def test_a_level_that_was_left_out_shows_its_start(tmp_path):
    assert lines(tmp_path, item("x", level=1), OUTLINE + used(1)) == ["1.1 x"]


def test_legal_numbers_are_decimal_throughout(tmp_path):
    legal = listed(level(0, "chineseCounting", "第%1章"), level(1, "decimal", "%1.%2", "<w:isLgl/>"))
    assert lines(tmp_path, item("a") + item("b", level=1), legal + used(1)) == ["第一章 a", "1.1 b"]


def test_a_level_restarts_only_below_the_one_that_it_names(tmp_path):
    restarting = listed(
        level(0, "decimal", "%1"),
        level(1, "decimal", "%2"),
        level(2, "decimal", "(%3)", '<w:lvlRestart w:val="1"/>'),
    )
    body = "".join(item("x", level=depth) for depth in (0, 1, 2, 1, 2, 0, 1, 2))
    assert [line.split()[0] for line in lines(tmp_path, body, restarting + used(1))][2::2] == [
        "(1)",
        "(2)",
        "1",
    ]


@pytest.mark.parametrize(
    ("suffix", "line"), [("tab", "第一条 文"), ("space", "第一条 文"), ("nothing", "第一条文")]
)
def test_what_follows_the_number(tmp_path, suffix, line):
    numbering = listed(level(0, "chineseCounting", "第%1条", f'<w:suff w:val="{suffix}"/>')) + used(1)
    assert lines(tmp_path, item("文"), numbering) == [line]


def test_numbers_come_from_styles_too(tmp_path):
    numbered = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{shown}"/>{more}</w:style>'
        for name, shown, more in (
            ("H1", "heading 1", numbered),
            ("H2", "heading 2", '<w:basedOn w:val="H1"/>'),
            ("Mine", "公司标题", '<w:basedOn w:val="H2"/>'),
        )
    )
    numbering = listed(
        level(0, "chineseCounting", "第%1章", '<w:pStyle w:val="H1"/>'),
        level(1, "decimal", "%1.%2", '<w:pStyle w:val="H2"/><w:isLgl/>'),
    ) + used(1)
    body = "".join(
        paragraph("文", f'<w:pStyle w:val="{style}"/>{more}')
        for style, more in (
            ("H1", ""),
            ("H2", ""),
            ("Mine", ""),
            ("H1", '<w:numPr><w:numId w:val="0"/></w:numPr>'),
            ("H1", ""),
        )
    )
    document = read(tmp_path, body, numbering=numbering, styles=styles)
    assert document.text.split("\n\n") == ["第一章 文", "1.1 文", "1.2 文", "文", "第二章 文"]
    assert [heading.level for heading in document.headings] == [1, 2, 2, 1, 1]


def test_bullets_are_shown_and_empty_ones_are_not(tmp_path):
    numbering = listed(level(0, "bullet", "&#xF0B7;"), level(1, "bullet", "－")) + used(1)
    assert lines(tmp_path, item("a") + item("") + item("b", level=1), numbering) == ["• a", "－ b"]


def test_a_list_can_have_its_levels_by_a_style(tmp_path):
    numbering = (
        listed(name=0, more='<w:numStyleLink w:val="L"/>')
        + listed(level(0, "ideographTraditional", "%1、"), name=1, more='<w:styleLink w:val="L"/>')
        + used(1, 0) + used(2, 1)
    )  # fmt: skip
    styles = (
        '<w:style w:type="numbering" w:styleId="L"><w:name w:val="L"/><w:pPr><w:numPr><w:numId w:val="2"/>'
        "</w:numPr></w:pPr></w:style>"
    )
    assert lines(tmp_path, item("文") + item("字"), numbering, styles=styles) == ["甲、文", "乙、字"]


def test_deleted_paragraphs_are_not_counted(tmp_path):
    deleted = '<w:del w:id="1"><w:r><w:delText>旧</w:delText></w:r></w:del>'
    body = item("a") + item(deleted, properties="<w:rPr><w:del/></w:rPr>") + item("b")
    assert lines(tmp_path, body, OUTLINE + used(1)) == ["1. a", "2. b"]


@pytest.mark.parametrize(
    "numbering",
    [
        used(1, 99),
        listed(level(0, "decimal", "%1." * 10_000)) + used(1),
        listed(level(0, "lowerLetter", "%1", start=999_999_999)) + used(1),
        listed('<w:lvl w:ilvl="x"><w:start w:val="-"/></w:lvl><w:lvl w:ilvl="77"/>') + used(1),
        listed(name=0, more='<w:numStyleLink w:val="L"/>') + used(1),
    ],
    ids=["no list", "long text", "large start", "no numbers", "no style"],
)
def test_numbering_that_no_document_has_does_no_harm(tmp_path, numbering):
    found = lines(tmp_path, item("文") * 50, numbering)
    assert len(found) == 50
    assert all(line.endswith("文") and len(line) < 120 for line in found)


@pytest.mark.parametrize(
    ("system", "numbers"),
    [
        ("decimal", {7: "7"}),
        ("decimalFullWidth", {105: "１０５"}),
        ("decimalZero", {7: "07", 10: "10"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
        ("upperLetter", {1: "A", 26: "Z", 27: "AA"}),
        ("lowerRoman", {4: "iv", 1994: "mcmxciv"}),
        ("chineseCounting", {10: "十", 19: "十九", 20: "二十", 99: "九十九", 105: "一〇五"}),
        (
            "chineseCountingThousand",
            {12: "十二", 100: "一百", 105: "一百零五", 110: "一百一十", 1010: "一千零一十"},
        ),
        ("chineseCountingThousand", {10_000: "一万", 10_005: "一万零五", 12_345: "一万二千三百四十五"}),
        ("taiwaneseCounting", {12: "十二", 105: "一○五"}),
        ("taiwaneseCountingThousand", {20_300: "二萬零三百"}),
        ("japaneseCounting", {11: "十一", 100: "百", 105: "百五"}),
        ("ideographDigital", {105: "一〇五"}),
        ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),
        ("ideographZodiac", {12: "亥"}),
        ("ideographZodiacTraditional", {1: "甲子", 60: "癸亥"}),
        ("chineseLegalSimplified", {12: "壹拾贰", 105: "壹佰零伍"}),
        ("ideographLegalTraditional", {3: "參"}),
        ("none", {3: ""}),
        ("hebrew1", {3: "3"}),
        ("chineseCountingThousand", {0: "0", 99_999: "99999", -3: "-3"}),
    ],
)
def test_numbers_in_their_systems(system, numbers):
    assert {number: numeral(number, system) for number in numbers} == numbers
