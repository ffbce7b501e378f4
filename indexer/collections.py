"""The libraries side by side: each an index of its own, with its own model and dimension."""

from __future__ import annotations

from dataclasses import replace

from indexer.embedding import resolve
from indexer.errors import SettingsError
from indexer.library import spec_for, writing
from indexer.settings import Settings
from indexer.store import IndexSpec, open_store, read_spec, server_collections


def collections(settings: Settings) -> list[str]:
    """Names of all that there are, by name; the one that the settings name is among them in any case.
    An index in a folder that no setting can name, such as a hidden one, is not.

    Raises:
        ServerError: the server can't be asked.
    """
    if settings.url:
        found = set(server_collections(settings))
    else:
        folder = settings.index_dir
        found = {place.parent.name for place in folder.glob("*/spec.json")} if folder.is_dir() else set()
    return sorted({*(name for name in found if _can_be_named(settings, name)), settings.collection})


def _can_be_named(settings: Settings, name: str) -> bool:
    try:
        settings_for(settings, name)
    except SettingsError:
        return False
    return True


def settings_for(settings: Settings, collection: str) -> Settings:
    """Settings to use a collection with: model and dimension of the settings are meant for the one that
    they name, and any other has its own.

    Raises:
        SettingsError: it can't be a collection's name.
    """
    if collection == settings.collection:
        return settings
    return replace(settings, collection=collection, model="auto", dim=None)


def create_collection(settings: Settings) -> IndexSpec:
    """Make an empty index by the settings.

    Raises:
        SettingsError: there is one of this name.
        EmbeddingError: the settings name no model, or none of its dimensions.
    """
    spec = spec_for(settings, resolve(settings))
    with writing(settings):
        if read_spec(settings) is not None:
            raise SettingsError(
                f"collection = {settings.collection!r}: there is one of this name already; choose another"
            )
        store = open_store(settings, spec)
        try:
            return store.spec
        finally:
            store.close()
