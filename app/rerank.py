"""The second stage: score the first candidates again by reading them closely.

late    late interaction: each token of the question finds its nearest token of the passage, and the
        similarities are averaged (MaxSim; Khattab and Zaharia 2020, "ColBERT", section 3.3), with the
        token vectors of the encoder that made the index. Three changes, since that encoder was not
        trained for it: vectors are centred on the candidates' mean (all tokens of an encoder point the
        same way), tokens of the question weigh their idf, and the nearest tokens must lie within one
        window of the passage, or long passages win by having a bit of everything.
cross   a cross-encoder.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from app.background import Sample
from app.highlight import Span
from app.ranking import Ranked
from indexer.embedding import Embedder, TokenEmbedder, TokenVectors
from indexer.errors import RerankUnavailableError
from indexer.settings import Settings

if TYPE_CHECKING:
    from indexer.embedding.cross import CrossScorer

Rerank = Literal["none", "late", "cross"]
RERANKS: tuple[Rerank, ...] = get_args(Rerank)

T = TypeVar("T")
Floats = NDArray[np.float32]

# Standard deviations of the first stage's score that one of the second stage's is worth. Measured for
# `late` (benchmarks/RESULTS.md); a cross-encoder's own order counts for more than the first stage's.
WEIGHTS: dict[Rerank, float] = {"late": 1.25, "cross": 3.0}

_WINDOW = 128  # tokens
_STRIDE = 32
_SLICE = 4  # candidates scored between two looks at the clock


def within_budget(
    work: Callable[[Sequence[str]], Sequence[T]], passages: Sequence[str], budget_seconds: float | None
) -> list[T]:
    """Work on passages from the first on until the time is over; at least one slice is done.

    Returns:
        One result for each of the first k passages.
    """
    if budget_seconds is None:
        return list(work(passages))
    started = time.perf_counter()
    done: list[T] = []
    for at in range(0, len(passages), _SLICE):
        if done and time.perf_counter() - started > budget_seconds:
            break
        done += work(passages[at : at + _SLICE])
    return done


def combine(first: Sequence[float], second: Sequence[float], weight: float) -> list[float]:
    """First-stage scores plus the second stage's, in its standard deviations among these candidates.

    The first stage stays in: alone, late interaction loses on questions that match long descriptions.
    """
    values = np.asarray(second, dtype=np.float64)
    spread = float(values.std())
    if spread < 1e-9:
        return list(first)
    return [a + weight * z for a, z in zip(first, (values - values.mean()) / spread, strict=True)]


class TokenCache:
    """Token vectors of passages seen before, the latest of them, up to so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held: OrderedDict[str, TokenVectors] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, embedder: TokenEmbedder, texts: Sequence[str]) -> list[TokenVectors]:
        with self._lock:
            found = {text: self._held[text] for text in texts if text in self._held}
            for text in found:
                self._held.move_to_end(text)
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        for text, tokens in zip(missing, embedder.embed_passage_tokens(missing), strict=True):
            found[text] = TokenVectors(tokens.vectors.astype(np.float16), tokens.ids, tokens.spans)
        with self._lock:
            for text in missing:
                if text not in self._held:
                    self._held[text] = found[text]
                    self._bytes += found[text].vectors.nbytes
            while self._bytes > self._most_bytes and self._held:
                self._bytes -= self._held.popitem(last=False)[1].vectors.nbytes
        return [found[text] for text in texts]


class TokenIdf:
    """Inverse document frequency of a model's tokens, estimated from a sample of passages."""

    def __init__(self, token_ids: Sequence[Sequence[int]]) -> None:
        self._passages = len(token_ids)
        self._counts = Counter(id_ for ids in token_ids for id_ in set(ids))

    def of(self, ids: NDArray[np.int64]) -> Floats:
        n = self._passages
        return np.array(
            [math.log(1 + (n - self._counts[i] + 0.5) / (self._counts[i] + 0.5)) for i in ids.tolist()],
            dtype=np.float32,
        )


class Interaction:
    """One question against some passages, token by token."""

    def __init__(self, question: TokenVectors, passages: Sequence[TokenVectors], idf: TokenIdf) -> None:
        vectors = [passage.vectors.astype(np.float32) for passage in passages]
        everything = np.concatenate(vectors) if vectors else np.zeros((0, 1), np.float32)
        mean = everything.mean(axis=0) if len(everything) else 0.0
        asked = _unit(question.vectors.astype(np.float32) - mean)
        weights = idf.of(question.ids) + 1e-3
        self._weights = weights / weights.sum()
        self._passages = passages
        self._similarities = [asked @ _unit(vector - mean).T for vector in vectors]  # (asked, tokens) each

    def scores(self) -> Floats:
        """MaxSim of each passage's best window: float32 (n,), -1 to 1; of one without tokens -1."""
        return np.array([self._best_window(similarity) for similarity in self._similarities], np.float32)

    def best_span(self, passage: int, spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
        """The one of some spans of a passage's text whose tokens answer the question best."""
        similarity, tokens = self._similarities[passage], self._passages[passage].spans
        best: tuple[float, tuple[int, int]] | None = None
        for start, end in spans:
            inside = (tokens[:, 0] >= start) & (tokens[:, 1] <= end)
            if inside.any():
                score = float(similarity[:, inside].max(axis=1) @ self._weights)
                if best is None or score > best[0]:
                    best = (score, (start, end))
        return best[1] if best else None

    def _best_window(self, similarity: Floats) -> float:
        tokens = similarity.shape[1]
        if tokens == 0 or similarity.shape[0] == 0:
            return -1.0
        last = max(tokens - _WINDOW, 0)
        starts = [*range(0, last, _STRIDE), last]
        windows = np.stack([similarity[:, at : at + _WINDOW].max(axis=1) for at in starts])
        return float((windows @ self._weights).max())


class Reranker:
    """Both second stages over one model; what they need is loaded when it is first asked for."""

    def __init__(self, settings: Settings, embedder: Callable[[], Embedder]) -> None:
        self._settings = settings
        self._embedder = embedder
        self._cross: CrossScorer | None = None
        self._cache = TokenCache(settings.rerank_cache_mib << 20)
        self._idf: tuple[Sample, TokenIdf] | None = None
        self._lock = threading.Lock()

    def prepare(self, how: Rerank) -> None:
        """Load what a second stage needs.

        Raises:
            RerankUnavailableError: `late`, and the model gives no token vectors.
            ModelMissingError, EmbeddingError: `cross`, and there is no such model.
        """
        if how == "cross":
            self._scorer()
        elif how == "late":
            self._token_embedder()

    def rerank(
        self,
        question: str,
        ranked: Sequence[Ranked],
        how: Rerank,
        sample: Sample,
        budget_seconds: float | None,
    ) -> tuple[list[Ranked], int]:
        """Order the first candidates again.

        Args:
            ranked: best first.
            sample: of the collection, for the idf of tokens.
            budget_seconds: None: as long as it takes.

        Returns:
            All candidates, those that were scored again first, and how many these are.

        Raises:
            As `prepare`.
        """
        question = sample.in_its_script(question)[0]
        first = ranked[: self._settings.rerank_candidates]
        passages = [candidate.passage for candidate in first]
        if not first:
            return list(ranked), 0
        if how == "cross":
            scorer = self._scorer()
            scores = within_budget(
                lambda part: scorer.score(question, part).tolist(), passages, budget_seconds
            )
        else:
            tokens = within_budget(self._tokens, passages, budget_seconds)
            interaction = Interaction(self._question(question), tokens, self._idf_of(sample))
            scores = interaction.scores().tolist()
        done = len(scores)
        combined = combine([candidate.score for candidate in first[:done]], scores, WEIGHTS[how])
        again = [
            replace(candidate, score=score, scores=replace(candidate.scores, rerank=second))
            for candidate, score, second in zip(first, combined, scores, strict=False)
        ]
        again.sort(key=lambda candidate: (-candidate.score, candidate.id))
        return [*again, *ranked[done:]], done

    def best_spans(
        self,
        question: str,
        ranked: Sequence[Ranked],
        spans: Sequence[Sequence[Span]],
        sample: Sample,
    ) -> list[Span | None]:
        """Of each chunk that `late` scored, the span of its text that answers best; of others None."""
        question = sample.in_its_script(question)[0]
        scored = [i for i, candidate in enumerate(ranked) if candidate.scores.rerank is not None]
        if not scored:
            return [None] * len(ranked)
        tokens = self._tokens([ranked[i].passage for i in scored])
        interaction = Interaction(self._question(question), tokens, self._idf_of(sample))
        best: list[Span | None] = [None] * len(ranked)
        for number, i in enumerate(scored):
            above = len(ranked[i].passage) - len(ranked[i].payload["text"])  # title and headings
            found = interaction.best_span(number, [(start + above, end + above) for start, end in spans[i]])
            best[i] = (found[0] - above, found[1] - above) if found else None
        return best

    def _tokens(self, passages: Sequence[str]) -> list[TokenVectors]:
        return self._cache.get(self._token_embedder(), passages)

    def _question(self, question: str) -> TokenVectors:
        return self._token_embedder().embed_query_tokens(question)

    def _token_embedder(self) -> TokenEmbedder:
        embedder = self._embedder()
        if not isinstance(embedder, TokenEmbedder):
            raise RerankUnavailableError(
                f"rerank `late` needs token vectors, which {embedder.name} on {embedder.device} does not "
                "give; use `none`, or `cross` with a --rerank-model"
            )
        return embedder

    def _idf_of(self, sample: Sample) -> TokenIdf:
        with self._lock:
            if self._idf is None or self._idf[0] is not sample:
                self._idf = (sample, TokenIdf(self._token_embedder().token_ids(sample.texts)))
            return self._idf[1]

    def _scorer(self) -> CrossScorer:
        with self._lock:
            if self._cross is None:
                from indexer.embedding.cross import CrossScorer

                self._cross = CrossScorer(self._settings)
            return self._cross


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms == 0, 1, norms), dtype=np.float32)
