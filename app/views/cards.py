"""Search hits as HTML; pure.

Names, headings and passages are data: every piece is escaped, and the only markup round it is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import pairwise

from app.plain import displayable
from app.question import Question
from app.ranking import Scores
from app.searcher import Hit
from app.text import Texts

_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def what_was_understood(question: Question, say: Texts) -> str:
    """What of the question was not taken as plain text; empty if nothing was."""
    places = [
        (say.filter_names[name], value)
        for name, values in (question.filters or {}).items()
        for value in values
    ]
    places += [(say.title_filter, title) for title in question.titles]
    parts = [
        (say.must_have, [f"“{phrase}”" for phrase in question.phrases]),
        (say.must_not_have, list(question.excluded)),
        (say.only_in, [f"{name} {value}" for name, value in places]),
    ]
    said = "　".join(
        label + "、".join(escape(displayable(p)) for p in found) for label, found in parts if found
    )
    return f'<p class="xz-understood">{said}</p>' if said else ""


def card(rank: int, hit: Hit, weak: bool, say: Texts) -> str:
    """A hit.

    Args:
        rank: from 1.
        weak: whether it is below the threshold of relevance.
    """
    folder, _, name = displayable(hit.shown).rpartition("/")
    place = f'<bdi class="xz-folder">{escape(folder)}/</bdi>' if folder else ""
    page = f'<span class="xz-page">{_page(hit.pages, say)}</span>' if hit.pages else ""
    badge = f'<span class="xz-badge">{say.weak}</span>' if weak else ""
    path = "<span> › </span>".join(f"<bdi>{escape(displayable(heading))}</bdi>" for heading in hit.headings)
    also = "".join(f"<li><bdi>{escape(displayable(other))}</bdi></li>" for other in hit.also)
    return (
        f'<article class="xz-hit{" xz-weak" if weak else ""}">'
        f'<div class="xz-source"><span class="xz-rank">{rank}</span>'
        f'<span class="xz-path">{place}<bdi class="xz-name">{escape(name)}</bdi>{page}{badge}</span></div>'
        + (f'<div class="xz-headings">{path}</div>' if path else "")
        + f'<div class="xz-passage" lang="zh" dir="auto">{_marked(hit)}</div>'
        + (f'<div class="xz-also">{say.also}<ul>{also}</ul></div>' if also else "")
        + f'<dl class="xz-scores">{"".join(_scores(hit.scores, say))}</dl></article>'
    )


def _marked(hit: Hit) -> str:
    """The passage with its best sentence and the question's words marked."""
    text = hit.text
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    best = hit.best or (0, 0)
    borders = {start, end, *best, *(border for span in hit.matched for border in span)}
    edges = sorted(border for border in borders if start <= border <= end)
    pieces = []
    for a, b in pairwise(edges):
        piece = escape(displayable(text[a:b]))
        if any(first <= a < last for first, last in hit.matched):
            piece = f"<mark>{piece}</mark>"
        if best[0] <= a < best[1]:
            piece = f'<span class="xz-best">{piece}</span>'
        pieces.append(piece)
    # A whole blank line between paragraphs makes a passage twice as long as it reads.
    return _BLANK_LINES.sub('<span class="xz-gap"></span>', "".join(pieces))


def _page(pages: tuple[int, int], say: Texts) -> str:
    first, last = pages
    return say.page.format(first=first) if first == last else say.pages.format(first=first, last=last)


def _scores(scores: Scores, say: Texts) -> Iterator[str]:
    """Those that this mode computed."""
    for label, meaning, score, shape in (
        (say.relevance, say.relevance_help, scores.relevance, "{:.0%}"),
        (say.cosine, say.cosine_help, scores.cosine, "{:.3f}"),
        (say.lexical, say.lexical_help, scores.lexical, "{:.2f}"),
        (say.fused, say.fused_help, scores.fused, "{:.2f}"),
        (say.rerank_score, say.rerank_score_help, scores.rerank, "{:.3f}"),
    ):
        if score is None:
            continue
        shown = shape.format(score)
        if label == say.cosine and scores.percentile is not None:
            shown += f" <small>({say.percentile.format(share=scores.percentile)})</small>"
        yield f'<div title="{escape(meaning)}"><dt>{label}</dt><dd>{shown}</dd></div>'
