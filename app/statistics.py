"""How sure a measured difference is; pure, with a fixed seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEED = 20240516
_RESAMPLES = 2000

Floats = NDArray[np.float64]


def bootstrap_interval(values: Sequence[float], resamples: int = _RESAMPLES) -> tuple[float, float]:
    """The 95 % percentile interval of a mean (Efron and Tibshirani 1993, chapter 13).

    Args:
        values: one a question; at least one.
    """
    data = np.asarray(values, dtype=np.float64)
    random = np.random.default_rng(SEED)
    means = [float(data[random.integers(0, len(data), len(data))].mean()) for _ in range(resamples)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One way of searching against another, question by question."""

    wins: int
    losses: int
    ties: int
    mean_difference: float
    interval: tuple[float, float]  # of it, 95 %


def compare(ours: Sequence[float], theirs: Sequence[float]) -> Comparison:
    """A paired comparison; both have a value for each question, in the same order."""
    differences = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    return Comparison(
        wins=int((differences > 1e-9).sum()),
        losses=int((differences < -1e-9).sum()),
        ties=int((np.abs(differences) <= 1e-9).sum()),
        mean_difference=float(differences.mean()),
        interval=bootstrap_interval(differences.tolist()),
    )


def roc_auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often a positive scores higher than a negative, ties counting half (Mann-Whitney U)."""
    scores = np.concatenate([np.asarray(positive, float), np.asarray(negative, float)])
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    above = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(above / (len(positive) * len(negative)))
