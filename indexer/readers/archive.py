"""ZIP archives that are documents (.docx, .xlsx, .pptx, .ods, .epub), opened within bounds."""

from __future__ import annotations

import copy
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from indexer.errors import DamagedFileError, EncryptedError
from indexer.readers.signature import first_bytes

MAX_UNPACKED_BYTES = 1 << 29  # half a gigabyte, pictures included: a small archive can unpack to any size
MAX_MEMBERS = 20_000  # a book of 2,000 chapters with a picture each has 4,000
MAX_RATIO = 200  # unpacked to packed; XML of spreadsheets has 5 to 30, its most repetitive 100
RATIO_FROM_BYTES = 10_000_000  # below that a ratio does no harm

MAX_TREE_BYTES = 1 << 26  # of XML that is held as a tree, which takes ten times as much and more
_MAX_INSIDE = 200_000  # elements inside one that is streamed, such as a row of 16,384 cells

_BLOCK_BYTES = 1 << 20
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))  # Office knows no others
_ENCRYPTED = 0x1  # general purpose flag, APPNOTE.TXT 4.4.4
_OLD_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")  # in the old container, round an encrypted file
# What a library raises on a broken archive; zipfile raises more than it documents.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError),
    *(RuntimeError, EOFError, OSError, ValueError, OverflowError),
)


def is_encrypted_office(data: bytes) -> bool:
    """Whether it is a .docx, .xlsx or .pptx behind a password."""
    return data.startswith(_OLD_CONTAINER) and _ENCRYPTED_STREAM in data


def open_archive(path: Path, data: bytes, kind: str) -> zipfile.ZipFile:
    """Open a document that is a ZIP archive, once it has been unpacked as a trial, within bounds.

    So a library may unpack it anew, whatever its headers claim of its size.

    Args:
        path: the file, for the errors only.
        kind: what it should be, such as ".docx".

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: it is no ZIP archive, is broken, or unpacks beyond MAX_UNPACKED_BYTES,
            MAX_MEMBERS or MAX_RATIO.
    """
    if is_encrypted_office(data):
        raise EncryptedError(path, "it needs a password; save a copy without one and index that")
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        _try_unpacking(path, archive, kind)
    except _DAMAGE as error:
        cause = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise DamagedFileError(
            path,
            f"not a whole {kind} ({cause}): {first_bytes(data)}; open it in the program that made it and "
            f"save it as {kind}",
        ) from error
    return archive


def _try_unpacking(path: Path, archive: zipfile.ZipFile, kind: str) -> None:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise DamagedFileError(
            path, f"it holds {len(members):,} parts, and a {kind} at most {MAX_MEMBERS:,}; split the document"
        )
    total = 0
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            raise EncryptedError(path, f"its part {member.filename!r} needs a password; save it without one")
        if member.compress_type not in _METHODS:
            raise DamagedFileError(
                path,
                f"its part {member.filename!r} is packed by method {member.compress_type}, as no {kind} is; "
                "save it anew in the program that made it",
            )
        total += _unpacked_bytes(path, archive, member, MAX_UNPACKED_BYTES - total)


def _unpacked_bytes(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    """How many bytes a member has in truth."""
    believed = copy.copy(member)
    believed.file_size = 1 << 62  # zipfile stops at the size that the header claims, other libraries don't
    unpacked = 0
    with archive.open(believed) as opened:
        while piece := opened.read(_BLOCK_BYTES):
            unpacked += len(piece)
            if unpacked > left:
                raise DamagedFileError(
                    path,
                    f"it unpacks to more than {MAX_UNPACKED_BYTES:,} bytes, the most that is read; split the "
                    "document",
                )
            if unpacked > RATIO_FROM_BYTES and unpacked > MAX_RATIO * member.compress_size:
                raise DamagedFileError(
                    path,
                    f"its part {member.filename!r} unpacks to more than {MAX_RATIO} times its size, as no "
                    "document does; save it anew in the program that made it",
                )
    if unpacked != member.file_size:
        raise zipfile.BadZipFile(
            f"{member.filename!r} has {unpacked:,} bytes and claims {member.file_size:,}"
        )
    return unpacked


def part_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The archive's names by how they are referred to: in lower case, without a leading slash."""
    return {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}


def xml_root(archive: zipfile.ZipFile, name: str) -> Any:
    """The root element of a part, none of whose entities is expanded.

    Raises:
        KeyError: there is no such part.
        ValueError: it is larger than MAX_TREE_BYTES.
        lxml.etree.XMLSyntaxError: it is no XML.
    """
    from lxml import etree

    size = archive.getinfo(name).file_size
    if size > MAX_TREE_BYTES:
        raise ValueError(f"{name!r} has {size:,} bytes, and at most {MAX_TREE_BYTES:,} are read")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(archive.read(name), parser)


def stream_xml(
    archive: zipfile.ZipFile, name: str, wholes: Collection[str], starts: Collection[str] = ()
) -> Iterator[Any]:
    """Elements of a part as they come, by their local names; what has been passed is forgotten.

    Args:
        wholes: elements that are yielded with all that is in them.
        starts: elements that are yielded where they begin, with their attributes only.

    Raises:
        KeyError: there is no such part.
        ValueError: one of `wholes` has more than 200,000 elements in it.
        lxml.etree.XMLSyntaxError: it is no XML.
    """
    from lxml import etree

    with archive.open(name) as part:
        events = etree.iterparse(
            part,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
        )
        depth = inside = 0
        roles: dict[str, tuple[bool, bool]] = {}  # of each tag, so that its name is parted once
        for event, element in events:
            role = roles.get(element.tag)
            if role is None:
                name_in_space = element.tag.rpartition("}")[2]
                role = roles[element.tag] = (name_in_space in wholes, name_in_space in starts)
            is_whole, is_start = role
            if event == "start":
                depth += is_whole
                if is_start:
                    yield element
                continue
            if is_whole:
                depth -= 1
                if not depth:
                    yield element
            inside = inside + 1 if depth else 0
            if inside > _MAX_INSIDE:
                raise ValueError(f"an element of {name!r} has more than {_MAX_INSIDE:,} others in it")
            if not depth:
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
