"""How the searched vectors are stored: what that costs in memory, and what the engines make of it.

A quantized storage searches small codes in memory, then ranks `oversampling` times as many as are
wanted by the vectors themselves, which are on disk in float16.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Storage:
    """One way to store a vector of d components.

    Attributes:
        code_bits: of each component as it is searched.
        original_bits: of each component as it is kept beside its code; 0 where there is no code.
        oversampling: candidates ranked again by the original for each one wanted.
    """

    code_bits: int
    original_bits: int = 0
    oversampling: float = 1.0

    @property
    def is_quantized(self) -> bool:
        return self.original_bits > 0

    def memory_bytes(self, dim: int) -> float:
        """Bytes of a vector that each search reads."""
        return self.code_bits * dim / 8

    def disk_bytes(self, dim: int) -> float:
        return (self.code_bits + self.original_bits) * dim / 8


DEFAULT_STORAGE = "float16"

# With this oversampling, a scan of int8 and turbo4 codes finds what float16 finds; binary codes lose
# much where vectors are not rotated (benchmarks/RESULTS.md).
STORAGES: Mapping[str, Storage] = {
    "float32": Storage(32),
    "float16": Storage(16),
    "int8": Storage(8, original_bits=16, oversampling=2.0),  # Qdrant's scalar quantization
    "turbo4": Storage(4, original_bits=16, oversampling=2.0),  # Qdrant's TurboQuant with 4 bits
    "binary": Storage(1, original_bits=16, oversampling=4.0),
}
