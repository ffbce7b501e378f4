"""Numbers, ordinals, quantities and codes, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.normalize import searchable
from indexer.wholes import parse_numeral, whole_spans, whole_terms
from indexer.words import PLAIN


def wholes(text):
    folded = searchable(text)
    return set(whole_terms(folded, PLAIN.pieces(folded)))


@pytest.mark.parametrize(
    ("written", "otherwise", "term"),
    [
        ("第十九条", "第19条", "第19条"),
        ("第一百二十条之一", "第120条之一", "第120条之1"),
        ("第 3 页", "第三页", "第3页"),
        ("三个月", "3 个月", "3个月"),
        ("二〇二三年", "2023年", "2023年"),
        ("百分之十五", "１５％", "15%"),
        ("1,000,000", "1000000 元", "1000000"),
        ("3.5mm", "3.5 MM", "3.5mm"),
        ("80℃", "80°C", "80°c"),
        ("GB/T 7714", "GB/T-7714", "gbt7714"),
        ("GB/T 7714", "GB/T 7714-2015", "gbt7714"),
        ("传感器-温度-TH01", "传感器_温度_TH01", "传感器温度th01"),
        ("查看传感器-温度-TH01的读数", "传感器-温度-TH01", "传感器温度th01"),
        ("Vue 3", "vue-3", "vue3"),
        ("ISO 9001:2015", "ISO-9001", "iso9001"),
        ("GB/T 7714—2015", "GB/T 7714-2015", "gbt77142015"),
        ("一百二十元", "120 元", "120元"),
    ],
)
def test_two_ways_to_write_it_share_a_term(written, otherwise, term):
    assert term in PLAIN.words(written)
    assert term in PLAIN.words(otherwise)


@pytest.mark.parametrize("text", ["一般来说十分重要", "北京-上海", "万一", "，。-/ ", ""])
def test_words_that_only_look_like_numbers_or_codes_give_none(text):
    assert wholes(text) == set()


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        *{"零": 0, "十": 10, "十九": 19, "二十": 20, "一百零五": 105, "一百二十": 120}.items(),
        *{"两千三百": 2300, "一万二千": 12000, "三亿五千万": 350_000_000, "二〇二三": 2023}.items(),
        *{"一百二": 120, "一百零二": 102, "三万五": 35000, "两千三": 2300}.items(),
        *{"19": 19, "0019": 19, "十十": None, "百千": None}.items(),
    ],
)
def test_numerals_have_their_value(numeral, value):
    assert parse_numeral(numeral) == value


def in_han(number):
    """A number below ten thousand, as it is written in Chinese."""
    digits = "零一二三四五六七八九"
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if zero and text else "") + digits[digit] + name
            zero = False
        else:
            zero = True
    return text


@given(st.integers(1, 9999))
def test_an_article_is_the_same_in_han_and_in_figures(number):
    assert parse_numeral(in_han(number)) == number
    assert wholes(f"第{in_han(number)}条") >= {f"第{number}条"} <= wholes(f"第{number}条")


@given(st.text(alphabet="第一十百千万亿零〇两19条个月年之,.-/_ ABCab%℃传感器", max_size=30))
def test_no_text_breaks_it(text):
    for term in wholes(text):
        assert term and not term.isspace()


def test_places_are_those_of_the_text():
    text = searchable("共1,000,000元，见第十九条、GB/T 7714—2015。")
    found = {term: text[start:end] for term, start, end in whole_spans(text, PLAIN.pieces(text))}
    assert found["1000000"] == "1,000,000"
    assert found["1000000元"].strip() == "1,000,000元"
    assert found["第19条"] == "第十九条"
    assert found["gbt7714"] == "gb/t 7714"
    assert found["gbt77142015"] == "gb/t 7714—2015"


@pytest.mark.parametrize("text", ["1" * 20_000 + "元", "一" * 20_000 + "条", "1,000" * 5_000, "a-" * 9_000])
def test_a_text_of_nothing_but_numerals_takes_no_time_to_speak_of(text):
    assert len(wholes(text)) < 10_000
