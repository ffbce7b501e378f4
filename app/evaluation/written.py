"""A run as text for the shell, and as the JSON that the page reads (`run_file`)."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from app.evaluation.material import Material
from app.evaluation.run import Evaluation, Outcome
from app.machine import cpu_name
from app.statistics import SEED, bootstrap_interval, compare
from indexer.embedding import Embedder
from indexer.embedding.rotation import Rotation
from indexer.errors import XunzhangError
from indexer.store import STORAGES
from indexer.words import Analyzer

_PACKAGES = ("numpy", "torch", "sentence-transformers", "qdrant-edge-py", "jieba", "opencc", "ir_measures")
_WORST = 20
_EXCERPT = 60  # characters of a passage in the shell
_KEPT = 300  # in the file


class NotEvaluatedError(XunzhangError):
    """A comparison names a way of searching that was not measured."""


def describe(found: Evaluation) -> str:
    """A table, tabs between columns: each setting, with the interval of its first metric."""
    first = found.metrics[0]
    columns = ["way", "dim", "storage", "index", *found.metrics, f"95 % of {first}", "p50 ms", "p95 ms"]
    lines = ["\t".join([*columns, "bytes/vector", "rerank ms", "candidates"])]
    for outcome in found.outcomes:
        place = outcome.setting.place
        low, high = bootstrap_interval(outcome.values[first])
        metrics = outcome.metrics
        lines.append(
            "\t".join(
                [
                    outcome.setting.way,
                    f"{place.dim}{' rotated' if place.rotated else ''}",
                    place.storage,
                    place.index,
                    *(f"{metrics[metric]:.4f}" if metric in metrics else "" for metric in found.metrics),
                    f"{low:.4f}-{high:.4f}",
                    *_times(outcome),
                    f"{STORAGES[place.storage].memory_bytes(place.dim):g}",
                    *_second_stage(outcome),
                ]
            )
        )
    if found.truth.lost:
        lines.append(f"{found.truth.lost} judged passages are no longer indexed, and were left out")
    if answer := found.answerability:
        lines.append(
            f"is the answer there? AUC {answer.auc:.3f}; at relevance {answer.threshold:g}: "
            f"{answer.missed:.1%} of answers called weak, {answer.false:.1%} of questions without an answer "
            "not noticed"
        )
    return "\n".join(lines)


def describe_comparison(found: Evaluation, material: Material, ours: str, theirs: str) -> str:
    """Wins and losses of one way against another, and the questions where it loses most.

    Args:
        ours, theirs: ways, such as hybrid and dense; the first setting of each is compared.

    Raises:
        NotEvaluatedError: one of them was not measured.
    """
    a, b = _of_way(found, ours), _of_way(found, theirs)
    metric = found.metrics[0]
    values, others = a.values[metric], b.values[metric]
    result = compare(values, others)
    lines = [
        f"{a.setting.name} against {b.setting.name}, {metric}: {result.wins} better, {result.losses} worse, "
        f"{result.ties} equal; {result.mean_difference:+.4f} "
        f"({result.interval[0]:+.4f} to {result.interval[1]:+.4f}), p = {result.p_value:.4f}"
    ]
    texts = _texts(material)
    questions = list(found.truth.queries)
    for i in sorted(range(len(questions)), key=lambda i: values[i] - others[i])[:_WORST]:
        if values[i] >= others[i]:
            break
        id_ = questions[i]
        right = next((p for p, grade in found.truth.qrels.get(id_, {}).items() if grade > 0), "")
        instead = a.top[i][0][0] if a.top[i] else ""
        lines += [
            f"  {values[i]:.2f} against {others[i]:.2f}  {id_}: {found.truth.queries[id_]}",
            f"      right: {right}: {_cut(texts.get(right, ''), _EXCERPT)}",
            f"      first: {instead}: {_cut(texts.get(instead, ''), _EXCERPT)}",
        ]
    return "\n".join(lines)


def to_json(
    found: Evaluation,
    material: Material,
    embedder: Embedder,
    analyzer: Analyzer,
    rotation: Rotation | None,
    corpus: str,
    is_index: bool,
) -> dict[str, Any]:
    """Everything that was measured, and what it depends on.

    Args:
        corpus: what was searched, for people.
        is_index: whether it is the reader's own index.
    """
    qrels = found.truth.qrels
    right = {id_: [p for p, grade in qrels.get(id_, {}).items() if grade > 0] for id_ in found.truth.queries}
    shown = {passage for outcome in found.outcomes for top in outcome.top for passage, _ in top}
    shown.update(passage for passages in right.values() for passage in passages)
    return {
        "name": found.truth.source,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(found.seconds, 1),
        "truth": {
            "kind": found.truth.kind,
            "source": found.truth.source,
            "questions": len(found.truth.queries),
            "lost": found.truth.lost,
        },
        "corpus": {
            "name": corpus,
            "passages": len(set(material.passages)),
            "chunks": len(material.ids),
            "is_index": is_index,
        },
        **_provenance(embedder, analyzer, rotation),
        "peak_memory_mib": found.peak_memory_mib and round(found.peak_memory_mib),
        "metrics": list(found.metrics),
        "questions": [
            {"id": id_, "text": text, "right": right[id_]} for id_, text in found.truth.queries.items()
        ],
        "passages": {
            passage: {"text": _cut(payload["text"], _KEPT), "shown": payload["shown"]}
            for passage, payload in zip(material.passages, material.payloads, strict=True)
            if passage in shown
        },
        "outcomes": [_outcome_to_json(outcome, found) for outcome in found.outcomes],
        "answerability": asdict(found.answerability) if found.answerability else None,
    }


def _outcome_to_json(outcome: Outcome, found: Evaluation) -> dict[str, Any]:
    setting, place = outcome.setting, outcome.setting.place
    storage = STORAGES[place.storage]
    return {
        "name": setting.name,
        "mode": setting.mode,
        "rerank": setting.rerank,
        "dim": place.dim,
        "storage": place.storage,
        "index": place.index,
        "rotated": place.rotated,
        "metrics": outcome.metrics,
        "intervals": {metric: bootstrap_interval(values) for metric, values in outcome.values.items()},
        "values": {metric: [round(v, 6) for v in values] for metric, values in outcome.values.items()},
        "is_baseline": outcome.baseline is None and setting.mode != "lexical",
        "against_full": {"metric": found.metrics[0], **asdict(outcome.against)} if outcome.against else None,
        "ms": {"p50": _percentile(outcome, 50), "p95": _percentile(outcome, 95)}
        if outcome.search_ms
        else None,
        "rerank_ms": round(outcome.rerank_ms, 2),
        "rerank_candidates": round(outcome.candidates, 1),
        "ram_bytes_per_vector": storage.memory_bytes(place.dim),
        "disk_bytes_per_vector": storage.disk_bytes(place.dim),
        "measured": asdict(outcome.measured) if outcome.measured else None,
        "top": [[[passage, round(score, 5)] for passage, score in top] for top in outcome.top],
    }


def _provenance(embedder: Embedder, analyzer: Analyzer, rotation: Rotation | None) -> dict[str, Any]:
    """What figures depend on: model, terms, seed, versions, machine."""
    return {
        "model": Path(embedder.name).name,
        "fingerprint": embedder.fingerprint,
        "device": embedder.device,
        "full_dim": embedder.full_dim,
        "matryoshka_dims": list(embedder.matryoshka_dims),
        "rotation": rotation.fingerprint if rotation else "",
        "lexicon": analyzer.fingerprint,
        "seed": SEED,
        "versions": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cpu": cpu_name(),
        "cores": os.cpu_count() or 0,
    }


def _percentile(outcome: Outcome, share: int) -> float:
    return round(float(np.percentile(outcome.search_ms, share)), 3)


def _times(outcome: Outcome) -> list[str]:
    return [f"{_percentile(outcome, share):.1f}" if outcome.search_ms else "" for share in (50, 95)]


def _second_stage(outcome: Outcome) -> list[str]:
    if outcome.setting.rerank == "none":
        return ["", ""]
    return [f"{outcome.rerank_ms:.1f}", f"{outcome.candidates:.1f}"]


def _of_way(found: Evaluation, way: str) -> Outcome:
    for outcome in found.outcomes:
        if outcome.setting.way == way:
            return outcome
    measured = ", ".join(dict.fromkeys(outcome.setting.way for outcome in found.outcomes))
    raise NotEvaluatedError(f"{way!r} was not measured; there are: {measured}")


def _texts(material: Material) -> dict[str, str]:
    texts: dict[str, str] = {}
    for passage, payload in zip(material.passages, material.payloads, strict=True):
        texts.setdefault(passage, payload["text"])
    return texts


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[:most] + "…"
