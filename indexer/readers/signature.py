"""What a file is by its first bytes, for refusals that say what came instead."""

from __future__ import annotations

_BINARY = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive, as .docx, .xlsx and .epub files are"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.doc, .xls)"),
    (b"{\\rtf", "a rich-text file (.rtf)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
)
_HTML_STARTS = (b"<!doctype html", b"<html", b"<?xml", b"<head", b"<body")


def binary_type(data: bytes) -> str | None:
    """What kind of binary file begins so, with its article ("a PNG image"); None: none known."""
    return next((name for magic, name in _BINARY if data.startswith(magic)), None)


def first_bytes(data: bytes) -> str:
    """What a file begins with, as a clause for an error message."""
    if not data:
        return "it is empty (0 bytes)"
    known = binary_type(data)
    if known:
        return f"its first bytes are those of {known}"
    if data.lstrip().lower().startswith(_HTML_STARTS):
        return f"its first bytes, {data[:16]!r}, are those of a web page"
    return f"its first bytes are {data[:16]!r}"
