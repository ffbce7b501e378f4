"""Files broken in the middle, which pdfium reads as far as it can without a word."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from indexer.errors import NoTextError
from indexer.readers import ReadOptions
from indexer.readers.pdf import read

FOLDER = Path(__file__).parents[2] / "data" / "pdf"
PATH = Path("法.pdf")
NO_OCR = ReadOptions(ocr="never")


def first_page(name: str) -> PdfWriter:
    return PdfWriter(clone_from=BytesIO(saved_of(name)))


def saved_of(name: str) -> bytes:
    writer = PdfWriter()
    writer.add_page(PdfReader(FOLDER / name).pages[0])
    return saved(writer)


def saved(writer: PdfWriter) -> bytes:
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def readings(data: bytes) -> list[tuple[str, str, bool]]:
    document = read(PATH, data, NO_OCR)
    (page,) = document.pages
    (problem,) = document.problems
    assert problem.page == 1
    return [(page.reading.verdict, problem.kind, problem.lost)]


DOUBTED = [("suspicious", "broken_page", True)]


def test_a_whole_page_is_ok():
    document = read(PATH, saved_of("two_column_embedded.pdf"), NO_OCR)
    assert document.pages[0].reading.verdict == "ok"
    assert document.problems == ()


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_content_that_can_not_be_unpacked_to_its_end_is_named(share):
    data = saved_of("two_column_embedded.pdf")
    parts = PdfReader(BytesIO(data)).pages[0]["/Contents"]
    contents = max((part.get_object()._data for part in parts), key=len)
    at = data.index(contents) + int(share * len(contents))
    broken = data[:at] + bytes(5) + data[at + 5 :]
    assert readings(broken) == DOUBTED
    assert "what follows on the page is lost" in read(PATH, broken, NO_OCR).problems[0].reason


def test_content_at_which_pdfium_stops_is_named():
    writer = first_page("cid_gbk_euc_h_notembedded.pdf")
    content = writer.pages[0].get_contents().get_data()
    at = content.index(b"<", len(content) // 2)
    plain = DecodedStreamObject()
    plain.set_data(content[:at] + b"(" + content[at:])  # a string without an end
    writer.pages[0][NameObject("/Contents")] = writer._add_object(plain)
    assert readings(saved(writer)) == DOUBTED


def test_a_page_with_fonts_that_shows_nothing_is_unreadable():
    writer = first_page("two_column_embedded.pdf")
    del writer.pages[0]["/Contents"]
    with pytest.raises(NoTextError, match="the page has fonts but no content"):
        read(PATH, saved(writer), NO_OCR)


def test_a_blank_page_is_none_of_these():
    writer = first_page("two_column_embedded.pdf")
    writer.add_blank_page()
    document = read(PATH, saved(writer), NO_OCR)
    assert [page.reading.verdict for page in document.pages] == ["ok", "ok"]


def with_content(content: bytes) -> bytes:
    """A page that shows a statute, and then what is to be tried."""
    writer = first_page("cid_gbk_euc_h_notembedded.pdf")
    plain = DecodedStreamObject()
    plain.set_data(writer.pages[0].get_contents().get_data() + b"\n" + content)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(plain)
    return saved(writer)


@pytest.mark.parametrize(
    "content",
    [
        b"BT /F1 9 Tf 50 20 Td " + b"() Tj [] TJ [-250] TJ <> Tj " * 30 + b"ET",
        b"BT /F1 9 Tf 50 20 Td " + b"([0] ' ) Tj " * 30 + b"ET",
        b"% (old) Tj\n" * 60,
        b"BI /W 8 /H 8 /BPC 8 /CS /G ID " + b"(a) Tj [b] TJ <c> Tj 0123456789" * 2 + b"01 EI",
    ],
    ids=["empty strings", "operators in strings", "comments", "a picture in the content"],
)
def test_what_only_looks_like_text_that_is_not_shown_is_no_damage(content):
    document = read(PATH, with_content(content), NO_OCR)
    assert document.pages[0].reading.verdict == "ok"


def test_a_blank_page_whose_fonts_are_for_all_pages_is_no_damage():
    writer = first_page("two_column_embedded.pdf")
    blank = writer.add_blank_page()
    del blank["/Resources"]
    pages = writer.root_object["/Pages"].get_object()
    pages[NameObject("/Resources")] = writer.pages[0]["/Resources"]
    assert [page.reading.verdict for page in read(PATH, saved(writer), NO_OCR).pages] == ["ok", "ok"]


def test_damage_in_what_the_page_shows_as_a_form_is_named():
    writer = first_page("cid_gbk_euc_h_notembedded.pdf")
    page = writer.pages[0]
    form = DecodedStreamObject()
    form.set_data(page.get_contents().get_data())
    packed = form.flate_encode()
    packed._data = packed._data[: len(packed._data) // 2]
    packed.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form")})
    packed[NameObject("/BBox")] = page.mediabox
    packed[NameObject("/Resources")] = page["/Resources"]
    shown = DecodedStreamObject()
    shown.set_data(b"/X Do")
    page[NameObject("/Contents")] = writer._add_object(shown)
    page["/Resources"][NameObject("/XObject")] = DictionaryObject(
        {NameObject("/X"): writer._add_object(packed)}
    )
    assert readings(saved(writer)) == DOUBTED
