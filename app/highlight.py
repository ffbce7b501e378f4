"""Which words of a passage the question asked for; pure."""

from __future__ import annotations

import unicodedata

from indexer.words import words

# Words too common to say why a passage was found; they count in the ranking (idf makes them light).
_UNMARKED = frozenset(
    [
        *"的了和是在有与或及等也都就而但之于以为被把让对从到由将其这那我你他她它们个中上下不没谁吗呢吧啊么几",
        *("没有", "什么", "怎么", "怎样", "如何", "多少", "多久"),
        *("哪些", "哪个", "哪里", "可以", "一个", "是否"),
        *("the", "a", "an", "of", "to", "in", "is", "are", "and", "or", "what", "how", "which", "who"),
    ]
)

Span = tuple[int, int]  # [start, end) in characters


def matched_spans(question: str, text: str) -> list[Span]:
    """Where the question's words stand in the text as it is shown, in order, without overlaps.

    Compatibility forms and case are folded for the comparison only (ＡＢＣ matches abc).
    """
    folded, origins = _fold(text)
    marked = [False] * len(text)
    for word in set(words(question)) - _UNMARKED:
        at = folded.find(word)
        while at >= 0:
            if not _inside_latin(folded, at, at + len(word)):
                for position in range(origins[at], origins[at + len(word) - 1] + 1):
                    marked[position] = True
            at = folded.find(word, at + 1)
    spans: list[Span] = []
    for position, is_marked in enumerate(marked):
        if not is_marked:
            continue
        if spans and spans[-1][1] == position:
            spans[-1] = (spans[-1][0], position + 1)
        else:
            spans.append((position, position + 1))
    return spans


def _inside_latin(folded: str, start: int, end: int) -> bool:
    """Whether [start, end) cuts a run of Latin letters and digits: such a run is one word, and was not
    found by a part of it (ai in email). Chinese words have no such boundaries."""

    def joined(at: int) -> bool:
        return 0 < at < len(folded) and all(c.isascii() and c.isalnum() for c in folded[at - 1 : at + 1])

    return joined(start) or joined(end)


def _fold(text: str) -> tuple[str, list[int]]:
    """The text as words are compared, and for each of its characters the one it comes from."""
    folded: list[str] = []
    origins: list[int] = []
    for position, character in enumerate(text):
        for part in unicodedata.normalize("NFKC", character).lower():
            folded.append(part)
            origins.append(position)
    return "".join(folded), origins
