"""What can happen to a file on its way: bytes changed, lost, moved or added; and what a hostile one holds.

A part of a ZIP archive is changed before it is packed, as otherwise its checksum finds everything.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

_ZIP = b"PK\x03\x04"
_PART_SHARE = 0.75  # of the mutations of a ZIP archive are made inside a part
_MOST_BYTES = 400  # that are overwritten or added; more is another file
_MOST_FLIPS = 20
_NUMBER = re.compile(rb"(?<![0-9])[0-9]{1,9}(?![0-9])")
_HUGE = (
    b"0",
    b"-1",
    b"65536",
    b"999999999",
    b"2147483648",
    b"18446744073709551616",
    b"1e308",
    b"00000000001",
)
_WORDS = (
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\x80\x00\x00\x00",
)
# Each means something in some format: ends, brackets that stay open, marks, halves of characters.
_SPECIAL = (
    *(b"\x00", b"\x1a", b"\xff\xfe", b"\xef\xbb\xbf", b"\x81", b"\xe4\xb8", b"\xed\xa0\x80", b"\r", b"\x0c"),
    *(b"<", b"<!--", b"<![CDATA[", b"]]>", b"</", b"&#0;", b"&#x110000;", b'"', b"<table>", b"<script>"),
    *(
        b"{",
        b"}",
        b"\\",
        b"\\bin99999 ",
        b"\\u-1",
        b"((((",
        b">>",
        b"endstream",
        b"endobj",
        b"%%EOF",
        b"stream\n",
    ),
    *(b"```", b"    ", b"|", b"\n---\n", b"[[[[", b"=?utf-8?b?", b"\r\n\r\n", b"\n--"),
)


@dataclass(frozen=True, slots=True)
class Mutation:
    data: bytes
    name: str  # of the kind
    added: int  # bytes that were not in the file before, at one place


def mutated(data: bytes, chance: random.Random) -> Mutation:
    """The data with one to three mutations of one kind; the same for the same state of `chance`."""
    if data.startswith(_ZIP) and chance.random() < _PART_SHARE:
        return _in_part(data, chance)
    mutate = chance.choice(_MUTATIONS)
    added = 0
    for _ in range(chance.choice((1, 1, 2, 3))):
        data, more = mutate(data, chance)
        added += more
    return Mutation(data, mutate.__name__.strip("_").replace("_", " "), added)


def _in_part(data: bytes, chance: random.Random) -> Mutation:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    # The larger a part, the more of the document is in it.
    name = chance.choices(list(parts), [len(part) + 1 for part in parts.values()])[0]
    change = mutated(parts[name], chance)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, change.data if part == name else content)
    return Mutation(packed.getvalue(), f"{change.name}, in a part", change.added)


def _at(data: bytes, chance: random.Random) -> int:
    return chance.randrange(len(data) + 1)


def _span(data: bytes, chance: random.Random) -> tuple[int, int]:
    """A chunk: a few bytes as often as a quarter of the file."""
    length = int(2 ** chance.uniform(0, max(1, len(data) // 4).bit_length()))
    start = _at(data, chance)
    return start, min(len(data), start + length)


def _bits_flipped(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    changed = bytearray(data)
    for _ in range(chance.randint(1, _MOST_FLIPS) if data else 0):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed), 0


def _bytes_overwritten(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    start, end = _span(data, chance)
    end = min(end, start + _MOST_BYTES)
    return data[:start] + chance.randbytes(end - start) + data[end:], end - start


def _chunk_deleted(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    start, end = _span(data, chance)
    return data[:start] + data[end:], 0


def _chunk_duplicated(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    start, end = _span(data, chance)
    return data[:end] + data[start:], 0


def _chunks_swapped(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    first, second = sorted((_span(data, chance), _span(data, chance)))
    if first[1] > second[0]:
        return data, 0
    a, b = data[first[0] : first[1]], data[second[0] : second[1]]
    return data[: first[0]] + b + data[first[1] : second[0]] + a + data[second[1] :], 0


def _cut_short(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    return data[: _at(data, chance)], 0


def _bytes_added(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    at, added = _at(data, chance), chance.randbytes(chance.randint(1, _MOST_BYTES // 4))
    return data[:at] + added + data[at:], len(added)


def _special_bytes_added(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    at, added = _at(data, chance), chance.choice(_SPECIAL) * chance.choice((1, 1, 2, 50))
    return data[:at] + added + data[at:], len(added)


def _numbers_changed(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    numbers = list(_NUMBER.finditer(data))
    if not numbers:
        return _words_changed(data, chance)
    number, huge = chance.choice(numbers), chance.choice(_HUGE)
    return data[: number.start()] + huge + data[number.end() :], len(huge)


def _words_changed(data: bytes, chance: random.Random) -> tuple[bytes, int]:
    at, word = _at(data, chance), chance.choice(_WORDS)
    return data[:at] + word + data[at + len(word) :], len(word)


_Mutate = Callable[[bytes, random.Random], tuple[bytes, int]]
_MUTATIONS: tuple[_Mutate, ...] = (
    *(_bits_flipped, _bytes_overwritten, _chunk_deleted, _chunk_duplicated, _chunks_swapped, _cut_short),
    *(_bytes_added, _special_bytes_added, _numbers_changed, _words_changed),
)
