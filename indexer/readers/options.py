"""What a reader is told about a file beyond its bytes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReadOptions:
    charset: str | None = None  # of text formats, a Python codec; None: the one that the bytes speak for
    password: str | None = field(default=None, repr=False)  # of encrypted PDFs


PLAIN = ReadOptions()
