"""Search hits as HTML; pure.

Names, headings and passages are data: every piece is escaped, and the only markup round it is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from app.highlight import matched_spans
from app.searcher import Hit, Scores
from app.text import Texts

# Terminal colours and other escape sequences, control characters except tab and line break, and the
# characters that turn the direction of what follows (they make a name look like another).
_INVISIBLE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")  # of file names that are not UTF-8; can't be sent to a browser
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def displayable(text: str) -> str:
    """The text without what would act on the page instead of being read."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _INVISIBLE.sub("", text.replace("\r\n", "\n")))


def cards(question: str, hits: Sequence[Hit], say: Texts) -> str:
    """All hits of an answer, best first."""
    items = "".join(_card(rank, question, hit, say) for rank, hit in enumerate(hits, start=1))
    return f'<ol class="xz-hits">{items}</ol>'


def _card(rank: int, question: str, hit: Hit, say: Texts) -> str:
    folder, _, name = displayable(hit.shown).rpartition("/")
    place = f'<bdi class="xz-folder">{escape(folder)}/</bdi>' if folder else ""
    page = f'<span class="xz-page">{_page(hit.pages, say)}</span>' if hit.pages else ""
    text = displayable(hit.text).strip()
    path = "<span> › </span>".join(f"<bdi>{escape(displayable(heading))}</bdi>" for heading in hit.headings)
    return (
        f'<li class="xz-hit"><div class="xz-source"><span class="xz-rank">{rank}</span>'
        f'<span class="xz-path">{place}<bdi class="xz-name">{escape(name)}</bdi>{page}</span></div>'
        + (f'<div class="xz-headings">{path}</div>' if path else "")
        + f'<div class="xz-passage" lang="zh" dir="auto">{_marked(question, text)}</div>'
        + f'<dl class="xz-scores">{"".join(_scores(hit.scores, say))}</dl></li>'
    )


def _marked(question: str, text: str) -> str:
    pieces, done = [], 0
    for start, end in matched_spans(question, text):
        pieces += [escape(text[done:start]), f"<mark>{escape(text[start:end])}</mark>"]
        done = end
    # A whole blank line between paragraphs makes a passage twice as long as it reads.
    return _BLANK_LINES.sub('<span class="xz-gap"></span>', "".join([*pieces, escape(text[done:])]))


def _page(pages: tuple[int, int], say: Texts) -> str:
    first, last = pages
    return say.page.format(first=first) if first == last else say.pages.format(first=first, last=last)


def _scores(scores: Scores, say: Texts) -> Iterator[str]:
    """Those that this mode computed."""
    for label, meaning, score, digits in (
        (say.cosine, say.cosine_help, scores.cosine, 3),
        (say.lexical, say.lexical_help, scores.lexical, 2),
        (say.fused, say.fused_help, scores.fused, 3),
    ):
        if score is not None:
            yield f'<div title="{escape(meaning)}"><dt>{label}</dt><dd>{score:.{digits}f}</dd></div>'
