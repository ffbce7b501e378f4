"""Word documents made of raw XML, for what python-docx has no words for."""

from __future__ import annotations

import zipfile
from pathlib import Path

from indexer.model import Document
from indexer.readers import word

TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    }.items()
)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(inner: str = "", properties: str = "") -> str:
    """A paragraph; what is no XML is its text."""
    inner = run(inner) if inner and not inner.startswith("<") else inner
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def item(text: str, number: int = 1, level: int = 0, properties: str = "") -> str:
    """A paragraph of a list."""
    numbering = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return paragraph(text, numbering + properties)


def level(depth: int, system: str, text: str, more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{system}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def listed(*levels: str, name: int = 0, more: str = "") -> str:
    """A w:abstractNum."""
    return f'<w:abstractNum w:abstractNumId="{name}">{more}{"".join(levels)}</w:abstractNum>'


def used(number: int, name: int = 0, more: str = "") -> str:
    """A w:num."""
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{name}"/>{more}</w:num>'


def cell(inner: str, properties: str = "") -> str:
    inner = inner if inner.startswith("<") else paragraph(inner)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    inner = "".join(one if one.startswith("<w:tc>") else cell(one) for one in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inner}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def document_xml(body: str) -> str:
    return f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>"


def archived(path: Path, body: str, *, main: str = "word/document.xml", **parts: str) -> Path:
    """A .docx of a body and, by their names, the inner XML of numbering, styles, footnotes, endnotes."""
    relationships = "".join(
        f'<Relationship Id="r{name}" Type="{TYPES}/{name}" Target="{name}.xml"/>' for name in parts
    )
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    folder, _, file = main.rpartition("/")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{namespace}"><Relationship Id="r" Type="{TYPES}/officeDocument" '
            f'Target="{main}"/></Relationships>',
        )
        archive.writestr(main, body if body.startswith("<?xml") else document_xml(body))
        archive.writestr(
            f"{folder}/_rels/{file}.rels",
            f'<Relationships xmlns="{namespace}">{relationships}</Relationships>',
        )
        for name, inner in parts.items():
            archive.writestr(f"{folder}/{name}.xml", f"<w:{name} {NAMESPACES}>{inner}</w:{name}>")
    return path


def read(folder: Path, body: str, **parts: str) -> Document:
    path = archived(folder / "文.docx", body, **parts)
    return word.read(path, path.read_bytes())
