"""An embedding model behind HTTP: `{"inputs": [...]}` as on Piccolo2's card, or OpenAI's form."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from indexer.embedding.api_client import ApiClient, Patience
from indexer.embedding.base import Vectors, shorten
from indexer.embedding.checks import check_lengths, check_not_blank
from indexer.embedding.resolve import ResolvedModel
from indexer.errors import ApiError
from indexer.settings import Settings

_PROBE = "你好"
# A run of Latin letters, of blanks or of line breaks, or any other visible character.
_TOKENS = re.compile(r"[A-Za-z]+|[ \t]{2,}|[\r\n]+|\S")
_LETTERS_A_TOKEN = 3
_SPECIALS = 2
_BATCH = 32  # texts a request


class ApiEmbedder:
    """An Embedder over an API. Safe to share between threads."""

    def __init__(self, resolved: ResolvedModel, settings: Settings, patience: Patience | None = None) -> None:
        """Connects to nothing yet.

        Raises:
            ApiError: the address is none, or the key would travel in the clear.
        """
        self._client = ApiClient(settings, patience or Patience())
        self.name = resolved.name
        self.full_dim = resolved.full_dim
        self.matryoshka_dims = resolved.matryoshka_dims
        self.max_tokens = resolved.max_tokens
        self.fingerprint = resolved.fingerprint
        self.device = self._client.shown_url
        self._query_prompt = resolved.query_prompt
        self._passage_prompt = resolved.passage_prompt
        self.batch_size = settings.batch_size or _BATCH

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """As `embed_passages`, with the model's prompt for queries."""
        return self._embed(texts, self._query_prompt)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_passages`; texts go out in requests of `batch_size`.

        Raises:
            BlankTextError, TextTooLongError: nothing has been sent.
            ApiError: the API can't be reached, refuses, or answers nonsense.
        """
        return self._embed(texts, self._passage_prompt)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """An upper estimate, prompt and special tokens included: see `estimate_tokens`."""
        return [estimate_tokens(self._passage_prompt + text) for text in texts]

    def _embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return np.empty((0, self.full_dim), dtype=np.float32)
        check_not_blank(texts)
        prompted = [prompt + text for text in texts]
        counts = [estimate_tokens(text) for text in prompted]
        check_lengths(texts, counts, estimate_tokens(prompt.rstrip()), self.max_tokens)
        batches = [self._batch(prompted, start) for start in range(0, len(prompted), self.batch_size)]
        return shorten(np.concatenate(batches), self.full_dim)

    def _batch(self, prompted: list[str], start: int) -> Vectors:
        vectors = self._client.embed(prompted[start : start + self.batch_size])
        if vectors.shape[1] != self.full_dim:
            raise ApiError(
                f"the API at {self.device} sends vectors of length {vectors.shape[1]}, and sent "
                f"{self.full_dim} before: another model answers there now; start again and index anew with it"
            )
        return vectors


def estimate_tokens(text: str) -> int:
    """An upper estimate of a text's tokens, for a model whose tokenizer is not here.

    A Latin word counts one for each three letters begun, a run of blanks or of line breaks one, any
    other visible character one; and two for the special tokens. Chinese and English text stays
    below that in WordPiece and the usual BPE vocabularies; a rare ideograph in byte-level BPE may
    take up to four.
    """
    runs = _TOKENS.findall(text)
    letters = [len(run) for run in runs if run[0].isascii() and run[0].isalpha()]
    return len(runs) - len(letters) + sum(-(-count // _LETTERS_A_TOKEN) for count in letters) + _SPECIALS


def probe_dim(settings: Settings, patience: Patience | None = None) -> int:
    """Length of the API's vectors, found out by embedding one short text.

    Raises:
        ApiError: see `ApiEmbedder.embed_passages`.
    """
    return int(ApiClient(settings, patience or Patience()).embed([_PROBE]).shape[1])
