import pytest

from app.statistics import bootstrap_interval, compare, randomization_test, roc_auc


def test_an_interval_holds_the_mean_and_narrows_with_more_questions():
    few, many = [0.0, 1.0] * 10, [0.0, 1.0] * 1000
    for values in (few, many):
        low, high = bootstrap_interval(values)
        assert low < 0.5 < high
    width = [high - low for low, high in (bootstrap_interval(few), bootstrap_interval(many))]
    assert width[0] == pytest.approx(2 * 1.96 * 0.5 / 20**0.5, rel=0.2)  # the normal approximation
    assert width[1] < width[0] / 5


def test_the_same_values_give_the_same_interval():
    assert bootstrap_interval([0.2, 0.4, 0.9]) == bootstrap_interval([0.2, 0.4, 0.9])


def test_values_that_do_not_differ_have_no_width():
    assert bootstrap_interval([0.5] * 9) == (0.5, 0.5)


def test_wins_losses_and_ties_are_counted_question_by_question():
    found = compare([1.0, 0.5, 0.0, 0.3], [0.5, 0.5, 1.0, 0.0])
    assert (found.wins, found.losses, found.ties) == (2, 1, 1)
    assert found.mean_difference == pytest.approx((0.5 - 1.0 + 0.3) / 4)
    assert found.interval[0] < found.mean_difference < found.interval[1]


def test_a_p_value_of_few_questions_counts_all_ways_to_give_signs():
    # Of the 8 ways to sign 1, 2 and 3, the sums 6 and -6 are as far from 0 as what was seen.
    assert randomization_test([1, 2, 3]) == 2 / 8
    # ±6, ±4 (1 negative): at least 4 away are four.
    assert randomization_test([-1, 2, 3]) == 4 / 8
    assert randomization_test([0, 0]) == 1
    assert randomization_test([1, 0]) == 1  # one question proves nothing


def test_a_p_value_of_many_questions_is_small_only_where_one_side_wins():
    assert randomization_test([0.1] * 40 + [-0.1] * 40) > 0.9
    assert randomization_test([0.1] * 60 + [-0.1] * 20) < 0.001


def test_auc_of_hand_worked_cases():
    assert roc_auc([3, 4], [1, 2]) == 1
    assert roc_auc([1, 2], [3, 4]) == 0
    assert roc_auc([1, 3], [2]) == 0.5
    assert roc_auc([2, 2], [2]) == 0.5  # ties count half
    assert roc_auc([1, 2, 3], [2, 0]) == 4.5 / 6
