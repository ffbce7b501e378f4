"""Pictures within documents: which of them may hold text, and what OCR reads in them.

A scan that was pasted into a document is its text, a photograph beside a text is not: a picture is read
where the document, slide or chapter has little text of its own, and counted in a problem elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from indexer.model import Problem, ProblemKind
from indexer.readers.ocr import OcrUnavailableError
from indexer.readers.options import ReadOptions
from indexer.readers.picture_file import PictureError, opened, read_picture, upright

if TYPE_CHECKING:
    from PIL.Image import Image

OnPicture = Callable[[int, int], None]  # picture that is about to be read, from 1; number of steps

# Pixels of a picture that may hold text. An identity card at 100 dots per inch has 337 x 213, a page at the
# 57 that OCR needs 471 x 666; icons, formulas and rare characters that are drawn have less.
_MIN_SIDE, _MIN_PIXELS = 100, 60_000
_OFTEN = 3  # times; what occurs as often is a logo or an ornament
# Of the document's own text for each picture. A page has 500 and more: with fewer the pictures are the pages.
LITTLE_TEXT = 200
# With fewer characters that OCR is not sure of, a picture shows a street sign or a texture, not a page.
_FEW = 20

# Drawn in lines, which Pillow does not do. Without a suffix: what LibreOffice shows for embedded objects.
_DRAWINGS = frozenset({".emf", ".wmf", ".emz", ".wmz", ".svg", ".svm", ""})
_DRAWN_FORMAT = "WMF"  # of Pillow, EMF too


@dataclass(frozen=True, slots=True)
class Picture:
    name: str  # of its part; two of the same name are the same
    load: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Part:
    """A document, or a slide or chapter of one, before its pictures are read."""

    characters: int  # of its own text, without white space
    pictures: tuple[Picture, ...]  # as it shows them
    page: int | None = None  # of the problems; None: they concern the whole file


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a document's pictures."""

    texts: Mapping[str, str]  # by the pictures' names; of those in which text was read
    problems: tuple[Problem, ...]
    confidence: Mapping[int | None, float]  # by the parts' pages: the least of the pictures that were read


NONE_SEEN = Seen({}, (), {})


@dataclass(frozen=True, slots=True)
class _Task:
    """A picture that may hold text."""

    picture: Picture
    page: int | None
    is_drawing: bool
    is_content: bool  # there is little text beside it
    is_alone: bool  # there is none


@dataclass(frozen=True, slots=True)
class _Outcome:
    reason: str  # goes on after "3 pictures were"; "" where there is nothing to say
    kind: ProblemKind = "left_out"
    lost: bool = False
    text: str = ""
    confidence: float = 1.0


def read_pictures(parts: Sequence[Part], options: ReadOptions, on_page: OnPicture = lambda *_: None) -> Seen:
    """Read the pictures of a document as far as `options.ocr` says, each once.

    Args:
        on_page: called before each picture that is read. What is around the pictures counts as one more, so
            that a file whose only picture stops the reader is not given up: `options.skip_pages` leaves it
            out.
    """
    to_read: list[_Task] = []
    outcomes: list[tuple[_Task, _Outcome]] = []
    for task in _tasks(parts):
        if not task.is_drawing and (options.ocr == "always" or (options.ocr == "auto" and task.is_content)):
            to_read.append(task)
        else:
            outcomes.append((task, _unread(task)))
    no_ocr = ""
    for number, task in enumerate(to_read, start=1):
        on_page(number, len(to_read) + 1)
        if number in options.skip_pages:
            outcome = _Outcome("left out: the reader had to be stopped there", "out_of_bounds", lost=True)
        elif no_ocr:
            outcome = _without_ocr(task, no_ocr)
        else:
            try:
                outcome = _read(task)
            except OcrUnavailableError as error:
                no_ocr = str(error)
                outcome = _without_ocr(task, no_ocr)
        outcomes.append((task, outcome))
    return _seen(outcomes)


def is_drawing(picture: Picture) -> bool:
    """Whether it is drawn in lines, as far as its name tells."""
    return PurePosixPath(picture.name).suffix.lower() in _DRAWINGS


def _tasks(parts: Sequence[Part]) -> Iterator[_Task]:
    """The pictures that may hold text, each where it stands first."""
    times = Counter(picture.name for part in parts for picture in part.pictures)
    done: set[str] = set()
    for part in parts:
        large = []
        for picture in part.pictures:
            if picture.name in done or times[picture.name] >= _OFTEN:
                continue
            done.add(picture.name)
            sort = _sort(picture)
            if sort != "small":
                large.append((picture, sort == "drawing"))
        is_content = part.characters < LITTLE_TEXT * len(large)
        for picture, drawn in large:
            yield _Task(picture, part.page, drawn, is_content, is_alone=not part.characters)


def _opened(picture: Picture) -> Image:
    try:
        data = picture.load()
    except Exception as error:  # of a damaged part
        raise PictureError(f"broken ({type(error).__name__}: {error})") from error
    return opened(data)


def _sort(picture: Picture) -> Literal["small", "drawing", "picture"]:
    try:
        image = _opened(picture)
    except PictureError:  # which is said when it is to be read
        return "drawing" if is_drawing(picture) else "picture"
    if min(image.size) < _MIN_SIDE or image.width * image.height < _MIN_PIXELS:
        return "small"
    return "drawing" if image.format == _DRAWN_FORMAT else "picture"


def _unread(task: _Task) -> _Outcome:
    if task.is_drawing:
        reason = "not read: drawn in lines (EMF, WMF, SVG); put in those with text as PNG"
        return _Outcome(reason, lost=task.is_content)
    if not task.is_content:
        return _Outcome("not read (--ocr always reads the text in pictures)")
    return _Outcome("not read, and there is little other text; --ocr auto reads pictures", "scan", lost=True)


def _without_ocr(task: _Task, why: str) -> _Outcome:
    kind: ProblemKind = "scan" if task.is_content else "left_out"
    return _Outcome(f"not read, since there is no OCR: {why}", kind, lost=task.is_content)


def _read(task: _Task) -> _Outcome:
    """
    Raises:
        OcrUnavailableError: the engine can't be loaded on this machine.
    """
    try:
        seen = read_picture(upright(_opened(task.picture)))
    except PictureError as error:
        return _Outcome(f"not read: {error}", "damaged", lost=task.is_content)
    if seen.standing == "no text":
        return _Outcome("without a text that OCR finds" if task.is_alone else "", "ocr")
    has_few = len("".join(seen.text.split())) < _FEW
    if seen.standing == "unreadable" or (seen.standing == "doubtful" and has_few):
        lost = task.is_content and not has_few
        return _Outcome("left out, as OCR can't read the text", "ocr_failed", lost)
    if seen.standing == "doubtful":
        reason = "read by OCR, and doubtful; compare the text with the document"
        return _Outcome(reason, "doubtful", True, seen.text, seen.confidence)
    return _Outcome("read by OCR", "ocr", False, seen.text, seen.confidence)


def _seen(outcomes: Sequence[tuple[_Task, _Outcome]]) -> Seen:
    alike = Counter(
        (task.page, outcome.reason, outcome.kind, outcome.lost)
        for task, outcome in outcomes
        if outcome.reason
    )
    confidence: dict[int | None, float] = {}
    for task, outcome in outcomes:
        if outcome.text:
            confidence[task.page] = min(confidence.get(task.page, 1.0), outcome.confidence)
    return Seen(
        texts={task.picture.name: outcome.text for task, outcome in outcomes if outcome.text},
        problems=tuple(
            Problem(f"{_pictures(count)} {reason}", page, lost, kind)
            for (page, reason, kind, lost), count in alike.items()
        ),
        confidence=confidence,
    )


def _pictures(count: int) -> str:
    return "1 picture was" if count == 1 else f"{count} pictures were"
