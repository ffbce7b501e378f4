import numpy as np
import pytest

from indexer.words import AVERAGE_WORDS, K1, B, passage_vector, query_vector, words


def test_compounds_also_give_their_parts():
    assert {"劳动", "合同", "劳动合同"} <= set(words("劳动合同的期限"))


def test_punctuation_and_white_space_are_no_words():
    assert words("，。！ \n\u3000——“”") == []


@pytest.mark.parametrize(("written", "folded"), [("ＴｉＤＢ", "tidb"), ("⼯", "工"), ("GPU", "gpu")])
def test_full_width_radicals_and_case_are_folded(written, folded):
    assert words(written) == words(folded)


def test_a_passage_s_weights_are_bm25_s():
    vector = passage_vector("试用 试用 工资")  # three words: tf 2 and 1
    temper = K1 * (1 - B + B * 3 / AVERAGE_WORDS)
    expected = sorted([2 * (K1 + 1) / (2 + temper), 1 * (K1 + 1) / (1 + temper)])
    assert sorted(vector.values) == pytest.approx(expected)


def test_a_question_counts_each_word_once():
    assert query_vector("试用 试用 工资").values.tolist() == [1.0, 1.0]


def test_indices_are_ascending_and_unique_and_the_same_on_both_sides():
    vector = passage_vector("劳动合同期限三个月以上不满一年的，试用期不得超过一个月")
    assert (np.diff(vector.indices.astype(np.int64)) > 0).all()
    assert set(query_vector("试用期").indices) <= set(vector.indices)
