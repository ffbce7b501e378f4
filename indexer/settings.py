"""Settings: defaults, then `xunzhang.toml`, then `XUNZHANG_*` variables, then the command line.

Frozen and passed in; nothing reads them globally. A typo fails at load.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from indexer.errors import SettingsError
from indexer.model import OcrMode

SETTINGS_FILE = Path("xunzhang.toml")
ENV_PREFIX = "XUNZHANG_"
DEFAULT_COLLECTION = "default"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how they are done. Field names are the keys of `xunzhang.toml`."""

    index_dir: Path = Path("data/index")  # the embedded index, and the catalogue in any case
    url: str | None = None  # a Qdrant server; None: the embedded engine
    collection: str = DEFAULT_COLLECTION

    model: str = "auto"  # a preset, a folder, or "api"
    dim: int | None = None  # of the searched vectors; None: the model's full dimension
    device: str = "auto"  # auto, cuda, mps, cpu
    batch_size: int | None = None  # passages a forward pass; None: what suits the device
    models_dir: Path | None = None  # where models are kept; None: the user's cache directory
    trust_remote_code: bool = False  # run code that comes with a model's folder
    api_url: str | None = None  # an embedding API
    api_style: str = "inputs"  # "inputs": {"inputs": [...]}; "openai": /v1/embeddings
    api_model: str | None = None  # the model's name, for api_style "openai"
    api_max_tokens: int = 512  # window of the model behind the API
    api_timeout_seconds: float = 30.0

    folders: tuple[Path, ...] = ()  # that the library page may index, with what is below them

    chunk_tokens: int = 350  # most tokens of a chunk
    overlap_tokens: int = 50  # most tokens repeated from the chunk before, whole sentences

    ocr: OcrMode = "auto"  # read pages of PDFs from their pictures

    user_dict: Path | None = None  # words that jieba does not know; None: as the index has them
    bm25_k1: float | None = None  # see indexer/words.py; None: as the index has it
    bm25_b: float | None = None

    rerank_model: str | None = None  # a cross-encoder's folder or name, for rerank "cross"
    rerank_candidates: int = 20  # of the first stage, scored again by the second
    rerank_seconds: float = 3.0  # most time for that; candidates are cut, and the answer says so
    rerank_cache_mib: int = 256  # of token vectors kept from question to question, for rerank "late"
    relevance_threshold: float = 0.15  # 0..1; hits below are shown as weak
    hits_per_document: int = 3  # most hits of one document; 0: any number

    # Keys come from the environment only, and never appear in a repr.
    api_key: str | None = field(default=None, repr=False)  # XUNZHANG_API_KEY
    qdrant_api_key: str | None = field(default=None, repr=False)  # XUNZHANG_QDRANT_API_KEY
    document_password: str | None = field(default=None, repr=False)  # XUNZHANG_DOCUMENT_PASSWORD: of PDFs

    def __post_init__(self) -> None:
        if self.chunk_tokens < 32:
            raise SettingsError(f"chunk_tokens = {self.chunk_tokens}: must be at least 32")
        if not 0 <= self.overlap_tokens <= self.chunk_tokens // 2:
            raise SettingsError(
                f"overlap_tokens = {self.overlap_tokens}: must be between 0 and half of "
                f"chunk_tokens ({self.chunk_tokens // 2})"
            )
        if self.dim is not None and self.dim < 1:
            raise SettingsError(f"dim = {self.dim}: must be at least 1")
        if self.batch_size is not None and self.batch_size < 1:
            raise SettingsError(f"batch_size = {self.batch_size}: must be at least 1")
        if self.bm25_k1 is not None and not 0 <= self.bm25_k1 <= 10:
            raise SettingsError(f"bm25_k1 = {self.bm25_k1}: must be between 0 and 10")
        if self.bm25_b is not None and not 0 <= self.bm25_b <= 1:
            raise SettingsError(f"bm25_b = {self.bm25_b}: must be between 0 and 1")
        if self.rerank_candidates < 1:
            raise SettingsError(f"rerank_candidates = {self.rerank_candidates}: must be at least 1")
        if self.rerank_seconds <= 0:
            raise SettingsError(f"rerank_seconds = {self.rerank_seconds}: must be more than 0")
        if not 0 <= self.relevance_threshold <= 1:
            raise SettingsError(f"relevance_threshold = {self.relevance_threshold}: must be between 0 and 1")
        if self.hits_per_document < 0:
            raise SettingsError(f"hits_per_document = {self.hits_per_document}: must be at least 0")
        if self.ocr not in get_args(OcrMode):
            raise SettingsError(f"ocr = {self.ocr!r}: must be one of {', '.join(get_args(OcrMode))}")
        if self.api_style not in ("inputs", "openai"):
            raise SettingsError(f"api_style = {self.api_style!r}: must be 'inputs' or 'openai'")
        name = self.collection
        if not name.strip() or name[0] in ".-" or not name.isprintable() or set(name) & set('/\\:*?"<>|'):
            raise SettingsError(f"collection = {self.collection!r}: must be usable as a folder's name")


_SECRETS = ("api_key", "qdrant_api_key", "document_password")
_FIELDS = {f.name: str(f.type) for f in dataclasses.fields(Settings)}


def load_settings(
    file: Path = SETTINGS_FILE,
    environ: Mapping[str, str] = os.environ,
    /,
    **given: object,
) -> Settings:
    """Read the settings.

    Args:
        file: a TOML file; missing is fine.
        environ: variables named XUNZHANG_ and the field's name in capitals.
        given: what the command line gave; None means not given.

    Raises:
        SettingsError: an unknown key, a wrong value, or a key for a service in the file.
    """
    values: dict[str, object] = {}
    if file.is_file():
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file} is not valid TOML: {error}") from error
        for name, value in table.items():
            if name in _SECRETS:
                raise SettingsError(
                    f"{file}: {name} does not belong in a file; set {ENV_PREFIX}{name.upper()} instead"
                )
            values[name] = _convert(name, value, f"{file}: {name}")
    for variable, value in environ.items():
        if variable.startswith(ENV_PREFIX):
            name = variable.removeprefix(ENV_PREFIX).lower()
            values[name] = _convert(name, value, variable)
    values |= {name: _convert(name, value, name) for name, value in given.items() if value is not None}
    return Settings(**values)  # type: ignore[arg-type]  # each value was converted to its field's type


def _convert(name: str, value: object, where: str) -> object:
    kind = _FIELDS.get(name)
    if kind is None:
        raise SettingsError(f"{where}: no such setting; there are: {', '.join(_FIELDS)}")
    shown = "its value" if name in _SECRETS else repr(value)
    wrong = SettingsError(f"{where} = {shown}: must be of type {kind}")
    if kind.startswith("bool"):
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("1", "true", "yes", "0", "false", "no"):
            return str(value).lower() in ("1", "true", "yes")
        raise wrong
    if isinstance(value, bool):
        raise wrong
    if kind.startswith("tuple"):
        paths = value.split(os.pathsep) if isinstance(value, str) else value
        if not isinstance(paths, list | tuple) or not all(isinstance(path, str | Path) for path in paths):
            raise wrong
        return tuple(Path(path).expanduser() for path in paths if str(path).strip())
    try:
        if kind.startswith("int"):
            if isinstance(value, float):
                raise wrong
            return int(value)  # type: ignore[call-overload]
        if kind.startswith("float"):
            return float(value)  # type: ignore[arg-type]
        if kind.startswith("Path"):
            return Path(value).expanduser()  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise wrong from error
    if not isinstance(value, str):
        raise wrong
    return value
