"""What the shell's options ask to be evaluated: a set's files, or an index."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from app.evaluation import truth
from app.evaluation.material import Material, OnProgress, from_index, from_set, read_distractors
from app.evaluation.truth import Truth
from app.judged import read_judged_set
from indexer.embedding import Embedder, check_dim, load, resolve
from indexer.lexicon import read_analyzer, read_user_dict
from indexer.library import follow_index, truncation_warning
from indexer.settings import Settings
from indexer.store import collection_folder, missing_index, open_store, read_spec
from indexer.words import Analyzer

_KNOWN_ITEMS = 300  # questions, where the user does not say how many


@dataclass(frozen=True, slots=True)
class Subject:
    """
    Attributes:
        name: for people.
        prepare: reads or embeds what is searched, and what should be found.
    """

    name: str
    embedder: Embedder
    analyzer: Analyzer
    prepare: Callable[[OnProgress], tuple[Material, Truth]]


def of_files(options: argparse.Namespace, settings: Settings) -> Subject:
    """A set in BEIR form. Its vectors are kept in the index's folder, for the next time.

    Raises:
        JudgedSetError: a file is not as it should be.
        EmbeddingError: the model is not here, or lacks a dimension.
    """
    judged = read_judged_set(options.corpus, options.queries, options.qrels)
    passages = dict(judged.passages)
    if options.distractors:
        passages |= read_distractors(options.distractors)
    name = options.corpus.absolute().parent.name
    embedder = _load(options, settings)

    def prepare(on_progress: OnProgress) -> tuple[Material, Truth]:
        material = from_set(passages, embedder, settings.index_dir / ".evaluation", on_progress)
        return material, truth.of_set(judged, name).sampled(options.questions)

    return Subject(
        f"{name} + {options.distractors.absolute().parent.name}" if options.distractors else name,
        embedder,
        _analyzer(settings),
        prepare,
    )


def of_index(options: argparse.Namespace, settings: Settings) -> Subject:
    """The index that the settings name, with the model and the words that it was built with.

    Raises:
        IndexMissingError: nothing has been indexed there.
        EmbeddingError: the model is not here, or lacks a dimension.
    """
    if read_spec(settings) is None:
        raise missing_index(settings)
    settings = follow_index(settings)
    folder = collection_folder(settings)
    embedder = _load(options, settings)

    def prepare(on_progress: OnProgress) -> tuple[Material, Truth]:
        with closing(open_store(settings)) as store:
            material = from_index(store, on_progress)
        if options.truth == "known-item":
            asked, material = truth.known_items(
                material, embedder, options.known_item, options.questions or _KNOWN_ITEMS, on_progress
            )
            return material, asked
        if options.truth == "agreement":
            asked = truth.agreement(material, options.queries, options.questions or _KNOWN_ITEMS)
        elif options.queries:
            asked = truth.from_files(options.queries, options.qrels, material)
        else:
            asked = truth.from_judgements(folder / "judged", material)
        return material, asked.sampled(options.questions)

    return Subject(settings.collection, embedder, read_analyzer(folder), prepare)


def _load(options: argparse.Namespace, settings: Settings) -> Embedder:
    model = resolve(settings)
    for dim in options.dims:
        check_dim(dim, model.full_dim, model.matryoshka_dims)
        if warning := truncation_warning(model, dim):
            print(f"warning: {warning}", file=sys.stderr)
    return load(model, settings)


def _analyzer(settings: Settings) -> Analyzer:
    defaults = Analyzer()
    return Analyzer(
        read_user_dict(settings.user_dict) if settings.user_dict else "",
        defaults.k1 if settings.bm25_k1 is None else settings.bm25_k1,
        defaults.b if settings.bm25_b is None else settings.bm25_b,
    )
