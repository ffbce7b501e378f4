"""Combine the dense and the lexical evidence for a passage, on a scale that does not depend on the list.

    fused = z + W · coverage · bm25 / best

z       the passage's cosine in standard deviations above the mean of random chunks (`Background`)
bm25 / best   the passage's share of the best BM25 score of this question
coverage      how much of the question's information the best lexical hit has (`Analyzer.coverage`)

Neither term is stretched to fill 0 to 1 over the candidates, which is what makes a fixed mix lose
where question and passage use other words: there even the best lexical hit covers little, and the
lexical term stays small by itself. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A passage with all that the question asks for counts as much as this many standard deviations of
# the cosine. 3 to 6 keep hybrid above both legs on all sets that it was fitted on and checked on
# (benchmarks/RESULTS.md); lower favours questions in other words, higher those with names in them.
LEXICAL_WEIGHT = 5.0

# Logistic regression of "the best hit answers" on its score, on half of the questions of three sets
# with their answers in the corpus, and again with their answers taken out (benchmarks/RESULTS.md).
_FUSED_SLOPE, _FUSED_BIAS = 0.91, -5.94
_DENSE_SLOPE, _DENSE_BIAS = 1.50, -6.80

_FEWEST = 100  # chunks in the background, for its tail to mean something


@dataclass(frozen=True, slots=True)
class Background:
    """How random chunks of the collection score for one question."""

    cosines: NDArray[np.float32]  # (n,), ascending

    @classmethod
    def of(cls, sample: NDArray[np.float32], vector: NDArray[np.float32]) -> Background:
        """
        Args:
            sample: (n, dim) unit rows.
            vector: (dim,), of unit length.
        """
        return cls(np.sort(sample @ vector))

    def deviations(self, cosine: float) -> float:
        """How many standard deviations a cosine lies above the mean; 0 without a background."""
        spread = float(self.cosines.std()) if len(self.cosines) else 0.0
        return (cosine - float(self.cosines.mean())) / spread if spread > 1e-6 else 0.0

    def percentile(self, cosine: float) -> float | None:
        """The share of random chunks that score lower, 0 to 1; None where there are too few."""
        if not self.is_telling:
            return None
        return float(np.searchsorted(self.cosines, cosine)) / len(self.cosines)

    @property
    def is_telling(self) -> bool:
        """Whether there are enough chunks to say how sure a score is."""
        return len(self.cosines) >= _FEWEST


def fuse(deviations: Mapping[str, float], lexical: Mapping[str, float], coverage: float) -> dict[str, float]:
    """Fused scores of candidates; see the module.

    Args:
        deviations: z of every candidate.
        lexical: BM25 of the candidates that share a term with the question.
        coverage: of the best lexical candidate, 0 to 1.

    Returns:
        For every candidate, higher is better; comparable between questions.
    """
    best = max(lexical.values(), default=0.0) or 1.0
    return {
        id_: z + LEXICAL_WEIGHT * coverage * lexical.get(id_, 0.0) / best for id_, z in deviations.items()
    }


def relevance(score: float, *, fused: bool) -> float:
    """How likely it is that a passage answers, 0 to 1, from its fused score or from z alone.

    Fitted with the compact model on questions about encyclopedias and histories; elsewhere the order
    holds and the number is a guess.
    """
    slope, bias = (_FUSED_SLOPE, _FUSED_BIAS) if fused else (_DENSE_SLOPE, _DENSE_BIAS)
    return 0.5 * (1 + math.tanh((slope * score + bias) / 2))  # the logistic function, without overflow
