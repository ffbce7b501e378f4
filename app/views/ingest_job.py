"""Indexing in the background: started, watched from any tab, stopped; and how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app.jobs import Job, JobRunningError, Jobs, Progress, place_arguments
from app.plain import in_markdown
from app.text import Lang
from app.text.library import LIBRARY_TEXTS, LibraryTexts
from app.views.failure import log_unexpected, show_failed_job, show_failure
from app.views.job_box import show_running
from indexer.model import OcrMode
from indexer.progress import WAITING
from indexer.settings import Settings
from indexer.store import read_spec

_LOOK_SECONDS = 1.0
_REPORT = "report.json"
_OCR_PIXELS = 180  # of a choice among three words


def start_ingest(
    lang: Lang,
    settings: Settings,
    jobs: Jobs,
    paths: Sequence[Path],
    *,
    mirror: bool = False,
    again: bool = False,
    charset: str | None = None,
    password: str | None = None,
    ocr: OcrMode | None = None,
) -> None:
    """Start `python -m indexer ingest`, and draw the page anew; a failure to start is told in place."""
    say = LIBRARY_TEXTS[lang]
    if is_running(jobs):  # its report is not to be deleted
        st.warning(say.job_busy)
        return
    try:
        built = read_spec(settings)
        arguments = ["ingest", *(str(path.absolute()) for path in paths), *place_arguments(settings)]
        if built:  # whatever the settings say of another library
            arguments += ["--model", built.model, "--dim", str(built.dim)]
        arguments += ["--report", str((jobs.folder / _REPORT).absolute())]
        arguments += ["--mirror"] if mirror else []
        arguments += ["--again"] if again else []
        arguments += ["--encoding", charset] if charset else []
        arguments += ["--ocr", ocr] if ocr else []
        secrets = {"XUNZHANG_DOCUMENT_PASSWORD": password} if password else {}
        jobs.folder.mkdir(parents=True, exist_ok=True)
        (jobs.folder / _REPORT).unlink(missing_ok=True)
        with st.spinner(say.job_starting):
            jobs.start("ingest", "indexer", arguments, ", ".join(p.name for p in paths), secrets=secrets)
    except JobRunningError:
        st.warning(say.job_busy)
        return
    except Exception as error:
        log_unexpected(error)
        show_failure(error, lang)
        return
    st.rerun()


def choose_ocr(lang: Lang, settings: Settings, key: str) -> OcrMode:
    """Where PDFs are to be read from their pictures; as the settings say, unless another is chosen."""
    say = LIBRARY_TEXTS[lang]
    modes = list(say.ocr_modes)
    return st.selectbox(
        say.ocr,
        modes,
        modes.index(settings.ocr),
        format_func=lambda mode: say.ocr_modes[mode],
        help=say.ocr_help,
        key=key,
        width=_OCR_PIXELS,
    )


def is_running(jobs: Jobs) -> bool:
    job = jobs.current()
    return job is not None and job.state == "running"


def last_report(jobs: Jobs) -> Mapping[str, Any]:
    """Of the last ingest that the page started; empty if it left none."""
    try:
        report = json.loads((jobs.folder / _REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return report if isinstance(report, dict) else {}


def show_ingest(lang: Lang, jobs: Jobs) -> None:
    """The one that runs, looked after each second; or how the last one ended."""
    job = jobs.current()
    if job is None:
        return
    if job.state == "running":
        st.fragment(_watch, run_every=_LOOK_SECONDS)(lang, jobs)
    else:
        _show_end(job, jobs, lang)


def _watch(lang: Lang, jobs: Jobs) -> None:
    say = LIBRARY_TEXTS[lang]
    job = jobs.current()
    if job is None or job.state != "running":
        st.rerun()
    with st.container(border=True, key="xz-ingest"):
        said = say.job_running.format(what=in_markdown(job.subject))
        show_running(jobs, said, "ingest_stop", stop=say.stop, stopping=say.stopping)
        if job.progress is None:
            st.progress(0.0, say.job_starting)
        elif job.progress.what == WAITING:
            st.progress(0.0, say.job_waiting)
        else:
            st.progress(job.progress.share, _said(job.progress, say))
            st.caption(in_markdown(job.progress.what))


def _said(progress: Progress, say: LibraryTexts) -> str:
    said = say.job_progress.format(done=progress.done, total=progress.total, chunks=progress.chunks or 0)
    if progress.left_seconds is None or progress.done >= progress.total:
        return said
    return f"{said}{say.list_comma}{say.job_left.format(left=_duration(progress.left_seconds, say))}"


def _duration(seconds: float, say: LibraryTexts) -> str:
    if seconds < 90:
        return say.seconds.format(number=max(1, round(seconds)))
    return say.minutes.format(number=round(seconds / 60))


def _show_end(job: Job, jobs: Jobs, lang: Lang) -> None:
    say = LIBRARY_TEXTS[lang]
    report = last_report(jobs)
    if job.state == "stopped":
        st.info(say.job_stopped)
    elif job.state == "broken off":
        st.warning(say.job_broken_off)
    elif not report or report.get("stopped_by"):
        kind = str(report.get("stopped_kind") or job.error_kind)
        show_failed_job(say.job_failed, kind, str(report.get("stopped_by") or job.error), lang)
    else:
        counts = say.list_comma.join(
            sentence.format(number=number)
            for outcome, sentence in say.outcomes.items()
            if (number := report["counts"].get(outcome))
        )
        whole = job.state == "finished"
        box, icon = (st.success, ":material/check:") if whole else (st.warning, ":material/info:")
        when = job.started.astimezone().strftime("%Y-%m-%d %H:%M")
        box(say.job_done.format(counts=counts, when=when) if counts else say.job_nothing, icon=icon)
