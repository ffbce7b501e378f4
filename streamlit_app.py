"""寻章: page config, sidebar and navigation. Run with `streamlit run streamlit_app.py`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.text import LANGUAGES, TEXTS
from app.views.sidebar import choose_library, show_model, warm_up

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
views = Path(__file__).with_name("app") / "views"
st.html(views / "page.css")
script = (views / "browser.js").read_text(encoding="utf-8")
# Screen readers choose the voice, and browsers the shapes of Han characters, by this attribute.
st.html(
    f"<script>document.documentElement.lang = '{say.html_lang}';\n{script}</script>",
    unsafe_allow_javascript=True,
)
search = st.Page("app/views/search.py", title=say.search_page, icon=":material/search:", default=True)
status = st.Page(
    "app/views/status.py", title=say.status_page, icon=":material/monitor_heart:", url_path="status"
)
page = st.navigation(
    [
        search,
        st.Page(
            "app/views/library.py",
            title=say.library_page,
            icon=":material/folder_open:",
            url_path="library",
        ),
        st.Page(
            "app/views/dimensions.py",
            title=say.dimensions_page,
            icon=":material/straighten:",
            url_path="dimensions",
        ),
        status,
    ]
)
with st.sidebar:
    choose_library(lang, page.url_path, all_too=page in (search, status))
    below = st.container()
page.run()
# Last: the page does not wait for an index to open, or a model to load, before it is drawn.
warm_up()
with below:
    show_model(lang)
