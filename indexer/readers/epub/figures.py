"""Pictures in the chapters of an e-book: found in their markup, and their text put in their places."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html import escape, unescape
from typing import Any
from zipfile import ZipFile

from indexer.readers.epub.contents import resolved
from indexer.readers.pictures import Picture

# No tag is sought beyond the next one, so that markup without an end is passed once.
_TAG = re.compile(r"<!--|-->|<svg\b[^<>]*>|</svg\b[^<>]*>|<(?:img|image)\b[^<>]*>", re.IGNORECASE)
_SOURCE = re.compile(r"\s(?:src|href|xlink:href)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


def cover_names(package: Any, folder: str) -> frozenset[str]:
    """The pictures that the book has for its cover, as `archive.part_names` has them."""
    named = {meta.get("content") for meta in package.iter("{*}meta") if meta.get("name") == "cover"}
    return frozenset(
        resolved(folder, item.get("href", ""))
        for item in package.iter("{*}item")
        if item.get("id") in named or "cover-image" in item.get("properties", "").split()
    )


def figures(markup: str, chapter: str, archive: ZipFile, names: Mapping[str, str]) -> tuple[Picture, ...]:
    """The pictures that a chapter shows, in order; those that are missing show nothing.

    Args:
        chapter: its name; this and the pictures' are as `archive.part_names` has them.
    """
    found: list[Picture] = []

    def note(name: str) -> str:
        if name in names:
            found.append(Picture(name, partial(archive.read, names[name])))
        return ""

    _replaced(markup, chapter, note)
    return tuple(found)


def with_texts(markup: str, chapter: str, texts: dict[str, str]) -> str:
    """A chapter's markup with paragraphs in the place of pictures.

    Args:
        texts: by the pictures' names. Each is taken out where it stands first.
    """

    def paragraphs(name: str) -> str:
        lines = texts.pop(name, "").split("\n")
        return "".join(f"<p>{escape(line)}</p>" for line in lines if line)

    return _replaced(markup, chapter, paragraphs)


def _replaced(markup: str, chapter: str, replacement: Callable[[str], str]) -> str:
    """The markup, with the figures for whose pictures there is a replacement replaced."""
    pieces: list[str] = []
    end = 0
    for start, stop, sources in _figures(markup):
        folder = posixpath.dirname(chapter)
        pieces.append(markup[end:start])
        text = "".join(replacement(resolved(folder, unescape(source))) for source in sources)
        pieces.append(text or markup[start:stop])
        end = stop
    return "".join(pieces) + markup[end:]


def _figures(markup: str) -> Iterator[tuple[int, int, list[str]]]:
    """Where each figure begins and ends, and the pictures in it: a drawing may frame one, such as a scan."""
    drawing: int | None = None  # where the one begins that is open
    sources: list[str] = []
    comment = False
    for tag in _TAG.finditer(markup):
        name = tag.group()[:5].lower()
        if comment or name.startswith(("<!--", "-->")):
            comment = name.startswith("<!--") or (comment and name != "-->")
        elif name.startswith("<svg"):
            drawing = tag.start() if drawing is None else drawing
        elif name == "</svg":
            if drawing is not None:
                yield drawing, tag.end(), sources
            drawing, sources = None, []
        elif match := _SOURCE.search(tag.group()):
            source = match[1] or match[2] or ""
            if drawing is None:
                yield tag.start(), tag.end(), [source]
            else:
                sources.append(source)
