"""Two lists side by side as HTML: ranks moved, the right ones marked, documents shown as text."""

from __future__ import annotations

from html.parser import HTMLParser

from app.evaluation.run_file import Excerpt, Placed
from app.text.dimensions import ZH
from app.views.dimension_lists import two_lists

BEFORE = [Placed("a", 0.91), Placed("b", 0.9), Placed("c", 0.89)]
AFTER = [Placed("b", 0.8), Placed("a", 0.79), Placed("d", 0.78)]


class Parsed(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.items: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag == "li":
            self.items.append("")

    def handle_data(self, data: str) -> None:
        if self.items:
            self.items[-1] += data


def lists(text: str = "原文", shown: str = "文件.txt", right: tuple[str, ...] = ()) -> Parsed:
    return Parsed(two_lists(("左", BEFORE), ("右", AFTER), lambda id_: Excerpt(text + id_, shown), right, ZH))


def test_ranks_that_moved_are_told() -> None:
    items = lists().items
    assert [ZH.moved_out in item for item in items[:3]] == [False, False, True]
    assert "上升 1" in items[3] and "下降 1" in items[4] and ZH.moved_new in items[5]


def test_the_right_ones_are_marked_on_both_sides() -> None:
    items = lists(right=("a",)).items
    assert [ZH.right in item for item in items] == [True, False, False, False, True, False]


def test_scores_and_files_are_shown() -> None:
    first = lists().items[0]
    assert "相似度 0.910" in first and "文件.txt" in first and "原文a" in first


def test_documents_are_text() -> None:
    hostile = '<script>alert(1)</script><img src=x onerror=alert(1)> **粗** [链](http://x) \u202e"&amp;'
    parsed = lists(hostile, hostile)
    assert parsed.tags == lists().tags
    assert "<script>alert(1)</script>" in parsed.items[0] and "\u202e" not in parsed.items[0]


def test_a_long_passage_is_cut_and_one_that_was_not_kept_is_told() -> None:
    assert "长" * 160 + "…" in lists("长" * 500).items[0]
    html = two_lists(("左", BEFORE), ("右", AFTER), lambda id_: None, (), ZH)
    assert html.count(ZH.gone) == 6
