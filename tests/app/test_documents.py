"""What the library page lists, how each document fared, and in which order."""

import os

import pytest

from app.documents import finding, findings, folder_of, is_below, matching, page_texts, with_problems
from indexer.catalog import SourceRecord
from indexer.model import Page, Problem, Reading


def record(shown, state="ok", verdict=None, problems=()):
    """
    Args:
        verdict: None: it was read before there were any.
    """
    reading = verdict and Reading(verdict, 0.5, "pdfium")
    return SourceRecord(
        *(f"/somewhere/{shown}", shown, "v", state, problems, 1, 0, None, 1),
        *("2026-01-01T00:00:00+00:00", reading),
    )


def names(records):
    return [record.shown for record in records]


def test_failures_come_first_then_parts_each_by_name():
    records = [
        record("资料/b.txt"),
        record("资料/d.pdf", "partial"),
        record("资料/z.pdf", "failed"),
        record("资料/a.txt"),
        record("资料/c.pdf", "partial"),
        record("资料/y.pdf", "failed"),
    ]
    assert names(matching(records)) == [
        *("资料/y.pdf", "资料/z.pdf", "资料/c.pdf", "资料/d.pdf", "资料/a.txt", "资料/b.txt")
    ]
    assert names(matching(iter(records), wanted="partial")) == ["资料/c.pdf", "资料/d.pdf"]
    assert names(with_problems(records)) == ["资料/d.pdf", "资料/z.pdf", "资料/c.pdf", "资料/y.pdf"]


@pytest.mark.parametrize(
    ("shown", "part"),
    [
        ("资料/劳动法.md", "勞動"),
        ("資料/勞動法.md", "劳动"),
        ("资料/劳动法.md", " 劳动　"),
        ("资料/劳动法.md", "资料/劳"),
        ("资料/劳动法.md", ".MD"),
        ("资料/ＧＢ／Ｔ 1.pdf", "gb/t 1"),
        ("资料/GB_T.pdf", "ｇｂ＿ｔ"),
        ("资料/100%.txt", "%"),
        ("资料/[旧].txt", "["),
        ("资料/乾隆年間.txt", "乾"),  # which stays in 乾隆, and is 干 alone
        ("资料/宮商角徵羽.txt", "徵"),
        ("资料/乾隆年間.txt", "隆年间"),
        ("资料/任何.txt", ""),
        ("资料/任何.txt", "   "),
    ],
)
def test_a_document_is_found_by_a_part_of_its_name_in_any_script_width_and_case(shown, part):
    assert shown in names(matching([record(shown), record("别的/没有.html")], part))


def test_what_is_not_in_the_name_finds_nothing():
    records = [record("资料/劳动法.md")]
    assert matching(records, "民法") == []
    assert matching(records, ".*") == []
    assert matching(records, "劳动", "failed") == []
    assert matching([], "劳动") == []


@pytest.mark.parametrize(
    ("shown", "folder"),
    [("资料/法规/劳动法.md", "资料/法规"), ("资料/劳动法.md", "资料"), ("劳动法.md", ""), ("/a.txt", "/")],
)
def test_a_folder_is_what_comes_before_the_name(shown, folder):
    assert folder_of(record(shown)) == folder


@pytest.mark.parametrize(
    ("state", "verdict", "told"),
    [
        ("ok", "ok", "ok"),
        ("ok", "repaired", "repaired"),
        ("ok", "ocr", "ocr"),
        ("partial", "suspicious", "suspicious"),
        ("failed", "unreadable", "unreadable"),
        ("failed", "ok", "failed"),  # read well, but not embedded
        ("failed", "suspicious", "failed"),
        ("ok", None, "ok"),  # read by a version that gave no verdicts
        ("partial", None, "partial"),
        ("failed", None, "failed"),
    ],
)
def test_a_document_fared_as_it_was_read_unless_it_failed_later(state, verdict, told):
    assert finding(record("a.pdf", state, verdict)) == told


def test_the_worst_come_first_and_each_finding_finds_its_own():
    records = [
        record("a.pdf", "ok", "ok"),
        record("b.pdf", "ok", "repaired"),
        record("c.pdf", "ok", "ocr"),
        record("d.pdf", "partial", "suspicious"),
        record("e.pdf", "partial"),
        record("f.pdf", "failed", "unreadable"),
        record("g.pdf", "failed", "ok"),
        record("h.pdf", "ok", "ok"),
    ]
    assert "".join(name[0] for name in names(matching(records))) == "gfedcbah"
    assert names(matching(records, wanted="ok")) == ["a.pdf", "h.pdf"]
    assert list(findings(records).items()) == [
        *(("ok", 2), ("repaired", 1), ("ocr", 1), ("suspicious", 1), ("partial", 1)),
        *(("unreadable", 1), ("failed", 1)),
    ]
    assert names(with_problems(records)) == ["d.pdf", "e.pdf", "f.pdf", "g.pdf"]


def test_who_looks_for_ocr_also_finds_documents_of_which_it_read_some_pages():
    some = record("a.pdf", "partial", "suspicious", (Problem("a picture", 3, lost=False, kind="ocr"),))
    records = [some, record("b.pdf", "ok", "ocr"), record("c.pdf", "ok", "ok")]
    assert names(matching(records, wanted="ocr")) == ["a.pdf", "b.pdf"]
    assert names(matching(records, wanted="suspicious")) == ["a.pdf"]
    assert findings(records) == {"ok": 1, "ocr": 2, "suspicious": 1}


def test_a_library_without_documents_has_no_findings():
    assert findings([]) == {}


def test_each_page_has_its_own_text():
    pages = [Page(1, 0, 3), Page(2, 4, 4), Page(3, 5, 8)]
    assert page_texts(pages, "第一页\n\n第三页") == ["第一页", "", "第三页"]


def test_pages_that_go_on_beyond_the_text_are_another_document_s():
    assert page_texts([Page(1, 0, 3), Page(2, 4, 9)], "第一页\n第二") is None
    assert page_texts([Page(1, 0, 3), Page(2, 3, 3)], "") is None


def test_a_file_is_below_a_folder_only_if_it_really_is(tmp_path):
    folder = tmp_path / "上传"
    (folder / "内").mkdir(parents=True)
    outside = tmp_path / "别处.txt"
    outside.write_text("x", encoding="utf-8")
    (folder / "链.txt").symlink_to(outside)
    (tmp_path / "门").symlink_to(folder)
    assert is_below(folder / "内" / "甲.txt", folder)  # there or not
    assert is_below(folder / "内" / ".." / "甲.txt", folder)
    assert is_below(tmp_path / "门" / "甲.txt", folder)
    assert is_below(folder / "甲.txt", tmp_path / "门")
    assert is_below(folder, folder)
    assert not is_below(folder / ".." / "别处.txt", folder)
    assert not is_below(folder / "链.txt", folder)
    assert not is_below(tmp_path / "上传2" / "甲.txt", folder)
    assert not is_below(tmp_path, folder)


def test_a_relative_path_is_taken_from_where_the_program_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index").mkdir()
    assert is_below(tmp_path / "index" / "甲.txt", type(tmp_path)("index"))
    assert not is_below(tmp_path / "甲.txt", type(tmp_path)(os.curdir) / "index")
