"""PowerPoint presentations (.pptx, .ppsx), a slide as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from indexer.errors import DamagedFileError, ReadError
from indexer.model import NOT_JUDGED, Document, Heading, Page, Problem
from indexer.readers.archive import MAX_TREE_BYTES, open_archive
from indexer.readers.characters import printable
from indexer.readers.headings import merged_headings
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.pictures import OnPicture, Part, Picture, Seen, read_pictures
from indexer.readers.slides.graphics import chart_text, pictures, smart_art_text
from indexer.readers.slides.text import MC, A, P, paragraphs, table_text
from indexer.readers.verdict import reading_of

_ROW_SHARE = 0.05  # of the slide's height, within which shapes stand in one row
_ON_EVERY_SLIDE = frozenset({"dt", "ftr", "sldNum", "hdr"})  # placeholders
_TITLES = frozenset({"title", "ctrTitle"})
_MAX_SLIDES = 5_000


@dataclass(frozen=True, slots=True)
class _Slide:
    number: int  # from 1
    title: str  # in one line
    body: str
    notes: str
    pictures: tuple[Picture, ...]
    problems: tuple[Problem, ...]

    @property
    def text(self) -> str:
        return printable("\n\n".join(filter(None, [self.title, self.body, self.notes]))).strip()


@dataclass(slots=True)
class _Finds:
    """What is found on a slide beside its text."""

    texts: dict[str, str]  # of pictures that were read before, by their names; each is shown once
    pictures: list[Picture] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # why diagrams can't be read


def read(
    path: Path, data: bytes, options: ReadOptions = PLAIN, on_page: OnPicture = lambda *_: None
) -> Document:
    """Each slide: its title, its shapes from top to bottom and left to right, then its notes.

    Args:
        on_page: see `pictures.read_pictures`.

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: it is no presentation, or is broken.
    """
    from pptx.package import Package

    with open_archive(path, data, ".pptx") as archive:
        for part in archive.infolist():
            if part.filename.lower().endswith((".xml", ".rels")) and part.file_size > MAX_TREE_BYTES:
                raise DamagedFileError(
                    path,
                    f"its part {part.filename!r} has {part.file_size:,} bytes, and at most "
                    f"{MAX_TREE_BYTES:,} are read; split the presentation",
                )
    try:
        # Not pptx.Presentation: that refuses .ppsx, the same with another name.
        presentation = Package.open(BytesIO(data)).main_document_part.presentation
        return _document(path, presentation, options, on_page)
    except ReadError:
        raise
    except Exception as error:  # a ZIP with other contents, or broken XML
        raise DamagedFileError(
            path,
            f"a ZIP archive but no whole .pptx ({type(error).__name__}: {error}); save it anew in PowerPoint",
        ) from error


def _document(path: Path, presentation: Any, options: ReadOptions, on_page: OnPicture) -> Document:
    if len(presentation.slides) > _MAX_SLIDES:
        raise DamagedFileError(
            path,
            f"it has {len(presentation.slides):,} slides, and at most {_MAX_SLIDES:,} are read; split it",
        )
    slides = list(_slides(presentation, {}))
    seen = read_pictures([_part(slide) for slide in slides], options, on_page)
    if seen.texts:
        slides = list(_slides(presentation, seen.texts))
    text = ""
    headings: list[Heading] = []
    pages: list[Page] = []
    problems = [*_hidden(presentation), *seen.problems]
    for slide in slides:
        text += "\n\n" if text and slide.text else ""
        if slide.title:
            headings.append(Heading(len(text), 1, slide.title))
        pages.append(_page(slide, len(text), seen))
        text += slide.text
        problems += slide.problems
    return Document(
        text=text,
        title=headings[0].title if headings else path.stem,
        headings=merged_headings(text, headings),
        pages=tuple(pages),
        problems=tuple(sorted(problems, key=lambda problem: problem.page or 0)),
    )


def _slides(presentation: Any, texts: Mapping[str, str]) -> Iterator[_Slide]:
    """Those that are shown, with the text of their pictures where these stand."""
    left = dict(texts)
    for number, slide in enumerate(presentation.slides, start=1):
        if not _is_hidden(slide):
            finds = _Finds(left)
            title, body = _slide_text(slide, presentation.slide_height or 0, finds)
            problems = tuple(
                Problem(f"a diagram can't be read ({reason})", number) for reason in finds.broken
            )
            yield _Slide(number, title, body, _notes(slide), tuple(finds.pictures), problems)


def _is_hidden(slide: Any) -> bool:
    return slide._element.get("show") in ("0", "false")


def _hidden(presentation: Any) -> Iterator[Problem]:
    for number, slide in enumerate(presentation.slides, start=1):
        if _is_hidden(slide):
            reason = "the slide is hidden and was left out; show it to have it indexed"
            yield Problem(reason, page=number, lost=False, kind="left_out")


def _part(slide: _Slide) -> Part:
    """Without the notes: a speaker may say much about a slide that is a picture."""
    characters = len("".join(f"{slide.title}{slide.body}".split()))
    return Part(characters, slide.pictures, slide.number)


def _page(slide: _Slide, start: int, seen: Seen) -> Page:
    reading = NOT_JUDGED
    confidence = seen.confidence.get(slide.number)
    if confidence is not None:
        own = [problem for problem in seen.problems if problem.page == slide.number]
        reading = reading_of(slide.text, [*slide.problems, *own], "python-pptx", confidence)
    return Page(slide.number, start, start + len(slide.text), reading)


def _slide_text(slide: Any, height: int, finds: _Finds) -> tuple[str, str]:
    """The slide's title in one line, and the text of its background and its other shapes."""
    background = slide._element.iter(f"{P}bg")
    title, body = "", [_picture_texts(element, slide, finds) for element in background]
    for shape in _in_order(slide.shapes._spTree, slide.shapes, height):
        text = _shape_text(shape, slide, height, finds).strip("\n")
        kind = _placeholder(shape._element)
        if kind in _TITLES and not title:
            title = " ".join(printable(text).split())
        elif kind not in _ON_EVERY_SLIDE:
            body.append(text)
    return title, "\n\n".join(text for text in body if text.strip())


def _in_order(tree: Any, shapes: Any, height: int) -> list[Any]:
    """The shapes row by row, within a row from the left."""
    from pptx.shapes.shapetree import SlideShapeFactory

    found = [SlideShapeFactory(element, shapes) for element in _shape_elements(tree)]
    found.sort(key=lambda shape: shape.top or 0)
    rows: list[int] = []  # of each shape, where its row begins
    for shape in found:
        top = shape.top or 0
        rows.append(rows[-1] if rows and top - rows[-1] <= _ROW_SHARE * height else top)
    placed = sorted(zip(rows, found, strict=True), key=lambda item: (item[0], item[1].left or 0))
    return [shape for _, shape in placed]


def _shape_elements(tree: Any) -> Iterator[Any]:
    """Shapes, those too that older versions of PowerPoint see in another form."""
    for element in tree:
        if element.tag == f"{MC}AlternateContent":
            choices = [
                choice for choice in element if any(True for _ in choice.iter(f"{A}t", f"{P}graphicFrame"))
            ]
            if choices:
                yield from _shape_elements(choices[0])
        elif element.tag in (f"{P}sp", f"{P}grpSp", f"{P}graphicFrame", f"{P}pic", f"{P}cxnSp"):
            yield element


def _shape_text(shape: Any, slide: Any, height: int, finds: _Finds) -> str:
    element = shape._element
    if element.tag == f"{P}grpSp":
        children = _in_order(element, slide.shapes, height)
        inner = [_shape_text(child, slide, height, finds) for child in children]
    elif element.tag == f"{P}graphicFrame":
        inner = [table_text(table) for table in element.iter(f"{A}tbl")]
        try:
            inner += [*chart_text(element, slide.part), *smart_art_text(element, slide.part)]
        except (KeyError, ValueError, SyntaxError) as error:  # its part is missing, or no XML
            finds.broken.append(f"{type(error).__name__}: {error}")
        inner.append(_picture_texts(element, slide, finds))
    else:
        inner = [paragraphs(element), _picture_texts(element, slide, finds)]
    return "\n".join(text for text in inner if text.strip())


def _picture_texts(element: Any, slide: Any, finds: _Finds) -> str:
    """What is known of the text of the pictures below an element, which are noted."""
    texts = []
    for picture in pictures(element, slide.part):
        finds.pictures.append(picture)
        texts.append(finds.texts.pop(picture.name, ""))
    return "\n".join(filter(None, texts))


def _placeholder(element: Any) -> str | None:
    """Which part of the slide's layout a shape fills; None: it stands by itself."""
    found = next(element.iter(f"{P}ph"), None)
    return None if found is None else str(found.get("type", "obj"))


def _notes(slide: Any) -> str:
    if not slide.has_notes_slide:
        return ""
    frame = slide.notes_slide.notes_text_frame
    text = paragraphs(frame._txBody).strip() if frame is not None else ""
    return f"备注：{text}" if text else ""
