"""Downloads a preset's model. The only place that does, and only when asked to."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from indexer.embedding.folder import is_model_folder, missing_weights
from indexer.embedding.locate import models_dir
from indexer.embedding.presets import COMPACT, PICCOLO2, PRESETS, Preset, find_preset
from indexer.embedding.resolve import WITHDRAWAL
from indexer.errors import ModelMissingError, UnknownModelError, WeightsMissingError
from indexer.settings import Settings

Source = Literal["huggingface", "modelscope"]

# Other formats of the same weights, and pictures.
_NEVER_NEEDED = ("onnx/*", "openvino/*", "*.onnx", "*.h5", "*.msgpack", "*.ot", "*.gguf", "*.png", "*.jpg")


def fetch(preset_name: str, settings: Settings, source: Source = "huggingface") -> Path:
    """Download a preset's model into the models folder; one that is there is not fetched again.

    HF_ENDPOINT and the hub's other variables are honoured by the hub's own library. An interrupted
    download goes on where it stopped, in a folder of its own that becomes the model's at the end.

    Returns:
        The model's folder.

    Raises:
        UnknownModelError: no preset of this name.
        ModelMissingError: it was not downloaded.
        WeightsMissingError: what is published has no weights, as Piccolo2's.
    """
    preset = find_preset(preset_name)
    if preset is None:
        raise UnknownModelError(f"no preset is called {preset_name!r}; there are: {', '.join(PRESETS)}")
    if preset is COMPACT:
        from indexer.embedding.compact import ensure_compact

        return ensure_compact(models_dir(settings))
    folder = models_dir(settings) / preset.name
    if is_model_folder(folder) and not missing_weights(folder):
        return folder
    partial = folder.with_name(folder.name + ".partial")
    partial.mkdir(parents=True, exist_ok=True)
    if source == "huggingface":
        _from_hugging_face(preset, partial)
    else:
        _from_modelscope(preset, partial)
    _check_weights(preset, partial)
    if folder.exists():
        raise ModelMissingError(
            f"{folder} is in the way: a folder without weights; move it aside, and rename {partial} to it"
        )
    partial.replace(folder)
    return folder


def unneeded_files(files: Sequence[str]) -> list[str]:
    """Pickled weights that lie beside the same in safetensors: half of the download."""
    safe = {PurePosixPath(file).parent for file in files if PurePosixPath(file).match("model*.safetensors")}
    return [
        file
        for file in files
        if PurePosixPath(file).match("pytorch_model*.bin") and PurePosixPath(file).parent in safe
    ]


def _from_hugging_face(preset: Preset, folder: Path) -> None:
    from huggingface_hub import list_repo_files, snapshot_download

    repo = preset.repo or preset.name
    try:
        skipped = [*_NEVER_NEEDED, *unneeded_files(list_repo_files(repo))]
        snapshot_download(repo, local_dir=folder, ignore_patterns=skipped)
    except Exception as error:  # the hub's, httpx's and the system's errors; each means no download
        raise _no_download(preset, "Hugging Face", error) from error


def _from_modelscope(preset: Preset, folder: Path) -> None:
    try:
        modelscope = importlib.import_module("modelscope")
    except ImportError as error:
        raise ModelMissingError(
            "ModelScope's own package downloads from it, and is not installed; `pip install modelscope`"
        ) from error
    try:
        modelscope.snapshot_download(preset.repo, local_dir=str(folder), ignore_patterns=list(_NEVER_NEEDED))
    except Exception as error:  # as above
        raise _no_download(preset, "ModelScope", error) from error


def _no_download(preset: Preset, hub: str, error: Exception) -> ModelMissingError:
    offline = "HF_HUB_OFFLINE is set: unset it. " if os.environ.get("HF_HUB_OFFLINE") else ""
    return ModelMissingError(
        f"{preset.name} was not downloaded from {hub} ({preset.repo}): {type(error).__name__}: {error}. "
        f"{offline}Where the hub can't be reached: set HF_ENDPOINT to a mirror, or try "
        "`--source modelscope`, or copy the model's folder from another machine and use `--model /path/to/it`"
    )


def _check_weights(preset: Preset, folder: Path) -> None:
    missing = missing_weights(folder) if is_model_folder(folder) else ["modules.json"]
    if missing and preset is PICCOLO2:
        raise WeightsMissingError(f"{preset.repo} was downloaded and has no weights. {WITHDRAWAL}")
    if missing:
        raise WeightsMissingError(
            f"{preset.repo} was downloaded into {folder} without weights for {', '.join(missing)}; "
            "run it again, or try the other source"
        )
