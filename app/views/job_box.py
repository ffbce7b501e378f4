"""The box of a command that runs in the background: what it does, and the button that stops it."""

from __future__ import annotations

import streamlit as st

from app.jobs import Jobs


def show_running(jobs: Jobs, said: str, key: str, *, stop: str, stopping: str) -> None:
    """
    Args:
        said: what runs, as Markdown.
        stop, stopping: the button, and what is said while it takes effect.
    """
    words, button = st.columns([5, 1], vertical_alignment="center")
    words.markdown(said)
    if button.button(stop, key=key, width="stretch"):
        with st.spinner(stopping):
            jobs.stop()
        st.rerun()
