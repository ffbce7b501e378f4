from __future__ import annotations

import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from indexer.errors import DamagedFileError, EncryptedError, NoTextError
from indexer.readers import ReadOptions, read

PDFS = Path(__file__).parents[2] / "data" / "pdf"
ENCODINGS = PDFS.parent / "encodings"

HEAD = "中华人民共和国民法典（节选）\n"
NO_OCR = ReadOptions(ocr="never")


def han(text: str) -> str:
    return "".join(re.findall(r"[\u3400-\u9fff]", text))


def statute() -> str:
    return (ENCODINGS / "minfadian_utf8_bom.txt").read_text(encoding="utf-8-sig")


def body(name: str) -> str:
    """Without the head of the first page, which is the title too."""
    return re.sub(r"— \d+ —\n", "", read(PDFS / name).text.replace(HEAD, ""))


def assembled(path: Path, *pages: tuple[str, int] | None) -> Path:
    """A PDF of pages of other files (name, index); None is a blank page."""
    writer = PdfWriter()
    for page in pages:
        if page is None:
            writer.add_blank_page(595, 842)
        else:
            name, index = page
            writer.add_page(PdfReader(PDFS / name).pages[index])
    writer.write(path)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "one_column_embedded.pdf",
        "two_column_embedded.pdf",
        "encrypted_empty_user_password.pdf",
        "cid_gbk_euc_h_notembedded.pdf",
        "cid_unigb_h_notembedded_no_tounicode.pdf",
        "cid_unigb_v_vertical_notembedded.pdf",
    ],
)
def test_every_han_is_read_in_its_order(name):
    found = han(body(name))
    assert len(found) > 700
    assert han(statute()).startswith(found)
    assert read(PDFS / name).problems == ()


def test_big5_fonts_that_are_not_embedded_are_read():
    poems = (ENCODINGS / "tangshi_big5.txt").read_bytes().decode("big5")
    found = han(read(PDFS / "cid_eten_b5_h_big5_notembedded.pdf").text)
    assert len(found) > 900
    assert han(poems).startswith(found)


def test_lines_that_the_column_broke_are_whole_again():
    first_page = statute().split("\n")[:15]
    for name in ("one_column_embedded.pdf", "two_column_embedded.pdf"):
        assert body(name).split("\n")[:15] == first_page


def test_pages_and_headings_have_their_places():
    document = read(PDFS / "one_column_embedded.pdf")
    assert [page.number for page in document.pages] == [1, 2, 3]
    second = document.pages[1]
    assert document.text[second.start : second.end].startswith(f"{HEAD}第一千零九条")
    assert [heading.title for heading in document.headings][:2] == ["第九百八十九条", "第九百九十条"]
    assert len(document.headings) == 60


def test_the_running_head_stays_once_and_page_numbers_go():
    text = read(PDFS / "one_column_embedded.pdf").text
    assert text.count(HEAD.strip()) == 1
    assert "— 2 —" not in text


@pytest.mark.parametrize("name", ["scanned_image_only.pdf", "scanned_rotated90.pdf"])
def test_without_ocr_a_scan_is_refused_as_in_need_of_it(name):
    with pytest.raises(NoTextError, match="pages 1-3: no text layer: the page is a picture and needs OCR"):
        read(PDFS / name, NO_OCR)


def test_without_ocr_a_text_layer_without_its_unicode_table_is_refused_as_garbled():
    with pytest.raises(NoTextError, match="pages 1-3: the text layer is garbled"):
        read(PDFS / "identity_h_embedded_tounicode_removed.pdf", NO_OCR)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("scanned_rotated90.pdf", "turned by 270°, since the page is a picture"),
        ("identity_h_embedded_tounicode_removed.pdf", "since its text layer is garbled"),
    ],
)
def test_a_page_whose_text_layer_says_nothing_is_read_by_ocr(tmp_path, name, why):
    document = read(assembled(tmp_path / "one.pdf", (name, 0)))
    found, truth = han(document.text.replace(HEAD, "")), han(statute())
    assert SequenceMatcher(None, found, truth[: len(found)], autojunk=False).ratio() > 0.98
    (page,) = document.pages
    assert (page.reading.verdict, document.reading.verdict, page.reading.engine) == ("ocr", "ocr", "rapidocr")
    assert why in page.reading.reason
    assert page.reading.score > 0.9
    assert [(problem.kind, problem.lost) for problem in document.problems] == [("ocr", False)]


def test_good_text_is_not_read_by_ocr_unless_always(tmp_path):
    path = assembled(tmp_path / "one.pdf", ("cid_gbk_euc_h_notembedded.pdf", 0))
    assert read(path).pages[0].reading.engine == "pdfium"
    drawn = assembled(tmp_path / "drawn.pdf", ("one_column_embedded.pdf", 2))
    page = read(drawn, ReadOptions(ocr="always")).pages[0]
    assert (page.reading.engine, page.reading.verdict) == ("rapidocr", "ocr")


def test_a_page_that_stopped_the_reader_is_left_out_and_named():
    document = read(PDFS / "one_column_embedded.pdf", ReadOptions(skip_pages=frozenset({2})))
    assert [page.reading.verdict for page in document.pages] == ["ok", "unreadable", "ok"]
    assert [(problem.page, problem.kind) for problem in document.problems] == [(2, "out_of_bounds")]
    assert document.reading.verdict == "suspicious"


def test_a_password_is_asked_for():
    with pytest.raises(EncryptedError, match="needs a password"):
        read(PDFS / "encrypted_user_password_is_mima.pdf")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("truncated.pdf", "its 52558 bytes may be cut short"),
        ("html_named_pdf.pdf", "are those of a web page"),
    ],
)
def test_a_file_that_is_no_whole_pdf_is_refused_with_what_it_is(name, reason):
    with pytest.raises(DamagedFileError, match=reason):
        read(PDFS / name)


def test_bad_pages_are_named_and_the_others_kept(tmp_path):
    path = assembled(
        tmp_path / "mixed.pdf",
        ("one_column_embedded.pdf", 0),
        ("scanned_image_only.pdf", 0),
        None,
        ("identity_h_embedded_tounicode_removed.pdf", 1),
        ("one_column_embedded.pdf", 2),
    )
    document = read(path, NO_OCR)
    assert [(problem.page, problem.lost) for problem in document.problems] == [(2, True), (4, True)]
    assert [page.reading.verdict for page in document.pages] == [
        *("ok", "unreadable", "ok", "unreadable", "ok")
    ]
    assert document.reading.verdict == "suspicious"
    assert document.reading.reason.startswith("page 2 and 1 more: no text layer")
    assert "needs OCR" in document.problems[0].reason
    assert "garbled" in document.problems[1].reason
    lengths = [page.end - page.start for page in document.pages]
    assert [length > 0 for length in lengths] == [True, False, False, False, True]


def test_a_scan_with_only_a_stamp_of_text_is_reported(tmp_path):
    writer = PdfWriter(clone_from=PDFS / "scanned_image_only.pdf")
    page = writer.pages[0]
    page[NameObject("/Resources")][NameObject("/Font")] = DictionaryObject(
        {
            NameObject("/F9"): DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/Font"),
                    NameObject("/Subtype"): NameObject("/Type1"),
                    NameObject("/BaseFont"): NameObject("/Helvetica"),
                }
            )
        }
    )
    stamp = StreamObject()
    picture = page.get_contents().get_data()
    stamp.set_data(b"q " + picture + b" Q BT /F9 12 Tf 50 20 Td (CamScanner) Tj ET")
    page[NameObject("/Contents")] = writer._add_object(stamp)
    writer.write(tmp_path / "scan.pdf")
    document = read(tmp_path / "scan.pdf", NO_OCR)
    assert document.text.strip() == "CamScanner"
    assert "only 10 characters" in document.problems[0].reason
    assert [problem.page for problem in document.problems if problem.lost] == [1, 2, 3]


def test_a_corrupt_page_does_not_take_the_others_with_it(tmp_path):
    writer = PdfWriter(clone_from=PDFS / "one_column_embedded.pdf")
    broken = StreamObject()
    broken.set_data(b"not deflated")
    broken[NameObject("/Filter")] = NameObject("/NoSuchFilter")
    writer.pages[1][NameObject("/Contents")] = writer._add_object(broken)
    path = tmp_path / "corrupt.pdf"
    writer.write(path)
    document = read(path, NO_OCR)
    assert [(problem.page, problem.kind) for problem in document.problems] == [(2, "broken_page")]
    assert "第九百八十九条" in document.text
    assert "第一千零三十二条" in document.text


def test_blank_pages_alone_are_no_text(tmp_path):
    with pytest.raises(NoTextError, match="none of its pages shows text"):
        read(assembled(tmp_path / "blank.pdf", None, None))


def test_a_title_that_names_a_file_is_not_the_title(tmp_path):
    for title, expected in (("Microsoft Word - 新建.doc", "law"), ("人格权编", "人格权编")):
        writer = PdfWriter(clone_from=PDFS / "cid_gbk_euc_h_notembedded.pdf")
        writer.add_metadata({"/Title": title})
        writer.write(tmp_path / "law.pdf")
        assert read(tmp_path / "law.pdf").title == expected
