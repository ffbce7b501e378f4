"""Word documents (.docx). Not called docx.py: that is the library's name."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from indexer.errors import DamagedFileError, EncryptedError
from indexer.model import Document, Heading
from indexer.readers.characters import printable
from indexer.readers.headings import merged_headings
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.signature import first_bytes

_MAX_UNPACKED_BYTES = 1 << 29  # half a gigabyte: a small archive can unpack to any size
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")  # in the old container, round an encrypted docx

_HEADING_STYLE = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
_TITLE_STYLES = frozenset({"title", "标题", "標題"})
_TITLE_LEVEL = 0
_BODY_OUTLINE = 9  # Word's outline level of body text; 0 to 8 are headings

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_WRAPPERS = frozenset(
    {f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
)
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


def read(path: Path, data: bytes, _: ReadOptions = PLAIN) -> Document:
    """Paragraphs and tables in the order of the body, a table's row as a line "a | b".

    Headings are those of the styles (Title, Heading N, 标题 N) and of outline levels. Tracked
    insertions are text, deletions are not.

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: it is no Word document, or is broken.
    """
    document = _opened(path, data)
    found = [(text, level) for text, level in _blocks(document) if text.strip()]
    text, headings = _joined(found)
    own_title = printable(document.core_properties.title or "").strip()
    return Document(
        text=text,
        title=own_title or (headings[0].title if headings else path.stem),
        headings=merged_headings(text, headings),
    )


def _opened(path: Path, data: bytes) -> Any:
    import docx

    if _ENCRYPTED_STREAM in data[: 1 << 20]:
        raise EncryptedError(path, "it needs a password; save a copy without one and index that")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise DamagedFileError(
            path, f"not a .docx ({error}): {first_bytes(data)}; open it in Word and save it as .docx"
        ) from error
    if unpacked > _MAX_UNPACKED_BYTES:
        raise DamagedFileError(
            path,
            f"it unpacks to {unpacked} bytes, over the limit of {_MAX_UNPACKED_BYTES}; split the document",
        )
    try:
        return docx.Document(BytesIO(data))
    except Exception as error:  # a ZIP with other contents, or broken XML
        raise DamagedFileError(
            path, f"a ZIP archive but no whole .docx ({type(error).__name__}: {error}); save it anew in Word"
        ) from error


def _blocks(document: Any) -> Iterator[tuple[str, int | None]]:
    """Text and heading level (0: the title; None: no heading) of each paragraph and table."""
    from docx.text.paragraph import Paragraph

    for element in _unwrapped(document.element.body):
        if element.tag == f"{_W}p":
            paragraph = Paragraph(element, document)
            style = (paragraph.style.name or "") if paragraph.style else ""
            if not style.lower().startswith("toc "):  # the table of contents repeats the headings
                yield printable(_paragraph_text(element)).strip("\n"), _level(paragraph, style)
        else:
            yield printable("\n".join(_rows(element))), None


def _unwrapped(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables below an element, those in content controls and insertions too."""
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag in _WRAPPERS:
            yield from _unwrapped(child)


def _paragraph_text(element: Any) -> str:
    pieces = []
    stack = [element]
    while stack:
        node = stack.pop()
        if node.tag == f"{_W}t":
            pieces.append(node.text or "")
        elif node.tag in _BREAKS:
            pieces.append(_BREAKS[node.tag])
        elif node.tag not in (_FALLBACK, f"{_W}pPr", f"{_W}del", f"{_W}moveFrom"):
            stack.extend(reversed(node))
    return "".join(pieces)


def _rows(table: Any) -> Iterator[str]:
    for row in table.iter(f"{_W}tr"):
        cells = [
            " ".join(_paragraph_text(paragraph) for paragraph in cell.iter(f"{_W}p"))
            for cell in row.iter(f"{_W}tc")
        ]
        yield " | ".join(" ".join(cell.split()) for cell in cells)


def _level(paragraph: Any, style: str) -> int | None:
    if style.lower() in _TITLE_STYLES:
        return _TITLE_LEVEL
    named = _HEADING_STYLE.match(style)
    return int(named[1]) if named else _outline_level(paragraph)


def _outline_level(paragraph: Any) -> int | None:
    """The outline level (from 1) of the paragraph, else of its style, else of that style's base."""
    properties = [paragraph._p.pPr]
    style = paragraph.style
    while style is not None and len(properties) < 12:  # a chain of styles can be a circle
        properties.append(style.element.pPr)
        style = style.base_style
    for found in properties:
        level = None if found is None else found.find(f"{_W}outlineLvl")
        if level is not None:
            value = int(level.get(f"{_W}val", _BODY_OUTLINE))
            return value + 1 if value < _BODY_OUTLINE else None
    return None


def _joined(blocks: list[tuple[str, int | None]]) -> tuple[str, tuple[Heading, ...]]:
    """Blocks apart by a blank line. With a title, the headings go one level deeper than it."""
    shift = 1 if any(level == _TITLE_LEVEL for _, level in blocks) else 0
    headings = []
    position = 0
    for text, level in blocks:
        if level is not None:
            headings.append(Heading(position, level + shift, " ".join(text.split())))
        position += len(text) + 2
    return "\n\n".join(text for text, _ in blocks), tuple(headings)
