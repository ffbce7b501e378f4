"""Search hits as HTML; pure.

Names, headings and passages are data: every piece is escaped, and the only markup round it is ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from app.passages import Passage
from app.plain import displayable
from app.question import Question
from app.ranking import Scores
from app.searcher import Hit
from app.text import Texts
from indexer.settings import DEFAULT_COLLECTION

_MOST = 0.999  # of random passages; a sample shows no hit to be above all that there are
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


def card(rank: int, hit: Hit, weak: bool, say: Texts, *, names_library: bool = False) -> str:
    """A hit.

    Args:
        rank: from 1.
        weak: whether it is below the threshold of relevance.
        names_library: whether it says which library it is of.
    """
    folder, _, name = displayable(hit.shown).rpartition("/")
    place = f'<bdi class="xz-folder">{escape(folder)}/</bdi>' if folder else ""
    library = (
        f'<bdi class="xz-library">{escape(library_name(hit.collection, say))}</bdi>' if names_library else ""
    )
    page = f'<span class="xz-page">{page_range(hit.pages, say)}</span>' if hit.pages else ""
    day = f'<span class="xz-page">{hit.modified.isoformat()}</span>' if hit.modified else ""
    badge = f'<span class="xz-badge">{say.weak}</span>' if weak else ""
    path = "<span> › </span>".join(f"<bdi>{escape(displayable(heading))}</bdi>" for heading in hit.headings)
    also = "".join(f"<li><bdi>{escape(displayable(other))}</bdi></li>" for other in hit.also)
    return (
        f'<article class="xz-hit{" xz-weak" if weak else ""}" tabindex="0">'
        f'<div class="xz-source"><span class="xz-rank">{rank}</span>'
        f'<span class="xz-path">{library}{place}<bdi class="xz-name">{escape(name)}</bdi>{page}{day}{badge}'
        "</span></div>"
        + (f'<div class="xz-headings">{path}</div>' if path else "")
        + f'<div class="xz-passage" lang="zh" dir="auto">{_marked(hit)}</div>'
        + (f'<div class="xz-also">{say.also}<ul>{also}</ul></div>' if also else "")
        + f'<div class="xz-foot">{_scores(hit.scores, say)}{_copy(hit, say)}</div></article>'
    )


def library_name(collection: str, say: Texts) -> str:
    """As a reader calls it."""
    return say.default_library if collection == DEFAULT_COLLECTION else displayable(collection)


def passages_html(passages: Sequence[Passage], say: Texts, marked: int | None = None) -> str:
    """Stretches of a document under one another, with their borders, headings and pages.

    Args:
        marked: ordinal of the one that was found.
    """
    return "".join(
        f'<section class="xz-part{" xz-found" if passage.ordinal == marked else ""}">'
        f'<div class="xz-headings">{_place_in_document(passage, say)}</div>'
        f'<div class="xz-passage" lang="zh" dir="auto">{_repeated(passage)}'
        f"{_without_gaps(escape(displayable(passage.text.strip())))}</div></section>"
        for passage in passages
    )


def plain_html(text: str) -> str:
    """Text of a document as it is, line by line."""
    return f'<div class="xz-passage" lang="zh" dir="auto">{escape(displayable(text))}</div>'


def _place_in_document(passage: Passage, say: Texts) -> str:
    parts = [say.passage_number.format(number=passage.ordinal + 1)]
    if passage.pages:
        parts.append(page_range(passage.pages, say))
    parts += [f"<bdi>{escape(displayable(heading))}</bdi>" for heading in passage.headings]
    return "<span> › </span>".join(parts)


def _repeated(passage: Passage) -> str:
    repeated = passage.repeated.strip()
    return f'<span class="xz-repeated">{escape(displayable(repeated))}</span>' if repeated else ""


def _copy(hit: Hit, say: Texts) -> str:
    """A button that `browser.js` listens to: the passage, and where it is from."""
    place = [displayable(hit.shown)]
    if hit.pages:
        place.append(page_range(hit.pages, say))
    if hit.headings:
        place.append(" › ".join(displayable(heading) for heading in hit.headings))
    citation = f"{displayable(hit.text.strip())}\n—— {say.list_comma.join(place)}"
    return (
        f'<button type="button" class="xz-copy" data-text="{escape(citation)}" data-done="{say.copied}">'
        f"{say.copy}</button>"
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
    return _without_gaps("".join(pieces))


def _without_gaps(html: str) -> str:
    """A whole blank line between paragraphs makes a passage twice as long as it reads."""
    return _BLANK_LINES.sub('<span class="xz-gap"></span>', html)


def page_range(pages: tuple[int, int], say: Texts) -> str:
    first, last = pages
    return say.page.format(first=first) if first == last else say.pages.format(first=first, last=last)


def _scores(scores: Scores, say: Texts) -> str:
    """The calibrated one as a bar; behind it those that this mode computed, each with its meaning."""
    rows = []
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
            shown += f" <small>({say.percentile.format(share=min(scores.percentile, _MOST))})</small>"
        rows.append(f"<div><dt>{label}</dt><dd>{shown}<p>{escape(meaning)}</p></dd></div>")
    return (
        f'<details class="xz-scores"><summary>{_bar(scores, say)}</summary><dl>{"".join(rows)}</dl></details>'
    )


def _bar(scores: Scores, say: Texts) -> str:
    if scores.relevance is None:
        return say.scores
    share = round(100 * scores.relevance)
    return (
        f'{say.relevance}<span class="xz-bar" role="img" aria-label="{share}%">'
        f'<span style="width: {share}%"></span></span>{share}%'
    )
