"""A run as charts, each of which says one thing; pure.

Names of runs and settings are plain text in Vega: nothing in them is markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import altair as alt

from app.evaluation.losses import front
from app.evaluation.naming import (
    figure_title,
    metric_name,
    percent,
    setting_name,
    shown_bytes,
    way_name,
)
from app.evaluation.run_file import Index, Outcome, Run, Way
from app.evaluation.verdict import relative_loss, searched
from app.text.dimensions import DimensionTexts

# Legible on white and on the dark theme's ground, and apart for those who see red and green alike.
_COLOURS = {
    "float32": "#3d8f7c",
    "float16": "#5b8fc9",
    "int8": "#d3902f",
    "turbo4": "#a06cc4",
    "binary": "#d0595a",
}
_OTHER_COLOUR = "#8a8f94"
_PADDING = {"left": 8, "top": 8, "right": 16, "bottom": 16}  # seen in the picture that is downloaded
_HEIGHT = 420  # with title, axes and legend
_ALONE, _BESIDE = 1.0, 0.45  # how strongly a run, and the one it is compared with, are drawn


@dataclass(frozen=True, slots=True)
class Drawn:
    """A run with the name that its lines have."""

    run: Run
    label: str


def quality(
    runs: Sequence[Drawn], way: Way, metric: str, index: Index, say: DimensionTexts
) -> alt.LayerChart | None:
    """Quality against dimension, with 95 % intervals. None: nothing was measured so.

    Args:
        runs: the one that is shown, and perhaps another to compare it with.
        index: of the settings that are drawn; of a setting that lacks it, the reference.
    """
    rows = [row for drawn in runs for row in _rows(drawn, way, metric, index, say)]
    if not rows:
        return None
    base = alt.Chart(_data(rows)).encode(
        x=_dim_axis(rows, say),
        color=_storage_colour(rows, say),
        detail=["series:N"],
    )
    y = alt.Y("value:Q", title=figure_title(runs[0].run, metric, say), scale=alt.Scale(zero=False))
    band = base.mark_area().encode(y=y, y2="high:Q").encode(y="low:Q", opacity=alt.value(0.1))
    line = base.mark_line(strokeWidth=2).encode(y=y, strokeDash=_rotated_dash(rows, say))
    points = base.mark_point(filled=True, size=60).encode(y=y, tooltip=_tooltips(say, len(runs) > 1))
    if len(runs) > 1:
        strength = _run_opacity(runs, say)
        line, points = line.encode(opacity=strength), points.encode(opacity=strength)
    title = say.chart_quality.format(metric=metric_name(metric, say))
    return _titled(alt.layer(band, line, points), title, way_name(way, say))


def pareto(run: Run, way: Way, metric: str, say: DimensionTexts) -> alt.LayerChart | None:
    """Quality against bytes a vector in memory; the line joins those that nothing beats."""
    outcomes = searched(run.of(way))
    best = {id(outcome) for outcome in front(outcomes, metric)}
    rows = [_row(run, o, metric, "", say) | {"best": id(o) in best} for o in outcomes]
    if not rows:
        return None
    x = alt.X("ram:Q", title=say.axis_bytes, scale=alt.Scale(type="log", base=2, nice=False, padding=24))
    y = alt.Y("value:Q", title=figure_title(run, metric, say), scale=alt.Scale(zero=False, padding=16))
    base = alt.Chart(_data(rows)).encode(x=x, y=y)
    on_front = base.transform_filter("datum.best")
    line = on_front.mark_line(strokeWidth=1.5, strokeDash=[2, 3], color=_OTHER_COLOUR)
    points = base.mark_point(filled=True).encode(
        color=_storage_colour(rows, say),
        size=alt.condition("datum.best", alt.value(110), alt.value(45)),
        opacity=alt.condition("datum.best", alt.value(1), alt.value(0.45)),
        tooltip=_tooltips(say, several=False),
    )
    names = on_front.mark_text(dy=-12, fontSize=11, color=_OTHER_COLOUR).encode(text="short:N")
    title = say.chart_pareto.format(metric=metric_name(metric, say))
    return _titled(alt.layer(line, points, names), title, say.chart_pareto_front)


def latency(run: Run, way: Way, index: Index, say: DimensionTexts) -> alt.LayerChart | None:
    """Milliseconds a search against dimension. None: nothing was searched in the engine so."""
    rows: list[dict[str, Any]] = []
    outcomes = _of_index(run.of(way), index)
    plain = {(o.dim, o.storage) for o in outcomes if not o.rotated}
    for outcome in outcomes:
        if outcome.rotated and (outcome.dim, outcome.storage) in plain:
            continue  # a rotation changes what is found, not how long it takes
        for kind, value in (("p50", outcome.p50_ms), ("p95", outcome.p95_ms)):
            if value is not None:
                rows.append(_row(run, outcome, run.metrics[0], "", say) | {"kind": kind, "ms": value})
    if not rows:
        return None
    base = alt.Chart(_data(rows)).encode(
        x=_dim_axis(rows, say),
        y=alt.Y("ms:Q", title=say.axis_ms, scale=alt.Scale(zero=True)),
        color=_storage_colour(rows, say),
        detail=["series:N"],
    )
    dash = alt.StrokeDash(
        "kind:N",
        title=say.legend_percentile,
        scale=alt.Scale(domain=["p50", "p95"], range=[[1, 0], [4, 3]]),
    )
    line = base.mark_line(strokeWidth=2).encode(strokeDash=dash)
    points = base.mark_point(filled=True, size=50).encode(
        tooltip=[
            alt.Tooltip("setting:N", title=say.column_setting),
            alt.Tooltip("kind:N", title=say.legend_percentile),
            alt.Tooltip("ms:Q", title=say.axis_ms, format=".2f"),
        ]
    )
    return _titled(alt.layer(line, points), say.chart_latency, say.indexes[index])


def _rows(drawn: Drawn, way: Way, metric: str, index: Index, say: DimensionTexts) -> list[dict[str, Any]]:
    if metric not in drawn.run.metrics:
        return []
    return [
        _row(drawn.run, outcome, metric, drawn.label, say) for outcome in _of_index(drawn.run.of(way), index)
    ]


def _of_index(outcomes: Iterable[Outcome], index: Index) -> list[Outcome]:
    """One outcome for each kind of vector: of that index, or else of the reference."""
    chosen: dict[tuple[int, str, bool], Outcome] = {}
    for outcome in sorted(outcomes, key=lambda o: (o.index == index, o.index == "numpy")):
        if outcome.index in (index, "numpy"):
            chosen[outcome.dim, outcome.storage, outcome.rotated] = outcome
    return sorted(chosen.values(), key=lambda o: o.dim)


def _row(run: Run, outcome: Outcome, metric: str, label: str, say: DimensionTexts) -> dict[str, Any]:
    low, high = outcome.intervals.get(metric, (outcome.metrics[metric],) * 2)
    kind = say.rotated if outcome.rotated else say.plain
    return {
        "dim": outcome.dim,
        "storage": outcome.storage,
        "rotated": kind,
        "run": label,
        "series": f"{label}/{outcome.storage}/{kind}/{outcome.index}",
        "setting": setting_name(outcome, say),
        "short": f"{outcome.dim} {outcome.storage}",
        "value": outcome.metrics[metric],
        "low": low,
        "high": high,
        "interval": f"{low:.3f}–{high:.3f}",
        "loss": percent(relative_loss(outcome, run.baseline(outcome.way), metric)),
        "ram": outcome.ram_bytes_per_vector,
        "ram_shown": shown_bytes(outcome.ram_bytes_per_vector),
    }


def _tooltips(say: DimensionTexts, several: bool) -> list[alt.Tooltip]:
    return [
        *([alt.Tooltip("run:N", title=say.legend_run)] if several else []),
        alt.Tooltip("setting:N", title=say.column_setting),
        alt.Tooltip("value:Q", title=say.column_value, format=".4f"),
        alt.Tooltip("interval:N", title=say.column_interval),
        alt.Tooltip("loss:N", title=say.column_loss),
        alt.Tooltip("ram_shown:N", title=say.axis_bytes),
    ]


def _dim_axis(rows: Sequence[dict[str, Any]], say: DimensionTexts) -> alt.X:
    dims = sorted({row["dim"] for row in rows})
    scale = alt.Scale(type="log", base=2, nice=False, padding=16)
    return alt.X("dim:Q", title=say.axis_dim, scale=scale, axis=alt.Axis(values=dims, format="d", grid=False))


def _storage_colour(rows: Sequence[dict[str, Any]], say: DimensionTexts) -> alt.Color:
    storages = list(dict.fromkeys(row["storage"] for row in rows))
    storages.sort(key=lambda s: list(_COLOURS).index(s) if s in _COLOURS else len(_COLOURS))
    colours = [_COLOURS.get(storage, _OTHER_COLOUR) for storage in storages]
    return alt.Color("storage:N", title=say.column_storage, scale=alt.Scale(domain=storages, range=colours))


def _rotated_dash(rows: Sequence[dict[str, Any]], say: DimensionTexts) -> alt.StrokeDash:
    several = len({row["rotated"] for row in rows}) > 1
    return alt.StrokeDash(
        "rotated:N",
        title=say.column_rotated,
        scale=alt.Scale(domain=[say.rotated, say.plain], range=[[1, 0], [5, 4] if several else [1, 0]]),
        legend=alt.Legend() if several else None,
    )


def _run_opacity(runs: Sequence[Drawn], say: DimensionTexts) -> alt.Opacity:
    labels = [drawn.label for drawn in runs]
    return alt.Opacity(
        "run:N",
        title=say.legend_run,
        scale=alt.Scale(domain=labels, range=[_ALONE, _BESIDE][: len(labels)]),
        legend=alt.Legend(columns=1, labelLimit=240, symbolFillColor=_OTHER_COLOUR),
    )


def _data(rows: Sequence[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def _titled(chart: Any, title: str, subtitle: str) -> alt.LayerChart:
    """The title is part of the chart, and so of its picture."""
    titled = chart.properties(
        title=alt.TitleParams(title, subtitle=subtitle), height=_HEIGHT, padding=_PADDING
    )
    titled = titled.configure_title(subtitleColor=_OTHER_COLOUR, subtitlePadding=4)
    return cast(alt.LayerChart, titled.configure_legend(orient="bottom", columns=3, symbolOpacity=1))
