import numpy as np
import pytest

from indexer.words import AVERAGE_TERMS, K1, PLAIN, STOP_WORDS, Analyzer, B


def shared(question, passage, analyzer=PLAIN):
    """How much of a question's weight meets terms of the passage, before idf: 0 if it is not found."""
    asked, text = analyzer.query_vector(question), analyzer.passage_vector(passage)
    return sum(w for i, w in zip(asked.indices, asked.values, strict=True) if i in set(text.indices))


def test_compounds_also_give_their_parts():
    assert {"劳动", "合同", "劳动合同"} <= set(PLAIN.words("劳动合同的期限"))


def test_words_are_those_of_jieba_s_search_mode():
    import jieba

    text = "南京市长江大桥于一九六八年建成，劳动合同期限三个月以上不满一年的，试用期不得超过一个月"
    expected = [w for w in jieba.cut_for_search(text) if any(c.isalnum() for c in w)]
    found = PLAIN.words(text)
    assert sorted(found[: len(expected)]) == sorted(expected)  # and then the wholes


def test_punctuation_and_white_space_are_no_words():
    assert PLAIN.words("，。！ \n\u3000——“”") == []


@pytest.mark.parametrize(
    ("written", "folded"), [("ＴｉＤＢ", "tidb"), ("⼯", "工"), ("GPU", "gpu"), ("試用期", "试用期")]
)
def test_width_radicals_case_and_script_are_folded(written, folded):
    assert PLAIN.words(written) == PLAIN.words(folded)


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("長江大橋", "南京市长江大桥"),  # cut as 市长 and 江 by a naive reader
        ("江大桥", "南京市长江大桥"),  # no word of jieba's
        ("第十九条", "依照第19条的规定"),
        ("第19条", "依照第十九条的规定"),
        ("GB/T 7714", "参考文献按 GB/T 7714-2015 著录"),
        ("传感器-温度-TH01", "请检查传感器-温度-TH01的状态"),
        ("TH01", "请检查传感器-温度-TH01的状态"),
        ("3个月", "不得超过三个月"),
    ],
)
def test_what_is_written_or_cut_differently_is_found(question, passage):
    assert shared(question, passage) > 0


def test_a_whole_counts_beside_its_parts():
    codes = ["传感器-温度-TH01", "传感器-温度-TH02", "传感器-湿度-TH01"]
    scores = [shared("传感器-温度-TH01", code) for code in codes]
    assert scores[0] > max(scores[1:])


def test_a_question_asks_for_its_words_and_not_with_them():
    assert PLAIN.asked_words("试用期的最长是多久") == ["试用", "试用期", "最长"]
    assert "什么" in STOP_WORDS


def test_a_question_of_nothing_but_stop_words_keeps_them():
    assert PLAIN.asked_words("有的是") == PLAIN.words("有的是")
    assert len(PLAIN.query_vector("有的是").indices)


def test_a_passage_s_weights_are_bm25_s():
    vector = PLAIN.passage_vector("试用 试用 工资")  # three terms: tf 2 and 1
    temper = K1 * (1 - B + B * 3 / AVERAGE_TERMS)
    expected = sorted([2 * (K1 + 1) / (2 + temper), 1 * (K1 + 1) / (1 + temper)])
    assert sorted(vector.values) == pytest.approx(expected)


def test_k1_and_b_are_given():
    long = "工资 " * 3 + "别的话 " * 400
    weight = {
        (k1, b): Analyzer(k1=k1, b=b).passage_vector(long).values.max() for k1 in (0.5, 2.0) for b in (0, 1)
    }
    assert weight[2.0, 0] > weight[0.5, 0]  # more of the same counts longer
    assert weight[2.0, 1] < weight[2.0, 0]  # a long passage is tempered


def test_a_question_counts_a_word_once_and_a_pair_beside_it():
    assert PLAIN.query_vector("试用 试用 工资").values.tolist() == [2.0, 2.0]
    assert PLAIN.query_vector("gpu gpu").values.tolist() == [1.0]


def test_indices_are_ascending_and_unique_and_the_same_on_both_sides():
    vector = PLAIN.passage_vector("劳动合同期限三个月以上不满一年的，试用期不得超过一个月")
    assert (np.diff(vector.indices.astype(np.int64)) > 0).all()
    assert set(PLAIN.query_vector("试用期").indices) <= set(vector.indices)


def test_a_dictionary_brings_words_that_are_kept_whole():
    name = "劳动人事争议仲裁庭"
    own = Analyzer(f"{name}\n寻章索引器 5 n")
    assert name in own.words(f"{name}用寻章索引器")
    assert "寻章索引器" in own.words(f"{name}用寻章索引器")
    assert name not in PLAIN.words(name)
    assert own.fingerprint != PLAIN.fingerprint


def test_coverage_is_the_share_of_information():
    question = "劳动合同法第十九条"
    assert PLAIN.coverage(question, "《勞動合同法》第19条") == 1
    assert PLAIN.coverage(question, "今天天气很好") == 0
    assert 0 < PLAIN.coverage(question, "合同") < PLAIN.coverage(question, "劳动合同法") < 1
    # A rare word says more than a common one.
    assert PLAIN.coverage("刘备 城市", "城市") < PLAIN.coverage("刘备 城市", "刘备")
    assert PLAIN.coverage("？", "？") == 0
    # A code is not found in a part of another.
    assert PLAIN.coverage("5g", "15g 的盐") == PLAIN.coverage("ai", "email") == 0
