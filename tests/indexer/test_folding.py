"""What is folded for search and embedding, what is left alone, and where each character comes from."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.chunking import embedded_texts
from indexer.folding import folded, mended, typed
from indexer.model import Chunk
from indexer.normalize import embeddable, exact, searchable, searchable_with_origins
from indexer.script import simplified

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("⽤⼾⽂档⻓度⻚", "用户文档长度页"),
        ("⺠法典第⼀编，⻄安", "民法典第一编,西安"),
        ("金\uf90a", "金金"),
        ("ＧＢ／Ｔ　７７１４", "GB/T 7714"),
        ("㎏、①、ﬁnd、…", "kg、1、find、..."),
        ("合\u200b同\u00ad法\ufeff", "合同法"),
        ("葛\U000e0100城", "葛城"),
        ("e\u0301 ｶﾞ", "é ガ"),
        ("合合同同法法规规", "合同法规"),
        ("第第一一章章  总总则则\n第一条", "第一章  总则\n第一条"),
        ("见劳劳动动合合同同法法规定", "见劳动合同法规定"),
        ("22002266年年度度报报告告", "2026年度报告"),
        ("合 同 法", "合同法"),
        ("目　　录", "目录"),
        ("第一章 总 则\n第一条", "第一章 总则\n第一条"),
        ("1 0 5 年", "105年"),
        ("第 1 0 5 条规定", "第105条规定"),
        ("中 华 人 民 共 和 国", "中华人民共和国"),
    ],
)
def test_a_text_is_folded_to_what_it_means(text, meant):
    assert folded(text).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "大家高高兴兴，研究研究再说",
        "高高兴兴快快乐乐过年",
        "平平安安快快乐乐健健康康的一家",
        "哈哈哈哈哈哈哈哈",
        "电话11223344556677",
        "寻寻觅觅，冷冷清清，凄凄惨惨戚戚。",
        "是 否 (1)",
        "甲方 乙方 丙方",
        "1 2 3 4 5",
        "第一条 为了保护劳动者的合法权益",
        "版本 8 . 5",
        "Use the API 接口 here",
    ],
)
def test_what_is_written_so_on_purpose_stays(text):
    assert embeddable(text) == text


def test_what_is_embedded_keeps_the_punctuation_case_and_script_of_chinese():
    assert embeddable("《劳动法》：（一）試用期，……　TiDB") == "《劳动法》：（一）試用期，……　TiDB"


def test_a_page_of_radicals_embeds_as_the_words_that_it_means():
    chunk = Chunk(0, "⽤⼾的⺠事权利\u200b", 0, 8, 0, ("第⼀章",), None)
    assert embedded_texts("⺠法典", [chunk], lambda texts: [len(t) for t in texts], 99) == [
        "民法典\n第一章\n用户的民事权利"
    ]


def test_the_context_is_cut_by_the_length_of_what_is_embedded():
    chunk = Chunk(0, "试用期" + "\u200b" * 50, 0, 53, 0, (), None)
    assert embedded_texts("书名", [chunk], lambda texts: [len(t) for t in texts], 6) == ["书名\n试用期"]


def test_a_passage_of_no_width_is_still_something_to_embed():
    chunk = Chunk(0, "\u200b", 0, 1, 0, (), None)
    assert embedded_texts("", [chunk], lambda texts: [len(t) for t in texts], 6) == ["\u200b"]


def test_every_compatibility_character_is_folded_as_unicode_says_but_for_radicals():
    for code in range(0x80, sys.maxunicode + 1):
        char = chr(code)
        if not unicodedata.is_normalized("NFKC", char) and char not in "⼾\u1160\u3164\uffa0":
            assert folded(f"汉{char}").text == unicodedata.normalize("NFKC", f"汉{char}"), hex(code)


def test_a_place_is_all_that_stands_for_a_character():
    text = "见劳劳动动合合同同法法\u200b㎏"
    made = folded(text)
    assert made.text == "见劳动合同法kg"
    at = made.text.index("合同")
    start, end = made.origin(at, at + 2)
    assert text[start:end] == "合合同同"
    assert made.origin(6, 7) == made.origin(7, 8) == (len(text) - 1, len(text))


unhurried = settings(deadline=None)  # the first example loads OpenCC
anything = st.text(
    st.one_of(
        st.sampled_from("⽤⼾試用期㎏ﬁ①İßＡa 。　\u200b\u0301\ufe0f1234年第条合同法\nがｶﾞ한"), st.characters()
    ),
    max_size=40,
)


@unhurried
@given(anything)
def test_the_search_text_is_the_same_with_and_without_its_origins(text):
    made = searchable_with_origins(text)
    assert made.text == searchable(text)
    assert len(made.text) == len(made.starts) == len(made.ends)
    assert list(made.starts) == sorted(made.starts) and list(made.ends) == sorted(made.ends)
    places = list(zip(made.starts, made.ends, strict=True))
    assert all(0 <= start < end <= len(text) for start, end in places)


@unhurried
@given(anything)
def test_a_text_that_is_measured_sentence_by_sentence_is_never_longer_when_it_is_embedded(text):
    assert len(mended(text).text) <= len(typed(text).text)


@unhurried
@given(anything, st.integers(0, 40), st.integers(0, 40))
def test_a_part_of_a_quotation_stays_a_part(text, start, end):
    part = text[start:end].strip()
    if not any(unicodedata.combining(char) or char in "Σ\uff9e\uff9f" for char in text):
        assert exact(part) in exact(text)


def test_a_quotation_is_found_whatever_its_letters_are_drawn_with():
    assert exact("用户ＧＢ") in exact("请⽤\u200b⼾gb登录")
    assert exact("合同法") not in exact("合同 法")


def test_ordinary_documents_are_searched_and_embedded_as_before():
    for file in sorted((SAMPLES / "laws").glob("*.md"))[:10] + sorted((SAMPLES / "vue").glob("*.md"))[:10]:
        text = file.read_text(encoding="utf-8").replace("\u200b", "")
        assert searchable(text) == simplified(unicodedata.normalize("NFKC", text).lower()), file.name
        assert embeddable(text) == text, file.name
