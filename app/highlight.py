"""Which sentence of a passage answers, and which of its words the question asked for; pure."""

from __future__ import annotations

from indexer.chunking import sentence_spans
from indexer.normalize import searchable, searchable_with_origins
from indexer.wholes import in_figures
from indexer.words import STOP_WORDS, Analyzer

Span = tuple[int, int]  # [start, end) in characters


def matched_spans(question: str, text: str, analyzer: Analyzer) -> list[Span]:
    """Where the question's words stand in the text as it is shown, in order, without overlaps.

    Compatibility forms, case and script are folded for the comparison only (ＡＢＣ matches abc, 試 试).
    """
    folded, origins = searchable_with_origins(text)
    marked = [False] * len(text)
    # A question of nothing but stop words is searched by them; marked, they would be everywhere.
    for word in set(analyzer.asked_words(question)) - STOP_WORDS:
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


def best_sentence(question: str, text: str, analyzer: Analyzer) -> Span | None:
    """The sentence with most of what the question asks for; None where no word of it occurs."""
    asked = analyzer.information(question)
    best: tuple[float, Span] | None = None
    for start, end in sentence_spans(text):
        folded = in_figures(searchable(text[start:end]))
        bits = sum(bits for word, bits in asked.items() if word in folded)
        if bits > (best[0] if best else 0.0):
            best = (bits, (start, end))
    return best[1] if best else None


def _inside_latin(folded: str, start: int, end: int) -> bool:
    """Whether [start, end) cuts a run of Latin letters and digits: such a run is one word, and was not
    found by a part of it (ai in email). Chinese words have no such boundaries."""

    def joined(at: int) -> bool:
        return 0 < at < len(folded) and all(c.isascii() and c.isalnum() for c in folded[at - 1 : at + 1])

    return joined(start) or joined(end)
