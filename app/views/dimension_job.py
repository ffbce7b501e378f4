"""The command in the background: started, watched, stopped."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.evaluation.naming import duration, source_name, step_name
from app.jobs import Job, JobRunningError, Jobs, Kind, Progress
from app.plain import in_markdown
from app.text import Lang
from app.text.dimensions import DIMENSION_TEXTS, DimensionTexts
from app.views.failure import log_unexpected, show_failed_job, show_failure
from app.views.job_box import show_running
from indexer.progress import WAITING

_LOOK_SECONDS = 1.0


def start_job(
    lang: Lang,
    jobs: Jobs,
    kind: Kind,
    module: str,
    arguments: Sequence[str],
    subject: str,
    *,
    makes_run: bool = False,
) -> None:
    """Start a command and show it; a failure to start is told in place."""
    try:
        with st.spinner(DIMENSION_TEXTS[lang].job_starting):
            jobs.start(kind, module, arguments, subject, makes_run=makes_run)
    except JobRunningError:
        st.warning(DIMENSION_TEXTS[lang].job_busy)
        return
    except OSError as error:
        log_unexpected(error)
        show_failure(error, lang)
        return
    st.rerun()


def show_job(lang: Lang, jobs: Jobs) -> None:
    """The command that runs, looked after each second; or how the last one ended."""
    job = jobs.current()
    if job is None:
        return
    if job.state == "running":
        st.session_state["dimensions_job"] = job.id
        st.fragment(_watch, run_every=_LOOK_SECONDS)(lang, jobs)
    elif job.state in ("failed", "broken off") or job.id == st.session_state.get("dimensions_job"):
        # What ended well is told to who saw it run; later it is no news.
        _show_end(job, lang)


def _watch(lang: Lang, jobs: Jobs) -> None:
    say = DIMENSION_TEXTS[lang]
    job = jobs.current()
    if job is None or job.state != "running":
        if job and job.state == "finished" and job.run:
            st.session_state["dimensions_newest"] = job.run
        st.rerun()
    with st.container(border=True):
        said = say.job_running[job.kind].format(subject=in_markdown(source_name(job.subject, say)))
        show_running(jobs, said, "dimensions_stop", stop=say.stop, stopping=say.stopping)
        if job.progress is None:
            st.progress(0.0, say.job_starting)
        else:
            st.progress(job.progress.share, _said(job.progress, say))


def _show_end(job: Job, lang: Lang) -> None:
    say = DIMENSION_TEXTS[lang]
    if job.state == "finished":
        st.success(say.job_ended[job.kind].format(subject=in_markdown(job.subject)), icon=":material/check:")
    elif job.state == "failed":
        show_failed_job(say.job_failed, job.error_kind, job.error, lang)
    else:
        st.info(say.job_stopped if job.state == "stopped" else say.job_broken_off)


def _said(progress: Progress, say: DimensionTexts) -> str:
    step = in_markdown(step_name(progress.what, say))
    if progress.what == WAITING:
        return step
    said = say.progress.format(step=step, done=progress.done, total=progress.total)
    if progress.left_seconds is None or progress.done >= progress.total:
        return said
    return f"{said} · {say.progress_left.format(left=duration(progress.left_seconds, say))}"
