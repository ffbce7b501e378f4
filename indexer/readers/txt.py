"""Plain text."""

from __future__ import annotations

from pathlib import Path

from indexer.model import Document
from indexer.readers.charset import decode
from indexer.readers.headings import statute_headings
from indexer.readers.options import PLAIN, ReadOptions


def read(path: Path, data: bytes, options: ReadOptions = PLAIN) -> Document:
    """The text as it is, with the headings that its numbering shows.

    Raises:
        CharsetError: the bytes are no text in a known charset.
    """
    decoded = decode(data, path, options.charset)
    return Document(
        text=decoded.text,
        title=path.stem,
        headings=statute_headings(decoded.text),
        charset=decoded.charset,
        problems=decoded.problems,
    )
