import pytest

from app.fusion import fuse


def test_a_hand_worked_case():
    fused = fuse({"a": 0.9, "b": 0.7, "c": 0.5}, {"b": 4.0, "c": 2.0}, dense_weight=0.7)
    assert fused == pytest.approx({"a": 0.7, "b": 0.7 * 0.5 + 0.3, "c": 0.3 * 0.5})


def test_without_a_common_word_the_dense_order_stays():
    fused = fuse({"a": 0.2, "b": 0.8, "c": 0.5}, {})
    assert sorted(fused, key=fused.get) == ["a", "c", "b"]


def test_equal_cosines_leave_the_words_to_decide():
    fused = fuse({"a": 0.5, "b": 0.5}, {"b": 1.0})
    assert fused["b"] > fused["a"]


def test_no_candidates_no_scores():
    assert fuse({}, {}) == {}
