"""What an index is built with, from the settings and the model, and what the settings left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from indexer.catalog import Catalog
from indexer.embedding import ResolvedModel, check_dim
from indexer.embedding.presets import find_preset
from indexer.embedding.rotation import shipped_rotation
from indexer.errors import SettingsError
from indexer.settings import Settings
from indexer.store import (
    IndexSpec,
    ReplaceSource,
    VectorStore,
    collection_folder,
    open_store,
    read_spec,
    source_id,
)

_WAIT_SECONDS = 60.0  # for the owner of the index to apply a removal


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
        "measure it with `python -m app evaluate --dims`, and see `rotate --train`"
    )


def _name_to_find_it_by(settings: Settings, model: ResolvedModel) -> str:
    """What `resolve` finds the same model by, from any folder and in any later run."""
    if model.kind == "api":
        return "api"
    if settings.model == "auto" or find_preset(settings.model):
        return model.name
    return str(Path(settings.model).expanduser().absolute())


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
    # Only for an index that is yet to be made; one that is there keeps what it has.
    rotation = shipped_rotation(model.fingerprint) if dim < model.full_dim else None
    return IndexSpec(
        model=_name_to_find_it_by(settings, model),
        fingerprint=model.fingerprint,
        full_dim=model.full_dim,
        dim=dim,
        chunk_tokens=settings.chunk_tokens,
        overlap_tokens=settings.overlap_tokens,
        rotation=rotation.fingerprint if rotation else "",
    )


@contextmanager
def writing(settings: Settings, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """One writer of a collection at a time: two that change the same file, or its words while a file
    changes, would leave the index between them. Searches are not held up, and a writer that is killed
    holds nothing up either.

    Args:
        on_wait: called once if another is writing.
    """
    folder = collection_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "writer.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        on_wait()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def remove_sources(
    settings: Settings,
    store: VectorStore,
    catalog: Catalog,
    sources: Sequence[str],
    on_wait: Callable[[], None] = lambda: None,
) -> None:
    """Take sources out of the index; on return nothing finds them.

    Raises:
        StoreError: see `VectorStore.wait`; those that are not gone are still catalogued.
    """
    with writing(settings, on_wait):
        tickets = [store.apply(ReplaceSource(source_id(settings.collection, source))) for source in sources]
        store.wait(tickets, _WAIT_SECONDS)
        for source in sources:
            catalog.remove(source)


@contextmanager
def open_library(settings: Settings, spec: IndexSpec | None = None) -> Iterator[tuple[VectorStore, Catalog]]:
    """The store and the catalogue of the index, closed in the end.

    Raises:
        As `open_store`.
    """
    store = open_store(settings, spec)
    try:
        catalog = Catalog(collection_folder(settings), store.spec.index_id)
        try:
            yield store, catalog
        finally:
            catalog.close()
    finally:
        store.close()
