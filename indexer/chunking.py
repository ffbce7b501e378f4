"""Cut a document into chunks: by headings, then paragraphs, then sentences; pure.

No text is lost and none exceeds the budget, whatever the document looks like: where a sentence
is too long it is cut at clauses, then at spaces, then between characters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from indexer.folding import typed
from indexer.model import Chunk, Document, Heading
from indexer.normalize import embeddable

CountTokens = Callable[[Sequence[str]], list[int]]  # of each of n texts

# A sentence ends after these, together with the quotes and brackets that close behind them.
_SENTENCE = re.compile(r"[^。！？!?；;…\n]*(?:[。！？!?；;…]+[”’」』）】》)\"']*|\n)\s*|[^。！？!?；;…\n]+\Z")
_CLAUSE = re.compile(r"[^，、：,:]*[，、：,:]+\s*|[^，、：,:]+\Z")
_WORD = re.compile(r"\S*\s+|\S+\Z")
_SPACES = re.compile(r"\s{2,}")

_MAX_CONTEXT_SHARE = 0.25  # of the budget that the heading path may take when it is embedded too


@dataclass(frozen=True, slots=True)
class _Piece:
    """The smallest unit that is moved as a whole: a sentence, or a part of one too long."""

    start: int
    end: int
    tokens: int  # of its text alone, without special tokens
    ends_paragraph: bool


def chunk_document(
    document: Document, count_tokens: CountTokens, max_tokens: int, overlap_tokens: int = 0
) -> list[Chunk]:
    """Cut `document` into chunks.

    Args:
        count_tokens: the model's own count for each of n texts, prompt and special tokens included.
        max_tokens: most tokens of a chunk together with its context (see `embedded_texts`).
        overlap_tokens: most tokens repeated from the chunk before, in whole sentences, and only
            within one section: across a heading nothing is repeated.

    Returns:
        Chunks in document order; `chunk.text[chunk.overlap:]` of all, joined, is `document.text`.
        None for a document without a visible character.
    """
    if not document.text.strip():
        return []
    overhead = count_tokens([""])[0]

    def measure(texts: Sequence[str]) -> list[int]:
        counts = count_tokens([_collapse_spaces(typed(text).text) for text in texts])
        return [max(count - overhead, 0) for count in counts]

    spans: list[tuple[int, int, int, tuple[str, ...]]] = []  # start, core start, end, path
    for start, end, path in _sections(document):
        context_tokens = measure(["\n".join(_context(document.title, path))])[0]
        budget = max_tokens - overhead - min(context_tokens, int(max_tokens * _MAX_CONTEXT_SHARE))
        pieces = _pieces(document.text, start, end, measure, budget - overlap_tokens)
        if sum(piece.tokens for piece in pieces) <= budget:
            spans.append((start, start, end, path))
            continue
        cuts = _pack(pieces, budget - overlap_tokens)
        for first, last in pairwise(cuts):
            begin = _overlap_start(pieces, first, overlap_tokens) if first else 0
            spans.append((pieces[begin].start, pieces[first].start, pieces[last - 1].end, path))
    return [
        Chunk(
            ordinal=ordinal,
            text=document.text[start:end],
            start=start,
            end=end,
            overlap=core - start,
            headings=path,
            pages=_pages(document, core, end),
        )
        for ordinal, (start, core, end, path) in enumerate(_without_blanks(document.text, spans))
    ]


def with_context(title: str, headings: tuple[str, ...], text: str) -> str:
    """A passage under its title and heading path, without which an article does not say of which law."""
    return "\n".join([*_context(title, headings), text])


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """[start, end) of each sentence, without the white space round it."""
    spans = []
    for start, end in _split(text, 0, len(text), _SENTENCE):
        sentence = text[start:end]
        if sentence.strip():
            spans.append((end - len(sentence.lstrip()), start + len(sentence.rstrip())))
    return spans


def embedded_texts(
    title: str, chunks: Sequence[Chunk], count_tokens: CountTokens, max_tokens: int
) -> list[str]:
    """What is embedded for each chunk: title and heading path, then the passage, without the accidents of
    print and fonts (see `normalize.embeddable`).

    An article reads "试用期最长不得超过六个月" and only its path says of which law. Where the path
    is too long for the budget, its outermost parts are left out.
    """
    contexts = [[embeddable(part) for part in _context(title, chunk.headings)] for chunk in chunks]
    passages = [_embedded(chunk.text) for chunk in chunks]
    while True:
        texts = ["\n".join([*context, passage]) for context, passage in zip(contexts, passages, strict=True)]
        over = [i for i, count in enumerate(count_tokens(texts)) if count > max_tokens and contexts[i]]
        if not over:
            return texts
        for i in over:
            contexts[i] = contexts[i][1:]


def _embedded(text: str) -> str:
    # A passage of nothing but characters without width is embedded as it is: something must be.
    return _collapse_spaces(embeddable(text)).strip() or _collapse_spaces(text).strip()


def _collapse_spaces(text: str) -> str:
    """Runs of white space say nothing to a model, but some tokenizers count every character."""
    return _SPACES.sub(lambda run: "\n" if "\n" in run.group() else " ", text)


def _context(title: str, path: tuple[str, ...]) -> list[str]:
    return [part for part in (path if title in path else (title, *path)) if part.strip()]


def _sections(document: Document) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Spans between headings, with their heading paths; a heading without a body goes with the next."""
    text = document.text
    starts: list[tuple[int, tuple[str, ...]]] = []
    if not document.headings or document.headings[0].start > 0:
        starts.append((0, ()))
    starts += [(heading.start, path) for heading, path in _paths(document.headings)]
    begin = 0
    pending: tuple[int, int, tuple[str, ...]] | None = None
    for index, (start, path) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(text)
        body = text[start:end].strip()
        if not body or (path and body == path[-1].strip()):
            continue  # `begin` stays: the line goes with what follows
        if pending:
            yield pending
        pending = (begin, end, path)
        begin = end
    if pending:
        yield (pending[0], len(text), pending[2])
    else:  # nothing but headings
        yield (0, len(text), starts[-1][1])


def _paths(headings: Sequence[Heading]) -> Iterator[tuple[Heading, tuple[str, ...]]]:
    open_headings: list[Heading] = []
    for heading in headings:
        while open_headings and open_headings[-1].level >= heading.level:
            open_headings.pop()
        open_headings.append(heading)
        yield heading, tuple(h.title for h in open_headings)


def _pieces(text: str, start: int, end: int, measure: CountTokens, budget: int) -> list[_Piece]:
    """Sentences of a section; one longer than the budget in parts, cut ever finer until all fit."""
    spans = _split(text, start, end, _SENTENCE)
    tokens = measure([text[a:b] for a, b in spans])
    cutters: list[Callable[[int, int], list[tuple[int, int]]]] = [
        lambda a, b: _split(text, a, b, _CLAUSE),
        lambda a, b: _split(text, a, b, _WORD),
        lambda a, b: _halve(text, a, b, measure, budget),
    ]
    for cut in cutters:
        if max(tokens) <= budget:
            break
        spans = [
            part
            for span, count in zip(spans, tokens, strict=True)
            for part in ([span] if count <= budget else cut(*span))
        ]
        tokens = measure([text[a:b] for a, b in spans])
    return [_Piece(a, b, n, "\n" in text[a:b]) for (a, b), n in zip(spans, tokens, strict=True)]


def _split(text: str, start: int, end: int, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    """Spans that `pattern` matches, one after the other, covering [start, end) without a gap."""
    cuts = [match.end() for match in pattern.finditer(text, start, end) if match.end() > match.start()]
    borders = [start, *(cut for cut in cuts if start < cut < end), end]
    return list(pairwise(borders))


def _halve(text: str, start: int, end: int, measure: CountTokens, budget: int) -> list[tuple[int, int]]:
    """Cut an unbroken string between characters. A first cut at `budget` characters keeps this linear."""
    spans = [(at, min(at + budget, end)) for at in range(start, end, budget)]
    done: list[tuple[int, int]] = []
    while spans:
        longer = []
        for (a, b), tokens in zip(spans, measure([text[a:b] for a, b in spans]), strict=True):
            if tokens <= budget or b - a == 1:
                done.append((a, b))
            else:
                longer += [(a, (a + b) // 2), ((a + b) // 2, b)]
        spans = longer
    return sorted(done)


def _pack(pieces: Sequence[_Piece], budget: int) -> list[int]:
    """Where to cut: indices into `pieces`, 0 first, len(pieces) last.

    Chunks come out about equally long (not full ones and a crumb), and end with a paragraph where
    one ends in the second half.
    """
    totals = [0, *accumulate(piece.tokens for piece in pieces)]
    cuts = [0]
    while totals[-1] - totals[cuts[-1]] > budget:
        first, done = cuts[-1], totals[cuts[-1]]
        remaining = totals[-1] - done
        target = remaining / -(-remaining // budget)
        fitting = range(first + 1, bisect_right(totals, done + budget)) or range(first + 1, first + 2)
        paragraphs = [k for k in fitting if pieces[k - 1].ends_paragraph and totals[k] - done >= target / 2]
        cuts.append(min(paragraphs or fitting, key=lambda k: abs(totals[k] - done - target)))
    return [*cuts, len(pieces)] if cuts[-1] < len(pieces) else cuts


def _overlap_start(pieces: Sequence[_Piece], first: int, overlap_tokens: int) -> int:
    begin, tokens = first, 0
    while begin > 0 and (tokens := tokens + pieces[begin - 1].tokens) <= overlap_tokens:
        begin -= 1
    return begin


def _without_blanks(
    text: str, spans: Sequence[tuple[int, int, int, tuple[str, ...]]]
) -> list[tuple[int, int, int, tuple[str, ...]]]:
    """Give white space that would be a chunk of its own to a neighbour: it can't be embedded."""
    kept: list[tuple[int, int, int, tuple[str, ...]]] = []
    for start, core, end, path in spans:
        if not text[core:end].strip():
            if kept:
                kept[-1] = (*kept[-1][:2], end, kept[-1][3])
        elif kept:
            kept.append((start, core, end, path))
        else:
            kept.append((0, 0, end, path))
    return kept


def _pages(document: Document, start: int, end: int) -> tuple[int, int] | None:
    numbers = [page.number for page in document.pages if page.start < end and page.end > start]
    return (numbers[0], numbers[-1]) if numbers else None
