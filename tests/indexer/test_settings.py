from pathlib import Path

import pytest

from indexer.errors import SettingsError
from indexer.settings import load_settings


@pytest.fixture
def file(tmp_path):
    return tmp_path / "xunzhang.toml"


def test_the_command_line_beats_the_environment_which_beats_the_file(file):
    file.write_text('model = "bge-m3"\ndim = 256\ncollection = "合同"\n', encoding="utf-8")
    settings = load_settings(file, {"XUNZHANG_DIM": "512", "XUNZHANG_COLLECTION": "法规"}, collection="论文")
    assert (settings.model, settings.dim, settings.collection) == ("bge-m3", 512, "论文")


def test_what_was_not_given_changes_nothing(file):
    assert load_settings(file, {}, model=None, index_dir=None) == load_settings(file, {})


def test_values_take_their_field_s_type(file):
    settings = load_settings(file, {"XUNZHANG_INDEX_DIR": "a/b", "XUNZHANG_TRUST_REMOTE_CODE": "true"})
    assert settings.index_dir == Path("a/b")
    assert settings.trust_remote_code is True


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"XUNZHANG_MODLE": "x"}, "XUNZHANG_MODLE: no such setting; there are: index_dir"),
        ({"XUNZHANG_DIM": "big"}, "XUNZHANG_DIM = 'big': must be of type int"),
        ({"XUNZHANG_DIM": "0"}, "dim = 0: must be at least 1"),
        ({"XUNZHANG_COLLECTION": "../x"}, "must be usable as a folder's name"),
        ({"XUNZHANG_OVERLAP_TOKENS": "300"}, "must be between 0 and half of chunk_tokens"),
        ({"XUNZHANG_API_STYLE": "soap"}, "must be 'inputs' or 'openai'"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(file, environ, message):
    with pytest.raises(SettingsError, match=message):
        load_settings(file, environ)


def test_a_key_in_the_file_is_refused_without_being_shown(file):
    file.write_text('api_key = "hush-hush"\n')
    with pytest.raises(SettingsError, match="XUNZHANG_API_KEY") as caught:
        load_settings(file, {})
    assert "hush-hush" not in str(caught.value)


def test_keys_do_not_show_in_a_repr(file):
    settings = load_settings(file, {"XUNZHANG_API_KEY": "hush", "XUNZHANG_QDRANT_API_KEY": "hush"})
    assert settings.api_key == "hush"
    assert "hush" not in repr(settings)


def test_a_broken_file_is_named(file):
    file.write_text("model = ")
    with pytest.raises(SettingsError, match=r"xunzhang\.toml is not valid TOML"):
        load_settings(file, {})
