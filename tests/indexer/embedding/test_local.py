from __future__ import annotations

import json
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from transformers import AutoTokenizer, BertModel

from indexer.embedding import check_dim, load, resolve, shorten
from indexer.embedding.device import choose_device
from indexer.errors import EmbeddingError
from indexer.settings import Settings
from tests.checkpoints import MATRYOSHKA_DIMS, linked_copy
from tests.indexer.embedding.conftest import load_local

TEXTS = ["人工智能改变世界", "The quick brown fox，跳过了懒狗。", "劳动合同的试用期最长不得超过六个月"]


def raw_by_hand(folder: Path, texts: list[str]) -> np.ndarray:
    """Piccolo2's forward pass without sentence-transformers: BERT, mean over tokens, Dense."""
    tokens = AutoTokenizer.from_pretrained(folder)(texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        hidden = BertModel.from_pretrained(folder)(**tokens).last_hidden_state.numpy()
    mask = tokens["attention_mask"].numpy()[:, :, None]
    mean = (hidden * mask).sum(axis=1) / mask.sum(axis=1)
    dense = load_file(folder / "2_Dense" / "model.safetensors")
    return mean @ dense["linear.weight"].T + dense["linear.bias"]


@pytest.fixture(scope="module")
def raw(piccolo2_folder):
    return raw_by_hand(piccolo2_folder, TEXTS)


@pytest.mark.parametrize("dim", MATRYOSHKA_DIMS)
def test_each_dimension_of_piccolo2_is_the_sliced_then_normalised_output(piccolo2, raw, dim):
    check_dim(dim, piccolo2.full_dim, piccolo2.matryoshka_dims)
    expected = raw[:, :dim] / np.linalg.norm(raw[:, :dim], axis=1, keepdims=True)
    got = shorten(piccolo2.embed_passages(TEXTS), dim)
    np.testing.assert_allclose(got, expected, atol=1e-6)
    if dim < piccolo2.full_dim:
        wrong = (raw / np.linalg.norm(raw, axis=1, keepdims=True))[:, :dim]  # sliced, not normalised again
        assert np.abs(got - wrong).max() > 1e-3


def test_piccolo2_says_what_it_is_and_where_it_computes(piccolo2):
    assert piccolo2.full_dim == 1792
    assert piccolo2.matryoshka_dims == MATRYOSHKA_DIMS
    assert piccolo2.max_tokens == 512
    assert piccolo2.device == "cpu fp32"


def test_bf16_gives_the_same_vectors_but_for_its_few_digits(piccolo2, piccolo2_folder, monkeypatch):
    monkeypatch.setattr("indexer.embedding.device._cpu_has_bf16", lambda: True)
    settings = Settings(model=str(piccolo2_folder), device="cpu")
    half = load(resolve(settings), settings)
    assert half.device == "cpu bf16"
    cosines = (half.embed_passages(TEXTS) * piccolo2.embed_passages(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.999


def test_piccolo2_has_no_prompt(piccolo2):
    np.testing.assert_allclose(piccolo2.embed_queries(TEXTS), piccolo2.embed_passages(TEXTS), atol=1e-6)
    assert piccolo2.count_tokens(["你好"]) == [4]  # [CLS] 你 好 [SEP]


def test_prefixes_are_put_in_front_once(piccolo2, piccolo2_folder, tmp_path):
    """A folder saved with prompts, one of which sentence-transformers would add by itself."""
    folder = tmp_path / "prefixed"
    linked_copy(piccolo2_folder, folder)
    prompts = {"prompts": {"query": "查询: ", "passage": "结果: "}, "default_prompt_name": "query"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts), encoding="utf-8")
    prefixed = load_local(Settings(model=str(folder), device="cpu"))
    by_hand = {
        side: piccolo2.embed_passages([side + text for text in TEXTS]) for side in ("查询: ", "结果: ")
    }
    np.testing.assert_allclose(prefixed.embed_queries(TEXTS), by_hand["查询: "], atol=1e-6)
    np.testing.assert_allclose(prefixed.embed_passages(TEXTS), by_hand["结果: "], atol=1e-6)
    assert np.abs(prefixed.embed_queries(TEXTS) - piccolo2.embed_queries(TEXTS)).max() > 1e-4
    assert prefixed.count_tokens(["你好"]) == [7]  # 结 果 : as well


def test_loading_and_embedding_touch_no_network(piccolo2_folder, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    settings = Settings(model=str(piccolo2_folder), device="cpu")
    assert load(resolve(settings), settings).embed_queries(["你好"]).shape == (1, 1792)


def test_loading_prints_nothing(piccolo2_folder, capfd):
    settings = Settings(model=str(piccolo2_folder), device="cpu")
    load(resolve(settings), settings).embed_queries(["你好"])
    assert capfd.readouterr() == ("", "")


def test_pickled_weights_load_too(piccolo2, piccolo2_folder, tmp_path):
    folder = tmp_path / "pickled"
    linked_copy(piccolo2_folder, folder)
    for place in (folder, folder / "2_Dense"):
        state = {
            name: torch.from_numpy(array) for name, array in load_file(place / "model.safetensors").items()
        }
        torch.save(state, place / "pytorch_model.bin")
        (place / "model.safetensors").unlink()
    vectors = load_local(Settings(model=str(folder), device="cpu")).embed_passages(TEXTS)
    np.testing.assert_allclose(vectors, piccolo2.embed_passages(TEXTS), atol=1e-6)


def test_weights_of_fewer_layers_than_configured_are_refused(piccolo2_folder, tmp_path):
    folder = tmp_path / "fewer"
    linked_copy(piccolo2_folder, folder)
    weights = load_file(folder / "model.safetensors")
    fewer = {name: weight for name, weight in weights.items() if ".layer.1." not in name}
    (folder / "model.safetensors").unlink()
    save_file(fewer, folder / "model.safetensors", {"format": "pt"})
    settings = Settings(model=str(folder), device="cpu")
    with pytest.raises(EmbeddingError, match=r"lacks weights .*encoder\.layer"):
        load(resolve(settings), settings)


def test_nan_weights_are_noticed(piccolo2_folder, tmp_path):
    folder = tmp_path / "nan"
    linked_copy(piccolo2_folder, folder)
    dense = load_file(folder / "2_Dense" / "model.safetensors")
    dense["linear.bias"] = np.full_like(dense["linear.bias"], np.nan)
    (folder / "2_Dense" / "model.safetensors").unlink()
    save_file(dense, folder / "2_Dense" / "model.safetensors", {"format": "pt"})
    settings = Settings(model=str(folder), device="cpu")
    with pytest.raises(EmbeddingError, match="text 0 is NaN"):
        load(resolve(settings), settings).embed_passages(["你好"])


def test_a_device_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(EmbeddingError, match=r"'tpu' is not available; here: auto, .*cpu"):
        choose_device("tpu")


def test_half_precision_on_a_cpu_only_where_it_is_in_hardware(monkeypatch):
    for able, expected in (
        ({"avx512_bf16": True}, "cpu bf16"),
        ({"amx_bf16": True}, "cpu bf16"),
        ({}, "cpu fp32"),
    ):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda able=able: able)
        assert str(choose_device("cpu")) == expected


def test_a_folder_with_code_of_its_own_is_refused_unless_trusted(piccolo2_folder, tmp_path):
    folder = linked_copy(piccolo2_folder, tmp_path / "with-code")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").unlink()
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "modeling.Mine"}}))
    with pytest.raises(EmbeddingError, match="XUNZHANG_TRUST_REMOTE_CODE"):
        resolve(Settings(model=str(folder)))
    assert resolve(Settings(model=str(folder), trust_remote_code=True)).full_dim == 1792


def test_a_batch_that_does_not_fit_the_memory_is_halved_until_it_does(piccolo2, piccolo2_folder, monkeypatch):
    model = load_local(Settings(model=str(piccolo2_folder), device="cpu", batch_size=8))
    encode, tried = model._model.encode, []

    def with_room_for(most):
        def encode_some(texts, batch_size, **options):
            tried.append(batch_size)
            if batch_size > most:
                raise torch.OutOfMemoryError("no memory is left")
            return encode(texts, batch_size=batch_size, **options)

        return encode_some

    monkeypatch.setattr(model._model, "encode", with_room_for(3))
    for _ in range(2):  # the second does not try in vain again
        np.testing.assert_allclose(model.embed_passages(TEXTS), piccolo2.embed_passages(TEXTS), atol=1e-6)
    assert tried == [8, 4, 2, 2]
    monkeypatch.setattr(model._model, "encode", with_room_for(0))
    with pytest.raises(EmbeddingError, match=r"too little memory left for one passage .*XUNZHANG_DEVICE=cpu"):
        model.embed_passages(TEXTS)
