import numpy as np
import pytest

from app.fusion import LEXICAL_WEIGHT, Background, fuse, relevance


def test_a_hand_worked_case():
    fused = fuse({"a": 3.0, "b": 1.0, "c": 0.5}, {"b": 8.0, "c": 4.0}, coverage=0.5)
    assert LEXICAL_WEIGHT == 5
    assert fused == pytest.approx({"a": 3.0, "b": 1.0 + 2.5, "c": 0.5 + 1.25})


def test_words_that_cover_little_of_the_question_change_little():
    deviations, lexical = {"right": 4.0, "same words": 2.0}, {"same words": 3.0}
    for coverage, first in ((0.1, "right"), (0.9, "same words")):
        fused = fuse(deviations, lexical, coverage)
        assert max(fused, key=fused.get) == first


def test_without_a_common_word_the_dense_order_stays():
    assert fuse({"a": 0.2, "b": 0.8}, {}, coverage=0.0) == {"a": 0.2, "b": 0.8}


def test_no_candidates_no_scores():
    assert fuse({}, {}, 0.0) == {}


def background(cosines):
    return Background(np.array(sorted(cosines), dtype=np.float32))


def test_deviations_and_percentile_of_a_hand_worked_background():
    of = background([0.1, 0.2, 0.3] * 40)
    assert of.deviations(0.2) == pytest.approx(0, abs=1e-6)
    assert of.deviations(0.2 + 2 * np.sqrt(0.02 / 3)) == pytest.approx(2, abs=1e-4)
    assert of.percentile(0.25) == pytest.approx(2 / 3)
    assert (of.percentile(0.0), of.percentile(0.9)) == (0.0, 1.0)


def test_a_few_chunks_are_no_background_to_say_how_sure_a_score_is():
    assert background([0.1, 0.2]).percentile(0.15) is None
    assert not background([0.1] * 99).is_telling


@pytest.mark.parametrize("cosines", [[], [0.5], [0.5] * 200])
def test_a_background_without_spread_says_nothing(cosines):
    assert background(cosines).deviations(0.9) == 0.0


def test_background_cosines_are_those_of_the_sample():
    sample = np.eye(3, dtype=np.float32)
    assert Background.of(sample, np.array([0.6, 0.8, 0], np.float32)).cosines.tolist() == pytest.approx(
        [0, 0.6, 0.8]
    )


def test_relevance_rises_with_the_score_from_near_none_to_near_sure():
    for fused in (True, False):
        values = [relevance(score, fused=fused) for score in (0, 2, 5, 8, 12)]
        assert values == sorted(values)
        assert values[0] < 0.01 and values[-1] > 0.98
        assert (relevance(-1e6, fused=fused), relevance(1e6, fused=fused)) == (0, 1)
