"""What all sessions of the UI share, opened once: settings, models, and what there is of each collection.

Streamlit caches no exception: an index that is missing, or does not match the settings, is looked
for again on the next run of the page.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.jobs import Jobs
from app.judgements import Judgements
from app.models import Models
from app.searcher import Searcher, open_searcher
from indexer.catalog import Catalog, catalogued_chunks
from indexer.collections import collections, settings_for
from indexer.embedding import ResolvedModel, resolve
from indexer.embedding.rotation import shipped_rotation
from indexer.errors import EmbeddingError, IndexMismatchError, RotationError
from indexer.redimension import RotationKind, find_rotation, matryoshka_dims, trained_rotation_file
from indexer.settings import Settings, load_settings
from indexer.store import IndexSpec, collection_folder

if TYPE_CHECKING:
    from app.evaluation.material import Material

_MANY_CHUNKS = 20_000  # take some tenths of a second to open
_MATERIAL_SECONDS = 300  # for which changed texts may be missed; more or fewer chunks are noticed


_opened: set[str] = set()  # by this process


@st.cache_resource(show_spinner=False)
def _settings() -> Settings:
    return load_settings()


def settings(collection: str | None = None) -> Settings:
    """
    Args:
        collection: None: the one that the settings name.

    Raises:
        SettingsError: see `load_settings`.
    """
    base = _settings()
    return settings_for(base, collection or base.collection)


def collection_names() -> list[str]:
    """
    Raises:
        XunzhangError: see `collections` and `load_settings`.
    """
    return collections(_settings())


@st.cache_resource(show_spinner=False)
def models() -> Models:
    return Models()


@st.cache_resource(show_spinner=False, on_release=Searcher.close)
def searcher(collection: str) -> Searcher:
    """The index of a collection. The model loads in the background, or at the first question.

    Raises:
        XunzhangError: see `open_searcher` and `load_settings`.
    """
    found = open_searcher(settings(collection), models().load)
    _opened.add(collection)
    return found


def opens_slowly(collection: str) -> bool:
    """Whether opening an index takes so long that a page should be drawn before: the engine holds
    Python's global lock while it loads, and nothing reaches the browser meanwhile."""
    if collection in _opened:
        return False
    place = settings(collection)
    return not place.url and catalogued_chunks(collection_folder(place)) >= _MANY_CHUNKS


def reopen_after(error: Exception, collection: str) -> None:
    """Where the index was built anew with another model, the next run of the page opens it as it is."""
    if isinstance(error, IndexMismatchError):
        searcher.clear(collection)


@st.cache_resource(show_spinner=False)
def jobs(collection: str) -> Jobs:
    """The evaluations and switches of a collection, in the background."""
    return Jobs(collection_folder(settings(collection)) / "evaluations")


@st.cache_resource(show_spinner=False)
def ingests(collection: str) -> Jobs:
    """What changes the documents of a collection, in the background."""
    return Jobs(collection_folder(settings(collection)) / "ingests")


def uploads(collection: str) -> Path:
    """Where what is uploaded into a collection is kept: shown to readers as the folder's name."""
    return collection_folder(settings(collection)) / "上传"


@st.cache_resource(show_spinner=False, on_release=Catalog.close)
def catalog(collection: str, index_id: str) -> Catalog:
    return Catalog(collection_folder(settings(collection)), index_id)


@st.cache_resource(show_spinner=False)
def judgements(collection: str) -> Judgements:
    """What was judged in the search page."""
    return Judgements(collection_folder(settings(collection)) / "judged")


@st.cache_resource(show_spinner=False)
def model(name: str) -> ResolvedModel:
    """What is known of a model without loading it.

    Raises:
        EmbeddingError: see `resolve`.
    """
    return resolve(replace(settings(), model=name))


@st.cache_resource(show_spinner=False, max_entries=1, ttl=_MATERIAL_SECONDS)
def material(collection: str, index_id: str, chunks: int) -> Material:
    """All vectors of the index, for exact comparison.

    Args:
        index_id, chunks: of the index as it is now: another one is read anew.
    """
    from app.evaluation.material import from_index

    return from_index(searcher(collection).store)


@st.cache_resource(show_spinner=False)
def trained_dims(collection: str, spec: IndexSpec) -> tuple[int, ...]:
    """The dimensions that the index's model was trained for; empty: any, at a loss, or it is not known."""
    try:
        return matryoshka_dims(settings(collection), spec)
    except EmbeddingError:  # such as a folder that is gone: the vectors are here all the same
        return ()


def rotations(settings: Settings, fingerprint: str) -> list[RotationKind]:
    """The rotations that there are for a model, "none" first."""
    found: list[RotationKind] = ["none"]
    if shipped_rotation(fingerprint) is not None:
        found.append("shipped")
    if trained_rotation_file(settings).is_file():
        found.append("trained")
    return found


def rotation_kind(settings: Settings, model: str, fingerprint: str, rotation: str) -> RotationKind:
    """Which of them one is, by its fingerprint; "none" too for one that is there no more.

    Args:
        model, fingerprint: of the model whose vectors it turns.
    """
    for kind in rotations(settings, fingerprint)[1:]:
        try:
            found = find_rotation(settings, model, fingerprint, kind)
        except RotationError:
            continue
        if found is not None and found.fingerprint == rotation:
            return kind
    return "none"
