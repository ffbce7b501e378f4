"""The page on dimension and quality: measure, read the verdict, look closer, switch."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import resources
from app.evaluation.naming import metric_name, run_label, way_name
from app.evaluation.run_file import Run, RunFileError
from app.evaluation.verdict import judge
from app.jobs import Jobs, RunName
from app.plain import in_markdown
from app.searcher import Searcher
from app.text import Lang
from app.text.dimensions import DIMENSION_TEXTS, DimensionTexts
from app.views.dimension_charts import Drawn
from app.views.dimension_choice import choose
from app.views.dimension_job import show_job
from app.views.dimension_questions import show_broken
from app.views.dimension_result import Shown, show_charts, show_facts, show_table, show_verdict
from app.views.dimension_side import show_side_by_side
from app.views.dimension_switch import show_rotation, show_switch
from app.views.failure import log_unexpected, show_failure
from indexer.settings import Settings

_STYLES = [Path(__file__).with_name(name) for name in ("search.css", "dimensions.css")]


def page(lang: Lang, collection: str) -> None:
    say = DIMENSION_TEXTS[lang]
    for style in _STYLES:
        st.html(style)
    st.html(f'<header class="xz-head"><h1 class="xz-plain">{say.title}</h1><p>{say.intro}</p></header>')
    try:
        settings = resources.settings(collection)
        jobs = resources.jobs(collection)
    except Exception as error:
        log_unexpected(error)
        show_failure(error, lang)
        return
    searcher = _open(lang, collection)
    model = searcher.store.spec.model if searcher else settings.model
    if searcher:
        _say_now(searcher, say)
    show_job(lang, jobs)
    runs = jobs.runs()
    with st.expander(say.new_run, expanded=not runs, icon=":material/science:"):
        choose(lang, settings, jobs, model, searcher is not None)
    st.subheader(say.results, anchor=False)
    shown = _choose_run(lang, jobs, runs) if runs else None
    if not runs:
        st.caption(say.no_runs)
    _show(lang, settings, jobs, shown, searcher)


def _open(lang: Lang, collection: str) -> Searcher | None:
    """The index; None where there is none, which is told: sets can be measured all the same."""
    try:
        searcher = resources.searcher(collection)
        searcher.store.count()
    except Exception as error:
        resources.reopen_after(error, collection)
        log_unexpected(error)
        show_failure(error, lang)
        return None
    return searcher


def _say_now(searcher: Searcher, say: DimensionTexts) -> None:
    spec = searcher.store.spec
    now = say.index_now.format(
        dim=spec.dim,
        storage=spec.storage,
        # A model may be named by its folder, which is nobody's business here.
        model=in_markdown(Path(spec.model).name),
        full_dim=spec.full_dim,
        chunks=searcher.store.count(),
    )
    st.caption(f"{now} · {say.index_now_rotated}" if spec.rotation else now)


def _choose_run(lang: Lang, jobs: Jobs, runs: list[RunName]) -> Shown | None:
    """The run to look at, and how."""
    say = DIMENSION_TEXTS[lang]
    names = {run.file: run for run in runs}
    newest = st.session_state.pop("dimensions_newest", None)
    if newest in names:
        st.session_state["dimensions_run"] = newest
    left, right, bin_ = st.columns([5, 5, 1], vertical_alignment="bottom")
    file: str = left.selectbox(
        say.run, list(names), format_func=lambda file: run_label(names[file], say), key="dimensions_run"
    )
    others = ["", *(other for other in names if other != file)]
    beside: str = right.selectbox(
        say.compare_with,
        others,
        format_func=lambda file: run_label(names[file], say) if file else say.compare_none,
        key="dimensions_beside",
        disabled=len(others) == 1,
    )
    with bin_.popover("", icon=":material/delete:", help=say.delete):
        if st.button(say.delete_sure, key=f"dimensions_delete_{file}"):
            jobs.delete(file)
            st.rerun()
    try:
        run = jobs.read(file)
        drawn = Drawn(jobs.read(beside), run_label(names[beside], say)) if beside else None
    except RunFileError as error:
        show_failure(error, lang)
        return None
    return _look(file, run, run_label(names[file], say), drawn, say)


def _look(file: str, run: Run, label: str, beside: Drawn | None, say: DimensionTexts) -> Shown:
    """What of the run is looked at."""
    columns = st.columns([4, 3, 4], vertical_alignment="bottom")
    way = columns[0].selectbox(
        say.way, run.ways, format_func=lambda way: way_name(way, say), key=f"dimensions_way_{file}"
    )
    metric = columns[1].selectbox(
        say.metric, run.metrics, format_func=lambda m: metric_name(m, say), key=f"dimensions_metric_{file}"
    )
    tolerance = columns[2].slider(
        say.tolerance, 0.0, 10.0, 1.0, 0.5, format="%.1f", key="dimensions_tolerance", help=say.tolerance_help
    )
    return Shown(file, run, label, beside, way, metric, judge(run, way, tolerance / 100, metric))


def _show(lang: Lang, settings: Settings, jobs: Jobs, shown: Shown | None, searcher: Searcher | None) -> None:
    say = DIMENSION_TEXTS[lang]
    if shown:
        show_verdict(shown, say)
        show_facts(shown.run, say)
    of_run = [say.charts, say.table, say.broken] if shown else []
    of_index = [say.side_by_side, say.switch, say.rotate] if searcher else []
    if not of_run + of_index:
        return
    tabs = dict(zip(of_run + of_index, st.tabs(of_run + of_index), strict=True))
    if shown:
        with tabs[say.charts]:
            show_charts(shown, say)
        with tabs[say.table]:
            show_table(shown, jobs, say)
        with tabs[say.broken]:
            show_broken(shown, lang)
    if searcher:
        with tabs[say.side_by_side]:
            show_side_by_side(searcher, lang)
        with tabs[say.switch]:
            show_switch(searcher, jobs, shown, lang)
        with tabs[say.rotate]:
            show_rotation(settings, jobs, shown, lang)


page(st.session_state["lang"], st.session_state["library"])
