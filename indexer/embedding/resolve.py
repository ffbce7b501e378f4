"""Which model a setting means, and all that can be known of it without loading it.

Cheap: reads JSON and file sizes. Only for an API does it ask the network, one short text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from indexer.embedding.fingerprint import fingerprint_of, folder_fingerprint
from indexer.embedding.folder import FolderFacts, is_model_folder, missing_weights, read_facts
from indexer.embedding.locate import find_copy, models_dir, newest_snapshot
from indexer.embedding.presets import COMPACT, PICCOLO2, PRESETS, Preset, find_preset, preset_in_path
from indexer.errors import EmbeddingError, ModelMissingError, UnknownModelError, WeightsMissingError
from indexer.settings import Settings

_DEFAULT_WINDOW = 512  # of a folder that states none: BERT's

WITHDRAWAL = (
    "Piccolo2's weights were temporarily removed by their publisher on 2024-05-16, so a download gives "
    "configuration and tokenizer only. Ways out: `--model /path/to/folder` with a copy from before; an API "
    "in front of such a copy, by XUNZHANG_API_URL and `--model api`; an open model of the same shape, "
    "`python -m indexer models fetch stella-mrl-large-zh-v3.5-1792d` (or acge_text_embedding) and then "
    "`--model` with its name; or `--model compact`, which is already here"
)


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model that has been found, not loaded. `indexer.embedding.load` makes an Embedder of it."""

    name: str
    kind: Literal["folder", "api", "compact"]
    folder: Path | None  # None for an API; compact's is made when it is first loaded
    query_prompt: str
    passage_prompt: str
    full_dim: int
    matryoshka_dims: tuple[int, ...]
    max_tokens: int
    fingerprint: str
    why: str  # one line for people: what was chosen, and for what reason


def resolve(settings: Settings) -> ResolvedModel:
    """Find the model that `settings.model` names: "auto", "api", a preset or a folder.

    Raises:
        UnknownModelError: no preset or folder of this name.
        ModelMissingError: a preset that is not on this machine, or a folder that holds no model.
        WeightsMissingError: a model's folder without its weights.
        ApiError: the API could not be asked for the length of its vectors.
        EmbeddingError: a folder's configuration is broken, or asks to run code.
    """
    if settings.model == "auto":
        return _auto(settings)
    if settings.model == "api":
        return _api(settings)
    if preset := find_preset(settings.model):
        return _preset(preset, settings)
    folder = Path(settings.model).expanduser()
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "is no preset and no folder"
        raise UnknownModelError(
            f"model {settings.model!r} {what}; there are: auto, api, {', '.join(PRESETS)}, "
            "or the path of a SentenceTransformer folder"
        )
    return _path(folder, settings)


def _auto(settings: Settings) -> ResolvedModel:
    found = find_copy(PICCOLO2, settings)
    if found is not None and not missing_weights(found):
        return _folder(found, PICCOLO2, settings, PICCOLO2.name, f"auto: Piccolo2's weights are in {found}")
    if settings.api_url is not None:
        return _api(settings, because="auto: Piccolo2's weights are not here; using ")
    return _compact(settings, why="auto: Piccolo2's weights are not here; using compact")


def _preset(preset: Preset, settings: Settings) -> ResolvedModel:
    if preset is COMPACT:
        return _compact(settings, why="as asked, or as the index was made")
    folder = find_copy(preset, settings)
    if folder is not None:
        return _folder(folder, preset, settings, preset.name, f"{preset.name} in {folder}")
    if preset is PICCOLO2:
        raise WeightsMissingError(f"piccolo2 is not on this machine. {WITHDRAWAL}")
    raise ModelMissingError(
        f"{preset.name} is not on this machine (looked in {models_dir(settings)} and the hub caches); "
        f"`python -m indexer models fetch {preset.name}`, or copy its folder and use `--model /path/to/it`"
    )


def _path(folder: Path, settings: Settings) -> ResolvedModel:
    parts = folder.absolute().parts
    name = folder.absolute().name
    if not is_model_folder(folder) and (snapshot := newest_snapshot(folder)):
        folder = snapshot  # a hub cache's models--owner--name
    if not is_model_folder(folder):
        raise ModelMissingError(
            f"{folder} holds no model: neither modules.json nor config.json; give the folder that has them"
        )
    # A hub cache's snapshot is called by its commit; the repository's name is two levels up.
    nearby = parts[-3:] if folder.absolute().parent.name == "snapshots" else parts[-2:]
    by_name = preset_in_path(nearby)
    if name.startswith("models--") or folder.absolute().parent.name == "snapshots":
        name = by_name.repo_name if by_name else name
    return _folder(folder, by_name, settings, name, f"the folder {folder}")


def _folder(folder: Path, known: Preset | None, settings: Settings, name: str, why: str) -> ResolvedModel:
    facts = read_facts(folder)
    preset = _recognise(facts, known)
    if missing := missing_weights(folder):
        _refuse_weightless(folder, missing, preset)
    if facts.own_code and not settings.trust_remote_code:
        raise EmbeddingError(
            f"{folder} wants to run Python code of its own, and without it its vectors would be wrong; "
            "read that code, then set XUNZHANG_TRUST_REMOTE_CODE=1 if you trust it"
        )
    # What was saved with the model wins: a fine-tuned copy may have been trained with other prompts.
    query = facts.query_prompt if facts.query_prompt is not None else preset.query_prompt if preset else ""
    passage = (
        facts.passage_prompt if facts.passage_prompt is not None else preset.passage_prompt if preset else ""
    )
    return ResolvedModel(
        name=name,
        kind="folder",
        folder=folder,
        query_prompt=query,
        passage_prompt=passage,
        full_dim=facts.full_dim,
        matryoshka_dims=preset.matryoshka_dims if preset else (),
        max_tokens=facts.max_tokens or (preset.max_tokens if preset else _DEFAULT_WINDOW),
        fingerprint=folder_fingerprint(folder, query, passage),
        why=f"{why}, recognised as {preset.name}" if preset and preset.name != name else why,
    )


def _recognise(facts: FolderFacts, known: Preset | None) -> Preset | None:
    """The preset that a folder is of, by name if its vectors agree, else by Piccolo2's shape."""
    if known is not None and known.full_dim == facts.full_dim:
        return known
    return PICCOLO2 if facts.piccolo2_shape else None


def _refuse_weightless(folder: Path, missing: list[str], preset: Preset | None) -> None:
    message = f"{folder} has configuration but no weights (missing or incomplete for {', '.join(missing)}). "
    if preset is PICCOLO2:
        raise WeightsMissingError(message + WITHDRAWAL)
    raise WeightsMissingError(
        message
        + "Copy the whole folder, with model.safetensors or pytorch_model.bin in each module's place"
        + (f", or `python -m indexer models fetch {preset.name}`" if preset else "")
    )


def _compact(settings: Settings, why: str) -> ResolvedModel:
    from indexer.embedding.compact import RECIPE, WEIGHTS_SHA256, compact_folder

    return ResolvedModel(
        name=COMPACT.name,
        kind="compact",
        folder=compact_folder(models_dir(settings)),
        query_prompt=COMPACT.query_prompt,
        passage_prompt=COMPACT.passage_prompt,
        full_dim=COMPACT.full_dim,
        matryoshka_dims=COMPACT.matryoshka_dims,
        max_tokens=COMPACT.max_tokens,
        fingerprint=fingerprint_of(
            "compact", str(RECIPE), WEIGHTS_SHA256, COMPACT.query_prompt, COMPACT.passage_prompt
        ),
        why=why,
    )


def _api(settings: Settings, because: str = "") -> ResolvedModel:
    from indexer.embedding.api import probe_dim
    from indexer.embedding.api_client import api_url, shown_url

    url = api_url(settings)
    full_dim = probe_dim(settings)
    preset = _api_preset(settings, full_dim)
    query, passage = (preset.query_prompt, preset.passage_prompt) if preset else ("", "")
    return ResolvedModel(
        name=settings.api_model or "api",
        kind="api",
        folder=None,
        query_prompt=query,
        passage_prompt=passage,
        full_dim=full_dim,
        matryoshka_dims=preset.matryoshka_dims if preset else (),
        max_tokens=settings.api_max_tokens,
        fingerprint=fingerprint_of(
            "api", url, settings.api_style, settings.api_model or "", str(full_dim), query, passage
        ),
        why=f"{because}the API at {shown_url(url)}" + (f", taken for {preset.name}" if preset else ""),
    )


def _api_preset(settings: Settings, full_dim: int) -> Preset | None:
    """What is behind an API: the preset that its model is called by, or, for the API of Piccolo2's
    own card, Piccolo2. Vectors of another length rule it out."""
    preset = find_preset(settings.api_model) if settings.api_model else None
    if preset is None and settings.api_style == "inputs":
        preset = PICCOLO2
    return preset if preset is not None and preset.full_dim == full_dim else None
