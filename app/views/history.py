"""The reader's own last questions. They stay in the reader's browser; the server keeps none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.text import Texts

_HERE = Path(__file__).parent


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., object]:
    return st.components.v2.component(
        "xunzhang_history",
        html="<details><summary></summary><ol></ol><button type='button'></button></details>",
        css=(_HERE / "history.css").read_text(encoding="utf-8"),
        js=(_HERE / "history.js").read_text(encoding="utf-8"),
    )


def show_history(asked: str, on_chosen: Callable[[str], None], say: Texts) -> None:
    """The list, folded.

    Args:
        asked: the question that was just answered, which joins the list; "" for none.
        on_chosen: called, before the page runs again, with the question that was clicked.
    """

    def chosen() -> None:
        question = st.session_state["search_history"].get("chosen")
        if isinstance(question, str):
            on_chosen(question)

    _component()(
        key="search_history",
        data={"asked": asked, "title": say.history, "clear": say.history_clear},
        on_chosen_change=chosen,
    )
