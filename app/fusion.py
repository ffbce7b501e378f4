"""Combine the dense and the lexical ranking of one question; pure."""

from __future__ import annotations

from collections.abc import Mapping

# Share of the dense leg. Of 0.5, 0.6, 0.7 and 0.8, on questions in simplified and in traditional
# Chinese, 0.6 and 0.7 are best and within .003 of each other (benchmarks/RESULTS.md); the larger
# one loses less where question and passage use other words.
DENSE_WEIGHT = 0.7


def fuse(
    cosines: Mapping[str, float], lexical: Mapping[str, float], dense_weight: float = DENSE_WEIGHT
) -> dict[str, float]:
    """A weighted mean of both scores, each brought to 0..1 over the candidates of this question.

    Scores rather than ranks (reciprocal rank fusion): how far the first is ahead of the second says
    more than that it is ahead.

    Args:
        cosines: of every candidate.
        lexical: BM25 of the candidates that share a word with the question.

    Returns:
        0..1 for every candidate, higher is better.
    """
    if not cosines:
        return {}
    lowest, highest = min(cosines.values()), max(cosines.values())
    spread = highest - lowest
    best_lexical = max(lexical.values(), default=0.0) or 1.0
    return {
        id_: dense_weight * ((cosine - lowest) / spread if spread else 1.0)
        + (1 - dense_weight) * lexical.get(id_, 0.0) / best_lexical
        for id_, cosine in cosines.items()
    }
