"""The smallest setting that loses no more than a reader tolerates, and what the run can't tell; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.evaluation.footprint import footprint
from app.evaluation.run_file import Outcome, Run, Way
from app.statistics import compare

MIN_QUESTIONS = 100  # with fewer, intervals are too wide to decide by
MIN_CHUNKS = 2000  # with fewer, candidates that a code finds are most of the corpus: it can't lose much
_MILLION = 1_000_000
_EQUAL = 1e-9  # of losses, which come from differences of floats

# few_questions    fewer than MIN_QUESTIONS
# interval_beyond  the loss may well be larger than what is tolerated
# known_item       the questions were made from the documents
# agreement        only compared with the full vectors: no word on whether these are right
# not_trained      the model was not trained for vectors of this length, and no rotation helps it
# other_corpus     a set's passages, not the reader's own
# small_corpus     fewer than MIN_CHUNKS chunks
# not_searched     computed exactly, not searched in the engine
Caveat = Literal[
    "few_questions",
    "interval_beyond",
    "known_item",
    "agreement",
    "not_trained",
    "other_corpus",
    "small_corpus",
    "not_searched",
]


@dataclass(frozen=True, slots=True)
class Loss:
    """What a setting loses against the baseline, as a share of the baseline's metric.

    Attributes:
        share: 0.01 is one per cent less; negative where it finds more.
        interval: of it, 95 %, by paired bootstrap over the questions.
    """

    share: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer to: how small may it be?

    Attributes:
        setting: the smallest within the tolerance; None: there is none that is smaller than full.
        nearest: where there is none, the smaller setting that loses least; None: none was measured.
        loss: of the one or the other.
        ram_ratio: how many times as much memory the baseline takes.
        ram_bytes_at_million, full_ram_bytes_at_million: of a million chunks, by formula, with the graph.
        full_p50_ms: of full float32 vectors in the same index; None where it was not measured.
    """

    metric: str
    tolerance: float
    baseline: Outcome
    setting: Outcome | None
    nearest: Outcome | None
    loss: Loss | None
    ram_ratio: float
    ram_bytes_at_million: float
    full_ram_bytes_at_million: float
    full_p50_ms: float | None
    caveats: tuple[Caveat, ...]


def judge(run: Run, way: Way, tolerance: float, metric: str | None = None) -> Verdict:
    """Find the smallest setting whose loss is within the tolerance.

    Smallest: fewest bytes a vector in memory, then the shorter, then the faster. A setting that was
    searched in the engine is judged by that search, not by the exact reference beside it.

    Args:
        tolerance: share of the baseline's metric that may be lost, 0.01 for one per cent.
        metric: None: the run's first.
    """
    metric = metric or run.metrics[0]
    baseline = run.baseline(way)
    smaller = [o for o in searched(run.of(way)) if o.ram_bytes_per_vector < baseline.ram_bytes_per_vector]
    good = [o for o in smaller if relative_loss(o, baseline, metric) <= tolerance + _EQUAL]
    setting = min(good, key=_size, default=None)
    nearest = None
    if setting is None:
        nearest = min(smaller, key=lambda o: (relative_loss(o, baseline, metric), *_size(o)), default=None)
    found = setting or nearest
    loss = loss_of(found, baseline, metric) if found else None
    million = _ram_of_a_million(run, found or baseline)
    full_million = _ram_of_a_million(run, baseline)
    return Verdict(
        metric=metric,
        tolerance=tolerance,
        baseline=baseline,
        setting=setting,
        nearest=nearest,
        loss=loss,
        ram_ratio=full_million / million,
        ram_bytes_at_million=million,
        full_ram_bytes_at_million=full_million,
        full_p50_ms=_full_p50(run, found) if found else None,
        caveats=_caveats(run, setting, loss, tolerance),
    )


def searched(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes, without the exact reference of a setting that was searched in the engine too."""
    in_engine = {_vectors(o) for o in outcomes if o.index != "numpy"}
    return [o for o in outcomes if o.index != "numpy" or _vectors(o) not in in_engine]


def relative_loss(outcome: Outcome, baseline: Outcome, metric: str) -> float:
    """Share of the baseline's metric that is lost; all of nothing is nothing."""
    whole = baseline.metrics[metric]
    return (whole - outcome.metrics[metric]) / whole if whole else 0.0


def loss_of(outcome: Outcome, baseline: Outcome, metric: str) -> Loss:
    """The loss with its interval: the run's own where it was taken of this metric."""
    whole = baseline.metrics[metric]
    against = outcome.against_full
    if against and against.metric == metric:
        low, high = against.interval
    else:
        low, high = compare(outcome.values[metric], baseline.values[metric]).interval
    share = relative_loss(outcome, baseline, metric)
    return Loss(share, (-high / whole, -low / whole) if whole else (0.0, 0.0))


def _ram_of_a_million(run: Run, outcome: Outcome) -> float:
    return footprint(outcome.dim, outcome.storage, _MILLION, run.full_dim).ram_bytes


def _vectors(outcome: Outcome) -> tuple[int, str, bool]:
    return outcome.dim, outcome.storage, outcome.rotated


def _size(outcome: Outcome) -> tuple[float, int, float]:
    slowest = float("inf")
    p50 = slowest if outcome.p50_ms is None else outcome.p50_ms
    return outcome.ram_bytes_per_vector, outcome.dim, p50


def _full_p50(run: Run, setting: Outcome) -> float | None:
    """Of full float32 vectors in an index of the same kind."""
    for outcome in run.of(setting.way):
        if outcome.index == setting.index and _vectors(outcome) == (run.full_dim, "float32", False):
            return outcome.p50_ms
    return None


def _caveats(run: Run, setting: Outcome | None, loss: Loss | None, tolerance: float) -> tuple[Caveat, ...]:
    found: list[tuple[Caveat, bool]] = [
        ("agreement", run.truth.kind == "agreement"),
        ("known_item", run.truth.kind == "known-item"),
        ("other_corpus", not run.corpus.is_index),
        ("few_questions", len(run.questions) < MIN_QUESTIONS),
    ]
    if setting is not None and loss is not None:
        short = setting.dim < run.full_dim and not setting.rotated
        found += [
            ("interval_beyond", loss.interval[1] > tolerance + _EQUAL),
            ("not_trained", short and setting.dim not in run.matryoshka_dims),
            ("small_corpus", run.corpus.chunks < MIN_CHUNKS),
            ("not_searched", setting.index == "numpy"),
        ]
    return tuple(caveat for caveat, holds in found if holds)
