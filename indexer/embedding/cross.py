"""A cross-encoder on this machine: reads question and passage together, and scores the pair."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.device import choose_device
from indexer.embedding.folder import is_model_folder, missing_weights, weight_files
from indexer.embedding.loading import quiet_libraries, random_weights
from indexer.embedding.locate import find_named, models_dir
from indexer.errors import EmbeddingError, ModelMissingError, UnknownModelError, WeightsMissingError
from indexer.settings import Settings


class CrossScorer:
    """Any sentence-transformers CrossEncoder. Safe to share between threads: one batch at a time."""

    def __init__(self, settings: Settings) -> None:
        """Load `settings.rerank_model`.

        Raises:
            UnknownModelError: no model is named.
            ModelMissingError: it is not on this machine.
            WeightsMissingError: its folder has no weights.
            EmbeddingError: it can't be loaded.
        """
        from sentence_transformers import CrossEncoder

        folder = find_cross_encoder(settings)
        device = choose_device(settings.device)
        self.name = settings.rerank_model or ""
        self.device = str(device)
        self._batch_size = settings.batch_size or device.batch_size
        self._lock = threading.Lock()
        model_kwargs: dict[str, object] = {"dtype": device.dtype}
        if not any(file.suffix == ".safetensors" for file in weight_files(folder)):
            model_kwargs |= {"use_safetensors": False, "weights_only": True}  # pickles run no code
        with quiet_libraries() as reports:
            try:
                self._model = CrossEncoder(
                    str(folder),
                    device=device.name,
                    local_files_only=True,
                    trust_remote_code=settings.trust_remote_code,
                    model_kwargs=model_kwargs,
                )
            except Exception as error:  # the library raises a dozen kinds; each means the same to the user
                raise EmbeddingError(
                    f"{folder} can't be loaded as a cross-encoder: {type(error).__name__}: {error}"
                ) from error
        if missing := random_weights(reports):
            raise EmbeddingError(
                f"{folder} is no cross-encoder, or is damaged: it lacks {', '.join(missing[:3])}, and would "
                "rank at random; use a reranker such as bge-reranker-v2-m3"
            )

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """How well each of n passages answers: float32 (n,), higher is better, on the model's own scale.

        A pair longer than the model's window is cut at the passage's end.

        Raises:
            EmbeddingError: the model gives more than one score a pair, or scores that are no numbers.
        """
        if not passages:
            return np.empty(0, dtype=np.float32)
        with self._lock:
            scores = np.asarray(
                self._model.predict(
                    [(question, passage) for passage in passages],
                    batch_size=self._batch_size,
                    show_progress_bar=False,
                ),
                dtype=np.float32,
            )
        if scores.shape != (len(passages),):
            raise EmbeddingError(
                f"{self.name} gives scores of shape {scores.shape} for {len(passages)} pairs: it sorts into "
                "classes and does not rank; use a reranker such as bge-reranker-v2-m3"
            )
        if not np.isfinite(scores).all():
            raise EmbeddingError(f"{self.name} gave NaN or infinite scores on {self.device}")
        return scores


def find_cross_encoder(settings: Settings) -> Path:
    """The folder of `settings.rerank_model`, given as a path or a name; nothing is downloaded.

    Raises:
        As `CrossScorer`.
    """
    if not settings.rerank_model:
        raise UnknownModelError(
            "rerank `cross` needs a cross-encoder: set --rerank-model or XUNZHANG_RERANK_MODEL to the folder "
            "or the name of one, such as bge-reranker-v2-m3; `late` needs none"
        )
    folder = Path(settings.rerank_model).expanduser()
    if not folder.is_dir():
        found = find_named(settings.rerank_model, settings)
        if found is None:
            raise ModelMissingError(
                f"the cross-encoder {settings.rerank_model!r} is not on this machine (looked in "
                f"{models_dir(settings)} and the hub caches); copy its folder there or give its path"
            )
        folder = found
    if not is_model_folder(folder):
        raise ModelMissingError(f"{folder} holds no model: there is no config.json in it")
    if missing := missing_weights(folder):
        raise WeightsMissingError(f"{folder} has configuration but no weights (missing {', '.join(missing)})")
    return folder
