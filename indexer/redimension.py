"""Another dimension, storage or rotation for an index: from its stored vectors, with no embedding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from indexer.embedding import check_dim, resolve
from indexer.embedding.presets import find_preset, preset_in_path
from indexer.embedding.rotation import Rotation, read_rotation, shipped_rotation
from indexer.errors import EmbeddingError, RotationError, SettingsError
from indexer.library import writing
from indexer.settings import Settings
from indexer.store import STORAGES, IndexSpec, collection_folder, missing_index, open_store, read_spec
from indexer.store.base import OnChunks

# shipped  what comes with the program for the index's model
# trained  what `rotate --train` made of the index's own chunks
RotationKind = Literal["none", "shipped", "trained"]
ROTATIONS: tuple[RotationKind, ...] = get_args(RotationKind)


def redimension(
    settings: Settings,
    dim: int,
    storage: str | None = None,
    rotation: RotationKind | Literal["auto"] = "auto",
    on_progress: OnChunks = lambda done, of: None,
    on_wait: Callable[[], None] = lambda: None,
) -> IndexSpec:
    """Search by vectors of another length, storage or rotation from now on.

    Args:
        storage: one of STORAGES; None: as the index has it.
        rotation: auto: as the index has it; else, where vectors are cut, what was trained for it or is
            shipped for its model, if there is any.
        on_progress: called with the chunks done, and of how many.
        on_wait: called once if another command is writing to the index.

    Returns:
        What the index is now.

    Raises:
        IndexMissingError: nothing has been indexed there.
        DimensionError: the model has no such dimension.
        SettingsError: there is no such storage.
        RotationError: there is no such rotation.
        RewriteError: the new vectors came out wrong; the old ones stay in use.
    """
    if storage is not None and storage not in STORAGES:
        raise SettingsError(f"storage {storage!r} is none; there are: {', '.join(STORAGES)}")
    with writing(settings, on_wait):
        built = read_spec(settings)
        if built is None:
            raise missing_index(settings)
        check_dim(dim, built.full_dim, matryoshka_dims(settings, built))
        store = open_store(settings, built)
        try:
            if rotation == "auto" and built.rotation:
                chosen = store.rotation()
            elif rotation == "auto":
                chosen = _best_for(settings, built) if dim < built.full_dim else None
            else:
                chosen = find_rotation(settings, built.model, built.fingerprint, rotation)
            store.redimension(dim, storage or built.storage, chosen, on_progress)
            return store.spec
        finally:
            store.close()


def _best_for(settings: Settings, built: IndexSpec) -> Rotation | None:
    file = trained_rotation_file(settings)
    return read_rotation(file) if file.is_file() else shipped_rotation(built.fingerprint)


def matryoshka_dims(settings: Settings, built: IndexSpec) -> tuple[int, ...]:
    """The dimensions that the index's model was trained for, also where its weights are not here."""
    if built.model == "api":  # says nothing about dimensions
        return ()
    try:
        return resolve(replace(settings, model=built.model)).matryoshka_dims
    except EmbeddingError:  # such as a folder that was moved
        preset = find_preset(built.model) or preset_in_path(Path(built.model).parts[-2:])
        return preset.matryoshka_dims if preset else ()


def trained_rotation_file(settings: Settings) -> Path:
    """Where `rotate --train` leaves what it made of the index's chunks."""
    return collection_folder(settings) / "trained-rotation.npz"


def find_rotation(settings: Settings, model: str, fingerprint: str, kind: RotationKind) -> Rotation | None:
    """The rotation of a kind, for a model of this name and fingerprint.

    Raises:
        RotationError: there is none.
    """
    if kind == "none":
        return None
    shipped = shipped_rotation(fingerprint)
    if kind == "trained":
        file = trained_rotation_file(settings)
        if not file.is_file():
            raise RotationError(
                f"no rotation has been trained for this index ({file} is missing); "
                "run `python -m indexer rotate --train`"
            )
        return read_rotation(file)
    if kind == "shipped" and shipped is None:
        raise RotationError(
            f"no rotation comes with this program for {model}; fit one with "
            "`python -m indexer rotate --train`, and use `trained`"
        )
    return shipped
