"""A run's verdict, charts and table."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.evaluation.footprint import GRAPH_BYTES, footprint
from app.evaluation.losses import told_apart
from app.evaluation.naming import (
    metric_name,
    run_facts,
    setting_name,
    shown_bytes,
    storage_formula,
    verdict_sentences,
)
from app.evaluation.report import csv_table, markdown_report, table
from app.evaluation.run_file import Index, Outcome, Run, Way
from app.evaluation.verdict import Verdict, searched
from app.jobs import Jobs
from app.plain import in_markdown
from app.text.dimensions import DimensionTexts
from app.views import dimension_charts
from app.views.dimension_charts import Drawn

_MILLION = 1_000_000
_NONE = "–"


@dataclass(frozen=True, slots=True)
class Shown:
    """A run, and how it is looked at."""

    file: str
    run: Run
    label: str
    beside: Drawn | None  # another to compare it with
    way: Way
    metric: str
    verdict: Verdict


def show_verdict(shown: Shown, say: DimensionTexts) -> None:
    sentences, caveats = verdict_sentences(shown.run, shown.verdict, say)
    box = st.success if shown.verdict.setting else st.info
    box("\n\n".join(sentences))
    if caveats:
        st.markdown(f"{say.not_shown}\n" + "\n".join(f"- {caveat}" for caveat in caveats))


def show_facts(run: Run, say: DimensionTexts) -> None:
    st.caption("  \n".join(run_facts(run, say)))


def show_charts(shown: Shown, say: DimensionTexts) -> None:
    run, way, metric = shown.run, shown.way, shown.metric
    indexes: list[Index] = [i for i in ("hnsw", "scan", "numpy") if any(o.index == i for o in run.of(way))]
    index = indexes[0]
    if len(indexes) > 1:
        index = st.radio(
            say.index,
            indexes,
            format_func=say.indexes.__getitem__,
            horizontal=True,
            key="dimensions_index",
        )
    drawn = [Drawn(run, shown.label)] + ([shown.beside] if shown.beside else [])
    if shown.beside and not _alike(run, shown.beside.run):
        st.caption(say.compare_unlike)
    if chart := dimension_charts.quality(drawn, way, metric, index, say):
        st.altair_chart(chart, key="dimensions_quality", alt=say.chart_quality_alt)
    if chart := dimension_charts.pareto(run, way, metric, say):
        st.altair_chart(chart, key="dimensions_pareto", alt=say.chart_pareto_alt)
    if chart := dimension_charts.latency(run, way, index, say):
        st.altair_chart(chart, key="dimensions_latency", alt=say.chart_latency_alt)
    else:
        st.caption(say.no_latency)
    st.caption(say.png_hint)
    _show_causes(shown, say)


def show_table(shown: Shown, jobs: Jobs, say: DimensionTexts) -> None:
    run = shown.run
    columns, rows = table(run, shown.metric, say)
    st.dataframe(
        [dict(zip(columns, row, strict=True)) for row in rows],
        hide_index=True,
        column_config={
            say.column_loss: st.column_config.NumberColumn(format="percent"),
            say.column_p_value: st.column_config.NumberColumn(format="%.3g"),
        },
        placeholder=_NONE,
        alt=say.table,
    )
    with st.container(horizontal=True):
        stem = shown.file.removesuffix(".json")
        for label, data, kind, mime in (
            (say.download_csv, csv_table(run, say), "csv", "text/csv"),
            (say.download_json, jobs.data(shown.file), "json", "application/json"),
            (say.download_markdown, markdown_report(run, shown.verdict, say), "md", "text/markdown"),
        ):
            st.download_button(
                label, data, f"{stem}.{kind}", mime, key=f"dimensions_download_{kind}", on_click="ignore"
            )
    _show_footprint(shown, say)


def _show_causes(shown: Shown, say: DimensionTexts) -> None:
    """Losses told apart, of each setting that was searched."""
    outcomes = [o for o in searched(shown.run.of(shown.way)) if not o.is_baseline]
    apart = [told_apart(shown.run, outcome, shown.metric) for outcome in outcomes]
    if not apart:
        return
    st.markdown(f"**{say.causes}** · {in_markdown(metric_name(shown.metric, say))}")
    st.caption(say.causes_help)
    st.dataframe(
        [
            {
                say.column_setting: setting_name(cause.setting, say),
                say.cause_whole: cause.whole,
                say.cause_truncation: cause.truncation,
                say.cause_quantization: cause.quantization,
                say.cause_approximate: cause.approximate,
            }
            for cause in apart
        ],
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.4f")
            for name in (
                say.cause_whole,
                say.cause_truncation,
                say.cause_quantization,
                say.cause_approximate,
            )
        },
        placeholder=_NONE,
        alt=say.causes,
    )


def _show_footprint(shown: Shown, say: DimensionTexts) -> None:
    run, verdict = shown.run, shown.verdict
    settings: list[Outcome] = [verdict.baseline]
    if found := verdict.setting or verdict.nearest:
        settings.append(found)
    st.markdown(f"**{say.footprint}**")
    rows = []
    for outcome in settings:
        row = {say.column_setting: setting_name(outcome, say)}
        for millions in say.footprint_chunks:
            size = footprint(outcome.dim, outcome.storage, millions * _MILLION, run.full_dim)
            name = say.footprint_chunks[millions]
            row[name] = say.footprint_sizes.format(
                ram=shown_bytes(size.ram_bytes), disk=shown_bytes(size.disk_bytes)
            )
        rows.append(row)
    st.dataframe(rows, hide_index=True, alt=say.footprint)
    formulas = dict.fromkeys(o.storage for o in settings)
    formula = say.list_comma.join(storage_formula(storage, say) for storage in formulas)
    st.caption(say.footprint_help.format(graph=f"{GRAPH_BYTES:g}", full_dim=run.full_dim, formula=formula))
    measured = [o for o in settings if o.measured_chunks and o.measured_disk_bytes]
    for outcome in measured:
        st.caption(
            say.footprint_measured.format(
                setting=in_markdown(setting_name(outcome, say)),
                chunks=outcome.measured_chunks,
                disk=shown_bytes(outcome.measured_disk_bytes or 0),
            )
        )


def _alike(a: Run, b: Run) -> bool:
    """Whether the same questions were asked of the same passages."""
    return [q.id for q in a.questions] == [q.id for q in b.questions] and a.corpus == b.corpus
