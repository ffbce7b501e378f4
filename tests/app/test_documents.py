"""What the library page lists, in which order, and what it says of each page."""

import os

import pytest

from app.documents import folder_of, is_below, matching, page_verdicts, with_problems
from indexer.catalog import SourceRecord
from indexer.model import Document, Page, Problem


def record(shown, verdict="ok"):
    return SourceRecord(
        f"/somewhere/{shown}", shown, "v", verdict, (), 1, 0, None, 1, "2026-01-01T00:00:00+00:00"
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
    assert names(matching(iter(records), verdict="partial")) == ["资料/c.pdf", "资料/d.pdf"]
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


def test_each_page_has_its_own_text_and_problems():
    scan = Problem("an image", page=2, kind="scan")
    again = Problem("broken", page=2, kind="broken_page")
    whole = Problem("cut", kind="cut")
    document = Document(
        "第一页\n\n第三页",
        "书",
        pages=(Page(1, 0, 3), Page(2, 4, 4), Page(3, 5, 8)),
        problems=(whole, scan, again, Problem("beyond", page=9)),
    )
    assert [(p.number, p.text, p.problems) for p in page_verdicts(document)] == [
        (1, "第一页", ()),
        (2, "", (scan, again)),
        (3, "第三页", ()),
    ]


def test_a_document_without_pages_has_none_to_judge():
    assert page_verdicts(Document("文字", "名", problems=(Problem("cut"),))) == []


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
