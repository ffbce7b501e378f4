"""The verdicts on the parser cases and on every sample: none is ok that is not read right."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import ReadError
from indexer.model import NOT_JUDGED, Document, Page, Problem
from indexer.readers import ReadOptions, read
from indexer.readers.verdict import judged, reading_of
from tests.indexer.readers.test_pdf import han, statute

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "data"
SAMPLES = ROOT / "data" / "samples"
NO_OCR = ReadOptions(ocr="never")

UNREADABLE = {
    "encrypted_user_password_is_mima.pdf": "encrypted",
    "html_named_pdf.pdf": "damaged",
    "truncated.pdf": "damaged",
    "zero_bytes.pdf": "empty",
    "scanned_image_only.pdf": "scan",
    "scanned_rotated90.pdf": "scan",
    "identity_h_embedded_tounicode_removed.pdf": "garbled",
}
POEMS = {"cid_eten_b5_h_big5_notembedded.pdf", "tangshi_big5.txt", "tangshi_big5hkscs.txt"}
OTHER_TEXTS = {
    *("browser_spread.pdf", "rare_hanzi_ext_b_gb18030.txt", "rare_hanzi_ext_b_utf8.txt", "short_gbk.txt"),
    "epub_laws_civil_code_synthetic.epub",
}
STATUTE = "第九百八十九条"


def cases() -> list[Path]:
    folders = (CASES / "pdf", CASES / "encodings")
    found = [path for folder in folders for path in sorted(folder.iterdir()) if path.name != "NOTICE.txt"]
    return [*found, CASES / "epub_laws_civil_code_synthetic.epub"]


@pytest.mark.parametrize("path", cases(), ids=lambda path: path.name)
def test_a_parser_case_is_read_right_or_named_as_unreadable(path):
    try:
        document = read(path, NO_OCR)
    except ReadError as error:
        assert error.kind == UNREADABLE[path.name]
        return
    assert document.reading.verdict in ("ok", "repaired")
    assert document.reading.score >= 0.6
    found = han(document.text)
    if path.name in POEMS:
        assert found.startswith("須臾走向天上來") or "長安" in found
    elif path.name not in OTHER_TEXTS:
        start = found.index(STATUTE.removesuffix("条"))
        assert han(statute())[:700] in found[start:] or found[start:] in han(statute())


@pytest.mark.parametrize(
    "path", sorted(path for path in SAMPLES.rglob("*.*") if path.is_file()), ids=lambda path: path.name
)
def test_every_sample_is_ok_but_the_scan(path):
    if path.name == "scanned_image_only.pdf":
        with pytest.raises(ReadError, match="needs OCR"):
            read(path, NO_OCR)
        return
    document = read(path, NO_OCR)
    assert document.reading.verdict in ("ok", "repaired")
    assert not [problem for problem in document.problems if problem.lost]


GOOD = "自然人的生命权、身体权、健康权受到侵害的，负有法定救助义务的组织应当及时施救。"
GARBLED = "".join(chr(ord(char) + 31) for char in GOOD * 3)


def test_a_reader_that_says_nothing_gets_the_verdict_of_its_text():
    assert judged(Document(GOOD, "法"), "lxml").reading.verdict == "ok"
    doubtful = judged(Document(GARBLED, "法"), "lxml")
    assert (doubtful.reading.verdict, doubtful.reading.kind) == ("suspicious", "doubtful")
    assert [(problem.kind, problem.lost) for problem in doubtful.problems] == [("doubtful", True)]


def test_what_is_lost_or_repaired_counts_against_a_good_text():
    lost = judged(Document(GOOD, "法", problems=(Problem("a part is missing", kind="cut"),)), "")
    assert (lost.reading.verdict, lost.reading.reason) == ("suspicious", "a part is missing")
    repaired = judged(Document(GOOD, "法", problems=(Problem("said so", lost=False),)), "")
    assert repaired.reading.verdict == "repaired"


def test_a_file_is_as_good_as_its_worst_page():
    text = GOOD + "\n" + GARBLED
    pages = (Page(1, 0, len(GOOD)), Page(2, len(GOOD) + 1, len(text)))
    document = judged(Document(text, "法", pages=pages), "pptx")
    assert [page.reading.verdict for page in document.pages] == ["ok", "suspicious"]
    assert document.reading.verdict == "suspicious"
    assert document.reading.reason.startswith("page 2: ")
    assert [problem.page for problem in document.problems] == [2]


def test_nothing_is_ok_before_it_is_judged():
    assert NOT_JUDGED.verdict == "unreadable"
    assert Document(GOOD, "法").reading == Page(1, 0, 1).reading == NOT_JUDGED


def test_a_text_that_was_partly_read_by_ocr_says_so_and_has_the_lower_score():
    read_by_ocr = Problem("2 pictures were read by OCR", lost=False, kind="ocr")
    reading = reading_of(GOOD, [read_by_ocr], "lxml", 0.93)
    assert (reading.verdict, reading.score, reading.engine) == ("ocr", 0.93, "lxml, rapidocr")
    assert reading.reason == "2 pictures were read by OCR"
    lost = Problem("1 picture was not read", kind="scan")
    assert reading_of(GOOD, [read_by_ocr, lost], "lxml", 0.93).verdict == "suspicious"
    doubtful = reading_of(GARBLED, [read_by_ocr], "lxml", 0.93)
    assert (doubtful.verdict, doubtful.kind) == ("suspicious", "doubtful")


def test_a_reading_that_the_reader_gave_stays_and_its_doubt_becomes_a_problem():
    own = reading_of(GARBLED, [], "lxml", 0.95)
    document = judged(Document(GARBLED, "法", reading=own), "lxml")
    assert document.reading == own
    assert [problem.kind for problem in document.problems] == ["doubtful"]
