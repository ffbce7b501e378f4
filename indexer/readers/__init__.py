"""Readers: a file of one format into a `Document`. One module or folder a format.

What they share: quality.py (how well was a text read) and verdict.py (so what is said of it), charset.py
(which charset), plausibility.py (is it text at all), headings.py (第X条 and other numbered headings),
signature.py (what a file is by its first bytes), characters.py (which characters are handed on), pictures.py
(text in pictures); archive.py and xml_parts.py (bounds for formats that are ZIP archives of XML).

The formats of word processors, spreadsheets and slides are read by our own code over their XML: kreuzberg
4.10 and markitdown 0.1.9 lose the automatic numbers of Chinese statutes (第X条), and Chinese text of .doc
and of most .rtf; benchmarks/RESULTS.md has the comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from indexer.errors import (
    DamagedFileError,
    NoTextError,
    ReadError,
    ReaderStoppedError,
    UnsupportedTypeError,
)
from indexer.model import Document
from indexer.readers import (
    csv_rows,
    doc,
    epub,
    html,
    image,
    mail,
    md,
    odt,
    pdf,
    ppt,
    rtf,
    sheets,
    slides,
    txt,
    word,
)
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.verdict import judged

OnPage = Callable[[int, int], None]  # page or picture that is about to be read, from 1; number of them

_READERS: dict[str, Callable[[Path, bytes, ReadOptions], Document]] = {
    ".txt": txt.read,
    ".md": md.read,
    ".markdown": md.read,
    ".html": html.read,
    ".htm": html.read,
    ".rtf": rtf.read,
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), sheets.read),
    **dict.fromkeys((".csv", ".tsv"), csv_rows.read),
    **dict.fromkeys((".ppt", ".pps"), ppt.read),
    **dict.fromkeys((".eml", ".mht", ".mhtml"), mail.read),
}
# Those that may have to read pictures, some seconds each, and say which one they are at.
_SLOW_READERS: dict[str, Callable[[Path, bytes, ReadOptions, OnPage], Document]] = {
    ".pdf": pdf.read,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"), image.read),
    **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm"), word.read),
    ".doc": doc.read,
    **dict.fromkeys((".odt", ".ott", ".fodt"), odt.read),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx"), slides.read),
    ".epub": epub.read,
}
SUFFIXES = frozenset((*_READERS, *_SLOW_READERS))

# What parses a format, where it is not this program itself. (PDFs and pictures say it page by page.)
_ENGINES = {
    **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm", ".odt", ".ott", ".fodt", ".html", ".htm"), "lxml"),
    **dict.fromkeys((".md", ".markdown"), "markdown-it"),
    ".doc": "msdoc2docx",
    **dict.fromkeys((".xlsx", ".xlsm", ".ods", ".epub"), "lxml"),
    ".xls": "xlrd",
    **dict.fromkeys((".pptx", ".pptm", ".ppsx"), "python-pptx"),
    **dict.fromkeys((".ppt", ".pps"), "olefile"),
}

_MAX_FILE_BYTES = 2 << 30  # it is read into memory at once

OnWait = Callable[[Path, int, int], None]  # file that is being read; page, 0 where there are none; pages
Result = Document | ReadError
Read = Callable[[Iterable[Path], OnWait], Iterator[Result]]  # results in the order of the paths

__all__ = [
    "PLAIN",
    "SUFFIXES",
    "OnPage",
    "OnWait",
    "Read",
    "ReadOptions",
    "Result",
    "is_photograph",
    "read",
    "read_all",
]


def read_all(
    paths: Iterable[Path], on_wait: OnWait = lambda *_: None, options: ReadOptions = PLAIN
) -> Iterator[Result]:
    """Read files one after another, in this process; `indexer.reader_pool` does it in others."""
    for path in paths:
        try:
            yield read(path, options, lambda page, pages, path=path: on_wait(path, page, pages))  # type: ignore[misc]
        except ReadError as error:
            yield error


def read(path: Path, options: ReadOptions = PLAIN, on_page: OnPage = lambda *_: None) -> Document:
    """Read one file, by its suffix, and judge what came of it.

    Returns:
        A document with some text, unless it is a photograph. What could not be read is named in its
        problems.

    Raises:
        UnsupportedTypeError: no reader for this suffix.
        EncryptedError: a password is needed, or the one that was given is wrong.
        DamagedFileError: the file is not what its suffix says, or is broken.
        CharsetError: no charset makes text of its bytes, or there is none of the given name.
        NoTextError: it is empty, or has only images or a garbled text layer.
        ReaderStoppedError: it takes more memory than this process may have.
        ReadError: the file can't be opened.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        kind = path.suffix or "a file without a suffix"
        raise UnsupportedTypeError(path, f"no reader for {kind}; supported: {', '.join(sorted(SUFFIXES))}")
    data = _content(path)
    try:
        if suffix in _SLOW_READERS:
            document = _SLOW_READERS[suffix](path, data, options, on_page)
        else:
            document = _READERS[suffix](path, data, options)
        document = judged(document, _ENGINES.get(suffix, ""))
    except ReadError:
        raise
    except MemoryError as error:
        raise ReaderStoppedError(
            path,
            f"reading it takes too much memory; it may be damaged, and has {len(data):,} bytes: split it",
        ) from error
    except Exception as error:  # a library met something its authors did not expect
        cause = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise DamagedFileError(
            path, f"it can't be parsed ({cause}); open it in the program that made it and save it anew"
        ) from error
    if not document.text.strip() and not is_photograph(document):
        lost = [problem for problem in document.problems if problem.lost]
        if lost:
            raise NoTextError(path, f"nothing of it can be read: {lost[0].reason}", lost[0].kind)
        said = "".join(f" ({problem.reason})" for problem in document.problems[:1])
        raise NoTextError(path, f"it has no text{said}; there is nothing to index")
    return document


def is_photograph(document: Document) -> bool:
    """Whether a file was read that is a picture without text: nothing is wrong with it."""
    return document.reading.verdict == "ocr" and not document.text.strip()


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _MAX_FILE_BYTES:
            raise DamagedFileError(
                path, f"it has {size:,} bytes, and at most {_MAX_FILE_BYTES:,} are read; split it"
            )
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(
            path, f"it can't be opened: {error.strerror or error}; check its permissions"
        ) from error
    except MemoryError as error:
        raise ReaderStoppedError(path, f"its {size:,} bytes take too much memory; split it") from error
    if not data:
        raise NoTextError(path, "it is empty (0 bytes); copy or download it again", "empty")
    return data
