"""Which elements of a Word document are read, and which only say how, or say it twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from indexer.readers.word.fields import is_contents as instructs_contents
from indexer.readers.word.names import MC, M, W, value

_WRAPPERS = frozenset(W + name for name in ("sdtContent", "ins", "moveTo", "customXml", "smartTag"))
# Properties, deletions, and of a character with its reading above it the reading.
_NO_TEXT_NAMES = "pPr rPr tblPr tcPr sdtPr sdtEndPr del moveFrom delText delInstrText rubyPr rt"
NO_TEXT = frozenset(W + name for name in _NO_TEXT_NAMES.split())
_CONTENTS = "Table of Contents"  # how Word marks one that it has inserted with its heading


def unwrapped(parent: Any) -> Iterator[Any]:
    """Paragraphs, tables and formulas below an element, those in content controls and insertions too."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl", f"{M}oMathPara", f"{M}oMath"):
            yield child
        elif child.tag in _WRAPPERS or (child.tag == f"{W}sdt" and not is_contents(child)):
            yield from unwrapped(child)
        elif child.tag == f"{MC}AlternateContent":
            yield from unwrapped(alternative(child))


def table_parts(parent: Any, tag: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, those in content controls and insertions too."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS or child.tag == f"{W}sdt":
            yield from table_parts(child, tag)


def alternative(node: Any) -> Any:
    """The one of several forms of the same content that is read; the others repeat it."""
    forms = [child for child in node if child.tag in (f"{MC}Choice", f"{MC}Fallback")]
    with_text = (form for form in forms if form.find(f".//{W}t") is not None)
    return next(with_text, forms[0] if forms else node)


def is_contents(node: Any) -> bool:
    """Whether it is a table of contents: a field that says so, or a content control with its heading."""
    if node.tag == f"{W}fldSimple":
        return instructs_contents(node.get(f"{W}instr", ""))
    if node.tag != f"{W}sdt":
        return False
    gallery = node.find(f"{W}sdtPr/{W}docPartObj")
    return value(gallery, "docPartGallery") == _CONTENTS


def is_deleted(row: Any) -> bool:
    properties = row.find(f"{W}trPr")
    return properties is not None and properties.find(f"{W}del") is not None


def notes_by_id(root: Any, name: str) -> dict[str, Any]:
    """Notes by their ids, without the lines that separate them from the text."""
    found = () if root is None else root.findall(W + name)
    return {note.get(f"{W}id", ""): note for note in found if note.get(f"{W}type", "normal") == "normal"}
