"""Files made by hand to do harm, or to stop whoever reads them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

FONT = (
    "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts "
    "[<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo "
    "<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>] >>"
)


def pdf(objects: Mapping[int, str]) -> bytes:
    """A PDF of these objects, of which 1 is the catalogue."""
    data = b"%PDF-1.7\n"
    starts = {}
    for number, content in objects.items():
        starts[number] = len(data)
        data += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = len(data)
    data += b"xref\n0 1\n0000000000 65535 f \n"
    for number, start in starts.items():
        data += f"{number} 1\n{start:010} 00000 n \n".encode()
    return data + f"trailer << /Root 1 0 R /Size {max(objects) + 1} >>\nstartxref\n{table}\n%%EOF\n".encode()


def stream(content: str, entries: str = "") -> str:
    return f"<< /Length {len(content)} {entries} >>\nstream\n{content}\nendstream"


def shown(text: str) -> str:
    """The content of a page that shows one line."""
    return f"BT /F1 12 Tf 72 700 Td <{text.encode('utf-16-be').hex()}> Tj ET"


def page(contents: int, more: str = "", resources: str = "/Font << /F1 3 0 R >>") -> str:
    """Its font is object 3 and its parent object 2."""
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {contents} 0 R "
        f"/Resources << {resources} >> {more} >>"
    )


def pdf_of(texts: Sequence[str], tree: str = "", extra: Mapping[int, str] | None = None) -> bytes:
    """A page for each text.

    Args:
        tree: entries of the page tree, in place of the right ones.
        extra: objects in place of those that belong there; 10, 12, … are pages, 11, 13, … their contents.
    """
    numbers = range(10, 10 + 2 * len(texts), 2)
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages {tree or f'/Kids [{kids}] /Count {len(texts)}'} >>",
        3: FONT,
    }
    for number, text in zip(numbers, texts, strict=True):
        objects |= {number: page(number + 1), number + 1: stream(shown(text))}
    return pdf(objects | dict(extra or {}))


def endless_page(number: int, first: int = 100, width: int = 10, depth: int = 12) -> dict[int, str]:
    """Objects of a page that draws ten forms, each of which draws ten, and so on: nobody draws all."""
    objects = {
        number: page(number + 1, resources=f"/XObject << /X {first} 0 R >>"),
        number + 1: stream("/X Do " * width),
    }
    for at in range(first, first + depth):
        inner = "/X Do " * width if at < first + depth - 1 else shown("尽头")
        resources = f"/XObject << /X {at + 1} 0 R >>" if at < first + depth - 1 else "/Font << /F1 3 0 R >>"
        objects[at] = stream(
            inner, f"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << {resources} >>"
        )
    return objects


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def repacked(data: bytes, parts: Mapping[str, str | bytes]) -> bytes:
    """The archive with some of its parts replaced, or more of them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return packed({name: archive.read(name) for name in archive.namelist()} | dict(parts))
