"""What `doctor` finds, with a fake model."""

from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer import doctor
from indexer.doctor import Check, examine, is_nearly_full
from indexer.embedding import Embedder, ResolvedModel
from indexer.errors import IndexMissingError, WeightsMissingError
from indexer.settings import Settings
from indexer.store import IndexSpec, collection_folder
from indexer.store.edge import EdgeStore
from tests.fake_embedder import FakeEmbedder

GB = 1_000_000_000
MODEL = ResolvedModel("fake", "folder", None, "", "", 256, (), 512, "fake-256", "fake, for tests")
SPEC = IndexSpec("fake", "fake-256", full_dim=256, dim=256, chunk_tokens=350, overlap_tokens=50)
Usage = namedtuple("Usage", "total used free")


def fake(model: ResolvedModel, settings: Settings) -> Embedder:
    return FakeEmbedder()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(doctor, "resolve", lambda settings: MODEL)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100 * GB, 50 * GB, 50 * GB))
    return Settings(index_dir=tmp_path / "index")


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_all_is_well_with_the_models_that_are_given(settings: Settings) -> None:
    EdgeStore(collection_folder(settings), SPEC).close()
    checks = by_name(examine(settings, fake))
    assert all(check.ok and check.error is None for check in checks.values())
    assert checks["model"].detail.startswith("fake on none: ")
    assert checks["model"].values["device"] == "none"
    assert checks["index"].detail == "0 chunks, built with fake, 256 dimensions searched"
    assert checks["disk"].detail.startswith("50.0 GB free at ")
    assert checks["index"].to_json() == {"name": "index", "ok": True, "detail": checks["index"].detail}


def test_no_index_yet_is_no_fault(settings: Settings) -> None:
    check = by_name(examine(settings, fake))["index"]
    assert check.ok and isinstance(check.error, IndexMissingError)


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (WeightsMissingError("no weights in it"), "no weights in it"),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (ZeroDivisionError("a bug"), "ZeroDivisionError: a bug"),
    ],
)
def test_whatever_fails_is_a_failing_check_and_the_others_run(
    settings: Settings, error: Exception, detail: str
) -> None:
    def failing(model: ResolvedModel, settings: Settings) -> Embedder:
        raise error

    checks = by_name(examine(settings, failing))
    assert not checks["model"].ok and checks["model"].error is error
    assert checks["model"].detail == detail
    assert checks["disk"].ok


def test_a_disk_that_can_not_be_written_is_a_failing_check(settings: Settings) -> None:
    settings.index_dir.parent.joinpath("index").write_text("a file in its place", encoding="utf-8")
    check = by_name(examine(settings, fake))["disk"]
    assert not check.ok and "FileExistsError" in check.detail


@pytest.mark.parametrize(
    ("free", "total", "full"),
    [
        (0.9 * GB, 10 * GB, True),  # less than 1 GB
        (4 * GB, 100 * GB, True),  # less than 5 %
        (5 * GB, 100 * GB, False),
        (1 * GB, 10 * GB, False),
    ],
)
def test_a_disk_that_is_nearly_full_fails_with_what_to_do(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, free: float, total: float, full: bool
) -> None:
    assert is_nearly_full(int(free), int(total)) is full
    usage: Callable[[Path], Usage] = lambda _: Usage(int(total), int(total - free), int(free))  # noqa: E731
    monkeypatch.setattr(shutil, "disk_usage", usage)
    check = by_name(examine(settings, fake))["disk"]
    assert check.ok is not full
    assert ("XUNZHANG_INDEX_DIR" in check.detail) is full
