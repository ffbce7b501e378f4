"""A random sample of the collection: how passages score when there is no reason for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.fusion import Background
from indexer.embedding import Vectors, shorten
from indexer.payload import passage_of
from indexer.script import simplified, traditional, traditional_share
from indexer.store import VectorIndex

_SIZE = 256  # chunks; 100 rank as well, more make the tail finer
_LOOK_AGAIN_SECONDS = 30.0
_SMALL = 1000  # chunks; a smaller collection is looked at each time, since it may be growing fast
_GROWN = 0.1  # a collection that has grown or shrunk by this share is sampled again


@dataclass(frozen=True)
class Sample:
    """Random chunks, with their vectors as rows of unit length."""

    vectors: NDArray[np.float32]  # (n, full_dim)
    texts: tuple[str, ...]  # under their titles and headings
    of: int  # chunks in the collection when it was taken

    def background(self, vector: NDArray[np.float32]) -> Background:
        """How these chunks score for a question, (full_dim,), of unit length."""
        return Background.of(self.vectors, vector)

    @cached_property
    def traditional_share(self) -> float | None:
        return traditional_share(self.texts)

    def in_its_script(self, question: str) -> list[str]:
        """The question in the collection's script; in both, where the collection has both.

        Encoders know the scripts apart: asked in the other one they lose .02 to .03 nDCG@10
        (benchmarks/RESULTS.md).
        """
        share = self.traditional_share
        if share is None:
            return [question]
        if share < 0.05:
            return [simplified(question)]
        if share > 0.95:
            return [traditional(question)]
        return list(dict.fromkeys([simplified(question), traditional(question)]))


def embed_questions(
    questions: Sequence[str], sample: Sample, embed: Callable[[Sequence[str]], Vectors]
) -> Vectors:
    """Embed questions in the collection's script; for a mixed collection, the mean of both.

    Args:
        embed: texts → unit rows, as `Embedder.embed_queries`.

    Returns:
        float32 (n, full_dim), unit rows.
    """
    variants = [sample.in_its_script(question) for question in questions]
    vectors = embed([variant for group in variants for variant in group])
    starts = np.cumsum([0, *(len(group) for group in variants)])[:-1]
    return shorten(np.add.reduceat(vectors, starts, axis=0), vectors.shape[1])


@dataclass
class Sampler:
    """Keeps a collection's sample, and takes another when the collection has changed much."""

    store: VectorIndex
    _sample: Sample | None = None
    _looked: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sample(self) -> Sample:
        with self._lock:
            now = time.monotonic()
            if self._sample is None or self._sample.of < _SMALL or now - self._looked > _LOOK_AGAIN_SECONDS:
                count = self.store.count()
                self._looked = now
                if self._sample is None or abs(count - self._sample.of) > _GROWN * self._sample.of:
                    self._sample = self._take(count)
            return self._sample

    def _take(self, count: int) -> Sample:
        # Ids are hashes, and a scroll goes by id: its first page is a random sample.
        records, _ = self.store.scroll(limit=_SIZE, with_vectors=True)
        spec = self.store.spec
        vectors = [record.full for record in records if record.full is not None]
        return Sample(
            shorten(np.stack(vectors), spec.full_dim)
            if vectors
            else np.zeros((0, spec.full_dim), np.float32),
            tuple(passage_of(record.payload) for record in records),
            count,
        )
