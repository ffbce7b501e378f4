"""A failure as a reader sees it: a plain sentence, and the technical one folded away."""

from __future__ import annotations

import streamlit as st

from app.text import TEXTS, Lang, explain


def show_failure(error: Exception, lang: Lang) -> None:
    st.error(explain(error, lang))
    with st.expander(TEXTS[lang].technical_details):
        st.code(f"{type(error).__name__}: {error}", language=None, wrap_lines=True)
