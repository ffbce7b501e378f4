"""What an index is built with, from the settings and the model, and what the settings left open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from indexer.embedding import ResolvedModel, check_dim
from indexer.errors import SettingsError
from indexer.settings import Settings
from indexer.store import IndexSpec, read_spec


def follow_index(settings: Settings) -> Settings:
    """Settings with model and dimension as the index has them, where the user did not say."""
    built = read_spec(settings)
    if built is None:
        return settings
    return replace(
        settings,
        model=built.model if settings.model == "auto" else settings.model,
        dim=settings.dim or built.dim,
    )


def truncation_warning(model: ResolvedModel, dim: int) -> str | None:
    """What to tell someone who cuts the vectors of a model that was not trained for it."""
    if dim == model.full_dim or model.matryoshka_dims:
        return None
    return (
        f"{model.name} was not trained for shorter vectors: {dim} of {model.full_dim} dimensions find less; "
        "measure it with `python -m app evaluate --dims`"
    )


def spec_for(settings: Settings, model: ResolvedModel) -> IndexSpec:
    """What an index by these settings is built with.

    Raises:
        DimensionError: the model has no such dimension.
        SettingsError: chunks of this length do not fit the model's window.
    """
    dim = settings.dim or model.full_dim
    check_dim(dim, model.full_dim, model.matryoshka_dims)
    if settings.chunk_tokens > model.max_tokens:
        raise SettingsError(
            f"chunk_tokens = {settings.chunk_tokens}: {model.name} takes {model.max_tokens} tokens at most"
        )
    is_path = settings.model not in ("auto", "api", model.name)
    return IndexSpec(
        model=str(Path(settings.model).expanduser().absolute()) if is_path else model.name,
        fingerprint=model.fingerprint,
        full_dim=model.full_dim,
        dim=dim,
        chunk_tokens=settings.chunk_tokens,
        overlap_tokens=settings.overlap_tokens,
    )
