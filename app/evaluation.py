"""How well does a model, at a dimension, in a mode, find what is known to be right?

The searches are the real ones, in Qdrant.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.background import Sample, Sampler, embed_questions
from app.fusion import relevance
from app.judged import JudgedSet
from app.ranking import CANDIDATES, Asked, Mode, Ranked, rank
from app.rerank import Rerank, Reranker
from app.statistics import bootstrap_interval, roc_auc
from indexer.chunking import chunk_document, embedded_texts
from indexer.embedding import Embedder, Vectors, check_dim
from indexer.model import Document
from indexer.settings import Settings
from indexer.store import IndexSpec, ReplaceSource, VectorStore, chunk_id, source_id
from indexer.store.edge import EdgeStore
from indexer.words import PLAIN, Analyzer

# "dense" ranks by the short vectors alone, "two-stage" rescores what they find with the full ones;
# "hybrid" is what a reader gets, whose question is taken as plain text: quotes and minus mean nothing.
EvaluatedMode = Literal["dense", "two-stage", "lexical", "hybrid"]
EVALUATED_MODES: tuple[EvaluatedMode, ...] = ("dense", "two-stage", "lexical", "hybrid")
METRICS = ("nDCG@10", "R@1", "R@10", "RR@10")  # in ir_measures' notation; RR@10 averages to MRR@10

_SLICE = 256  # texts embedded between two reports of progress

OnProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way of searching, over all questions.

    Attributes:
        values: metric → one value a question, in the set's order.
        top: the passage that each question got first; "" for none.
        search_seconds, rerank_seconds: means over the questions.
        candidates: scored by the second stage, a question; 0 without one.
    """

    mode: EvaluatedMode
    dim: int
    rerank: Rerank
    values: Mapping[str, Sequence[float]]
    top: Sequence[str]
    search_seconds: float
    rerank_seconds: float
    candidates: float

    @property
    def name(self) -> str:
        return self.mode if self.rerank == "none" else f"{self.mode}+{self.rerank}"

    @property
    def metrics(self) -> dict[str, float]:
        """Means over the questions."""
        return {metric: float(np.mean(values)) for metric, values in self.values.items()}

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "mode": self.mode,
            "rerank": self.rerank,
            "dim": self.dim,
            **self.metrics,
            "intervals": {metric: bootstrap_interval(values) for metric, values in self.values.items()},
            "search_ms": round(1000 * self.search_seconds, 2),
            "rerank_ms": round(1000 * self.rerank_seconds, 2),
            "rerank_candidates": round(self.candidates, 1),
            "values": {metric: list(values) for metric, values in self.values.items()},
        }


@dataclass(frozen=True, slots=True)
class Answerability:
    """Can the best hit's score tell whether the answer is there? Hybrid, at the first dimension.

    Each question is asked twice: of the whole set, and with the passages that answer it left out.
    """

    auc: float
    threshold: float  # of relevance, 0..1
    missed: float  # share of questions with an answer whose best hit is below the threshold
    false: float  # share of questions without one whose best hit is above it

    def to_json(self) -> dict[str, float]:
        return {"auc": self.auc, "threshold": self.threshold, "missed": self.missed, "false": self.false}


@dataclass(frozen=True, slots=True)
class Evaluation:
    outcomes: Sequence[Outcome]
    answerability: Answerability | None  # None: hybrid was not asked for, or the set is too small


@dataclass(frozen=True, slots=True)
class _Built:
    """The set in an index at one dimension."""

    store: VectorStore
    sample: Sample
    analyzer: Analyzer
    reranker: Reranker


def evaluate(
    judged: JudgedSet,
    embedder: Embedder,
    modes: Sequence[EvaluatedMode] = EVALUATED_MODES,
    dims: Sequence[int] = (),
    reranks: Sequence[Rerank] = (),
    settings: Settings | None = None,
    analyzer: Analyzer = PLAIN,
    budget_seconds: float | None = None,
    on_progress: OnProgress = lambda what, done, total: None,
) -> Evaluation:
    """Embed once at full length, then search in every mode at every dimension.

    A passage longer than the model's window is cut into chunks, and counts by its best one: nothing
    is left out silently.

    Args:
        dims: of the searched vectors; none: the full one.
        reranks: second stages; each is measured on top of hybrid.
        settings: of the second stage and the threshold of relevance.
        budget_seconds: most time for the second stage; None: as long as it takes.
        on_progress: called with what is being done, how far it is, and how far it goes.

    Raises:
        DimensionError: the model has no such dimension.
        RerankUnavailableError, ModelMissingError: a second stage lacks its model.
        (Nothing was embedded then.)
    """
    settings = settings or Settings()
    dims = dims or (embedder.full_dim,)
    for dim in dims:
        check_dim(dim, embedder.full_dim, embedder.matryoshka_dims)
    reranker = Reranker(settings, lambda: embedder)
    for how in reranks:
        reranker.prepare(how)
    chunks = [(passage, part) for passage, text in judged.passages.items() for part in _parts(text, embedder)]
    vectors = _embed(embedder.embed_passages, [text for _, text in chunks], "passages", on_progress)
    ways: list[tuple[EvaluatedMode, Rerank]] = [(mode, "none") for mode in modes]
    ways += [("hybrid", how) for how in reranks if how != "none"]
    asked: Vectors | None = None
    outcomes: list[Outcome] = []
    answerability = None
    for dim in dims:
        with tempfile.TemporaryDirectory(prefix="xunzhang-evaluate-") as folder:
            store = build_store(Path(folder), embedder, dim, chunks, vectors, analyzer)
            with closing(store):
                built = _Built(store, Sampler(store).sample(), analyzer, reranker)
                if asked is None:
                    asked = _embed_questions(judged, embedder, built.sample, on_progress)
                for mode, how in ways:
                    outcomes.append(_run(judged, asked, built, mode, how, dim, budget_seconds, on_progress))
                if answerability is None and "hybrid" in modes:
                    answerability = _answerability(
                        judged, asked, built, settings.relevance_threshold, on_progress
                    )
    return Evaluation(outcomes, answerability)


def measure(
    qrels: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> dict[str, list[float]]:
    """Each metric of each judged question, in the order of `qrels`; one that found nothing counts 0.

    Computed by ir_measures (MacAvaney et al. 2022), which wraps trec_eval.
    """
    import ir_measures

    measures = [ir_measures.parse_measure(name) for name in METRICS]
    found = {(m.query_id, str(m.measure)): m.value for m in ir_measures.iter_calc(measures, qrels, run)}
    return {
        name: [float(found.get((query, str(parsed)), 0.0)) for query in qrels]
        for name, parsed in zip(METRICS, measures, strict=True)
    }


def build_store(
    folder: Path,
    embedder: Embedder,
    dim: int,
    chunks: Sequence[tuple[str, str]],
    vectors: Vectors,
    analyzer: Analyzer = PLAIN,
) -> EdgeStore:
    """An index of (passage id, text), whose hits name the passage in `shown`."""
    spec = IndexSpec(embedder.name, embedder.fingerprint, embedder.full_dim, dim, embedder.max_tokens, 0)
    store = EdgeStore(folder, spec)
    tickets = []
    for at in range(0, len(chunks), _SLICE):
        part = chunks[at : at + _SLICE]
        name = str(at)
        tickets.append(
            store.apply(
                ReplaceSource(
                    source_id("evaluate", name),
                    [chunk_id("evaluate", name, "", i) for i in range(len(part))],
                    [_payload(passage, text, name, i) for i, (passage, text) in enumerate(part)],
                    vectors[at : at + len(part)],
                    [analyzer.passage_vector(text) for _, text in part],
                )
            )
        )
    store.wait(tickets, timeout_seconds=600)
    return store


def _run(
    judged: JudgedSet,
    asked: Vectors,
    built: _Built,
    mode: EvaluatedMode,
    how: Rerank,
    dim: int,
    budget_seconds: float | None,
    on_progress: OnProgress,
) -> Outcome:
    run: dict[str, dict[str, float]] = {}
    top: list[str] = []
    searching = reranking = 0.0
    candidates = 0
    what = f"{mode if how == 'none' else f'{mode}+{how}'} at {dim}"
    for number, (id_, vector) in enumerate(zip(judged.queries, asked, strict=True), 1):
        started = time.perf_counter()
        ranked = _rank(judged.queries[id_], vector, built, mode)
        searched = time.perf_counter()
        if how != "none":
            ranked, done = built.reranker.rerank(
                judged.queries[id_], ranked, how, built.sample, budget_seconds
            )
            candidates += done
        reranking += time.perf_counter() - searched
        searching += searched - started
        passages = dict.fromkeys(candidate.payload["shown"] for candidate in ranked)
        # By rank, as scores: trec_eval sorts by score, and equal ones by id.
        run[id_] = {passage: float(-rank) for rank, passage in enumerate(passages)}
        top.append(next(iter(passages), ""))
        on_progress(what, number, len(judged.queries))
    count = len(judged.queries)
    return Outcome(
        mode=mode,
        dim=dim,
        rerank=how,
        values=measure(judged.qrels, run),
        top=top,
        search_seconds=searching / count,
        rerank_seconds=reranking / count,
        candidates=candidates / count,
    )


def _rank(
    question: str,
    vector: NDArray[np.float32],
    built: _Built,
    mode: EvaluatedMode,
    without: frozenset[str] = frozenset(),
) -> list[Ranked]:
    words = built.analyzer.query_vector(question)
    accepts = (lambda payload: payload["shown"] not in without) if without else None
    asked = Asked(question, words, vector, accepts=accepts)
    search_mode: Mode = "dense" if mode == "two-stage" else mode
    return rank(
        asked, search_mode, built.store, built.sample, built.analyzer, CANDIDATES, rescore=mode != "dense"
    )


def _answerability(
    judged: JudgedSet, asked: Vectors, built: _Built, threshold: float, on_progress: OnProgress
) -> Answerability | None:
    there: list[float] = []
    gone: list[float] = []
    for number, (id_, vector) in enumerate(zip(judged.queries, asked, strict=True), 1):
        answers = frozenset(passage for passage, grade in judged.qrels[id_].items() if grade > 0)
        for scores, without in ((there, frozenset[str]()), (gone, answers)):
            ranked = _rank(judged.queries[id_], vector, built, "hybrid", without)
            if not ranked or ranked[0].scores.relevance is None:
                return None  # too few passages for a background
            scores.append(ranked[0].score)
        on_progress("with and without the answer", number, len(judged.queries))
    return Answerability(
        auc=roc_auc(there, gone),
        threshold=threshold,
        missed=float(np.mean([relevance(score, fused=True) < threshold for score in there])),
        false=float(np.mean([relevance(score, fused=True) >= threshold for score in gone])),
    )


def _parts(text: str, embedder: Embedder) -> list[str]:
    """A passage as it is embedded: whole where the model's window allows."""
    chunks = chunk_document(Document(text, ""), embedder.count_tokens, embedder.max_tokens)
    return embedded_texts("", chunks, embedder.count_tokens, embedder.max_tokens)


def _payload(passage: str, text: str, name: str, ordinal: int) -> dict[str, Any]:
    return {
        "source_id": source_id("evaluate", name),
        "source": passage,
        "shown": passage,
        "title": "",
        "headings": [],
        "ordinal": ordinal,
        "text": text,
    }


def _embed_questions(
    judged: JudgedSet, embedder: Embedder, sample: Sample, on_progress: OnProgress
) -> Vectors:
    def embed(texts: Sequence[str]) -> Vectors:
        return _embed(embedder.embed_queries, texts, "questions", on_progress)

    return embed_questions(list(judged.queries.values()), sample, embed)


def _embed(
    embed: Callable[[Sequence[str]], Vectors], texts: Sequence[str], what: str, on_progress: OnProgress
) -> Vectors:
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # texts of a length waste no padding
    parts = []
    for at in range(0, len(order), _SLICE):
        parts.append(embed([texts[i] for i in order[at : at + _SLICE]]))
        on_progress(what, min(at + _SLICE, len(order)), len(order))
    vectors = np.concatenate(parts)
    vectors[order] = vectors.copy()
    return vectors
