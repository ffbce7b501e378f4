"""What is said of how well files were read: by `inspect`, at the end of an ingest, in the catalogue."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from indexer import describe
from indexer.catalog import Catalog, SourceRecord
from indexer.model import Page, Problem, Reading
from indexer.report import IngestReport, SourceReport

DATA = Path(__file__).parents[1] / "data"


def inspect(*arguments):
    command = [sys.executable, "-m", "indexer", "inspect", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_inspect_prints_each_page_with_verdict_engine_score_and_text():
    done = inspect(DATA / "pdf" / "two_column_embedded.pdf")
    assert done.returncode == 0
    assert "── page 1: ok, score 1.00, pdfium\n" in done.stdout
    assert "── page 3: ok" in done.stdout
    assert (
        done.stdout.index("第九百八十九条")
        < done.stdout.index("── page 2")
        < done.stdout.index("第一千零三十条")
    )


def test_inspect_says_the_charset_and_takes_another():
    big5 = DATA / "encodings" / "tangshi_big5.txt"
    assert "charset: big5" in inspect(big5).stdout
    wrong = inspect(big5, "--encoding", "gb18030")
    assert wrong.returncode == 3
    assert "the file: suspicious" in wrong.stdout


def test_inspect_says_why_a_file_is_unreadable():
    garbled = DATA / "pdf" / "identity_h_embedded_tounicode_removed.pdf"
    done = inspect(garbled, "--ocr", "never", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["reading"] == {
        "verdict": "unreadable",
        "score": 0.0,
        "engine": "",
        "reason": done.stderr.split(f"{garbled}: ")[1].strip(),
        "kind": "garbled",
    }
    assert "pages 1-3: the text layer is garbled" in done.stderr
    missing = inspect("no/such.pdf")
    assert (missing.returncode, missing.stderr) == (1, "error: no/such.pdf: no such file\n")


def test_inspect_gives_pages_as_json():
    done = inspect(DATA / "pdf" / "encrypted_user_password_is_mima.pdf", "--password", "mima", "--json")
    told = json.loads(done.stdout)
    assert [page["reading"]["verdict"] for page in told["pages"]] == ["ok", "ok", "ok"]
    first = told["pages"][0]
    assert told["text"][first["start"] : first["end"]].startswith("第九百八十九条")


SCANNED = Reading("ocr", 0.97, "rapidocr", "read by OCR, since the page is a picture", "ocr")
GOOD = Reading("ok", 1.0, "pdfium")
LOST = Problem("no text layer", 2, kind="scan")


def test_the_report_has_a_table_of_verdicts_and_names_what_was_not_simply_read():
    sources = (
        SourceReport(
            "/a/好.pdf", "indexed", 3, 2, reading=GOOD, read_pages=(Page(1, 0, 5, GOOD), Page(2, 6, 9, GOOD))
        ),
        SourceReport("/a/扫描.pdf", "indexed", 1, 1, reading=SCANNED, read_pages=(Page(1, 0, 5, SCANNED),)),
        SourceReport(
            "/a/缺.pdf",
            "partial",
            1,
            2,
            problems=(LOST,),
            reading=Reading("suspicious", 0.0, "", "page 2", "scan"),
        ),
        SourceReport("/a/图.xyz", "skipped", problems=(Problem("files of type '.xyz' are not read"),)),
    )
    report = IngestReport(sources, 5, 1.0)
    assert report.verdicts == {"ok": 1, "ocr": 1, "suspicious": 1}
    told = describe.ingest_report(report).splitlines()
    assert [line.split() for line in told if line[:12].strip() in ("verdict", "ok", "ocr", "suspicious")] == [
        ["verdict", "files", "pages"],
        ["ok", "1", "2"],
        ["ocr", "1", "1"],
        ["suspicious", "1"],
    ]
    assert "ocr: /a/扫描.pdf: read by OCR, since the page is a picture" in told
    assert "partial: /a/缺.pdf, page 2: no text layer" in told
    assert "skipped: /a/图.xyz: files of type '.xyz' are not read" in told
    assert report.to_json()["verdicts"] == {"ok": 1, "ocr": 1, "suspicious": 1}
    assert report.to_json()["sources"][1]["read_pages"][0]["reading"]["engine"] == "rapidocr"


def test_of_many_skipped_files_some_are_named_and_the_others_counted():
    reason = Problem("archives are not read", lost=False, kind="unsupported")
    sources = tuple(SourceReport(f"/a/{n}.zip", "skipped", problems=(reason,)) for n in range(50))
    told = describe.ingest_report(IngestReport(sources, 0, 1.0)).splitlines()
    assert told[0] == "skipped: /a/0.zip: archives are not read"
    assert "skipped: 30 more (--report FILE.json names all)" in told


def record(source="/a/b.pdf", **other):
    values = {
        **{"shown": "a/b.pdf", "version": "v", "state": "ok", "problems": (LOST,), "chunks": 1, "pages": 2},
        **{"charset": None, "bytes": 3, "ingested_at": "2026-11-25T00:00:00+00:00", "reading": SCANNED},
    }
    return SourceRecord(source, **(values | other))


def test_the_catalogue_keeps_readings_of_files_and_pages(tmp_path):
    catalog = Catalog(tmp_path, "one")
    pages = [Page(1, 0, 5, SCANNED), Page(2, 5, 5, Reading("unreadable", 0.0, "", "no text layer", "scan"))]
    catalog.put(record(), pages=pages)
    assert catalog.all() == [record()]
    assert catalog.pages("/a/b.pdf") == pages
    catalog.put(record(state="failed", reading=GOOD))  # a later reading failed: what is searchable stays
    assert catalog.pages("/a/b.pdf") == pages
    assert catalog.pages("/a/other.pdf") == []
    catalog.close()


@pytest.mark.parametrize("state", ["ok", "partial", "failed"])
def test_a_catalogue_of_an_earlier_version_is_kept(tmp_path, state):
    connection = sqlite3.connect(tmp_path / "catalog.sqlite")
    connection.executescript(
        "CREATE TABLE sources (source TEXT PRIMARY KEY, shown TEXT NOT NULL, version TEXT NOT NULL, "
        "verdict TEXT NOT NULL, problems TEXT NOT NULL, chunks INTEGER NOT NULL, pages INTEGER NOT NULL, "
        "charset TEXT, bytes INTEGER NOT NULL, ingested_at TEXT NOT NULL);"
        "CREATE TABLE belongs_to (index_id TEXT PRIMARY KEY); INSERT INTO belongs_to VALUES ('one');"
        f"INSERT INTO sources VALUES ('/a/b.pdf', 'a/b.pdf', 'v', '{state}', '[]', 1, 2, NULL, 3, "
        "'2026-11-25T00:00:00+00:00');"
    )
    connection.close()
    catalog = Catalog(tmp_path, "one")
    assert catalog.all() == [record(state=state, problems=(), reading=None)]
    assert catalog.pages("/a/b.pdf") == []
    catalog.put(record())
    assert catalog.all() == [record()]
    catalog.close()
