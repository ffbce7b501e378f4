"""Which sentence of a passage answers, and which of its words the question asked for; pure."""

from __future__ import annotations

from indexer.chunking import sentence_spans
from indexer.normalize import searchable, searchable_with_origins
from indexer.wholes import in_figures, whole_spans, whole_terms
from indexer.words import STOP_WORDS, Analyzer, occurrences

Span = tuple[int, int]  # [start, end) in characters


def matched_spans(question: str, text: str, analyzer: Analyzer) -> list[Span]:
    """Where the question's words stand in the text as it is shown, in order, without overlaps.

    They are compared as they are searched (ＡＢＣ matches abc, 試 试, 合合同同法法规规 合同法规), and marked
    with all that stands for them in the text.
    """
    folding = searchable_with_origins(text)
    folded = folding.text
    # A question of nothing but stop words is searched by them; marked, they would be everywhere.
    asked = set(analyzer.asked_words(question)) - STOP_WORDS
    found = [(at, at + len(word)) for word in asked for at in occurrences(word, folded)]
    found += [(start, end) for term, start, end in _wholes(folded, question, analyzer) if term in asked]
    marked = [False] * len(text)
    for start, end in found:
        for position in range(*folding.origin(start, end)):
            marked[position] = True
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
        wholes = {term for term, _, _ in _wholes(folded, question, analyzer)}
        bits = sum(bits for word, bits in asked.items() if word in wholes or occurrences(word, folded))
        if bits > (best[0] if best else 0.0):
            best = (bits, (start, end))
    return best[1] if best else None


def _wholes(folded: str, question: str, analyzer: Analyzer) -> list[tuple[str, int, int]]:
    """Numbers and codes of a text, which may be written otherwise than in the question; none where the
    question has none."""
    asked = searchable(question)
    if not whole_terms(asked, analyzer.pieces(asked)):
        return []
    return whole_spans(folded, analyzer.pieces(folded))
