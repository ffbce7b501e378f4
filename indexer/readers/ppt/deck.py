"""The slides of a .ppt as its last save left them.

A save appends to the file: which of its records are those of today is in the edits' directories, the last
edit first.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from indexer.errors import EncryptedError
from indexer.readers.ppt.drawing import NOTES_TEXT, Text, texts_of
from indexer.readers.ppt.record import BYTES, TEXT_HEADER, UTF16, Record, decoded, records

SLIDE = 0x03EE  # kinds of records
_EDIT, _DIRECTORY, _DOCUMENT = 0x0FF5, 0x1772, 0x03E8
_SLIDE_LIST, _SLIDE_PERSIST = 0x0FF0, 0x03F3
_NOTES, _NOTES_ATOM = 0x03F0, 0x03F1
_SLIDES, _NOTES_PAGES = 0, 2  # instances of the slide list
_ENCRYPTED_USER = 0xF3D1C4DF  # in place of 0xE391C05F
_MAX_SLIDES = 5_000


@dataclass(slots=True)
class Slide:
    persist: int
    texts: list[Text] = field(default_factory=list)  # those of placeholders, which the drawing refers to
    notes: str = ""


class Deck:
    """The records of a presentation as its last save left them."""

    def __init__(self, path: Path, data: bytes) -> None:
        import olefile  # type: ignore[import-untyped]

        with olefile.OleFileIO(BytesIO(data)) as container:
            user = container.openstream("Current User").read()
            self._stream = memoryview(container.openstream("PowerPoint Document").read())
        if container.exists("EncryptedSummary") or struct.unpack_from("<I", user, 12)[0] == _ENCRYPTED_USER:
            raise EncryptedError(path, "it needs a password; save a copy without one and index that")
        self._offsets: dict[int, int] = {}
        self._document = 0
        self._follow_edits(struct.unpack_from("<I", user, 16)[0])

    def record(self, persist: int, kind: int) -> Record:
        """The record of a number in the directories, which must be of the kind."""
        if persist not in self._offsets:
            raise ValueError(f"record {persist} is missing")
        return self._at(self._offsets[persist], kind)

    def _at(self, offset: int, kind: int) -> Record:
        found = next(records(self._stream[offset:]), None)
        if found is None or found.kind != kind:
            raise ValueError(f"no record of kind {kind:#06x} at {offset}")
        return found

    def slides(self) -> list[Slide]:
        """In their order, with their notes."""
        slides: list[Slide] = []
        by_id: dict[int, Slide] = {}
        notes_pages: dict[int, None] = {}  # each once, in their order
        for outline in self.record(self._document, _DOCUMENT).children():
            if outline.kind != _SLIDE_LIST or outline.instance not in (_SLIDES, _NOTES_PAGES):
                continue
            kind = 0
            for record in outline.children():
                if record.kind == _SLIDE_PERSIST and outline.instance == _NOTES_PAGES:
                    notes_pages[record.number(0)] = None
                elif record.kind == _SLIDE_PERSIST:
                    slides.append(Slide(record.number(0)))
                    by_id[record.number(12)] = slides[-1]
                elif record.kind == TEXT_HEADER:
                    kind = record.number(0)
                    if slides:
                        slides[-1].texts.append(Text(kind, ""))
                elif record.kind in (UTF16, BYTES) and slides and slides[-1].texts:
                    slides[-1].texts[-1] = Text(kind, decoded(record))
        if len(slides) > _MAX_SLIDES:
            raise ValueError(f"it has {len(slides):,} slides, and at most {_MAX_SLIDES:,} are read; split it")
        for persist in notes_pages:
            page = self.record(persist, _NOTES)
            atom = page.first(_NOTES_ATOM)
            slide = by_id.get(atom.number(0)) if atom else None
            if slide:
                notes = [text.text for text in texts_of(page, []) if text.kind == NOTES_TEXT]
                slide.notes = "\n".join(filter(None, notes))
        return slides

    def _follow_edits(self, offset: int) -> None:
        followed: set[int] = set()
        while offset and offset not in followed:
            followed.add(offset)
            edit = self._at(offset, _EDIT)
            self._document = self._document or edit.number(16)
            for persist, at in _directory(self._at(edit.number(12), _DIRECTORY)):
                self._offsets.setdefault(persist, at)
            offset = edit.number(8)


def _directory(record: Record) -> Iterator[tuple[int, int]]:
    """Numbers of records and their offsets in the stream."""
    at = 0
    while at < len(record.data):
        head = record.number(at)
        first, count = head & 0xFFFFF, head >> 20
        for number in range(count):
            at += 4
            yield first + number, record.number(at)
        at += 4
