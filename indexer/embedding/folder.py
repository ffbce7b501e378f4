"""What a SentenceTransformer folder says of itself: JSON and file sizes, nothing loaded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import EmbeddingError

# Modules that are nothing without weights; Pooling and Normalize have none.
_WEIGHED = ("Transformer", "Dense", "StaticEmbedding")
_QUERY_PROMPTS = ("query", "search_query")
_PASSAGE_PROMPTS = ("passage", "document", "search_document")
_LFS_POINTER = b"version https://git-lfs"


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """A model folder's own account. None: it does not say."""

    full_dim: int
    max_tokens: int | None
    query_prompt: str | None
    passage_prompt: str | None
    piccolo2_shape: bool  # BERT of hidden size 1024, then Dense to 1792
    own_code: bool  # its configuration points to Python files beside it


@dataclass(frozen=True, slots=True)
class Module:
    """One entry of `modules.json`."""

    kind: str  # the class name: Transformer, Pooling, Dense, Normalize
    path: str  # relative to the folder; "" is the folder itself


def is_model_folder(folder: Path) -> bool:
    """Whether there is a model's configuration, with or without weights."""
    return (folder / "modules.json").is_file() or (folder / "config.json").is_file()


def modules_of(folder: Path) -> list[Module]:
    """The modules in order; a folder without `modules.json` is one Transformer."""
    if not (folder / "modules.json").is_file():
        return [Module("Transformer", "")]
    entries = _read_json(folder / "modules.json")
    try:
        return [Module(str(e["type"]).rsplit(".", 1)[-1], str(e["path"])) for e in entries]
    except (TypeError, KeyError) as error:
        raise EmbeddingError(
            f"{folder / 'modules.json'} is not a list of modules; copy the folder again"
        ) from error


def weight_files(folder: Path) -> list[Path]:
    """The weight files that loading will read: safetensors where there are any, else PyTorch's."""
    found: list[Path] = []
    for module in modules_of(folder):
        place = folder / module.path
        for pattern in ("model*.safetensors", "pytorch_model*.bin"):
            if files := [file for file in sorted(place.glob(pattern)) if _is_weights(file)]:
                found += files
                break
    return found


def missing_weights(folder: Path) -> list[str]:
    """Modules whose weights, or a part of them, are not there; empty: nothing is missing."""
    missing = []
    for module in modules_of(folder):
        if module.kind in _WEIGHED and not _has_weights(folder / module.path):
            missing.append(module.path or module.kind)
    return missing


def read_facts(folder: Path) -> FolderFacts:
    """Read a folder's configuration.

    Raises:
        EmbeddingError: its JSON is broken, or does not tell the vectors' length.
    """
    modules = modules_of(folder)
    first = folder / (modules[0].path if modules else "")
    config = _read_json(first / "config.json")
    hidden = config.get("hidden_size")
    dense = [_read_json(folder / m.path / "config.json") for m in modules if m.kind == "Dense"]
    full_dim = dense[-1].get("out_features") if dense else _pooled_dim(folder, modules) or hidden
    if not isinstance(full_dim, int) or full_dim < 1:
        raise EmbeddingError(
            f"{folder} does not say how long its vectors are: no out_features, "
            "word_embedding_dimension or hidden_size in its JSON files; is it an embedding model?"
        )
    query, passage = _prompts(folder)
    return FolderFacts(
        full_dim=full_dim,
        max_tokens=_max_tokens(first, config),
        query_prompt=query,
        passage_prompt=passage,
        piccolo2_shape=config.get("model_type") == "bert"
        and (hidden, full_dim, len(dense)) == (1024, 1792, 1),
        own_code="AutoModel" in (config.get("auto_map") or {}),
    )


def _pooled_dim(folder: Path, modules: list[Module]) -> int | None:
    for module in modules:
        if module.kind == "Pooling":
            config = _read_json(folder / module.path / "config.json")
            width = config.get("word_embedding_dimension") or config.get("embedding_dimension")
            modes = [name for name, on in config.items() if name.startswith("pooling_mode_") and on is True]
            mode = config.get("pooling_mode", modes or "mean")
            return width * (1 if isinstance(mode, str) else len(mode)) if isinstance(width, int) else None
    return None


def _max_tokens(first: Path, config: dict[str, Any]) -> int | None:
    """The window: the smallest of what sentence-transformers, the tokenizer and the model allow."""
    positions = config.get("max_position_embeddings")
    if isinstance(positions, int) and "roberta" in str(config.get("model_type")):
        positions -= int(config.get("pad_token_id") or 0) + 1  # RoBERTa counts positions from pad + 1
    limits = [
        _read_json(first / "sentence_bert_config.json", missing={}).get("max_seq_length"),
        _read_json(first / "tokenizer_config.json", missing={}).get("model_max_length"),
        positions,
    ]
    return min((limit for limit in limits if isinstance(limit, int) and limit > 0), default=None)


def _prompts(folder: Path) -> tuple[str | None, str | None]:
    """The prompts saved with the model; a default that is for neither side stands in for both.

    An empty one says nothing: sentence-transformers saves those whatever the author meant.
    """
    config = _read_json(folder / "config_sentence_transformers.json", missing={})
    prompts = config.get("prompts") or {}
    name = config.get("default_prompt_name")
    default = None if name in (*_QUERY_PROMPTS, *_PASSAGE_PROMPTS) else prompts.get(name)
    query = next((prompts[name] for name in _QUERY_PROMPTS if prompts.get(name)), default)
    passage = next((prompts[name] for name in _PASSAGE_PROMPTS if prompts.get(name)), default)
    return query, passage


def _has_weights(place: Path) -> bool:
    for index in (*place.glob("model*.safetensors.index.json"), *place.glob("pytorch_model*.bin.index.json")):
        shards = set(_read_json(index).get("weight_map", {}).values())
        if shards and all(_is_weights(place / shard) for shard in shards):
            return True
    whole = [*place.glob("model*.safetensors"), *place.glob("pytorch_model*.bin")]
    return any(_is_weights(file) and "-of-" not in file.name for file in whole)


def _is_weights(file: Path) -> bool:
    """A clone without git-lfs has pointers of some 130 bytes where the weights should be."""
    if not file.is_file() or file.stat().st_size == 0:
        return False
    with file.open("rb") as opened:
        return opened.read(len(_LFS_POINTER)) != _LFS_POINTER


def _read_json(file: Path, missing: Any = None) -> Any:
    if missing is not None and not file.is_file():
        return missing
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise EmbeddingError(
            f"{file} is missing; copy the whole model folder, subfolders included"
        ) from error
    except (OSError, ValueError) as error:
        raise EmbeddingError(f"{file} can't be read as JSON ({error}); copy the folder again") from error
