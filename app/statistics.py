"""How sure a measured difference is; pure, with a fixed seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEED = 20240516
_RESAMPLES = 2000
_PERMUTATIONS = 10_000

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
    p_value: float  # of a difference as large as this, or larger, if both were equally good


def compare(ours: Sequence[float], theirs: Sequence[float]) -> Comparison:
    """A paired comparison; both have a value for each question, in the same order."""
    differences = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    return Comparison(
        wins=int((differences > 1e-9).sum()),
        losses=int((differences < -1e-9).sum()),
        ties=int((np.abs(differences) <= 1e-9).sum()),
        mean_difference=float(differences.mean()),
        interval=bootstrap_interval(differences.tolist()),
        p_value=randomization_test(differences.tolist()),
    )


def randomization_test(differences: Sequence[float], permutations: int = _PERMUTATIONS) -> float:
    """Two-sided p-value of a mean difference, by flipping signs at random (Smucker, Allan and Carterette
    2007, "A Comparison of Statistical Significance Tests for Information Retrieval Evaluation").

    All sign patterns are tried where they are fewer than `permutations`.
    """
    data = np.asarray(differences, dtype=np.float64)
    data = data[np.abs(data) > 1e-12]  # a tie is the same with either sign
    if not len(data):
        return 1.0
    seen = abs(float(data.sum())) - 1e-9
    if 2 ** len(data) <= permutations:
        patterns = (np.arange(2 ** len(data))[:, None] >> np.arange(len(data))) & 1
        return float((np.abs((2 * patterns - 1) @ data) >= seen).mean())
    random = np.random.default_rng(SEED)
    extreme, block = 0, 500
    for _ in range(permutations // block):
        signs = random.integers(0, 2, (block, len(data)), dtype=np.int8) * 2 - 1
        extreme += int((np.abs(signs @ data) >= seen).sum())
    # Counting what was seen itself, so that it is never 0 (Phipson and Smyth 2010).
    return (extreme + 1) / (permutations + 1)


def roc_auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often a positive scores higher than a negative, ties counting half (Mann-Whitney U)."""
    scores = np.concatenate([np.asarray(positive, float), np.asarray(negative, float)])
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    above = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(above / (len(positive) * len(negative)))
