"""A run as a table, as CSV and as a report in Markdown, for a reader; pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from app.evaluation.naming import (
    figure_title,
    metric_name,
    percent,
    run_facts,
    storage_formula,
    truth_name,
    verdict_sentences,
    way_name,
)
from app.evaluation.run_file import Outcome, Run
from app.evaluation.verdict import Verdict, relative_loss
from app.plain import in_markdown
from app.text.dimensions import DimensionTexts

Cell = str | int | float | None
# What a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(run: Run, metric: str, say: DimensionTexts) -> tuple[list[str], list[list[Cell]]]:
    """One row a setting: the metric with its interval, the share that is lost, times and bytes.

    Returns:
        The columns' names, and the rows in the order of the run.
    """
    columns = [
        say.column_way,
        say.column_dim,
        say.column_storage,
        say.column_index,
        say.column_rotated,
        figure_title(run, metric, say),
        say.column_interval,
        say.column_loss,
        say.column_wins,
        say.column_worse,
        say.column_p_value,
        say.column_p50,
        say.column_p95,
        say.column_rerank_ms,
        say.column_ram,
        say.column_disk,
    ]
    return columns, [_row(run, outcome, metric, say) for outcome in run.outcomes]


def csv_table(run: Run, say: DimensionTexts) -> bytes:
    """The table with every metric of the run; with a mark that spreadsheets know UTF-8 by."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    columns, _ = table(run, run.metrics[0], say)
    before, after = columns[:5], columns[8:]
    figures = [
        name
        for metric in run.metrics
        for name in (
            figure_title(run, metric, say),
            f"{metric} {say.column_interval} min",
            f"{metric} {say.column_interval} max",
        )
    ]
    writer.writerow(map(_cell, [*before, *figures, *after]))
    for outcome in run.outcomes:
        row = _row(run, outcome, run.metrics[0], say)
        values = [
            value
            for metric in run.metrics
            for value in (outcome.metrics.get(metric, ""), *outcome.intervals.get(metric, ("", "")))
        ]
        writer.writerow(map(_cell, [*row[:5], *values, *row[8:]]))
    return out.getvalue().encode("utf-8-sig")


def markdown_report(run: Run, verdict: Verdict, say: DimensionTexts) -> str:
    """The verdict, what it does not show, what was measured, and the table."""
    sentences, caveats = verdict_sentences(run, verdict, say)
    lines = [
        f"# {say.report_title.format(source=in_markdown(truth_name(run.truth, say)))}",
        "",
        f"{in_markdown(run.created_at)}",
        "",
        f"## {say.report_verdict}",
        "",
        in_markdown(f"{way_name(verdict.baseline.way, say)} · {metric_name(verdict.metric, say)}"),
        "",
        *(line for sentence in sentences for line in (sentence, "")),
    ]
    if caveats:
        lines += [say.not_shown, "", *(f"- {caveat}" for caveat in caveats), ""]
    lines += [f"## {say.report_measured}", "", *(f"- {fact}" for fact in _facts(run, say)), ""]
    columns, rows = table(run, verdict.metric, say)
    lines += [_markdown_row(columns), _markdown_row(["---"] * len(columns), escape=False)]
    at = columns.index(say.column_loss)
    for row in rows:
        loss = row[at]
        lines.append(
            _markdown_row([*row[:at], percent(loss) if isinstance(loss, float) else "", *row[at + 1 :]])
        )
    storages = dict.fromkeys(outcome.storage for outcome in run.outcomes)
    lines += ["", *(f"- {storage_formula(name, say)}" for name in storages)]
    return "\n".join(lines) + "\n"


def _row(run: Run, outcome: Outcome, metric: str, say: DimensionTexts) -> list[Cell]:
    low, high = outcome.intervals.get(metric, (None, None))
    against = outcome.against_full
    return [
        way_name(outcome.way, say),
        outcome.dim,
        outcome.storage,
        say.indexes[outcome.index],
        say.rotated if outcome.rotated else say.plain,
        round(outcome.metrics[metric], 4) if metric in outcome.metrics else None,
        "" if low is None or high is None else f"{low:.4f}–{high:.4f}",
        _loss(run, outcome, metric),
        against.wins if against else None,
        against.losses if against else None,
        float(f"{against.p_value:.3g}") if against else None,
        outcome.p50_ms,
        outcome.p95_ms,
        outcome.rerank_ms or None,
        outcome.ram_bytes_per_vector,
        outcome.disk_bytes_per_vector,
    ]


def _loss(run: Run, outcome: Outcome, metric: str) -> float | None:
    if outcome.is_baseline or outcome.way not in run.ways:
        return None
    return round(relative_loss(outcome, run.baseline(outcome.way), metric), 5)


def _facts(run: Run, say: DimensionTexts) -> list[str]:
    """What the figures depend on."""
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    return [*run_facts(run, say), in_markdown(f"{run.fingerprint} · {versions}")]


def _markdown_row(cells: Sequence[Cell], escape: bool = True) -> str:
    shown = ["" if cell is None else str(cell) for cell in cells]
    return f"| {' | '.join(map(in_markdown, shown) if escape else shown)} |"


def _cell(value: Cell) -> Cell:
    """A name can't be taken for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
