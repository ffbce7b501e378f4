"""Any question at two settings, in the reader's own index."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
import streamlit as st

from app import resources
from app.evaluation import reference
from app.evaluation.losses import overlap
from app.evaluation.naming import vectors_name
from app.evaluation.plan import default_dims
from app.evaluation.run_file import Excerpt, Placed
from app.plain import displayable
from app.searcher import Searcher
from app.text import TEXTS, Lang
from app.text.dimensions import DIMENSION_TEXTS, DimensionTexts
from app.views.dimension_lists import two_lists
from app.views.failure import log_unexpected, show_failure
from indexer.redimension import RotationKind, find_rotation

_TOP = 10


class _Vectors(NamedTuple):
    """The vectors of one side."""

    dim: int
    storage: str
    rotation: RotationKind


@st.fragment
def show_side_by_side(searcher: Searcher, lang: Lang) -> None:
    say = DIMENSION_TEXTS[lang]
    spec = searcher.store.spec
    st.caption(f"{say.side_by_side_help}{say.side_exact}")
    # Of the index rather than of its model, which may not be on this machine.
    dims = sorted(
        {*default_dims(spec.full_dim, resources.trained_dims(searcher.settings.collection, spec)), spec.dim},
        reverse=True,
    )
    rotations = resources.rotations(searcher.settings, spec.fingerprint)
    full = _Vectors(spec.full_dim, "float32", "none")
    turned = resources.rotation_kind(searcher.settings, spec.model, spec.fingerprint, spec.rotation)
    now = _Vectors(spec.dim, spec.storage, turned)
    with st.form("dimensions_side_form", border=False):
        question = st.text_input(
            say.side_question,
            key="dimensions_side_question",
            type="search",
            placeholder=TEXTS[lang].question_example,
        )
        halves = st.columns(2)
        with halves[0]:
            left = _choose(say.side_left, dims, rotations, full, "left", say)
        with halves[1]:
            right = _choose(say.side_right, dims, rotations, now, "right", say)
        asked = st.form_submit_button(say.side_ask)
    if asked and question.strip():
        try:
            with st.spinner(TEXTS[lang].searching):
                found = _search_both(searcher, question.strip(), (left, right))
        except Exception as error:
            log_unexpected(error)
            show_failure(error, lang)
            return
        st.session_state["dimensions_side"] = (question.strip(), (left, right), *found)
    answer = st.session_state.get("dimensions_side")
    if answer is None:
        return
    question, sides, lists, excerpts = answer
    st.html(f'<p class="xz-asked">{escape(displayable(question))}</p>')
    st.caption(say.overlap.format(count=overlap(*lists)))
    names = [vectors_name(dim, storage, rotation != "none", say) for dim, storage, rotation in sides]
    st.html(two_lists((names[0], lists[0]), (names[1], lists[1]), excerpts.get, (), say))


def _choose(
    label: str,
    dims: Sequence[int],
    rotations: Sequence[RotationKind],
    proposed: _Vectors,
    side: str,
    say: DimensionTexts,
) -> _Vectors:
    st.markdown(f"**{label}**")
    storages = list(reference.REFERENCED)
    dim = st.selectbox(say.column_dim, dims, dims.index(proposed.dim), key=f"dimensions_side_{side}_dim")
    storage = st.selectbox(
        say.column_storage,
        storages,
        storages.index(proposed.storage) if proposed.storage in storages else 0,
        key=f"dimensions_side_{side}_storage",
    )
    rotation: RotationKind = "none"
    if len(rotations) > 1:
        rotation = st.selectbox(
            say.column_rotated,
            rotations,
            rotations.index(proposed.rotation),
            format_func=say.rotations.__getitem__,
            key=f"dimensions_side_{side}_rotation",
        )
    return _Vectors(dim, storage, rotation)


def _search_both(
    searcher: Searcher, question: str, sides: Sequence[_Vectors]
) -> tuple[list[list[Placed]], dict[str, Excerpt]]:
    """Both lists, and the passages in them."""
    spec = searcher.store.spec
    material = resources.material(searcher.settings.collection, spec.index_id, searcher.store.count())
    query = searcher.embed(question)[np.newaxis]
    lists: list[list[Placed]] = []
    excerpts: dict[str, Excerpt] = {}
    for dim, storage, kind in sides:
        rotation = find_rotation(searcher.settings, spec.model, spec.fingerprint, kind)
        rows, scores = reference.search(material.vectors, query, dim, storage, rotation, _TOP)
        found = [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True)]
        lists.append([Placed(material.passages[row], score) for row, score in found])
        for row, _ in found:
            payload = material.payloads[row]
            excerpts[material.passages[row]] = Excerpt(payload["text"], payload["shown"])
    return lists, excerpts
