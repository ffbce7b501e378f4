"""Does it help to embed the heading path with a chunk? Measured on sections of documentation.

Two kinds of question, because one alone would mislead:
    sentence   a sentence taken out of the passage; shares nothing with the path by construction
    heading    the heading path itself, as people search documentation; it is in the embedded text
               word for word when the path is, so this shows the upper end of what it can give
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

from app.evaluation.grid import Grid
from app.evaluation.run import evaluate_set
from app.judged import JudgedSet
from indexer.embedding import load, resolve
from indexer.settings import Settings

SET = Path("data/eval/sections_dev")
PASSAGES = 500
CHARACTERS = 500  # of a passage: about a chunk
SEED = 7
WAYS = ("dense", "lexical", "hybrid")


def main() -> None:
    settings = Settings()
    embedder = load(resolve(settings), settings)
    held_out = _held_out(_sections())
    paths = {id_: path for id_, (path, _, _) in held_out.items()}
    plain = {id_: passage for id_, (_, passage, _) in held_out.items()}
    qrels = {id_: {id_: 1} for id_ in held_out}
    print(f"{len(plain)} sections of {SET.name}, {embedder.name}; nDCG@10")
    print("embedded\tquestion\tdense\tlexical\thybrid")
    for name, passages in (
        ("passage alone", plain),
        ("with its path", {id_: f"{paths[id_]}\n{text}" for id_, text in plain.items()}),
    ):
        for kind, questions in (
            ("sentence", {id_: sentence for id_, (_, _, sentence) in held_out.items()}),
            ("heading", paths),
        ):
            judged = JudgedSet(passages, questions, qrels)
            found = evaluate_set(judged, embedder, Grid(WAYS), answerability=False)
            figures = {outcome.setting.way: outcome.metrics["nDCG@10"] for outcome in found.outcomes}
            print("\t".join([name, kind, *(f"{figures[way]:.3f}" for way in WAYS)]))


def _sections() -> dict[str, tuple[str, str]]:
    """Passage id → (heading path, text) of the judged sections."""
    texts = {r["_id"]: r["text"] for r in _lines(SET / "corpus.jsonl")}
    paths = {r["_id"]: r["text"] for r in _lines(SET / "queries.jsonl")}
    pairs = [line.split("\t") for line in (SET / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    return {passage: (paths[query], texts[passage][:CHARACTERS]) for query, passage, _ in pairs}


def _held_out(sections: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str, str]]:
    """Passage id → (path, text without one sentence, that sentence)."""
    rng = random.Random(SEED)
    chosen = {}
    for id_, (path, text) in sections.items():
        sentences = re.findall(r"[^。！？\n]{15,80}[。！？]", text)
        plain = [s.strip() for s in sentences if len(re.findall(r"[\u4e00-\u9fff]", s)) >= 12]
        if len(plain) >= 3:
            sentence = rng.choice(plain)
            chosen[id_] = (path, text.replace(sentence, ""), sentence)
        if len(chosen) == PASSAGES:
            break
    return chosen


def _lines(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
