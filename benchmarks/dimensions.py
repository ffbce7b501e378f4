"""The grid of the dimension page: quality with compact, speed and size with vectors of Piccolo2's length.

compact       classical_dev, on which short vectors lose: each dimension, storage and index, plain and
              rotated, beside full float32 vectors
piccolo2      a model of Piccolo2's modules and dimensions with random weights, on the same passages:
              speed and size only, since what it ranks means nothing
100,000       as many synthetic vectors of 1792 dimensions, for the memory that an evaluation takes
"""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

import numpy as np

from app.evaluation.grid import Grid
from app.evaluation.material import Material, from_set
from app.evaluation.run import Outcome, evaluate
from app.evaluation.truth import Truth, of_set
from app.judged import read_judged_set
from indexer.embedding import Vectors, load, resolve, shorten
from indexer.embedding.rotation import shipped_rotation
from indexer.settings import Settings
from indexer.store import STORAGES
from tests.checkpoints import MATRYOSHKA_DIMS, make_piccolo2_checkpoint

SET = Path("data/eval/classical_dev")
CACHE = Settings().index_dir / ".evaluation"
QUESTIONS = 500
STORED = ("float32", "float16", "int8", "turbo4", "binary")
ALL, MANY_QUESTIONS, CLUSTERS = 100_000, 100, 1000


def main() -> None:
    judged = read_judged_set(SET / "corpus.jsonl", SET / "queries.jsonl", SET / "qrels.tsv")
    truth = of_set(judged, SET.name).sampled(QUESTIONS)
    compact = load(resolve(Settings(model="compact")), Settings())
    material = from_set(judged.passages, compact, CACHE)
    print(f"compact, {compact.device}; {SET.name}, {len(material.ids)} passages, {QUESTIONS} questions")
    rotation = shipped_rotation(compact.fingerprint)
    found = []
    for grid in (
        Grid(["dense"], [384, 256, 128, 64], STORED, ["numpy"], rotated=True, with_baseline=True),
        Grid(["dense"], [384, 128], STORED, ["scan", "hnsw"], with_baseline=True),
        Grid(["two-stage", "hybrid"], [384, 256, 128, 64], rotated=True, with_baseline=True),
    ):
        found += evaluate(material, truth, compact, grid, rotation=rotation, answerability=False).outcomes
    _print(list({outcome.setting: outcome for outcome in found}.values()), quality=True)

    with tempfile.TemporaryDirectory() as folder:
        make_piccolo2_checkpoint(Path(folder) / "piccolo-large-zh-v2", layers=1)
        settings = Settings(model=str(Path(folder) / "piccolo-large-zh-v2"))
        large = load(resolve(settings), settings)
        material = from_set(judged.passages, large, CACHE)
        grid = Grid(["dense"], [1792, 1024, 512, 256], STORED[1:], ["scan", "hnsw"])
        small = truth.sampled(MANY_QUESTIONS)
        found = evaluate(material, small, large, grid, answerability=False).outcomes
    print(f"\nPiccolo2's shape with random weights, {len(material.ids)} passages: speed and size")
    _print(found, quality=False)

    vectors = _clustered(ALL, MATRYOSHKA_DIMS[-1])
    asked = _clustered(MANY_QUESTIONS, MATRYOSHKA_DIMS[-1])
    ids = [str(uuid.UUID(int=number + 1)) for number in range(ALL)]
    payload = {
        "source_id": ids[0],
        "source": "",
        "shown": "",
        "title": "",
        "headings": [],
        "text": "字" * 300,
    }
    material = Material(ids, ids, [{**payload, "ordinal": number} for number in range(ALL)], vectors)
    questions = {str(number): f"第{number}问" for number in range(MANY_QUESTIONS)}
    agreement = Truth("agreement", "synthetic", questions, {})
    measured = [
        evaluate(material, agreement, _Given(asked), grid)
        for grid in (
            Grid(["dense"], [1792, 512, 256], ["float16"], ["scan"], with_baseline=True),
            Grid(["dense"], [256], ["float16", "int8"], ["hnsw"], with_baseline=True),
        )
    ]
    print(f"\n{ALL:,} synthetic vectors of 1792 dimensions in {CLUSTERS} clusters; agreement, not quality")
    _print([*measured[0].outcomes, *measured[1].outcomes[1:]], quality=True)
    seconds, peak = sum(one.seconds for one in measured), measured[-1].peak_memory_mib or 0
    print(f"took {seconds:.0f} s, {peak:,.0f} MiB at most (limit: 8,192)")


class _Given:
    """An embedder whose questions' vectors are there already."""

    name, fingerprint, device, max_tokens = "synthetic", "synthetic", "none", 512
    full_dim, matryoshka_dims = MATRYOSHKA_DIMS[-1], MATRYOSHKA_DIMS

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def embed_queries(self, texts: list[str]) -> Vectors:
        return self._vectors[: len(texts)]

    embed_passages = embed_queries

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(text) for text in texts]


def _clustered(count: int, dim: int) -> Vectors:
    """Unit vectors round as many centres each time, since evenly spread ones have no neighbours."""
    centres = np.random.default_rng(0).standard_normal((CLUSTERS, dim)).astype(np.float32)
    rng = np.random.default_rng(count)
    found = np.empty((count, dim), np.float16)
    for at in range(0, count, 5000):
        part = slice(at, min(at + 5000, count))
        noise = rng.standard_normal((part.stop - at, dim)).astype(np.float32)
        found[part] = shorten(centres[rng.integers(0, CLUSTERS, part.stop - at)] + noise, dim)
    return found


def _print(outcomes: list[Outcome], quality: bool) -> None:
    metrics = list(outcomes[0].values) if quality else []
    print("\t".join(["setting", *metrics, "against full", "p", "p50 ms", "p95 ms", "bytes", "measured MB"]))
    for outcome in outcomes:
        place, against, measured = (
            outcome.setting.place,
            outcome.against if quality else None,
            outcome.measured,
        )
        times = np.percentile(outcome.search_ms, [50, 95]) if outcome.search_ms else []
        print(
            "\t".join(
                [
                    outcome.setting.name,
                    *(f"{outcome.metrics[metric]:.4f}" for metric in metrics),
                    f"{against.mean_difference:+.4f}" if against else "",
                    f"{against.p_value:.4f}" if against else "",
                    *([f"{t:.2f}" for t in times] or ["", ""]),
                    f"{STORAGES[place.storage].memory_bytes(place.dim):g}",
                    f"{measured.disk_bytes / 1e6:.1f}" if measured else "",
                ]
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
