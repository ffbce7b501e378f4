from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from indexer.embedding.fetch import fetch, unneeded_files
from indexer.errors import ModelMissingError, UnknownModelError, WeightsMissingError
from indexer.settings import Settings
from tests.checkpoints import make_piccolo2_checkpoint


@pytest.fixture
def settings(tmp_path):
    return Settings(models_dir=tmp_path / "models")


@pytest.fixture
def modelscope(monkeypatch):
    """A stand-in for the modelscope package, which is not among the requirements."""
    asked = []

    def snapshot_download(model_id, local_dir, ignore_patterns):
        asked.append(model_id)
        make_piccolo2_checkpoint(Path(local_dir), layers=1, weights="piccolo" not in model_id)

    monkeypatch.setitem(sys.modules, "modelscope", SimpleNamespace(snapshot_download=snapshot_download))
    return asked


def test_a_preset_is_downloaded_into_its_folder_once(settings, modelscope):
    folder = fetch("acge_text_embedding", settings, source="modelscope")
    assert folder == settings.models_dir / "acge_text_embedding"
    assert (folder / "model.safetensors").is_file()
    assert fetch("acge_text_embedding", settings, source="modelscope") == folder
    assert modelscope == ["aspire/acge_text_embedding"]


def test_hugging_face_is_asked_for_what_is_needed_only(settings, monkeypatch):
    def snapshot_download(repo, local_dir, ignore_patterns):
        assert repo == "BAAI/bge-m3"
        assert {"onnx/*", "pytorch_model.bin"} <= set(ignore_patterns)
        make_piccolo2_checkpoint(local_dir, layers=1)

    files = ["model.safetensors", "pytorch_model.bin", "onnx/model.onnx"]
    monkeypatch.setattr("huggingface_hub.list_repo_files", lambda repo: files)
    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    assert fetch("bge-m3", settings) == settings.models_dir / "bge-m3"


def test_piccolo2_downloads_without_weights_and_the_reason_is_given(settings, modelscope):
    with pytest.raises(WeightsMissingError, match=r"has no weights\. .*2024-05-16"):
        fetch("piccolo2", settings, source="modelscope")
    assert not (settings.models_dir / "piccolo2").exists()


def test_without_modelscope_s_package_it_says_what_to_install(settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "modelscope", None)
    with pytest.raises(ModelMissingError, match="pip install modelscope"):
        fetch("bge-m3", settings, source="modelscope")


def test_an_offline_download_names_the_ways_out(settings, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelMissingError, match="HF_HUB_OFFLINE is set: unset it") as caught:
        fetch("bge-m3", settings)
    for part in ("HF_ENDPOINT", "--source modelscope", "copy the model's folder"):
        assert part in str(caught.value)


def test_an_unknown_name_lists_the_presets(settings):
    with pytest.raises(UnknownModelError, match="piccolo2, stella"):
        fetch("bert", settings)


def test_pickles_beside_the_same_in_safetensors_are_left_out():
    files = ["model.safetensors", "pytorch_model.bin", "2_Dense/pytorch_model.bin", "vocab.txt"]
    assert unneeded_files(files) == ["pytorch_model.bin"]
