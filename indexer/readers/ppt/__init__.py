"""Old PowerPoint presentations (.ppt, PowerPoint 97 to 2003), a slide as a page.

No library with a free licence reads the slides' text boxes; olefile opens the container.

deck.py     the slides of the last save
drawing.py  the texts of a slide's shapes
record.py   the tree of records that all is made of
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from indexer.errors import DamagedFileError
from indexer.model import Document, Heading, Page, Problem
from indexer.readers.characters import printable
from indexer.readers.headings import merged_headings
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.ppt.deck import SLIDE, Deck
from indexer.readers.ppt.drawing import Text, has_picture, texts_of
from indexer.readers.ppt.record import BROKEN, Record
from indexer.readers.signature import first_bytes

_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SLIDE_INFO, _HIDDEN = 0x03F9, 0x04
_TITLE_TEXTS = frozenset({0, 6})  # kinds of text
_FIELD = "*"  # stands for a slide's number or date


def read(path: Path, data: bytes, _: ReadOptions = PLAIN) -> Document:
    """Each slide: its title, its shapes from top to bottom and left to right, then its notes.

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: it is no presentation of PowerPoint 97 to 2003, or is broken.
    """
    if not data.startswith(_CONTAINER):
        raise DamagedFileError(
            path, f"not a .ppt: {first_bytes(data)}; open it in PowerPoint and save it as .pptx"
        )
    try:
        return _document(path, Deck(path, data))
    except (OSError, *BROKEN) as error:
        raise DamagedFileError(
            path,
            f"no whole .ppt of PowerPoint 97 to 2003 ({type(error).__name__}: {error}); open it in "
            "PowerPoint and save it as .pptx",
        ) from error


def _document(path: Path, deck: Deck) -> Document:
    text = ""
    headings: list[Heading] = []
    pages: list[Page] = []
    problems: list[Problem] = []
    for number, slide in enumerate(deck.slides(), start=1):
        title, body = "", list[str]()
        try:
            record = deck.record(slide.persist, SLIDE)
            if _is_hidden(record):
                reason = "the slide is hidden and was left out; show it to have it indexed"
                problems.append(Problem(reason, number, lost=False, kind="left_out"))
                continue
            title, body = _slide_text(record, slide.texts)
            if not title and not body and has_picture(record):
                reason = "the slide is a picture; text in it is not read; save it as .pptx"
                problems.append(Problem(reason, number, kind="scan"))
            elif has_picture(record):
                reason = "a picture on it is not read; save it as .pptx"
                problems.append(Problem(reason, number, lost=False, kind="left_out"))
        except BROKEN as error:
            problems.append(Problem(f"the slide is broken ({error})", number, kind="broken_page"))
        notes = f"备注：{slide.notes}" if slide.notes else ""
        own = printable("\n\n".join(filter(None, [title, *body, notes]))).strip()
        text += "\n\n" if text and own else ""
        if title:
            headings.append(Heading(len(text), 1, title))
        pages.append(Page(number, len(text), len(text) + len(own)))
        text += own
    return Document(
        text=text,
        title=headings[0].title if headings else path.stem,
        headings=merged_headings(text, headings),
        pages=tuple(pages),
        problems=tuple(problems),
    )


def _slide_text(slide: Record, outline: Sequence[Text]) -> tuple[str, list[str]]:
    """The slide's title in one line, and the text of its other shapes."""
    title, body = "", []
    for text in texts_of(slide, outline):
        if text.kind in _TITLE_TEXTS and not title:
            title = " ".join(printable(text.text).split())
        elif text.text.strip() and text.text.strip() != _FIELD:
            body.append(text.text.strip("\n"))
    return title, body


def _is_hidden(slide: Record) -> bool:
    info = slide.first(_SLIDE_INFO)
    return info is not None and bool(info.number(10, "<H") & _HIDDEN)
