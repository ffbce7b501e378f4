from __future__ import annotations

import struct
import zlib

import pytest

from indexer.model import Problem
from indexer.readers.options import ReadOptions
from indexer.readers.pictures import Part, Picture, Seen, read_pictures
from tests.indexer.readers.picture_files import LONG, photo, png

AUTO, ALWAYS, NEVER = (ReadOptions(ocr=mode) for mode in ("auto", "always", "never"))
PAGES_OF_TEXT = 5000  # characters
NOT_READ = "not read (--ocr always reads the text in pictures)"


def picture(width: int, height: int = 300, name: str = "") -> Picture:
    data = png(photo(width, height))
    return Picture(name or f"{width}.png", lambda: data)


def read(*shown: Picture, characters: int = 0, options: ReadOptions = AUTO) -> Seen:
    return read_pictures([Part(characters, shown)], options)


def reasons(seen: Seen) -> list[tuple[str, bool]]:
    return [(problem.reason, problem.lost) for problem in seen.problems]


def test_pictures_are_read_where_there_is_little_text(ocr_reads):
    ocr_reads({400: LONG, 401: LONG})
    seen = read(picture(400), picture(401), characters=390)
    assert seen.texts == {"400.png": LONG, "401.png": LONG}
    assert seen.problems == (Problem("2 pictures were read by OCR", lost=False, kind="ocr"),)
    assert seen.confidence == {None: 0.98}


def test_pictures_beside_a_text_are_counted_and_read_if_they_all_should_be(ocr_reads):
    asked = ocr_reads({400: LONG})
    seen = read(picture(400), picture(401), characters=410)
    assert (seen.texts, asked) == ({}, [])
    assert seen.problems == (Problem(f"2 pictures were {NOT_READ}", lost=False, kind="left_out"),)
    seen = read(picture(400), picture(401), characters=410, options=ALWAYS)
    assert seen.texts == {"400.png": LONG}
    assert reasons(seen) == [("1 picture was read by OCR", False)]  # the other one is a photograph


def test_each_part_of_a_document_is_weighed_by_itself(ocr_reads):
    ocr_reads({400: LONG, 401: LONG})
    parts = [Part(0, (picture(400),), 1), Part(PAGES_OF_TEXT, (picture(401),), 2)]
    seen = read_pictures(parts, AUTO)
    assert list(seen.texts) == ["400.png"]
    assert {problem.page: problem.kind for problem in seen.problems} == {1: "ocr", 2: "left_out"}
    assert list(seen.confidence) == [1]


def test_without_ocr_pictures_are_named_and_those_without_a_text_beside_them_are_missed(ocr_reads):
    asked = ocr_reads({400: LONG})
    beside = read(picture(400), characters=PAGES_OF_TEXT, options=NEVER)
    alone = read(picture(400), options=NEVER)
    assert asked == []
    assert reasons(beside) == [(f"1 picture was {NOT_READ}", False)]
    assert [(problem.kind, problem.lost) for problem in alone.problems] == [("scan", True)]
    assert "--ocr auto" in alone.problems[0].reason


def test_small_and_frequent_pictures_are_no_text(ocr_reads):
    asked = ocr_reads({})
    logo = picture(500)
    assert read(picture(2000, 90), picture(240, 240), logo, logo, logo) == Seen({}, (), {})
    assert asked == []


def test_a_picture_that_is_shown_twice_is_read_once(ocr_reads):
    asked = ocr_reads({400: LONG})
    assert reasons(read(picture(400), picture(400))) == [("1 picture was read by OCR", False)]
    assert len(asked) == 1


def test_a_photograph_says_nothing(ocr_reads):
    ocr_reads({})
    assert read(picture(400), characters=20) == Seen({}, (), {})


def test_a_picture_alone_is_said_to_be_without_text(ocr_reads):
    ocr_reads({})
    assert reasons(read(picture(400))) == [("1 picture was without a text that OCR finds", False)]


@pytest.mark.parametrize(
    ("text", "confidence", "kind", "lost", "is_kept"),
    [
        (LONG, 0.85, "doubtful", True, True),
        (LONG, 0.5, "ocr_failed", True, False),
        ("出口", 0.85, "ocr_failed", False, False),
        ("出口", 0.95, "ocr", False, True),
    ],
)
def test_what_ocr_is_not_sure_of_is_doubtful_or_left_out(ocr_reads, text, confidence, kind, lost, is_kept):
    ocr_reads({400: text}, confidence)
    seen = read(picture(400))
    assert [(problem.kind, problem.lost) for problem in seen.problems] == [(kind, lost)]
    assert bool(seen.texts) == is_kept


def test_each_picture_is_told_of_and_one_that_stopped_the_reader_is_left_out(ocr_reads):
    told = []
    asked = ocr_reads({400: LONG, 401: LONG})
    options = ReadOptions(skip_pages=frozenset({1}))
    seen = read_pictures(
        [Part(0, (picture(400), picture(401)))], options, lambda number, count: told.append((number, count))
    )
    assert told == [(1, 3), (2, 3)]  # what is around them is the third
    assert (list(seen.texts), [width for width, _ in asked]) == (["401.png"], [401])
    assert ("1 picture was left out: the reader had to be stopped there", True) in reasons(seen)


def test_where_there_is_no_ocr_the_reason_is_told(no_ocr):
    seen = read(picture(400), picture(401))
    (problem,) = seen.problems
    assert problem.reason.startswith("2 pictures were not read, since there is no OCR: ")
    assert "install libgl1" in problem.reason
    assert (problem.kind, problem.lost) == ("scan", True)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


HUGE = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(bytes(1000)))
    + chunk(b"IEND", b"")
)


def lost_part() -> bytes:
    raise KeyError("word/media/a.png")


@pytest.mark.parametrize(
    ("load", "why"),
    [
        (lambda: HUGE, "more than 89,478,485 pixels"),
        (lambda: png(photo())[:600], "broken"),
        (lambda: b"MZ" + bytes(90), "its first bytes are"),
        (lost_part, "broken"),
    ],
)
def test_a_picture_that_cannot_be_opened_costs_only_itself(ocr_reads, load, why):
    ocr_reads({400: LONG})
    seen = read(Picture("a.png", load), picture(400))
    assert list(seen.texts) == ["400.png"]
    assert any(why in reason and lost for reason, lost in reasons(seen))


def test_drawings_in_lines_are_named(ocr_reads):
    asked = ocr_reads({})
    seen = read(Picture("图.emf", lambda: b"?"), Picture("b.svg", lambda: b"<svg/>"), options=ALWAYS)
    assert reasons(seen) == [
        ("2 pictures were not read: drawn in lines (EMF, WMF, SVG); put in those with text as PNG", True)
    ]
    assert asked == []
