"""XML of documents from anywhere: parsed without entities, network or more depth than documents have."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from indexer.errors import DamagedFileError
from indexer.readers.archive import MAX_TREE_BYTES


def parsed(path: Path, data: bytes, name: str) -> Any:
    """The root element of one XML part.

    Args:
        path: the file, for the error only.
        name: the part's, for the error only.

    Raises:
        DamagedFileError: it is no whole XML, larger than MAX_TREE_BYTES, nested beyond libxml2's limit
            of 256 elements, or declares a DTD: no word processor writes one, and an entity bomb needs it.
    """
    from lxml import etree

    _refuse_large(path, name, len(data))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DamagedFileError(
            path, f"its part {name!r} is broken ({error}); save it anew in the program that made it"
        ) from error
    if root.getroottree().docinfo.doctype:
        raise DamagedFileError(
            path,
            f"its part {name!r} declares a DTD, which no word processor does; save it anew in the program "
            "that made it",
        )
    return root


def part(path: Path, archive: zipfile.ZipFile, name: str) -> bytes | None:
    """The bytes of an XML part of an archive from `open_archive`; None: it has no such part.

    Raises:
        DamagedFileError: it is larger than MAX_TREE_BYTES.
    """
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        return None
    _refuse_large(path, name, size)
    return archive.read(name)


def _refuse_large(path: Path, name: str, size: int) -> None:
    if size > MAX_TREE_BYTES:
        raise DamagedFileError(
            path,
            f"its part {name!r} has {size:,} bytes, over the limit of {MAX_TREE_BYTES:,}; split the document",
        )
