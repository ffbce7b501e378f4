"""Measure a grid of settings on one truth: embed once, then search in each way.

The searches are the real ones, in Qdrant; numpy's exact ones stand beside them as the reference.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.background import Sample, embed_questions
from app.evaluation import reference
from app.evaluation.footprint import Measured, measure_files, peak_memory_mib
from app.evaluation.grid import Grid, Place, Setting
from app.evaluation.material import Material, OnProgress, embed_all, from_set
from app.evaluation.metrics import DEPTH, OVERLAP, measure, overlap
from app.evaluation.truth import Truth, of_set
from app.fusion import relevance
from app.judged import JudgedSet
from app.ranking import CANDIDATES, Asked, Mode, Ranked, rank
from app.rerank import Reranker
from app.statistics import SEED, Comparison, compare, roc_auc
from indexer.embedding import Embedder, Vectors, check_dim
from indexer.embedding.rotation import Rotation
from indexer.errors import RotationError, SettingsError
from indexer.payload import passage_of
from indexer.settings import Settings
from indexer.store import STORAGES, IndexSpec, ReplaceSource, VectorIndex
from indexer.store.shard import Shard, config_of
from indexer.words import PLAIN, Analyzer, SparseVector

_SAMPLE = 256  # chunks of the background, as a reader's search has
_SLICE = 256  # chunks written at once
_WARM = 5  # questions asked before the clock runs

Placed = tuple[str, float]  # a passage and its score


@dataclass(frozen=True, slots=True)
class Outcome:
    """One setting, over all questions.

    Attributes:
        values: metric → one value a question, in the truth's order.
        top: of each question, at most ten passages, best first.
        search_ms: of each question; none for numpy.
        rerank_ms: mean of the second stage; 0 without one.
        candidates: scored by the second stage, a question.
        measured: what its vectors take in the engine; None for numpy.
        baseline: what it is compared with; None for a baseline, or where there is none.
        against: that comparison, in the first metric.
    """

    setting: Setting
    values: Mapping[str, Sequence[float]]
    top: Sequence[Sequence[Placed]]
    search_ms: Sequence[float]
    rerank_ms: float
    candidates: float
    measured: Measured | None
    baseline: Setting | None = None
    against: Comparison | None = None

    @property
    def metrics(self) -> dict[str, float]:
        """Means over the questions."""
        return {metric: float(np.mean(values)) for metric, values in self.values.items()}


@dataclass(frozen=True, slots=True)
class Answerability:
    """Can the best hit's score tell whether the answer is there? Hybrid, at the first place searched.

    Each question is asked twice: of the whole set, and with the passages that answer it left out.
    """

    auc: float
    threshold: float  # of relevance, 0..1
    missed: float  # share of questions with an answer whose best hit is below the threshold
    false: float  # share of questions without one whose best hit is above it


@dataclass(frozen=True, slots=True)
class Evaluation:
    truth: Truth
    outcomes: Sequence[Outcome]
    metrics: Sequence[str]
    answerability: Answerability | None  # None: not asked for, or the material is too small
    seconds: float
    peak_memory_mib: float | None


@dataclass(frozen=True, slots=True)
class _Bench:
    """What all settings share."""

    material: Material
    truth: Truth
    questions: Sequence[str]
    asked: Vectors  # (questions, full_dim)
    words: Sequence[SparseVector]  # of the questions
    lexical: Sequence[SparseVector]  # of the chunks
    sample: Sample
    analyzer: Analyzer
    reranker: Reranker
    embedder: Embedder
    rotation: Rotation | None
    budget_seconds: float | None
    on_progress: OnProgress


def evaluate(
    material: Material,
    truth: Truth,
    embedder: Embedder,
    grid: Grid,
    *,
    settings: Settings | None = None,
    analyzer: Analyzer = PLAIN,
    rotation: Rotation | None = None,
    budget_seconds: float | None = None,
    answerability: bool = True,
    on_progress: OnProgress = lambda what, done, total: None,
) -> Evaluation:
    """
    Args:
        settings: of the second stage and the threshold of relevance.
        rotation: for a grid that is rotated.
        budget_seconds: most time for the second stage; None: as long as it takes.
        answerability: also find out whether scores tell that an answer is there, on judged questions.

    Raises:
        DimensionError, SettingsError, RotationError: the grid asks for what there is not.
        RerankUnavailableError, ModelMissingError: a second stage lacks its model.
        (Nothing was searched then.)
    """
    started = time.monotonic()
    settings = settings or Settings()
    check_grid(grid, embedder, rotation)
    reranker = Reranker(settings, lambda: embedder)
    for how in grid.reranks:
        reranker.prepare(how)
    sample = _sample(material)
    bench = _Bench(
        material=material,
        truth=truth,
        questions=list(truth.queries.values()),
        asked=_embed_questions(truth, embedder, sample, on_progress),
        words=[analyzer.query_vector(question) for question in truth.queries.values()],
        lexical=_lexical(material, grid, analyzer, on_progress),
        sample=sample,
        analyzer=analyzer,
        reranker=reranker,
        embedder=embedder,
        rotation=rotation,
        budget_seconds=budget_seconds,
        on_progress=on_progress,
    )
    by_place: dict[Place, list[Setting]] = {}
    for setting in grid.settings(embedder.full_dim):
        by_place.setdefault(setting.place, []).append(setting)
    outcomes: dict[Setting, Outcome] = {}
    answers = None
    for place, at_place in by_place.items():
        if place.index == "numpy":
            outcomes |= {setting: _exact(bench, setting) for setting in at_place}
            continue
        with _built(bench, place) as (index, folder):
            for setting in at_place:
                outcomes[setting] = _searched(bench, setting, index, folder)
            if answers is None and answerability and truth.qrels and "hybrid" in grid.modes:
                answers = _answerability(bench, index, settings.relevance_threshold)
    compared = [_compared(bench, outcome, outcomes, grid) for outcome in outcomes.values()]
    return Evaluation(
        truth=truth,
        outcomes=compared,
        metrics=list(compared[0].values) if compared else [],
        answerability=answers,
        seconds=time.monotonic() - started,
        peak_memory_mib=peak_memory_mib(),
    )


def evaluate_set(judged: JudgedSet, embedder: Embedder, grid: Grid, **options: Any) -> Evaluation:
    """`evaluate` on a judged set, whose passages are embedded first.

    Args:
        options: as of `evaluate`.
    """
    check_grid(grid, embedder, options.get("rotation"))
    on_progress = options.get("on_progress", lambda what, done, total: None)
    material = from_set(judged.passages, embedder, on_progress=on_progress)
    return evaluate(material, of_set(judged, "set"), embedder, grid, **options)


def check_grid(grid: Grid, embedder: Embedder, rotation: Rotation | None) -> None:
    """Refuse what can't be measured, before any work.

    Raises:
        DimensionError: the model has no such dimension.
        SettingsError: there is no such storage.
        RotationError: the grid is rotated, and there is no rotation.
    """
    for dim in grid.dims:
        check_dim(dim, embedder.full_dim, embedder.matryoshka_dims)
    for storage in grid.storages:
        if storage not in STORAGES:
            raise SettingsError(f"storage {storage!r} is none; there are: {', '.join(STORAGES)}")
    if grid.rotated and rotation is None:
        raise RotationError("there is no rotation to measure with; fit one with `rotate --train`")


def _exact(bench: _Bench, setting: Setting) -> Outcome:
    place = setting.place
    rows, scores = reference.search(
        bench.material.vectors,
        bench.asked,
        place.dim,
        place.storage,
        bench.rotation if place.rotated else None,
        CANDIDATES,
    )
    bench.on_progress(setting.name, len(rows), len(rows))
    found = [
        _passages((bench.material.passages[row], score) for row, score in zip(*pair, strict=True))
        for pair in zip(rows.tolist(), scores.tolist(), strict=True)
    ]
    return _outcome(bench, setting, found, [], 0.0, 0.0, None)


def _searched(bench: _Bench, setting: Setting, index: VectorIndex, folder: Path) -> Outcome:
    found: list[list[Placed]] = []
    search_ms: list[float] = []
    reranking, candidates = 0.0, 0
    for number in range(min(_WARM, len(bench.questions))):
        _rank(bench, number, index, setting)
    for number, question in enumerate(bench.questions):
        started = time.perf_counter()
        ranked = _rank(bench, number, index, setting)
        search_ms.append(1000 * (time.perf_counter() - started))
        if setting.rerank != "none":
            started = time.perf_counter()
            ranked, done = bench.reranker.rerank(
                question, ranked, setting.rerank, bench.sample, bench.budget_seconds
            )
            reranking += time.perf_counter() - started
            candidates += done
        found.append(_passages((c.payload["passage"], _shown_score(c, setting)) for c in ranked))
        bench.on_progress(setting.name, number + 1, len(bench.questions))
    count = max(len(bench.questions), 1)
    measured = measure_files(folder, len(bench.material.ids))
    return _outcome(bench, setting, found, search_ms, 1000 * reranking / count, candidates / count, measured)


def _shown_score(ranked: Ranked, setting: Setting) -> float:
    """What a reader can compare: the cosine where it alone decides."""
    by_cosine = setting.mode in ("dense", "two-stage")
    return ranked.scores.cosine if by_cosine and ranked.scores.cosine is not None else ranked.score


def _rank(
    bench: _Bench,
    number: int,
    index: VectorIndex,
    setting: Setting,
    without: frozenset[str] = frozenset(),
) -> list[Ranked]:
    accepts = (lambda payload: payload["passage"] not in without) if without else None
    asked = Asked(bench.questions[number], bench.words[number], bench.asked[number], accepts=accepts)
    mode: Mode = "dense" if setting.mode == "two-stage" else setting.mode
    return rank(asked, mode, index, bench.sample, bench.analyzer, CANDIDATES, rescore=setting.mode != "dense")


def _passages(found: Iterable[Placed]) -> list[Placed]:
    """Passages by their best chunks, best first."""
    best: dict[str, float] = {}
    for passage, score in found:
        best.setdefault(passage, score)
    return list(best.items())


def _outcome(
    bench: _Bench,
    setting: Setting,
    found: Sequence[Sequence[Placed]],
    search_ms: Sequence[float],
    rerank_ms: float,
    candidates: float,
    measured: Measured | None,
) -> Outcome:
    by_question = {
        id_: [passage for passage, _ in passages]
        for id_, passages in zip(bench.truth.queries, found, strict=True)
    }
    values = measure(bench.truth.qrels, by_question) if bench.truth.qrels else {}
    top = [passages[:DEPTH] for passages in found]
    return Outcome(setting, values, top, search_ms, rerank_ms, candidates, measured)


def _compared(bench: _Bench, outcome: Outcome, all_: Mapping[Setting, Outcome], grid: Grid) -> Outcome:
    """With its agreement with, and its comparison to, its baseline."""
    baseline = grid.baseline_of(outcome.setting, bench.embedder.full_dim)
    if baseline is None:
        return outcome
    full = all_[baseline]
    shared = [
        overlap([passage for passage, _ in ours], [passage for passage, _ in theirs])
        for ours, theirs in zip(outcome.top, full.top, strict=True)
    ]
    values = {**outcome.values, OVERLAP: shared}
    if baseline == outcome.setting:
        return replace(outcome, values=values)
    first = next(iter(values))
    theirs = full.values[first] if first != OVERLAP else [1.0] * len(shared)
    return replace(outcome, values=values, baseline=baseline, against=compare(values[first], theirs))


@contextmanager
def _built(bench: _Bench, place: Place) -> Iterator[tuple[VectorIndex, Path]]:
    """The material in Qdrant, laid out so; deleted in the end."""
    material, embedder = bench.material, bench.embedder
    rotation = bench.rotation if place.rotated else None
    spec = IndexSpec(
        model=embedder.name,
        fingerprint=embedder.fingerprint,
        full_dim=embedder.full_dim,
        dim=place.dim,
        chunk_tokens=embedder.max_tokens,
        overlap_tokens=0,
        storage=place.storage,
        rotation=rotation.fingerprint if rotation else "",
    )
    config = config_of(spec, graph=place.index == "hnsw", at_any_size=True)
    with tempfile.TemporaryDirectory(prefix="xunzhang-evaluate-") as temporary:
        folder = Path(temporary) / "shard"
        with closing(Shard(folder, spec, rotation, config)) as shard:
            for at in range(0, len(material.ids), _SLICE):
                part = range(at, min(at + _SLICE, len(material.ids)))
                shard.apply(
                    ReplaceSource(
                        f"{at}",
                        [material.ids[i] for i in part],
                        [{**material.payloads[i], "passage": material.passages[i]} for i in part],
                        material.vectors[at : part.stop],
                        [bench.lexical[i] for i in part],
                    )
                )
                bench.on_progress(f"building {place.dim} {place.storage}", part.stop, len(material.ids))
            shard.flush()
            shard.optimize()
            yield shard, folder


def _answerability(bench: _Bench, index: VectorIndex, threshold: float) -> Answerability | None:
    there: list[float] = []
    gone: list[float] = []
    setting = Setting("hybrid", "none", Place(index.spec.dim, index.spec.storage, "scan"))
    for number, id_ in enumerate(bench.truth.queries):
        answers = frozenset(passage for passage, grade in bench.truth.qrels[id_].items() if grade > 0)
        for scores, without in ((there, frozenset[str]()), (gone, answers)):
            ranked = _rank(bench, number, index, setting, without)
            if not ranked or ranked[0].scores.relevance is None:
                return None  # too few passages for a background
            scores.append(ranked[0].score)
        bench.on_progress("with and without the answer", number + 1, len(bench.truth.queries))
    return Answerability(
        auc=roc_auc(there, gone),
        threshold=threshold,
        missed=float(np.mean([relevance(score, fused=True) < threshold for score in there])),
        false=float(np.mean([relevance(score, fused=True) >= threshold for score in gone])),
    )


def _sample(material: Material) -> Sample:
    count = len(material.ids)
    rows = np.sort(np.random.default_rng(SEED).permutation(count)[:_SAMPLE])
    vectors: NDArray[np.float32] = np.asarray(material.vectors[rows], dtype=np.float32)
    return Sample(vectors, tuple(passage_of(material.payloads[row]) for row in rows.tolist()), count)


def _embed_questions(truth: Truth, embedder: Embedder, sample: Sample, on_progress: OnProgress) -> Vectors:
    def embed(texts: Sequence[str]) -> Vectors:
        return embed_all(embedder.embed_queries, texts, "questions", on_progress)

    return embed_questions(list(truth.queries.values()), sample, embed)


def _lexical(
    material: Material, grid: Grid, analyzer: Analyzer, on_progress: OnProgress
) -> list[SparseVector]:
    """Terms of the chunks; empty where no mode looks at words."""
    if not {"lexical", "hybrid"} & set(grid.modes) and not grid.reranks:
        empty = SparseVector(np.zeros(0, np.uint32), np.zeros(0, np.float32))
        return [empty] * len(material.ids)
    found = []
    for number, payload in enumerate(material.payloads, 1):
        found.append(analyzer.passage_vector(passage_of(payload)))
        if number % _SLICE == 0 or number == len(material.payloads):
            on_progress("words", number, len(material.payloads))
    return found
