"""Choosing what to measure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import streamlit as st

from app import resources
from app.evaluation.grid import EVALUATED_MODES, INDEXES, EvaluatedMode, Index
from app.evaluation.naming import source_name
from app.evaluation.plan import (
    DISTRACTORS,
    TRUTHS,
    Plan,
    TruthChoice,
    default_dims,
    evaluate_arguments,
    first_choice,
    shipped_sets,
)
from app.evaluation.truth import KNOWN_ITEMS, KnownItem
from app.jobs import Jobs
from app.judgements import Judged
from app.text import Lang
from app.text.dimensions import DIMENSION_TEXTS, DimensionTexts
from app.views.dimension_job import start_job
from app.views.failure import log_unexpected, show_failure
from indexer.embedding import ResolvedModel
from indexer.redimension import RotationKind
from indexer.settings import Settings
from indexer.store import STORAGES

T = TypeVar("T")

_QUESTIONS = 300
_MOST_QUESTIONS = 10_000
_ENOUGH_JUDGED = 20  # questions, for the reader's own judgements to be what is proposed
_STORAGES = ("float32", "int8")
_SEARCHES: tuple[Index, ...] = ("numpy", "hnsw")
_MODES: tuple[EvaluatedMode, ...] = ("dense",)
_PREFERRED_SET = "classical_dev"  # the one on which dimension matters most


@st.fragment
def choose(lang: Lang, settings: Settings, jobs: Jobs, model: str, has_index: bool) -> None:
    """The choice and its button; a fragment, so that choosing draws nothing else anew.

    Args:
        model: of the index, or else of the settings.
    """
    say = DIMENSION_TEXTS[lang]
    try:
        resolved = resources.model(model)
        judged = resources.judgements(settings.collection).read()
    except Exception as error:
        log_unexpected(error)
        show_failure(error, lang)
        return
    truth = _truth(say, judged, has_index)
    set_name, known, ready = _what_of_it(say, truth, judged, has_index)
    dims, wrong = _dims(say, resolved.full_dim, resolved.matryoshka_dims)
    rotations = resources.rotations(settings, resolved.fingerprint)
    plan = _grid(say, truth, set_name, known, dims, rotations, resolved)
    if wrong:
        st.warning(say.dims_wrong.format(full_dim=resolved.full_dim, wrong=say.list_comma.join(wrong)))
    if not plan.is_complete:
        st.warning(say.nothing_chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        possible = ready and plan.is_complete and not wrong
        if st.button(say.start, type="primary", key="dimensions_start", disabled=not possible):
            arguments = evaluate_arguments(plan, settings, model)
            start_job(lang, jobs, "evaluate", "app", arguments, plan.subject, makes_run=True)
        st.caption(say.settings_count.format(count=plan.settings_count(resolved.full_dim)))


def _truth(say: DimensionTexts, judged: Judged, has_index: bool) -> TruthChoice:
    proposed: TruthChoice = "set"
    if has_index:
        proposed = "judged" if judged.answered >= _ENOUGH_JUDGED else "known-item"
    truth: TruthChoice = st.radio(
        say.truth,
        TRUTHS,
        TRUTHS.index(proposed),
        format_func=say.truth_choices.__getitem__,
        key="dimensions_truth",
        horizontal=True,
    )
    st.caption(say.truth_sentences[truth])
    return truth


def _what_of_it(
    say: DimensionTexts, truth: TruthChoice, judged: Judged, has_index: bool
) -> tuple[str, tuple[KnownItem, ...], bool]:
    """The set's name, what known items are made from, and whether there is what it takes."""
    if truth == "set":
        return _set(say), KNOWN_ITEMS, True
    if not has_index:
        st.info(say.needs_index)
        return "", KNOWN_ITEMS, False
    if truth == "judged":
        counts = {"questions": judged.questions, "judgements": judged.judgements, "answered": judged.answered}
        st.caption(say.judged_so_far.format(**counts) if judged.answered else say.judged_none)
        return "", KNOWN_ITEMS, judged.answered > 0
    known = KNOWN_ITEMS
    if truth == "known-item":
        known = _several(say.known_item, KNOWN_ITEMS, KNOWN_ITEMS, say.known_items.__getitem__, "known_item")
    return "", known, True


def _set(say: DimensionTexts) -> str:
    names = shipped_sets()
    name = st.selectbox(
        say.set_name,
        names,
        names.index(_PREFERRED_SET) if _PREFERRED_SET in names else 0,
        format_func=lambda name: source_name(name, say),
        key="dimensions_set",
    )
    if name in say.set_sentences:
        st.caption(say.set_sentences[name])
    return name


def _dims(say: DimensionTexts, full_dim: int, trained: tuple[int, ...]) -> tuple[tuple[int, ...], list[str]]:
    """The dimensions, the full one among them, and what was typed that is none."""
    usual = default_dims(full_dim, trained)
    typed = st.multiselect(
        say.dims,
        list(map(str, usual)),
        list(map(str, first_choice(usual))),
        key="dimensions_dims",
        help=say.dims_matryoshka if trained else say.dims_help,
        accept_new_options=not trained,
    )
    good = [int(dim) for dim in typed if dim.isdecimal() and 1 <= int(dim) <= full_dim]
    wrong = [dim for dim in typed if not dim.isdecimal() or int(dim) not in good]
    return tuple(sorted({*good, full_dim}, reverse=True)), wrong


def _grid(
    say: DimensionTexts,
    truth: TruthChoice,
    set_name: str,
    known: tuple[KnownItem, ...],
    dims: tuple[int, ...],
    rotations: list[RotationKind],
    model: ResolvedModel,
) -> Plan:
    """The rest of what is measured."""
    left, right = st.columns(2)
    with left:
        storages = _several(say.storages, STORAGES, _STORAGES, str, "storages", say.storages_help)
        searches = _several(
            say.searches, INDEXES, _SEARCHES, say.indexes.__getitem__, "searches", say.searches_help
        )
    with right:
        modes = _several(say.modes, EVALUATED_MODES, _MODES, say.ways.__getitem__, "modes", say.modes_help)
        rotation: RotationKind = st.selectbox(
            say.rotation,
            rotations,
            # Where a model needs one, an index is made with it: what it brings is what matters.
            0 if model.matryoshka_dims else len(rotations) - 1,
            format_func=say.rotations.__getitem__,
            key="dimensions_rotation",
            help=say.rotation_choice_help,
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        questions = st.number_input(
            say.number_of_questions,
            1,
            _MOST_QUESTIONS,
            _QUESTIONS,
            step=100,
            key="dimensions_questions",
            width=220,
        )
        late = st.checkbox(say.late, key="dimensions_late", help=say.late_help)
        harder = (
            truth == "set"
            and DISTRACTORS.is_file()
            and st.checkbox(say.distractors, key="dimensions_distractors", help=say.distractors_help)
        )
    return Plan(
        truth=truth,
        dims=dims,
        storages=storages,
        modes=modes,
        searches=searches,
        questions=int(questions),
        rotation=rotation,
        set_name=set_name,
        known_items=known,
        late=late,
        distractors=harder,
    )


def _several(
    label: str,
    options: Iterable[T],
    default: Iterable[T],
    name: Callable[[T], str],
    key: str,
    explained: str | None = None,
) -> tuple[T, ...]:
    return tuple(
        st.pills(
            label,
            list(options),
            selection_mode="multi",
            default=list(default),
            format_func=name,
            key=f"dimensions_{key}",
            help=explained,
            wrap=True,
        )
    )
