from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.embedding import PRESETS, resolve
from indexer.embedding.locate import models_dir
from indexer.embedding.presets import find_preset, preset_in_path
from indexer.errors import EmbeddingError, ModelMissingError, UnknownModelError, WeightsMissingError
from indexer.settings import Settings
from tests.checkpoints import MATRYOSHKA_DIMS, linked_copy, make_piccolo2_checkpoint


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """An empty models folder."""
    return tmp_path / "models"


def folder_of(path: Path, files: dict[str, object]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            (path / name).write_bytes(content)
        else:
            (path / name).write_text(json.dumps(content), encoding="utf-8")
    return path


def test_auto_takes_piccolo2_where_its_weights_are(here, piccolo2_folder):
    linked_copy(piccolo2_folder, here / "piccolo2")
    found = resolve(Settings(models_dir=here))
    assert (found.name, found.kind, found.full_dim) == ("piccolo2", "folder", 1792)
    assert found.matryoshka_dims == MATRYOSHKA_DIMS
    assert found.why.startswith("auto: Piccolo2's weights are in")


def test_auto_takes_compact_where_there_is_nothing_else_and_says_so(here):
    found = resolve(Settings(models_dir=here))
    assert (found.name, found.kind, found.full_dim, found.matryoshka_dims) == ("compact", "compact", 384, ())
    assert found.why == "auto: Piccolo2's weights are not here; using compact"
    assert not here.exists()  # nothing is unpacked to know that


def test_auto_passes_over_a_copy_without_weights(here):
    make_piccolo2_checkpoint(here / "piccolo2", weights=False)
    assert resolve(Settings(models_dir=here)).name == "compact"


def test_auto_takes_the_api_where_one_is_set(here, api):
    api.dim = 1792
    found = resolve(Settings(models_dir=here, api_url=api.url))
    assert (found.kind, found.full_dim, found.matryoshka_dims) == ("api", 1792, MATRYOSHKA_DIMS)
    assert found.why.startswith("auto: Piccolo2's weights are not here; using the API at http://127.0.0.1:")


def test_in_the_hub_cache_an_old_snapshot_with_weights_beats_the_current_one_without(
    here, piccolo2_folder, tmp_path
):
    cached = tmp_path / "hub" / "models--sensenova--piccolo-large-zh-v2"
    old = linked_copy(piccolo2_folder, cached / "snapshots" / "aaaa")
    make_piccolo2_checkpoint(cached / "snapshots" / "bbbb", weights=False)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("bbbb")
    assert resolve(Settings(models_dir=here)).folder == old
    by_path = resolve(Settings(model=str(cached)))
    assert (by_path.folder, by_path.name) == (old, "piccolo-large-zh-v2")


def test_modelscope_s_cache_is_looked_at_too(here, piccolo2_folder, tmp_path):
    copy = linked_copy(
        piccolo2_folder, tmp_path / "modelscope" / "hub" / "models" / "someone" / "piccolo-large-zh-v2"
    )
    assert resolve(Settings(models_dir=here)).folder == copy


def test_piccolo2_by_name_without_weights_explains_the_withdrawal_and_the_ways_out(here):
    make_piccolo2_checkpoint(here / "piccolo2", weights=False)
    for folders in (here, here / "empty"):
        with pytest.raises(WeightsMissingError) as caught:
            resolve(Settings(model="piccolo2", models_dir=folders))
        for part in (
            "2024-05-16",
            "--model /path",
            "XUNZHANG_API_URL",
            "models fetch stella",
            "acge",
            "compact",
        ):
            assert part in str(caught.value)


def test_a_folder_of_piccolo2_s_shape_without_weights_is_explained_whatever_its_name(tmp_path):
    folder = make_piccolo2_checkpoint(tmp_path / "mine", weights=False)
    with pytest.raises(WeightsMissingError, match=r"Transformer, 2_Dense.*2024-05-16"):
        resolve(Settings(model=str(folder)))


def test_a_missing_second_module_is_missing_weights(tmp_path, piccolo2_folder):
    folder = linked_copy(piccolo2_folder, tmp_path / "mine")
    (folder / "2_Dense" / "model.safetensors").unlink()
    with pytest.raises(WeightsMissingError, match="for 2_Dense"):
        resolve(Settings(model=str(folder)))


def test_a_git_lfs_pointer_is_no_weights(tmp_path, piccolo2_folder):
    folder = linked_copy(piccolo2_folder, tmp_path / "mine")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\n")
    with pytest.raises(WeightsMissingError, match="for Transformer"):
        resolve(Settings(model=str(folder)))


def test_a_missing_shard_is_missing_weights(tmp_path):
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    folder = folder_of(
        tmp_path / "sharded",
        {
            "config.json": {"model_type": "bert", "hidden_size": 8},
            "model.safetensors.index.json": index,
            "model-00001-of-00002.safetensors": b"1",
        },
    )
    with pytest.raises(WeightsMissingError, match="Transformer"):
        resolve(Settings(model=str(folder)))
    (folder / "model-00002-of-00002.safetensors").write_bytes(b"2")
    assert resolve(Settings(model=str(folder))).full_dim == 8


def test_another_preset_that_is_not_here_says_how_to_get_it(here):
    with pytest.raises(ModelMissingError, match=r"models fetch bge-m3`, or copy its folder"):
        resolve(Settings(model="bge-m3", models_dir=here))


def test_a_name_that_is_nothing_lists_what_there_is():
    with pytest.raises(
        UnknownModelError, match=r"'picolo2' is no preset and no folder; there are: auto, api, piccolo2"
    ):
        resolve(Settings(model="picolo2"))


def test_a_file_is_no_model(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"x")
    with pytest.raises(UnknownModelError, match="is a file, not a folder"):
        resolve(Settings(model=str(tmp_path / "model.safetensors")))


def test_a_folder_without_configuration_is_no_model(tmp_path):
    with pytest.raises(ModelMissingError, match=r"neither modules.json nor config.json"):
        resolve(Settings(model=str(tmp_path)))


def test_broken_configuration_names_the_file(tmp_path):
    folder = folder_of(tmp_path / "broken", {"config.json": b"{", "model.safetensors": b"x"})
    with pytest.raises(EmbeddingError, match=r"config\.json can't be read as JSON"):
        resolve(Settings(model=str(folder)))


def test_a_finetuned_copy_keeps_its_name_and_its_family_s_dimensions(tmp_path, piccolo2_folder):
    found = resolve(Settings(model=str(linked_copy(piccolo2_folder, tmp_path / "法律微调"))))
    assert (found.name, found.matryoshka_dims) == ("法律微调", MATRYOSHKA_DIMS)
    assert found.why.endswith("recognised as piccolo2")


def test_a_folder_is_recognised_by_its_repository_s_name(tmp_path, piccolo2_folder):
    found = resolve(Settings(model=str(linked_copy(piccolo2_folder, tmp_path / "acge_text_embedding"))))
    assert found.matryoshka_dims == (1024, 1536, 1792)


def test_a_name_is_not_believed_where_the_vectors_disagree(tmp_path):
    folder = folder_of(
        tmp_path / "piccolo-large-zh-v2",
        {"config.json": {"model_type": "bert", "hidden_size": 768}, "model.safetensors": b"x"},
    )
    found = resolve(Settings(model=str(folder)))
    assert (found.full_dim, found.matryoshka_dims) == (768, ())


def test_piccolo_1_gets_its_prefixes(here):
    folder_of(
        here / "piccolo-large-zh",
        {
            "config.json": {"model_type": "bert", "hidden_size": 1024, "max_position_embeddings": 512},
            "pytorch_model.bin": b"x",
        },
    )
    found = resolve(Settings(model="sensenova/piccolo-large-zh", models_dir=here))
    assert (found.query_prompt, found.passage_prompt) == ("查询: ", "结果: ")
    assert (found.full_dim, found.matryoshka_dims, found.max_tokens) == (1024, (), 512)


def test_a_saved_default_prompt_is_for_both_sides_unless_it_is_one_side_s(tmp_path):
    files = {"config.json": {"model_type": "bert", "hidden_size": 8}, "model.safetensors": b"x"}
    for default, expected in (("any", ("句：", "句：")), ("query", ("问：", ""))):
        prompts = {"prompts": {"any": "句：", "query": "问："} if default == "query" else {"any": "句："}}
        saved = {"config_sentence_transformers.json": prompts | {"default_prompt_name": default}}
        found = resolve(Settings(model=str(folder_of(tmp_path / default, files | saved))))
        assert (found.query_prompt, found.passage_prompt) == expected


def test_models_are_kept_in_the_user_s_cache_unless_set(here):
    assert models_dir(Settings(models_dir=here)) == here
    assert models_dir(Settings()).parts[-2:] == ("xunzhang", "models")


def test_an_unknown_folder_speaks_for_itself(tmp_path):
    st = "sentence_transformers.models."
    folder = folder_of(
        tmp_path / "mine",
        {
            "modules.json": [
                {"path": "0_Transformer", "type": st + "Transformer"},
                {"path": "1_Pooling", "type": st + "Pooling"},
            ],
            "0_Transformer/config.json": {
                "model_type": "xlm-roberta",
                "hidden_size": 300,
                "max_position_embeddings": 514,
                "pad_token_id": 1,
            },
            "0_Transformer/tokenizer_config.json": {"model_max_length": 10**30},
            "0_Transformer/model.safetensors": b"x",
            "1_Pooling/config.json": {
                "word_embedding_dimension": 300,
                "pooling_mode_cls_token": True,
                "pooling_mode_mean_tokens": True,
            },
            "config_sentence_transformers.json": {"prompts": {"query": "问：", "document": "答："}},
        },
    )
    found = resolve(Settings(model=str(folder)))
    assert (found.full_dim, found.max_tokens, found.matryoshka_dims) == (600, 512, ())
    assert (found.query_prompt, found.passage_prompt) == ("问：", "答：")


def test_a_fingerprint_follows_weights_and_prompts_and_nothing_else(tmp_path, piccolo2_folder):
    original = resolve(Settings(model=str(piccolo2_folder))).fingerprint
    copy = linked_copy(piccolo2_folder, tmp_path / "copy")
    (copy / "README.md").write_text("read me")
    assert resolve(Settings(model=str(copy))).fingerprint == original

    prompts = {"prompts": {"query": "问："}}
    (copy / "config_sentence_transformers.json").write_text(json.dumps(prompts), encoding="utf-8")
    assert resolve(Settings(model=str(copy))).fingerprint != original

    other = linked_copy(piccolo2_folder, tmp_path / "other")
    content = bytearray((other / "2_Dense" / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (other / "2_Dense" / "model.safetensors").unlink()
    (other / "2_Dense" / "model.safetensors").write_bytes(content)
    assert resolve(Settings(model=str(other))).fingerprint != original


def test_presets_are_found_by_name_and_by_repository_in_any_case():
    assert find_preset("Piccolo2") is find_preset("sensenova/piccolo-large-zh-v2") is PRESETS["piccolo2"]
    assert find_preset("no-such-model") is None


def test_the_longest_repository_name_in_a_path_wins():
    assert preset_in_path(("models", "piccolo-large-zh-v2-copy")) is PRESETS["piccolo2"]
    assert preset_in_path(("models", "piccolo-large-zh")) is PRESETS["piccolo-large-zh"]
    assert preset_in_path(("x", "bge-m3")) is PRESETS["bge-m3"]
    stella = PRESETS["stella-mrl-large-zh-v3.5-1792d"]
    assert preset_in_path(("x", "stella-mrl-large-zh-v3___5-1792d")) is stella  # ModelScope's spelling
    assert preset_in_path(("compact", "mine")) is None


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_a_preset_s_matryoshka_dimensions_ascend_to_its_full_length(preset):
    if preset.matryoshka_dims:
        assert list(preset.matryoshka_dims) == sorted(preset.matryoshka_dims)
        assert preset.matryoshka_dims[-1] == preset.full_dim
