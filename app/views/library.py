"""The library page: what is indexed and how well it was read; add, read again, remove."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

import streamlit as st

from app import resources
from app.documents import Finding, finding, findings, folder_of, matching, with_problems
from app.jobs import Jobs
from app.plain import displayable, in_markdown
from app.text import Lang
from app.text.library import LIBRARY_TEXTS, MARKS, LibraryTexts
from app.views.failure import log_unexpected, show_failure
from app.views.ingest_job import last_report, show_ingest
from app.views.library_add import show_add
from app.views.library_document import show_document
from app.views.library_judged import show_judged
from app.views.library_pages import score_column
from indexer.catalog import SourceRecord
from indexer.model import Reading
from indexer.settings import Settings
from indexer.store import read_spec

_STYLES = [Path(__file__).with_name(name) for name in ("search.css", "library.css")]
_MOST_PROBLEMS = 100  # listed one by one
_NAME_PIXELS = 300  # of a file's name: with more, the columns at the end are out of sight


def page(lang: Lang, library: str) -> None:
    say = LIBRARY_TEXTS[lang]
    for style in _STYLES:
        st.html(style)
    st.html(f'<header class="xz-head"><h1 class="xz-plain">{say.title}</h1><p>{say.intro}</p></header>')
    try:
        settings = resources.settings(library)
        jobs = resources.ingests(settings.collection)
        records = _records(settings)
    except Exception as error:
        resources.reopen_after(error, library)
        log_unexpected(error)
        show_failure(error, lang)
        return
    if done := st.session_state.pop("library_said", None):
        st.success(done)
    for refused in st.session_state.pop("library_refused", ()):
        st.warning(refused)
    show_ingest(lang, jobs)
    with st.expander(say.add, expanded=not records, icon=":material/add:"):
        show_add(lang, settings, jobs, {record.source for record in records})
    _show_problems(records, jobs, say)
    show_judged(lang, settings)
    st.subheader(say.documents, anchor=False)
    if not records:
        st.caption(say.no_documents)
        return
    record = _choose(records, say)
    if record is not None:
        show_document(lang, settings, jobs, record)


def _records(settings: Settings) -> list[SourceRecord]:
    """What the catalogue has; nothing where there is no index yet."""
    # As it is on disk: opened for an index that has been made anew since, the catalogue would be emptied.
    built = read_spec(settings)
    return resources.catalog(settings.collection, built.index_id).all() if built else []


def _show_problems(records: list[SourceRecord], jobs: Jobs, say: LibraryTexts) -> None:
    """Each file that was not read as a whole, with the reason and what to do."""
    troubled = with_problems(records)
    if troubled:
        with st.expander(
            say.problems_title.format(number=len(troubled)), icon=":material/report:", key="xz-problems"
        ):
            for record in troubled[:_MOST_PROBLEMS]:
                _show_problem(record, say)
    skipped = [s for s in last_report(jobs).get("sources", ()) if s["outcome"] == "skipped"]
    if skipped:
        name = in_markdown(Path(skipped[0]["source"]).name)
        st.caption(say.skipped.format(number=len(skipped), name=name))


def _show_problem(record: SourceRecord, say: LibraryTexts) -> None:
    lines = [f"**{in_markdown(record.shown)}**（{say.findings[finding(record)]}）"]
    for kind in dict.fromkeys(problem.kind for problem in record.problems):
        of_kind = [problem for problem in record.problems if problem.kind == kind]
        numbers = [problem.page for problem in of_kind if problem.page]
        pages = f"{say.problem_page.format(page=_ranges(numbers))}{say.list_comma}" if numbers else ""
        reasons = "; ".join(dict.fromkeys(problem.reason for problem in of_kind))
        lines.append(f"- {pages}{say.problems[kind]} :gray[:small[{in_markdown(reasons[:300])}]]")
    st.markdown("\n".join(lines))


def _ranges(numbers: list[int]) -> str:
    """Ascending numbers as "1–3、7"."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return "、".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def _choose(records: list[SourceRecord], say: LibraryTexts) -> SourceRecord | None:
    """The table, and the document whose row is chosen."""
    left, right = st.columns([1, 2], vertical_alignment="center")
    part = left.text_input(
        say.find, key="library_find", type="search", placeholder=say.find, label_visibility="collapsed"
    )
    counts = findings(records)
    offered: list[Finding | Literal[""]] = ["", *counts]
    wanted = right.segmented_control(
        say.finding,
        offered,
        default="",
        required=True,
        format_func=lambda f: f"{say.findings[f]} {counts[f]}" if f else say.all_findings,
        key="library_finding",
        wrap=True,
        label_visibility="collapsed",
    )
    shown = matching(records, part, wanted or None)
    st.caption(f"{say.shown_of.format(shown=len(shown), total=len(records))}　{say.choose_row}")
    table = st.dataframe(
        [_row(record, say) for record in shown],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        # Keyed by what is shown: a row that was chosen among others is another document here.
        key=f"library_table_{hash(tuple(record.source for record in shown))}",
        column_config={
            say.score: score_column(say),
            say.document: st.column_config.TextColumn(width=_NAME_PIXELS),
            say.size: st.column_config.NumberColumn(format="bytes"),
            say.when: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
        },
        placeholder="",
        alt=say.documents,
    )
    rows = table["selection"]["rows"]
    return shown[rows[0]] if rows and rows[0] < len(shown) else None


def _row(record: SourceRecord, say: LibraryTexts) -> dict[str, object]:
    found, reading = finding(record), record.reading
    return {
        say.finding: f"{MARKS[found]} {say.findings[found]}",
        say.score: reading.score if reading else None,
        say.document: displayable(Path(record.shown).name),
        say.folder: displayable(folder_of(record)),
        say.pages: record.pages or None,
        say.chunks: record.chunks,
        say.charset: record.charset,
        say.engine: _engine(reading, say),
        say.size: record.bytes,
        say.when: datetime.fromisoformat(record.ingested_at).astimezone(),
    }


def _engine(reading: Reading | None, say: LibraryTexts) -> str | None:
    """None where nothing read it, or it is not known what did."""
    if reading is None or (reading.verdict == "unreadable" and not reading.engine):
        return None
    return reading.engine or say.engine_own


page(st.session_state["lang"], st.session_state["library"])
