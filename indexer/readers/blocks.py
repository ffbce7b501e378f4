"""Paragraphs and tables of a word processor, put together to a `Document`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from indexer.model import NOT_JUDGED, Document, Heading, Problem
from indexer.readers.characters import printable
from indexer.readers.headings import merged_headings
from indexer.readers.options import ReadOptions
from indexer.readers.pictures import NONE_SEEN, OnPicture, Part, Picture, Seen, read_pictures
from indexer.readers.verdict import reading_of

TITLE_LEVEL = 0  # of the document's title, one above its outermost headings
NOTE_MARK = "［注］"  # before a footnote or endnote, which follows the paragraph that refers to it


@dataclass(frozen=True, slots=True)
class Block:
    text: str
    level: int | None = None  # of a heading, from 1, or TITLE_LEVEL; None: no heading
    aside: bool = False  # a note, a text box or a table: no part of the line that it is anchored in


class Story(Protocol):
    """What a document tells, and the pictures that it shows."""

    @property
    def blocks(self) -> Sequence[Block]: ...
    @property
    def pictures(self) -> Sequence[Picture]: ...


def with_pictures(
    tell: Callable[[Mapping[str, str]], Story], options: ReadOptions, on_page: OnPicture
) -> tuple[Story, Seen]:
    """A document's story, with the text of its pictures where they stand, if they are to be read.

    It is told twice then: how much text is around the pictures decides.

    Args:
        tell: from the texts of pictures by their names.
    """
    story = tell({})
    characters = sum(len("".join(block.text.split())) for block in story.blocks)
    seen = read_pictures([Part(characters, tuple(story.pictures))], options, on_page)
    return (tell(seen.texts) if seen.texts else story), seen


def document_of(
    path: Path,
    blocks: Sequence[Block],
    own_title: str,
    problems: tuple[Problem, ...] = (),
    seen: Seen = NONE_SEEN,
) -> Document:
    """Blocks apart by a blank line; those without text are left out.

    With a title among the blocks, the headings go one level deeper than it. The document's title is
    its own, else its first heading, else the file's name.
    """
    clean = [Block(printable(block.text).strip("\n"), block.level) for block in blocks]
    shown = [block for block in clean if block.text.strip()]
    text, headings = _joined(shown)
    problems = (*problems, *seen.problems)
    confidence = seen.confidence.get(None)
    return Document(
        text=text,
        title=" ".join(printable(own_title).split()) or (headings[0].title if headings else path.stem),
        headings=merged_headings(text, headings),
        problems=problems,
        reading=NOT_JUDGED if confidence is None else reading_of(text, problems, "lxml", confidence),
    )


def _joined(blocks: Sequence[Block]) -> tuple[str, tuple[Heading, ...]]:
    shift = 1 if any(block.level == TITLE_LEVEL for block in blocks) else 0
    headings = []
    position = 0
    for block in blocks:
        if block.level is not None:
            headings.append(Heading(position, block.level + shift, " ".join(block.text.split())))
        position += len(block.text) + 2
    return "\n\n".join(block.text for block in blocks), tuple(headings)
