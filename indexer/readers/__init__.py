"""Readers: a file of one format into a `Document`. One module a format.

    txt.py  md.py  html.py  pdf.py  word.py (.docx)

What they share: charset.py (which charset), plausibility.py (is it text at all), headings.py
(第X条 and other numbered headings), signature.py (what a file is by its first bytes) and
characters.py (which characters are handed on).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from indexer.errors import DamagedFileError, NoTextError, ReadError, UnsupportedTypeError
from indexer.model import Document
from indexer.readers import html, md, pdf, txt, word
from indexer.readers.options import PLAIN, ReadOptions

_READERS: dict[str, Callable[[Path, bytes, ReadOptions], Document]] = {
    ".txt": txt.read,
    ".md": md.read,
    ".markdown": md.read,
    ".html": html.read,
    ".htm": html.read,
    ".pdf": pdf.read,
    ".docx": word.read,
}
SUFFIXES = frozenset(_READERS)

# What parses a format, where it is not this program itself.
ENGINES = {".pdf": "pypdf", ".docx": "python-docx", ".html": "lxml", ".htm": "lxml", ".md": "markdown-it"}

__all__ = ["ENGINES", "PLAIN", "SUFFIXES", "ReadOptions", "read"]


def read(path: Path, options: ReadOptions = PLAIN) -> Document:
    """Read one file, by its suffix.

    Returns:
        A document with some text. What could not be read is named in its problems.

    Raises:
        UnsupportedTypeError: no reader for this suffix.
        EncryptedError: a password is needed, or the one that was given is wrong.
        DamagedFileError: the file is not what its suffix says, or is broken.
        CharsetError: no charset makes text of its bytes, or there is none of the given name.
        NoTextError: it is empty, or has only images or a garbled text layer.
        ReadError: the file can't be opened.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        kind = path.suffix or "a file without a suffix"
        raise UnsupportedTypeError(path, f"no reader for {kind}; supported: {', '.join(sorted(SUFFIXES))}")
    try:
        document = reader(path, path.read_bytes(), options)
    except ReadError:
        raise
    except OSError as error:
        raise ReadError(
            path, f"it can't be opened: {error.strerror or error}; check its permissions"
        ) from error
    except Exception as error:  # a library met something its authors did not expect
        cause = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise DamagedFileError(
            path, f"it can't be parsed ({cause}); open it in the program that made it and save it anew"
        ) from error
    if not document.text.strip():
        raise NoTextError(path, "it has no text; there is nothing to index")
    return document
