from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from indexer.errors import DamagedFileError, EncryptedError
from indexer.readers.epub import read
from tests.indexer.readers.picture_files import LONG, photo, png

CIVIL_CODE = Path(__file__).parents[2] / "data" / "epub_laws_civil_code_synthetic.epub"
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
NCX = """<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>上部</text></navLabel>
<content src="text/a.xhtml"/><navPoint><navLabel><text>第 一 回</text></navLabel>
<content src="text/a.xhtml#one"/></navPoint></navPoint><navPoint><navLabel><text>尾声</text></navLabel>
<content src="text/b.xhtml"/></navPoint></navMap></ncx>"""
NAV = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>
<nav epub:type="toc"><ol><li><a href="text/b.xhtml">尾声</a></li></ol></nav></body></html>"""
A = "<p>上部</p><p>引子文字</p><p id='one'>第一回</p><p>话说天下大势</p>"
B = "<p>大结局</p>"


def book(
    chapters: dict[str, str], extra: dict[str, str] | None = None, spine: list[str] | None = None
) -> bytes:
    """A book of XHTML chapters by name; `extra` are other parts by their path in the archive."""
    extra = extra or {}
    items = [(f"text/{name}.xhtml", "application/xhtml+xml", "") for name in chapters]
    items += [("toc.ncx", "application/x-dtbncx+xml", "")] * ("OEBPS/toc.ncx" in extra)
    items += [("nav.xhtml", "application/xhtml+xml", ' properties="nav"')] * ("OEBPS/nav.xhtml" in extra)
    manifest = "".join(
        f'<item id="{Path(href).stem}" href="{href}" media-type="{kind}"{more}/>'
        for href, kind, more in items
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in spine or [*chapters, "nav"])
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>样书</dc:title></metadata><manifest>{manifest}</manifest><spine>{order}</spine></package>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("META-INF/container.xml", CONTAINER)
        made.writestr("OEBPS/book.opf", opf)
        for name, body in chapters.items():
            made.writestr(
                f"OEBPS/text/{name}.xhtml",
                f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>'
                f"<body>{body}</body></html>",
            )
        for name, text in extra.items():
            made.writestr(name, text)
    return buffer.getvalue()


def test_a_statute_has_its_articles_as_headings():
    document = read(CIVIL_CODE, CIVIL_CODE.read_bytes())
    assert document.title == "民法典节选"
    assert document.problems == ()
    assert [heading.title for heading in document.headings][:3] == [
        "第1部分",
        "第九百八十九条",
        "第九百九十条",
    ]
    with zipfile.ZipFile(CIVIL_CODE) as archive:
        for number in range(6):
            for line in archive.read(f"OEBPS/c{number}.xhtml").decode().split("<p>")[1:]:
                assert line.partition("</p>")[0] in document.text


def test_chapters_come_in_the_order_of_the_spine_each_once():
    data = book({"a": "<p>甲</p>", "b": "<p>乙</p>"}, spine=["b", "a", "b", "missing"])
    assert read(Path("书.epub"), data).text == "乙\n\n甲"


def test_a_chapter_without_headings_has_those_of_the_ncx():
    document = read(Path("书.epub"), book({"a": A, "b": B}, {"OEBPS/toc.ncx": NCX}))
    assert document.text == "上部\n\n引子文字\n\n第一回\n\n话说天下大势\n\n尾声\n\n大结局"
    assert [(heading.level, heading.title) for heading in document.headings] == [
        (1, "上部"),
        (2, "第一回"),
        (1, "尾声"),
    ]
    for heading in document.headings:
        assert document.text[heading.start :].startswith(heading.title)


def test_the_nav_document_names_chapters_and_is_no_chapter():
    document = read(Path("书.epub"), book({"b": B}, {"OEBPS/nav.xhtml": NAV}))
    assert document.text == "尾声\n\n大结局"


def test_headings_of_a_chapter_come_before_those_of_the_contents():
    document = read(Path("书.epub"), book({"b": "<h2>自己的标题</h2><p>文</p>"}, {"OEBPS/toc.ncx": NCX}))
    assert [heading.title for heading in document.headings] == ["自己的标题"]


def test_a_page_of_contents_is_left_out_and_one_that_only_has_its_name_is_not():
    links = "<h1>目 录</h1>" + "".join(f"<p><a href='{n}.xhtml'>第{n}节</a></p>" for n in range(6))
    document = read(Path("书.epub"), book({"toc": links, "a": "<h1>目录</h1><p>论目录之学</p>"}))
    assert document.text == "目录\n\n论目录之学"


def test_footnotes_and_asides_are_text():
    document = read(
        Path("书.epub"), book({"a": "<p>正文</p><aside><p>注释</p></aside><footer>脚注</footer>"})
    )
    assert document.text == "正文\n\n注释\n\n脚注"


@pytest.mark.parametrize(
    ("method", "is_encrypted"),
    [("http://www.idpf.org/2008/embedding", False), ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", True)],
)
def test_drm_is_refused_and_scrambled_fonts_are_not(method, is_encrypted):
    listing = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><e:EncryptedData '
        f'xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptionMethod Algorithm="{method}"/>'
        "</e:EncryptedData></encryption>"
    )
    data = book({"a": "<p>甲</p>"}, {"META-INF/encryption.xml": listing})
    if is_encrypted:
        with pytest.raises(EncryptedError, match="DRM"):
            read(Path("书.epub"), data)
    else:
        assert read(Path("书.epub"), data).text == "甲"


def changed(data: bytes, name: str, content: str | None) -> bytes:
    """The book with another chapter in the place of one, or none."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.namelist():
            if not part.endswith(name):
                new.writestr(part, old.read(part))
            elif content is not None:
                new.writestr(part, content)
    return buffer.getvalue()


def test_a_chapter_that_is_missing_is_reported_and_the_others_are_read():
    document = read(Path("书.epub"), changed(book({"a": "<p>甲</p>", "b": "<p>乙</p>"}), "a.xhtml", None))
    assert document.text == "乙"
    (problem,) = document.problems
    assert problem.lost
    assert "a.xhtml" in problem.reason


def test_entities_that_a_chapter_declares_are_not_expanded():
    bomb = '<!DOCTYPE html [<!ENTITY a "哈哈"><!ENTITY b "&a;&a;">]><html><body><p>前&b;后</p></body></html>'
    assert read(Path("书.epub"), changed(book({"a": ""}), "a.xhtml", bomb)).text == "前&b;后"


def test_what_is_no_book_is_refused():
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as made:
        made.writestr("a.txt", "甲")
    for data in (b"", CIVIL_CODE.read_bytes()[:3000], empty.getvalue()):
        with pytest.raises(DamagedFileError, match=r"\.epub"):
            read(Path("书.epub"), data)


def illustrated(chapters: dict[str, str], *pictures: str, metadata: str = "") -> bytes:
    """A book with pictures beside its chapters."""
    data = book(chapters)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as plain, zipfile.ZipFile(buffer, "w") as made:
        for name in plain.namelist():
            part = plain.read(name)
            if name.endswith(".opf"):
                items = "".join(f'<item id="{name}" href="text/{name}"/>' for name in pictures)
                part = part.replace(b"</metadata>", f"{metadata}</metadata>".encode())
                part = part.replace(b"</manifest>", f"{items}</manifest>".encode())
            made.writestr(name, part)
        for place, name in enumerate(pictures):
            made.writestr(f"OEBPS/text/{name}", png(photo(400 + place)))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "figure",
    [
        '<img alt="扫描" src="A.png"/>',
        "<div><IMG SRC='a.png'></div>",
        '<svg xmlns="http://www.w3.org/2000/svg"><image width="9" xlink:href="a.png"/></svg>',
    ],
)
def test_a_page_that_is_a_picture_is_read_in_its_place(ocr_reads, figure):
    ocr_reads({400: "甲 < 乙\n丙"})
    document = read(Path("书.epub"), illustrated({"a": f"<p>前</p>{figure}<p>后</p>"}, "a.png"))
    assert document.text == "前\n\n甲 < 乙\n\n丙\n\n后"
    assert document.reading.verdict == "ocr"
    assert [problem.reason for problem in document.problems] == ["1 picture was read by OCR"]


def test_only_chapters_with_little_text_are_read(ocr_reads):
    asked = ocr_reads({400: LONG, 401: LONG})
    chapters = {"a": f"<p>{LONG * 6}</p><img src='a.png'/>", "b": "<p>图</p><img src='b.png'/>"}
    document = read(Path("书.epub"), illustrated(chapters, "a.png", "b.png"))
    assert document.text == f"{LONG * 6}\n\n图\n\n{LONG}"
    assert asked == [(401, 300)]
    assert {problem.kind for problem in document.problems} == {"ocr", "left_out"}


@pytest.mark.parametrize(
    "figure", ["<!-- <img src='a.png'/> -->", "<img src='other.png'/>", "<img alt='图'/>"]
)
def test_pictures_that_are_not_shown_are_not_read(ocr_reads, figure):
    asked = ocr_reads({400: LONG})
    document = read(Path("书.epub"), illustrated({"a": f"<p>文</p>{figure}"}, "a.png"))
    assert document.text.startswith("文")
    assert (document.problems, asked) == ((), [])


def test_the_cover_is_not_read(ocr_reads):
    asked = ocr_reads({400: LONG})
    chapters = {"cover": "<img src='a.png'/>", "b": "<p>正文</p>"}
    data = illustrated(chapters, "a.png", metadata='<meta name="cover" content="a.png"/>')
    document = read(Path("书.epub"), data)
    assert (document.text, document.problems, asked) == ("正文", (), [])


def test_a_missing_chapter_is_named_as_the_book_names_it():
    data = changed(book({"Ch1": "<p>甲</p>", "b": "<p>乙</p>"}), "Ch1.xhtml", None)
    (problem,) = read(Path("书.epub"), data).problems
    assert "'text/Ch1.xhtml' is missing" in problem.reason


def test_markup_without_an_end_is_passed_once(ocr_reads):
    ocr_reads({})
    tags = "<svg <img src=' <!-- " * 100_000
    assert read(Path("书.epub"), illustrated({"a": "<p>甲</p>", "b": tags}, "a.png")).text.startswith("甲")
