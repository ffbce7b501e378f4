"""Where a loss comes from, which questions it falls on, and which settings nothing beats; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.evaluation.run_file import Outcome, Placed, Run

_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class ToldApart:
    """A setting's loss in the metric's own unit, by cause; None where the run lacks the step between.

    The causes add up to the whole; a negative one is a gain, mostly by chance.
    """

    setting: Outcome
    whole: float
    truncation: float | None  # fewer components, each as exact as before
    quantization: float | None  # fewer bits a component
    approximate: float | None  # a search in the engine instead of comparing with every passage


@dataclass(frozen=True, slots=True)
class Broken:
    """A question that the smaller setting answers worse.

    Attributes:
        at: its number in the run.
        before, after: the metric of it.
        lost: nothing that is right is in the first ten any more.
    """

    at: int
    before: float
    after: float
    lost: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A passage in one of two lists.

    Attributes:
        rank: in its own list, from 1.
        other_rank: in the other; None: not among its first ten.
    """

    id: str
    score: float
    rank: int
    other_rank: int | None


def told_apart(run: Run, setting: Outcome, metric: str) -> ToldApart:
    """Split the loss of a setting along baseline → shorter → quantized → approximate."""

    def exactly(dim: int, storage: str, rotated: bool) -> float | None:
        """Of the exact reference, or else of a scan in the engine, which is as exact."""
        found = {
            outcome.index: outcome.metrics[metric]
            for outcome in run.of(setting.way)
            if (outcome.dim, outcome.storage, outcome.rotated) == (dim, storage, rotated)
        }
        return found.get("numpy", found.get("scan"))

    full = run.baseline(setting.way).metrics[metric]
    end = setting.metrics[metric]
    shorter = exactly(setting.dim, "float32", setting.rotated)
    exact = exactly(setting.dim, setting.storage, setting.rotated)
    return ToldApart(
        setting,
        whole=full - end,
        truncation=None if shorter is None else full - shorter,
        quantization=None if shorter is None or exact is None else shorter - exact,
        approximate=None if exact is None else exact - end,
    )


def broken(run: Run, setting: Outcome, metric: str) -> list[Broken]:
    """Questions that are answered worse than by the baseline, the most lost first."""
    baseline = run.baseline(setting.way)
    found = []
    for at, (before, after) in enumerate(zip(baseline.values[metric], setting.values[metric], strict=True)):
        if after < before - _EQUAL:
            right = run.questions[at].right
            lost = bool(right) and right.isdisjoint(placed.id for placed in setting.top[at])
            found.append(Broken(at, before, after, lost))
    return sorted(found, key=lambda b: (b.after - b.before, b.at))


def moved(ours: Sequence[Placed], theirs: Sequence[Placed]) -> list[Moved]:
    """Our list, and where each passage is in theirs."""
    ranks = {placed.id: rank for rank, placed in enumerate(theirs, 1)}
    return [Moved(placed.id, placed.score, rank, ranks.get(placed.id)) for rank, placed in enumerate(ours, 1)]


def overlap(ours: Sequence[Placed], theirs: Sequence[Placed]) -> int:
    """How many passages are in both."""
    return len({placed.id for placed in ours} & {placed.id for placed in theirs})


def front(outcomes: Sequence[Outcome], metric: str) -> list[Outcome]:
    """The Pareto front: those that none beats with as few bytes or fewer; ascending in bytes."""
    found: list[Outcome] = []
    for outcome in sorted(outcomes, key=lambda o: (o.ram_bytes_per_vector, -o.metrics[metric])):
        if not found or outcome.metrics[metric] > found[-1].metrics[metric] + _EQUAL:
            found.append(outcome)
    return found
