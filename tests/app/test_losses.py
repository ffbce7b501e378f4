"""Losses by cause, questions that break, lists compared, and the Pareto front: worked by hand."""

from __future__ import annotations

import pytest

from app.evaluation.losses import broken, front, moved, overlap, told_apart
from app.evaluation.run_file import Placed
from tests.app.runs import outcome, run

LISTS = [["p0", "p1"], ["p0", "p1"]]


def test_a_loss_is_split_into_its_causes() -> None:
    found = run(
        [
            outcome(256, values=(1.0, 0.8), baseline=True),  # 0.90
            outcome(64, values=(0.9, 0.8)),  # 0.85: 0.05 by truncation
            outcome(64, "int8", values=(0.9, 0.76)),  # 0.83: 0.02 by quantization
            outcome(64, "int8", "hnsw", values=(0.9, 0.74), p50=1.0),  # 0.82: 0.01 by approximation
        ]
    )
    apart = told_apart(found, found.outcomes[3], "nDCG@10")
    assert apart.whole == pytest.approx(0.08)
    assert apart.truncation == pytest.approx(0.05)
    assert apart.quantization == pytest.approx(0.02)
    assert apart.approximate == pytest.approx(0.01)


def test_a_scan_stands_in_for_the_reference() -> None:
    found = run(
        [
            outcome(256, values=(1.0, 1.0), baseline=True),
            outcome(64, "turbo4", "scan", values=(1.0, 0.8), p50=1.0),
            outcome(64, "turbo4", "hnsw", values=(1.0, 0.6), p50=1.0),
        ]
    )
    apart = told_apart(found, found.outcomes[2], "nDCG@10")
    assert apart.truncation is None and apart.quantization is None
    assert apart.approximate == pytest.approx(0.1)


def test_rotated_vectors_are_split_along_rotated_ones() -> None:
    found = run(
        [
            outcome(256, values=(1.0, 1.0), baseline=True),
            outcome(64, values=(0.5, 0.5)),
            outcome(64, values=(0.9, 0.9), rotated=True),
            outcome(64, "int8", values=(0.8, 0.8), rotated=True),
        ]
    )
    apart = told_apart(found, found.outcomes[3], "nDCG@10")
    assert (apart.truncation, apart.quantization) == (pytest.approx(0.1), pytest.approx(0.1))


def test_questions_that_break_come_with_the_most_lost_first() -> None:
    full = outcome(256, values=(1.0, 0.6, 1.0), baseline=True)
    short = outcome(64, values=(0.9, 0.6, 0.0), top=[["p1", "p0"], ["p0"], ["p3", "p4"]])
    found = run([full, short], questions=("甲", "乙", "丙"), right=[["p0"], ["p0"], ["p2"]])
    worse = broken(found, found.outcomes[1], "nDCG@10")
    assert [(b.at, b.before, b.after, b.lost) for b in worse] == [(2, 1.0, 0.0, True), (0, 1.0, 0.9, False)]


def test_nothing_is_lost_where_nothing_is_known_to_be_right() -> None:
    full = outcome(256, values=(1.0, 1.0), baseline=True)
    short = outcome(64, values=(0.5, 1.0), top=LISTS)
    found = run([full, short], right=[[], []], kind="agreement")
    assert [b.lost for b in broken(found, found.outcomes[1], "nDCG@10")] == [False]


def test_each_passage_knows_its_place_in_the_other_list() -> None:
    ours = [Placed("a", 0.9), Placed("b", 0.8), Placed("c", 0.7)]
    theirs = [Placed("b", 0.9), Placed("a", 0.8), Placed("d", 0.7)]
    assert [(m.id, m.rank, m.other_rank) for m in moved(ours, theirs)] == [
        ("a", 1, 2),
        ("b", 2, 1),
        ("c", 3, None),
    ]
    assert overlap(ours, theirs) == 2


def test_the_front_has_what_nothing_smaller_reaches() -> None:
    found = run(
        [
            outcome(256, values=(0.9, 0.9), baseline=True),  # 1024 bytes
            outcome(128, values=(0.8, 0.8)),  # 512, beaten by 128 int8
            outcome(128, "int8", values=(0.85, 0.85)),  # 128
            outcome(64, "int8", values=(0.85, 0.85)),  # 64, as good as 128 int8
            outcome(64, "binary", values=(0.4, 0.4)),  # 8
        ]
    )
    assert [o.name for o in front(found.outcomes, "nDCG@10")] == [
        "dense 64 binary numpy",
        "dense 64 int8 numpy",
        "dense 256 float32 numpy",
    ]
