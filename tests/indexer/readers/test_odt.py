from __future__ import annotations

import zipfile
from base64 import b64encode
from pathlib import Path

import pytest

from indexer.errors import DamagedFileError, EncryptedError
from indexer.model import Document
from indexer.readers import odt, rtf, word
from tests.indexer.readers.picture_files import LONG, photo, png

OFFICE = Path(__file__).parents[2] / "data" / "office"
ODF = "urn:oasis:names:tc:opendocument:xmlns:"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        **{name: f"{ODF}{name}:1.0" for name in ("office", "text", "table", "style", "meta", "manifest")},
        "draw": f"{ODF}drawing:1.0",
        "svg": f"{ODF}svg-compatible:1.0",
        "loext": "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0",
        "xlink": "http://www.w3.org/1999/xlink",
        "math": "http://www.w3.org/1998/Math/MathML",
        "dc": "http://purl.org/dc/elements/1.1/",
    }.items()
)


def number_style(name: str, *levels: str) -> str:
    inner = "".join(
        f'<text:list-level-style-number text:level="{depth}" {level}/>'
        for depth, level in enumerate(levels, 1)
    )
    return f'<text:list-style style:name="{name}">{inner}</text:list-style>'


ARTICLES = number_style("L", 'style:num-format="一, 二, 三, ..." loext:num-list-format="第%1%条"')
TWO_LEVELS = number_style(
    "L", 'style:num-format="1" style:num-suffix="."', 'style:num-format="a" text:display-levels="2"'
)


def content(body: str, styles: str = "") -> str:
    return (
        f"<office:document-content {NAMESPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )


def archived(path: Path, xml: str, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", xml)
        for name, part in parts.items():
            archive.writestr(name, part)
    return path


def read(folder: Path, body: str, styles: str = "", **parts: str) -> Document:
    path = archived(folder / "文.odt", content(body, styles), **parts)
    return odt.read(path, path.read_bytes())


def item(inner: str, attributes: str = "") -> str:
    inner = inner if inner.startswith("<") else f"<text:p>{inner}</text:p>"
    return f"<text:list-item {attributes}>{inner}</text:list-item>"


def listed(*items: str, attributes: str = 'text:style-name="L"') -> str:
    return f"<text:list {attributes}>{''.join(items)}</text:list>"


@pytest.mark.parametrize(("reader", "suffix"), [(odt.read, "odt"), (rtf.read, "rtf"), (word.read, "docx")])
def test_what_libreoffice_writes_reads_the_same_in_every_format(reader, suffix):
    path = OFFICE / f"word_lease.{suffix}"
    document = reader(path, path.read_bytes())
    assert document.text.split("\n\n") == [
        "房屋租赁合同",
        "第一章 总则",
        "第一百零五条 租赁房屋坐落于杭州市。",
        "第一百零六条 租金按季支付。",
        "［注］脚注：参见最高人民法院司法解释。",
        "甲、押金",
        "乙、水费",
        "地区 | 季度 | 销售额\n华东区 | 一季度 | 三百万元\n华东区 | 二季度 | 四百万元\n合计两项 | 七百万元",
        "附件如下。",
        "出租人盖章处",
    ]
    assert [(heading.level, heading.title) for heading in document.headings] == [
        (1, "房屋租赁合同"),
        (2, "第一章 总则"),
        (7, "第一百零五条"),
        (7, "第一百零六条"),
    ]


def test_articles_numbered_by_their_list_are_headings(tmp_path):
    body = listed(item("制定本法。"), item("<text:p>应当登记。</text:p><text:p>又一段。</text:p>"))
    body += "<text:p>插话。</text:p>" + listed(
        item("公布。"), attributes='text:style-name="L" text:continue-numbering="true"'
    )
    body += listed(item("另一份。"))
    document = read(tmp_path, body, ARTICLES)
    assert document.text.split("\n\n") == [
        "第一条 制定本法。",
        "第二条 应当登记。",
        "又一段。",
        "插话。",
        "第三条 公布。",
        "第一条 另一份。",
    ]
    assert [heading.title for heading in document.headings] == ["第一条", "第二条", "第三条", "第一条"]


def test_lists_in_lists_count_by_level(tmp_path):
    inner = listed(item("乙"), item("丙"), attributes="")
    body = listed(item("<text:p>甲</text:p>" + inner), item("丁", 'text:start-value="7"'), item(inner))
    assert read(tmp_path, body, TWO_LEVELS).text.split("\n\n") == [
        "1. 甲", "1.a 乙", "1.b 丙", "7. 丁", "7.a 乙", "7.b 丙"
    ]  # fmt: skip


def test_a_list_goes_on_with_the_one_that_it_names(tmp_path):
    body = listed(item("甲"), attributes='text:style-name="L" xml:id="one"') + listed(item("乙"))
    body += listed(item("丙"), attributes='text:style-name="L" text:continue-list="one"')
    assert read(tmp_path, body, ARTICLES).text.split("\n\n") == ["第一条 甲", "第一条 乙", "第二条 丙"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("1", "3"), ("i", "iii"), ("A", "C"), ("一, 二, 三, ...", "三"), ("甲, 乙, 丙, ...", "丙"),
        ("壹, 贰, 叁, ...", "叁"), ("壹, 貳, 參, ...", "參"), ("子, 丑, 寅, ...", "寅"),
        ("①, ②, ③, ...", "③"), ("１, ２, ３, ...", "３"), ("ア, イ, ...", "3"),
    ],
)  # fmt: skip
def test_numbers_in_their_formats(tmp_path, written, shown):
    style = number_style("L", f'style:num-format="{written}" style:num-prefix="（" style:num-suffix="）"')
    assert read(tmp_path, listed(item("文", 'text:start-value="3"')), style).text == f"（{shown}）文"


def test_headings_have_the_numbers_of_the_outline(tmp_path):
    styles = (
        '<text:outline-style style:name="Outline"><text:outline-level-style text:level="1" '
        'style:num-format="一, 二, 三, ..." style:num-prefix="第" style:num-suffix="章"/>'
        "</text:outline-style>"
        '<style:style style:name="P" style:family="paragraph" style:list-style-name=""/>'
        '<style:style style:name="T" style:family="paragraph" style:parent-style-name="Title"/>'
        '<style:style style:name="Title" style:family="paragraph"/>'
    )
    heading = '<text:h text:outline-level="{}" {}>{}</text:h>'
    body = '<text:p text:style-name="T">公司法</text:p>' + "".join(
        heading.format(level, more, title)
        for level, more, title in (
            (1, "", "总则"),
            (2, "", "目的"),
            (1, "", "登记"),
            (1, 'text:is-list-header="true"', "附则"),
            (1, 'text:style-name="P"', "附件"),
        )
    )
    document = read(tmp_path, body, styles)
    assert [(heading.level, heading.title) for heading in document.headings] == [
        (1, "公司法"), (2, "第一章 总则"), (3, "目的"), (2, "第二章 登记"), (2, "附则"), (2, "附件")
    ]  # fmt: skip


def test_spaces_are_what_the_page_shows(tmp_path):
    body = "<text:p>  甲<text:s text:c='2'/>乙\n   <text:span>丙</text:span><text:tab/>丁"
    assert read(tmp_path, body + "<text:line-break/>\u3000戊</text:p>").text == "甲  乙 丙\t丁\n\u3000戊"


def change(name: str, inner: str) -> str:
    return (
        f"<text:changed-region text:id='{name}'><text:deletion>{inner}</text:deletion></text:changed-region>"
    )


def test_what_is_not_shown_is_left_out(tmp_path):
    styles = (
        '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/>'
        "</style:style>"
    )
    changes = change("d", "<text:p>早已删去</text:p>") + change("e", "")
    body = (
        f"<text:tracked-changes>{changes}</text:tracked-changes>"
        "<text:table-of-content><text:index-body><text:p>总则 1</text:p></text:index-body>"
        "</text:table-of-content>"
        "<text:section text:display='none'><text:p>隐藏节</text:p></text:section>"
        "<text:p>甲<text:change-start text:change-id='d'/>删<text:change-end text:change-id='d'/>乙"
        "<office:annotation><text:p>批注</text:p></office:annotation>"
        "<text:span text:style-name='H'>隐</text:span>"
        "<text:ruby><text:ruby-base>中</text:ruby-base><text:ruby-text>zhōng</text:ruby-text></text:ruby>"
        "<text:change-start text:change-id='e'/>丙</text:p><text:p>丁</text:p>"
    )
    assert read(tmp_path, body, styles).text == "甲乙中丙\n\n丁"


def test_notes_boxes_and_formulas_stand_where_they_belong(tmp_path):
    formula = (
        f"<math:math {NAMESPACES}><math:semantics>"
        "<math:mfrac><math:mn>1</math:mn><math:mn>2</math:mn></math:mfrac>"
        "<math:annotation>1 over 2</math:annotation></math:semantics></math:math>"
    )
    body = (
        "<text:p>面积<draw:frame><draw:object xlink:href='./Object 1'/><svg:desc>公式</svg:desc></draw:frame>"
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>甲注。</text:p></text:note-body>"
        "</text:note><draw:frame><draw:text-box><text:p>框</text:p></draw:text-box></draw:frame>左右</text:p>"
        "<draw:frame><draw:text-box><text:p>页框</text:p></draw:text-box></draw:frame>"
    )
    found = read(tmp_path, body, **{"Object 1/content.xml": formula})
    assert found.text.split("\n\n") == ["面积1/2左右", "［注］甲注。", "框", "页框"]


def test_merged_cells_stand_in_each_row_and_once_in_their_own(tmp_path):
    def row(*cells: str) -> str:
        made = (
            one if one.startswith("<") else f"<table:table-cell><text:p>{one}</text:p></table:table-cell>"
            for one in cells
        )
        return f"<table:table-row>{''.join(made)}</table:table-row>"

    tall = '<table:table-cell table:number-rows-spanned="2"><text:p>华东</text:p></table:table-cell>'
    wide = '<table:table-cell table:number-columns-spanned="2"><text:p>合计</text:p></table:table-cell>'
    covered = "<table:covered-table-cell/>"
    body = (
        f"<table:table><table:table-header-rows>{row('地区', '季度', '额')}</table:table-header-rows>"
        f"{row(tall, '一季度', '300')}{row(covered, '二季度', '400')}"
        f"{row(wide, covered, '700')}</table:table>"
        f"<table:table>{row('<table:table-cell><text:h>框</text:h><text:p>文</text:p></table:table-cell>')}</table:table>"
    )
    document = read(tmp_path, body)
    assert document.text == (
        "地区 | 季度 | 额\n华东 | 一季度 | 300\n华东 | 二季度 | 400\n合计 | 700\n\n框\n\n文"
    )
    assert [heading.title for heading in document.headings] == ["框"]


def test_the_title_is_that_of_the_document(tmp_path):
    inner = "<office:meta><dc:title>公司法</dc:title></office:meta>"
    meta = f"<office:document-meta {NAMESPACES}>{inner}</office:document-meta>"
    assert read(tmp_path, "<text:p>文</text:p>", **{"meta.xml": meta}).title == "公司法"
    assert read(tmp_path, "<text:p>文</text:p>").title == "文"


def test_a_flat_document_reads_as_one_in_an_archive(tmp_path):
    body = listed(item("制定本法。"))
    flat = content(body, ARTICLES).replace("office:document-content", "office:document")
    document = odt.read(tmp_path / "文.fodt", b'\xef\xbb\xbf<?xml version="1.0"?>' + flat.encode())
    assert document == read(tmp_path, body, ARTICLES)


def test_a_password_is_asked_for(tmp_path):
    manifest = (
        f"<manifest:manifest {NAMESPACES}><manifest:file-entry><manifest:encryption-data/>"
        "</manifest:file-entry>"
        "</manifest:manifest>"
    )
    path = archived(tmp_path / "a.odt", "\x07\x93 no XML", **{"META-INF/manifest.xml": manifest})
    with pytest.raises(EncryptedError, match="needs a password"):
        odt.read(path, path.read_bytes())


SHEET = f"<x {NAMESPACES}><office:body><office:spreadsheet/></office:body></x>"
BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>" + content("<text:p>&b;</text:p>")
NESTED = content("<text:list><text:list-item>" * 150 + "</text:list-item></text:list>" * 150)


@pytest.mark.parametrize(
    ("xml", "reason"),
    [(SHEET, "'spreadsheet'"), (BOMB, "DTD"), (NESTED, "depth"), ("<a>", "broken")],
    ids=["sheet", "entities", "deep", "cut"],
)
def test_what_is_no_text_or_hostile_is_refused(tmp_path, xml, reason):
    path = archived(tmp_path / "a.odt", xml)
    with pytest.raises(DamagedFileError, match=reason):
        odt.read(path, path.read_bytes())


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "it is empty"), (b"PK\x05\x06" + bytes(18), "no content.xml"), (b"<html></html>", "'html'")],
    ids=["empty", "zip", "html"],
)
def test_what_is_no_document_is_refused(data, reason):
    with pytest.raises(DamagedFileError, match=reason):
        odt.read(Path("a.odt"), data)


def test_numbers_that_no_document_has_do_no_harm(tmp_path):
    body = (
        "<text:p>甲<text:s text:c='999999999'/>乙</text:p>"
        "<text:h text:outline-level='999999999'>丙</text:h><table:table><table:table-row><table:table-cell/>"
        "<table:covered-table-cell table:number-columns-repeated='999999999'/><table:table-cell "
        "table:number-rows-spanned='-4'><text:p>丁</text:p></table:table-cell></table:table-row></table:table>"
    )
    found = read(tmp_path, body).text
    assert len(found) < 200
    assert [sign for sign in "甲乙丙丁" if sign in found] == ["甲", "乙", "丙", "丁"]


def frame(inner: str) -> str:
    return f"<draw:frame>{inner}</draw:frame>"


def image(name: str) -> str:
    return f'<draw:image xlink:href="{name}"/>'


def with_pictures(folder: Path, body: str, *names: str) -> Document:
    path = archived(folder / "文.odt", content(body))
    with zipfile.ZipFile(path, "a") as archive:
        for name in names:
            archive.writestr(name, png(photo()))
    return odt.read(path, path.read_bytes())


def test_a_picture_is_read_where_it_stands(tmp_path, ocr_reads):
    ocr_reads({400: LONG})
    body = f"<text:p>图一{frame(image('Pictures/a.png'))}</text:p><text:p>完</text:p>"
    document = with_pictures(tmp_path, body, "Pictures/a.png")
    assert document.text == f"图一\n\n{LONG}\n\n完"
    assert (document.reading.verdict, document.reading.score) == ("ocr", 0.98)


def test_a_picture_within_a_flat_file_is_read(ocr_reads):
    ocr_reads({400: LONG})
    data = b64encode(png(photo())).decode()
    flat = content(
        f"<text:p>{frame(f'<draw:image><office:binary-data>{data}</office:binary-data></draw:image>')}</text:p>"
    )
    assert odt.read(Path("a.fodt"), flat.encode()).text == LONG


def test_of_several_forms_of_a_picture_one_is_read(tmp_path, ocr_reads):
    asked = ocr_reads({400: LONG})
    body = f"<text:p>{frame(image('a.svg') + image('a.png'))}</text:p>"
    document = with_pictures(tmp_path, body, "a.png", "a.svg")
    assert (document.text, len(asked)) == (LONG, 1)


@pytest.mark.parametrize(
    "body",
    [
        frame(f"<draw:object><math:math><math:mi>x</math:mi></math:math></draw:object>{image('a.png')}"),
        frame(image("b.png")),
    ],
    ids=["a formula's", "missing"],
)
def test_pictures_that_say_nothing_more_are_not_read(tmp_path, ocr_reads, body):
    asked = ocr_reads({400: LONG})
    document = with_pictures(tmp_path, f"<text:p>正文{body}</text:p>", "a.png")
    assert document.text.startswith("正文")
    assert (document.problems, asked) == ((), [])
