"""The parts of an OpenDocument text: in a ZIP archive (.odt, .ott), or flat in one XML file (.fodt)."""

from __future__ import annotations

import zipfile
from base64 import b64decode
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from indexer.errors import DamagedFileError, EncryptedError
from indexer.readers.archive import open_archive
from indexer.readers.odt.names import DC, DRAW, MATH, OFFICE, XLINK
from indexer.readers.pictures import Picture, is_drawing
from indexer.readers.xml_parts import parsed, part

_ENCRYPTION = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}encryption-data"


@dataclass(frozen=True, slots=True)
class OpenText:
    body: Any  # office:text
    styles: tuple[Any, ...]  # roots that hold styles, the document's own last
    title: str
    formulas: dict[str, Any]  # root elements by the name of their folder
    pictures: dict[str, Picture]  # by their names; those of a flat file are in it


def open_text(path: Path, data: bytes) -> OpenText:
    """Read the parts that hold text.

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: it is no OpenDocument text, is broken, or is larger than any document.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        root = parsed(path, data, path.name)
        return OpenText(_body(path, root), (root,), _title(root), {}, {})
    archive = open_archive(path, data, ".odt")
    manifest = _root(path, archive, "META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter(_ENCRYPTION), None) is not None:
        raise EncryptedError(path, "it needs a password; save a copy without one and index that")
    content, usual, meta = (_root(path, archive, f"{name}.xml") for name in ("content", "styles", "meta"))
    if content is None:
        raise DamagedFileError(
            path,
            "a ZIP archive but no whole .odt: it has no content.xml; open it in the program that made it "
            "and save it as .odt",
        )
    styles = tuple(root for root in (usual, content) if root is not None)
    pictures = {name: Picture(name, partial(archive.read, name)) for name in archive.namelist()}
    return OpenText(_body(path, content), styles, _title(meta), _formulas(path, archive), pictures)


def picture_of(document: OpenText, frame: Any) -> Picture | None:
    """The picture that a frame shows; of several forms of one, one that is not drawn in lines."""
    found = [_picture(document, image) for image in frame.iterchildren(f"{DRAW}image")]
    forms = [picture for picture in found if picture]
    return next((picture for picture in forms if not is_drawing(picture)), forms[0] if forms else None)


def _picture(document: OpenText, image: Any) -> Picture | None:
    """None: it is not in the file."""
    own = image.findtext(f"{OFFICE}binary-data")
    if own is None:
        return document.pictures.get((image.get(f"{XLINK}href") or "").removeprefix("./"))
    name = f"{blake2b(own.encode()).hexdigest()}.bin"
    return Picture(name, lambda: b64decode(own))


def _root(path: Path, archive: zipfile.ZipFile, name: str) -> Any:
    data = part(path, archive, name)
    return None if data is None else parsed(path, data, name)


def _body(path: Path, root: Any) -> Any:
    body = root.find(f"{OFFICE}body/{OFFICE}text")
    if body is None:
        found = root.find(f"{OFFICE}body/*")
        kind = root.tag if found is None else found.tag
        raise DamagedFileError(
            path,
            f"it holds {kind.rpartition('}')[2]!r} and no OpenDocument text; give it the suffix that "
            "belongs to it",
        )
    return body


def _title(root: Any) -> str:
    title = None if root is None else root.find(f".//{DC}title")
    return "" if title is None else title.text or ""


def _formulas(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    roots = {
        name.removesuffix("/content.xml"): _root(path, archive, name)
        for name in archive.namelist()
        if name.endswith("/content.xml")
    }
    return {folder: root for folder, root in roots.items() if root.tag == f"{MATH}math"}
