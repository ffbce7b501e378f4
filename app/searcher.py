"""Question → SearchResult: dense, lexical, or both."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from app.fusion import fuse
from indexer.embedding import Embedder, load, resolve, shorten
from indexer.errors import ApiError, ModelMissingError, XunzhangError
from indexer.library import follow_index, spec_for
from indexer.settings import Settings
from indexer.store import (
    Condition,
    DenseQuery,
    Filter,
    Payload,
    QueryPlan,
    Scored,
    VectorStore,
    check_spec,
    missing_index,
    open_store,
    read_spec,
)
from indexer.words import SparseVector, query_vector

Mode = Literal["hybrid", "dense", "lexical"]
MODES: tuple[Mode, ...] = get_args(Mode)

# What a reader may filter by → the field in the index.
FILTERS: Mapping[str, str] = {"file": "name", "folder": "folders", "type": "type"}

_CANDIDATES = 100  # of each leg that fusion looks at
_OVERSAMPLING = 4  # short-vector hits rescored for each that is wanted


class QuestionError(XunzhangError):
    """A question that can't be asked: empty, or with a filter or mode that does not exist."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Higher is better; None: not computed in this mode, or for lexical, no word in common."""

    cosine: float | None  # -1..1, of the full vectors
    lexical: float | None  # BM25, from 0 with no upper end
    fused: float | None  # 0..1 within this result list only


@dataclass(frozen=True, slots=True)
class Hit:
    id: str
    scores: Scores
    text: str
    shown: str  # path, from the name of the indexed folder on
    source: str  # absolute path
    title: str
    headings: tuple[str, ...]
    pages: tuple[int, int] | None
    ordinal: int
    payload: Payload


@dataclass(frozen=True, slots=True)
class SearchResult:
    question: str
    mode: Mode
    hits: tuple[Hit, ...]  # best first
    embed_seconds: float
    search_seconds: float


class Searcher:
    """One open index and its model. Safe to use from several threads."""

    def __init__(self, store: VectorStore, load_embedder: Callable[[], Embedder]) -> None:
        self.store = store
        self._load_embedder = load_embedder
        self._embedder: Embedder | None = None
        self._loading = threading.Lock()

    @property
    def embedder(self) -> Embedder:
        """Loaded at the first question that needs it, by one thread."""
        with self._loading:
            if self._embedder is None:
                self._embedder = self._load_embedder()
            return self._embedder

    def search(self, question: str, mode: Mode = "hybrid", top: int = 10, where: Filter = ()) -> SearchResult:
        """Find the passages that answer a question.

        Args:
            top: most hits.
            where: see `filters`.

        Raises:
            QuestionError: the question is empty.
            TextTooLongError: it exceeds the model's window (not in lexical mode).
            StoreError: the index can't be read.
        """
        if not question.strip():
            raise QuestionError("the question is empty; type a few words")
        started = time.perf_counter()
        vector = None if mode == "lexical" else self.embedder.embed_queries([question])[0]
        embedded = time.perf_counter()
        hits = self.rank(vector, query_vector(question), mode, top, where)
        return SearchResult(
            question=question,
            mode=mode,
            hits=tuple(hits),
            embed_seconds=embedded - started,
            search_seconds=time.perf_counter() - embedded,
        )

    def rank(
        self,
        vector: NDArray[np.float32] | None,
        words: SparseVector,
        mode: Mode,
        top: int,
        where: Filter = (),
        *,
        rescore: bool = True,
    ) -> list[Hit]:
        """The search itself, for a question that is embedded already.

        Args:
            vector: (full_dim,); None in lexical mode.
            rescore: search with the short vectors, then rank by the full ones. False: by the short
                ones alone, to see what a dimension costs.
        """
        if mode == "lexical" or vector is None:
            found = self._lexical(words, top, where)
            return [_hit(scored, Scores(None, scored.score, None)) for scored in found]
        if mode == "dense":
            found = self.store.search(self._dense(vector, top, where, rescore))
            lexical = self._scores_of(words, [scored.id for scored in found])
            return [_hit(s, Scores(s.score, lexical.get(s.id), None)) for s in found]

        by_meaning = self.store.search(self._dense(vector, max(top, _CANDIDATES), where, rescore))
        by_words = self._lexical(words, max(top, _CANDIDATES), where)
        candidates = {scored.id: scored for scored in [*by_meaning, *by_words]}
        cosines = {scored.id: scored.score for scored in by_meaning}
        lexical = {scored.id: scored.score for scored in by_words}
        # Each leg scores what only the other found, so that no candidate lacks a score.
        query = self._dense(vector, len(candidates), (), rescore).query
        cosines |= self._scores_of(query, [id_ for id_ in candidates if id_ not in cosines])
        lexical |= self._scores_of(words, [id_ for id_ in candidates if id_ not in lexical])
        fused = fuse(cosines, lexical)
        best = sorted(fused, key=lambda id_: (-fused[id_], id_))[:top]
        return [_hit(candidates[id_], Scores(cosines[id_], lexical.get(id_), fused[id_])) for id_ in best]

    def _dense(self, vector: NDArray[np.float32], limit: int, where: Filter, rescore: bool) -> QueryPlan:
        spec = self.store.spec
        short = DenseQuery("short", shorten(vector[None], spec.dim)[0])
        if not rescore or spec.dim == spec.full_dim:
            return QueryPlan(short, limit, where)
        first = QueryPlan(short, limit * _OVERSAMPLING, where)
        return QueryPlan(DenseQuery("full", vector), limit, where, first=first)

    def _lexical(self, words: SparseVector, limit: int, where: Filter) -> list[Scored]:
        return self.store.search(QueryPlan(words, limit, where)) if len(words.indices) else []

    def _scores_of(self, query: DenseQuery | SparseVector, ids: Sequence[str]) -> dict[str, float]:
        if not ids or (isinstance(query, SparseVector) and not len(query.indices)):
            return {}
        found = self.store.search(QueryPlan(query, len(ids), ids=tuple(ids)))
        return {scored.id: scored.score for scored in found}

    def close(self) -> None:
        self.store.close()


def open_searcher(settings: Settings) -> Searcher:
    """Open the index that the settings name, with the model that it was built with.

    Raises:
        IndexMissingError: nothing has been indexed there.
        IndexMismatchError: the settings ask for another model or dimension than the index has.
        UnknownModelError, DimensionError: the settings name no model, or none of its dimensions.

    A model that is missing, or an API that does not answer, is an error only when a question needs it.
    """
    settings = follow_index(settings)
    built = read_spec(settings)
    if built is None:
        raise missing_index(settings)
    # How chunks were cut does not matter to a search.
    settings = replace(settings, chunk_tokens=built.chunk_tokens, overlap_tokens=built.overlap_tokens)
    try:
        wanted = spec_for(settings, resolve(settings))
    except (ModelMissingError, ApiError):
        wanted = built  # words can be searched all the same; a question that needs the model will say

    def load_embedder() -> Embedder:
        model = resolve(settings)
        check_spec(built, spec_for(settings, model), settings.collection)
        return load(model, settings)

    return Searcher(open_store(settings, wanted), load_embedder)


def filters(given: Mapping[str, str | Sequence[str]]) -> Filter:
    """Conditions from what a reader named, such as {"type": "pdf", "folder": ["法规", "合同"]}.

    Raises:
        QuestionError: there is no such filter.
    """
    conditions = []
    for name, values in given.items():
        if name not in FILTERS:
            raise QuestionError(f"no filter {name!r}; there are: {', '.join(FILTERS)}")
        several = (values,) if isinstance(values, str) else tuple(values)
        if several:
            conditions.append(Condition(FILTERS[name], several))
    return tuple(conditions)


def _hit(scored: Scored, scores: Scores) -> Hit:
    payload = scored.payload
    pages = payload.get("pages")
    return Hit(
        id=scored.id,
        scores=scores,
        text=payload["text"],
        shown=payload["shown"],
        source=payload["source"],
        title=payload["title"],
        headings=tuple(payload["headings"]),
        pages=(pages[0], pages[1]) if pages else None,
        ordinal=payload["ordinal"],
        payload=payload,
    )
