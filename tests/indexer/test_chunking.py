"""Nothing lost, nothing too long, cut where a reader would cut."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.chunking import chunk_document, embedded_texts
from indexer.model import Document, Heading, Page

MAX, OVERLAP = 64, 12


def count_tokens(texts):
    """One token a character, two special ones: the strictest tokenizer there is."""
    return [len(text) + 2 for text in texts]


def chunk(text, headings=(), pages=(), max_tokens=MAX, overlap=OVERLAP, title=""):
    document = Document(text, title, tuple(headings), tuple(pages))
    return chunk_document(document, count_tokens, max_tokens, overlap)


def joined(chunks):
    return "".join(c.text[c.overlap :] for c in chunks)


han = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
rare = st.sampled_from("𠀀𪚥𡃁㐀")
emoji = st.sampled_from(["😀", "👨‍👩‍👧", "🇨🇳", "❤️"])
english = st.sampled_from([" hello", " TiDB-5.2", "\u200b", "é", "-x_"])
marks = st.sampled_from([*list("。！？；…”」』，、：\n \u3000"), "\r", "\n\n\n", "    "])
long_run = st.builds(lambda c, n: c * n, st.sampled_from("我a1。\n "), st.integers(60, 300))
any_text = st.lists(st.one_of(han, rare, emoji, english, marks, long_run), max_size=120).map("".join)


@settings(max_examples=300, deadline=None)
@given(text=any_text, cuts=st.lists(st.integers(0, 500), max_size=6), overlap=st.integers(0, 32))
def test_chunks_without_their_overlaps_are_the_document(text, cuts, overlap):
    starts = sorted({cut for cut in cuts if cut < len(text)})
    headings = [Heading(at, 1 + at % 4, text[at : at + 3]) for at in starts]
    chunks = chunk(text, headings, overlap=overlap, title="标题")
    if not text.strip():
        assert chunks == []
        return
    assert joined(chunks) == text
    for number, made in enumerate(chunks):
        assert made.ordinal == number
        assert made.text == text[made.start : made.end]
        assert made.text.strip()
    assert max(count_tokens(embedded_texts("标题", chunks, count_tokens, MAX))) <= MAX


def test_a_short_section_is_one_chunk_with_its_path():
    text = "总则\n第一条 为了保护劳动者。\n第二条 在中国境内。\n"
    headings = [Heading(0, 1, "总则"), Heading(3, 2, "第一条"), Heading(16, 2, "第二条")]
    assert [(c.text, c.headings) for c in chunk(text, headings)] == [
        ("总则\n第一条 为了保护劳动者。\n", ("总则", "第一条")),
        ("第二条 在中国境内。\n", ("总则", "第二条")),
    ]


def test_a_heading_of_a_higher_level_closes_the_lower_ones():
    text = "甲\n一些内容\n乙\n别的内容\n"
    headings = [Heading(0, 2, "甲"), Heading(7, 1, "乙")]
    assert [c.headings for c in chunk(text, headings)] == [("甲",), ("乙",)]


def test_long_text_is_cut_between_sentences_and_quotes_stay_with_theirs():
    sentences = [f"他说：“这是第{i}句话，说得很清楚。”" for i in range(8)]
    chunks = chunk("".join(sentences), overlap=0)
    assert len(chunks) > 1
    assert all(c.text.endswith("。”") for c in chunks)


def test_a_cut_prefers_the_end_of_a_paragraph():
    text = "一二三四五六七八九。" * 4 + "\n" + "一二三四五六七八九。" * 4
    chunks = chunk(text, overlap=0)
    assert [c.text for c in chunks] == [text[:41], text[41:]]


def test_chunks_of_a_section_come_out_about_equally_long():
    text = "一二三四五六七八九。" * 13  # 130 tokens for a budget of 62: not 60, 60, 10
    assert [len(c.text) for c in chunk(text, overlap=0)] == [40, 40, 50]


def test_the_overlap_is_whole_sentences_within_its_budget():
    text = "".join(f"第{i}句话有十个字。" for i in range(20))
    chunks = chunk(text)
    for before, after in itertools.pairwise(chunks):
        repeated = after.text[: after.overlap]
        assert 0 < len(repeated) <= OVERLAP
        assert before.text.endswith(repeated)
        assert repeated.startswith("第") and repeated.endswith("。")


def test_nothing_is_repeated_across_a_heading():
    text = "甲" * 50 + "。\n" + "乙" * 50 + "。"
    chunks = chunk(text, [Heading(52, 1, "乙" * 5)])
    assert [c.overlap for c in chunks] == [0, 0]


def test_a_string_without_any_border_is_cut_within_the_budget():
    chunks = chunk("长" * 10_000)
    assert max(len(c.text) for c in chunks) <= MAX - 2
    assert joined(chunks) == "长" * 10_000


def test_a_chunk_knows_the_pages_it_is_on():
    text = "第一页的内容。\n第二页的内容。\n第三页的内容。\n"
    pages = [Page(1, 0, 8), Page(2, 8, 16), Page(3, 16, 24)]
    (whole,) = chunk(text, pages=pages)
    assert whole.pages == (1, 3)
    assert chunk("没有页。")[0].pages is None


def test_the_path_that_is_embedded_loses_its_outermost_parts_first():
    text = "内容" * 20
    (made,) = chunk(text, [Heading(0, 1, "很长的章标题" * 3), Heading(0, 2, "节")], title="书名" * 6)
    (embedded,) = embedded_texts("书名" * 6, [made], count_tokens, MAX)
    assert embedded.startswith("很长的章标题") and embedded.endswith(text)


@pytest.mark.parametrize("text", ["", " ", "\n\u3000\n"])
def test_a_blank_document_has_no_chunks(text):
    assert chunk(text) == []
