"""What every embedding model can do, and the one place where vectors are shortened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from indexer.errors import DimensionError

Vectors = NDArray[np.float32]  # (n, dim); every row has unit length


class Embedder(Protocol):
    """A text embedding model with its prompts, at its full dimension.

    Attributes:
        name: what the user calls it.
        full_dim: length of the vectors it makes.
        matryoshka_dims: the dimensions it was trained to be cut to, ascending, `full_dim` last;
            empty for a model without such training (any cut is then possible, at a loss).
        max_tokens: its window, prompt and special tokens included.
        batch_size: passages that it computes at once.
        fingerprint: changes when, and only when, its vectors would.
        device: where and how it computes, for people ("cuda bf16", "cpu fp32", "https://host").
    """

    name: str
    full_dim: int
    matryoshka_dims: tuple[int, ...]
    max_tokens: int
    batch_size: int
    fingerprint: str
    device: str

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions; as `embed_passages`, with the model's prompt for queries."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages for indexing.

        Args:
            texts: n passages, each within the model's window.

        Returns:
            float32 (n, full_dim), unit rows, in input order; (0, full_dim) for no passages.

        Raises:
            BlankTextError: a passage has no characters left to embed.
            TextTooLongError: a passage exceeds the window; nothing is cut silently.
        """
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as a passage: prompt and special tokens included."""
        ...


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """A text as the encoder sees it, token by token; prompt and special tokens left out."""

    vectors: NDArray[np.floating]  # (t, width), contextual, of any length
    ids: NDArray[np.int64]  # (t,) in the model's vocabulary
    spans: NDArray[np.int64]  # (t, 2): [start, end) of each token in the text, in characters


@runtime_checkable
class TokenEmbedder(Embedder, Protocol):
    """An Embedder that also gives what it pools: the vectors of the tokens."""

    def embed_query_tokens(self, text: str) -> TokenVectors: ...

    def embed_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Token vectors of passages; one longer than the window is cut at its end.

        Returns:
            One for each text, in input order; of no tokens where nothing is left to embed.
        """
        ...

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text alone, without prompt and special tokens; nothing is cut."""
        ...


def check_dim(dim: int, full_dim: int, matryoshka_dims: tuple[int, ...]) -> None:
    """Refuse a dimension that the model does not have.

    Raises:
        DimensionError: `dim` is not one that the model was trained for, or, for a model without
            Matryoshka training, not within 1..full_dim.
    """
    if matryoshka_dims:
        if dim not in matryoshka_dims:
            raise DimensionError(dim, matryoshka_dims)
    elif not 1 <= dim <= full_dim:
        raise DimensionError(dim, (1, full_dim), is_range=True)


def shorten(vectors: NDArray[np.floating], dim: int, rotation: NDArray[np.float32] | None = None) -> Vectors:
    """Cut vectors to their first `dim` components, then give each unit length.

    In this order: a prefix of a unit vector is not a unit vector, and cosines of such prefixes
    are wrong (Kusupati et al. 2022, "Matryoshka Representation Learning", section 3).

    Args:
        vectors: (n, at least dim), of any length.
        rotation: an orthogonal matrix that they go through first, (columns of vectors,) squared.

    Returns:
        float32 (n, dim), unit rows; a row of zeros stays zeros.
    """
    if rotation is None:
        prefix = np.asarray(vectors[:, :dim], dtype=np.float32)
    else:
        prefix = np.asarray(vectors, dtype=np.float32) @ rotation[:, :dim]
    norms = np.linalg.norm(prefix, axis=1, keepdims=True)
    return np.asarray(prefix / np.where(norms == 0, 1, norms), dtype=np.float32)
