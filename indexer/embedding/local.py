"""A SentenceTransformer folder on this machine, with torch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.base import TokenVectors, Vectors, shorten
from indexer.embedding.checks import check_lengths, check_not_blank, check_raw
from indexer.embedding.device import Device, choose_device
from indexer.embedding.folder import weight_files
from indexer.embedding.loading import quiet_libraries, random_weights
from indexer.embedding.resolve import ResolvedModel
from indexer.errors import EmbeddingError
from indexer.settings import Settings


class LocalEmbedder:
    """An Embedder over a model folder. Safe to share between threads: one text batch at a time."""

    def __init__(self, resolved: ResolvedModel, folder: Path, settings: Settings) -> None:
        """Load the model.

        Raises:
            EmbeddingError: the device is not there, or the folder does not hold what it says.
        """
        device = choose_device(settings.device)
        self.name = resolved.name
        self.full_dim = resolved.full_dim
        self.matryoshka_dims = resolved.matryoshka_dims
        self.max_tokens = resolved.max_tokens
        self.fingerprint = resolved.fingerprint
        self.device = str(device)
        self._query_prompt = resolved.query_prompt
        self._passage_prompt = resolved.passage_prompt
        self.batch_size = settings.batch_size or device.batch_size
        # A fast tokenizer keeps its padding and truncation as state, and panics ("Already
        # borrowed") when two threads set them at once.
        self._lock = threading.Lock()
        self._model = _load(folder, device, settings.trust_remote_code)
        self._model.max_seq_length = resolved.max_tokens
        self._model.truncate_dim = None  # a saved one would cut what is to be kept in full
        self._bare = {
            prompt: self._count([prompt.rstrip()], "")[0]
            for prompt in (self._query_prompt, self._passage_prompt)
        }

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """As `embed_passages`, with the model's prompt for queries."""
        return self._embed(texts, self._query_prompt)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_passages`.

        Raises:
            BlankTextError, TextTooLongError: nothing has been computed.
            EmbeddingError: the model made NaN, infinity or zeros, or memory ran out.
        """
        return self._embed(texts, self._passage_prompt)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Embedder.count_tokens`; exact."""
        return self._count(texts, self._passage_prompt)

    def embed_query_tokens(self, text: str) -> TokenVectors:
        """See `TokenEmbedder.embed_query_tokens`."""
        return self._embed_tokens([text], self._query_prompt)[0]

    def embed_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """See `TokenEmbedder.embed_passage_tokens`."""
        return self._embed_tokens(list(texts), self._passage_prompt)

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """See `TokenEmbedder.token_ids`."""
        if not texts:
            return []
        with self._lock:
            encoded = self._model.tokenizer(
                list(texts), add_special_tokens=False, padding=False, truncation=False, verbose=False
            )
        return [list(ids) for ids in encoded["input_ids"]]

    def _embed_tokens(self, texts: list[str], prompt: str) -> list[TokenVectors]:
        if not texts:
            return []
        with self._lock:
            # None: everything that the modules computed, of which the first computed the tokens.
            encoded = self._encode(texts, prompt, output_value=None)
            spans = self._model.tokenizer(
                [prompt + text for text in texts],
                padding=False,
                truncation=True,
                max_length=self.max_tokens,
                return_offsets_mapping=True,
                verbose=False,
            )["offset_mapping"]
        return [
            _body(item, np.array(offsets, dtype=np.int64), len(prompt))
            for item, offsets in zip(encoded, spans, strict=True)
        ]

    def _count(self, texts: Sequence[str], prompt: str) -> list[int]:
        if not texts:
            return []
        with self._lock:
            encoded = self._model.tokenizer(
                [prompt + text for text in texts],
                padding=False,
                truncation=False,
                return_attention_mask=False,
                return_token_type_ids=False,
                verbose=False,  # "sequence longer than the maximum": that is what is being found out
            )
        return [len(ids) for ids in encoded["input_ids"]]

    def _embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        texts = list(texts)
        if not texts:
            return np.empty((0, self.full_dim), dtype=np.float32)
        check_not_blank(texts)
        check_lengths(texts, self._count(texts, prompt), self._bare[prompt], self.max_tokens)
        with self._lock, _threads(1 if len(texts) == 1 and self.device.startswith("cpu") else None):
            raw = np.asarray(self._encode(texts, prompt), dtype=np.float32)
        check_raw(raw, len(texts), self.full_dim)
        return shorten(raw, self.full_dim)

    def _encode(self, texts: list[str], prompt: str, **options: Any) -> Any:
        """With the batch that fits the device's memory, found by halving the one that was set."""
        import torch

        while True:
            try:
                return self._model.encode(
                    texts,
                    prompt=prompt,  # even when empty: None would bring in the folder's default prompt
                    batch_size=self.batch_size,
                    show_progress_bar=False,
                    normalize_embeddings=False,  # sliced first, normalised after, in `shorten`
                    **options,
                )
            except torch.OutOfMemoryError as error:
                if self.batch_size == 1:
                    raise EmbeddingError(
                        f"{self.device} has too little memory left for one passage ({error}); end what else "
                        "uses it, or set XUNZHANG_DEVICE=cpu"
                    ) from error
            except RuntimeError as error:  # torch's, whatever went wrong on the device
                raise EmbeddingError(
                    f"{self.device} failed with batch_size = {self.batch_size}: {error}; if memory ran out, "
                    "set XUNZHANG_BATCH_SIZE lower, or XUNZHANG_DEVICE=cpu"
                ) from error
            self.batch_size //= 2
            torch.cuda.empty_cache()


@contextmanager
def _threads(number: int | None) -> Iterator[None]:
    """Compute with so many. One text is as fast on one core, and does not wait for a second that a
    browser on the same machine is using."""
    import torch

    before = torch.get_num_threads()
    if number is None or number == before:
        yield
        return
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _body(item: dict[str, Any], offsets: NDArray[np.int64], prompt_length: int) -> TokenVectors:
    """One text's tokens without padding, prompt and special tokens, whose spans are empty."""
    real = item["attention_mask"].bool().cpu()
    vectors = item["token_embeddings"].float().cpu().numpy()[real.numpy()]
    ids = item["input_ids"].cpu().numpy()[real.numpy()]
    of_text = (offsets[:, 1] > prompt_length) & (offsets[:, 1] > offsets[:, 0])
    spans = np.maximum(offsets[of_text] - prompt_length, 0)  # a first token may hold the prompt's space
    return TokenVectors(vectors[of_text], ids[of_text].astype(np.int64), spans)


def _load(folder: Path, device: Device, trust_remote_code: bool) -> Any:
    """Load a SentenceTransformer from files only.

    Raises:
        EmbeddingError: it can't be loaded, or some of its weights are not in its files. The
            library fills those with random numbers and only warns.
    """
    from sentence_transformers import SentenceTransformer

    model_kwargs: dict[str, Any] = {"dtype": device.dtype}
    if any(file.suffix == ".safetensors" for file in weight_files(folder)):
        model_kwargs["use_safetensors"] = True
    else:
        model_kwargs |= {"use_safetensors": False, "weights_only": True}  # pickles run no code
    with quiet_libraries() as reports:
        try:
            model = SentenceTransformer(
                str(folder),
                device=device.name,
                local_files_only=True,
                trust_remote_code=trust_remote_code,
                model_kwargs=model_kwargs,
            )
        except Exception as error:  # the library raises a dozen kinds; each means the same to the user
            raise EmbeddingError(f"{folder} can't be loaded: {type(error).__name__}: {error}") from error
    if missing := random_weights(reports):
        raise EmbeddingError(
            f"{folder} lacks weights that its config.json calls for ({', '.join(missing[:3])}"
            f"{', …' if len(missing) > 3 else ''}); copy it again"
        )
    return model.eval()
