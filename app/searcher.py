"""Question → SearchResult: parse, embed, rank, rerank, and make hits that a reader can judge."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.background import Sampler, embed_questions
from app.highlight import Span, best_sentence, matched_spans
from app.merge import Group, group
from app.question import Question, QuestionError, parse
from app.ranking import CANDIDATES, MODES, Asked, Mode, Ranked, Scores, rank
from app.rerank import Rerank, Reranker
from indexer.chunking import sentence_spans
from indexer.embedding import Embedder, ResolvedModel, load, resolve
from indexer.errors import ApiError, ModelMissingError
from indexer.lexicon import is_stale, read_analyzer
from indexer.library import follow_index, spec_for
from indexer.normalize import embeddable, exact
from indexer.settings import Settings
from indexer.store import (
    Condition,
    Filter,
    Payload,
    QueryPlan,
    VectorStore,
    check_spec,
    collection_folder,
    missing_index,
    open_store,
    read_spec,
)
from indexer.words import Analyzer

__all__ = ["FILTERS", "MODES", "Hit", "Mode", "Notice", "QuestionError", "Scores", "SearchResult", "Searcher"]

# What a reader may filter by → the field in the index.
FILTERS: Mapping[str, str] = {"folder": "folders", "file": "name", "type": "type"}
_TIME = "modified_at"  # the field that `dates` goes by

_POOL = 2000  # chunks with the words of what must be in them that are looked through
_SCAN = 20_000  # chunks of the collection that are, where words can't tell
_LIMITS_WITH_EXCLUSIONS = (500, 2000, 8000)  # candidates of each leg, until enough are left
_ALL_VALUES = 1_000_000  # of a field
# For which the counts of a filter may be old, if there are as many chunks as before: counting 100,000 by
# each field takes a sixth of a second, and a search in the meantime would wait.
_FACET_SECONDS = 300.0
_WARMING = "寻章"  # a question like any other
_HAN = re.compile("[\u3400-\u9fff]{2,}")

# rerank_cut      time was over after {done} of {asked} candidates
# pool_full       only {pool} chunks were looked through for what must or must not be in them
# lexicon_old     the index's words were made by another version, or not to the end
# library_failed  {library} could not be searched
NoticeKind = Literal["rerank_cut", "pool_full", "lexicon_old", "library_failed"]

ModelState = Literal["not loaded", "loading", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What a reader has to know about an answer: the kind, and the values in its sentence."""

    kind: NoticeKind
    values: Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that answers.

    Attributes:
        text: the chunk, joined with neighbours that overlap it and were found too.
        matched: the question's words in it, in order.
        best: its sentence that answers best; None where nothing tells.
        also: other places of the same text, as paths from the name of the indexed folder on.
    score: what the list is ordered by, in standard deviations of the cosine; see `app/ranking.py`.
    """

    id: str
    collection: str
    score: float
    scores: Scores
    text: str
    shown: str  # path, from the name of the indexed folder on
    source: str  # absolute path
    title: str
    headings: tuple[str, ...]
    pages: tuple[int, int] | None
    ordinal: int
    modified: date | None  # of the file, where this machine is
    payload: Payload
    matched: tuple[Span, ...] = ()
    best: Span | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An answer.

    Attributes:
        understood: what of the question must or must not be in a passage.
        threshold: hits of less relevance are weak.
    """

    question: str
    understood: Question
    mode: Mode
    hits: tuple[Hit, ...]  # best first
    embed_seconds: float
    search_seconds: float
    rerank: Rerank = "none"
    rerank_seconds: float = 0.0
    threshold: float = 0.0
    notices: tuple[Notice, ...] = ()

    def is_weak(self, hit: Hit) -> bool:
        """Whether a hit is below the threshold: probably not what was asked for."""
        return hit.scores.relevance is not None and hit.scores.relevance < self.threshold

    @property
    def nothing_relevant(self) -> bool:
        """Whether there are hits and all are weak."""
        return bool(self.hits) and all(self.is_weak(hit) for hit in self.hits)


class Searcher:
    """One open index and its model. Safe to use from several threads."""

    def __init__(
        self,
        store: VectorStore,
        load_embedder: Callable[[], Embedder],
        *,
        settings: Settings | None = None,
        read_analyzer: Callable[[], Analyzer] = Analyzer,
        is_stale: Callable[[], bool] = lambda: False,
    ) -> None:
        """
        Args:
            settings: for reranking and presentation; the index and the model are given.
            read_analyzer: called for each question, since an ingest may bring another dictionary.
            is_stale: whether the index's terms were made by another analyzer.
        """
        self.store = store
        self.settings = settings or Settings()
        self.collection = self.settings.collection
        self.read_analyzer = read_analyzer
        self.sampler = Sampler(store)
        self.reranker = Reranker(self.settings, lambda: self.embedder)
        self._is_stale = is_stale
        self._load_embedder = load_embedder
        self._embedder: Embedder | None = None
        self._failure: Exception | None = None
        self._loading = threading.Lock()
        self._facets: tuple[object, float, dict[str, dict[str, int]]] | None = None

    @property
    def embedder(self) -> Embedder:
        """Loaded at the first question that needs it, or by `warm`, by one thread."""
        with self._loading:
            if self._embedder is None:
                try:
                    self._embedder = self._load_embedder()
                except Exception as error:
                    self._failure = error
                    raise
                self._failure = None
            return self._embedder

    @property
    def model_state(self) -> ModelState:
        if self._embedder is not None:
            return "ready"
        if self._loading.locked():
            return "loading"
        return "failed" if self._failure else "not loaded"

    def wait_for_model(self) -> None:
        """
        Raises:
            EmbeddingError: it can't be loaded.
        """
        _ = self.embedder

    def warm(self) -> None:
        """Load in the background what the first question needs. A failure is told by that question."""
        if self.model_state == "not loaded":
            threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def _warm(self) -> None:
        with suppress(Exception):
            self.embed(_WARMING)
            self.read_analyzer().query_vector(_WARMING)

    def search(
        self,
        question: str,
        mode: Mode = "hybrid",
        top: int = 10,
        where: Filter = (),
        rerank: Rerank = "none",
        per_document: int | None = None,
    ) -> SearchResult:
        """Find the passages that answer a question.

        Args:
            question: as it is typed; see `app/question.py` for "phrases", -words and filters in it.
            top: most hits.
            where: see `filters`.
            per_document: most hits of one document, 0 for any number; None: as the settings say, or
                any number where files are chosen.

        Raises:
            QuestionError: the question is empty.
            TextTooLongError: it exceeds the model's window (not in lexical mode).
            RerankUnavailableError, ModelMissingError: there is nothing to rerank with.
            StoreError: the index can't be read.
        """
        parsed = parse(question)
        analyzer = self.read_analyzer()
        started = time.perf_counter()
        vector = None if mode == "lexical" else self.embed(parsed.text)
        embedded = time.perf_counter()
        where = (*where, *self._conditions(parsed))
        asked = Asked(parsed.text, analyzer.query_vector(parsed.text), vector, where)
        ranked, notices = self._rank(asked, parsed, mode, top, analyzer)
        if self._is_stale():
            notices.append(Notice("lexicon_old", {}))
        searched = time.perf_counter()
        if rerank != "none":
            count = self.settings.rerank_candidates
            ranked, done = self.reranker.rerank(
                parsed.text, ranked, rerank, self.sampler.sample(), self.settings.rerank_seconds
            )
            if done < min(count, len(ranked)):
                notices.append(Notice("rerank_cut", {"done": done, "asked": min(count, len(ranked))}))
        if per_document is None:
            one_file = any(condition.key == FILTERS["file"] for condition in where)
            per_document = 0 if one_file else self.settings.hits_per_document
        groups = group(ranked, top, per_document)
        hits = self._hits(parsed, groups, rerank, analyzer)
        return SearchResult(
            question=question,
            understood=parsed,
            mode=mode,
            hits=tuple(hits),
            embed_seconds=embedded - started,
            search_seconds=searched - embedded,
            rerank=rerank,
            rerank_seconds=time.perf_counter() - searched if rerank != "none" else 0.0,
            threshold=self.settings.relevance_threshold,
            notices=tuple(notices),
        )

    def has_chunks(self) -> bool:
        """Whether there is anything to find. Looks at one chunk: counting them all takes time."""
        return bool(self.store.scroll(limit=1)[0])

    def facets(self, where: Filter = ()) -> dict[str, dict[str, int]]:
        """How many chunks have each value, by the field's name, of all of `FILTERS`.

        Counted among what meets the conditions on the other fields, so that what is chosen in one
        does not hide what else it has.
        """
        key, now = (self.store.spec, self.store.count(), where), time.monotonic()
        if self._facets is None or self._facets[0] != key or now - self._facets[1] > _FACET_SECONDS:
            counted = {
                field: self.store.facet(field, tuple(c for c in where if c.key != field), _ALL_VALUES)
                for field in FILTERS.values()
            }
            self._facets = key, now, counted
        return self._facets[2]

    def dates(self, since: date | None, until: date | None) -> Filter:
        """The condition that a document was last changed within some days, both included."""
        if since is None and until is None:
            return ()
        within = [
            value
            for value in self.store.facet(_TIME, limit=_ALL_VALUES)
            if (since or date.min) <= _day(value) <= (until or date.max)
        ]
        return (Condition(_TIME, tuple(within) or ("",)),)  # where none is, nothing is met

    def embed(self, text: str) -> NDArray[np.float32]:
        """The question's vector, (full_dim,), of unit length: asked in the script of the collection."""
        # One pasted from a PDF may have its radicals, as the passages had.
        asked = embeddable(text) or text
        (vector,) = embed_questions([asked], self.sampler.sample(), self.embedder.embed_queries)
        return np.asarray(vector, dtype=np.float32)

    def _conditions(self, question: Question) -> Filter:
        """Filters typed in the question: a part of a file's or folder's name will do."""
        conditions = []
        for name, wanted in (question.filters or {}).items():
            field = FILTERS[name]
            known = self.store.facet(field, limit=_ALL_VALUES)
            values = [value for value in known if any(_names(value, part, name) for part in wanted)]
            # Where there is no such file, a condition that nothing meets, rather than no condition.
            conditions.append(Condition(field, tuple(values or wanted)))
        return tuple(conditions)

    def _rank(
        self, asked: Asked, question: Question, mode: Mode, top: int, analyzer: Analyzer
    ) -> tuple[list[Ranked], list[Notice]]:
        """Candidates that have what the question says they must, and nothing it says they must not."""
        sample, notices = self.sampler.sample(), []
        if question.required:
            found, looked_through = self._having(question, asked, analyzer)
            asked = replace(asked, ids=tuple(found))
            if looked_through:
                notices = [Notice("pool_full", {"pool": looked_through})]
        elif question.excluded:
            asked = replace(asked, accepts=question.accepts)
            for limit in _LIMITS_WITH_EXCLUSIONS:
                ranked = rank(asked, mode, self.store, sample, analyzer, limit)
                if len(ranked) >= max(CANDIDATES, top) or self.store.count() <= limit:
                    return ranked, []
            return ranked, [Notice("pool_full", {"pool": limit})]
        return rank(asked, mode, self.store, sample, analyzer, max(CANDIDATES, top)), notices

    def _having(self, question: Question, asked: Asked, analyzer: Analyzer) -> tuple[list[str], int]:
        """Ids of chunks that have what they must, and how many were looked through if that is not all."""
        if all(_HAN.fullmatch(run) for run in re.findall(r"\w+", exact(" ".join(question.required)))):
            # Whatever has the text has its pairs of Han, which are terms of the index.
            words = analyzer.query_vector(" ".join(question.required))
            found = self.store.search(QueryPlan(words, _POOL, asked.where))
            ids = [scored.id for scored in found if question.accepts(scored.payload)]
            return ids, _POOL if len(found) == _POOL else 0
        # A single Han, a part of a code: no term of the index is certain to be in both.
        ids, looked_through = [], 0
        cursor: str | None = None
        while looked_through < _SCAN:
            records, cursor = self.store.scroll(asked.where, cursor, limit=1000)
            looked_through += len(records)
            ids += [record.id for record in records if question.accepts(record.payload)]
            if cursor is None:
                return ids, 0
        return ids, looked_through

    def _hits(
        self, question: Question, groups: Sequence[Group], rerank: Rerank, analyzer: Analyzer
    ) -> list[Hit]:
        best = [best_sentence(question.text, g.best.payload["text"], analyzer) for g in groups]
        if rerank == "late":
            spans = self.reranker.best_spans(
                question.text,
                [g.best for g in groups],
                [sentence_spans(g.best.payload["text"]) for g in groups],
                self.sampler.sample(),
            )
            best = [closer or lexical for closer, lexical in zip(spans, best, strict=True)]
        return [
            _hit(self.collection, g, question.text, span, analyzer)
            for g, span in zip(groups, best, strict=True)
        ]

    def close(self) -> None:
        self.store.close()


def open_searcher(
    settings: Settings, load_model: Callable[[ResolvedModel, Settings], Embedder] = load
) -> Searcher:
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
        return load_model(model, settings)

    folder = collection_folder(settings)
    return Searcher(
        open_store(settings, wanted),
        load_embedder,
        settings=settings,
        read_analyzer=partial(read_analyzer, folder),
        # Of a server's collection, only the machine that ingests has the lexicon.
        is_stale=(lambda: False) if settings.url else partial(is_stale, folder),
    )


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


def _day(moment: str) -> date:
    """Of a moment in UTC, the day where this machine is."""
    return datetime.fromisoformat(moment).astimezone().date()


def _names(value: str, wanted: str, name: str) -> bool:
    """Whether a file, folder or type is meant by what was typed."""
    if name == "type":
        return value == wanted.lower().lstrip(".")
    return exact(wanted) in exact(value)


def _hit(collection: str, found: Group, question: str, best: Span | None, analyzer: Analyzer) -> Hit:
    payload = found.best.payload
    text, start = found.joined()
    pages = [page for part in found.parts for page in part.get("pages") or ()]
    return Hit(
        id=found.best.id,
        collection=collection,
        score=found.best.score,
        scores=found.best.scores,
        text=text,
        shown=payload["shown"],
        source=payload["source"],
        title=payload["title"],
        headings=tuple(payload["headings"]),
        pages=(min(pages), max(pages)) if pages else None,
        ordinal=payload["ordinal"],
        modified=_day(payload["modified_at"]) if payload.get("modified_at") else None,
        payload=payload,
        matched=tuple(matched_spans(question, text, analyzer)),
        best=(best[0] + start, best[1] + start) if best else None,
        also=tuple(
            dict.fromkeys(other["shown"] for other in found.also if other["shown"] != payload["shown"])
        ),
    )
