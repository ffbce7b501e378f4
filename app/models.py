"""The models of a process: each loaded once, whichever collection asks first."""

from __future__ import annotations

import gc
import threading

from indexer.embedding import Embedder, ResolvedModel, load
from indexer.settings import Settings


class Models:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._loading: dict[tuple[str, str], threading.Lock] = {}
        self._loaded: dict[tuple[str, str], Embedder] = {}

    def load(self, model: ResolvedModel, settings: Settings) -> Embedder:
        """
        Raises:
            EmbeddingError: see `indexer.embedding.load`; it is tried anew the next time.
        """
        key = (model.fingerprint, settings.device)
        with self._guard:
            alone = self._loading.setdefault(key, threading.Lock())
        with alone:
            if key not in self._loaded:
                loaded = load(model, settings)
                loaded.embed_queries(["寻章"])  # the first text imports and prepares as much again
                # Streamlit collects garbage after each run of a page, with the answer still on its way:
                # the model's libraries, a million objects that stay, are not looked through each time.
                gc.collect()
                gc.freeze()
                self._loaded[key] = loaded
            return self._loaded[key]
