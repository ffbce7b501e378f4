"""What short vectors of the compact model lose, and what a rotation gives back.

    python -m benchmarks.rotation                             measures the shipped rotation (10 minutes)
    python -m benchmarks.rotation --train FOLDER --out FILE   makes it again, and measures it (an hour)

FOLDER holds retrieval_NAME.jsonl.gz with lines of query, passage, source. Where they are from:
    classical   classical Chinese sentences from modern ones; NiuTrans/Classical-Modern, MIT
    law         articles from statute and chapter; statutes of the People's Republic of China, collected in
                LawRefBook/Laws; laws and regulations are not under copyright (Copyright Law, article 5)
    sections    sections of documentation from their headings; pingcap/docs-cn CC BY-SA 3.0,
                vuejs-translations/docs-zh-cn CC BY 4.0, d2l-ai/d2l-zh and Snailclimb/JavaGuide Apache-2.0
    counsel     answers to people who seek advice; qiuhuachuan/smile, CC0
    medical     answers to questions about illness; SCIR-HI/Huatuo-Llama-Med-Chinese, Apache-2.0
No set that is measured on is learnt from.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.evaluation.metrics import measure
from app.judged import JudgedSet, read_judged_set
from indexer.chunking import chunk_document, embedded_texts
from indexer.embedding import Embedder, Vectors, load, resolve, shorten
from indexer.embedding.fit_rotation import fit_rotation
from indexer.embedding.rotation import Rotation, shipped_rotation, write_rotation
from indexer.model import Document
from indexer.settings import Settings

SETS = ("classical_dev", "sections_dev")
DIMS = (384, 256, 192, 128, 64, 32)
PAIRS = {"classical": 12_000, "law": 5_000, "medical": 3_000, "sections": 2_500, "counsel": 1_000}
# How often they count: documentation has few pairs, and is what people index.
WEIGHTS = {"sections": 4, "counsel": 2}
STEPS = 500
CHARACTERS = 350  # of a text that is learnt from
SEED = 7


@dataclass(frozen=True, slots=True)
class Embedded:
    """A judged set as vectors."""

    judged: JudgedSet
    owners: Sequence[str]  # the passage that each part is of
    parts: Vectors
    queries: Vectors


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rotation")
    parser.add_argument("--train", type=Path, help="folder of retrieval_NAME.jsonl.gz to learn from")
    parser.add_argument("--out", type=Path, help="where to write what was learnt")
    parser.add_argument("--vectors", type=Path, help="folder that keeps vectors for the next run")
    options = parser.parse_args(arguments)
    settings = Settings(model="compact")
    embedder = load(resolve(settings), settings)
    found = {"shipped": shipped_rotation(embedder.fingerprint)}
    if options.train:
        questions, passages = learnt_from(options.train, embedder, options.vectors)
        found = {
            "principal directions": fit_rotation(passages, None, DIMS, steps=0),
            "learnt": fit_rotation(
                passages, (questions, passages), DIMS, steps=STEPS, seed=SEED, on_progress=_show
            ),
        }
        if options.out and found["learnt"]:
            write_rotation(found["learnt"], options.out, embedder.fingerprint)
    print("\t".join(["set", "vectors", *map(str, DIMS), "largest change of a full cosine"]))
    for name in SETS:
        _report(_judged(name, embedder, options.vectors), name, found)


def _report(embedded: Embedded, name: str, found: Mapping[str, Rotation | None]) -> None:
    print("\t".join([name, "plain", *(f"{ndcg(embedded, dim):.3f}" for dim in DIMS), ""]))
    plain = embedded.queries @ embedded.parts.T
    # What a reader's own index could learn without any questions.
    own = fit_rotation(embedded.parts, None, DIMS, steps=0)
    for way, rotation in {"its own principal directions": own, **found}.items():
        if rotation is not None:
            turned = turn(embedded, rotation)
            change = np.max(np.abs(turned.queries @ turned.parts.T - plain))
            figures = [f"{ndcg(turned, dim):.3f}" for dim in DIMS]
            print("\t".join([name, way, *figures, f"{change:.1e}"]), flush=True)


def turn(embedded: Embedded, rotation: Rotation) -> Embedded:
    parts, queries = (side @ rotation.matrix for side in (embedded.parts, embedded.queries))
    return Embedded(embedded.judged, embedded.owners, parts, queries)


def ndcg(embedded: Embedded, dim: int) -> float:
    """Mean nDCG@10 by exact cosine; a passage counts by its best part."""
    parts, found = shorten(embedded.parts, dim), {}
    for id_, query in zip(embedded.judged.queries, shorten(embedded.queries, dim), strict=True):
        nearest = np.argsort(-(parts @ query))[:200]  # ten passages have fewer parts
        found[id_] = list(dict.fromkeys(embedded.owners[part] for part in nearest))[:10]
    return float(np.mean(measure(embedded.judged.qrels, found)["nDCG@10"]))


def learnt_from(folder: Path, embedder: Embedder, kept: Path | None) -> tuple[Vectors, Vectors]:
    """Questions and their passages, (m, full_dim) each, of all sources."""
    measured = frozenset(query for name in SETS for query in _read_set(name).queries.values())
    sides: list[tuple[Vectors, Vectors]] = []
    for name, count in PAIRS.items():
        pairs = read_pairs(folder / f"retrieval_{name}.jsonl.gz", count, measured)
        questions, passages = ([pair[side] for pair in pairs] for side in (0, 1))
        side = (
            _vectors(kept, f"train_{name}_queries", embedder.embed_queries, questions),
            _vectors(kept, f"train_{name}_passages", embedder.embed_passages, passages),
        )
        sides += [side] * WEIGHTS.get(name, 1)
    return np.concatenate([side[0] for side in sides]), np.concatenate([side[1] for side in sides])


def read_pairs(file: Path, count: int, measured: frozenset[str]) -> list[tuple[str, str]]:
    """So many (query, passage), chosen from the whole file, less those whose query is measured with."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    if "sections" in file.name:  # most are chapters of statutes, of which `law` has the articles
        records = [record for record in records if record["source"] != "LawRefBook/Laws"]
    chosen = random.Random(SEED).sample(records, count)
    pairs = [(record["query"][:CHARACTERS], record["passage"][:CHARACTERS]) for record in chosen]
    return [pair for pair in pairs if all(map(str.strip, pair)) and pair[0] not in measured]


def _judged(name: str, embedder: Embedder, kept: Path | None) -> Embedded:
    judged = _read_set(name)
    count, most = embedder.count_tokens, embedder.max_tokens
    parts = [
        (id_, part)
        for id_, text in judged.passages.items()
        for part in embedded_texts("", chunk_document(Document(text, ""), count, most), count, most)
    ]
    return Embedded(
        judged,
        [id_ for id_, _ in parts],
        _vectors(kept, f"{name}_parts", embedder.embed_passages, [part for _, part in parts]),
        _vectors(kept, f"{name}_queries", embedder.embed_queries, list(judged.queries.values())),
    )


def _read_set(name: str) -> JudgedSet:
    folder = Path("data/eval") / name
    return read_judged_set(folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv")


def _vectors(
    kept: Path | None, name: str, embed: Callable[[Sequence[str]], Vectors], texts: Sequence[str]
) -> Vectors:
    file = kept / f"{name}.npy" if kept else None
    if file and file.is_file():
        return np.asarray(np.load(file), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # texts of a length waste no padding
    parts = []
    for at in range(0, len(order), 256):
        parts.append(embed([texts[i] for i in order[at : at + 256]]))
        _show(name, at, len(order))
    vectors = np.concatenate(parts)
    vectors[order] = vectors.copy()
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, vectors)
    return vectors


def _show(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{what} {done}/{total}\033[K", end="", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
