"""The presets, and which of them are on this machine."""

from __future__ import annotations

from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

from indexer.embedding.compact import PACKAGE as COMPACT_PACKAGE
from indexer.embedding.folder import missing_weights
from indexer.embedding.locate import find_copy
from indexer.embedding.presets import COMPACT, PRESETS, Preset
from indexer.settings import Settings


def list_models(settings: Settings) -> list[dict[str, Any]]:
    """Each preset's fields, and `present`: whether it could be loaded now."""
    return [{**asdict(preset), "present": _is_here(preset, settings)} for preset in PRESETS.values()]


def _is_here(preset: Preset, settings: Settings) -> bool:
    if preset is COMPACT:
        return find_spec(COMPACT_PACKAGE) is not None
    folder = find_copy(preset, settings)
    return folder is not None and not missing_weights(folder)
