"""Where to compute, and in which number format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.errors import EmbeddingError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Device:
    """A device torch can use, and the format it is fast in."""

    name: str  # as torch spells it: cuda, cuda:1, mps, cpu
    dtype: torch.dtype

    @property
    def batch_size(self) -> int:
        """Passages that it embeds fast at once; see benchmarks/embedding.py."""
        return 256 if self.name.startswith("cuda") else 32

    def __str__(self) -> str:
        shown = {"torch.bfloat16": "bf16", "torch.float16": "fp16", "torch.float32": "fp32"}
        return f"{self.name} {shown[str(self.dtype)]}"


def choose_device(wanted: str) -> Device:
    """The device to use.

    Args:
        wanted: "auto" for the best there is, or cuda, cuda:N, mps, cpu.

    Raises:
        EmbeddingError: no such device here.
    """
    import torch

    there = _available()
    if wanted == "auto":
        wanted = there[0]
    if wanted not in there and not (wanted == "cuda:0" and "cuda" in there):
        raise EmbeddingError(f"device {wanted!r} is not available; here: auto, {', '.join(there)}")
    if wanted.startswith("cuda"):
        # bf16 first: fp16 overflows in some models' residuals. Older cards only emulate bf16.
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
        return Device(wanted, torch.bfloat16 if fast else torch.float16)
    if wanted == "mps":
        return Device(wanted, torch.float16)
    return Device(wanted, torch.bfloat16 if _cpu_has_bf16() else torch.float32)


def _available() -> list[str]:
    """Devices, best first."""
    import torch

    names = ["cpu"]
    if torch.backends.mps.is_available():
        names.insert(0, "mps")
    if torch.cuda.is_available():
        names = ["cuda", *(f"cuda:{i}" for i in range(1, torch.cuda.device_count())), *names]
    return names


def _cpu_has_bf16() -> bool:
    """Whether the CPU multiplies bf16 in hardware; where it does not, torch is 7 times slower in it."""
    import torch

    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
