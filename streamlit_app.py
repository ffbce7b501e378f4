"""寻章: page config and navigation. Run with `streamlit run streamlit_app.py`."""

from __future__ import annotations

import streamlit as st

from app.text import LANGUAGES, TEXTS

lang = st.sidebar.radio(
    "语言 · Language",
    list(LANGUAGES),
    format_func=LANGUAGES.__getitem__,
    key="lang",
    bind="query-params",
    horizontal=True,
)
say = TEXTS[lang]
st.set_page_config(page_title=say.app_name, page_icon="🔎")
# Screen readers choose the voice, and browsers the shapes of Han characters, by this attribute.
st.html(f"<script>document.documentElement.lang = '{say.html_lang}'</script>", unsafe_allow_javascript=True)
st.navigation(
    [
        st.Page("app/views/search.py", title=say.search_page, icon=":material/search:", default=True),
        st.Page(
            "app/views/dimensions.py",
            title=say.dimensions_page,
            icon=":material/straighten:",
            url_path="dimensions",
        ),
    ]
).run()
