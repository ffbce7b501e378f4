"""Which words are marked: spans worked by hand, and spans that must hold for any text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.highlight import best_sentence
from app.highlight import matched_spans as spans_of
from indexer.normalize import searchable
from indexer.words import PLAIN


def marked(question: str, text: str) -> list[str]:
    return [text[start:end] for start, end in matched_spans(question, text)]


def matched_spans(question: str, text: str) -> list[tuple[int, int]]:
    return spans_of(question, text, PLAIN)


def test_every_place_of_a_word_is_marked() -> None:
    assert matched_spans("试用期", "约定试用期。试用期不得超过六个月。") == [(2, 5), (6, 9)]


def test_full_width_letters_match_half_width_ones_and_the_other_way_round() -> None:
    assert matched_spans("abc", "见ＡＢＣ型") == [(1, 4)]
    assert matched_spans("ＡＢＣ", "见abc型") == [(1, 4)]


def test_case_does_not_matter() -> None:
    assert marked("tidb 集群", "TiDB 的集群") == ["TiDB", "集群"]


def test_a_latin_word_is_not_marked_inside_another() -> None:
    assert marked("AI 模型", "email 里的 AI模型，又见 AI2") == ["AI模型"]


def test_words_that_overlap_make_one_span() -> None:
    # jieba's search mode gives 劳动, 合同 and 劳动合同法: the long word covers the others.
    assert matched_spans("劳动合同法", "《劳动合同法》") == [(1, 6)]


def test_words_side_by_side_make_one_span() -> None:
    assert matched_spans("消费者 退货", "消费者退货的商品") == [(0, 5)]


def test_a_character_that_stands_for_several_is_marked_whole() -> None:
    assert matched_spans("kg", "重五㎏整") == [(2, 3)]


def test_spans_stay_right_behind_a_character_that_stands_for_several() -> None:
    assert matched_spans("试用期", "㎏㎏试用期") == [(2, 5)]


@pytest.mark.parametrize(
    ("question", "text", "mark"),
    [
        ("用户", "请⽤⼾登录", "⽤⼾"),
        ("劳动合同", "见劳劳动动合合同同法法规定", "劳劳动动合合同同"),
        ("合同法", "新 合 同 法 ", "合 同 法"),
        ("试用期", "约定試\u200b用\u00ad期。", "試\u200b用\u00ad期"),
        ("总则", "第一章　总　则", "总　则"),
        ("105年", "民国 １ ０ ５ 年", "１ ０ ５ 年"),
        ("café", "the cafe\u0301 is", "cafe\u0301"),
    ],
)
def test_all_that_stands_for_a_word_is_marked(question: str, text: str, mark: str) -> None:
    assert marked(question, text) == [mark]


@pytest.mark.parametrize("question", ["的", "什么", "多久", "the of", "？！", ""])
def test_words_that_say_nothing_are_not_marked(question: str) -> None:
    assert matched_spans(question, "这是什么的？多久！the end of it") == []


def test_nothing_in_common_marks_nothing() -> None:
    assert matched_spans("试用期", "邹忌讽齐王纳谏") == []


@settings(max_examples=200, deadline=None)
@given(
    question=st.text(alphabet="劳动合同试用期ＡaBK㎏ﬁ①İß的 ", max_size=8),
    text=st.text(alphabet="劳动合同试用期試⽤ＡaBkg㎏ﬁ①İß的 　\u200b\u00ad。\n", max_size=30),
)
def test_spans_lie_in_the_text_apart_and_hold_words_of_the_question(question: str, text: str) -> None:
    spans = matched_spans(question, text)
    asked = PLAIN.words(question)
    for start, end in spans:
        assert 0 <= start < end <= len(text)
        assert any(word in searchable(text[start:end]) for word in asked)
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_the_sentence_with_the_rarest_words_of_the_question_is_the_best() -> None:
    text = "劳动合同可以约定试用期。 试用期最长不得超过六个月！\n工资按月支付。"
    start, end = best_sentence("试用期最长多久", text, PLAIN)
    assert text[start:end] == "试用期最长不得超过六个月！"
    assert best_sentence("火星", text, PLAIN) is None
    assert best_sentence("火星", "", PLAIN) is None


def test_a_number_is_the_same_in_either_writing() -> None:
    text = "第十八条 工资。第十九条 工资。"
    start, end = best_sentence("第19条", text, PLAIN)
    assert text[start:end] == "第十九条 工资。"


@pytest.mark.parametrize(
    ("question", "text", "mark"),
    [
        ("第19条", "见第十九条。", "第十九条"),
        ("3个月", "不满三个月的", "三个月"),
        ("15%", "的百分之十五。", "百分之十五"),
        ("GB/T 7714", "按GB/T—7714著录", "GB/T—7714"),
        ("1000000元", "共1,000,000元", "1,000,000元"),
    ],
)
def test_a_number_or_a_code_is_marked_however_it_is_written(question: str, text: str, mark: str) -> None:
    assert mark in "".join(marked(question, text))
