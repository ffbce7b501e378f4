"""The parts of a .docx: the document and what its relationships name."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from indexer.errors import DamagedFileError
from indexer.readers.archive import open_archive
from indexer.readers.pictures import Picture
from indexer.readers.word.names import W, usual_names
from indexer.readers.xml_parts import parsed, part

_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"


@dataclass(frozen=True, slots=True)
class Package:
    """Root elements; None where the document has no such part."""

    body: Any
    styles: Any
    numbering: Any
    footnotes: Any
    endnotes: Any
    title: str
    pictures: dict[str, Picture]  # that the body shows, by the names of their relationships


def open_package(path: Path, data: bytes) -> Package:
    """Read the parts that hold text. Whatever else is in the archive stays packed, pictures till they are
    asked for.

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: it is no Word document, is broken, or is larger than any document.
    """
    archive = open_archive(path, data, ".docx")
    main = _related(path, archive, "").get("officeDocument")
    root = _root(path, archive, main) if main else None
    body = None if root is None else root.find(f"{W}body")
    if main is None or body is None:
        raise DamagedFileError(path, _not_word(main, root))
    parts = _related(path, archive, main)
    styles, numbering, footnotes, endnotes = (
        _root(path, archive, parts.get(name)) for name in ("styles", "numbering", "footnotes", "endnotes")
    )
    pictures = _pictures(path, archive, main)
    return Package(body, styles, numbering, footnotes, endnotes, _title(path, archive), pictures)


def _not_word(main: str | None, root: Any) -> str:
    if main is None:
        found = "nothing in it is named as the document"
    elif root is None:
        found = f"its document, {main!r}, is missing"
    else:
        found = f"its document, {main!r}, is a {root.tag.rpartition('}')[2]!r} without a body of Word"
    return f"a ZIP archive but no whole .docx: {found}; open it in Word and save it as .docx"


def _related(path: Path, archive: zipfile.ZipFile, source: str) -> dict[str, str]:
    """The parts that a part names, by the last word of their type; "" is the archive itself."""
    found: dict[str, str] = {}
    for kind, _, target in _relationships(path, archive, source):
        found.setdefault(kind, target)
    return found


def _pictures(path: Path, archive: zipfile.ZipFile, source: str) -> dict[str, Picture]:
    """The pictures that a part names, by how it refers to them; those that are missing show nothing."""
    names = set(archive.namelist())
    return {
        name: Picture(target, partial(archive.read, target))
        for kind, name, target in _relationships(path, archive, source)
        if kind == "image" and target in names
    }


def _relationships(path: Path, archive: zipfile.ZipFile, source: str) -> Iterator[tuple[str, str, str]]:
    """Of each part that a part names the last word of its type, how it refers to it, and its name."""
    folder, name = posixpath.split(source)
    root = _root(path, archive, posixpath.join(folder, "_rels", f"{name}.rels"))
    for relationship in () if root is None else root.iter(_RELATIONSHIP):
        if relationship.get("TargetMode") != "External":
            target = posixpath.join("/", folder, relationship.get("Target", ""))
            kind = relationship.get("Type", "").rpartition("/")[2]
            yield kind, relationship.get("Id", ""), posixpath.normpath(target).lstrip("/")


def _root(path: Path, archive: zipfile.ZipFile, name: str | None) -> Any:
    data = part(path, archive, name) if name else None
    return None if data is None else parsed(path, usual_names(data), str(name))


def _title(path: Path, archive: zipfile.ZipFile) -> str:
    root = _root(path, archive, _related(path, archive, "").get("core-properties"))
    title = None if root is None else root.find(_TITLE)
    return "" if title is None else title.text or ""
