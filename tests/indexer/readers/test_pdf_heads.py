from __future__ import annotations

from collections.abc import Sequence

import pytest

from indexer.readers.pdf.heads import without_running_heads
from indexer.readers.pdf.lines import Line

HEIGHT = 800.0


def line(text: str, y: float, *, x: float = 50, size: float = 10) -> Line:
    return Line(text, x, y, x + size * len(text), y + size, size)


def body(page: int, *, start: float = 80, count: int = 30) -> list[Line]:
    return [line(f"第{page}面的第{number}行正文", start + 16 * number) for number in range(count)]


def kept_of(pages: Sequence[Sequence[Line]]) -> list[list[str]]:
    kept = without_running_heads(pages, [HEIGHT] * len(pages))
    return [[each.text for each in page] for page in kept]


def texts(pages: Sequence[Sequence[Line]]) -> list[list[str]]:
    return [[each.text for each in page] for page in pages]


def test_a_running_head_stays_on_its_first_page_and_a_foot_on_its_last():
    pages = [[line("劳动法汇编", 40), *body(n), line("内部资料", 760)] for n in range(4)]
    kept = without_running_heads(pages, [HEIGHT] * 4)
    assert kept[0] == pages[0][:-1]
    assert kept[1] == pages[1][1:-1]
    assert kept[3] == pages[3][1:]


def test_a_head_that_the_title_repeats_goes_from_every_page():
    title = line("劳动法汇编", 150, size=20)
    pages = [[title, *body(0, start=200)], *([line("劳动法汇编", 40), *body(n)] for n in range(1, 4))]
    assert kept_of(pages) == [texts(pages)[0], *(page[1:] for page in texts(pages)[1:])]


def test_left_and_right_pages_have_heads_of_their_own():
    pages = [[line("劳动法汇编" if n % 2 else "第一章　总则", 40), *body(n)] for n in range(8)]
    assert [len(page) for page in kept_of(pages)] == [31, 31, 30, 30, 30, 30, 30, 30]


def test_a_head_in_which_only_the_number_changes_is_one():
    pages = [[line(f"劳动法汇编　第{'一二三四五'[n]}页", 40), *body(n)] for n in range(5)]
    assert [len(page) for page in kept_of(pages)] == [31, 30, 30, 30, 30]


@pytest.mark.parametrize(
    "numbers",
    [
        ("- 3 -", "- 4 -", "- 5 -"),
        ("— ３ —", "— ４ —", "— ５ —"),
        ("第3页 共10页", "第4页 共10页", "第5页 共10页"),
        ("第九页", "第十页", "第十一页"),
        ("3/10", "4/10", "5/10"),
        ("3", "4", "5"),
        ("viii", "ix", "x"),
        ("一二九", "一三〇", "一三一"),
        ("Page 3 of 9", "Page 4 of 9", "Page 5 of 9"),
    ],
)
def test_page_numbers_go_from_every_page(numbers):
    pages = [[*body(n), line(number, 760)] for n, number in enumerate(numbers)]
    assert kept_of(pages) == [page[:-1] for page in texts(pages)]


def test_page_numbers_that_start_anew_are_page_numbers():
    pages = [[*body(n), line(number, 760)] for n, number in enumerate(["i", "ii", "iii", "1", "2", "3"])]
    assert [len(page) for page in kept_of(pages)] == [30] * 6


def test_numbers_that_do_not_count_the_pages_stay():
    pages = [[*body(n), line(number, 760)] for n, number in enumerate(["1949", "1978", "2001", "2049"])]
    assert kept_of(pages) == texts(pages)


def test_articles_at_the_top_of_pages_stay():
    pages = [[line(f"第{'一二三四五'[n]}条　本法所称的劳动者", 60), *body(n)] for n in range(5)]
    assert kept_of(pages) == texts(pages)


def test_the_header_of_a_table_that_goes_on_stays_and_the_head_above_it_goes():
    header = [line("序号", 64), line("项目", 64, x=200), line("金额", 64, x=400)]
    pages = [[line("年度决算", 30), *header, *body(n)] for n in range(4)]
    assert kept_of(pages) == [texts(pages)[0], *(page[1:] for page in texts(pages)[1:])]


def test_titles_of_slides_stay():
    pages = [[line("季度总结", 60, size=24), *body(n, start=120, count=5)] for n in range(4)]
    assert kept_of(pages) == texts(pages)


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_pages_that_begin_alike_stay(count):
    pages = [[line("保密协议", 40), *body(n), line("甲方盖章", 760)] for n in range(count)]
    assert kept_of(pages) == texts(pages)


def test_two_heads_in_smaller_type_are_enough():
    pages = [body(0), *([line("民法典（节选）", 40, size=8), *body(n)] for n in (1, 2))]
    assert [len(page) for page in kept_of(pages)] == [30, 31, 30]


def test_what_lies_at_another_height_on_each_page_stays():
    pages = [[line("附表", 40 + 12 * n), *body(n, start=120)] for n in range(4)]
    assert kept_of(pages) == texts(pages)


def test_empty_pages_stay_empty():
    assert without_running_heads([[], []], [HEIGHT] * 2) == [[], []]
