"""Charts, SmartArt and pictures of slides, which are kept in parts of their own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from indexer.readers.number_format import general
from indexer.readers.pictures import Picture
from indexer.readers.slides.text import A, paragraphs
from indexer.readers.table import rows_as_text

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MAX_POINTS = 10_000  # of a chart; more can't be told apart in a picture

_Points = dict[int, str]


def chart_text(frame: Any, part: Any) -> Iterator[str]:
    """The titles of a chart, and its values as a table of categories by series."""
    for reference in frame.iter(f"{_C}chart"):
        root = _root(part, reference.get(f"{_R}id"))
        yield from (paragraphs(title) for title in root.iter(f"{_C}title"))
        series = list(root.iter(f"{_C}ser"))
        categories = next((found for one in series if (found := _points(one, "cat"))), {})
        values = [_points(one, "val") for one in series]
        places = sorted({place for points in (categories, *values) for place in points})[:_MAX_POINTS]
        names = [" ".join(_points(one, "tx").values()) for one in series]
        rows = [
            [categories.get(place, ""), *(points.get(place, "") for points in values)] for place in places
        ]
        yield rows_as_text([["", *names], *rows], header_rows=1)


def pictures(element: Any, part: Any) -> Iterator[Picture]:
    """Those below an element of a slide; one that is missing shows nothing."""
    for drawn in element.iter(f"{A}blip"):
        relation = part.rels.get(drawn.get(f"{_R}embed"))
        if relation is not None and not relation.is_external:
            found = relation.target_part
            yield Picture(str(found.partname), partial(getattr, found, "blob"))


def _points(series: Any, role: str) -> _Points:
    """The values of a series as they were when the chart was saved, by their places."""
    found: _Points = {}
    for element in series.iterchildren(f"{_C}{role}"):
        for point in element.iter(f"{_C}pt"):
            value = next(point.iter(f"{_C}v"), None)
            found[int(point.get("idx", "0"))] = _number(value.text or "") if value is not None else ""
    return found


def _number(text: str) -> str:
    try:
        return general(float(text))
    except ValueError:
        return text


def smart_art_text(frame: Any, part: Any) -> Iterator[str]:
    """The points of a diagram in the order in which its outline lists them."""
    for reference in frame.iter(f"{_DGM}relIds"):
        root = _root(part, reference.get(f"{_R}dm"))
        texts = [
            paragraphs(point).strip() for point in root.iter(f"{_DGM}t") if point.find(f"{A}p") is not None
        ]
        yield "\n".join(filter(None, texts))


def _root(part: Any, relation: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(part.related_part(relation).blob, parser)
