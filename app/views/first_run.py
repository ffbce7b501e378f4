"""Where nothing is indexed yet: the next step, a click away."""

from __future__ import annotations

import streamlit as st

from app import resources
from app.text import Lang
from app.text.library import LIBRARY_TEXTS
from app.views.ingest_job import show_ingest, start_ingest
from app.views.libraries import ALL, SAMPLES


def show_first_run(lang: Lang, library: str) -> None:
    say = LIBRARY_TEXTS[lang]
    settings = resources.settings(None if library == ALL else library)
    jobs = resources.ingests(settings.collection)
    job = jobs.current()
    if job and job.state == "running":
        show_ingest(lang, jobs)
        return
    with st.container(border=True, key="xz-first-run"):
        st.subheader(say.first_run, anchor=False)
        st.markdown(say.first_run_help)
        with st.container(horizontal=True, vertical_alignment="center"):
            if SAMPLES.is_dir() and st.button(
                say.index_samples, type="primary", icon=":material/play_arrow:", key="first_run_samples"
            ):
                start_ingest(lang, settings, jobs, [SAMPLES])
            st.page_link("app/views/library.py", label=say.own_documents, icon=":material/upload_file:")
        st.caption(say.first_run_shell)
    show_ingest(lang, jobs)
