"""How well the compact model finds what is known to be right, on sets judged by others.

The bounds are a little below what is measured on these parts of the sets (the whole ones are in
benchmarks/RESULTS.md), so that only a real loss breaks them.
"""

import os
from pathlib import Path

import pytest
import torch

from app.evaluation.grid import Grid
from app.evaluation.run import evaluate_set
from app.judged import JudgedSet, read_judged_set
from indexer.embedding import load, resolve
from indexer.settings import Settings

SETS = Path(__file__).parent.parent / "data" / "eval"

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def compact():
    # Other tests ask for one thread. With more threads than free cores, each waits for the others.
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // processes))
    return load(resolve(Settings(model="compact")), Settings())


def part(name, passages=None, every=1):
    """The first passages of a set, and of the questions that they answer one in so many."""
    folder = SETS / name
    whole = read_judged_set(folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv")
    kept = dict(list(whole.passages.items())[:passages])
    asked = [id_ for id_ in whole.queries if whole.qrels[id_].keys() <= kept.keys()][::every]
    return JudgedSet(
        kept, {id_: whole.queries[id_] for id_ in asked}, {id_: whole.qrels[id_] for id_ in asked}
    )


def ndcg(evaluation):
    return {(o.setting.way, o.setting.place.dim): o.metrics["nDCG@10"] for o in evaluation.outcomes}


def test_questions_in_simplified_chinese(compact):
    judged = part("cmrc2018_dev", passages=280, every=2)
    evaluation = evaluate_set(judged, compact, Grid(dims=[384, 128]))
    found = ndcg(evaluation)
    assert found["dense", 384] >= 0.980
    assert found["lexical", 384] >= 0.984
    assert found["hybrid", 384] >= 0.990
    # What 128 dimensions lose alone, the full vectors bring back.
    assert found["dense", 128] < found["dense", 384] - 0.015
    assert found["two-stage", 128] >= found["dense", 384] - 0.002
    assert found["hybrid", 128] >= found["hybrid", 384] - 0.003
    assert evaluation.answerability.auc >= 0.95


@pytest.mark.parametrize(
    ("name", "passages", "every"),
    [("drcd_dev", 150, 2), ("classical_dev", 900, 2), ("sections_dev", 200, 1)],
)
def test_hybrid_is_no_worse_than_its_better_leg_and_late_no_worse_than_hybrid(compact, name, passages, every):
    judged = part(name, passages, every)
    found = ndcg(evaluate_set(judged, compact, Grid(["dense", "lexical", "hybrid"], reranks=["late"])))
    best = max(found["dense", 384], found["lexical", 384])
    assert found["hybrid", 384] >= best - 0.003
    assert found["hybrid+late", 384] >= found["hybrid", 384] - 0.003
