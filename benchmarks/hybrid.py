"""Does hybrid hold where the words or the scripts differ? Questions that its weight was not fitted on.

Each row beside its limit, the better of the two legs: hybrid should not be below it.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from app.evaluation.grid import Grid
from app.evaluation.run import Evaluation, evaluate_set
from app.judged import JudgedSet, read_judged_set
from indexer.embedding import load, resolve
from indexer.script import simplified, traditional
from indexer.settings import Settings

SETS = Path("data/eval")
OTHERWISE = SETS / "cmrc2018_asked_otherwise"
QUESTIONS = 500  # of each set


def main() -> None:
    settings = Settings(rerank_cache_mib=1024)
    embedder = load(resolve(settings), settings)
    print(f"{embedder.name} on {embedder.device}; nDCG@10")
    print("questions\tnumber\tdense\tlexical\thybrid\t+late\thybrid - better leg", flush=True)
    for passages, kinds in (
        (
            _read("cmrc2018_dev"),
            {
                "in English": _asked_otherwise("english"),
                "colloquial": _asked_otherwise("colloquial"),
                "in traditional characters, on simplified": _rewritten(_read("cmrc2018_dev"), traditional),
            },
        ),
        (
            _read("drcd_dev"),
            {"in simplified characters, on traditional": _rewritten(_read("drcd_dev"), simplified)},
        ),
    ):
        judged = _together(passages, kinds)
        grid = Grid(["dense", "lexical", "hybrid"], reranks=["late"])
        found = evaluate_set(judged, embedder, grid, settings=settings, answerability=False)
        for kind in kinds:
            _print(kind, judged, found)


def _together(passages: JudgedSet, kinds: Mapping[str, JudgedSet]) -> JudgedSet:
    """All kinds of questions as one set, so that its passages are embedded once."""
    return JudgedSet(
        passages.passages,
        {f"{kind} {id_}": text for kind, judged in kinds.items() for id_, text in judged.queries.items()},
        {f"{kind} {id_}": grades for kind, judged in kinds.items() for id_, grades in judged.qrels.items()},
    )


def _asked_otherwise(name: str) -> JudgedSet:
    passages = SETS / "cmrc2018_dev" / "corpus.jsonl"
    return read_judged_set(passages, OTHERWISE / f"{name}.jsonl", OTHERWISE / f"{name}.tsv")


def _read(name: str) -> JudgedSet:
    folder = SETS / name
    whole = read_judged_set(folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv")
    asked = list(whole.queries)[:QUESTIONS]
    return JudgedSet(
        whole.passages, {id_: whole.queries[id_] for id_ in asked}, {id_: whole.qrels[id_] for id_ in asked}
    )


def _rewritten(judged: JudgedSet, write: Callable[[str], str]) -> JudgedSet:
    return replace(judged, queries={id_: write(question) for id_, question in judged.queries.items()})


def _print(kind: str, judged: JudgedSet, found: Evaluation) -> None:
    asked = [number for number, id_ in enumerate(judged.queries) if id_.startswith(f"{kind} ")]
    mean = {
        outcome.setting.way: statistics.mean(outcome.values["nDCG@10"][number] for number in asked)
        for outcome in found.outcomes
    }
    dense, lexical, hybrid = mean["dense"], mean["lexical"], mean["hybrid"]
    figures = [f"{value:.3f}" for value in (dense, lexical, hybrid, mean["hybrid+late"])]
    print("\t".join([kind, str(len(asked)), *figures, f"{hybrid - max(dense, lexical):+.3f}"]), flush=True)


if __name__ == "__main__":
    main()
