from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches

from indexer.errors import DamagedFileError, EncryptedError, NoTextError
from indexer.readers import ReadOptions
from indexer.readers import read as read_file
from indexer.readers.slides import read
from indexer.readers.verdict import judged
from tests.indexer.readers.picture_files import LONG, photo, png

DIAGRAM = """<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"
xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst>
<dgm:pt modelId="1"><dgm:t><a:bodyPr/><a:p><a:r><a:t>立项</a:t></a:r></a:p></dgm:t></dgm:pt>
<dgm:pt modelId="2"><dgm:t><a:bodyPr/><a:p><a:r><a:t>验收</a:t></a:r></a:p></dgm:t></dgm:pt>
<dgm:pt modelId="3" type="parTrans"/></dgm:ptLst></dgm:dataModel>"""
FRAME = """<p:graphicFrame xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"
xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><p:nvGraphicFramePr>
<p:cNvPr id="9" name="d"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x="0" y="0"/>
<a:ext cx="9" cy="9"/></p:xfrm><a:graphic><a:graphicData
uri="http://schemas.openxmlformats.org/drawingml/2006/diagram"><dgm:relIds r:dm="{}"
xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"/></a:graphicData></a:graphic>
</p:graphicFrame>"""
TITLE_AND_TEXT, TITLE_ONLY, BLANK = 1, 5, 6


@pytest.fixture
def deck():
    return Presentation()


def saved(deck) -> bytes:
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def read_deck(deck):
    return read(Path("讲稿.pptx"), saved(deck))


def add_text(shapes, text, left, top):
    shapes.add_textbox(Inches(left), Inches(top), Inches(1), Inches(1)).text_frame.text = text


def test_a_slide_is_a_page_with_its_title_as_heading(deck):
    for title in ("总则", "附则"):
        slide = deck.slides.add_slide(deck.slide_layouts[TITLE_AND_TEXT])
        slide.shapes.title.text = title
        slide.placeholders[1].text = f"{title}要点\n第二点"
    document = read_deck(deck)
    assert document.text == "总则\n\n总则要点\n第二点\n\n附则\n\n附则要点\n第二点"
    assert document.title == "总则"
    assert [(heading.start, heading.level, heading.title) for heading in document.headings] == [
        (0, 1, "总则"),
        (14, 1, "附则"),
    ]
    assert [(page.number, document.text[page.start : page.end][:2]) for page in document.pages] == [
        (1, "总则"),
        (2, "附则"),
    ]


def test_shapes_are_read_by_rows_and_the_title_first(deck):
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    add_text(slide.shapes, "下", 1, 5)
    add_text(slide.shapes, "右上", 5, 2)
    add_text(slide.shapes, "左上", 1, 2.1)
    slide.shapes.title.text = "标题"
    group = slide.shapes.add_group_shape()
    add_text(group.shapes, "组内二", 1, 7)
    add_text(group.shapes, "组内一", 1, 6)
    assert read_deck(deck).text.split("\n\n") == ["标题", "左上", "右上", "下", "组内一\n组内二"]


def test_tables_are_rows(deck):
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    table = slide.shapes.add_table(3, 2, 0, 0, Inches(4), Inches(2)).table
    for row, cells in enumerate([("部门", "人数"), ("销售部", "12"), ("", "8")]):
        for column, cell in enumerate(cells):
            table.cell(row, column).text = cell
    table.cell(1, 0).merge(table.cell(2, 0))
    assert read_deck(deck).text == "部门 | 人数\n销售部 | 12\n销售部 | 8"


def test_charts_say_what_their_values_are(deck):
    data = CategoryChartData()
    data.categories = ["东部", "西部"]
    data.add_series("收入", (1, 2.5))
    data.add_series("成本", (3, None))
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(3), Inches(2), data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "各部收支"
    assert read_deck(deck).text == "各部收支\n东部；收入：1；成本：3\n西部；收入：2.5"


def add_diagram(slide, xml):
    part = Part(PackURI("/ppt/diagrams/data1.xml"), "application/xml", slide.part.package, xml.encode())
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData"
    slide.shapes._spTree.append(parse_xml(FRAME.format(slide.part.relate_to(part, kind))))


def test_the_points_of_smart_art_are_text(deck):
    add_diagram(deck.slides.add_slide(deck.slide_layouts[BLANK]), DIAGRAM)
    assert read_deck(deck).text == "立项\n验收"


def test_a_diagram_that_is_broken_costs_only_itself(deck):
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    slide.shapes.title.text = "标题"
    add_diagram(slide, "<broken")
    document = read_deck(deck)
    assert document.text == "标题"
    assert [(problem.page, problem.lost) for problem in document.problems] == [(1, True)]


def test_notes_follow_their_slide(deck):
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    slide.shapes.title.text = "标题"
    slide.notes_slide.notes_text_frame.text = "强调公平"
    assert read_deck(deck).text == "标题\n\n备注：强调公平"


def test_hidden_slides_are_left_out_and_named(deck):
    for title in ("公开", "不公开"):
        deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY]).shapes.title.text = title
    deck.slides[1]._element.set("show", "0")
    document = read_deck(deck)
    assert document.text == "公开"
    assert [(problem.page, problem.lost) for problem in document.problems] == [(2, False)]


def add_picture(deck, picture, shapes=None):
    shapes = shapes or deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    return shapes.add_picture(io.BytesIO(png(picture)), 0, 0, deck.slide_width, deck.slide_height)


def test_a_deck_that_was_exported_as_pictures_is_read(deck, ocr_reads):
    ocr_reads({400: "第一章 总则", 401: LONG})
    for width in (400, 401):
        add_picture(deck, photo(width))
    deck.slides[1].notes_slide.notes_text_frame.text = LONG * 20  # said about the slide, not on it
    document = judged(read_deck(deck), "python-pptx")
    assert document.text.startswith(f"第一章 总则\n\n{LONG}\n\n备注：")
    assert [page.reading.verdict for page in document.pages] == ["ocr", "ocr"]
    assert [problem.page for problem in document.problems] == [1, 2]
    assert (document.reading.engine, document.reading.score) == ("python-pptx, rapidocr", 0.98)


def test_a_slide_that_is_a_picture_is_missed_without_ocr(deck, tmp_path):
    never = ReadOptions(ocr="never")
    add_picture(deck, photo())
    deck.save(tmp_path / "a.pptx")
    with pytest.raises(NoTextError, match="--ocr auto reads pictures") as caught:
        read_file(tmp_path / "a.pptx", never)
    assert caught.value.kind == "scan"
    deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY]).shapes.title.text = "标题"
    deck.save(tmp_path / "a.pptx")
    document = read_file(tmp_path / "a.pptx", never)
    assert document.text == "标题"
    assert [page.reading.verdict for page in document.pages] == ["unreadable", "ok"]


def test_pictures_stand_in_the_order_of_the_shapes(deck, ocr_reads):
    ocr_reads({400: LONG})
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    add_text(slide.shapes, "下", 1, 5)
    group = slide.shapes.add_group_shape()
    add_text(group.shapes, "上", 1, 1)
    group.shapes.add_picture(io.BytesIO(png(photo())), 0, Inches(3), Inches(1), Inches(1))
    assert read_deck(deck).text == f"上\n{LONG}\n\n下"


def test_the_picture_behind_a_slide_is_one_of_its_pictures(deck, ocr_reads):
    ocr_reads({400: LONG})
    picture = add_picture(deck, photo())._element
    background = parse_xml(f"<p:bg {nsdecls('p', 'a')}><p:bgPr><a:blipFill/><a:effectLst/></p:bgPr></p:bg>")
    background[0][0].append(next(picture.iter("{*}blip")))
    picture.getparent().remove(picture)
    deck.slides[0]._element.cSld.insert(0, background)
    assert read_deck(deck).text == LONG


def test_a_logo_on_every_slide_is_not_read(deck, ocr_reads):
    asked = ocr_reads({400: LONG})
    for _ in range(3):
        add_picture(deck, photo())
    document = read_deck(deck)
    assert (document.text, document.problems, asked) == ("", (), [])


def test_what_is_no_presentation_is_refused(deck):
    whole = saved(deck)
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as made:
        made.writestr("a.txt", "甲")
    for data in (b"", whole[: len(whole) // 2], empty.getvalue()):
        with pytest.raises(DamagedFileError, match=r"\.pptx"):
            read(Path("讲稿.pptx"), data)


def test_a_password_is_said_to_be_needed():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EncryptedError):
        read(Path("讲稿.pptx"), data)
