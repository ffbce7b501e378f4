"""The table of contents of an e-book: toc.ncx of EPUB 2, the nav document of EPUB 3."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from indexer.readers.archive import xml_root

_NCX = "application/x-dtbncx+xml"
_MAX_ENTRIES = 20_000  # each is sought in its chapter
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the table of contents calls a place."""

    part: str  # that the place is in, as `archive.part_names` has it
    title: str
    level: int  # from 1


def resolved(folder: str, reference: str) -> str:
    """The name, as in `part_names`, of what a part in a folder of the book refers to."""
    target = unquote(reference.partition("#")[0])
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/").lower()


def contents(
    archive: zipfile.ZipFile, names: dict[str, str], folder: str, items: Iterable[Any]
) -> list[Entry]:
    """Its entries in order; none where the book has no table of contents, or a broken one.

    Args:
        folder: of the package, whose manifest has `items`.
    """
    from lxml import etree

    found: list[Entry] = []
    for item in items:
        is_nav = "nav" in item.get("properties", "").split()
        name = resolved(folder, item.get("href", ""))
        if (not is_nav and item.get("media-type") != _NCX) or name not in names:
            continue
        try:
            root = xml_root(archive, names[name])
        except (etree.XMLSyntaxError, ValueError):
            continue  # the chapters can be read without it
        entries = (_of_nav if is_nav else _of_ncx)(root, posixpath.dirname(name))
        if len(entries) > len(found):
            found = entries
    return found[:_MAX_ENTRIES]


def _of_ncx(root: Any, folder: str) -> list[Entry]:
    return [
        Entry(
            resolved(folder, next((at.get("src", "") for at in point.iterchildren("{*}content")), "")),
            _words(next(point.iterchildren("{*}navLabel"), None)),
            sum(1 for _ in point.iterancestors("{*}navPoint")) + 1,
        )
        for point in root.iter("{*}navPoint")
    ]


def _of_nav(root: Any, folder: str) -> list[Entry]:
    lists = list(root.iter("{*}nav"))
    toc = next((nav for nav in lists if "toc" in nav.get(_EPUB_TYPE, "").split()), None)
    return [
        Entry(
            resolved(folder, link.get("href", "")),
            _words(link),
            max(sum(1 for _ in link.iterancestors("{*}ol")), 1),
        )
        for link in (toc.iter("{*}a") if toc is not None else ())
    ]


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""
