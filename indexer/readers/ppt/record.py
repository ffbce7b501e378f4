"""The tree of records that a .ppt consists of, each with its kind and length (MS-PPT, MS-ODRAW)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

BROKEN = (struct.error, ValueError)  # what is raised for a record that is too short, or not what it should be
MAX_DEPTH = 24  # of records within records; a table in a group has 8
_IS_CONTAINER = 0xF  # version of a record that holds others

# Kinds of records that hold text.
TEXT_HEADER, UTF16, BYTES = 0x0F9F, 0x0FA0, 0x0FA8
_BREAKS = {ord("\r"): "\n", 0x0B: "\n"}


@dataclass(frozen=True, slots=True)
class Record:
    version: int
    instance: int
    kind: int
    data: memoryview

    def number(self, at: int, form: str = "<I") -> int:
        """Raises struct.error where the record is too short."""
        return int(struct.unpack_from(form, self.data, at)[0])

    def children(self) -> Iterator[Record]:
        return records(self.data) if self.version == _IS_CONTAINER else iter(())

    def all(self, depth: int = 0) -> Iterator[Record]:
        """What is in it, in the order of the file."""
        for child in self.children():
            yield child
            if depth < MAX_DEPTH:
                yield from child.all(depth + 1)

    def first(self, kind: int) -> Record | None:
        return next((record for record in self.all() if record.kind == kind), None)


def records(data: memoryview) -> Iterator[Record]:
    """One after another.

    Raises:
        ValueError: one goes beyond the end.
    """
    at = 0
    while at + 8 <= len(data):
        head, kind, length = struct.unpack_from("<HHI", data, at)
        at += 8
        if length > len(data) - at:
            raise ValueError(f"a record of kind {kind:#06x} is cut off")
        yield Record(head & 0xF, head >> 4, kind, data[at : at + length])
        at += length


def decoded(record: Record) -> str:
    encoding = "utf-16-le" if record.kind == UTF16 else "latin-1"
    return bytes(record.data).decode(encoding, "replace").translate(_BREAKS)
