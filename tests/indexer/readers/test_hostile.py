"""Files that are broken, or made to do harm: each ends in a ReadError or in a verdict that is true."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from pptx import Presentation

from benchmarks import fuzz
from benchmarks.fuzz_originals import originals
from indexer.errors import DamagedFileError, EncryptedError, NoTextError, ReadError
from indexer.model import Document
from indexer.reader_pool import Limits, ReaderPool, read_apart
from indexer.readers import SUFFIXES, ReadOptions, read
from tests.indexer.readers.hostile_files import packed, page, pdf_of, repacked, shown, stream

DATA = Path(__file__).parents[2] / "data"
DOCX, ODT = DATA / "office" / "word_lease.docx", DATA / "office" / "word_lease.odt"
XLSX, ODS = DATA / "office" / "staff.xlsx", DATA / "office" / "staff.ods"
EPUB = DATA / "epub_laws_civil_code_synthetic.epub"
PDFS = DATA / "pdf"
LINE = "第一条 为了保护民事主体的合法权益，调整民事关系，制定本法。"
OPTIONS = ReadOptions(ocr="never")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
PROGRAM = b"MZ\x90\x00" + bytes(range(256)) * 8
BOUNDS = Limits(step_seconds=8.0, file_seconds=20.0)
FUZZED, SEED = 300, 7
ARCHIVES = sorted({".docx", ".docm", ".odt", ".xlsx", ".pptx", ".ods", ".epub"} & SUFFIXES)
# A billion characters, if its entities were expanded.
ENTITIES = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "恶恶恶恶恶恶恶恶恶恶">' + "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9)
)
_EXCEL, _ODF = "urn:schemas-microsoft-com:office:spreadsheet", "urn:oasis:names:tc:opendocument:xmlns:"
FLAT = {  # documents that are one XML file
    "a.xls": f'<?xml version="1.0"?><Workbook xmlns="{_EXCEL}"><Worksheet><Table><Row><Cell>'
    f"<Data>{LINE}</Data></Cell></Row></Table></Worksheet></Workbook>",
    "a.fodt": f'<?xml version="1.0"?><office:document xmlns:office="{_ODF}office:1.0" '
    f'xmlns:text="{_ODF}text:1.0" office:mimetype="application/vnd.oasis.opendocument.text"><office:body>'
    f"<office:text><text:p>{LINE}</text:p></office:text></office:body></office:document>",
}
DEEP = 100_000


def read_as(tmp_path: Path, name: str, data: bytes | str, options: ReadOptions = OPTIONS) -> Document:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read(path, options)


def read_bounded(tmp_path: Path, name: str, data: bytes | str) -> Document:
    """In a process of its own, for what takes a parser forever."""
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_apart(path, OPTIONS, BOUNDS)


def refused(tmp_path: Path, name: str, data: bytes | str) -> str:
    """Why a file can't be read, in a sentence of a reader's own."""
    with pytest.raises(ReadError) as caught:
        read_as(tmp_path, name, data)
    assert "can't be parsed" not in caught.value.reason
    return caught.value.reason


def test_no_file_broken_at_random_is_said_to_be_ok_with_garbage_in_it_or_stops_a_reader(tmp_path):
    files = originals(tmp_path, [])
    cases = (fuzz.case(number, SEED, files) for number in range(FUZZED))
    with ReaderPool(fuzz.OPTIONS, fuzz.LIMITS, fuzz.WORKERS) as pool:
        found = list(fuzz.read_cases(cases, tmp_path, pool))
    assert len(found) == FUZZED
    assert [f"{case}: {wrong}" for case, result in found if (wrong := fuzz.violation(case, result))] == []


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_a_file_of_zero_bytes_is_refused(tmp_path, suffix):
    assert "it is empty (0 bytes)" in refused(tmp_path, f"a{suffix}", b"")


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@pytest.mark.parametrize(("data", "named"), [(PNG, "PNG"), (PROGRAM, "a program")])
def test_an_image_or_a_program_is_refused_under_any_name(tmp_path, suffix, data, named):
    reason = refused(tmp_path, f"a{suffix}", data)
    assert named in reason or suffix in (".fodt", ".rtf", ".doc", ".ppt"), reason


@pytest.mark.parametrize("suffix", sorted(SUFFIXES - {".docx", ".docm", ".dotx", ".dotm"}))
def test_a_word_document_is_refused_under_any_other_name(tmp_path, suffix):
    assert refused(tmp_path, f"a{suffix}", DOCX.read_bytes())


@pytest.mark.parametrize("suffix", sorted(SUFFIXES - {".pdf"}))
def test_a_pdf_is_refused_under_any_other_name(tmp_path, suffix):
    assert refused(tmp_path, f"a{suffix}", pdf_of([LINE]))


@pytest.mark.parametrize("suffix", sorted({".pdf", *ARCHIVES} - {".xlsx", ".ods"}))
def test_a_web_page_named_otherwise_is_refused_as_one(tmp_path, suffix):
    reason = refused(tmp_path, f"a{suffix}", f"<html><body>{LINE}</body></html>")
    assert "web page" in reason or "it holds 'html'" in reason


@pytest.mark.parametrize("suffix", [".xlsx", ".ods", ".xls"])
def test_a_web_page_that_is_called_a_spreadsheet_is_read_as_what_it_is(tmp_path, suffix):
    document = read_as(tmp_path, f"a{suffix}", f"<html><body>{LINE}</body></html>")
    assert LINE in document.text
    assert document.reading.verdict == "repaired"


def test_a_pdf_that_only_forbids_printing_is_read_and_one_with_a_password_needs_it():
    assert read(PDFS / "encrypted_empty_user_password.pdf", OPTIONS).reading.verdict == "ok"
    locked = PDFS / "encrypted_user_password_is_mima.pdf"
    with pytest.raises(EncryptedError, match="needs a password"):
        read(locked, OPTIONS)
    with pytest.raises(EncryptedError, match="password is wrong"):
        read(locked, ReadOptions(ocr="never", password="hunter2"))
    assert read(locked, ReadOptions(ocr="never", password="mima")).reading.verdict == "ok"


@pytest.mark.parametrize("suffix", ARCHIVES)
def test_an_archive_that_unpacks_to_thousands_of_times_its_size_is_refused(tmp_path, suffix):
    bomb = packed({"word/document.xml": bytes(200_000_000), "content.xml": b"<a/>"})
    assert len(bomb) < 1_000_000
    assert "times its size" in refused(tmp_path, f"a{suffix}", bomb)


@pytest.mark.parametrize("suffix", ARCHIVES)
def test_archives_within_archives_are_not_unpacked(tmp_path, suffix):
    nested = DOCX.read_bytes()
    for _ in range(100):
        nested = packed({"a.docx": nested})
    assert refused(tmp_path, f"a{suffix}", nested)


def test_a_document_within_a_document_adds_nothing(tmp_path):
    inner = repacked(DOCX.read_bytes(), {"word/embeddings/a.docx": DOCX.read_bytes()})
    assert read_as(tmp_path, "a.docx", inner).text == read(DOCX).text


@pytest.mark.parametrize(
    ("original", "part"),
    [
        (DOCX, "word/document.xml"),
        (DOCX, "word/styles.xml"),
        (DOCX, "docProps/core.xml"),
        (ODT, "content.xml"),
        (ODT, "styles.xml"),
        (EPUB, "META-INF/container.xml"),
    ],
)
def test_no_entity_of_a_part_is_expanded(tmp_path, original, part):
    if original.suffix not in SUFFIXES:
        pytest.skip("no reader yet")
    bomb = repacked(original.read_bytes(), {part: f"{ENTITIES}]><r>&e8;</r>"})
    try:
        document = read_as(tmp_path, f"a{original.suffix}", bomb)
    except DamagedFileError:
        return
    assert "恶恶" not in document.text + document.title


@pytest.mark.parametrize("attack", ["laughs", "repeated", "file", "declared elsewhere"])
@pytest.mark.parametrize(
    ("original", "part"),
    [
        (DOCX, "word/document.xml"),
        (ODT, "content.xml"),
        (XLSX, "xl/worksheets/sheet1.xml"),
        (XLSX, "xl/workbook.xml"),
        (ODS, "content.xml"),
        (EPUB, "OEBPS/c0.xhtml"),
        (EPUB, "OEBPS/content.opf"),
        (None, "ppt/slides/slide1.xml"),
    ],
)
def test_no_entity_within_the_text_of_a_part_is_expanded(tmp_path, original, part, attack):
    data, suffix = (original.read_bytes(), original.suffix) if original else (deck(), ".pptx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        bomb = repacked(data, {part: attacked(archive.read(part).decode(), attack, tmp_path)})
    try:
        document = read_as(tmp_path, f"a{suffix}", bomb)
    except ReadError as error:
        assert "memory" not in error.reason
        return
    assert "恶" not in document.text + document.title


@pytest.mark.parametrize("attack", ["laughs", "repeated", "file", "declared elsewhere"])
@pytest.mark.parametrize("name", ["a.xls", "a.fodt"])
def test_no_entity_within_the_text_of_xml_is_expanded(tmp_path, name, attack):
    try:
        document = read_as(tmp_path, name, attacked(FLAT[name], attack, tmp_path))
    except ReadError as error:
        assert "memory" not in error.reason
        return
    assert "恶" not in document.text + document.title


def attacked(xml: str, attack: str, folder: Path) -> str:
    """The XML with references to an entity in its first Chinese text.

    Each attack would be long enough to be seen, and too short to do harm if it came through.
    """
    (folder / "secret.txt").write_text("恶恶恶", encoding="utf-8")
    (folder / "entities.dtd").write_text('<!ENTITY e "恶恶恶">', encoding="utf-8")
    tens = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 6))
    doctype, references = {
        "laughs": (f'[<!ENTITY e0 "恶">{tens}<!ENTITY e "&e5;">]', 1),
        "repeated": (f'[<!ENTITY e "{"恶" * 1_000}">]', 10_000),
        "file": (f'[<!ENTITY e SYSTEM "{(folder / "secret.txt").as_uri()}">]', 1),
        "declared elsewhere": (f'SYSTEM "{(folder / "entities.dtd").as_uri()}"', 1),
    }[attack]
    start = xml.index("?>") + 2 if xml.startswith("<?xml") else 0
    place = re.search(r'>(?=[^<>]*[\u4e00-\u9fff][^<>]*<)|="(?=[\u4e00-\u9fff])', xml)
    at = place.end() if place else xml.index("</")
    return f"{xml[:start]}<!DOCTYPE r {doctype}>{xml[start:at]}{'&e;' * references}{xml[at:]}"


def deck() -> bytes:
    made = Presentation()
    made.slides.add_slide(made.slide_layouts[5]).shapes.title.text = LINE
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["a.html", "a.fodt", "a.md"])
def test_no_entity_of_a_page_is_expanded(tmp_path, name):
    try:
        document = read_as(tmp_path, name, f"{ENTITIES}]><html><body><p>{LINE}&e8;</p></body></html>")
    except DamagedFileError:
        return
    assert document.text.count("恶") <= 10  # those of its source


def test_a_pdf_that_claims_a_million_pages_ends_in_bounds_and_says_that_pages_are_missing(tmp_path):
    data = pdf_of([LINE], tree="/Kids [10 0 R] /Count 1000000")
    try:
        document = read_bounded(tmp_path, "a.pdf", data)
    except ReadError:
        return
    assert document.text.strip() == LINE  # the others are blank, as far as anybody can tell
    assert document.reading.verdict == "suspicious" or len(document.pages) == 1


def test_a_page_tree_that_is_its_own_child_ends(tmp_path):
    data = pdf_of([LINE], tree="/Kids [10 0 R 2 0 R 2 0 R] /Count 5")
    try:
        document = read_bounded(tmp_path, "a.pdf", data)
    except ReadError:
        return
    assert document.text.count(LINE) == len([page for page in document.pages if page.end > page.start])
    assert document.reading.verdict == "suspicious" or len(document.pages) == 1


FORM = "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X 20 0 R >> >>"


@pytest.mark.parametrize(
    "extra",
    [
        {10: page(10)},  # its contents are the page
        {10: page(11, resources="/Font << /F1 10 0 R >>")},  # its font is the page
        {10: page(11, "/Parent 10 0 R")},
        {11: f"<< /Length 11 0 R >>\nstream\n{shown(LINE)}\nendstream"},
        {11: stream(shown(LINE), "/Filter [/FlateDecode /FlateDecode]")},
        {10: page(11, resources="/Font << /F1 3 0 R >> /XObject << /X 20 0 R >>"),
         11: stream(f"{shown(LINE)} /X Do"), 20: stream("/X Do /X Do", FORM)},
        {1: "<< /Type /Catalog /Pages 2 0 R /Outlines 30 0 R >>",
         30: "<< /First 31 0 R /Last 31 0 R /Count 1 >>",
         31: "<< /Title (loop) /Parent 30 0 R /Next 31 0 R /First 30 0 R /Dest [10 0 R /Fit] >>"},
    ],
    ids=["contents", "font", "parent", "length", "filter", "form", "outline"],
)  # fmt: skip
def test_an_object_of_a_pdf_that_refers_to_itself_ends_and_costs_that_page_at_most(tmp_path, extra):
    data = pdf_of([LINE, LINE.replace("一", "二")], extra=extra)
    document = read_bounded(tmp_path, "a.pdf", data)
    assert document.text.endswith(LINE.replace("一", "二"))
    first = document.pages[0]
    if first.reading.verdict == "ok" and first.end > first.start:
        assert document.text[first.start : first.end] == LINE


@pytest.mark.parametrize(
    ("name", "opening", "closing"),
    [
        ("a.html", "<div>", "</div>"),
        ("a.html", "<ul><li>", ""),
        ("a.html", "<table><tr><td>", "</td></tr></table>"),
        ("a.html", "<b>", ""),
        ("a.md", "> ", ""),
        ("a.md", "- ", ""),
        ("a.md", "[", "]"),
        ("a.md", "![", "](a)"),
        ("a.md", "*a ", "*"),
        ("a.md", "<div>\n", "</div>\n"),
        ("a.md", "`", ""),
    ],
)
def test_a_hundred_thousand_levels_of_nesting_end_with_the_text(tmp_path, name, opening, closing):
    try:
        document = read_bounded(tmp_path, name, opening * DEEP + f"\n{LINE}\n" + closing * DEEP)
    except ReadError as error:
        assert "can't be parsed" not in error.reason
        return
    assert LINE in document.text


def test_a_hundred_thousand_groups_of_rich_text_end(tmp_path):
    inner = LINE.encode("gbk").hex(" ").split(" ")
    text = "".join(f"\\'{byte}" for byte in inner)
    data = r"{\rtf1\ansi\ansicpg936 " + "{" * DEEP + text + "}" * DEEP + "}"
    try:
        assert LINE in read_bounded(tmp_path, "a.rtf", data).text
    except ReadError as error:
        assert "can't be parsed" not in error.reason


def test_a_hundred_thousand_levels_in_a_word_document_are_refused(tmp_path):
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    deep = "<w:sdt><w:sdtContent>" * DEEP + "</w:sdtContent></w:sdt>" * DEEP
    body = f"<w:document {names}><w:body>{deep}</w:body></w:document>"
    refused(tmp_path, "a.docx", repacked(DOCX.read_bytes(), {"word/document.xml": body}))


def test_a_text_of_one_line_of_ten_megabytes_is_read_whole(tmp_path):
    text = LINE * (10_000_000 // len(LINE.encode()))
    assert read_as(tmp_path, "a.txt", text).text == text


@pytest.mark.skipif(".csv" not in SUFFIXES, reason="no reader yet")
def test_a_table_of_a_hundred_thousand_columns_is_read_whole_or_refused(tmp_path):
    row = ",".join(f"列{number}" for number in range(100_000))
    try:
        document = read_as(tmp_path, "a.csv", f"{row}\n{row}\n")
    except DamagedFileError as error:
        assert "can't be parsed" not in error.reason
        return
    assert "列99999" in document.text


def test_a_pdf_without_pages_has_no_text(tmp_path):
    with pytest.raises((NoTextError, DamagedFileError)):
        read_as(tmp_path, "a.pdf", pdf_of([]))
