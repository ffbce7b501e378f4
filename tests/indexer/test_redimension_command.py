"""`redimension` and `rotate` as their callers see them: on an index of real files."""

import json

import numpy as np
import pytest

from indexer.__main__ import main
from indexer.embedding.rotation import Rotation, read_rotation, shipped_rotation, write_rotation
from indexer.errors import DimensionError, IndexMissingError, RotationError, SettingsError
from indexer.redimension import find_rotation, redimension
from indexer.rotate import fit_to_index, read_pairs
from indexer.settings import Settings
from indexer.store import IndexSpec, ReplaceSource, chunk_id, open_store, read_spec, source_id
from indexer.words import PLAIN
from tests.fake_embedder import FakeEmbedder

FULL = 64
TURN = np.linalg.qr(np.random.default_rng(5).standard_normal((FULL, FULL)))[0]


@pytest.fixture
def settings(tmp_path):
    """An index of 600 chunks of a model not trained for short vectors, whose meaning is in 8 directions
    that plain cutting does not see."""
    settings = Settings(index_dir=tmp_path)
    rng = np.random.default_rng(0)
    meaning = np.concatenate(
        [rng.standard_normal((600, 8)), 0.1 * rng.standard_normal((600, FULL - 8))], axis=1
    )
    full = (meaning @ TURN).astype(np.float32)
    full /= np.linalg.norm(full, axis=1, keepdims=True)
    store = open_store(settings, IndexSpec("own-model", "fp", FULL, FULL, 350, 50))
    tickets = []
    for number in range(6):
        part = range(number * 100, number * 100 + 100)
        sid = source_id("default", str(number))
        payload = {"source_id": sid, "name": str(number), "folders": [], "type": "md"}
        tickets.append(
            store.apply(
                ReplaceSource(
                    sid,
                    [chunk_id("default", str(number), "1", i) for i in part],
                    [{**payload, "text": str(i)} for i in part],
                    full[part.start : part.stop],
                    [PLAIN.passage_vector(str(i)) for i in part],
                )
            )
        )
    store.wait(tickets, 30)
    store.close()
    return settings


def run(settings, *arguments):
    return main([*map(str, arguments), "--index", str(settings.index_dir)])


def test_the_command_changes_dimension_and_storage_and_says_so(settings, capsys):
    assert run(settings, "redimension", 16, "--storage", "int8", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["dim"], said["storage"], said["rotation"]) == (16, "int8", "none")
    spec = read_spec(settings)
    assert (spec.dim, spec.storage, spec.model) == (16, "int8", "own-model")
    assert run(settings, "status") == 0
    assert "storage: int8" in capsys.readouterr().out


def test_storage_and_rotation_stay_unless_they_are_named(settings):
    redimension(settings, 16, "int8")
    rotation = Rotation(TURN.T)
    write_rotation(rotation, settings.index_dir / "default" / "trained-rotation.npz")
    assert redimension(settings, 64).rotation == ""  # whole vectors need none
    assert redimension(settings, 32).rotation == rotation.fingerprint
    spec = redimension(settings, 8)
    assert (spec.dim, spec.storage, spec.rotation) == (8, "int8", rotation.fingerprint)
    assert redimension(settings, 8, rotation="none").rotation == ""


def test_progress_can_be_watched_in_a_file(settings, tmp_path):
    assert run(settings, "redimension", 16, "--progress", tmp_path / "p.json") == 0
    assert json.loads((tmp_path / "p.json").read_text()) == {"what": "chunks", "done": 600, "total": 600}


@pytest.mark.parametrize(
    ("dim", "options", "error", "says"),
    [
        (65, {}, DimensionError, "dimension 65"),
        (0, {}, DimensionError, "dimension 0"),
        (16, {"storage": "uint8"}, SettingsError, "'uint8' is none; there are: float32, float16, int8"),
        (16, {"rotation": "trained"}, RotationError, "run `python -m indexer rotate --train`"),
        (16, {"rotation": "shipped"}, RotationError, "no rotation comes with this program for own-model"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(settings, dim, options, error, says):
    before = read_spec(settings)
    with pytest.raises(error, match=says):
        redimension(settings, dim, **options)
    assert read_spec(settings) == before


def test_a_matryoshka_model_keeps_to_its_dimensions_even_where_it_is_not_installed(tmp_path):
    settings = Settings(index_dir=tmp_path)
    open_store(settings, IndexSpec("piccolo2", "fp", 1792, 1792, 350, 50)).close()
    with pytest.raises(DimensionError, match="300 is not one of this model's: 256, 512"):
        redimension(settings, 300)
    assert redimension(settings, 512).dim == 512


def test_there_must_be_an_index(tmp_path, capsys):
    with pytest.raises(IndexMissingError):
        redimension(Settings(index_dir=tmp_path), 16)
    assert main(["redimension", "16", "--index", str(tmp_path)]) == 1
    assert "no index at" in capsys.readouterr().err


def test_a_new_index_of_cut_vectors_gets_the_rotation_of_its_model():
    from indexer.embedding import resolve
    from indexer.library import spec_for

    settings = Settings(model="compact")
    model = resolve(settings)
    shipped = shipped_rotation(model.fingerprint)
    assert spec_for(Settings(model="compact", dim=128), model).rotation == shipped.fingerprint
    assert spec_for(settings, model).rotation == ""  # whole vectors need none


def test_a_rotation_is_fitted_to_the_index_and_kept_with_it(settings, capsys):
    assert run(settings, "rotate", "--train", "--seconds", 20, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["chunks"] == 480  # a fifth is held out, to show what it does
    before, after = map(float, said["agreement"]["8"].split(" → "))
    assert after > before + 0.3
    file = settings.index_dir / "default" / "trained-rotation.npz"
    assert read_rotation(file).fingerprint == said["rotation"]
    spec = redimension(settings, 8, rotation="trained")
    assert spec.rotation == said["rotation"]
    assert find_rotation(settings, "own-model", "fp", "trained").fingerprint == spec.rotation


def test_a_rotation_needs_chunks_to_learn_from(tmp_path):
    settings = Settings(index_dir=tmp_path)
    store = open_store(settings, IndexSpec("own-model", "fp", FULL, FULL, 350, 50))
    with pytest.raises(RotationError, match="the index has 0; index more first"):
        fit_to_index(store, [8])
    store.close()


def test_pairs_are_a_query_and_a_passage_in_each_line(tmp_path):
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"query": "试用期多久", "passage": "试用期最长六个月"}\n\n', encoding="utf-8")
    queries, passages = read_pairs(file, FakeEmbedder())
    assert queries.shape == passages.shape == (1, 256)
    file.write_text('{"query": "试用期多久"}', encoding="utf-8")
    with pytest.raises(RotationError, match=r"pairs\.jsonl, line 1: must be JSON with query and passage"):
        read_pairs(file, FakeEmbedder())
    file.write_text("", encoding="utf-8")
    with pytest.raises(RotationError, match="no pairs in it"):
        read_pairs(file, FakeEmbedder())
