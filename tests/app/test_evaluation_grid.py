"""Dimension, storage and engine told apart: the grid, numpy's reference, and what vectors take."""

import numpy as np
import pytest

from app.evaluation.footprint import GRAPH_BYTES, STORAGE_FORMULAS, footprint
from app.evaluation.grid import Grid, Place, Setting
from app.evaluation.reference import search
from app.evaluation.run import evaluate_set
from app.judged import JudgedSet
from indexer.embedding.base import shorten
from indexer.embedding.rotation import Rotation
from tests.fake_embedder import FakeEmbedder

VECTORS = shorten(np.random.default_rng(0).standard_normal((500, 64)), 64)
QUERIES = shorten(np.random.default_rng(1).standard_normal((70, 64)), 64)


def names(grid, full_dim=256):
    return [setting.name for setting in grid.settings(full_dim)]


def test_a_grid_is_every_combination_that_makes_sense():
    grid = Grid(["dense", "hybrid"], [256, 128], ["float16", "turbo4"], ["numpy", "hnsw"], ["late"])
    assert names(grid) == [
        name
        for dim in (256, 128)
        for storage in ("float16", "turbo4")
        for name in (
            # numpy has no words, and no turbo4
            *([f"dense {dim} float16 numpy"] if storage == "float16" else []),
            f"dense {dim} {storage} hnsw",
            f"hybrid {dim} {storage} hnsw",
            f"hybrid+late {dim} {storage} hnsw",
        )
    ]


def test_each_way_is_compared_with_itself_at_full_length_in_float32():
    found = names(Grid(["dense", "lexical", "hybrid"], [128], with_baseline=True))
    assert found == [
        "dense 256 float32 numpy",
        "hybrid 256 float32 scan",
        "dense 128 float16 scan",
        "hybrid 128 float16 scan",
        "lexical 128 float16 scan",
    ]


def test_only_shorter_vectors_are_rotated():
    assert names(Grid(["dense"], [256, 64], rotated=True)) == [
        "dense 256 float16 scan",
        "dense 64 float16 scan",
        "dense 64 float16 scan rotated",
    ]


@pytest.mark.parametrize("storage", ["float32", "float16"])
def test_the_reference_is_exact(storage):
    rows, scores = search(VECTORS, QUERIES, 16, storage, None, limit=10)
    cosines = shorten(QUERIES, 16) @ shorten(VECTORS, 16).T
    assert rows.shape == scores.shape == (70, 10)
    np.testing.assert_allclose(scores, -np.sort(-cosines, axis=1)[:, :10], atol=2e-3)
    if storage == "float32":
        np.testing.assert_array_equal(rows, np.argsort(-cosines, axis=1)[:, :10])


def test_codes_find_candidates_and_vectors_rank_them():
    exact, _ = search(VECTORS, QUERIES, 64, "float16", None, limit=10)
    recall = {}
    for storage in ("int8", "binary"):
        rows, scores = search(VECTORS, QUERIES, 64, storage, None, limit=10)
        cosines = np.take_along_axis(QUERIES @ VECTORS.T, rows, axis=1)
        np.testing.assert_allclose(scores, cosines, atol=2e-3)
        recall[storage] = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(rows, exact, strict=True)])
    assert recall["int8"] > 0.99  # twice as many candidates as are wanted, of 254 steps
    assert 0.3 < recall["binary"] < 0.95  # signs alone lose some


def test_fewer_rows_than_wanted_are_all_found():
    rows, _ = search(VECTORS[:3], QUERIES, 16, "binary", None, limit=10)
    assert sorted(rows[0].tolist()) == [0, 1, 2]


def test_a_rotation_turns_both_sides_and_keeps_what_full_length_finds():
    turn = Rotation(np.linalg.qr(np.random.default_rng(2).standard_normal((64, 64)))[0])
    plain, _ = search(VECTORS, QUERIES, 64, "float32", None, limit=5)
    turned, _ = search(VECTORS, QUERIES, 64, "float32", turn, limit=5)
    np.testing.assert_array_equal(plain, turned)
    short, _ = search(VECTORS, QUERIES, 8, "float32", turn, limit=5)
    cosines = shorten(QUERIES @ turn.matrix, 8) @ shorten(VECTORS @ turn.matrix, 8).T
    np.testing.assert_array_equal(short, np.argsort(-cosines, axis=1)[:, :5])


@pytest.fixture(scope="module")
def measured():
    texts = {
        f"p{i}": f"第{i}条　{'甲乙丙丁戊己庚辛壬癸'[i % 10] * 3}方应当在{i}日内通知{i * 7}号。"
        for i in range(300)
    }
    queries = {f"q{i}": texts[f"p{i}"][:12] for i in range(0, 300, 10)}
    judged = JudgedSet(texts, queries, {q: {f"p{q[1:]}": 1} for q in queries})
    grid = Grid(
        ["dense", "two-stage", "hybrid"],
        [256, 64],
        ["float32", "int8", "turbo4", "binary"],
        ["numpy", "scan", "hnsw"],
        with_baseline=True,
    )
    found = evaluate_set(judged, FakeEmbedder(), grid)
    return {outcome.setting: outcome for outcome in found.outcomes}


def test_qdrant_finds_what_numpy_finds(measured):
    for dim in (256, 64):
        exact = measured[Setting("dense", "none", Place(dim, "float32", "numpy"))]
        scanned = measured[Setting("dense", "none", Place(dim, "float32", "scan"))]
        assert [p for top in scanned.top for p, _ in top] == [p for top in exact.top for p, _ in top]
        for ours, theirs in zip(scanned.top, exact.top, strict=True):
            assert [s for _, s in ours] == pytest.approx([s for _, s in theirs], abs=1e-4)


def test_losses_are_told_apart(measured):
    def share(mode, dim, storage, index):
        outcome = measured[Setting(mode, "none", Place(dim, storage, index))]
        return float(np.mean(outcome.values["overlap@10"]))

    assert share("dense", 256, "float32", "numpy") == 1  # the baseline itself
    assert share("dense", 64, "float32", "numpy") < 0.95  # cut
    assert share("dense", 256, "int8", "scan") > 0.99  # quantized
    assert share("dense", 256, "float32", "hnsw") > 0.9  # approximated
    assert share("two-stage", 64, "float32", "scan") > share("dense", 64, "float32", "scan")


def test_a_setting_is_compared_with_its_way_and_a_baseline_with_nothing(measured):
    for setting, outcome in measured.items():
        way = {"dense": ("dense", "numpy")}.get(setting.mode, (setting.mode, "scan"))
        baseline = Setting(way[0], "none", Place(256, "float32", way[1]))
        assert outcome.baseline == (None if setting == baseline else baseline)
        assert (outcome.against is None) == (setting == baseline)


def test_only_qdrant_has_times_and_files(measured):
    for setting, outcome in measured.items():
        if setting.place.index == "numpy":
            assert not outcome.search_ms and outcome.measured is None
        else:
            assert len(outcome.search_ms) == 30 and min(outcome.search_ms) > 0
            assert outcome.measured.chunks == 300
            stored = 256 if setting.place.storage == "int8" else 0
            assert outcome.measured.disk_bytes > 300 * stored


def test_what_vectors_take_follows_the_formula():
    # float16, 256 of 1792 dimensions, a million chunks: 512 bytes each and the graph; full ones on disk.
    found = footprint(256, "float16", 1_000_000, 1792)
    assert found.ram_bytes == 1e6 * (512 + GRAPH_BYTES)
    assert found.disk_bytes == 1e6 * (512 + GRAPH_BYTES + 2 * 1792)
    # int8 keeps float16 behind the codes.
    assert footprint(256, "int8", 10, 256).ram_bytes == 10 * (256 + GRAPH_BYTES)
    assert footprint(256, "int8", 10, 256).disk_bytes == 10 * (256 + 512 + GRAPH_BYTES + 512)
    assert STORAGE_FORMULAS["binary"] == "0.125 × dim (+ 2 × dim on disk)"
