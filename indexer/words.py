"""The lexical leg: Chinese words as a sparse vector, weighted as BM25 does.

Score of a passage d for a question q (Robertson and Zaragoza 2009, "The Probabilistic Relevance
Framework: BM25 and Beyond", section 3):
    sum over words w of q: idf(w) · tf(w, d) · (k1 + 1) / (tf(w, d) + k1 · (1 - b + b · |d| / avg))
Qdrant keeps the idf up to date as the collection changes; the rest is the passage's side, here.
"""

from __future__ import annotations

import logging
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75
# Words of an average passage. Constant, since passages are indexed one by one and the mean of the
# collection moves. Half or double of it changes nDCG@10 by .005 at most (benchmarks/RESULTS.md).
AVERAGE_WORDS = 250.0


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Components that are not zero. `indices` are hashes of words, ascending and unique."""

    indices: NDArray[np.uint32]
    values: NDArray[np.float32]


def words(text: str) -> list[str]:
    """The words of a text, in order: jieba's search mode, so that 劳动合同法 also gives 劳动 and 合同.

    Compatibility forms are folded (NFKC) and case is dropped; white space and punctuation are left out.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    found = _jieba().cut_for_search(folded)
    return [word for word in found if any(character.isalnum() for character in word)]


def passage_vector(text: str) -> SparseVector:
    """The passage's side of BM25: saturated term frequencies, tempered by length."""
    counts = Counter(words(text))
    length = sum(counts.values())
    temper = K1 * (1 - B + B * length / AVERAGE_WORDS)
    return _sparse({word: tf * (K1 + 1) / (tf + temper) for word, tf in counts.items()})


def query_vector(text: str) -> SparseVector:
    """The question's side: each word counts once; Qdrant multiplies its idf."""
    return _sparse(dict.fromkeys(words(text), 1.0))


def _sparse(weights: dict[str, float]) -> SparseVector:
    # 32 bits for the words of a library: of a million, about a hundred share a hash with another.
    hashed: dict[int, float] = {}
    for word, weight in weights.items():
        index = crc32(word.encode())
        hashed[index] = max(weight, hashed.get(index, 0.0))
    indices = sorted(hashed)
    return SparseVector(
        np.array(indices, dtype=np.uint32), np.array([hashed[i] for i in indices], dtype=np.float32)
    )


@cache
def _jieba() -> Any:  # jieba carries no types
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return jieba
