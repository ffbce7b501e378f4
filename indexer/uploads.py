"""Files that a browser uploads: kept in a folder, and indexed from there.

A name that comes from elsewhere never leads out of the folder. A `.zip` is unpacked into a folder of its
name. What is there is replaced whole or not at all: everything is written into a hidden folder beside,
then moved into place.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import struct
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from indexer.errors import XunzhangError
from indexer.readers import SUFFIXES
from indexer.readers.plausibility import log_likelihood

MAX_BYTES = 2_000_000_000  # of a file, or of all that an archive holds, unpacked
MAX_MEMBERS = 20_000  # of an archive, without those that are skipped
MAX_RATIO = 200  # unpacked to packed; plain text has 3 to 20, its emptiest pages 100
RATIO_FROM_BYTES = 10_000_000  # below that a ratio does no harm

_MOST_OF_A_NAME = 1000  # files of other contents under one name
_BLOCK_BYTES = 1 << 20
_MAX_NAME_BYTES = 255  # of a file or folder, in UTF-8: what most file systems take
_MAX_PATH_BYTES = 640  # below the folder; macOS takes 1,024 with all that is above
_DIGEST_LENGTH = 9
_BESIDE = ".upload-"  # hidden, so that an ingest passes it by
_STALE_SECONDS = 24 * 3600  # what a killed upload left is removed after that

_ARCHIVES = frozenset((".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst"))
# Of nearly every archive. zipfile inflates others without a bound: 4 kB of bzip2 at once, to 5 GB.
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
_ENCRYPTED, _IS_UTF8 = 0x1, 0x800  # general purpose flags, APPNOTE.TXT 4.4.4
_UNICODE_PATH = 0x7075  # Info-ZIP's extra field, APPNOTE.TXT 4.6.9
# What a library raises on a broken archive; zipfile raises more than it documents.
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(RuntimeError, EOFError, OSError, ValueError, OverflowError, MemoryError),
)

# Which charset the names are in that don't say: codec, log-prior. As in readers/charset.py.
_CHARSETS = (("utf-8", 0.0), ("gb18030", -1.0), ("cp950", -4.0))
_OTHERWISE = "cp437"  # what the format says
_UNDECODED = -8.0  # log-prior of a name that a codec can't read
_EVIDENCE_NAMES = 1_000
# In accented words a letter beyond ASCII stands alone, and is below A6 in cp437, or E1 (ß).
_CHINESE = re.compile(rb"[\x80-\xff]{2}|[\xa6-\xe0\xe2-\xff]")

_UNSEEN = frozenset(("Cc", "Cf", "Cs"))  # control, format (such as right-to-left overrides), surrogates
_FORBIDDEN = re.compile(r'[<>:"|?*\u2028\u2029]')  # Windows' and line separators
_TAIL = re.compile(r"[.\s]+$")  # Windows drops it
_EDGE = re.compile(r"^[.\s]+|[.\s]+$")
_RESERVED = frozenset(
    ("CON", "PRN", "AUX", "NUL", *(port + n for port in ("COM", "LPT") for n in "0123456789¹²³"))
)


class UploadError(XunzhangError):
    """An upload can't be kept; nothing of it was written, unless the message says so."""


@dataclass(frozen=True, slots=True)
class Saved:
    files: tuple[Path, ...]  # written, in order
    refused: tuple[tuple[str, str], ...]  # name as uploaded or in the archive, and why


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in an archive."""

    info: zipfile.ZipInfo
    name: str  # decoded
    parts: tuple[str, ...]


def save_upload(
    folder: Path,
    name: str,
    data: BinaryIO,
    *,
    max_bytes: int = MAX_BYTES,
    max_members: int = MAX_MEMBERS,
    max_ratio: int = MAX_RATIO,
    ratio_from_bytes: int = RATIO_FROM_BYTES,
) -> Saved:
    """Keep an upload in a folder.

    A file that comes with its folder, as of an archive, takes the place of an earlier one of that name; one
    that comes alone is kept beside an earlier one of another content, as `name (2)`.

    Args:
        folder: is made if there is anything to write.
        name: as the browser gives it, with "/" between folders; anything may be in it.
        data: seekable; read from its start.
        max_bytes: of the file, or of an archive's files unpacked.
        max_members: files of an archive, without those that are skipped.
        max_ratio: of a member's bytes unpacked to packed, once `ratio_from_bytes` are unpacked.

    Returns:
        What was written, and what was refused, such as a file of a type that nothing reads. Hidden
        files and lock files in an archive are in neither.

    Raises:
        UploadError: the archive is damaged or beyond a bound, the disk is full, or the folder can't be
            written.
    """
    size = data.seek(0, os.SEEK_END)
    data.seek(0)
    parts = _parts(name)
    suffix = _suffix(parts)
    is_archive = suffix.lower() == ".zip"
    reason = _hidden_reason(parts) or (None if is_archive else _type_reason(suffix))
    if reason:
        return Saved((), ((name, reason),))
    if not is_archive:
        target = _relative(parts)
        obstacle = _obstacle(folder, target)
        if obstacle:
            return Saved((), ((name, obstacle),))
        if len(parts) == 1:
            target = _free(folder, target, data)
        files = {target: iter(lambda: data.read(_BLOCK_BYTES), b"")}
        return Saved(_keep(folder, name, files, size, max_bytes), ())

    with open_archive(name, data) as archive:
        members, refused = _choose(archive, [*parts[:-1], parts[-1][: -len(suffix)]])
        if len(members) + len(refused) > max_members:
            raise UploadError(
                f"{name!r} has {len(members) + len(refused):,} files, and at most {max_members:,} are "
                "unpacked; make several archives of it"
            )
        for target, member in list(members.items()):
            obstacle = _obstacle(folder, target)
            if obstacle:
                refused.append((member.name, obstacle))
                del members[target]
        files = {
            target: _bounded(archive, name, member, size, max_ratio, ratio_from_bytes)
            for target, member in members.items()
        }
        declared = sum(member.info.file_size for member in members.values())
        return Saved(_keep(folder, name, files, declared, max_bytes), tuple(refused))


def open_archive(name: str, data: BinaryIO) -> zipfile.ZipFile:
    """
    Raises:
        UploadError: it is no zip, or is damaged.
    """
    try:
        return zipfile.ZipFile(data)
    except DAMAGE as error:
        raise _damaged(name, error) from error


def inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """A member's bytes, piece by piece, none larger than a megabyte, whatever the archive holds.

    Raises:
        UploadError: it is damaged, needs a password, or is packed by a method that is not read.
    """
    reason = _packing_reason(info)
    if reason:
        raise UploadError(f"{name!r} can't be unpacked: {reason}")
    try:
        opened = archive.open(info)
    except DAMAGE as error:
        raise _damaged(name, error) from error
    with opened:
        while True:
            try:
                piece = opened.read(_BLOCK_BYTES)
            except DAMAGE as error:
                raise _damaged(name, error) from error
            if not piece:
                return
            yield piece


def _damaged(name: str, error: BaseException) -> UploadError:
    cause = f"{type(error).__name__}: {error}".removesuffix(": ")
    return UploadError(
        f"{name!r} is no zip archive, or a damaged one ({cause}); make it anew and upload that"
    )


def _bounded(
    archive: zipfile.ZipFile,
    name: str,
    member: _Member,
    archive_bytes: int,
    max_ratio: int,
    ratio_from_bytes: int,
) -> Iterator[bytes]:
    """A member's bytes, as long as they are not suspiciously many for what they are packed in."""
    packed = min(member.info.compress_size, archive_bytes)  # the header may say anything
    inflated = 0
    for piece in inflate(archive, member.info, f"{name}/{member.name}"):
        inflated += len(piece)
        if inflated > ratio_from_bytes and inflated > max_ratio * packed:
            raise UploadError(
                f"{name!r}: {member.name!r} inflates {packed:,} bytes to more than {_size(inflated)}, as no "
                f"document does (at most {max_ratio} times); unpack it and upload the files that you need"
            )
        yield piece


def _choose(
    archive: zipfile.ZipFile, top: Sequence[str]
) -> tuple[dict[PurePosixPath, _Member], list[tuple[str, str]]]:
    """What to unpack, by the path that it gets, and what is refused.

    Args:
        top: the folder for it; a folder of the same name in the archive, with all in it, is the same one.
    """
    kept: list[_Member] = []
    refused: list[tuple[str, str]] = []
    infos = archive.infolist()
    for info, name in zip(infos, _member_names(infos), strict=True):
        parts = _parts(name)
        if name.endswith(("/", "\\")) or not parts or _is_skipped(parts):
            continue
        reason = _member_reason(info, name, parts)
        if reason:
            refused.append((name, reason))
        else:
            kept.append(_Member(info, name, tuple(parts)))
    is_nested = all(len(member.parts) > 1 and _safe(member.parts[0]) == _safe(top[-1]) for member in kept)

    chosen: dict[PurePosixPath, _Member] = {}
    for member in kept:
        target = _relative([*top, *member.parts[is_nested:]])
        if target in chosen:
            reason = f"a later file of the archive is saved under the same name, {target}; rename one"
            refused.append((chosen[target].name, reason))
        chosen[target] = member
    folders = {folder for target in chosen for folder in target.parents}
    for target in folders & chosen.keys():
        refused.append((chosen.pop(target).name, "the archive has a folder of the same name; rename one"))
    return chosen, refused


def _is_skipped(parts: Sequence[str]) -> bool:
    """Whether a member is nothing that anybody wrote: of the system, hidden, or a lock file."""
    return parts[0] == "__MACOSX" or parts[-1].startswith("~$") or any(part[0] == "." for part in parts)


def _member_reason(info: zipfile.ZipInfo, name: str, parts: Sequence[str]) -> str | None:
    path = name.replace("\\", "/")
    kind = stat.S_IFMT(info.external_attr >> 16)
    suffix = _suffix(parts)
    if path.startswith("/") or re.match("[A-Za-z]:", path) or ".." in _split(name):
        return "its path leads out of the archive; upload it by itself"
    if kind == stat.S_IFLNK:
        return "it is a link, not a file; upload the file that it leads to"
    if kind not in (0, stat.S_IFREG):
        return "it is a device or the like, not a file; leave it out"
    if suffix.lower() in _ARCHIVES:
        return "it is an archive in an archive; unpack it first, and upload its files"
    return _packing_reason(info) or _type_reason(suffix)


def _packing_reason(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & _ENCRYPTED:
        return "it needs a password; unpack it, and upload the file"
    if info.compress_type not in _METHODS:
        return f"packed by method {info.compress_type}, which is not read; unpack it, and upload the file"
    return None


def _type_reason(suffix: str) -> str | None:
    if suffix.lower() in SUFFIXES:
        return None
    if suffix.lower() in _ARCHIVES:
        return f"archives of type {suffix!r} are not opened; unpack it and upload its files, or a .zip"
    return f"files of type {suffix or '(none)'!r} are not read; read are {', '.join(sorted(SUFFIXES))}"


def _hidden_reason(parts: Sequence[str]) -> str | None:
    """Why an ingest of the folder would not look at a file."""
    hidden = next((part for part in parts[:-1] if part[0] == "."), None)
    if hidden:
        return f"it is in a hidden folder, {hidden!r}, and those are not read; rename that"
    if parts and _EDGE.sub("", parts[-1]).startswith("~$"):
        return "it is a lock file of a document that is open, not the document; upload that"
    if parts and parts[-1].startswith("._"):
        return "it is what macOS keeps beside a file, not the file; upload that"
    return None


def _member_names(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Names as they were meant. Most programs on Chinese Windows write GBK and don't say so."""
    raws = [info.orig_filename.encode("utf-8" if info.flag_bits & _IS_UTF8 else "cp437") for info in infos]
    unknown = [raw for info, raw in zip(infos, raws, strict=True) if not info.flag_bits & _IS_UTF8]
    charset = _charset(unknown)
    return [
        _unicode_path(info.extra, raw)
        or (info.orig_filename if info.flag_bits & _IS_UTF8 else _decoded(raw, charset)[0])
        for info, raw in zip(infos, raws, strict=True)
    ]


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The name that Info-ZIP's field gives, unless somebody renamed the member and left the field."""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and field[1:5] == struct.pack("<L", zlib.crc32(raw)):
            with contextlib.suppress(UnicodeDecodeError):
                return field[5:].decode("utf-8")
    return None


def _charset(raws: Iterable[bytes]) -> str:
    """The one charset of an archive's names: together they tell what a name of two Han does not."""
    evidence = [raw for raw in raws if _CHINESE.search(raw)][:_EVIDENCE_NAMES]
    if not evidence:
        return _OTHERWISE

    def score(candidate: tuple[str, float]) -> float:
        codec, prior = candidate
        decoded = [_decoded(raw, codec) for raw in evidence]
        return prior + sum(log_likelihood(name) + (0.0 if fits else _UNDECODED) for name, fits in decoded)

    return max((*_CHARSETS, (_OTHERWISE, len(evidence) * _UNDECODED)), key=score)[0]


def _decoded(raw: bytes, codec: str) -> tuple[str, bool]:
    """The name, and whether the codec reads it."""
    try:
        return raw.decode(codec), True
    except UnicodeDecodeError:
        return raw.decode(_OTHERWISE), False


def _split(name: str) -> list[str]:
    shown = "".join(char for char in name if unicodedata.category(char) not in _UNSEEN)
    return unicodedata.normalize("NFC", shown).replace("\\", "/").split("/")


def _parts(name: str) -> list[str]:
    """Folders and file as people see them, without what leads elsewhere: `..`, a drive, the root."""
    parts = (_TAIL.sub("", part).strip() for part in _split(name))
    return [part for part in parts if part and not re.fullmatch("[A-Za-z]:", part)]


def _suffix(parts: Sequence[str]) -> str:
    """With its dot, as written; "" for none. A name may consist of it."""
    _, dot, suffix = parts[-1].rpartition(".") if parts else ("", "", "")
    return dot + suffix if dot else ""


def _relative(parts: Sequence[str]) -> PurePosixPath:
    """A path that every file system takes, as much like the parts as can be."""
    folders, file = [_safe(part) for part in parts[:-1]], _safe(parts[-1], _suffix(parts))
    left = _MAX_PATH_BYTES - len(file.encode()) - len("/") - _DIGEST_LENGTH
    for number, folder in enumerate(folders):
        left -= len(folder.encode()) + len("/")
        if left < 0:  # too deep: one folder stands for the rest
            folders[number:] = [_digest("/".join(parts[number:-1]))]
            break
    return PurePosixPath(*folders, file)


def _safe(part: str, suffix: str = "") -> str:
    """A name of a file or folder. What is too long is cut, and told apart by a digest."""
    stem = _EDGE.sub("", _FORBIDDEN.sub("_", part.removesuffix(suffix))) or "unnamed"
    if stem.partition(".")[0].strip().upper() in _RESERVED:
        stem = f"_{stem}"
    most = _MAX_NAME_BYTES - len(suffix.encode())
    if len(stem.encode()) > most:
        kept = stem.encode()[: most - _DIGEST_LENGTH].decode(errors="ignore")
        stem = _EDGE.sub("", kept) + _digest(part)
    return stem + suffix


def _free(folder: Path, target: PurePosixPath, data: BinaryIO) -> PurePosixPath:
    """The name, or one with a number where a file of another content has it."""
    for number in range(1, _MOST_OF_A_NAME):
        numbered = target if number == 1 else target.with_stem(f"{target.stem} ({number})")
        kept = folder / numbered
        if kept.is_symlink() or not kept.exists() or _same(kept, data):  # a link is replaced, not followed
            return numbered
    return target


def _same(file: Path, data: BinaryIO) -> bool:
    size = data.seek(0, os.SEEK_END)
    data.seek(0)
    if size != file.stat().st_size:
        return False
    digest = hashlib.sha256()
    while piece := data.read(_BLOCK_BYTES):
        digest.update(piece)
    data.seek(0)
    with file.open("rb") as kept:
        return hashlib.file_digest(kept, "sha256").digest() == digest.digest()


def _digest(text: str) -> str:
    return f"~{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _obstacle(folder: Path, target: PurePosixPath) -> str | None:
    """What in the folder is in a file's way; a file of its name is not."""
    for parent in reversed(target.parents[:-1]):
        there = folder / parent
        if there.is_symlink():
            return f"{str(parent)!r} in the folder is a link, and those are not followed; remove it"
        if there.exists() and not there.is_dir():
            return f"{str(parent)!r} in the folder is a file, and a folder is needed there; rename it"
    if (folder / target).is_dir() and not (folder / target).is_symlink():
        return f"{str(target)!r} in the folder is a folder; rename that, or the file"
    return None


def _keep(
    folder: Path,
    name: str,
    files: Mapping[PurePosixPath, Iterable[bytes]],
    declared_bytes: int,
    max_bytes: int,
) -> tuple[Path, ...]:
    """Write files beside, then move each into place.

    Args:
        name: of the upload.
        files: path below the folder → content.
        declared_bytes: how many bytes that is, as somebody says.
    """
    if not files:
        return ()
    if declared_bytes > max_bytes:
        raise _too_large(name, max_bytes)
    moved: list[Path] = []
    try:
        if declared_bytes > _free_bytes(folder):
            raise _disk_full(name, declared_bytes, folder)
        folder.mkdir(parents=True, exist_ok=True)
        with _beside(folder) as beside:
            left = max_bytes
            for number, content in enumerate(files.values()):
                with (beside / str(number)).open("xb") as file:
                    for piece in content:
                        left -= len(piece)
                        if left < 0:
                            raise _too_large(name, max_bytes)
                        file.write(piece)
                    file.flush()
                    os.fsync(file.fileno())
            for number, target in enumerate(files):
                path = folder / target
                path.parent.mkdir(parents=True, exist_ok=True)
                (beside / str(number)).replace(path)
                moved.append(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT) and not moved:
            raise _disk_full(name, declared_bytes, folder) from error
        done = f" after {len(moved)} of {len(files)} files" if moved else ""
        raise UploadError(
            f"{name!r} can't be written to {folder}{done}: {error.strerror or error}; mend that, and upload "
            "it again"
        ) from error
    return tuple(moved)


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A hidden folder in the folder, gone afterwards, as are those of uploads that were killed."""
    for left in folder.glob(f"{_BESIDE}*"):
        with contextlib.suppress(OSError):
            if left.stat().st_mtime < time.time() - _STALE_SECONDS:
                shutil.rmtree(left)
    beside = folder / f"{_BESIDE}{secrets.token_hex(8)}"
    beside.mkdir()
    try:
        yield beside
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _too_large(name: str, max_bytes: int) -> UploadError:
    return UploadError(f"{name!r} holds more than {_size(max_bytes)}; upload it in parts")


def _disk_full(name: str, needed_bytes: int, folder: Path) -> UploadError:
    return UploadError(
        f"{name!r} needs {_size(needed_bytes)}, and {_size(_free_bytes(folder))} are free at {folder}; make "
        "room, and upload it again"
    )


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(next(there for there in (folder, *folder.parents) if there.exists())).free


def _size(count: int) -> str:
    for unit, unit_bytes in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= unit_bytes:
            return f"{count / unit_bytes:.1f} {unit}"
    return f"{count} bytes"
