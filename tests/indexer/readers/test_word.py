from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from indexer.errors import DamagedFileError, EncryptedError
from indexer.readers import read


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
    for xml in (
        f"<w:ins {w}><w:r><w:t>插入</w:t></w:r></w:ins>",
        f"<w:del {w}><w:r><w:delText>删除</w:delText></w:r></w:del>",
        f"<w:hyperlink {w}><w:r><w:t>链接</w:t><w:br/><w:t>换行</w:t></w:r></w:hyperlink>",
    ):
        paragraph._p.append(parse_xml(xml))
    control = f"<w:sdt {w}><w:sdtContent><w:p><w:r><w:t>控件</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    document.element.body.insert(1, parse_xml(control))
    document.save(tmp_path / "a.docx")
    assert read(tmp_path / "a.docx").text == "开头插入链接\n换行\n\n控件"


def test_without_any_heading_the_file_name_is_the_title(tmp_path):
    document = docx.Document()
    document.add_paragraph("只有一段。")
    document.save(tmp_path / "便条.docx")
    assert read(tmp_path / "便条.docx").title == "便条"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"<html><body>", "a web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old Office file"),
        (b"PK\x05\x06" + bytes(18), "no whole .docx"),
    ],
    ids=["empty", "html", "doc", "zip"],
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
