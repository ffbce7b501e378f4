"""An embedder for tests: no model, but texts that share characters come out similar."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

import numpy as np

from indexer.embedding.base import TokenVectors, Vectors, shorten
from indexer.embedding.checks import check_lengths, check_not_blank

_SPECIALS = 2  # tokens, as a BERT tokenizer would add


class FakeEmbedder:
    """Hashed characters and character bigrams, each a fixed random direction, added up.

    Deterministic across processes. A direction fills every component, so the shorter dimensions
    rank as the full one does, with more noise.
    """

    def __init__(self, full_dim: int = 256, matryoshka_dims: tuple[int, ...] = (64, 128, 256)) -> None:
        self.name = "fake"
        self.full_dim = full_dim
        self.matryoshka_dims = matryoshka_dims
        self.max_tokens = 512
        self.batch_size = 64
        self.fingerprint = f"fake-{full_dim}"
        self.device = "none"

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.full_dim), dtype=np.float32)
        check_not_blank(texts)
        check_lengths(texts, self.count_tokens(texts), _SPECIALS, self.max_tokens)
        return shorten(np.stack([self._embed(text) for text in texts]), self.full_dim)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) + _SPECIALS for text in texts]

    def _embed(self, text: str) -> Vectors:
        characters = "".join(text.split())
        bigrams = [characters[i : i + 2] for i in range(len(characters) - 1)]
        # A bigram says more than its characters do.
        directions = [_direction(c, self.full_dim) for c in characters]
        directions += [2 * _direction(bigram, self.full_dim) for bigram in bigrams]
        return np.sum(directions, axis=0, dtype=np.float32)


class FakeTokenEmbedder(FakeEmbedder):
    """Each character is a token; its vector is its own direction and a little of its neighbours'."""

    def embed_query_tokens(self, text: str) -> TokenVectors:
        return self.embed_passage_tokens([text])[0]

    def embed_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        return [self._tokens(text) for text in texts]

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [[ord(character) for character in text] for text in texts]

    def _tokens(self, text: str) -> TokenVectors:
        own = np.stack([_direction(c, self.full_dim) for c in text] or [np.zeros(self.full_dim)])
        around = own + 0.2 * np.roll(own, 1, axis=0) + 0.2 * np.roll(own, -1, axis=0)
        starts = np.arange(len(text))
        return TokenVectors(
            around[: len(text)].astype(np.float32),
            np.array([ord(c) for c in text], dtype=np.int64),
            np.stack([starts, starts + 1], axis=1).astype(np.int64),
        )


@lru_cache(maxsize=100_000)
def _direction(feature: str, dim: int) -> Vectors:
    random = np.random.default_rng(crc32(feature.encode("utf-8")))
    return random.standard_normal(dim, dtype=np.float32)
