"""Questions that a smaller setting answers worse, each with both result lists."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from app.evaluation.losses import Broken, broken, overlap
from app.evaluation.naming import metric_name, setting_name
from app.evaluation.run_file import Outcome
from app.evaluation.verdict import searched
from app.plain import displayable, in_markdown
from app.ranking import Mode
from app.text import LANGUAGES, Lang
from app.text.dimensions import DIMENSION_TEXTS, DimensionTexts
from app.views.dimension_lists import two_lists
from app.views.dimension_result import Shown

_SEARCH_PAGE = "app/views/search.py"
# Ways of searching that the search page has too; the others are closest to its dense one.
_SEARCH_MODES: Mapping[str, Mode] = {"lexical": "lexical", "hybrid": "hybrid"}


@st.fragment
def show_broken(shown: Shown, lang: Lang) -> None:
    """Questions that the chosen setting answers worse than the baseline; one of them with both lists."""
    say = DIMENSION_TEXTS[lang]
    run, verdict, metric = shown.run, shown.verdict, shown.metric
    settings = [o for o in searched(run.of(shown.way)) if not o.is_baseline]
    if not settings:
        st.info(say.verdict_nothing_smaller)
        return
    proposed = verdict.setting or verdict.nearest
    setting: Outcome = st.selectbox(
        say.broken_setting,
        settings,
        settings.index(proposed) if proposed in settings else 0,
        format_func=lambda o: setting_name(o, say),
        # Another run has other settings: a choice among these says nothing about those.
        key=f"dimensions_broken_setting_{shown.file}_{shown.way}",
    )
    found = broken(run, setting, metric)
    if not found:
        st.success(say.broken_none)
        return
    st.markdown(say.broken_count.format(count=len(found), lost=sum(b.lost for b in found)))
    chosen: Broken = st.selectbox(
        say.broken_question,
        found,
        format_func=lambda b: _question_label(b, run.questions[b.at].text, say),
        key=f"dimensions_broken_question_{shown.file}_{setting.name}_{metric}",
    )
    question = run.questions[chosen.at]
    st.html(f'<p class="xz-asked">{escape(displayable(question.text))}</p>')
    values = say.broken_values.format(
        metric=in_markdown(metric_name(metric, say)), before=chosen.before, after=chosen.after
    )
    common = say.overlap.format(count=overlap(verdict.baseline.top[chosen.at], setting.top[chosen.at]))
    st.caption(f"{values} · {common}")
    st.html(
        two_lists(
            (setting_name(verdict.baseline, say), verdict.baseline.top[chosen.at]),
            (setting_name(setting, say), setting.top[chosen.at]),
            run.passages.get,
            question.right,
            say,
        )
    )
    listed = {placed.id for placed in (*verdict.baseline.top[chosen.at], *setting.top[chosen.at])}
    for id_ in sorted(question.right - listed):
        if id_ in run.passages:
            text = displayable(run.passages[id_].text)
            st.html(f'<p class="xz-missing">{say.right_unlisted}{escape(text)}</p>')
    st.page_link(
        _SEARCH_PAGE,
        label=say.open_in_search,
        icon=":material/search:",
        query_params={
            "q": question.text,
            "mode": _SEARCH_MODES.get(shown.way.mode, "dense"),
            "lang": LANGUAGES[lang],
        },
    )
    if not run.corpus.is_index:
        st.caption(say.not_in_index)


def _question_label(b: Broken, question: str, say: DimensionTexts) -> str:
    change = f"{b.before:.2f} → {b.after:.2f}"
    return f"{change}{f'（{say.broken_lost}）' if b.lost else ''}　{displayable(question)}"
