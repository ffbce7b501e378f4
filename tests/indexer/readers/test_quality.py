from __future__ import annotations

import random
from pathlib import Path

import pytest

from indexer.readers.plausibility import frequent_han
from indexer.readers.quality import OK, UNREADABLE, judge

STATUTE = (
    "自然人的生命权、身体权、健康权受到侵害或者处于其他危难情形的，负有法定救助义务的组织或者个人应当"
    "及时施救。完全民事行为能力人有权依法自主决定无偿捐献其人体细胞、人体组织、人体器官、遗体。任何"
    "组织或者个人不得强迫、欺骗、利诱其捐献。"
)
POEM = "須臾走向天上來，逐殘星趕月。未離海底千山黑，纔到天中萬國明。" * 2
LEADERS = "第一章 总则" + "·" * 40 + "1 第二章 合同的订立" + "·" * 40 + "9"
CHAT = "您好?\n在吗?\n请问还有货吗?\n可以便宜一点吗?\n" * 6
QUESTIONS = "你吃了吗?我还没有吃呢。明天去公园好不好?可以的话早上九点见。" * 2
SAMPLES = Path(__file__).parents[3] / "data" / "samples"


def with_other_han(text: str) -> str:
    """As a font shows that maps each glyph to another, common Han."""
    common = frequent_han()[0][:3000]
    others = dict(zip(common, random.Random(1).sample(common, len(common)), strict=True))
    return "".join(others.get(char, char) for char in text)


@pytest.mark.parametrize(
    "text",
    [STATUTE, POEM, "plain English text, " * 20, "见 GB/T 7714—2015，第 3 条", LEADERS, QUESTIONS, CHAT],
)
def test_what_people_write_is_good(text):
    assert judge(text).score >= OK
    assert judge(text).reason == ""


@pytest.mark.parametrize(
    ("garbled", "why"),
    [
        (with_other_han(STATUTE), "follow one another as in no Chinese text"),
        ("".join(chr(ord(char) + 31) for char in STATUTE), "rare ones"),
        (STATUTE.encode("gbk").decode("big5", "ignore"), "rare ones"),
        (STATUTE.encode().decode("gb18030", "ignore"), "rare ones"),
        (STATUTE.encode("gbk").decode("latin-1"), "mix accents"),
        (STATUTE.encode().decode("cp1252", "ignore"), "mix accents"),
        (STATUTE[:60].encode("latin-1", "replace").decode() * 2, "none that people write"),
        (STATUTE[::2].replace("", "?"), "none that people write"),
        ("".join(chr(0xE000 + ord(char) % 500) for char in STATUTE), "none that people write"),
    ],
)
def test_garbage_is_not_and_the_reason_is_said(garbled, why):
    quality = judge(garbled)
    assert quality.score < OK
    assert why in quality.reason


@pytest.mark.parametrize("columns", [2, 3, 15])
def test_columns_read_across_each_other_are_out_of_order(columns):
    """Fifteen columns: vertical text that was read row by row."""
    text = "".join((SAMPLES / "laws" / "社会法__劳动合同法(2012-12-28).md").read_text().split())[:600]
    height = len(text) // columns
    crossed = "".join(text[row::height] for row in range(height))
    assert judge(text).score == 1.0
    assert judge(crossed).score < OK
    assert "out of order" in judge(crossed).reason


@pytest.mark.parametrize(
    "text",
    [
        "대한민국은 민주공화국이다. 대한민국의 주권은 국민에게 있고, 모든 권력은 국민으로부터 나온다. " * 2,
        "Ở đây ai cũng ăn phở và uống cà phê sữa đá ở ngoài đường, đất liền, hải đảo, vùng biển. " * 2,
        "日本国民は、正当に選挙された国会における代表者を通じて行動し、われらの子孫のために、" * 2,
        "Граждане имеют право участвовать в управлении делами государства непосредственно. " * 2,
        "nǐ hǎo 你好。wǒ shì xué shēng 我是学生。tā men dōu hěn gāo xìng 他们都很高兴。" * 3,
    ],
    ids=["Korean", "Vietnamese", "Japanese", "Russian", "pinyin"],
)
def test_other_languages_are_good(text):
    assert judge(text).score >= OK


def test_a_list_of_names_is_good():
    names = "张伟 王芳 李娜 刘强 陈静 杨洋 赵磊 黄敏 周杰 吴刚 徐丽 孙浩 马超 朱军 胡斌 郭涛 何平 高峰 林燕"
    assert judge(names).score >= OK


@pytest.mark.parametrize(
    ("garbage", "why"),
    [
        (with_other_han(STATUTE), "pairs in a row"),
        (STATUTE[:60].encode("gb18030")[1:].decode("gb18030", "ignore"), "characters in a row"),
    ],
    ids=["common Han for others", "GBK out of step"],
)
def test_a_line_or_two_of_garbage_make_a_long_good_text_doubtful(garbage, why):
    quality = judge(STATUTE * 20 + garbage + STATUTE * 20)
    assert UNREADABLE <= quality.score < OK
    assert why in quality.reason


def test_nothing_is_no_text():
    assert judge(" \n\u3000").score == 0.0
