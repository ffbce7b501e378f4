"""An evaluation as text for the shell, and as JSON."""

from __future__ import annotations

import importlib.metadata
import platform
from dataclasses import asdict
from typing import Any

from app.evaluation import METRICS, Evaluation, Outcome
from app.judged import JudgedSet
from app.statistics import SEED, bootstrap_interval, compare
from indexer.embedding import Embedder
from indexer.errors import XunzhangError
from indexer.words import Analyzer

_PACKAGES = ("numpy", "torch", "sentence-transformers", "qdrant-edge-py", "jieba", "opencc", "ir_measures")
_WORST = 20
_EXCERPT = 60  # characters of a passage


class NotEvaluatedError(XunzhangError):
    """A comparison names a way of searching that was not measured."""


def describe(found: Evaluation) -> str:
    """A table, tabs between columns: each way of searching, with the interval of its nDCG@10."""
    lines = ["\t".join(["way", "dim", *METRICS, "95 % of nDCG@10", "search ms", "rerank ms", "candidates"])]
    for outcome in found.outcomes:
        low, high = bootstrap_interval(outcome.values["nDCG@10"])
        lines.append(
            "\t".join(
                [
                    outcome.name,
                    str(outcome.dim),
                    *(f"{outcome.metrics[metric]:.4f}" for metric in METRICS),
                    f"{low:.4f}-{high:.4f}",
                    f"{1000 * outcome.search_seconds:.1f}",
                    *_second_stage(outcome),
                ]
            )
        )
    if answer := found.answerability:
        lines.append(
            f"is the answer there? AUC {answer.auc:.3f}; at relevance {answer.threshold:g}: "
            f"{answer.missed:.1%} of answers called weak, {answer.false:.1%} of questions without an answer "
            "not noticed"
        )
    return "\n".join(lines)


def describe_comparison(found: Evaluation, judged: JudgedSet, ours: str, theirs: str) -> str:
    """Wins and losses of one way against another, and the questions where it loses most.

    Raises:
        NotEvaluatedError: one of them was not measured.
    """
    a, b = _outcome(found, ours), _outcome(found, theirs)
    values, others = a.values["nDCG@10"], b.values["nDCG@10"]
    result = compare(values, others)
    lines = [
        f"{a.name} at {a.dim} against {b.name} at {b.dim}, nDCG@10: {result.wins} better, {result.losses} "
        f"worse, {result.ties} equal; {result.mean_difference:+.4f} "
        f"({result.interval[0]:+.4f} to {result.interval[1]:+.4f})"
    ]
    questions = list(judged.queries)
    worst = sorted(range(len(questions)), key=lambda i: values[i] - others[i])[:_WORST]
    for i in worst:
        if values[i] >= others[i]:
            break
        id_ = questions[i]
        right = next((p for p, grade in judged.qrels[id_].items() if grade > 0), "")
        lines += [
            f"  {values[i]:.2f} against {others[i]:.2f}  {id_}: {judged.queries[id_]}",
            f"      right: {right}: {_excerpt(judged, right)}",
            f"      first: {a.top[i]}: {_excerpt(judged, a.top[i])}",
        ]
    return "\n".join(lines)


def to_json(
    found: Evaluation, judged: JudgedSet, embedder: Embedder, analyzer: Analyzer, corpus: str
) -> dict[str, Any]:
    """Everything that was measured, and what it depends on."""
    return {
        **_provenance(embedder, analyzer),
        "corpus": corpus,
        "passages": len(judged.passages),
        "questions": list(judged.queries),
        "outcomes": [outcome.to_json() for outcome in found.outcomes],
        "comparisons": [
            {"of": a.name, "with": b.name, "dim": a.dim, **asdict(compare(a.values[m], b.values[m]))}
            for m in ("nDCG@10",)
            for a in found.outcomes
            for b in found.outcomes
            if a.dim == b.dim and a is not b
        ],
        "answerability": found.answerability.to_json() if found.answerability else None,
    }


def _provenance(embedder: Embedder, analyzer: Analyzer) -> dict[str, Any]:
    """What figures depend on: model, terms, seed, versions, machine."""
    return {
        "model": embedder.name,
        "fingerprint": embedder.fingerprint,
        "device": embedder.device,
        "lexicon": analyzer.fingerprint,
        "seed": SEED,
        "versions": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
    }


def _second_stage(outcome: Outcome) -> list[str]:
    if outcome.rerank == "none":
        return ["", ""]
    return [f"{1000 * outcome.rerank_seconds:.1f}", f"{outcome.candidates:.1f}"]


def _outcome(found: Evaluation, name: str) -> Outcome:
    for outcome in found.outcomes:
        if outcome.name == name:
            return outcome
    raise NotEvaluatedError(
        f"{name!r} was not measured; there are: {', '.join(dict.fromkeys(o.name for o in found.outcomes))}"
    )


def _excerpt(judged: JudgedSet, passage: str) -> str:
    text = " ".join(judged.passages.get(passage, "").split())
    return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…"
