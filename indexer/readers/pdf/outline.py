"""The bookmarks of a PDF → headings of its text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from indexer.model import Heading
from indexer.readers.pdf.lines import Line, Place, cleaned, upright
from indexer.readers.plausibility import is_plausible

_MAX_BOOKMARKS = 5_000  # a code of statutes has 3,000; more is a list of something else
_MAX_DEPTH = 9  # levels; deeper ones are left out, as nobody reads a path that long
_MAX_TITLE = 200  # characters; a longer one is text
_MIN_PART = 2  # characters of a line that is only the beginning of a title


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of a PDF's outline."""

    title: str
    level: int  # 1 is the outermost
    page: int  # from 1
    y: float | None  # from the top of the upright page, in points; None: the page as a whole


def bookmarks(document: Any) -> list[Bookmark]:
    """The outline in its order; entries without a page or a readable title are left out.

    Args:
        document: a pypdfium2.PdfDocument.

    Raises:
        pypdfium2.PdfiumError: the page of an entry is broken.
    """
    found = []
    place_on = cache(lambda page: _place_on(document, page))  # loading a page takes milliseconds
    for entry in islice(document.get_toc(max_depth=_MAX_DEPTH), _MAX_BOOKMARKS):
        title = " ".join(cleaned(entry.get_title()).split())
        target = entry.get_dest()
        page = target.get_index() if target else None
        if page is not None and page < len(document) and 0 < len(title) <= _MAX_TITLE and is_plausible(title):
            found.append(Bookmark(title, entry.level + 1, page + 1, _height(place_on, page, target)))
    return found


def _place_on(document: Any, index: int) -> Place:
    page = document[index]
    try:
        return upright(page.get_bbox(), page.get_rotation() // 90)
    finally:
        page.close()


def _height(place_on: Callable[[int], Place], index: int, target: Any) -> float | None:
    import pypdfium2.raw as pdfium

    mode, position = target.get_view()
    if mode == pdfium.PDFDEST_VIEW_XYZ and len(position) == 3:
        return place_on(index)(position[0], position[1])[1]
    if mode in (pdfium.PDFDEST_VIEW_FITH, pdfium.PDFDEST_VIEW_FITBH) and position:
        return place_on(index)(0.0, position[0])[1]
    return None


def outline_headings(
    outline: Sequence[Bookmark],
    text: str,
    starts: Sequence[int],
    places: Sequence[Sequence[tuple[int, Line]]],
) -> tuple[Heading, ...]:
    """A heading for each bookmark: at the line of its page that says its title, else at its height.

    Args:
        outline: as `bookmarks` gives it.
        text: of the document.
        starts: where in it each page begins.
        places: of each page where in its own text each paragraph begins, as `PageText.places`.

    Returns:
        Headings by start, one at most for a start; of several the outermost.
    """
    by_start: dict[int, Heading] = {}
    for bookmark in outline:
        if bookmark.page > len(starts):
            continue
        offset = _place(bookmark, places[bookmark.page - 1])
        start = text.rfind("\n", 0, starts[bookmark.page - 1] + offset) + 1  # a paragraph may go on here
        present = by_start.get(start)
        if present is None or present.level > bookmark.level:
            by_start[start] = Heading(start, bookmark.level, bookmark.title)
    return tuple(by_start[start] for start in sorted(by_start))


def _place(bookmark: Bookmark, places: Sequence[tuple[int, Line]]) -> int:
    """Where in the page's text the bookmark's line begins.

    Of several lines that say the title the one nearest to its height: a page may say it in a table
    of contents too.
    """
    title = _folded(bookmark.title)
    height = bookmark.y

    def distance(line: Line) -> float:
        return 0.0 if height is None else abs(line.y0 - height)

    said = [
        (not folded.startswith(title), distance(line), offset)
        for offset, line in places
        if (folded := _folded(line.text)) and (folded.startswith(title) or _is_part(folded, title))
    ]
    if said:
        return min(said)[2]
    if height is None:
        return 0
    below = [(line.y0, offset) for offset, line in places if line.y1 > height]
    return min(below)[1] if below else 0


def _is_part(line: str, title: str) -> bool:
    """Whether a title begins with a line and goes on in the next one."""
    return len(line) >= _MIN_PART and title.startswith(line)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).lower().split())
