"""What counts as right: judgements, items known to be there, or what full vectors find."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from app.evaluation.material import Material, OnProgress, embed_all
from app.judged import JudgedSet, JudgedSetError, read_judged_set, read_qrels, read_texts
from app.statistics import SEED
from indexer.chunking import sentence_spans
from indexer.embedding import Embedder
from indexer.errors import TextTooLongError, XunzhangError
from indexer.payload import passage_of
from indexer.store import Payload

# judged      by people: a set's qrels, or what was marked in the search page
# known-item  made from the documents themselves: a question's source is what it should find
# agreement   nothing is known to be right; how far a setting finds what full float32 vectors find
TruthKind = Literal["judged", "known-item", "agreement"]

KnownItem = Literal["sentence", "heading", "title"]
KNOWN_ITEMS: tuple[KnownItem, ...] = ("sentence", "heading", "title")

_SENTENCE = (12, 80)  # characters of a sentence that is asked
_FEWEST_SENTENCES = 3  # of a chunk that one is taken from: something must be left to find
_MOST_RIGHT = 50  # chunks of one heading or title; what all fall under asks for nothing


class NoQuestionsError(XunzhangError):
    """There is nothing to evaluate with."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Questions, and what should be found.

    Attributes:
        source: where they come from, for people.
        queries: id → question.
        qrels: question id → passage id → grade; empty for agreement.
        lost: judged passages that are no longer there.
    """

    kind: TruthKind
    source: str
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]
    lost: int = 0

    def sampled(self, most: int | None) -> Truth:
        """At most so many of the questions, drawn with a fixed seed, in their order."""
        if most is None or len(self.queries) <= most:
            return self
        drawn = np.random.default_rng(SEED).choice(len(self.queries), most, replace=False)
        ids = [list(self.queries)[i] for i in sorted(drawn.tolist())]
        return replace(
            self,
            queries={id_: self.queries[id_] for id_ in ids},
            qrels={id_: self.qrels[id_] for id_ in ids if id_ in self.qrels},
        )


def of_set(judged: JudgedSet, name: str) -> Truth:
    return Truth("judged", name, judged.queries, judged.qrels)


def from_files(queries: Path, qrels: Path, material: Material) -> Truth:
    """Judgements of an index: a passage is named by its chunk's id, or by its file as results show it,
    any chunk of which is then right.

    Raises:
        JudgedSetError: a line is wrong, or names nothing that is indexed.
    """
    texts = read_texts(queries)
    rows = _rows_by_name(material)
    found: dict[str, dict[str, int]] = {}
    for number, query, passage, grade in read_qrels(qrels):
        if query not in texts or passage not in rows:
            missing = query if query not in texts else passage
            raise JudgedSetError(
                f"{qrels}, line {number}: there is no {missing!r} among the questions or the indexed chunks "
                "and files; `python -m indexer export` prints the ids of chunks"
            )
        found.setdefault(query, {}).update({material.passages[row]: grade for row in rows[passage]})
    return Truth("judged", queries.name, {id_: texts[id_] for id_ in found}, found)


def from_judgements(folder: Path, material: Material) -> Truth:
    """What was marked in the search page. A chunk that has got another id since is known by its text.

    Raises:
        NoQuestionsError: nothing was marked, or nothing of it is indexed any more.
        JudgedSetError: a file was damaged.
    """
    files = [folder / name for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")]
    if not all(file.is_file() for file in files):
        raise NoQuestionsError(
            "no result has been judged yet; mark results as relevant or not in the search page, give "
            "--queries and --qrels, or let --truth known-item make questions from the documents"
        )
    judged = read_judged_set(*files)
    known = set(material.passages)
    by_text = {payload["text"]: passage for passage, payload in _pairs(material)}
    qrels: dict[str, dict[str, int]] = {}
    lost = 0
    for query, grades in judged.qrels.items():
        for passage, grade in grades.items():
            now = passage if passage in known else by_text.get(judged.passages[passage])
            if now is None:
                lost += 1
            else:
                qrels.setdefault(query, {})[now] = grade
    # A question of which only wrong answers are known tells nothing.
    qrels = {query: grades for query, grades in qrels.items() if max(grades.values()) > 0}
    if not qrels:
        raise NoQuestionsError(
            f"none of the {len(judged.qrels)} judged questions has a relevant passage that is indexed; mark "
            "more results in the search page"
        )
    return Truth("judged", "judged", {id_: judged.queries[id_] for id_ in qrels}, qrels, lost)


def known_items(
    material: Material,
    embedder: Embedder,
    kinds: Sequence[KnownItem],
    questions: int,
    on_progress: OnProgress = lambda what, done, total: None,
) -> tuple[Truth, Material]:
    """Questions made from the documents, as many of each kind as there are, `questions` in all.

    sentence   taken out of its chunk, which is embedded anew without it and should be found by it
    heading    title and heading path; its chunks are right. They are embedded with it, word for word,
               so this is easy
    title      the document's title; every chunk of it is right

    Returns:
        The truth, and the material without the sentences that were taken out.

    Raises:
        NoQuestionsError: the documents give none.
    """
    rng = np.random.default_rng(SEED)
    queries: dict[str, str] = {}
    qrels: dict[str, dict[str, int]] = {}
    for position, kind in enumerate(kinds):
        share = (questions - len(queries)) // (len(kinds) - position)
        if kind == "sentence":
            taken = _taken_sentences(material, rng, share)
            material = _without(material, taken, embedder, on_progress)
            asked = [(sentence, [row]) for row, (sentence, _) in taken.items()]
        else:
            asked = _places(material, rng, share, kind)
        for number, (question, rows) in enumerate(asked):
            queries[f"{kind}-{number}"] = question
            qrels[f"{kind}-{number}"] = {material.passages[row]: 1 for row in rows}
    if not queries:
        raise NoQuestionsError(
            f"the {len(material.ids)} indexed chunks give no questions of the kind {', '.join(kinds)}; index "
            "more documents, or ask another kind"
        )
    return Truth("known-item", ", ".join(kinds), queries, qrels), material


def agreement(material: Material, queries: Path | None, questions: int) -> Truth:
    """Questions without answers: of a file, or sentences of the documents.

    Raises:
        NoQuestionsError, JudgedSetError: there are none, or the file is wrong.
    """
    if queries:
        return Truth("agreement", queries.name, read_texts(queries), {})
    taken = _taken_sentences(material, np.random.default_rng(SEED), questions)
    if not taken:
        raise NoQuestionsError("the indexed chunks have no sentences to ask; give --queries FILE")
    asked = {f"sentence-{n}": sentence for n, (sentence, _) in enumerate(taken.values())}
    return Truth("agreement", "sentence", asked, {})


def _rows_by_name(material: Material) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, (passage, payload) in enumerate(_pairs(material)):
        rows[passage].append(row)
        rows[payload["shown"]].append(row)
    return rows


def _pairs(material: Material) -> Iterable[tuple[str, Payload]]:
    return zip(material.passages, material.payloads, strict=True)


def _taken_sentences(material: Material, rng: np.random.Generator, most: int) -> dict[int, tuple[str, str]]:
    """Row → a sentence of its chunk that occurs nowhere else, and the chunk's text without it."""
    sentences = [
        [payload["text"][start:end].strip() for start, end in sentence_spans(payload["text"])]
        for payload in material.payloads
    ]
    # Also in the overlap of the chunk before, or in a copy of the document: then nothing is held out.
    seen = Counter(sentence for found in sentences for sentence in set(found))
    taken: dict[int, tuple[str, str]] = {}
    for row in rng.permutation(len(sentences)).tolist():
        if len(taken) == most:
            break
        if len(sentences[row]) < _FEWEST_SENTENCES:
            continue
        fit = [
            s
            for s in sentences[row]
            if _SENTENCE[0] <= len(s) <= _SENTENCE[1] and _is_prose(s) and seen[s] == 1
        ]
        if fit:
            sentence = fit[int(rng.integers(len(fit)))]
            taken[row] = (sentence, material.payloads[row]["text"].replace(sentence, "", 1))
    return taken


def _is_prose(sentence: str) -> bool:
    """Mostly Han, and no heading."""
    han = sum("\u4e00" <= character <= "\u9fff" for character in sentence)
    return han >= 0.6 * len(sentence) and not sentence.startswith("#")


def _without(
    material: Material, taken: Mapping[int, tuple[str, str]], embedder: Embedder, on_progress: OnProgress
) -> Material:
    payloads = list(material.payloads)
    for row, (_, text) in taken.items():
        payloads[row] = {**payloads[row], "text": text}
    texts = [passage_of(payloads[row]) for row in taken]
    fitting = [
        text if count <= embedder.max_tokens else payloads[row]["text"]
        for row, text, count in zip(taken, texts, embedder.count_tokens(texts), strict=True)
    ]
    try:
        vectors = embed_all(embedder.embed_passages, fitting, "chunks without their sentence", on_progress)
    except TextTooLongError as error:
        raise NoQuestionsError(f"a chunk can't be embedded without its sentence: {error}") from error
    changed = np.array(material.vectors)
    if taken:
        changed[list(taken)] = vectors
    return replace(material, payloads=payloads, vectors=changed)


def _places(
    material: Material, rng: np.random.Generator, most: int, kind: KnownItem
) -> list[tuple[str, list[int]]]:
    """Titles, or titles with heading paths, and the rows under each."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, payload in enumerate(material.payloads):
        headings = payload["headings"] if kind == "heading" else []
        if payload["title"] and (headings or kind == "title"):
            rows[" ".join(dict.fromkeys([payload["title"], *headings]))].append(row)
    usable = [(name, found) for name, found in rows.items() if len(found) <= _MOST_RIGHT]
    chosen = rng.permutation(len(usable))[:most].tolist()
    return [usable[i] for i in sorted(chosen)]
