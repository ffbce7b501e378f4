"""One question's candidates, scored and ordered: what `search` shows and `evaluate` measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from app.background import Sample
from app.fusion import LEXICAL_WEIGHT, fuse, relevance
from indexer.payload import passage_of
from indexer.store import DenseQuery, Filter, Payload, QueryPlan, Scored, VectorIndex
from indexer.words import Analyzer, SparseVector

Mode = Literal["hybrid", "dense", "lexical"]
MODES: tuple[Mode, ...] = get_args(Mode)

CANDIDATES = 100  # of each leg
_LEAST_COVERAGE = 0.01  # so that scores still order a list where no whole word is shared
_OVERSAMPLING = 4  # short-vector hits rescored for each that is wanted


@dataclass(frozen=True, slots=True)
class Scores:
    """Higher is better; None: not computed in this mode, or for lexical, no term in common."""

    cosine: float | None = None  # -1..1, of the full vectors
    lexical: float | None = None  # BM25, from 0 with no upper end
    fused: float | None = None  # standard deviations above random chunks, and words; see app/fusion.py
    rerank: float | None = None  # of the second stage, on its own scale
    percentile: float | None = None  # share of random chunks with a lower cosine
    relevance: float | None = None  # 0..1: how likely it is that the passage answers


@dataclass(frozen=True, slots=True)
class Ranked:
    id: str
    payload: Payload
    scores: Scores
    score: float  # what the list is ordered by, in standard deviations of the cosine

    @property
    def passage(self) -> str:
        """The chunk as a second stage reads it."""
        return passage_of(self.payload)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, ready to be searched.

    Attributes:
        vector: (full_dim,), of unit length; None in lexical mode.
        where: conditions of the store.
        ids: only these chunks, if given.
        accepts: only chunks whose payload it accepts.
    """

    text: str
    words: SparseVector
    vector: NDArray[np.float32] | None
    where: Filter = ()
    ids: tuple[str, ...] | None = None
    accepts: Callable[[Payload], bool] | None = None


def rank(
    asked: Asked,
    mode: Mode,
    store: VectorIndex,
    sample: Sample,
    analyzer: Analyzer,
    limit: int = CANDIDATES,
    *,
    rescore: bool = True,
) -> list[Ranked]:
    """Candidates, best first.

    Args:
        limit: candidates of each leg.
        rescore: search with the short vectors, then rank by the full ones. False: by the short ones
            alone, to see what a dimension costs; how sure a score is can't be told then.
    """
    leg = _Legs(store, asked, limit, rescore)
    by_meaning = leg.dense() if mode != "lexical" else []
    by_words = leg.lexical() if mode != "dense" else []
    found = {scored.id: scored.payload for scored in [*by_meaning, *by_words]}
    cosines = {scored.id: scored.score for scored in by_meaning}
    lexical = {scored.id: scored.score for scored in by_words}
    if mode == "lexical" or asked.vector is None:
        best = max(lexical.values(), default=0.0) or 1.0
        # As much of a hybrid score as words make up: of two libraries, the one that has the words leads.
        weight = LEXICAL_WEIGHT * max(_coverage(asked, analyzer, found, lexical), _LEAST_COVERAGE)
        return _ordered(
            Ranked(id_, found[id_], Scores(lexical=score), weight * score / best)
            for id_, score in lexical.items()
        )
    # Each leg scores what only the other found, so that no candidate lacks a score.
    cosines |= leg.cosines_of([id_ for id_ in found if id_ not in cosines])
    lexical |= leg.lexical_of([id_ for id_ in found if id_ not in lexical])
    background = sample.background(asked.vector)
    deviations = {id_: background.deviations(cosine) for id_, cosine in cosines.items()}
    if mode == "dense":
        ordered_by = deviations
    else:
        ordered_by = fuse(deviations, lexical, _coverage(asked, analyzer, found, lexical))
    return _ordered(
        Ranked(
            id_,
            found[id_],
            Scores(
                cosine=cosines[id_],
                lexical=lexical.get(id_),
                fused=score if mode == "hybrid" else None,
                percentile=background.percentile(cosines[id_]) if rescore else None,
                relevance=relevance(score, fused=mode == "hybrid")
                if rescore and background.is_telling
                else None,
            ),
            score,
        )
        for id_, score in ordered_by.items()
    )


def _coverage(
    asked: Asked, analyzer: Analyzer, found: Mapping[str, Payload], lexical: Mapping[str, float]
) -> float:
    """Share of the question's information that the best hit by words has, 0..1."""
    best = max(lexical, key=lexical.__getitem__, default=None)
    return 0.0 if best is None else analyzer.coverage(asked.text, passage_of(found[best]))


class _Legs:
    """The store's answers to one question."""

    def __init__(self, store: VectorIndex, asked: Asked, limit: int, rescore: bool) -> None:
        self._store = store
        self._asked = asked
        self._limit = len(asked.ids) if asked.ids is not None else limit
        self._rescore = rescore

    def dense(self) -> list[Scored]:
        spec, vector = self._store.spec, self._asked.vector
        if vector is None:
            return []
        where, ids, limit = self._asked.where, self._asked.ids, self._limit
        short = DenseQuery("short", vector)
        if not self._rescore or spec.dim == spec.full_dim:
            return self._accepted(QueryPlan(short, limit, where, ids))
        first = QueryPlan(short, limit * _OVERSAMPLING, where, ids)
        return self._accepted(QueryPlan(DenseQuery("full", vector), limit, where, ids, first=first))

    def lexical(self) -> list[Scored]:
        if not len(self._asked.words.indices):
            return []
        return self._accepted(QueryPlan(self._asked.words, self._limit, self._asked.where, self._asked.ids))

    def cosines_of(self, ids: Sequence[str]) -> dict[str, float]:
        spec, vector = self._store.spec, self._asked.vector
        if vector is None:
            return {}
        rescored = self._rescore and spec.dim != spec.full_dim
        return self._scores_of(DenseQuery("full" if rescored else "short", vector), ids)

    def lexical_of(self, ids: Sequence[str]) -> dict[str, float]:
        return self._scores_of(self._asked.words, ids) if len(self._asked.words.indices) else {}

    def _accepted(self, plan: QueryPlan) -> list[Scored]:
        if not plan.limit:
            return []
        accepts = self._asked.accepts
        found = self._store.search(plan)
        return found if accepts is None else [scored for scored in found if accepts(scored.payload)]

    def _scores_of(self, query: DenseQuery | SparseVector, ids: Sequence[str]) -> dict[str, float]:
        if not ids:
            return {}
        found = self._store.search(QueryPlan(query, len(ids), ids=tuple(ids)))
        return {scored.id: scored.score for scored in found}


def _ordered(ranked: Iterable[Ranked]) -> list[Ranked]:
    return sorted(ranked, key=lambda r: (-r.score, -(r.scores.cosine or 0.0), r.id))
