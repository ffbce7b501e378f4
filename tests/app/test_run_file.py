"""A run's file, as it should be and as it should not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.evaluation.run_file import Placed, RunFileError, Way, parse_run, read_run
from tests.app.runs import outcome, run_data

DATA = run_data(
    [
        outcome(256, values=(1.0, 0.5), baseline=True),
        outcome(64, "int8", "hnsw", (0.5, 0.5), p50=1.5, against=(-0.5, 0.0)),
    ]
)


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps(DATA), encoding="utf-8")
    run = read_run(file)
    assert run.ways == [Way("dense", "none")]
    assert run.baseline(run.ways[0]).metrics == {"nDCG@10": 0.75}
    assert run.questions[1].right == {"p0"}
    short = run.outcomes[1]
    assert (short.dim, short.storage, short.index, short.p50_ms, short.p95_ms) == (
        64,
        "int8",
        "hnsw",
        1.5,
        3.0,
    )
    assert short.against_full.interval == (-0.5, 0.0)
    assert short.top[0][0] == Placed("p0", 1.0)
    assert short.ram_bytes_per_vector == 64 and short.disk_bytes_per_vector == 192
    assert run.passages["p1"].shown == "文档/p1.txt"


def without(*path: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        del data[path[-1]]

    return change


def with_value(value: Any, *path: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        without("truth"),
        without("outcomes", 0, "values"),
        with_value("hearsay", "truth", "kind"),
        with_value("magic", "outcomes", 1, "index"),
        with_value("int3", "outcomes", 1, "storage"),
        with_value([1.0], "outcomes", 1, "values", "nDCG@10"),
        with_value({}, "outcomes", 1, "metrics"),
        with_value(False, "outcomes", 0, "is_baseline"),
        with_value([], "outcomes"),
        with_value("much", "outcomes", 0, "dim"),
        with_value([[], [["p0", "near"]]], "outcomes", 0, "top"),
        with_value([[]], "outcomes", 0, "top"),
        with_value([1, 2, 3], "outcomes", 0, "intervals", "nDCG@10"),
        with_value(None, "questions"),
    ],
)
def test_what_is_no_run_is_refused(change: Callable[[Any], None]) -> None:
    data = copy.deepcopy(DATA)
    change(data)
    with pytest.raises(RunFileError):
        parse_run(data)


def test_keywords_are_kept_without_a_baseline_and_need_not_have_each_metric() -> None:
    words = outcome(256, index="scan", mode="lexical", values=(1.0, 1.0), metric="R@1")
    run = parse_run(run_data([outcome(256, baseline=True), words]))
    assert len(run.outcomes) == 2
    assert run.ways == [Way("dense", "none")]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe"])
def test_a_broken_file_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "run.json"
    file.write_bytes(content)
    with pytest.raises(RunFileError, match=r"run\.json.*run the evaluation again"):
        read_run(file)
