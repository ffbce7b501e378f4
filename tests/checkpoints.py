"""Model folders for tests: Piccolo2's true shape with random weights, made in seconds."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

HIDDEN, HEADS, FFN, VOCABULARY, POSITIONS, DIM = 1024, 16, 4096, 21128, 512, 1792
MATRYOSHKA_DIMS = (256, 512, 768, 1024, 1280, 1536, 1792)


def make_piccolo2_checkpoint(folder: Path, layers: int = 2, weights: bool = True, seed: int = 0) -> Path:
    """Write a SentenceTransformer folder shaped like sensenova/piccolo-large-zh-v2.

    Args:
        folder: made if need be; its name decides whether it is known by name.
        layers: of 24 in the real one; each is 50 MB.
        weights: False gives what the hub has had since the withdrawal.
        seed: of the random weights.

    Returns:
        The folder.
    """
    for name, content in _configuration(layers).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content, indent=2), encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join(_vocabulary()) + "\n", encoding="utf-8")
    if weights:
        random = np.random.default_rng(seed)
        save_file(_bert(layers, random), folder / "model.safetensors", metadata={"format": "pt"})
        dense = _linear("linear", HIDDEN, DIM, random)
        save_file(dense, folder / "2_Dense" / "model.safetensors", metadata={"format": "pt"})
    return folder


def make_cross_encoder(folder: Path, labels: int = 1, seed: int = 0) -> Path:
    """Write a small BERT cross-encoder with random weights: one layer, one score a pair.

    Returns:
        The folder.
    """
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(_vocabulary()) + "\n", encoding="utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=64,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=128,
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def linked_copy(source: Path, target: Path) -> Path:
    """A copy of a folder that costs nothing: its files are links. Unlink one before writing to it."""
    return Path(shutil.copytree(source, target, copy_function=os.link))


def _configuration(layers: int) -> dict[str, Any]:
    st = "sentence_transformers.models."
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": HIDDEN,
            "num_hidden_layers": layers,
            "num_attention_heads": HEADS,
            "intermediate_size": FFN,
            "vocab_size": VOCABULARY,
            "max_position_embeddings": POSITIONS,
            "type_vocab_size": 2,
            "layer_norm_eps": 1e-12,
            "pad_token_id": 0,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "BertTokenizer",
            "do_lower_case": True,
            "model_max_length": POSITIONS,
        },
        "sentence_bert_config.json": {"max_seq_length": POSITIONS, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": HIDDEN,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "2_Dense/config.json": {
            "in_features": HIDDEN,
            "out_features": DIM,
            "bias": True,
            "activation_function": "torch.nn.modules.linear.Identity",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": st + "Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": st + "Pooling"},
            {"idx": 2, "name": "2", "path": "2_Dense", "type": st + "Dense"},
        ],
    }


def _vocabulary() -> list[str]:
    """21,128 pieces in BERT's Chinese order: specials, ASCII, punctuation, word parts, Han."""
    pieces = ["[PAD]", *(f"[unused{i}]" for i in range(1, 100)), "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces += [chr(code) for code in range(0x21, 0x7F) if not chr(code).isupper()]
    pieces += list("，。、；：？！“”‘’（）《》〈〉【】—…·")
    pieces += [f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789"]
    return pieces + [chr(0x4E00 + i) for i in range(VOCABULARY - len(pieces))]


def _bert(layers: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    weights = {
        "embeddings.word_embeddings.weight": _normal(random, VOCABULARY, HIDDEN),
        "embeddings.position_embeddings.weight": _normal(random, POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": _normal(random, 2, HIDDEN),
        **_norm("embeddings.LayerNorm"),
    }
    for layer in range(layers):
        name = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            weights |= _linear(f"{name}.attention.{part}", HIDDEN, HIDDEN, random)
        weights |= _norm(f"{name}.attention.output.LayerNorm")
        weights |= _linear(f"{name}.intermediate.dense", HIDDEN, FFN, random)
        weights |= _linear(f"{name}.output.dense", FFN, HIDDEN, random)
        weights |= _norm(f"{name}.output.LayerNorm")
    return weights


def _linear(name: str, inputs: int, outputs: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    return {f"{name}.weight": _normal(random, outputs, inputs), f"{name}.bias": _normal(random, outputs)}


def _norm(name: str) -> dict[str, np.ndarray]:
    return {f"{name}.weight": np.ones(HIDDEN, np.float32), f"{name}.bias": np.zeros(HIDDEN, np.float32)}


def _normal(random: np.random.Generator, *shape: int) -> np.ndarray:
    return random.standard_normal(shape, dtype=np.float32) * np.float32(0.02)  # BERT's initialisation
