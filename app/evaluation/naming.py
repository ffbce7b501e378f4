"""What settings, ways of searching, figures and runs are called, for a reader; pure.

Names are plain text, sentences are Markdown.
"""

from __future__ import annotations

import re

from app.evaluation.run_file import AGREEMENT_METRIC, Outcome, Run, Truth, Way
from app.evaluation.verdict import MIN_CHUNKS, MIN_QUESTIONS, Caveat, Verdict
from app.jobs import RunName
from app.plain import displayable, in_markdown
from app.text.dimensions import DimensionTexts
from indexer.store.storages import STORAGES

_KIB = 1024
_NOTABLE = 0.0005  # of a share: what is not shown as 0.0 %


def vectors_name(dim: int, storage: str, rotated: bool, say: DimensionTexts) -> str:
    name = say.dim.format(dim=dim) + f" · {displayable(storage)}"
    return f"{name} · {say.rotated}" if rotated else name


def setting_name(outcome: Outcome, say: DimensionTexts) -> str:
    vectors = vectors_name(outcome.dim, outcome.storage, outcome.rotated, say)
    return f"{vectors} · {say.indexes[outcome.index]}"


def way_name(way: Way, say: DimensionTexts) -> str:
    name = say.ways.get(way.mode, displayable(way.mode))
    if way.rerank == "none":
        return name
    return f"{name} + {say.reranks.get(way.rerank, displayable(way.rerank))}"


def metric_name(metric: str, say: DimensionTexts) -> str:
    return say.metrics.get(metric, displayable(metric))


def figure_title(run: Run, metric: str, say: DimensionTexts) -> str:
    """A metric as an axis is called: agreement is never mistaken for quality."""
    if metric == AGREEMENT_METRIC:
        return say.axis_agreement
    kind = say.axis_known_item if run.truth.kind == "known-item" else say.axis_quality
    return kind.format(metric=metric_name(metric, say))


def source_name(name: str, say: DimensionTexts) -> str:
    """A set, or where questions came from."""
    return say.sources.get(name, displayable(name))


def truth_name(truth: Truth, say: DimensionTexts) -> str:
    kind = say.truths[truth.kind]
    source = source_name(truth.source, say)
    if truth.kind == "judged":
        return source
    if truth.kind == "known-item":
        parts = [say.known_items.get(part, displayable(part)) for part in re.split(r",\s*", truth.source)]
        return f"{kind}（{say.list_comma.join(parts)}）"
    return kind


def run_label(run: RunName, say: DimensionTexts) -> str:
    when = run.created.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return f"{when}　{source_name(run.name, say)}"


def percent(share: float, digits: int = 1) -> str:
    shown = f"{share:.{digits}%}"
    return shown.replace("-", "−" if float(shown[:-1]) else "")


def shown_bytes(number: float) -> str:
    """In binary units, to three digits: 1.43 GiB."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if number < _KIB or unit == "TiB":
            break
        number /= _KIB
    digits = 0 if number >= 100 or unit == "B" else 1 if number >= 10 else 2
    return f"{number:.{digits}f} {unit}"


def storage_formula(storage: str, say: DimensionTexts) -> str:
    """Bytes of a vector in memory, and on disk behind its code."""
    stored = STORAGES[storage]
    formula = say.storage_formula.format(storage=storage, bytes=f"{stored.code_bits / 8:g}")
    if not stored.is_quantized:
        return formula
    return formula + say.storage_formula_behind.format(bytes=f"{stored.original_bits / 8:g}")


def step_name(what: str, say: DimensionTexts) -> str:
    """What a command in the background is doing, in its own words."""
    if what in say.steps:
        return say.steps[what]
    first, _, rest = what.partition(" ")
    return (say.step_building if first == "building" else say.step_other).format(
        what=displayable(rest if first == "building" else what)
    )


def duration(seconds: float, say: DimensionTexts) -> str:
    if seconds < 60:
        return say.seconds.format(seconds=max(1, round(seconds)))
    return say.minutes.format(minutes=round(seconds / 60))


def run_facts(run: Run, say: DimensionTexts) -> tuple[str, str]:
    """What was measured, and on what; Markdown."""
    what = say.run_facts.format(
        truth=in_markdown(truth_name(run.truth, say)),
        questions=len(run.questions),
        corpus=in_markdown(source_name(run.corpus.name, say)),
        passages=run.corpus.passages,
        model=in_markdown(run.model),
        full_dim=run.full_dim,
        took=duration(run.seconds, say),
    )
    machine = say.run_machine.format(
        device=in_markdown(run.device),
        cpu=in_markdown(run.cpu or run.machine),
        cores=run.cores,
        memory=shown_bytes(run.peak_memory_mib * 1024 * 1024),
        seed=run.seed,
    )
    return what, machine


def verdict_sentences(run: Run, verdict: Verdict, say: DimensionTexts) -> tuple[list[str], list[str]]:
    """The verdict, and what it does not show."""
    found, kind = verdict.setting or verdict.nearest, run.truth.kind
    if found is None or verdict.loss is None:
        return [say.verdict_nothing_smaller], _caveats(run, verdict, say)
    low, high = verdict.loss.interval
    gain = say.verdict_gain if verdict.loss.share < -_NOTABLE else ""
    sentences = [
        (say.verdict if verdict.setting else say.verdict_none)[kind].format(
            setting=in_markdown(setting_name(found, say)),
            metric=in_markdown(metric_name(verdict.metric, say)),
            full=verdict.baseline.metrics[verdict.metric],
            value=found.metrics[verdict.metric],
            # As exact as it takes to tell a loss from the tolerance that it exceeds.
            loss=percent(verdict.loss.share, 2),
            low=percent(low, 2),
            high=percent(high, 2),
            tolerance=percent(verdict.tolerance),
        )
        + gain
    ]
    if verdict.setting:
        sentences.append(
            say.verdict_memory.format(
                ratio=f"{verdict.ram_ratio:.3g}",
                million=shown_bytes(verdict.ram_bytes_at_million),
                full_million=shown_bytes(verdict.full_ram_bytes_at_million),
            )
        )
        if found.p50_ms is not None and verdict.full_p50_ms is not None:
            sentences.append(say.verdict_speed.format(p50=found.p50_ms, full=verdict.full_p50_ms))
    return sentences, _caveats(run, verdict, say)


def _caveats(run: Run, verdict: Verdict, say: DimensionTexts) -> list[str]:
    def said(caveat: Caveat) -> str:
        return say.caveats[caveat].format(
            questions=len(run.questions),
            enough=MIN_QUESTIONS,
            chunks=run.corpus.chunks,
            many=MIN_CHUNKS,
            tolerance=percent(verdict.tolerance),
            dim=verdict.setting.dim if verdict.setting else run.full_dim,
            corpus=in_markdown(source_name(run.corpus.name, say)),
        )

    return [said(caveat) for caveat in verdict.caveats]
