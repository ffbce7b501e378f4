"""Libraries side by side: which there are, and how one is made."""

import json

import pytest
from qdrant_client import QdrantClient, models

from indexer.collections import collections, create_collection, settings_for
from indexer.embedding import ResolvedModel
from indexer.errors import DimensionError, IndexMissingError, ServerError, SettingsError, UnknownModelError
from indexer.library import follow_index, open_library
from indexer.settings import Settings
from indexer.store import IndexSpec, collection_folder, open_store, read_spec, server
from indexer.store.edge import EdgeStore

SPEC = IndexSpec("fake", "fake-256", 256, 64, 350, 50)
BAD_NAMES = [
    "",
    ".",
    "..",
    ".hidden",
    "a/b",
    "/a",
    "../a",
    "a\\b",
    "*",
    "a*",
    "?",
    "a:b",
    'a"b',
    "<a>",
    "a|b",
]


@pytest.fixture
def settings(tmp_path):
    return Settings(index_dir=tmp_path / "index")


@pytest.fixture
def fake_model(monkeypatch):
    """A model that is found without being there, and its dimensions."""

    def resolve(settings):
        if settings.model != "auto":
            raise UnknownModelError(settings.model)
        return ResolvedModel("fake", "folder", None, "", "", 256, (64, 256), 512, "fake-256", "for tests")

    monkeypatch.setattr("indexer.collections.resolve", resolve)


def build(settings, *names):
    for name in names:
        EdgeStore(settings.index_dir / name, SPEC).close()


def test_the_settings_one_is_there_before_anything_is(settings):
    assert collections(settings) == ["default"]
    settings.index_dir.mkdir()
    assert collections(settings) == ["default"]
    assert collections(Settings(index_dir=settings.index_dir, collection="合同")) == ["合同"]


def test_all_indexes_are_named_once_and_in_order(settings):
    build(settings, "合同", "default", "法规 2024")
    assert collections(settings) == ["default", "合同", "法规 2024"]
    assert collections(Settings(index_dir=settings.index_dir, collection="论文")) == [
        *("default", "合同", "法规 2024", "论文")
    ]


def test_what_is_no_index_is_not_named(settings):
    build(settings, "合同")
    place = settings.index_dir
    (place / "空").mkdir()
    (place / "只有目录").mkdir()
    (place / "只有目录" / "catalog.sqlite").write_bytes(b"")
    (place / "写到一半").mkdir()
    (place / "写到一半" / "spec.json.tmp").write_text("{}", encoding="utf-8")
    (place / "深" / "里").mkdir(parents=True)
    (place / "深" / "里" / "spec.json").write_text("{}", encoding="utf-8")
    (place / "server-localhost_6333" / "远").mkdir(parents=True)
    (place / "spec.json").write_text("{}", encoding="utf-8")
    (place / "文件").write_text("", encoding="utf-8")
    assert collections(settings) == ["default", "合同"]


def test_an_index_in_a_folder_that_can_not_be_named_is_not_offered(settings):
    build(settings, "合同", ".旧的", "a:b")
    assert collections(settings) == ["default", "合同"]
    for name in collections(settings):
        assert settings_for(settings, name).collection == name


def test_a_broken_index_is_named_so_that_someone_sees_it(settings):
    (settings.index_dir / "坏").mkdir(parents=True)
    (settings.index_dir / "坏" / "spec.json").write_text("not JSON", encoding="utf-8")
    assert collections(settings) == ["default", "坏"]


def test_an_index_directory_that_is_a_file_has_none(tmp_path):
    (tmp_path / "index").write_text("", encoding="utf-8")
    assert collections(Settings(index_dir=tmp_path / "index")) == ["default"]


def test_the_settings_one_keeps_the_settings_and_another_has_its_own(settings):
    ours = Settings(index_dir=settings.index_dir, model="piccolo2", dim=512, chunk_tokens=100, device="cpu")
    assert settings_for(ours, "default") is ours
    other = settings_for(ours, "合同")
    assert (other.collection, other.model, other.dim) == ("合同", "auto", None)
    assert (other.index_dir, other.chunk_tokens, other.device) == (ours.index_dir, 100, "cpu")


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_can_be_no_folder_is_refused(settings, name):
    with pytest.raises(SettingsError, match="must be usable as a folder's name"):
        settings_for(settings, name)
    assert not settings.index_dir.exists()


def test_a_new_library_is_empty_and_there(settings, fake_model):
    made = Settings(index_dir=settings.index_dir, collection="合同", dim=64)
    spec = create_collection(made)
    assert (spec.model, spec.full_dim, spec.dim) == ("fake", 256, 64)
    assert spec.index_id
    assert collections(settings) == ["default", "合同"]
    with open_library(made) as (store, catalog):
        assert store.count() == 0 and catalog.all() == []
        assert store.spec == spec


def test_libraries_keep_their_own_models_and_dimensions(settings, fake_model):
    for name, dim in (("合同", 64), ("法规", 256)):
        create_collection(Settings(index_dir=settings.index_dir, collection=name, dim=dim))
    ours = Settings(index_dir=settings.index_dir, model="piccolo2", dim=1792)
    for name, dim in (("合同", 64), ("法规", 256)):
        found = follow_index(settings_for(ours, name))
        assert (found.model, found.dim) == ("fake", dim)


def test_a_library_that_is_there_is_not_made_again(settings, fake_model):
    made = Settings(index_dir=settings.index_dir, collection="合同")
    first = create_collection(made)
    with pytest.raises(SettingsError, match="'合同': there is one of this name already"):
        create_collection(Settings(index_dir=settings.index_dir, collection="合同", dim=64))
    assert read_spec(made) == first


def test_one_that_is_open_elsewhere_is_there_too(settings, fake_model):
    made = Settings(index_dir=settings.index_dir, collection="合同")
    build(settings, "合同")
    store = open_store(made)
    with pytest.raises(SettingsError, match="already"):
        create_collection(made)
    assert store.count() == 0
    store.close()


def test_a_library_of_no_model_or_no_such_dimension_is_not_made(settings, fake_model):
    with pytest.raises(UnknownModelError, match="no-such"):
        create_collection(Settings(index_dir=settings.index_dir, collection="合同", model="no-such"))
    with pytest.raises(DimensionError, match="dimension 9999"):
        create_collection(Settings(index_dir=settings.index_dir, collection="合同", dim=9999))
    assert collections(settings) == ["default"]
    assert create_collection(Settings(index_dir=settings.index_dir, collection="合同")).dim == 256


@pytest.fixture
def remote(tmp_path, monkeypatch):
    """Settings of a server that is in memory, and its client."""
    client = QdrantClient(":memory:")
    monkeypatch.setattr(client, "close", lambda: None)  # one for all that connect
    monkeypatch.setattr(server, "connect", lambda url, key: client)
    return Settings(index_dir=tmp_path / "index", url="http://localhost:6333"), client


def test_of_a_server_those_that_this_program_made_are_named(remote, fake_model):
    settings, client = remote
    assert collections(settings) == ["default"]
    for name in ("合同", "法规"):
        create_collection(Settings(index_dir=settings.index_dir, url=settings.url, collection=name, dim=64))
    client.create_collection(
        "another program's", vectors_config=models.VectorParams(size=4, distance=models.Distance.DOT)
    )
    client.update_collection_aliases(
        change_aliases_operations=[
            models.CreateAliasOperation(
                create_alias=models.CreateAlias(collection_name="another program's", alias_name="theirs")
            )
        ]
    )
    assert collections(settings) == ["default", "合同", "法规"]


def test_on_a_server_too_a_name_is_given_once(remote, fake_model):
    settings, client = remote
    made = Settings(index_dir=settings.index_dir, url=settings.url, collection="合同", dim=64)
    spec = create_collection(made)
    with pytest.raises(SettingsError, match="already"):
        create_collection(made)
    assert read_spec(made) == spec
    client.create_collection("外人", vectors_config=models.VectorParams(size=4, distance=models.Distance.DOT))
    with pytest.raises(IndexMissingError, match="made by another program"):
        create_collection(Settings(index_dir=settings.index_dir, url=settings.url, collection="外人"))


def test_what_is_in_the_folder_is_not_on_the_server(remote, fake_model):
    settings, _ = remote
    build(Settings(index_dir=settings.index_dir), "本机")
    assert collections(settings) == ["default"]


def test_a_server_that_does_not_answer_is_told(tmp_path):
    settings = Settings(index_dir=tmp_path, url="http://127.0.0.1:9")
    with pytest.raises(ServerError, match="can't be reached"):
        collections(settings)


def test_what_is_written_names_the_index(settings, fake_model):
    create_collection(Settings(index_dir=settings.index_dir, collection="合同"))
    folder = collection_folder(Settings(index_dir=settings.index_dir, collection="合同"))
    assert json.loads((folder / "spec.json").read_text(encoding="utf-8"))["fingerprint"] == "fake-256"
