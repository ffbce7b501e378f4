from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from indexer.embedding import Embedder, load, resolve
from indexer.settings import Settings
from tests.checkpoints import make_piccolo2_checkpoint
from tests.indexer.embedding.scripted_server import ScriptedApi, scripted_api


@pytest.fixture(autouse=True)
def _no_models_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever the developer has downloaded must not decide a test."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "modelscope"))
    monkeypatch.delenv("SENTENCE_TRANSFORMERS_HOME", raising=False)


@pytest.fixture(scope="session")
def piccolo2_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_piccolo2_checkpoint(tmp_path_factory.mktemp("checkpoints") / "piccolo-large-zh-v2")


@pytest.fixture(scope="session")
def piccolo2(piccolo2_folder: Path) -> Embedder:
    return load_local(Settings(model=str(piccolo2_folder), device="cpu"))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder in which compact is unpacked once for all tests."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def compact(models: Path) -> Embedder:
    return load_local(Settings(model="compact", models_dir=models, device="cpu"))


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with scripted_api() as server:
        yield server


def load_local(settings: Settings) -> Embedder:
    """In fp32, also on a machine that would take bf16: figures here are compared to 1e-6."""
    import torch

    torch.set_num_threads(1)  # on busy cores, threads that wait for each other cost more than they give
    with patch("indexer.embedding.device._cpu_has_bf16", return_value=False):
        return load(resolve(settings), settings)
