"""Runs made by hand, in the form that `app/evaluation/written.py` writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.evaluation.run_file import Run, parse_run
from indexer.store.storages import STORAGES

PASSAGES = [f"p{number}" for number in range(12)]


def outcome(
    dim: int,
    storage: str = "float32",
    index: str = "numpy",
    values: Sequence[float] = (1.0, 1.0),
    *,
    mode: str = "dense",
    rotated: bool = False,
    p50: float | None = None,
    against: tuple[float, float] | None = None,
    top: Sequence[Sequence[str]] | None = None,
    metric: str = "nDCG@10",
    baseline: bool = False,
) -> dict[str, Any]:
    """
    Args:
        values: one a question; the metric is their mean.
        against: 95 % interval of the mean difference to the baseline.
        top: passages by question, best first; every question has the same if it is not given.
    """
    mean = sum(values) / len(values)
    lists = top or [PASSAGES[:10]] * len(values)
    return {
        "name": f"{mode} {dim} {storage} {index}{' rotated' if rotated else ''}",
        "mode": mode,
        "rerank": "none",
        "dim": dim,
        "storage": storage,
        "index": index,
        "rotated": rotated,
        "metrics": {metric: mean},
        "intervals": {metric: [mean - 0.05, mean + 0.05]},
        "values": {metric: list(values)},
        "against_full": {
            "metric": metric,
            "wins": 0,
            "losses": 1,
            "ties": len(values) - 1,
            "mean_difference": sum(against) / 2,
            "interval": list(against),
            "p_value": 0.03125,
        }
        if against
        else None,
        "is_baseline": baseline,
        "ms": {"p50": p50, "p95": 2 * p50} if p50 else None,
        "rerank_ms": 0.0,
        "rerank_candidates": 0.0,
        "ram_bytes_per_vector": STORAGES[storage].memory_bytes(dim),
        "disk_bytes_per_vector": STORAGES[storage].disk_bytes(dim),
        "measured": {"chunks": 5000, "disk_bytes": 1_234_567, "ram_bytes": None} if p50 else None,
        "top": [[[id_, 1 - rank / 100] for rank, id_ in enumerate(found)] for found in lists],
    }


def run_data(
    outcomes: Sequence[Mapping[str, Any]],
    *,
    questions: Sequence[str] = ("试用期最长多久", "几天之内可以退货"),
    right: Sequence[Sequence[str]] | None = None,
    kind: str = "judged",
    source: str = "judged",
    matryoshka_dims: Sequence[int] = (),
    is_index: bool = True,
    chunks: int = 5000,
    metric: str = "nDCG@10",
) -> dict[str, Any]:
    """A run of these outcomes; `full_dim` is the longest dimension."""
    return {
        "name": source,
        "created_at": "2026-11-25T16:20:00+00:00",
        "seconds": 81.2,
        "truth": {"kind": kind, "source": source, "questions": len(questions)},
        "corpus": {"name": "default", "passages": chunks, "chunks": chunks, "is_index": is_index},
        "model": "fake",
        "fingerprint": "fake-256",
        "device": "cpu fp32",
        "full_dim": max(o["dim"] for o in outcomes),
        "matryoshka_dims": list(matryoshka_dims),
        "rotation": "",
        "seed": 20240516,
        "versions": {"numpy": "2.4.6"},
        "python": "3.11.2",
        "machine": "Linux x86_64",
        "cpu": "AMD EPYC",
        "cores": 2,
        "peak_memory_mib": 1234,
        "metrics": [metric],
        "questions": [
            {"id": f"q{i}", "text": text, "right": list(right[i]) if right else ["p0"]}
            for i, text in enumerate(questions)
        ],
        "passages": {id_: {"text": f"第{id_}段的原文", "shown": f"文档/{id_}.txt"} for id_ in PASSAGES},
        "outcomes": list(outcomes),
        "answerability": None,
    }


def run(outcomes: Sequence[Mapping[str, Any]], **about: Any) -> Run:
    return parse_run(run_data(outcomes, **about))
