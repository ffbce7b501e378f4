"""E-books (.epub): chapters in the order of the book, read as web pages."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import DamagedFileError, EncryptedError, ReadError
from indexer.model import NOT_JUDGED, Document, Heading, Problem
from indexer.readers.archive import MAX_TREE_BYTES, open_archive, part_names, xml_root
from indexer.readers.charset import decode
from indexer.readers.epub.contents import Entry, contents, resolved
from indexer.readers.epub.figures import cover_names, figures, with_texts
from indexer.readers.headings import merged_headings
from indexer.readers.html import PageText, page_text
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.pictures import OnPicture, Part, Picture, read_pictures
from indexer.readers.verdict import reading_of

_PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})
# They scramble fonts, and no text.
_FONT_SCRAMBLING = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_CONTENTS = frozenset({"目录", "目錄", "目次", "contents", "tableofcontents"})
_MIN_LINKS = 5  # of a page named 目录 that is a list of links


@dataclass(frozen=True, slots=True)
class _Book:
    path: Path
    archive: zipfile.ZipFile
    names: dict[str, str]  # of its parts, see `archive.part_names`
    package: Any  # the part that lists the others, its root element
    folder: str  # of the package


@dataclass(frozen=True, slots=True)
class _Chapter:
    name: str  # as in `archive.part_names`
    markup: str  # "" where it shows no pictures, and is not needed again
    page: PageText
    pictures: tuple[Picture, ...]


def read(
    path: Path, data: bytes, options: ReadOptions = PLAIN, on_page: OnPicture = lambda *_: None
) -> Document:
    """The chapters, apart by a blank line; the table of contents is left out, as it repeats the headings.

    A chapter without headings of its own has those by which the table of contents names it. The text of
    a picture that OCR reads stands in its place; the cover's is left out.

    Args:
        on_page: see `pictures.read_pictures`.

    Raises:
        EncryptedError: its chapters are encrypted (DRM).
        DamagedFileError: it is no book, or is broken.
    """
    with open_archive(path, data, ".epub") as archive:
        try:
            return _read(path, archive, options, on_page)
        except ReadError:
            raise
        except Exception as error:  # broken XML, or parts that are named and not there
            cause = f"{type(error).__name__}: {error}".removesuffix(": ")
            raise DamagedFileError(
                path,
                f"a ZIP archive but no whole .epub ({cause}); get the book anew, or convert it with calibre",
            ) from error


def _read(path: Path, archive: zipfile.ZipFile, options: ReadOptions, on_page: OnPicture) -> Document:
    names = part_names(archive)
    _refuse_encrypted(path, archive, names)
    package_name = _package(archive, names)
    package = xml_root(archive, names[package_name])
    book = _Book(path, archive, names, package, posixpath.dirname(package_name))
    entries = contents(archive, names, book.folder, package.iter("{*}item"))
    problems: list[Problem] = []
    chapters = list(_chapters(book, options, problems))
    seen = read_pictures([_part(chapter) for chapter in chapters], options, on_page)
    problems += seen.problems
    texts = dict(seen.texts)
    text = ""
    headings: list[Heading] = []
    for chapter in chapters:
        page = chapter.page
        if any(picture.name in texts for picture in chapter.pictures):
            page = page_text(with_texts(chapter.markup, chapter.name, texts))
        shown, own = _with_headings(page, [entry for entry in entries if entry.part == chapter.name])
        if not shown:
            continue
        text += "\n\n" if text else ""
        headings += [Heading(len(text) + heading.start, heading.level, heading.title) for heading in own]
        text += shown
    title = next((" ".join((element.text or "").split()) for element in package.iter("{*}title")), "")
    confidence = seen.confidence.get(None)
    return Document(
        text=text,
        title=title or (headings[0].title if headings else path.stem),
        headings=merged_headings(text, headings),
        problems=tuple(problems),
        reading=NOT_JUDGED if confidence is None else reading_of(text, problems, "lxml", confidence),
    )


def _chapters(book: _Book, options: ReadOptions, problems: list[Problem]) -> Iterator[_Chapter]:
    """Those that can be read; to the problems comes what can't be."""
    archive, names = book.archive, book.names
    covers = cover_names(book.package, book.folder)
    for item in _spine(book.package):
        name = resolved(book.folder, item.get("href", ""))
        if name not in names:
            problems.append(Problem(f"its chapter {item.get('href', '')!r} is missing; get the book anew"))
            continue
        if archive.getinfo(names[name]).file_size > MAX_TREE_BYTES:
            problems.append(
                Problem(f"its chapter {names[name]!r} is over {MAX_TREE_BYTES:,} bytes and was not read")
            )
            continue
        try:
            decoded = decode(archive.read(names[name]), book.path, options.charset)
        except ReadError as error:
            reason = f"its chapter {names[name]!r} can't be read: {error.reason}"
            problems.append(Problem(reason, kind=error.kind))
            continue
        page = page_text(decoded.text)
        problems += [*decoded.problems, *page.problems]
        if not _is_contents(page, decoded.text):
            shown = figures(decoded.text, name, archive, names)
            pictures = tuple(picture for picture in shown if picture.name not in covers)
            yield _Chapter(name, decoded.text if pictures else "", page, pictures)


def _part(chapter: _Chapter) -> Part:
    return Part(len("".join(chapter.page.text.split())), chapter.pictures)


def _refuse_encrypted(path: Path, archive: zipfile.ZipFile, names: dict[str, str]) -> None:
    listing = names.get("meta-inf/encryption.xml")
    if listing is None:
        return
    for data in xml_root(archive, listing).iter("{*}EncryptedData"):
        method = next((element.get("Algorithm", "") for element in data.iter("{*}EncryptionMethod")), "")
        if method not in _FONT_SCRAMBLING:
            raise EncryptedError(
                path, f"its chapters are encrypted (DRM, {method or 'unnamed'}); only its shop's app reads it"
            )


def _package(archive: zipfile.ZipFile, names: dict[str, str]) -> str:
    """The part that lists the others; the first that looks like it where the book does not say which."""
    container = names.get("meta-inf/container.xml")
    if container:
        for root in xml_root(archive, container).iter("{*}rootfile"):
            name = resolved("", root.get("full-path", ""))
            if name in names:
                return name
    return next(name for name in names if name.endswith(".opf"))


def _spine(package: Any) -> list[Any]:
    """The chapters in order, each once."""
    items = {item.get("id"): item for item in package.iter("{*}item")}
    listed = dict.fromkeys(reference.get("idref") for reference in package.iter("{*}itemref"))
    found = [items[name] for name in listed if name in items]
    return [
        item
        for item in found
        if item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    ]


def _is_contents(page: PageText, markup: str) -> bool:
    first = page.text.partition("\n")[0]
    named = {re.sub(r"\s", "", name).lower() for name in (first, page.title)}
    return not named.isdisjoint(_CONTENTS) and markup.count("<a ") >= _MIN_LINKS


def _with_headings(page: PageText, entries: Sequence[Entry]) -> tuple[str, list[Heading]]:
    """A chapter with its own headings, else with those of the table of contents where their lines are.

    A title that is no line of the chapter, as where a picture shows it, becomes its first line.
    """
    if page.headings or not entries:
        return page.text, list(page.headings)
    headings: list[Heading] = []
    lines = page.text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    keys = [_key(line) for line in lines]
    at = 0
    for entry in entries:
        found = next((n for n in range(at, len(keys)) if keys[n] == _key(entry.title)), None)
        if found is not None:
            headings.append(Heading(starts[found], entry.level, lines[found].strip()))
            at = found + 1
    if headings or not page.text or not entries[0].title:
        return page.text, headings
    title = entries[0].title
    return f"{title}\n\n{page.text}", [Heading(0, entries[0].level, title)]


def _key(line: str) -> str:
    return re.sub(r"\s", "", line)
