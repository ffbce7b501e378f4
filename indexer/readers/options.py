"""What a reader is told about a file beyond its bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from indexer.model import OcrMode


@dataclass(frozen=True, slots=True)
class ReadOptions:
    charset: str | None = None  # of text formats, a Python codec; None: the one that the bytes speak for
    password: str | None = field(default=None, repr=False)  # of encrypted PDFs
    ocr: OcrMode = "auto"
    skip_pages: frozenset[int] = frozenset()  # numbers, from 1, of pages that stopped a reader before


PLAIN = ReadOptions()
