"""Adding documents: uploaded, or from a folder of this machine; and new libraries."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import streamlit as st

from app import resources
from app.documents import is_below
from app.evaluation.plan import default_dims
from app.jobs import Jobs
from app.plain import displayable, in_markdown
from app.text import Lang, explain
from app.text.library import LIBRARY_TEXTS
from app.views.failure import log_unexpected, show_failure
from app.views.ingest_job import choose_ocr, is_running, start_ingest
from app.views.libraries import SAMPLES
from app.views.sidebar import WANTED
from indexer.collections import create_collection
from indexer.embedding.listing import list_models
from indexer.errors import SettingsError
from indexer.readers import SUFFIXES
from indexer.settings import Settings
from indexer.sources import normal
from indexer.uploads import UploadError, save_upload

_MOST_FOLDERS = 500  # offered below an allowed one
_TYPES = sorted(suffix.lstrip(".") for suffix in SUFFIXES)


# Streamlit says this in English only.
_CHOOSE = """<style>
[data-testid="stFileUploaderDropzoneInstructions"] {{ display: none; }}
[data-testid="stFileUploaderDropzone"] button p {{ font-size: 0; }}
[data-testid="stFileUploaderDropzone"] button p::after {{ content: "{choose}"; font-size: 1rem; }}
</style>"""


def show_add(lang: Lang, settings: Settings, jobs: Jobs, known: Collection[str]) -> None:
    """
    Args:
        known: the sources that are catalogued.
    """
    say = LIBRARY_TEXTS[lang]
    st.html(_CHOOSE.format(choose=say.choose))
    names = [say.add_files, say.add_folder, say.add_server, say.add_samples, say.new_library]
    files, folder, server, samples, new = st.tabs(names)
    with files:
        _upload(lang, settings, jobs, folder=False)
        _offer_pending(lang, settings, jobs, known)
    with folder:
        _upload(lang, settings, jobs, folder=True)
    with server:
        _from_server(lang, settings, jobs)
    with samples:
        st.caption(say.samples_help)
        if st.button(say.start, key="library_samples", disabled=is_running(jobs) or not SAMPLES.is_dir()):
            start_ingest(lang, settings, jobs, [SAMPLES])
    with new:
        _new_library(lang, settings)


def _upload(lang: Lang, settings: Settings, jobs: Jobs, *, folder: bool) -> None:
    say = LIBRARY_TEXTS[lang]
    which = "folder" if folder else "files"
    st.caption(say.add_folder_help if folder else say.add_files_help)
    with st.form(f"library_upload_{which}", border=False, clear_on_submit=True):
        uploaded = st.file_uploader(
            say.add_folder if folder else say.add_files,
            _TYPES if folder else [*_TYPES, "zip"],
            accept_multiple_files="directory" if folder else True,
            key=f"library_{which}",
            label_visibility="collapsed",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            ocr = choose_ocr(lang, settings, f"library_ocr_{which}")
            submitted = st.form_submit_button(say.start, type="primary", disabled=is_running(jobs))
    if not submitted:
        return
    if not uploaded:
        st.warning(say.no_files)
        return
    place = resources.uploads(settings.collection)
    saved = 0
    told: list[str] = []
    with st.spinner(say.saving):
        for file in uploaded:
            try:
                result = save_upload(place, file.name, file)
            except UploadError as error:
                told.append(f"{explain(error, lang)} :gray[:small[{in_markdown(str(error))}]]")
                continue
            saved += len(result.files)
            told += [
                say.refused.format(name=in_markdown(name), reason=in_markdown(reason))
                for name, reason in result.refused
            ]
    if not saved:
        for sentence in told:
            st.warning(sentence)
        return
    # The page is drawn anew when the ingest has started, and tells these then.
    st.session_state["library_said"] = say.saved.format(files=saved)
    st.session_state["library_refused"] = told
    start_ingest(lang, settings, jobs, [place], ocr=ocr)


def _offer_pending(lang: Lang, settings: Settings, jobs: Jobs, known: Collection[str]) -> None:
    """What was uploaded, but not indexed: indexing was stopped, or never began."""
    say = LIBRARY_TEXTS[lang]
    place = resources.uploads(settings.collection)
    kept = (file for file in place.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    pending = sum(str(normal(file)) not in known for file in kept)
    if not pending or is_running(jobs):
        return
    st.caption(say.pending.format(number=pending))
    if st.button(say.index_pending, key="library_pending"):
        start_ingest(lang, settings, jobs, [place])


def _from_server(lang: Lang, settings: Settings, jobs: Jobs) -> None:
    say = LIBRARY_TEXTS[lang]
    allowed = [folder for folder in settings.folders if folder.is_dir()]
    if not allowed:
        st.info(say.add_server_none)
        return
    root = st.selectbox(
        say.server_folder, allowed, format_func=lambda path: displayable(str(path)), key="library_root"
    )
    below = st.selectbox(
        say.server_below,
        ["", *_folders_below(root)],
        format_func=lambda name: displayable(name) if name else say.server_all,
        key=f"library_below_{root}",
    )
    mirror = st.checkbox(say.mirror, key="library_mirror", help=say.mirror_help)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ocr = choose_ocr(lang, settings, "library_ocr_server")
        wanted = st.button(say.start, type="primary", key="library_server", disabled=is_running(jobs))
    if wanted:
        chosen = root / below
        if is_below(chosen, root):  # whatever a link in it has become meanwhile
            start_ingest(lang, settings, jobs, [chosen], mirror=mirror, ocr=ocr)


def _folders_below(root: Path) -> list[str]:
    """Two levels of them."""
    found: list[str] = []
    for inside, folders, _ in os.walk(root):
        # A link may lead out of what is allowed.
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not Path(inside, name).is_symlink()
        )
        relative = Path(inside).relative_to(root)
        found += [(relative / name).as_posix() for name in folders]
        if len(relative.parts) >= 1 or len(found) >= _MOST_FOLDERS:
            folders.clear()
    return sorted(found)[:_MOST_FOLDERS]


def _new_library(lang: Lang, settings: Settings) -> None:
    say = LIBRARY_TEXTS[lang]
    st.caption(say.new_library_help)
    made = st.session_state.get("library_made", 0)  # in this session: after each the box is empty again
    present = {row["name"]: row for row in list_models(settings) if row["present"]}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(say.name, key=f"library_name_{made}", max_chars=60).strip()
        model = st.selectbox(
            say.model,
            ["auto", *present],
            format_func=lambda m: say.model_auto if m == "auto" else m,
            key="library_model",
        )
        row = present.get(model)
        dims = default_dims(row["full_dim"], row["matryoshka_dims"])[1:] if row else ()
        dim = st.selectbox(
            say.dim,
            [0, *dims],
            format_func=lambda d: str(d) if d else say.dim_full,
            key=f"library_dim_{model}",
        )
    if not st.button(say.create, key="library_create", disabled=not name):
        return
    try:
        with st.spinner(say.creating):
            # One of the usual name is asked for too: there is one, which `create_collection` tells.
            create_collection(replace(resources.settings(), collection=name, model=model, dim=dim or None))
    except Exception as error:
        log_unexpected(error)
        if isinstance(error, SettingsError) and str(error).startswith("collection"):
            st.error(say.bad_name)
        else:
            show_failure(error, lang)
        return
    st.session_state[WANTED] = name
    st.session_state["library_made"] = made + 1
    st.session_state["library_said"] = say.created.format(name=in_markdown(name))
    st.rerun()
