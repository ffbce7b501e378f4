from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import DamagedFileError
from indexer.readers import rtf

FONTS = rb"{\fonttbl{\f0\froman\fcharset0 Times New Roman;}{\f1\fnil\fcharset134 \'cb\'ce\'cc\'e5;}"
FONTS += rb"{\f2\fnil\fcharset136 \'b7\'73\'b2\'d3\'a9\'fa\'c5\'e9;}{\f3\fnil\fcharset2 Wingdings;}}"


def read(body: bytes, head: bytes = rb"\ansi\ansicpg936\deff0"):
    return rtf.read(Path("文.rtf"), rb"{\rtf1" + head + FONTS + body + b"}")


def escaped(text: str, codec: str) -> bytes:
    """As Word writes it: bytes in the range of ASCII stay as they are, second bytes too."""
    return b"".join(
        bytes([byte]) if 0x30 <= byte < 0x7B and byte != 0x5C else b"\\'%02x" % byte
        for byte in text.encode(codec)
    )


def test_bytes_are_characters_of_their_fonts_charset():
    body = (
        rb"\f1 "
        + escaped("第十九条 试用期", "gbk")
        + rb"\par\f2 "
        + escaped("勞動契約", "big5")
        + rb"\par\f0 caf\'e9"
    )
    assert read(body).text == "第十九条 试用期\n\n勞動契約\n\ncafé"


@pytest.mark.parametrize("text", ["镕基", "丂丄丅", "煊燀"], ids=["rare", "lowest", "mixed"])
def test_second_bytes_that_are_letters_belong_to_their_character(text):
    assert read(rb"\f1 " + escaped(text, "gbk")).text == text


def test_second_bytes_that_are_braces_or_backslashes_break_nothing():
    raw = "乗峽倉".encode("gbk")  # written as bytes, by programs that know no escapes
    assert {0x5C, 0x7B, 0x7D} <= set(raw)
    assert read(rb"\f1 " + raw + rb"\par " + "完".encode("gbk")).text == "乗峽倉\n\n完"


def test_chinese_in_a_western_font_is_read_by_the_code_page_of_the_document():
    assert read(rb"\f0 " + escaped("本合同自签字之日起生效。", "gbk")).text == "本合同自签字之日起生效。"


def test_without_a_code_page_the_most_probable_charset_is_taken():
    simplified = read(rb"\f0 " + escaped("用人单位应当依法建立劳动规章制度。", "gbk"), rb"\ansi\deff0")
    traditional = read(rb"\f0 " + escaped("雇主應依法訂立工作規則並公開揭示。", "big5"), rb"\ansi\deff0")
    assert simplified.text == "用人单位应当依法建立劳动规章制度。"
    assert traditional.text == "雇主應依法訂立工作規則並公開揭示。"


def test_a_unicode_number_stands_in_place_of_its_fallback():
    body = rb"\f1\uc2 \u31532\'b5\'da\u-24678\'b9\'a8{\uc0 \u26465}\uc1 \u20214?\u8220\ldblquote \u8221 XY"
    assert read(body).text == "第龚条件“”Y"


def test_characters_beyond_the_first_plane_come_in_halves():
    assert read(rb"\uc1 \u-10175?\u-9116?\u-10174 ?\u-8192?").text.startswith(
        bytes.fromhex("41d864dc").decode("utf-16-le")
    )


def test_what_is_no_text_of_the_document_is_left_out():
    body = (
        rb"{\info{\title \'b1\'ea\'cc\'e2}{\author nobody}}{\header \'d2\'b3\'c3\'bc\par}"
        rb"\f1 A{\*\unknown B}{\pict\pngblip 89504e470d0a1a0a}{\pict\bin5 }}{\\x}{\v hidden}{\deleted gone}"
        rb"{\*\shppict{\pict 0102}}{\object{\*\objdata 0105}{\result R}}{\*\annotation note}{\xe index}C"
    )
    document = read(body)
    assert document.text == "ARC"
    assert document.title == "标题"


def test_notes_and_text_boxes_follow_their_paragraph():
    body = (
        rb"One{\super\chftn{\footnote\pard\plain\chftn  N\'6fte}}{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}"
        rb"{\shptxt\pard Box\par}}{\shprslt{\pict 00}Box}} two.\par Three."
    )
    assert read(body).text == "One two.\n\n［注］Note\n\nBox\n\nThree."


def test_automatic_numbers_and_styles_make_headings():
    def gbk(text: str) -> bytes:
        return rb"\f1 " + escaped(text, "gbk")

    body = (
        rb"{\stylesheet{\ql Normal;}{\s1\outlinelevel0 heading 1;}{\s7\outlinelevel1 \'d5\'c2;}}"
        rb"\pard\s1{\listtext\pard\plain" + gbk("第一章") + rb"\tab}" + gbk("总则")
        + rb"\par\pard\s7" + gbk("背景")
        + rb"\par\pard{\listtext" + gbk("第一百零五条") + rb"\tab}" + gbk("制定本法。")
        + rb"\par\pard{\pntext\f3\'d8\tab}x\par{\listtext" + gbk("一、") + rb"\tab}y"
    )  # fmt: skip
    document = read(body)
    assert document.text.split("\n\n") == ["第一章 总则", "背景", "第一百零五条 制定本法。", "➢ x", "一、y"]
    assert [(heading.level, heading.title) for heading in document.headings] == [
        (1, "第一章 总则"),
        (2, "背景"),
        (7, "第一百零五条"),
    ]


def test_rows_of_a_table_are_lines_and_merged_cells_are_repeated():
    row = rb"\pard\intbl %s\cell %s\cell\row"
    nested = rb"{\itap2 n1\nestcell n2\nestcell{\*\nesttableprops\nestrow}}c"
    body = (
        rb"Before\par\trowd\clvmgf\cellx100\cellx200" + row % (b"Region", b"Q1")
        + rb"\trowd\clvmrg\cellx100\cellx200" + row % (b"", b"Q2")
        + rb"\trowd\cellx100\cellx200" + row % (rb"a\par b", nested)
        + rb"\pard After"
    )  # fmt: skip
    assert read(body).text == "Before\n\nRegion | Q1\nRegion | Q2\na b | c\nn1 | n2\n\nAfter"


def test_results_of_fields_are_text_and_tables_of_contents_are_not():
    body = (
        rb'{\field{\*\fldinst HYPERLINK "http://example.com"}{\fldrslt link}} {\field{\*\fldinst { TOC \\o }}'
        rb"{\fldrslt Chapter\tab 1\par}}{\field{\*\fldinst EQ \\o\\ac(\uc0\u9675 ,3)}{\fldrslt }}end"
    )
    assert read(body).text == "link ③end"


def test_a_file_that_is_cut_off_says_so():
    document = rtf.read(
        Path("a.rtf"), rb"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset134 x;}}\f0 \'d6\'d0{\b"
    )
    assert document.text == "中"
    assert [problem.kind for problem in document.problems] == ["cut"]


def test_bytes_that_mean_nothing_are_counted():
    document = read(rb"\f1 \'d6\'d0\'ff\par")
    assert document.text == "中\ufffd"
    assert [(problem.kind, problem.lost) for problem in document.problems] == [("bytes_replaced", True)]


def test_what_follows_the_document_is_no_part_of_it():
    data = rb"{\rtf1 in}" + b"\x00out{"
    assert rtf.read(Path("a.rtf"), data).text == "in"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"{\\rtf1" + b"{" * 100_000, "more than 2000 groups"),
    ],
    ids=["empty", "docx", "deep"],
)
def test_what_is_no_rich_text_is_refused(data, reason):
    with pytest.raises(DamagedFileError, match=reason):
        rtf.read(Path("a.rtf"), data)


@pytest.mark.parametrize(
    "tail", [rb"\bin999999999 x", rb"\uc999999999 \u20013 x", rb"\u99999999 ?", rb"\cellx-5\row", b"}}}"]
)
def test_numbers_that_no_document_has_do_no_harm(tail):
    assert rtf.read(Path("a.rtf"), rb"{\rtf1 start " + tail + b"}").text.startswith("start")


@pytest.mark.parametrize(
    ("text", "lost", "kind"), [("A", True, "scan"), ("A" * 500, False, "left_out")], ids=["alone", "beside"]
)
def test_pictures_are_named_and_icons_are_not(text, lost, kind):
    picture = rb"{\pict{\*\picprop{\sp}}\pngblip " + b"89504e47" * 600 + b"}"
    again = rb"{\nonshppict" + picture + b"}"
    body = text.encode() + rb"{\*\shppict" + picture + b"}" + again + rb"{\pict\pngblip 89504e47}"
    (problem,) = read(body).problems
    assert (problem.lost, problem.kind) == (lost, kind)
    assert problem.reason == "1 picture was not read; save it as .docx"
