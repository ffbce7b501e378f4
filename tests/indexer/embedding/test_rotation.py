from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.judged import read_judged_set
from indexer.embedding import resolve, shorten
from indexer.embedding.fit_rotation import fit_rotation, principal_directions
from indexer.embedding.rotation import Rotation, read_rotation, shipped_rotation, write_rotation
from indexer.errors import RotationError
from indexer.settings import Settings

CLASSICAL = Path(__file__).parents[3] / "data" / "eval" / "classical_dev"
FULL, SIGNAL = 24, 8  # components, and how many of them, the last, tell texts apart


@pytest.fixture(autouse=True)
def _one_thread():
    """On busy cores, threads that wait for each other cost more than they give."""
    import torch

    torch.set_num_threads(1)


def some_rotation(dim=FULL, seed=0):
    return Rotation(np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim))).Q.astype(np.float32))


def unit(vectors):
    return shorten(vectors, vectors.shape[1])


def questions_and_passages(noise, count=600, seed=0):
    """Texts that share their last components; in the others each has something of its own."""
    rng = np.random.default_rng(seed)
    meant = rng.normal(size=(count, SIGNAL))
    return tuple(
        unit(np.hstack([noise * rng.normal(size=(count, FULL - SIGNAL)), meant]))
        for _ in ("question", "passage")
    )


def found_first(questions, passages, dim):
    """Share of questions whose own passage is the nearest."""
    nearest = np.argmax(shorten(questions, dim) @ shorten(passages, dim).T, axis=1)
    return float(np.mean(nearest == np.arange(len(questions))))


def test_cosines_of_full_vectors_stay():
    vectors = unit(np.random.default_rng(1).normal(size=(50, 384)))
    turned = vectors @ some_rotation(384).matrix
    np.testing.assert_allclose(turned @ turned.T, vectors @ vectors.T, atol=1e-6)


def test_a_rotation_comes_back_from_its_file_as_it_was(tmp_path):
    rotation = some_rotation()
    write_rotation(rotation, tmp_path / "new" / "folder" / "some.npz")
    again = read_rotation(tmp_path / "new" / "folder" / "some.npz")
    assert again.fingerprint == rotation.fingerprint
    np.testing.assert_array_equal(again.matrix, rotation.matrix)
    assert [file.name for file in (tmp_path / "new" / "folder").iterdir()] == ["some.npz"]


def test_a_fingerprint_names_the_numbers():
    assert len(some_rotation().fingerprint) == 16
    assert some_rotation(seed=0).fingerprint == some_rotation(seed=0).fingerprint
    assert some_rotation(seed=0).fingerprint != some_rotation(seed=1).fingerprint
    # Of the bytes as they are stored: 1 is 0x3c00, little-endian, and the rest zeros.
    assert Rotation(np.eye(1, dtype=np.float32)).fingerprint == "505114fe537172ea"


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "some.npz"
    write_rotation(some_rotation(seed=0), file)

    def half(opened, **arrays):
        opened.write(b"PK")
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(OSError, match="No space"):
        write_rotation(some_rotation(seed=1), file)
    assert read_rotation(file).fingerprint == some_rotation(seed=0).fingerprint
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[: len(data) // 2], "BadZipFile"),
        (lambda data: data[:600] + bytes([data[600] ^ 1]) + data[601:], "CRC"),
        (lambda data: b"", "EOFError"),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path, damage, said):
    file = tmp_path / "some.npz"
    write_rotation(some_rotation(), file)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(RotationError, match=f"some.npz: .*{said}.*fit it again"):
        read_rotation(file)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(RotationError, match=r"gone\.npz: .*FileNotFoundError"):
        read_rotation(tmp_path / "gone.npz")


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.ones((3, 4)), r"\(3, 4\)"),
        (np.ones(4), r"\(4,\)"),
        (np.empty((0, 0)), r"\(0, 0\)"),
        (2 * np.eye(4), r"off by 6, "),  # (4 − 1) of each of four, Frobenius
        (np.full((4, 4), np.nan), "off by inf"),
    ],
)
def test_a_matrix_that_would_change_cosines_is_refused_with_what_is_wrong(tmp_path, matrix, said):
    with pytest.raises(RotationError, match=said):
        Rotation(matrix.astype(np.float32))
    np.savez(tmp_path / "wrong.npz", matrix=matrix.astype(np.float16), model=np.array(""))
    with pytest.raises(RotationError, match=rf"wrong\.npz: .*{said}"):
        read_rotation(tmp_path / "wrong.npz")


def test_without_pairs_the_directions_that_tell_passages_apart_come_first():
    questions, passages = questions_and_passages(noise=0.3)
    rotation = fit_rotation(passages, None, [SIGNAL], steps=20)
    # All but a little of the first columns lies in the components of the signal.
    assert np.sum(rotation.matrix[-SIGNAL:, :SIGNAL] ** 2) > 0.9 * SIGNAL
    turned = questions @ rotation.matrix, passages @ rotation.matrix
    assert found_first(questions, passages, SIGNAL) < 0.05
    assert found_first(*turned, SIGNAL) > 0.9


def test_with_pairs_what_a_question_shares_with_its_passage_comes_first_though_it_varies_less():
    questions, passages = questions_and_passages(noise=1.2)
    by_variance = principal_directions(passages).astype(np.float32)
    rotation = fit_rotation(passages, (questions, passages), [SIGNAL], steps=200)
    assert found_first(questions @ by_variance, passages @ by_variance, SIGNAL) < 0.1
    unseen = questions_and_passages(noise=1.2, seed=1)
    assert found_first(*(side @ rotation.matrix for side in unseen), SIGNAL) > 0.5
    assert found_first(*unseen, FULL) == pytest.approx(
        found_first(*(side @ rotation.matrix for side in unseen), FULL), abs=0.002
    )


def test_a_fit_is_repeatable_and_reports_how_far_it_is():
    _, passages = questions_and_passages(noise=0.3)
    seen = []
    first, second = (
        fit_rotation(passages, None, [4, 8], steps=5, seed=3, on_progress=lambda *at: seen.append(at))
        for _ in range(2)
    )
    np.testing.assert_allclose(first.matrix, second.matrix, atol=1e-4)
    assert seen[:5] == [("rotation", step, 5) for step in (1, 2, 3, 4, 5)]


def test_few_passages_still_make_a_rotation_and_one_is_refused():
    _, passages = questions_and_passages(noise=0.3)
    assert fit_rotation(passages[:3], None, [2, FULL], steps=3).matrix.shape == (FULL, FULL)
    with pytest.raises(RotationError, match=r"\(1, 24\)"):
        fit_rotation(passages[:1], None, [2])


def test_a_rotation_is_shipped_for_the_compact_model_and_for_no_other():
    resolved = resolve(Settings(model="compact"))
    rotation = shipped_rotation(resolved.fingerprint)
    assert rotation is not None
    matrix = rotation.matrix.astype(np.float64)
    assert matrix.shape == (resolved.full_dim, resolved.full_dim)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(len(matrix)), atol=1e-6)
    assert shipped_rotation("of another model") is None
    assert shipped_rotation("") is None


@pytest.mark.model
def test_the_shipped_rotation_finds_more_at_64_dimensions_than_plain_slicing(compact):
    judged = read_judged_set(*(CLASSICAL / name for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")))
    ids = list(judged.passages)[:600]
    asked = [query for query, right in judged.qrels.items() if right.keys() <= set(ids)][:300]
    passages = compact.embed_passages([judged.passages[id_] for id_ in ids])
    questions = compact.embed_queries([judged.queries[query] for query in asked])
    rotation = shipped_rotation(compact.fingerprint)
    assert rotation is not None
    right = np.array([ids.index(next(iter(judged.qrels[query]))) for query in asked])

    def ndcg(questions, passages, dim):
        scores = shorten(questions, dim) @ shorten(passages, dim).T
        rank = np.sum(scores > scores[np.arange(len(right)), right][:, None], axis=1)
        return float(np.mean(np.where(rank < 10, 1 / np.log2(rank + 2), 0)))

    turned = questions @ rotation.matrix, passages @ rotation.matrix
    assert ndcg(*turned, 64) >= ndcg(questions, passages, 64) + 0.05
    assert ndcg(*turned, 384) == pytest.approx(ndcg(questions, passages, 384), abs=1e-3)
