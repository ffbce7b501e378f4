"""The lexical leg: a text as terms, and terms as a sparse vector, weighted as BM25 does.

Terms of a text are its words (jieba's search mode, so that 劳动合同法 also gives 劳动 and 合同), its pairs
of neighbouring Han (a word that is cut differently in question and passage is found all the same), and
its numbers and codes as wholes.

Score of a passage d for a question q (Robertson and Zaragoza 2009, "The Probabilistic Relevance
Framework: BM25 and Beyond", section 3):
    sum over terms t of q: w(t) · idf(t) · tf(t, d) · (k1 + 1) / (tf(t, d) + k1 · (1 - b + b · |d| / avg))
Qdrant keeps the idf up to date as the collection changes; the rest is here. w(t) is 1 for a word, 1 for
a pair, so 2 for a word of two Han.
"""

from __future__ import annotations

import io
import logging
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from indexer.normalize import searchable
from indexer.wholes import in_figures, whole_terms

K1 = 1.2
B = 0.75
# Terms of an average passage. Constant, since passages are indexed one by one and the mean of the
# collection moves. Half or double of it changes nDCG@10 by .005 at most (benchmarks/RESULTS.md).
AVERAGE_TERMS = 350.0
RECIPE = 2  # raise when the terms of a text change

# Words that a question asks with, and not for. They stay in the index: a question of nothing else
# (有的是) is searched by them.
STOP_WORDS = frozenset(
    [
        *"的了和是在有与或及等也都就而但之于以为被把让对从到由将其这那哪何我你他她它个们中上下不没谁吗呢吧啊么几",
        *("没有", "什么", "怎么", "怎样", "如何", "多少", "多久"),
        *("哪些", "哪个", "哪里", "可以", "一个", "是否"),
        *("the", "a", "an", "of", "to", "in", "is", "are", "and", "or", "what", "how", "which", "who"),
    ]
)

_HAN_RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{2,}")


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Components that are not zero. `indices` are hashes of terms, ascending and unique."""

    indices: NDArray[np.uint32]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Analyzer:
    """How texts become terms and weights: the same for passages and questions of an index.

    Attributes:
        user_dict: words that jieba does not know, a line each, with a frequency and a part of
            speech or without (jieba's format).
        k1: how soon more of the same term stops to count.
        b: how much a long passage is tempered, 0 to 1.
    """

    user_dict: str = ""
    k1: float = K1
    b: float = B

    @property
    def fingerprint(self) -> str:
        """Changes when, and only when, passage vectors would."""
        what = f"{RECIPE}\0{self.k1}\0{self.b}\0{self.user_dict}"
        return sha256(what.encode()).hexdigest()[:16]

    def pieces(self, folded: str) -> list[str]:
        """A text as it is searched, cut into words and what is between them; joined, it is the text."""
        return list(_jieba(self.user_dict).cut(folded))

    def words(self, text: str) -> list[str]:
        """The words of a text and its wholes, without punctuation."""
        return self._words(searchable(text))

    def _words(self, folded: str) -> list[str]:
        pieces = self.pieces(folded)
        parts = (part for piece in pieces if _says_something(piece) for part in self._parts(piece))
        return [*parts, *whole_terms(folded, pieces)]

    def asked_words(self, question: str) -> list[str]:
        """The words that a question asks for, once each: without stop words, unless it has no others."""
        found = list(dict.fromkeys(self.words(question)))
        return [word for word in found if word not in STOP_WORDS] or found

    def passage_vector(self, text: str) -> SparseVector:
        """The passage's side of BM25: saturated term frequencies, tempered by length."""
        folded = searchable(text)
        counts = Counter(_pairs(folded))
        counts.update(word for word in self._words(folded) if not _is_pair(word))
        temper = self.k1 * (1 - self.b + self.b * counts.total() / AVERAGE_TERMS)
        return _sparse({term: tf * (self.k1 + 1) / (tf + temper) for term, tf in counts.items()})

    def query_vector(self, question: str) -> SparseVector:
        """The question's side; Qdrant multiplies the idf."""
        weights = dict.fromkeys(self.asked_words(question), 1.0)
        for pair in set(_pairs(searchable(question))):
            if not (pair[0] in STOP_WORDS and pair[1] in STOP_WORDS):
                weights[pair] = weights.get(pair, 0.0) + 1.0
        return _sparse(weights)

    def information(self, question: str) -> dict[str, float]:
        """The words that a question asks for, numbers in figures, and the bits of information in each.

        -log2 of a word's frequency in jieba's dictionary; one that is not in there, such as a name
        or a code, counts as if it had occurred once.
        """
        jieba = _jieba(self.user_dict)
        return {
            word: math.log2(jieba.total / max(jieba.FREQ.get(word, 0), 1))
            for word in self.asked_words(in_figures(searchable(question)))
        }

    def coverage(self, question: str, text: str) -> float:
        """How much of the information that a question asks for is in a text, 0 to 1."""
        folded = in_figures(searchable(text))
        asked = self.information(question)
        missing = {word for word in asked if not occurrences(word, folded)}
        if missing:  # gbt7714, where the text has GB/T 7714
            missing -= set(whole_terms(folded, self.pieces(folded)))
        total = sum(asked.values())
        return sum(bits for word, bits in asked.items() if word not in missing) / total if total else 0.0

    def _parts(self, piece: str) -> list[str]:
        """As jieba's search mode: a long word, and the words of two and three characters in it."""
        if len(piece) == 2:
            return [piece]
        known = _jieba(self.user_dict).FREQ
        grams = (
            piece[at : at + length]
            for length in (2, 3)
            for at in range(len(piece) - length + 1)
            if length < len(piece)
        )
        return [*(gram for gram in grams if known.get(gram)), piece]


PLAIN = Analyzer()


def occurrences(word: str, folded: str) -> list[int]:
    """Where a word begins in a text, both as they are searched.

    A run of Latin letters and digits is one word, and not found by a part of it (ai in email, 5g in
    15g). Chinese words have no such borders.
    """
    found = []
    at = folded.find(word)
    while at >= 0:
        if not (_joined(folded, at) or _joined(folded, at + len(word))):
            found.append(at)
        at = folded.find(word, at + 1)
    return found


def _joined(text: str, at: int) -> bool:
    return 0 < at < len(text) and all(c.isascii() and c.isalnum() for c in text[at - 1 : at + 1])


def _says_something(piece: str) -> bool:
    return piece[0].isalnum() or any(character.isalnum() for character in piece)


def _pairs(folded: str) -> list[str]:
    return [a + b for run in _HAN_RUN.findall(folded) for a, b in pairwise(run)]


def _is_pair(word: str) -> bool:
    return len(word) == 2 and _HAN_RUN.fullmatch(word) is not None


def _sparse(weights: dict[str, float]) -> SparseVector:
    # 32 bits for the terms of a library: of a million, about a hundred share a hash with another.
    hashed: dict[int, float] = {}
    for term, weight in weights.items():
        index = crc32(term.encode())
        hashed[index] = max(weight, hashed.get(index, 0.0))
    indices = sorted(hashed)
    return SparseVector(
        np.array(indices, dtype=np.uint32), np.array([hashed[i] for i in indices], dtype=np.float32)
    )


@lru_cache(maxsize=4)  # one takes some 100 MB
def _jieba(user_dict: str) -> Any:  # jieba carries no types
    plain = _plain_jieba()
    if not user_dict:
        return plain
    import jieba

    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    tokenizer.load_userdict(io.StringIO(user_dict))
    return tokenizer


@cache
def _plain_jieba() -> Any:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return jieba.dt
