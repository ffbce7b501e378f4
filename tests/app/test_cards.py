"""Hits as HTML: whatever a document holds is shown as text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from app.plain import displayable, in_markdown
from app.question import Question, parse
from app.ranking import Scores
from app.searcher import Hit, SearchResult
from app.text import EN, ZH, Texts
from app.views.cards import card, what_was_understood


def a_hit(text: str = "正文", shown: str = "文档/甲.pdf", **fields: object) -> Hit:
    values: dict[str, object] = {
        "id": "1",
        "collection": "default",
        "score": 1.0,
        "scores": Scores(cosine=0.5, lexical=None, fused=None),
        "text": text,
        "shown": shown,
        "source": f"/{shown}",
        "title": "题",
        "headings": (),
        "pages": None,
        "ordinal": 0,
        "modified": None,
        "payload": {},
    }
    return Hit(**(values | fields))  # type: ignore[arg-type]


def cards(hits: list[Hit], say: Texts, threshold: float = 0.0) -> str:
    result = SearchResult("问", Question("问"), "hybrid", tuple(hits), 0.0, 0.0, threshold=threshold)
    return "".join(card(rank, hit, result.is_weak(hit), say) for rank, hit in enumerate(hits, start=1))


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
    plain = _Parsed(cards([a_hit(headings=("甲", "乙"), also=("乙.txt",))], ZH))
    hit = a_hit(text, shown=f"{text}/{text}", headings=(text, text), also=(text,))
    hostile = _Parsed(cards([hit], ZH))
    assert hostile.text.count(text) == 6  # folder, name, two headings, passage, the other file
    assert hostile.tags == plain.tags


def test_marks_stay_in_place_when_characters_are_left_out_or_escaped() -> None:
    text = "\x1b[31m<约定>\u202e试用期&"
    html = cards([a_hit(text, matched=((10, 13),))], ZH)
    assert "&lt;约定&gt;<mark>试用期</mark>&amp;" in html


def test_the_best_sentence_is_marked_and_the_words_within_it() -> None:
    html = cards([a_hit("  前。试用期六个月。后。\n", matched=((4, 7), (11, 12)), best=(4, 11))], ZH)
    best = '<span class="xz-best"><mark>试用期</mark></span><span class="xz-best">六个月。</span>'
    assert f">前。{best}<mark>后</mark>。<" in html


def test_a_weak_hit_says_so_and_a_sure_one_does_not() -> None:
    hits = [a_hit(scores=Scores(relevance=relevance)) for relevance in (0.9, 0.1)]
    html = cards(hits, ZH, threshold=0.25)
    assert html.count(ZH.weak) == 1
    assert html.index("90%") < html.index(ZH.weak) < html.index("10%")


def test_the_other_files_of_the_same_text_are_listed() -> None:
    assert "乙.txt" in _Parsed(cards([a_hit(also=("文档/乙.txt",))], ZH)).text
    assert ZH.also not in cards([a_hit()], ZH)


def test_blank_lines_become_a_gap_and_line_breaks_stay() -> None:
    html = cards([a_hit("\n一\n    二\n\n \n  三\n")], ZH)
    assert '>一\n    二<span class="xz-gap"></span>  三<' in html


@pytest.mark.parametrize(
    ("pages", "chinese", "english"),
    [((3, 3), "第 3 页", "page 3"), ((3, 4), "第 3–4 页", "pages 3–4")],
)
def test_pages_are_named(pages: tuple[int, int], chinese: str, english: str) -> None:
    assert chinese in cards([a_hit(pages=pages)], ZH)
    assert english in cards([a_hit(pages=pages)], EN)


def test_scores_that_a_mode_does_not_compute_are_not_shown() -> None:
    shown = _Parsed(cards([a_hit(scores=Scores(lexical=12.5))], ZH)).text
    assert f"{ZH.lexical}12.50" in shown
    assert not any(label in shown for label in (ZH.cosine, ZH.fused, ZH.relevance, ZH.rerank_score))


def test_each_score_has_its_name_and_its_own_shape() -> None:
    scores = Scores(0.8765, 12.345, 7.891, 0.4321, 0.996, 0.87)
    shown = _Parsed(cards([a_hit(scores=scores)], ZH)).text
    for said in (
        "相关度87%",
        "余弦相似度0.876 (高于 99.6% 的随机段落)",
        "BM25 词面分12.35",
        "融合分7.89",
        "重排分0.432",
    ):
        assert said in shown


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


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("compact-384.v2", "compact-384.v2"),
        ("**粗** _斜_", r"\*\*粗\*\* \_斜\_"),
        ("[链接](http://x)", "\\[链接\\](http\\:\u2060//x)"),
        ("www.x.pdf 甲@x.txt", "www\u2060.x.pdf 甲@\u2060x.txt"),
        ("1. 合同", r"1\. 合同"),
        ("# 标题", r"\# 标题"),
        ("nDCG@10 2026-11-25 1.5", "nDCG@10 2026-11-25 1.5"),
        ("- 项", r"\- 项"),
        (":red[红] $x$ :smile:", r"\:red\[红\] \$x\$ \:smile\:"),
        ("<b>&amp;`码`|~", r"\<b\>\&amp;\`码\`\|\~"),
        ("一\n# 二", "一 # 二"),
    ],
)
def test_a_name_in_a_sentence_is_no_markdown(text: str, markdown: str) -> None:
    assert in_markdown(text) == markdown


def test_what_was_taken_for_more_than_text_is_shown_as_text() -> None:
    said = _Parsed(what_was_understood(parse("“<b>试用期” -实习 类型:pdf 标题:罚则 工资"), ZH))
    assert said.text == "必须含有：“<b>试用期”　不含：实习　只在：类型 pdf、标题 罚则"
    assert said.tags == {"p"}
    assert what_was_understood(parse("工资怎么算"), ZH) == ""
