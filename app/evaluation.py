"""How well does a model, at a dimension, in a mode, find what is known to be right?

Judged sets in BEIR form: corpus.jsonl and queries.jsonl (`_id` or `id`, `text`, optional `title`),
qrels.tsv (query-id, corpus-id, score, with a header line). The searches are the real ones, in Qdrant.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from app.searcher import Mode, Searcher
from indexer.chunking import chunk_document, embedded_texts
from indexer.embedding import Embedder, Vectors, check_dim
from indexer.errors import XunzhangError
from indexer.model import Document
from indexer.store import IndexSpec, ReplaceSource, chunk_id, source_id
from indexer.store.edge import EdgeStore
from indexer.words import passage_vector, query_vector

# "dense" ranks by the short vectors alone, "two-stage" rescores what they find with the full ones;
# "hybrid" is what a reader gets.
EvaluatedMode = Literal["dense", "two-stage", "lexical", "hybrid"]
EVALUATED_MODES: tuple[EvaluatedMode, ...] = ("dense", "two-stage", "lexical", "hybrid")
METRICS = ("nDCG@10", "R@1", "R@10", "RR@10")  # in ir_measures' notation; RR@10 averages to MRR@10

_DEPTH = 30  # hits asked for, so that ten different passages remain of those cut in several chunks
_SLICE = 256  # texts embedded between two reports of progress


class JudgedSetError(XunzhangError):
    """A file of a judged set is not as it should be."""


@dataclass(frozen=True, slots=True)
class JudgedSet:
    passages: Mapping[str, str]  # id → text, its title before it
    queries: Mapping[str, str]  # id → question; only those that are judged
    qrels: Mapping[str, Mapping[str, int]]  # query id → passage id → grade, 0 is not relevant


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way of searching, over all questions."""

    mode: EvaluatedMode
    dim: int
    metrics: Mapping[str, float]


def read_judged_set(corpus: Path, queries: Path, qrels: Path) -> JudgedSet:
    """Read a set in BEIR form.

    Raises:
        JudgedSetError: a line is not as it should be (named), or no question is judged.
        OSError: a file can't be read.
    """
    passages = _read_texts(corpus)
    questions = _read_texts(queries)
    judged: dict[str, dict[str, int]] = {}
    for number, line in enumerate(qrels.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split("\t")
        is_header = number == 1 and len(fields) == 3 and not fields[2].lstrip("-").isdigit()
        if is_header or not line.strip():
            continue
        try:
            query, passage, grade = fields
            judged.setdefault(query, {})[passage] = int(grade)
        except ValueError as error:
            raise JudgedSetError(
                f"{qrels}, line {number}: {line!r} is not query-id, corpus-id, score"
            ) from error
        if query not in questions or passage not in passages:
            missing = query if query not in questions else passage
            raise JudgedSetError(f"{qrels}, line {number}: there is no {missing!r} in the set")
    if not judged:
        raise JudgedSetError(f"{qrels}: no judgements in it")
    return JudgedSet(passages, {id_: questions[id_] for id_ in judged}, judged)


def evaluate(
    judged: JudgedSet,
    embedder: Embedder,
    modes: Sequence[EvaluatedMode] = EVALUATED_MODES,
    dims: Sequence[int] = (),
    on_progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> list[Outcome]:
    """Embed once at full length, then search in every mode at every dimension.

    A passage longer than the model's window is cut into chunks, and counts by its best one: nothing
    is left out silently.

    Args:
        dims: of the searched vectors; none: the full one.
        on_progress: called with what is being done, how far it is, and how far it goes.

    Raises:
        DimensionError: the model has no such dimension; nothing was embedded yet.
    """
    dims = dims or (embedder.full_dim,)
    for dim in dims:
        check_dim(dim, embedder.full_dim, embedder.matryoshka_dims)
    chunks = [(passage, part) for passage, text in judged.passages.items() for part in _parts(text, embedder)]
    vectors = _embed(embedder.embed_passages, [text for _, text in chunks], "passages", on_progress)
    questions = list(judged.queries)
    asked = _embed(
        embedder.embed_queries, [judged.queries[id_] for id_ in questions], "questions", on_progress
    )
    outcomes = []
    for dim in dims:
        with tempfile.TemporaryDirectory(prefix="xunzhang-evaluate-") as folder:
            store = _build(Path(folder), embedder, dim, chunks, vectors)
            searcher = Searcher(store, lambda: embedder)
            try:
                for mode in modes:
                    run = {}
                    for number, (id_, vector) in enumerate(zip(questions, asked, strict=True)):
                        run[id_] = _passages(searcher, judged.queries[id_], vector, mode)
                        on_progress(f"{mode} at {dim}", number + 1, len(questions))
                    outcomes.append(Outcome(mode, dim, measure(judged.qrels, run)))
            finally:
                store.close()
    return outcomes


def measure(
    qrels: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Means over the judged questions; one that found nothing counts 0.

    Computed by ir_measures (MacAvaney et al. 2022), which wraps trec_eval.
    """
    import ir_measures

    measures = [ir_measures.parse_measure(name) for name in METRICS]
    values = ir_measures.calc_aggregate(measures, qrels, run)
    return {name: float(values[parsed]) for name, parsed in zip(METRICS, measures, strict=True)}


def _parts(text: str, embedder: Embedder) -> list[str]:
    """A passage as it is embedded: whole where the model's window allows."""
    chunks = chunk_document(Document(text, ""), embedder.count_tokens, embedder.max_tokens)
    return embedded_texts("", chunks, embedder.count_tokens, embedder.max_tokens)


def _passages(searcher: Searcher, question: str, vector: Vectors, mode: EvaluatedMode) -> dict[str, float]:
    """Passages by rank, as scores: trec_eval sorts by score, and equal ones by id."""
    search_mode: Mode = "dense" if mode == "two-stage" else mode
    hits = searcher.rank(vector, query_vector(question), search_mode, _DEPTH, rescore=mode != "dense")
    ranked = dict.fromkeys(hit.shown for hit in hits)
    return {passage: float(-rank) for rank, passage in enumerate(ranked)}


def _build(
    folder: Path, embedder: Embedder, dim: int, chunks: Sequence[tuple[str, str]], vectors: Vectors
) -> EdgeStore:
    spec = IndexSpec(embedder.name, embedder.fingerprint, embedder.full_dim, dim, embedder.max_tokens, 0)
    store = EdgeStore(folder, spec)
    tickets = []
    for at in range(0, len(chunks), _SLICE):
        part = chunks[at : at + _SLICE]
        name = str(at)
        tickets.append(
            store.apply(
                ReplaceSource(
                    source_id("evaluate", name),
                    [chunk_id("evaluate", name, "", i) for i in range(len(part))],
                    [_payload(passage, text, name, i) for i, (passage, text) in enumerate(part)],
                    vectors[at : at + len(part)],
                    [passage_vector(text) for _, text in part],
                )
            )
        )
    store.wait(tickets, timeout_seconds=600)
    return store


def _payload(passage: str, text: str, name: str, ordinal: int) -> dict[str, Any]:
    return {
        "source_id": source_id("evaluate", name),
        "source": passage,
        "shown": passage,
        "title": "",
        "headings": [],
        "ordinal": ordinal,
        "text": text,
    }


def _embed(
    embed: Callable[[Sequence[str]], Vectors],
    texts: Sequence[str],
    what: str,
    on_progress: Callable[[str, int, int], None],
) -> Vectors:
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # texts of a length waste no padding
    parts = []
    for at in range(0, len(order), _SLICE):
        parts.append(embed([texts[i] for i in order[at : at + _SLICE]]))
        on_progress(what, min(at + _SLICE, len(order)), len(order))
    vectors = np.concatenate(parts)
    vectors[order] = vectors.copy()
    return vectors


def _read_texts(file: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
                id_ = str(record["_id"] if "_id" in record else record["id"])
                text = record["text"]
            except (json.JSONDecodeError, KeyError, TypeError) as error:
                raise JudgedSetError(f"{file}, line {number}: must be JSON with _id and text") from error
            if id_ in texts:
                raise JudgedSetError(f"{file}, line {number}: the id {id_!r} occurs twice")
            title = record.get("title")
            texts[id_] = f"{title}\n{text}" if title else text
    return texts
