"""A short name for what a model computes: changes when, and only when, its vectors would."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from indexer.embedding.folder import modules_of, weight_files

# Not among them: README, and config_sentence_transformers.json, which holds library versions and
# prompts; the prompts in use are hashed themselves.
_CONFIGURATION = (
    "config.json",
    "modules.json",
    "sentence_*_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "*.model",
)
_SAMPLE_BYTES = 1 << 20


def fingerprint_of(*parts: str) -> str:
    """32 hexadecimal digits for these parts, in this order."""
    return _digest(part.encode("utf-8") for part in parts)


def folder_fingerprint(folder: Path, query_prompt: str, passage_prompt: str) -> str:
    """Fingerprint of a model folder, the same wherever the folder lies.

    Small files are hashed whole. Of a weight file, its size and a MiB each from beginning, middle
    and end: hashing 1.2 GB at every start is too slow, and training moves every sample.
    """

    def parts() -> Iterable[bytes]:
        yield from (b"folder", query_prompt.encode("utf-8"), passage_prompt.encode("utf-8"))
        places = sorted({folder, *(folder / module.path for module in modules_of(folder))})
        for file in sorted({f for place in places for glob in _CONFIGURATION for f in place.glob(glob)}):
            yield from (file.relative_to(folder).as_posix().encode("utf-8"), file.read_bytes())
        for file in weight_files(folder):
            yield from (file.relative_to(folder).as_posix().encode("utf-8"), _sample(file))

    return _digest(parts())


def _sample(file: Path) -> bytes:
    size = file.stat().st_size
    with file.open("rb") as opened:
        pieces = [str(size).encode("ascii")]
        for start in (0, size // 2, max(0, size - _SAMPLE_BYTES)):
            opened.seek(start)
            pieces.append(opened.read(_SAMPLE_BYTES))
    return b"".join(pieces)


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))  # so that ("ab", "c") is not ("a", "bc")
        digest.update(part)
    return digest.hexdigest()[:32]
