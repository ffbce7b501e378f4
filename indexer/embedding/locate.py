"""Where models are kept on this machine. Looks at names and files only; loads and downloads nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from indexer.embedding.folder import is_model_folder, missing_weights
from indexer.embedding.presets import Preset
from indexer.settings import Settings


def models_dir(settings: Settings) -> Path:
    """The folder for models: the setting, else the user's cache."""
    if settings.models_dir is not None:
        return settings.models_dir
    from platformdirs import user_cache_path

    return user_cache_path("xunzhang", appauthor=False) / "models"


def find_copy(preset: Preset, settings: Settings) -> Path | None:
    """The best copy of a preset's model here: one with weights, else any.

    In this order: our models folder, the Hugging Face cache, ModelScope's cache. A hub cache may
    hold several snapshots. After Piccolo2's withdrawal the newest has no weights and an older one
    may, so weights come before newness.
    """
    places = _copies_of(preset.name, preset.repo_name if preset.repo else None, settings)
    copies = [folder for folder in places if is_model_folder(folder)]
    with_weights = (folder for folder in copies if not missing_weights(folder))
    return next(with_weights, copies[0] if copies else None)


def find_named(name: str, settings: Settings) -> Path | None:
    """The copy here of a model that is no preset, by its name (owner/name, or name alone)."""
    repo_name = name.rsplit("/", 1)[-1]
    copies = [folder for folder in _copies_of(repo_name, repo_name, settings) if is_model_folder(folder)]
    return next((folder for folder in copies if not missing_weights(folder)), None)


def newest_snapshot(cached: Path) -> Path | None:
    """The snapshot to use of a hub cache's `models--owner--name` folder; None: it has none."""
    snapshots = list(_snapshots(cached))
    with_weights = (folder for folder in snapshots if not missing_weights(folder))
    return next(with_weights, snapshots[0] if snapshots else None)


def _copies_of(name: str, repo_name: str | None, settings: Settings) -> Iterator[Path]:
    yield models_dir(settings) / name
    if repo_name is None:
        return
    for cache in _hub_caches():
        # By name alone: a model may have moved to another owner, as stella did.
        for cached in sorted(cache.glob(f"models--*--{repo_name}")):
            yield from _snapshots(cached)
    for cache in _modelscope_caches():
        yield from sorted(cache.glob(f"*/{repo_name.replace('.', '___')}"))


def _snapshots(cached: Path) -> Iterator[Path]:
    """Snapshots of one cached repository: the one that `main` points to, then newest first."""
    folders = [folder for folder in cached.glob("snapshots/*") if is_model_folder(folder)]
    main = cached / "refs" / "main"
    current = main.read_text(encoding="utf-8").strip() if main.is_file() else ""
    yield from sorted(folders, key=lambda f: (f.name == current, f.stat().st_mtime), reverse=True)


def _hub_caches() -> Iterator[Path]:
    from huggingface_hub.constants import HF_HUB_CACHE

    yield Path(HF_HUB_CACHE)
    if home := os.environ.get("SENTENCE_TRANSFORMERS_HOME"):
        yield Path(home)


def _modelscope_caches() -> Iterator[Path]:
    cache = Path(os.environ.get("MODELSCOPE_CACHE") or Path.home() / ".cache" / "modelscope")
    for inner in ("hub/models", "models", "hub"):
        yield cache / inner
