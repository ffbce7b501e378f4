"""A finished run as its JSON file has it; `app/evaluation/run.py` makes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from indexer.errors import XunzhangError
from indexer.store.storages import STORAGES

TruthKind = Literal["judged", "known-item", "agreement"]
AGREEMENT_METRIC = "overlap@10"

# numpy: exact, the reference, without times; scan: Qdrant without a graph; hnsw: Qdrant with one
Index = Literal["numpy", "scan", "hnsw"]


class RunFileError(XunzhangError):
    """A file of a run is missing, broken, or of another program."""


class Way(NamedTuple):
    """How it was searched: each way has a baseline of its own."""

    mode: str  # dense, two-stage, lexical, hybrid
    rerank: str  # none, late, cross


class Placed(NamedTuple):
    """A passage in a result list."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What counted as right.

    Attributes:
        source: a set's name, "judged" for what was judged in the search page, or what known items
            were made from.
    """

    kind: TruthKind
    source: str
    questions: int


@dataclass(frozen=True, slots=True)
class Corpus:
    name: str
    passages: int
    chunks: int
    is_index: bool  # the user's own


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    text: str
    right: frozenset[str]  # ids of passages


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage as far as the run keeps it."""

    text: str
    shown: str  # its file; empty for a set


@dataclass(frozen=True, slots=True)
class Against:
    """A setting compared with the baseline of its way, question by question."""

    metric: str
    wins: int
    losses: int
    ties: int
    mean_difference: float
    interval: tuple[float, float]  # 95 %
    p_value: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One setting, over all questions.

    Attributes:
        metrics, intervals: means over the questions, and their 95 % intervals.
        values: metric → one value a question, in the run's order.
        p50_ms, p95_ms: of a search; None where it was computed outside the engine.
        ram_bytes_per_vector, disk_bytes_per_vector: of the searched vectors, by formula.
        top: question → its passages, best first, at most 10.
    """

    name: str
    way: Way
    dim: int
    storage: str
    index: Index
    rotated: bool
    is_baseline: bool
    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    values: Mapping[str, Sequence[float]]
    against_full: Against | None
    p50_ms: float | None
    p95_ms: float | None
    rerank_ms: float
    ram_bytes_per_vector: float
    disk_bytes_per_vector: float
    measured_chunks: int | None
    measured_disk_bytes: int | None
    measured_ram_bytes: int | None
    top: Sequence[Sequence[Placed]]


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that was measured, and what it depends on."""

    name: str
    created_at: str  # UTC, ISO 8601
    seconds: float
    truth: Truth
    corpus: Corpus
    model: str
    fingerprint: str
    device: str
    full_dim: int
    matryoshka_dims: tuple[int, ...]
    rotation: str  # fingerprint; empty for none
    seed: int
    machine: str
    cpu: str
    cores: int
    peak_memory_mib: float
    versions: Mapping[str, str]
    metrics: tuple[str, ...]
    questions: tuple[Question, ...]
    passages: Mapping[str, Excerpt]
    outcomes: tuple[Outcome, ...]

    @property
    def ways(self) -> list[Way]:
        """Those with a baseline, in the order of the file."""
        return list(dict.fromkeys(outcome.way for outcome in self.outcomes if outcome.is_baseline))

    def of(self, way: Way) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.way == way]

    def baseline(self, way: Way) -> Outcome:
        """Its full-length float32 search."""
        return next(outcome for outcome in self.of(way) if outcome.is_baseline)


def read_run(file: Path) -> Run:
    """Read a run.

    Raises:
        RunFileError: the file is missing, or is not a run.
    """
    try:
        return parse_run(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RunFileError(f"{file} can't be read: {error}; delete it or run the evaluation again") from error
    except RunFileError as error:
        raise RunFileError(f"{file}: {error}; delete it or run the evaluation again") from error


def parse_run(data: Any) -> Run:
    """
    Raises:
        RunFileError: a field is missing or has no sense.
    """
    try:
        run = _run(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunFileError(f"not a run of this program ({type(error).__name__}: {error})") from error
    for outcome in run.outcomes:
        # What has no baseline, such as keywords, is not compared, and need not have each metric.
        missing = set(run.metrics) - (outcome.metrics.keys() & outcome.values.keys())
        if missing and outcome.way in run.ways:
            raise RunFileError(f"{outcome.name} lacks {', '.join(sorted(missing))}")
        if any(len(each) != len(run.questions) for each in (*outcome.values.values(), outcome.top)):
            raise RunFileError(f"{outcome.name} has not one value and one list for each question")
    if not run.ways:
        raise RunFileError("no baseline of full length in it")
    return run


def _run(data: Any) -> Run:
    truth, corpus = data["truth"], data["corpus"]
    if truth["kind"] not in get_args(TruthKind):
        raise ValueError(f"truth {truth['kind']!r}")
    return Run(
        name=str(data["name"]),
        created_at=str(data["created_at"]),
        seconds=float(data["seconds"]),
        truth=Truth(truth["kind"], str(truth["source"]), int(truth["questions"])),
        corpus=Corpus(
            str(corpus["name"]), int(corpus["passages"]), int(corpus["chunks"]), bool(corpus["is_index"])
        ),
        model=str(data["model"]),
        fingerprint=str(data["fingerprint"]),
        device=str(data["device"]),
        full_dim=int(data["full_dim"]),
        matryoshka_dims=tuple(map(int, data["matryoshka_dims"])),
        rotation=str(data.get("rotation") or ""),
        seed=int(data["seed"]),
        machine=str(data.get("machine", "")),
        cpu=str(data.get("cpu", "")),
        cores=int(data.get("cores") or 0),
        peak_memory_mib=float(data.get("peak_memory_mib") or 0),
        versions={str(k): str(v) for k, v in data.get("versions", {}).items()},
        metrics=tuple(map(str, data["metrics"])),
        questions=tuple(
            Question(str(q["id"]), str(q["text"]), frozenset(map(str, q["right"]))) for q in data["questions"]
        ),
        passages={
            str(id_): Excerpt(str(p["text"]), str(p.get("shown") or ""))
            for id_, p in data["passages"].items()
        },
        outcomes=tuple(map(_outcome, data["outcomes"])),
    )


def _outcome(data: Any) -> Outcome:
    for name, known in (("index", get_args(Index)), ("storage", STORAGES)):
        if data[name] not in known:
            raise ValueError(f"{name} {data[name]!r}")
    times, against, measured = data.get("ms") or {}, data.get("against_full"), data.get("measured") or {}
    return Outcome(
        name=str(data["name"]),
        way=Way(str(data["mode"]), str(data["rerank"])),
        dim=int(data["dim"]),
        storage=str(data["storage"]),
        index=data["index"],
        rotated=bool(data["rotated"]),
        is_baseline=bool(data["is_baseline"]),
        metrics={str(k): float(v) for k, v in data["metrics"].items()},
        intervals={str(k): _interval(v) for k, v in data["intervals"].items()},
        values={str(k): tuple(map(float, v)) for k, v in data["values"].items()},
        against_full=_against(against) if against else None,
        p50_ms=times.get("p50"),
        p95_ms=times.get("p95"),
        rerank_ms=float(data.get("rerank_ms") or 0),
        ram_bytes_per_vector=float(data["ram_bytes_per_vector"]),
        disk_bytes_per_vector=float(data["disk_bytes_per_vector"]),
        measured_chunks=measured.get("chunks"),
        measured_disk_bytes=measured.get("disk_bytes"),
        measured_ram_bytes=measured.get("ram_bytes"),
        top=tuple(tuple(Placed(str(id_), float(score)) for id_, score in found) for found in data["top"]),
    )


def _against(data: Any) -> Against:
    return Against(
        metric=str(data["metric"]),
        wins=int(data["wins"]),
        losses=int(data["losses"]),
        ties=int(data["ties"]),
        mean_difference=float(data["mean_difference"]),
        interval=_interval(data["interval"]),
        p_value=float(data["p_value"]),
    )


def _interval(ends: Any) -> tuple[float, float]:
    low, high = ends
    return float(low), float(high)
