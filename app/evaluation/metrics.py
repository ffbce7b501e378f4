"""How good a list of passages is; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

METRICS = ("nDCG@10", "R@1", "R@10", "RR@10")  # in ir_measures' notation; RR@10 averages to MRR@10
OVERLAP = "overlap@10"
DEPTH = 10


def measure(
    qrels: Mapping[str, Mapping[str, int]], found: Mapping[str, Sequence[str]]
) -> dict[str, list[float]]:
    """Each metric of each judged question, in the order of `qrels`; one that found nothing counts 0.

    Computed by ir_measures (MacAvaney et al. 2022), which wraps trec_eval.

    Args:
        qrels: question → passage → grade.
        found: question → passages, best first.
    """
    import ir_measures

    # By rank, as scores: trec_eval sorts by score, and equal ones by id.
    run = {
        query: {passage: float(-rank) for rank, passage in enumerate(passages)}
        for query, passages in found.items()
    }
    measures = [ir_measures.parse_measure(name) for name in METRICS]
    values = {(m.query_id, str(m.measure)): m.value for m in ir_measures.iter_calc(measures, qrels, run)}
    return {
        name: [float(values.get((query, str(parsed)), 0.0)) for query in qrels]
        for name, parsed in zip(METRICS, measures, strict=True)
    }


def overlap(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """The share of their first ten that is in our first ten, in whatever order; 1 where they have none.

    Agreement, not quality: it says nothing of which list is better.
    """
    wanted = set(theirs[:DEPTH])
    return len(wanted & set(ours[:DEPTH])) / len(wanted) if wanted else 1.0
