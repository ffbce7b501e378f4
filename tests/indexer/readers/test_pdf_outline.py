from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfWriter
from pypdf.generic import Fit, NameObject

from indexer.model import Heading
from indexer.readers.pdf import outline
from indexer.readers.pdf.lines import Line
from indexer.readers.pdf.outline import Bookmark, bookmarks, outline_headings


def written(path: Path, *entries: tuple[str, int, Fit, int | None]) -> PdfWriter:
    """A PDF of three blank pages with bookmarks: title, page from 1, place, number of the parent entry."""
    writer = PdfWriter()
    for _ in range(3):
        writer.add_blank_page(600, 800)
    made = []
    for title, page, fit, parent in entries:
        above = made[parent] if parent is not None else None
        made.append(writer.add_outline_item(title=title, page_number=page - 1, parent=above, fit=fit))
    writer.write(path)
    return writer


def read(path: Path) -> list[Bookmark]:
    with pypdfium2.PdfDocument(path) as document:
        return bookmarks(document)


def test_bookmarks_have_their_level_their_page_and_their_height(tmp_path):
    written(
        tmp_path / "a.pdf",
        ("第一编　总则", 1, Fit.fit(), None),
        ("第一章 基本规定", 2, Fit.xyz(left=50, top=700), 0),
        ("第二编 物权", 3, Fit.fit_horizontally(top=650), None),
    )
    assert read(tmp_path / "a.pdf") == [
        Bookmark("第一编 总则", 1, 1, None),
        Bookmark("第一章 基本规定", 2, 2, 100),
        Bookmark("第二编 物权", 1, 3, 150),
    ]


def test_heights_are_those_of_the_upright_page(tmp_path):
    writer = written(tmp_path / "a.pdf", ("横页", 1, Fit.xyz(left=120, top=700), None))
    writer.pages[0].rotate(90)
    writer.write(tmp_path / "a.pdf")
    assert [bookmark.y for bookmark in read(tmp_path / "a.pdf")] == [120]


def test_garbage_blank_and_endless_titles_are_no_bookmarks(tmp_path):
    titles = ["\ue123\ue456\ue789", " ", "长" * 201, "附则"]
    written(tmp_path / "a.pdf", *((title, 1, Fit.fit(), None) for title in titles))
    assert [bookmark.title for bookmark in read(tmp_path / "a.pdf")] == ["附则"]


def test_a_bookmark_that_leads_to_a_website_is_left_out(tmp_path):
    writer = written(tmp_path / "a.pdf", ("官网", 1, Fit.fit(), None), ("正文", 1, Fit.fit(), None))
    entry = writer.get_outline_root()["/First"].get_object()
    del entry["/A"]
    writer.write(tmp_path / "a.pdf")
    assert [bookmark.title for bookmark in read(tmp_path / "a.pdf")] == ["正文"]


def test_an_outline_that_goes_round_in_a_circle_ends(tmp_path):
    writer = written(tmp_path / "a.pdf", ("甲", 1, Fit.fit(), None), ("乙", 2, Fit.fit(), None))
    root = writer.get_outline_root()
    root["/Last"].get_object()[NameObject("/Next")] = root.raw_get("/First")
    writer.write(tmp_path / "a.pdf")
    assert [bookmark.title for bookmark in read(tmp_path / "a.pdf")] == ["甲", "乙"]


def test_an_endless_outline_is_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(outline, "_MAX_BOOKMARKS", 2)
    written(tmp_path / "a.pdf", *((f"第{n}节", 1, Fit.fit(), None) for n in range(5)))
    assert len(read(tmp_path / "a.pdf")) == 2


FIRST = "目录\n第一章 总则\n第二章 物权\n第一章　总则\n第一条 为了保护民事主体"
SECOND = "第二章\n物权\n第二条 物权受法律保护"
TEXT = f"{FIRST}\n{SECOND}"
STARTS = [0, len(FIRST) + 1]


def places(text: str) -> list[tuple[int, Line]]:
    """Lines 20 apart, the first at the top."""
    found = []
    offset = 0
    for number, part in enumerate(text.split("\n")):
        found.append((offset, Line(part, 50, 20.0 * number, 300, 20.0 * number + 10, 10)))
        offset += len(part) + 1
    return found


def headings(*marks: Bookmark) -> list[tuple[int, str]]:
    found = outline_headings(marks, TEXT, STARTS, [places(FIRST), places(SECOND)])
    assert all(heading.start == 0 or TEXT[heading.start - 1] == "\n" for heading in found)
    return [(heading.level, TEXT[heading.start :].split("\n")[0]) for heading in found]


@pytest.mark.parametrize(
    ("bookmark", "line"),
    [
        (Bookmark("第一章 总则", 1, 1, 58.0), "第一章　总则"),
        (Bookmark("第一章总则", 1, 1, 18.0), "第一章 总则"),
        (Bookmark("第一章 总则", 1, 1, None), "第一章 总则"),
        (Bookmark("第二章 物权", 1, 2, 0.0), "第二章"),
        (Bookmark("保护的原则", 1, 2, 31.0), "第二条 物权受法律保护"),
        (Bookmark("保护的原则", 1, 2, None), "第二章"),
        (Bookmark("保护的原则", 1, 2, 700.0), "第二章"),
    ],
    ids=["nearest", "spaces", "no height", "two lines", "height", "page", "below all"],
)
def test_a_heading_is_at_the_line_of_its_bookmark(bookmark, line):
    assert headings(bookmark) == [(1, line)]


def test_headings_are_in_the_order_of_the_text_with_their_levels():
    marks = [
        Bookmark("第二章 物权", 1, 2, 0.0),
        Bookmark("第一章 总则", 1, 1, 60.0),
        Bookmark("第一条", 2, 1, 80.0),
    ]
    assert headings(*marks) == [(1, "第一章　总则"), (2, "第一条 为了保护民事主体"), (1, "第二章")]


def test_of_two_bookmarks_of_one_line_the_outermost_is_its_heading():
    marks = [Bookmark("第二编 物权", 1, 2, 0.0), Bookmark("第二章 物权", 2, 2, 0.0)]
    found = outline_headings(marks, TEXT, STARTS, [places(FIRST), places(SECOND)])
    assert found == (Heading(STARTS[1], 1, "第二编 物权"),)


def test_bookmarks_of_pages_that_were_not_read_have_no_heading():
    assert headings(Bookmark("附则", 1, 3, None)) == []


def test_a_page_that_begins_within_a_paragraph_takes_the_heading_to_its_beginning():
    found = outline_headings([Bookmark("无此行", 1, 2, None)], "甲未完续\n乙", [0, 2], [[], places("续\n乙")])
    assert found == (Heading(0, 1, "无此行"),)
