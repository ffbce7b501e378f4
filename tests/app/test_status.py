"""The facts behind the status page: a real index, a fake model."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.searcher import Searcher
from app.status import device_and_precision, library_facts, machine_facts, parts_on_disk, versions
from indexer.catalog import Catalog
from indexer.embedding import Embedder, ResolvedModel
from indexer.errors import IndexMissingError
from indexer.last_ingest import FILE, read_last_ingest, write_last_ingest
from indexer.pipeline import ingest
from indexer.report import IngestReport, SourceReport
from indexer.settings import Settings
from indexer.sources import survey
from indexer.store import IndexSpec, collection_folder
from indexer.store.edge import EdgeStore
from tests.fake_embedder import FakeEmbedder

SPEC = IndexSpec("fake", "fake-256", full_dim=256, dim=128, chunk_tokens=350, overlap_tokens=50)
MODEL = ResolvedModel("fake", "folder", None, "", "", 256, (), 512, "fake-256", "fake, for tests")
REPORT = IngestReport(
    sources=(SourceReport("/a.txt", "indexed", chunks=3), SourceReport("/b.txt", "failed")),
    embedded_chunks=30,
    seconds=4.0,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index_dir=tmp_path / "index")


@pytest.fixture
def searcher(settings: Settings, tmp_path: Path) -> Iterator[Searcher]:
    """An index of three files, of which one is empty."""
    folder = tmp_path / "文档"
    folder.mkdir()
    (folder / "茶.txt").write_text("绿茶用八十度的水冲泡，味道最好。", encoding="utf-8")
    (folder / "法.md").write_text("# 法\n\n试用期不得超过六个月。\n", encoding="utf-8")
    (folder / "空.txt").write_bytes(b"")
    store = EdgeStore(collection_folder(settings), SPEC)
    catalog = Catalog(collection_folder(settings), store.spec.index_id)
    ingest(survey([folder], ()), store, catalog, FakeEmbedder, collection="default")
    catalog.close()
    made = Searcher(store, FakeEmbedder, settings=settings)
    yield made
    made.close()


def test_facts_of_a_library(searcher: Searcher, settings: Settings) -> None:
    facts = library_facts(searcher, settings, MODEL)
    assert (facts.collection, facts.chunks, facts.documents) == ("default", 2, 3)
    assert facts.sources == {"ok": 2, "partial": 0, "failed": 1}
    assert (facts.full_dim, facts.dim, facts.storage, facts.rotated) == (256, 128, "float16", False)
    assert (facts.chunk_tokens, facts.overlap_tokens) == (350, 50)
    assert facts.server is None and facts.last_ingest is None
    assert facts.parts["vectors"] > 0 and facts.parts["catalogue"] > 0


def test_looking_loads_no_model(searcher: Searcher, settings: Settings) -> None:
    def load() -> Embedder:
        raise AssertionError("loaded")

    searcher._load_embedder = load
    model = library_facts(searcher, settings, MODEL).model
    assert (model.name, model.kind, model.state) == ("fake", "folder", "not loaded")
    assert (model.device, model.precision) == ("auto", None)


def test_a_loaded_model_tells_where_it_runs_and_how_exactly(searcher: Searcher, settings: Settings) -> None:
    embedder = FakeEmbedder()
    embedder.device = "cuda bf16"
    searcher._load_embedder = lambda: embedder
    searcher.wait_for_model()
    model = library_facts(searcher, settings, MODEL).model
    assert (model.state, model.device, model.precision) == ("ready", "cuda", "bf16")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("cpu fp32", ("cpu", "fp32")),
        ("cuda:1 fp16", ("cuda:1", "fp16")),
        ("https://host/embed", ("https://host/embed", None)),
        ("none", ("none", None)),
        ("fp32", ("fp32", None)),
    ],
)
def test_device_and_precision(told: str, expected: tuple[str, str | None]) -> None:
    assert device_and_precision(told) == expected


def test_a_model_that_is_gone_is_named_without_its_path(settings: Settings) -> None:
    place = "/somewhere/private/my-model"
    store = EdgeStore(
        collection_folder(settings),
        IndexSpec(place, "other", full_dim=256, dim=256, chunk_tokens=350, overlap_tokens=50),
    )
    searcher = Searcher(store, FakeEmbedder, settings=settings)
    facts = library_facts(searcher, settings, None)
    searcher.close()
    assert (facts.model.name, facts.model.kind) == ("my-model", None)
    assert "private" not in repr(facts)


def test_an_index_that_is_gone_is_told(searcher: Searcher, settings: Settings) -> None:
    (collection_folder(settings) / "spec.json").unlink()
    with pytest.raises(IndexMissingError):
        library_facts(searcher, settings, MODEL)


def test_looking_leaves_the_catalogue_of_an_index_that_was_built_anew(
    searcher: Searcher, settings: Settings
) -> None:
    """The searcher may know the index before for a moment longer."""
    folder = collection_folder(settings)
    old = searcher.store.spec.index_id
    catalog = Catalog(folder, old)
    record = catalog.all()[0]
    catalog.close()
    anew = json.loads((folder / "spec.json").read_text(encoding="utf-8")) | {"index_id": "another"}
    (folder / "spec.json").write_text(json.dumps(anew), encoding="utf-8")
    catalog = Catalog(folder, "another")
    catalog.put(record)
    assert library_facts(searcher, settings, MODEL).documents == 1
    assert catalog.all() == [record]
    catalog.close()


def test_parts_add_up_to_what_the_folder_has(searcher: Searcher, settings: Settings) -> None:
    folder = collection_folder(settings)
    for name in ("judged/qrels.tsv", "evaluations/a.json", "uploads/合同/a.txt", "lexicon.json", "x.bin"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x" * 9000)
    (folder / "link").symlink_to(folder / "x.bin")
    parts = parts_on_disk(folder)
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    assert sum(parts.values()) == sum(file.stat().st_blocks * 512 for file in files)
    for part in ("judgements", "evaluations", "uploads", "words"):
        assert 9000 <= parts[part] < 9000 + 2**17
    assert parts["rest"] >= 9000
    assert parts["vectors"] == sum(
        file.stat().st_blocks * 512
        for file in files
        if file.relative_to(folder).parts[0].startswith(("shard", "inbox", "quarantine"))
    )


@pytest.mark.skipif(sys.platform == "win32", reason="tells no blocks")
def test_what_is_reserved_but_not_written_takes_no_room(tmp_path: Path) -> None:
    with (tmp_path / "catalog.sqlite").open("wb") as file:
        file.truncate(50_000_000)
    assert parts_on_disk(tmp_path)["catalogue"] < 1_000_000


def test_a_folder_that_is_not_there_takes_nothing(tmp_path: Path) -> None:
    assert set(parts_on_disk(tmp_path / "none").values()) == {0}


def test_a_server_is_named_without_user_and_password(
    searcher: Searcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.status.read_spec", lambda settings: searcher.store.spec)
    settings = Settings(index_dir=tmp_path / "other", url="https://me:secret@host:6333/q")
    facts = library_facts(searcher, settings, MODEL)
    assert facts.server == "host:6333"
    assert (facts.documents, facts.disk_bytes, facts.chunks) == (0, 0, 2)
    assert not (tmp_path / "other").exists()  # looking makes nothing


def test_the_last_ingest_is_read_back(tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    write_last_ingest(tmp_path, REPORT)
    last = read_last_ingest(tmp_path)
    assert last is not None
    assert before <= last.finished_at <= datetime.now(UTC)
    assert (last.embedded_chunks, last.seconds, last.exit_code) == (30, 4.0, 3)
    assert last.counts == {"indexed": 1, "failed": 1}
    assert last.chunks_per_second == 7.5
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("embedded", [0, 20])
def test_an_ingest_with_hardly_anything_new_tells_no_speed(tmp_path: Path, embedded: int) -> None:
    write_last_ingest(tmp_path, IngestReport((SourceReport("/a.txt", "indexed"),), embedded, 0.2))
    last = read_last_ingest(tmp_path)
    assert last is not None and last.chunks_per_second is None


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"finished_at": "yesterday"}',
        b'{"finished_at": "2026-01-01T00:00:00+00:00", "embedded_chunks": 1, "seconds": 1, "counts": 3}',
    ],
)
def test_a_damaged_record_is_as_good_as_none(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / FILE).write_bytes(damaged)
    assert read_last_ingest(tmp_path) is None


def test_there_may_be_no_record(tmp_path: Path) -> None:
    assert read_last_ingest(tmp_path / "none") is None


def test_facts_of_the_machine_make_no_folder(settings: Settings) -> None:
    facts = machine_facts(settings)
    assert facts.cores >= 1
    assert 0 < facts.disk_free_bytes <= facts.disk_total_bytes
    assert not settings.index_dir.exists()


def test_versions_are_of_what_is_installed() -> None:
    found = versions()
    assert found["python"].startswith(f"{sys.version_info.major}.{sys.version_info.minor}")
    assert {"xunzhang", "torch", "streamlit", "qdrant-edge-py", "jieba", "pypdf"} <= found.keys()
