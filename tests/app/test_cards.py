"""Hits as HTML: whatever a document holds is shown as text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from app.searcher import Hit, Scores
from app.text import EN, ZH
from app.views.cards import cards, displayable


def a_hit(text: str = "正文", shown: str = "文档/甲.pdf", **fields: object) -> Hit:
    values: dict[str, object] = {
        "id": "1",
        "scores": Scores(cosine=0.5, lexical=None, fused=None),
        "text": text,
        "shown": shown,
        "source": f"/{shown}",
        "title": "题",
        "headings": (),
        "pages": None,
        "ordinal": 0,
        "payload": {},
    }
    return Hit(**(values | fields))  # type: ignore[arg-type]


class _Parsed(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</div></li></ol><h1>标题",
        "&lt;b&gt; &amp; &#39;",
        "**粗体** [链接](http://x.example) ![图](http://x.example/p.png)",
        "$x^2$ :smile: :red[红] `码`",
        "\"引号\" '单引号'",
    ],
)
def test_text_of_documents_is_shown_as_text(text: str) -> None:
    plain = _Parsed(cards("标题", [a_hit(headings=("甲", "乙"))], ZH))
    hostile = _Parsed(cards("标题", [a_hit(text, shown=f"{text}/{text}", headings=(text, text))], ZH))
    assert hostile.text.count(text) == 5  # folder, name, two headings, passage
    assert hostile.tags - {"mark"} == plain.tags


def test_marks_stay_in_place_when_characters_are_left_out_or_escaped() -> None:
    html = cards("试用期", [a_hit("\x1b[31m<约定>\u202e试用期&")], ZH)
    assert "&lt;约定&gt;<mark>试用期</mark>&amp;" in html


def test_blank_lines_become_a_gap_and_line_breaks_stay() -> None:
    html = cards("词", [a_hit("\n一\n    二\n\n \n  三\n")], ZH)
    assert '>一\n    二<span class="xz-gap"></span>  三<' in html


@pytest.mark.parametrize(
    ("pages", "chinese", "english"),
    [((3, 3), "第 3 页", "page 3"), ((3, 4), "第 3–4 页", "pages 3–4")],
)
def test_pages_are_named(pages: tuple[int, int], chinese: str, english: str) -> None:
    assert chinese in cards("词", [a_hit(pages=pages)], ZH)
    assert english in cards("词", [a_hit(pages=pages)], EN)


def test_scores_that_a_mode_does_not_compute_are_not_shown() -> None:
    shown = _Parsed(cards("词", [a_hit(scores=Scores(None, 12.5, None))], ZH)).text
    assert f"{ZH.lexical}12.50" in shown
    assert ZH.cosine not in shown and ZH.fused not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("一\t二\n三", "一\t二\n三"),
        ("一\r\n二", "一\n二"),
        ("\x1b[1;31m红\x1b[0m\x07\x00字\x9b", "红字"),
        ("发票\u202efdp.exe", "发票fdp.exe"),
        ("\udcff.txt", "\ufffd.txt"),
        ("עברית \u200fאבג", "עברית \u200fאבג"),
    ],
)
def test_what_would_act_on_the_page_is_left_out(text: str, shown: str) -> None:
    assert displayable(text) == shown
