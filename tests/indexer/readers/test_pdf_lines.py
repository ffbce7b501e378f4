from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter, Transformation
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    RectangleObject,
    StreamObject,
)

from indexer.normalize import fold_radicals
from indexer.readers.pdf import pdfium, pypdf_lines
from indexer.readers.pdf.layout import page_text
from indexer.readers.pdf.lines import Line, cleaned, closed_up

PDFS = Path(__file__).parents[2] / "data" / "pdf"
WIDTH, HEIGHT = 595, 842

Lines = Callable[[Path, int], list[Line]]


def by_pdfium(path: Path, number: int = 1) -> list[Line]:
    with pypdfium2.PdfDocument(path) as document:
        return pdfium.page_lines(document, number)[0]


def by_pypdf(path: Path, number: int = 1) -> list[Line]:
    return pypdf_lines.page_lines(PdfReader(path).pages[number - 1])


both_engines = pytest.mark.parametrize("page_lines", [by_pdfium, by_pypdf], ids=["pdfium", "pypdf"])


def han_font() -> DictionaryObject:
    """A font that every viewer has in store, so that the file needs to hold none."""
    descendant = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/CIDFontType0"),
            NameObject("/BaseFont"): NameObject("/STSong-Light"),
            NameObject("/CIDSystemInfo"): DictionaryObject({NameObject("/Supplement"): NumberObject(4)}),
            NameObject("/DW"): NumberObject(1000),
        }
    )
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type0"),
            NameObject("/BaseFont"): NameObject("/STSong-Light"),
            NameObject("/Encoding"): NameObject("/UniGB-UCS2-H"),
            NameObject("/DescendantFonts"): ArrayObject([descendant]),
        }
    )


def latin_font() -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )


def drawn(
    path: Path, texts: Sequence[tuple[float, float, str]], *, size: int = 10, mode: int = 0
) -> PdfWriter:
    """A page with texts at their left end and baseline, in points from the top left; written to the path."""
    writer = PdfWriter()
    page = writer.add_blank_page(WIDTH, HEIGHT)
    fonts = DictionaryObject({NameObject("/H"): han_font(), NameObject("/L"): latin_font()})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    stream = StreamObject()
    commands = []
    for x, y, text in texts:
        font = "L" if text.isascii() else "H"
        code = text.encode("ascii" if text.isascii() else "utf-16-be").hex()
        commands.append(f"BT {mode} Tr /{font} {size} Tf 1 0 0 1 {x} {HEIGHT - y} Tm <{code}> Tj ET")
    stream.set_data("\n".join(commands).encode())
    page[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(path)
    return writer


def boxes(lines: Sequence[Line]) -> list[tuple[str, int, int, int]]:
    return [(line.text, round(line.x0), round(line.x1), round(line.y1)) for line in lines]


@both_engines
def test_a_line_has_its_text_its_box_and_its_size(tmp_path, page_lines):
    drawn(tmp_path / "a.pdf", [(100, 200, "试用期最长六个月")], size=12)
    (line,) = page_lines(tmp_path / "a.pdf")
    assert (line.text, line.size, line.vertical) == ("试用期最长六个月", 12, False)
    assert (line.x0, line.x1) == pytest.approx((100, 100 + 8 * 12), abs=1)
    assert line.y0 < 200 < line.y1
    assert line.y1 - line.y0 == pytest.approx(12)


@both_engines
def test_columns_on_one_baseline_are_lines_of_their_own(tmp_path, page_lines):
    drawn(tmp_path / "a.pdf", [(50, 100, "左栏第一行文字"), (150, 100, "右栏第一行文字")])
    assert boxes(page_lines(tmp_path / "a.pdf")) == [
        ("左栏第一行文字", 50, 120, 101),
        ("右栏第一行文字", 150, 220, 101),
    ]


@both_engines
def test_pieces_that_touch_are_one_line(tmp_path, page_lines):
    drawn(tmp_path / "a.pdf", [(50, 100, "劳动合同"), (90, 100, "的解除")])
    assert [line.text for line in page_lines(tmp_path / "a.pdf")] == ["劳动合同的解除"]


@both_engines
def test_a_turned_page_is_read_upright(tmp_path, page_lines):
    for quarter_turns in (1, 2, 3):
        writer = drawn(tmp_path / "a.pdf", [(100, 200, "试用期最长六个月"), (100, 220, "第二行")])
        upright = boxes(page_lines(tmp_path / "a.pdf"))
        page = writer.pages[0]
        # The content turns anticlockwise, and /Rotate turns it back.
        turn, size = (
            (Transformation().rotate(90).translate(HEIGHT, 0), (HEIGHT, WIDTH)),
            (Transformation().rotate(180).translate(WIDTH, HEIGHT), (WIDTH, HEIGHT)),
            (Transformation().rotate(270).translate(0, WIDTH), (HEIGHT, WIDTH)),
        )[quarter_turns - 1]
        page.add_transformation(turn)
        page.mediabox = page.cropbox = RectangleObject((0, 0, *size))
        page.rotate(90 * quarter_turns)
        writer.write(tmp_path / "turned.pdf")
        assert boxes(page_lines(tmp_path / "turned.pdf")) == upright


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_is_whole_whichever_way_it_is_drawn_and_shown(tmp_path, turn, rotation):
    """Of a file that draws each character by itself, as browsers do, and of vertical text."""
    sentence = "试用期最长六个月。"
    single = [(100 + 10 * index, 200, char) for index, char in enumerate(sentence)]
    browser = drawn(tmp_path / "a.pdf", [*single, (100, 220, "第二行")])
    vertical = PdfWriter(clone_from=PDFS / "cid_unigb_v_vertical_notembedded.pdf")
    for writer, beginning in ((browser, sentence), (vertical, "第九百八十九条本编调整")):
        page = writer.pages[0]
        middle = float(page.mediabox.width) / 2, float(page.mediabox.height) / 2
        page.add_transformation(
            Transformation().translate(-middle[0], -middle[1]).rotate(turn).translate(middle[1], middle[1])
        )
        page.mediabox = page.cropbox = RectangleObject((-400, -400, 1600, 1600))
        page.rotate(rotation)
        writer.write(tmp_path / "turned.pdf")
        lines = by_pdfium(tmp_path / "turned.pdf")
        assert any(line.text.startswith(beginning) for line in lines)
        assert page_text(lines, 2000).text.startswith(beginning)


@both_engines
def test_text_that_lies_on_its_side_is_read_upright(tmp_path, page_lines):
    writer = drawn(tmp_path / "a.pdf", [(100, 200, "横排的宽表格")])
    page = writer.pages[0]
    page.add_transformation(Transformation().rotate(90).translate(HEIGHT, 0))
    page.mediabox = page.cropbox = RectangleObject((0, 0, HEIGHT, WIDTH))
    writer.write(tmp_path / "side.pdf")
    assert boxes(page_lines(tmp_path / "side.pdf")) == [("横排的宽表格", 100, 160, 201)]


@both_engines
def test_what_the_page_cuts_off_is_left_out(tmp_path, page_lines):
    writer = drawn(tmp_path / "a.pdf", [(100, 200, "页内"), (100, 20, "裁切线外的印刷标记")])
    writer.pages[0].cropbox = RectangleObject((40, 0, WIDTH, HEIGHT - 50))
    writer.write(tmp_path / "cut.pdf")
    assert boxes(page_lines(tmp_path / "cut.pdf")) == [("页内", 60, 80, 151)]


@both_engines
def test_the_invisible_text_of_a_scan_is_read(tmp_path, page_lines):
    drawn(tmp_path / "a.pdf", [(100, 200, "扫描件的文字层")], mode=3)
    assert [line.text for line in page_lines(tmp_path / "a.pdf")] == ["扫描件的文字层"]


def test_a_hyphen_at_the_end_of_a_line_joins_the_word(tmp_path):
    full = [(50, 100 + 12 * n, "a line of this length reaches the margin of the col-") for n in range(3)]
    rest = (50, 136, "umn, and ends.")
    drawn(tmp_path / "a.pdf", [*full, rest])
    assert page_text(by_pdfium(tmp_path / "a.pdf"), WIDTH).text.endswith(
        "the margin of the column, and ends."
    )


@both_engines
def test_the_fonts_of_a_browser_do_not_spread_a_line(page_lines):
    lines = [fold_radicals(line.text) for line in page_lines(PDFS / "browser_spread.pdf")]
    assert lines[1] == "第一章 总则"
    assert lines[-1] == "由省政府解释、修订。"


def test_titles_and_figures_that_are_spread_are_closed_up():
    lines = [line.text for line in by_pdfium(PDFS / "browser_spread.pdf")]
    assert lines[:4] == ["目录", "第一章 总则", "合同法", "自105年起施行，"]


@pytest.mark.parametrize(
    ("pieces", "gaps", "text"),
    [
        (["目", "录"], [2.0], "目录"),
        (["第", "一", "章", "总", "则"], [1.0, 1.0, 3.0, 1.0], "第一章 总则"),
        (["第一章", "总则"], [1.0], "第一章 总则"),
        (["表", "1"], [1.0], "表 1"),
        (["A", "B", "C"], [1.0, 1.0], "A B C"),
    ],
)
def test_only_a_title_of_single_characters_is_closed_up(pieces, gaps, text):
    assert closed_up(pieces, [" "] * len(gaps), gaps) == text


def test_the_punctuation_of_vertical_text_is_that_of_all_text():
    assert cleaned("︽民法典︾︐第一条︒\u200b") == "《民法典》，第一条。"


def test_columns_of_vertical_text_are_lines():
    lines = by_pdfium(PDFS / "cid_unigb_v_vertical_notembedded.pdf")
    assert all(line.vertical for line in lines)
    rightmost = max(lines, key=lambda line: line.x0)
    assert rightmost.text.startswith("第九百八十九条本编调整")
    assert rightmost.y1 - rightmost.y0 == pytest.approx(14 * len(rightmost.text), abs=1)


def test_text_along_the_margin_is_one_line(tmp_path):
    writer = drawn(tmp_path / "a.pdf", [(100, 200 + 20 * n, "正文的文字比边注多得多") for n in range(9)])
    stream = StreamObject()
    code = "内部资料注意保存".encode("utf-16-be").hex()
    body = writer.pages[0].get_contents().get_data()
    stream.set_data(body + f"\nBT /H 10 Tf 0 1 -1 0 30 300 Tm <{code}> Tj ET".encode())
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)
    writer.write(tmp_path / "a.pdf")
    assert by_pdfium(tmp_path / "a.pdf")[-1].text == "内部资料注意保存"
    assert by_pdfium(tmp_path / "a.pdf")[-1].vertical


def test_a_page_of_too_many_characters_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pdfium, "_MAX_CHARACTERS", 5)
    drawn(tmp_path / "a.pdf", [(100, 200, "试用期最长六个月")])
    with pytest.raises(pypdfium2.PdfiumError, match="8 characters, over the limit of 5"):
        by_pdfium(tmp_path / "a.pdf")
