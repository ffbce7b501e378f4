"""The smallest setting within a tolerance, on runs whose losses are worked by hand."""

from __future__ import annotations

import pytest

from app.evaluation.run_file import Run, Way
from app.evaluation.verdict import MIN_QUESTIONS, Caveat, judge
from tests.app.runs import outcome, run

DENSE = Way("dense", "none")
QUESTIONS = [f"问题{i}" for i in range(MIN_QUESTIONS)]
FULL = outcome(256, values=[0.8] * MIN_QUESTIONS, baseline=True)


def measured(*outcomes: dict[str, object], **about: object) -> Run:
    """A run over as many questions as are enough, with the full-length baseline at 0.8."""
    return run([FULL, *outcomes], **({"questions": QUESTIONS, "matryoshka_dims": (64, 128, 256)} | about))


def level(dim: int, value: float, storage: str = "float32", **how: object) -> dict[str, object]:
    """A setting that scores the same on each question."""
    low = value - 0.8
    return outcome(dim, storage, values=[value] * MIN_QUESTIONS, against=(low - 0.002, low + 0.002), **how)


def test_the_smallest_within_the_tolerance_wins() -> None:
    # 0.796 of 0.8 is a loss of 0.5 %, 0.792 of 1 %, 0.784 of 2 %.
    found = measured(level(192, 0.796), level(128, 0.792), level(64, 0.784))
    assert judge(found, DENSE, 0.0).setting is None
    assert judge(found, DENSE, 0.005).setting.dim == 192
    assert judge(found, DENSE, 0.01).setting.dim == 128
    assert judge(found, DENSE, 0.02).setting.dim == 64


def test_small_is_in_bytes_of_memory_then_dimensions_then_time() -> None:
    # 128 float32 is 512 bytes, 256 int8 is 256, 64 float32 is 256 too, 128 int8 is 128.
    found = measured(level(128, 0.8), level(256, 0.8, "int8"), level(64, 0.8))
    assert judge(found, DENSE, 0.01).setting.name == "dense 64 float32 numpy"
    found = measured(level(64, 0.8), level(128, 0.8, "int8"))
    assert judge(found, DENSE, 0.01).setting.name == "dense 128 int8 numpy"
    found = measured(
        level(128, 0.8, "int8", index="scan", p50=3.0), level(128, 0.8, "int8", index="hnsw", p50=1.0)
    )
    assert judge(found, DENSE, 0.01).setting.index == "hnsw"


def test_the_loss_is_a_share_of_the_baseline_with_its_interval_turned_round() -> None:
    verdict = judge(measured(level(128, 0.792)), DENSE, 0.02)
    assert verdict.loss.share == pytest.approx(0.01)
    # The mean difference is −0.008, from −0.010 to −0.006: of 0.8, a loss of 0.75 % to 1.25 %.
    assert verdict.loss.interval == pytest.approx((0.0075, 0.0125))


def test_another_metric_than_the_compared_one_gets_its_own_interval() -> None:
    half = outcome(128, values=[0.0, 1.0] * 50, metric="R@1")
    full = outcome(256, values=[1.0] * MIN_QUESTIONS, metric="R@1", baseline=True)
    verdict = judge(run([full, half], questions=QUESTIONS, metric="R@1"), DENSE, 0.9, "R@1")
    assert verdict.loss.share == 0.5
    low, high = verdict.loss.interval
    assert 0.39 < low < 0.5 < high < 0.61  # of 100 fair coins: 0.5 ± 0.098


def test_savings_are_of_memory_with_the_graph() -> None:
    verdict = judge(measured(level(64, 0.8, "int8")), DENSE, 0.01)
    # A code of 64 bytes and 68 of graph, against 1024 and 68.
    assert verdict.ram_bytes_at_million == 132e6
    assert verdict.full_ram_bytes_at_million == 1092e6
    assert verdict.ram_ratio == pytest.approx(1092 / 132)


def test_times_are_compared_with_full_vectors_in_the_same_index() -> None:
    found = measured(
        level(256, 0.8, index="hnsw", p50=4.0),
        level(256, 0.8, index="scan", p50=9.0),
        level(64, 0.8, index="hnsw", p50=1.0),
    )
    verdict = judge(found, DENSE, 0.01)
    assert (verdict.setting.p50_ms, verdict.full_p50_ms) == (1.0, 4.0)
    assert judge(measured(level(64, 0.8)), DENSE, 0.01).full_p50_ms is None


def test_what_was_searched_is_judged_by_its_search_not_by_the_reference() -> None:
    found = measured(level(64, 0.8), level(64, 0.7, index="hnsw", p50=1.0))
    verdict = judge(found, DENSE, 0.01)
    assert verdict.setting is None
    assert verdict.nearest.index == "hnsw"


def test_where_nothing_smaller_will_do_the_nearest_is_named() -> None:
    verdict = judge(measured(level(128, 0.76), level(64, 0.72)), DENSE, 0.01)
    assert verdict.setting is None
    assert verdict.nearest.dim == 128
    assert verdict.loss.share == pytest.approx(0.05)
    assert verdict.full_ram_bytes_at_million == 1092e6


def test_where_nothing_smaller_was_measured_there_is_nothing_to_name() -> None:
    verdict = judge(measured(), DENSE, 0.01)
    assert verdict.setting is None and verdict.nearest is None and verdict.loss is None


def test_each_way_has_its_own_baseline() -> None:
    hybrid = Way("hybrid", "none")
    found = measured(
        level(64, 0.7),
        outcome(256, index="scan", mode="hybrid", values=[0.7] * MIN_QUESTIONS, baseline=True),
        outcome(64, index="scan", mode="hybrid", values=[0.7] * MIN_QUESTIONS, against=(-0.001, 0.001)),
    )
    assert judge(found, DENSE, 0.01).setting is None
    assert judge(found, hybrid, 0.01).setting.dim == 64


def test_a_baseline_that_finds_nothing_loses_nothing() -> None:
    nothing = [0.0] * MIN_QUESTIONS
    found = run(
        [outcome(256, values=nothing, baseline=True), outcome(64, values=nothing)], questions=QUESTIONS
    )
    assert judge(found, DENSE, 0.01).loss.share == 0.0


@pytest.mark.parametrize(
    ("caveat", "about", "how"),
    [
        ("few_questions", {"questions": QUESTIONS[:2]}, {}),
        ("known_item", {"kind": "known-item"}, {}),
        ("agreement", {"kind": "agreement"}, {}),
        ("other_corpus", {"is_index": False}, {}),
        ("small_corpus", {"chunks": 1999}, {}),
        ("not_trained", {"matryoshka_dims": ()}, {}),
        ("not_trained", {"matryoshka_dims": (128, 256)}, {}),
        ("not_searched", {}, {"index": "numpy", "p50": None}),
        ("interval_beyond", {}, {"against": (-0.009, 0.009)}),
    ],
)
def test_what_is_not_shown_is_named(caveat: Caveat, about: dict[str, object], how: dict[str, object]) -> None:
    questions = about.get("questions", QUESTIONS)
    values = [0.8] * len(questions)
    certain = {"index": "hnsw", "p50": 1.0, "against": (-0.001, 0.001)}
    outcomes = [outcome(256, values=values, baseline=True), outcome(64, values=values, **(certain | how))]
    usual = {"questions": QUESTIONS, "matryoshka_dims": (64, 128, 256)}
    assert judge(run(outcomes, **(usual | about)), DENSE, 0.01).caveats == (caveat,)


def test_a_rotation_stands_in_for_training() -> None:
    turned = level(64, 0.8, rotated=True, index="hnsw", p50=1.0)
    assert judge(measured(turned, matryoshka_dims=()), DENSE, 0.01).caveats == ()
