"""Another dimension for the index, and a rotation learnt from it."""

from __future__ import annotations

import streamlit as st

from app import resources
from app.evaluation.naming import way_name
from app.evaluation.plan import default_dims, redimension_arguments, train_arguments
from app.jobs import Jobs
from app.searcher import Searcher
from app.text import Lang
from app.text.dimensions import DIMENSION_TEXTS, DimensionTexts
from app.views.dimension_job import start_job
from app.views.dimension_result import Shown
from indexer.redimension import RotationKind
from indexer.settings import Settings
from indexer.store import STORAGES, IndexSpec


@st.fragment
def show_switch(searcher: Searcher, jobs: Jobs, shown: Shown | None, lang: Lang) -> None:
    """
    Args:
        shown: the run whose verdict is proposed.
    """
    say = DIMENSION_TEXTS[lang]
    spec, settings = searcher.store.spec, resources.settings(searcher.settings.collection)
    st.caption(say.switch_help)
    now = (
        spec.dim,
        spec.storage,
        resources.rotation_kind(settings, spec.model, spec.fingerprint, spec.rotation),
    )
    proposed = _proposed(shown, settings, spec) or now
    dims = sorted(
        {
            *default_dims(spec.full_dim, resources.trained_dims(settings.collection, spec)),
            spec.dim,
            proposed[0],
        },
        reverse=True,
    )
    rotations = resources.rotations(settings, spec.fingerprint)
    storages = list(STORAGES)
    columns = st.columns(3)
    # Keyed by what is proposed: another verdict proposes anew.
    key = "_".join(map(str, proposed))
    dim = columns[0].selectbox(
        say.switch_dim, dims, dims.index(proposed[0]), key=f"dimensions_switch_dim_{key}"
    )
    storage = columns[1].selectbox(
        say.switch_storage, storages, storages.index(proposed[1]), key=f"dimensions_switch_storage_{key}"
    )
    rotation = columns[2].selectbox(
        say.switch_rotation,
        rotations,
        rotations.index(proposed[2]),
        format_func=say.rotations.__getitem__,
        key=f"dimensions_switch_rotation_{key}",
    )
    if settings.dim is not None and dim != settings.dim:
        st.warning(say.switch_pinned.format(dim=settings.dim))
    same = (dim, storage, rotation) == now
    if same:
        st.caption(say.switch_same)
    # The key names the choice: a click never switches to anything else than what the button said.
    key = f"dimensions_switch_button_{dim}_{storage}_{rotation}"
    if st.button(say.switch_button.format(dim=dim), type="primary", disabled=same, key=key):
        arguments = redimension_arguments(settings, dim, storage, rotation)
        start_job(lang, jobs, "redimension", "indexer", arguments, str(dim))


@st.fragment
def show_rotation(settings: Settings, jobs: Jobs, shown: Shown | None, lang: Lang) -> None:
    """What rotating brought in the run that is shown, and the button to learn one."""
    say = DIMENSION_TEXTS[lang]
    st.caption(say.rotate_help)
    if shown is not None:
        _show_before_after(shown, say)
    if st.button(say.rotate_train, key="dimensions_rotate"):
        arguments = train_arguments(settings)
        start_job(lang, jobs, "rotate", "indexer", arguments, "rotation")


def _proposed(
    shown: Shown | None, settings: Settings, spec: IndexSpec
) -> tuple[int, str, RotationKind] | None:
    """The verdict's vectors, where it is about the index's model."""
    if shown is None or shown.verdict.setting is None or shown.run.fingerprint != spec.fingerprint:
        return None
    setting, rotation = shown.verdict.setting, shown.run.rotation
    kind: RotationKind = "none"
    if setting.rotated:
        kind = resources.rotation_kind(settings, spec.model, spec.fingerprint, rotation)
    return setting.dim, setting.storage, kind


def _show_before_after(shown: Shown, say: DimensionTexts) -> None:
    exact = {
        (o.dim, o.rotated): o.metrics[shown.metric]
        for o in shown.run.of(shown.way)
        if o.storage == "float32" and o.index == "numpy"
    } or {
        (o.dim, o.rotated): o.metrics[shown.metric] for o in shown.run.of(shown.way) if o.storage == "float32"
    }
    dims = sorted({dim for dim, rotated in exact if rotated and (dim, False) in exact})
    if not dims:
        st.caption(say.rotate_not_measured)
        return
    st.markdown(f"**{say.rotate_before_after.format(way=way_name(shown.way, say))}**")
    st.dataframe(
        [
            {
                say.column_dim: dim,
                say.column_before: exact[dim, False],
                say.column_after: exact[dim, True],
                say.column_gain: exact[dim, True] - exact[dim, False],
            }
            for dim in dims
        ],
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.4f")
            for name in (say.column_before, say.column_after)
        }
        | {say.column_gain: st.column_config.NumberColumn(format="%+.4f")},
        alt=say.rotate,
    )
