"""Text to vectors: find a model (`resolve`), load it (`load`), shorten what it makes (`shorten`).

Importing this package imports no torch; `load` does.
"""

from __future__ import annotations

from indexer.embedding.base import Embedder, TokenEmbedder, TokenVectors, Vectors, check_dim, shorten
from indexer.embedding.presets import PRESETS
from indexer.embedding.resolve import ResolvedModel, resolve
from indexer.settings import Settings

__all__ = [
    "PRESETS",
    "Embedder",
    "ResolvedModel",
    "TokenEmbedder",
    "TokenVectors",
    "Vectors",
    "check_dim",
    "load",
    "resolve",
    "shorten",
]


def load(resolved: ResolvedModel, settings: Settings) -> Embedder:
    """Make an embedder of a resolved model.

    Raises:
        EmbeddingError: it can't be loaded; the message says what to do.
    """
    if resolved.kind == "api":
        from indexer.embedding.api import ApiEmbedder

        return ApiEmbedder(resolved, settings)
    from indexer.embedding.local import LocalEmbedder

    folder = resolved.folder
    if resolved.kind == "compact":
        from indexer.embedding.compact import ensure_compact
        from indexer.embedding.locate import models_dir

        folder = ensure_compact(models_dir(settings))
    if folder is None:
        raise ValueError(f"{resolved.name}: a model of kind {resolved.kind!r} needs a folder")
    return LocalEmbedder(resolved, folder, settings)
