"""Charts of a run made by hand: what is drawn, in words that Vega shows as they are."""

from __future__ import annotations

from typing import Any

import altair as alt
import pytest

from app.evaluation.run_file import Run, Way
from app.text.dimensions import EN, ZH
from app.views.dimension_charts import Drawn, latency, pareto, quality
from tests.app.runs import outcome, run

DENSE = Way("dense", "none")
RUN = run(
    [
        outcome(256, values=(1.0, 0.8), baseline=True),
        outcome(256, index="hnsw", values=(1.0, 0.78), p50=4.0),
        outcome(64, values=(0.8, 0.8)),
        outcome(64, index="hnsw", values=(0.8, 0.78), p50=2.0),
        outcome(64, "int8", "hnsw", (0.8, 0.76), p50=1.5),
        outcome(64, "binary", values=(0.5, 0.5)),
    ]
)


def rows(chart: alt.LayerChart) -> list[dict[str, Any]]:
    """What the chart is drawn from."""
    spec = chart.to_dict()
    (data,) = (
        [spec["data"]] if "data" in spec else {id(layer): layer["data"] for layer in spec["layer"]}.values()
    )
    return data["values"]


def drawn(of: Run, label: str = "这次") -> list[Drawn]:
    return [Drawn(of, label)]


def test_quality_is_drawn_with_intervals_of_the_chosen_search_or_else_of_the_reference() -> None:
    chart = quality(drawn(RUN), DENSE, "nDCG@10", "hnsw", ZH)
    points = {(row["dim"], row["storage"]): row for row in rows(chart)}
    assert points.keys() == {(256, "float32"), (64, "float32"), (64, "int8"), (64, "binary")}
    assert points[64, "float32"]["value"] == pytest.approx(0.79)  # of hnsw
    assert points[64, "binary"]["setting"] == "64 维 · binary · 精确计算"
    assert points[64, "int8"]["interval"] == "0.730–0.830"
    assert points[64, "int8"]["loss"] == "13.3%"  # 0.78 of 0.9
    spec = chart.to_dict()
    assert spec["title"] == {"text": "nDCG@10 随维度的变化", "subtitle": "语义（只用短向量）"}
    assert {layer["mark"]["type"] for layer in spec["layer"]} == {"area", "line", "point"}


def test_a_second_run_is_drawn_beside_the_first() -> None:
    chart = quality([Drawn(RUN, "这次"), Drawn(RUN, "上次")], DENSE, "nDCG@10", "numpy", ZH)
    assert {row["run"] for row in rows(chart)} == {"这次", "上次"}
    assert chart.to_dict()["layer"][1]["encoding"]["opacity"]["legend"] is not None


def test_what_lacks_a_metric_is_not_drawn() -> None:
    other = run([outcome(256, metric="overlap@10", baseline=True)], metric="overlap@10", kind="agreement")
    assert quality(drawn(other), DENSE, "nDCG@10", "numpy", ZH) is None
    both = quality([*drawn(RUN), Drawn(other, "一致度")], DENSE, "nDCG@10", "numpy", ZH)
    assert {row["run"] for row in rows(both)} == {"这次"}


def test_agreement_is_called_so_on_its_axis() -> None:
    found = run([outcome(256, metric="overlap@10", baseline=True)], metric="overlap@10", kind="agreement")
    for say, name in ((ZH, "一致度 overlap@10（不是质量）"), (EN, "agreement overlap@10 (not quality)")):
        layers = quality(drawn(found), DENSE, "overlap@10", "numpy", say).to_dict()["layer"]
        assert layers[1]["encoding"]["y"]["title"] == name


def test_the_pareto_front_is_marked() -> None:
    best = {row["short"]: row["best"] for row in rows(pareto(RUN, DENSE, "nDCG@10", ZH))}
    assert best == {
        "256 float32": True,
        "64 float32": True,
        "64 int8": True,
        "64 binary": True,
    }
    sizes = [row["ram"] for row in rows(pareto(RUN, DENSE, "nDCG@10", ZH))]
    assert sorted(sizes) == [8, 64, 256, 1024]


def test_latency_is_of_searches_in_the_engine_alone() -> None:
    found = rows(latency(RUN, DENSE, "hnsw", ZH))
    assert {(row["dim"], row["storage"], row["kind"]): row["ms"] for row in found} == {
        (256, "float32", "p50"): 4.0,
        (256, "float32", "p95"): 8.0,
        (64, "float32", "p50"): 2.0,
        (64, "float32", "p95"): 4.0,
        (64, "int8", "p50"): 1.5,
        (64, "int8", "p95"): 3.0,
    }
    assert latency(RUN, DENSE, "numpy", ZH) is None


def test_before_and_after_a_rotation_are_two_lines() -> None:
    found = run([outcome(256, baseline=True), outcome(64), outcome(64, rotated=True)])
    lines = {row["series"] for row in rows(quality(drawn(found), DENSE, "nDCG@10", "numpy", ZH))}
    assert len(lines) == 2
