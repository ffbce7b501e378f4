"""A hit in its document: the passages round it, and of a PDF the page as it looks."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import resources
from app.page_image import PageImageError, render_page
from app.passages import around
from app.plain import in_markdown
from app.searcher import Hit
from app.text import TEXTS, Lang, Texts
from app.views.cards import passages_html
from app.views.failure import log_unexpected, show_failure


def show_context(hit: Hit, lang: Lang) -> None:
    say = TEXTS[lang]
    st.dialog(say.context_title.format(name=in_markdown(Path(hit.shown).name)), width="large")(_show)(
        hit, lang
    )


def _show(hit: Hit, lang: Lang) -> None:
    if hit.payload["type"] == "pdf" and hit.pages:
        text, image = st.tabs([TEXTS[lang].context_text, TEXTS[lang].context_page])
        with text:
            _show_text(hit, lang)
        with image:
            _show_page(hit, hit.pages, lang)
    else:
        _show_text(hit, lang)


def _show_text(hit: Hit, lang: Lang) -> None:
    say = TEXTS[lang]
    try:
        passages = around(resources.searcher(hit.collection).store, hit)
    except Exception as error:
        log_unexpected(error)
        show_failure(error, lang)
        return
    if not passages:
        st.info(say.context_gone)
        return
    st.html(passages_html(passages, say, hit.ordinal))


def _show_page(hit: Hit, pages: tuple[int, int], lang: Lang) -> None:
    say: Texts = TEXTS[lang]
    first, last = pages
    number = first
    if last > first:
        number = st.segmented_control(
            say.context_which,
            range(first, last + 1),
            default=first,
            format_func=lambda page: say.page.format(first=page),
            key=f"search_context_page_{hit.id}",
            required=True,
        )
    try:
        page = render_page(Path(hit.source), number, hit.text)
    except PageImageError as error:
        show_failure(error, lang)
        return
    if not page.boxed:
        st.caption(say.context_not_boxed)
    st.image(page.png, width="stretch", caption=say.page.format(first=number))
