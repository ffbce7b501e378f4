"""The judgements of the search page: exported, and imported from elsewhere."""

from __future__ import annotations

import streamlit as st

from app import resources
from app.judged_exchange import export_beir, export_tsv, import_judged
from app.passages import chunk_finder
from app.text import Lang
from app.text.library import LIBRARY_TEXTS
from app.views.failure import log_unexpected, show_failure
from indexer.errors import IndexMissingError
from indexer.settings import Settings


def show_judged(lang: Lang, settings: Settings) -> None:
    say = LIBRARY_TEXTS[lang]
    judgements = resources.judgements(settings.collection)
    try:
        judged = judgements.read()
        store = resources.searcher(settings.collection).store
    except IndexMissingError:
        return
    except Exception as error:
        log_unexpected(error)
        show_failure(error, lang)
        return
    title = say.judged.format(judgements=judged.judgements)
    with st.expander(title, icon=":material/fact_check:", key="xz-judged"):
        st.caption(say.judged_help)
        with st.container(horizontal=True):
            name = settings.collection
            st.download_button(
                say.judged_beir,
                lambda: export_beir(judgements),
                f"{name}-beir.zip",
                disabled=not judged.judgements,
                on_click="ignore",
                key="judged_beir",
            )
            st.download_button(
                say.judged_tsv,
                lambda: export_tsv(judgements).encode("utf-8-sig"),  # the mark makes Excel read UTF-8
                f"{name}.tsv",
                disabled=not judged.judgements,
                on_click="ignore",
                key="judged_tsv",
            )
        with st.form("library_judged_import", border=False, clear_on_submit=True):
            file = st.file_uploader(say.judged_import, ["zip", "tsv", "txt"], key="judged_file")
            submitted = st.form_submit_button(say.judged_import_button)
        if not submitted or file is None:
            return
        try:
            done = import_judged(judgements, file.name, file.getvalue(), chunk_finder(store))
        except Exception as error:
            log_unexpected(error)
            show_failure(error, lang)
            return
        st.session_state["library_said"] = say.judged_imported.format(
            judgements=done.judgements, questions=done.questions, unknown=done.unknown
        )
        st.rerun()
