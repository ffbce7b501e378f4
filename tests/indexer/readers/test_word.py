from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from indexer.errors import DamagedFileError, EncryptedError, NoTextError
from indexer.model import Document
from indexer.readers import ReadOptions, read, word
from tests.indexer.readers import word_files as xml
from tests.indexer.readers.picture_files import LONG, STARTS, photo, png, scan


def law(path: Path) -> Path:
    document = docx.Document()
    document.add_heading("中华人民共和国公司法", level=0)
    document.add_heading("第一章 总则", level=1)
    document.add_paragraph("第一条 为了规范公司的组织和行为，制定本法。")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["类型", "人数", "有限责任公司", "五十人以下"], strict=True):
        cell.text = text
    document.add_heading("第二章 登记", level=1)
    document.add_paragraph("第二条 设立公司，应当申请登记。")
    document.save(path)
    return path


def test_paragraphs_and_tables_keep_their_order(tmp_path):
    assert read(law(tmp_path / "law.docx")).text == (
        "中华人民共和国公司法\n\n第一章 总则\n\n第一条 为了规范公司的组织和行为，制定本法。\n\n"
        "类型 | 人数\n有限责任公司 | 五十人以下\n\n第二章 登记\n\n第二条 设立公司，应当申请登记。"
    )


def test_styles_give_the_headings_and_numbers_the_articles(tmp_path):
    document = read(law(tmp_path / "law.docx"))
    assert [(heading.level, heading.title) for heading in document.headings] == [
        (1, "中华人民共和国公司法"),
        (2, "第一章 总则"),
        (7, "第一条"),
        (2, "第二章 登记"),
        (7, "第二条"),
    ]
    assert document.title == "中华人民共和国公司法"


def test_chinese_style_names_and_outline_levels_are_headings(tmp_path):
    document = docx.Document()
    style = document.styles.add_style("标题 2", 1)
    document.add_paragraph("背景", style=style)
    outlined = document.add_paragraph("大纲级别")
    outlined._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="2"/>'))
    document.add_paragraph("正文")
    document.save(tmp_path / "a.docx")
    found = read(tmp_path / "a.docx").headings
    assert [(heading.level, heading.title) for heading in found] == [(2, "背景"), (3, "大纲级别")]


def test_insertions_links_and_content_controls_are_text_and_deletions_are_not(tmp_path):
    document = docx.Document()
    w = nsdecls("w")
    paragraph = document.add_paragraph("开头")
    for inner in (
        f"<w:ins {w}><w:r><w:t>插入</w:t></w:r></w:ins>",
        f"<w:del {w}><w:r><w:delText>删除</w:delText></w:r></w:del>",
        f"<w:hyperlink {w}><w:r><w:t>链接</w:t><w:br/><w:t>换行</w:t></w:r></w:hyperlink>",
    ):
        paragraph._p.append(parse_xml(inner))
    control = f"<w:sdt {w}><w:sdtContent><w:p><w:r><w:t>控件</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    document.element.body.insert(1, parse_xml(control))
    document.save(tmp_path / "a.docx")
    assert read(tmp_path / "a.docx").text == "开头插入链接\n换行\n\n控件"


def test_without_any_heading_the_file_name_is_the_title(tmp_path):
    document = docx.Document()
    document.add_paragraph("只有一段。")
    document.save(tmp_path / "便条.docx")
    assert read(tmp_path / "便条.docx").title == "便条"


def text_of(folder: Path, body: str, **parts: str) -> str:
    return xml.read(folder, body, **parts).text


BOX = "<w:txbxContent>" + xml.paragraph("框里的字") + "</w:txbxContent>"
EITHER = (
    f"<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx>{BOX}</wps:txbx></w:drawing>"
    f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{BOX}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
)


@pytest.mark.parametrize(
    "anchored",
    [EITHER, EITHER.replace(BOX, "", 1), f"<w:r><w:pict><v:textbox>{BOX}</v:textbox></w:pict></w:r>"],
    ids=["both", "only the fallback has it", "vml"],
)
def test_a_text_box_follows_its_paragraph_once(tmp_path, anchored):
    body = xml.paragraph(xml.run("前") + anchored + xml.run("后")) + xml.paragraph("下一段")
    assert text_of(tmp_path, body) == "前后\n\n框里的字\n\n下一段"


def test_notes_follow_the_paragraph_that_refers_to_them(tmp_path):
    notes = "".join(
        f'<w:footnote w:id="{number}" w:type="{kind}">{xml.paragraph(text)}</w:footnote>'
        for number, kind, text in (
            (0, "separator", "线"),
            (1, "normal", "甲注。"),
            (2, "normal", "无人引用。"),
        )
    )
    ends = f'<w:endnote w:id="1">{xml.paragraph("尾注。") + xml.paragraph("又一段。")}</w:endnote>'
    body = xml.paragraph(
        xml.run("正文")
        + '<w:r><w:footnoteReference w:id="1"/><w:endnoteReference w:id="1"/>'
        + '<w:footnoteReference w:id="7"/></w:r>'
        + xml.run("继续。")
    )
    body += xml.paragraph(xml.run("再引") + '<w:r><w:footnoteReference w:id="1"/></w:r>')
    assert text_of(tmp_path, body, footnotes=notes, endnotes=ends).split("\n\n") == [
        "正文继续。",
        "［注］甲注。",
        "［注］尾注。\n又一段。",
        "再引",
    ]


def test_a_note_that_refers_to_itself_ends(tmp_path):
    note = xml.paragraph(xml.run("注") + '<w:r><w:footnoteReference w:id="1"/></w:r>')
    body = xml.paragraph(xml.run("文") + '<w:r><w:footnoteReference w:id="1"/></w:r>')
    found = text_of(tmp_path, body, footnotes=f'<w:footnote w:id="1">{note}</w:footnote>')
    assert found == "文\n\n［注］注"


def test_merged_cells_stand_in_each_row_and_once_in_their_own(tmp_path):
    first, below = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = xml.table(
        xml.row("地区", "季度", "销售额"),
        xml.row(xml.cell("华东", first), "一季度", "300"),
        xml.row(xml.cell("", below), "二季度", "400"),
        xml.row(xml.cell("两季合计", '<w:gridSpan w:val="2"/>'), "700"),
        xml.row(xml.cell("华北", first), "一季度", "200"),
    )
    assert text_of(tmp_path, body) == (
        "地区 | 季度 | 销售额\n华东 | 一季度 | 300\n华东 | 二季度 | 400\n两季合计 | 700\n华北 | 一季度 | 200"
    )


def test_a_long_merged_cell_is_not_repeated(tmp_path):
    rows = [xml.row(xml.cell("长" * 500, '<w:vMerge w:val="restart"/>'), "甲")]
    rows += [xml.row(xml.cell("", "<w:vMerge/>"), "乙")] * 20
    assert text_of(tmp_path, xml.table(*rows)).count("长") == 500


def test_a_long_table_has_its_header_again_and_a_short_one_has_not(tmp_path):
    header = xml.row("编号", "2023年", properties="<w:tblHeader/>")
    rows = [xml.row(f"货物{number}", "十万元整") for number in range(80)]
    assert text_of(tmp_path, xml.table(header, *rows[:9])).count("编号 | 2023年") == 1
    long = text_of(tmp_path, xml.table(header, *rows)).split("\n")
    places = [index for index, line in enumerate(long) if line == "编号 | 2023年"]
    assert len(places) > 1
    assert places[0] == 0
    assert [line for line in long if line != "编号 | 2023年"] == [f"货物{n} | 十万元整" for n in range(80)]


def test_rows_of_values_are_never_taken_for_a_header(tmp_path):
    rows = [xml.row(f"第{number}号合同", "十万元整") for number in range(80)]
    assert text_of(tmp_path, xml.table(*rows)).count("第0号合同") == 1


def test_a_frame_of_one_column_is_read_as_its_paragraphs(tmp_path):
    heading = xml.paragraph("第一章 总则", '<w:outlineLvl w:val="0"/>')
    inner = xml.table(xml.row("a", "b"), xml.row("c", "d"))
    document = xml.read(tmp_path, xml.table(xml.row(xml.cell(heading + xml.paragraph("正文。") + inner))))
    assert document.text == "第一章 总则\n\n正文。\n\na | b\nc | d"
    assert [heading.title for heading in document.headings] == ["第一章 总则"]


def test_a_table_in_a_cell_follows_the_row_and_is_read_once(tmp_path):
    inner = xml.table(xml.row("c", "d"))
    body = xml.table(xml.row("a", xml.cell(xml.paragraph("b") + inner + xml.paragraph())), xml.row("e", "f"))
    assert text_of(tmp_path, body) == "a | b\nc | d\ne | f"


def test_numbers_count_in_the_cells_of_a_table(tmp_path):
    numbering = xml.listed(xml.level(0, "decimal", "%1")) + xml.used(1)
    body = xml.table(*(xml.row(xml.cell(xml.item("")), name) for name in ("甲", "乙")))
    assert text_of(tmp_path, body, numbering=numbering) == "1 | 甲\n2 | 乙"


def test_deleted_rows_and_the_ends_of_deleted_paragraphs_are_gone(tmp_path):
    body = xml.table(xml.row("留", "下"), xml.row("删", "去", properties="<w:del/>"))
    body += xml.paragraph("上半", "<w:rPr><w:del/></w:rPr>") + xml.paragraph("下半")
    assert text_of(tmp_path, body) == "留 | 下\n\n上半下半"


def test_moved_text_stands_where_it_was_moved_to(tmp_path):
    body = xml.paragraph(f"<w:moveFrom>{xml.run('移')}</w:moveFrom>" + xml.run("原处"))
    body += xml.paragraph(f"<w:moveTo>{xml.run('移')}</w:moveTo>" + xml.run("新处"))
    assert text_of(tmp_path, body) == "原处\n\n移新处"


def test_hidden_text_is_left_out_by_itself_or_by_its_style(tmp_path):
    styles = (
        '<w:style w:type="character" w:styleId="C"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="P"><w:rPr><w:vanish/></w:rPr></w:style>'
    )
    body = xml.paragraph(
        xml.run("可见") + xml.run("甲", "<w:vanish/>") + xml.run("乙", '<w:rStyle w:val="C"/>')
        + xml.run("也可见", '<w:rStyle w:val="C"/><w:vanish w:val="0"/>')
    )  # fmt: skip
    body += xml.paragraph("丙", '<w:pStyle w:val="P"/>')
    assert text_of(tmp_path, body, styles=styles) == "可见也可见"


RUBY = f"<w:r><w:ruby><w:rt>{xml.run('zhōng')}</w:rt><w:rubyBase>{xml.run('中')}</w:rubyBase></w:ruby></w:r>"


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def fieldwise(instruction: str, result: str) -> str:
    told = f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
    return mark("begin") + told + (mark("separate") + result if result else "") + mark("end")


def test_a_field_shows_its_result(tmp_path):
    inner = fieldwise(" MERGEFIELD 姓名 ", xml.run("张三"))
    told = f"<w:r><w:instrText>IF </w:instrText></w:r>{inner}"
    body = xml.paragraph(
        xml.run("见") + fieldwise(" REF _1 ", xml.run("第三条")) + mark("begin") + told + mark("separate")
        + xml.run("先生") + mark("end") + f'<w:fldSimple w:instr="DATE">{xml.run("今日")}</w:fldSimple>'
    )  # fmt: skip
    assert text_of(tmp_path, body) == "见第三条先生今日"


def test_a_table_of_contents_is_left_out(tmp_path):
    begin = mark("begin") + '<w:r><w:instrText> TOC \\o "1-3" </w:instrText></w:r>' + mark("separate")
    body = (
        xml.paragraph(begin + xml.run("第一章 总则\t1"))
        + xml.paragraph("第二章 登记")
        + xml.paragraph(mark("end"))
    )
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    control = (
        f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{xml.paragraph('目录')}</w:sdtContent></w:sdt>"
    )
    assert text_of(tmp_path, control + body + xml.paragraph("正文。")) == "正文。"


def test_a_table_of_contents_can_begin_and_end_in_paragraphs_of_its_style(tmp_path):
    styles = '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="toc 1"/></w:style>'
    begin = mark("begin") + "<w:r><w:instrText> TOC </w:instrText></w:r>" + mark("separate")
    entry = '<w:pStyle w:val="T"/>'
    body = xml.paragraph(xml.run("目录") + begin) + xml.paragraph("一节")
    body += xml.paragraph(xml.run("二节") + mark("end"), entry) + xml.paragraph("正文。")
    assert text_of(tmp_path, body, styles=styles) == "目录\n\n正文。"
    body = (
        xml.paragraph(begin + xml.run("一节"), entry) + xml.paragraph(mark("end")) + xml.paragraph("正文。")
    )
    assert text_of(tmp_path, body, styles=styles) == "正文。"


def test_a_table_of_contents_without_its_end_hides_nothing(tmp_path):
    begin = mark("begin") + "<w:r><w:instrText> TOC </w:instrText></w:r>" + mark("separate")
    numbering = xml.listed(xml.level(0, "decimal", "%1.")) + xml.used(1)
    body = xml.paragraph(begin) + xml.item("甲") + xml.item("乙")
    assert text_of(tmp_path, body, numbering=numbering) == "1. 甲\n\n2. 乙"


@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        (fieldwise(r" EQ \o\ac(○,3) ", ""), "③"),
        (fieldwise(r" EQ \o\ac(□,正) ", ""), "正"),
        (fieldwise(r" EQ \* jc2 \o\ad(\s\up 9(zhōng),中) ", ""), "中"),
        (fieldwise(" PAGE ", ""), ""),
        (RUBY, "中"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="Symbol" w:char="F061"/></w:r>', "☑α"),
        ('<w:r><w:sym w:font="宋体" w:char="2605"/><w:sym w:font="Webdings" w:char="F021"/></w:r>', "★"),
        ('<w:r><w:sym w:font="Symbol" w:char="110000"/><w:sym w:font="Symbol" w:char="x"/></w:r>', ""),
        ("<w:r><w:t>a</w:t><w:tab/><w:noBreakHyphen/><w:softHyphen/><w:t>b</w:t></w:r>", "a\t-b"),
        ("<w:r><w:pict><v:textpath string='x'/></w:pict></w:r>", "。\n\nx"),
    ],
)  # fmt: skip
def test_characters_that_are_no_plain_text(tmp_path, inner, shown):
    end = "" if shown.startswith("。") else "。"
    assert text_of(tmp_path, xml.paragraph(xml.run("") + inner + xml.run("。"))) == shown + end


def test_formulas_keep_their_numbers_apart(tmp_path):
    def part(name: str, *inner: str) -> str:
        return (
            f"<m:{name}>"
            + "".join(one if one[0] == "<" else f"<m:r><m:t>{one}</m:t></m:r>" for one in inner)
            + f"</m:{name}>"
        )

    formula = part(
        "oMath",
        "S=",
        part("f", part("num", "1"), part("den", "2")),
        part("sSup", part("e", "x"), part("sup", "10")),
        part("rad", part("deg"), part("e", "a+b")),
        part("d", part("e", "y")),
    )
    assert text_of(tmp_path, xml.paragraph(xml.run("面积") + formula)) == "面积S=1/2x^10√(a+b)(y)"


def test_deeply_nested_formulas_take_no_longer(tmp_path):
    formula = "<m:sSup><m:sup>" * 100 + "<m:r><m:t>x</m:t></m:r>" + "</m:sup></m:sSup>" * 100
    assert text_of(tmp_path, xml.paragraph(f"<m:oMath>{formula}</m:oMath>")).count("x") == 1


def test_text_that_is_not_read_is_a_problem(tmp_path):
    diagram = "<d:relIds xmlns:d='http://schemas.openxmlformats.org/drawingml/2006/diagram'/>"
    document = xml.read(tmp_path, xml.paragraph(xml.run("文") + f"<w:r>{diagram}</w:r>") + "<w:altChunk/>")
    assert document.text == "文"
    assert [(problem.lost, problem.reason[12:22]) for problem in document.problems] == [
        (True, "1 inserted"),
        (True, "1 diagrams"),
    ]


def test_strict_documents_and_those_without_styles_are_read_alike(tmp_path):
    body = xml.paragraph("总则", '<w:pStyle w:val="Heading1"/>') + xml.table(xml.row("a", "b"))
    usual = xml.read(tmp_path, body)
    strict = xml.document_xml(body)
    for old, new in (
        (
            "schemas.openxmlformats.org/wordprocessingml/2006/main",
            "purl.oclc.org/ooxml/wordprocessingml/main",
        ),
        ("schemas.openxmlformats.org/officeDocument/2006/math", "purl.oclc.org/ooxml/officeDocument/math"),
    ):
        strict = strict.replace(old, new)
    assert xml.read(tmp_path, '<?xml version="1.0"?>' + strict) == usual
    assert [heading.title for heading in usual.headings] == ["总则"]


@pytest.mark.parametrize("suffix", [".docm", ".dotx"])
def test_macros_and_templates_are_documents(tmp_path, suffix):
    path = law(tmp_path / "law.docx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / f"a{suffix}", "w") as target:
        for name in source.namelist():
            kind = "application/vnd.ms-word.document.macroEnabled.main+xml"
            usual = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
            target.writestr(name, source.read(name).replace(usual.encode(), kind.encode()))
    made = tmp_path / f"a{suffix}"
    assert word.read(made, made.read_bytes()).text == read(path).text


def test_the_document_may_have_another_name(tmp_path):
    path = xml.archived(tmp_path / "a.docx", xml.paragraph("文"), main="word/document2.xml")
    assert word.read(path, path.read_bytes()).text == "文"


ENTITIES = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
)


DEEP = '<?xml version="1.0"?>' + xml.document_xml("<w:tbl><w:tr><w:tc>" * 90 + "</w:tc></w:tr></w:tbl>" * 90)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('<?xml version="1.0"?>' + ENTITIES + "]>" + xml.document_xml(xml.paragraph("&j;")), "DTD|broken"),
        ('<?xml version="1.0"?>' + ENTITIES + "]>" + xml.document_xml("<w:p w:x='&j;'/>"), "broken"),
        (
            '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
            + xml.document_xml(xml.paragraph("&f;")),
            "DTD",
        ),
        ("<w:tbl><w:tr><w:tc>" * 300, "broken"),
        (DEEP, "broken .*depth"),
        ('<?xml version="1.0"?><workbook/>', "'workbook' without a body"),
    ],
    ids=["entities", "entities in an attribute", "file", "cut", "deep", "workbook"],
)  # fmt: skip
def test_hostile_xml_is_refused(tmp_path, source, reason):
    path = xml.archived(tmp_path / "a.docx", source)
    with pytest.raises(DamagedFileError, match=reason):
        word.read(path, path.read_bytes())


def test_tables_as_deep_as_can_be_are_read(tmp_path):
    depth = 80
    body = "<w:tbl><w:tr><w:tc/><w:tc>" * depth + xml.paragraph("底") + "</w:tc></w:tr></w:tbl>" * depth
    assert text_of(tmp_path, body) == " | 底"


def test_an_archive_that_unpacks_without_bound_is_refused(tmp_path):
    path = xml.archived(tmp_path / "a.docx", xml.paragraph("文" + " " * 40_000_000))
    assert path.stat().st_size < 200_000
    with pytest.raises(DamagedFileError, match="unpacks to more than"):
        word.read(path, path.read_bytes())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><body>", "a web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old Office file"),
        (b"PK\x05\x06" + bytes(18), "no whole .docx"),
    ],
    ids=["html", "doc", "zip"],
)
def test_what_is_no_word_document_is_refused_with_what_it_is(tmp_path, data, reason):
    path = tmp_path / "a.docx"
    path.write_bytes(data)
    with pytest.raises(DamagedFileError, match=reason):
        read(path)


def test_a_truncated_document_is_refused(tmp_path):
    path = law(tmp_path / "law.docx")
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(DamagedFileError, match=r"save it as \.docx"):
        read(path)


def test_a_password_is_asked_for(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    )
    with pytest.raises(EncryptedError, match="needs a password"):
        read(path)


def pasted(path: Path, *content: str | bytes) -> Path:
    """A document of paragraphs and pictures."""
    document = docx.Document()
    for one in content:
        if isinstance(one, str):
            document.add_paragraph(one)
        else:
            document.add_picture(BytesIO(one))
    document.save(path)
    return path


def test_a_scan_that_was_pasted_in_is_read_where_it_stands(tmp_path):
    document = read(pasted(tmp_path / "合同.docx", "附件一", png(scan()), "此页无正文"))
    before, text, after = document.text.split("\n\n")
    assert (before, after) == ("附件一", "此页无正文")
    assert all(start[:10] in text.replace(" ", "") for start in STARTS)
    reading = document.reading
    assert (reading.verdict, reading.reason) == ("ocr", "1 picture was read by OCR")
    assert reading.engine == "lxml, rapidocr"
    assert reading.score > 0.9
    assert [heading.title for heading in document.headings] == ["第九百八十九条"]


def test_a_scan_without_ocr_is_missed(tmp_path):
    never = ReadOptions(ocr="never")
    document = read(pasted(tmp_path / "a.docx", "附件一", png(scan())), never)
    assert (document.reading.verdict, document.reading.kind) == ("suspicious", "scan")
    with pytest.raises(NoTextError, match="--ocr auto reads pictures") as caught:
        read(pasted(tmp_path / "b.docx", png(scan())), never)
    assert caught.value.kind == "scan"


def test_a_picture_beside_a_text_is_named_and_not_read(tmp_path, ocr_reads):
    asked = ocr_reads({400: LONG})
    document = read(pasted(tmp_path / "a.docx", LONG * 6, png(photo())))
    assert document.text == LONG * 6
    assert (document.reading.verdict, document.reading.kind) == ("repaired", "left_out")
    assert asked == []


def test_what_ocr_is_not_sure_of_makes_a_document_doubtful(tmp_path, ocr_reads):
    ocr_reads({400: LONG}, confidence=0.85)
    document = read(pasted(tmp_path / "a.docx", png(photo())))
    assert document.text == LONG
    assert (document.reading.verdict, document.reading.kind) == ("suspicious", "doubtful")
    assert document.reading.score == 0.85


DRAWN = (
    '<w:r><w:drawing><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill>'
    '<a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" r:embed="rimage"/>'
    "</pic:blipFill></pic:pic></w:drawing></w:r>"
)
OLD = '<w:r><w:pict><v:shape><v:imagedata r:id="rimage"/></v:shape></w:pict></w:r>'
RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def with_a_picture(folder: Path, body: str) -> Document:
    path = xml.archived(folder / "a.docx", body.replace("<w:r>", f"<w:r {RELATIONS}>"), image="")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/image.xml"] = png(photo())
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return word.read(path, path.read_bytes())


@pytest.mark.parametrize("drawn", [DRAWN, OLD])
def test_pictures_stand_after_their_paragraph_and_in_their_cell(tmp_path, ocr_reads, drawn):
    ocr_reads({400: LONG})
    assert with_a_picture(tmp_path, xml.paragraph(xml.run("图一") + drawn)).text == f"图一\n\n{LONG}"
    cell = xml.cell(xml.paragraph(xml.run("证照") + drawn))
    assert with_a_picture(tmp_path, xml.table(xml.row("名称", cell))).text == f"名称 | 证照\n{LONG}"


@pytest.mark.parametrize(
    "body",
    [
        xml.paragraph(f"<w:del>{DRAWN}</w:del>"),
        xml.paragraph(f"<w:r><w:rPr><w:vanish/></w:rPr>{DRAWN.removeprefix('<w:r>')}"),
        xml.paragraph(DRAWN.replace("rimage", "rother")),
    ],
    ids=["deleted", "hidden", "missing"],
)
def test_pictures_that_are_not_shown_are_not_read(tmp_path, ocr_reads, body):
    asked = ocr_reads({400: LONG})
    document = with_a_picture(tmp_path, xml.paragraph("正文") + body)
    assert (document.text, document.problems, asked) == ("正文", (), [])
