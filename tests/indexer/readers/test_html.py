from __future__ import annotations

from pathlib import Path

import pytest

from indexer.model import Document
from indexer.readers import read

ENCODINGS = Path(__file__).parents[2] / "data" / "encodings"

PAGE = """<!DOCTYPE html><html><head><title>部署 指南</title><style>p{}</style></head>
<body class="has-sidebar">
<header><a>站名</a></header><nav>导航</nav><div class="VPNav">导航</div>
<div class="left-sidebar">侧栏</div>
<ul id="breadcrumbs"><li>面包屑</li></ul><div role="navigation">菜单</div>
<main><article><header><h1>部署集群<a href="#a">¶</a></h1></header>
<p>第一段
没有空格，<b>加粗</b> and <i>English</i>
words。</p>
<ol start="2"><li>甲</li><li><p>乙</p></li></ol>
<table><tr><th>名</th><th>值</th></tr><tr><td>端口</td><td>8291</td></tr></table>
<pre><code>tiup dm
  --help</code></pre>
<h2>步骤</h2><div>一<br>二</div><!-- 注释 --><button>提交</button>
</article></main><footer>版权</footer><script>var x = "脚本";</script></body></html>"""


@pytest.fixture
def read_html(tmp_path: Path):
    def read_it(source: str, charset: str = "utf-8") -> Document:
        path = tmp_path / "网页.html"
        path.write_bytes(source.encode(charset))
        return read(path)

    return read_it


def test_the_text_is_the_page_without_its_menus(read_html):
    assert read_html(PAGE).text == (
        "部署集群\n\n第一段没有空格，加粗 and English words。\n\n2. 甲\n3. 乙\n\n名 | 值\n端口 | 8291\n\n"
        "tiup dm\n  --help\n\n步骤\n\n一\n二"
    )


def test_title_and_headings(read_html):
    document = read_html(PAGE)
    assert document.title == "部署 指南"
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "部署集群"), (2, "步骤")]
    for heading in document.headings:
        assert document.text[heading.start :].startswith(heading.title)


def test_a_page_that_is_all_menu_is_read_whole(read_html):
    assert read_html("<html><body><nav>只有导航里有字</nav></body></html>").text == "只有导航里有字"


def test_an_element_that_holds_the_page_is_not_taken_for_a_menu(read_html):
    assert "正文" in read_html('<body><div class="menu">正文很长，占了一大半</div><p>短</p></body>').text


@pytest.mark.parametrize("name", ["meta_gb2312.html", "meta_lies_utf8_but_gbk.html"])
def test_the_charset_is_found_whatever_the_page_declares(name):
    document = read(ENCODINGS / name)
    statute = (ENCODINGS / "minfadian_utf8_bom.txt").read_text(encoding="utf-8-sig")
    paragraphs = [line for line in document.text.split("\n") if line]
    assert document.charset == "gb2312"
    assert document.title == "民法典"
    assert paragraphs == [*statute.split("\n")[:40], "姓名 | 张三"]
    assert [heading.title for heading in document.headings][:2] == ["第九百八十九条", "第九百九十条"]


def test_a_false_declaration_is_reported_and_nothing_is_lost():
    assert read(ENCODINGS / "meta_gb2312.html").problems == ()
    (problem,) = read(ENCODINGS / "meta_lies_utf8_but_gbk.html").problems
    assert problem.reason == "it declares charset utf-8 but is in gb2312; read as gb2312"
    assert not problem.lost


def test_big5_pages_are_read(read_html):
    document = read_html('<meta charset="big5"><p>須臾走向天上來，逐殘星趕月。未離海底千山黑</p>', "big5")
    assert document.text == "須臾走向天上來，逐殘星趕月。未離海底千山黑"
    assert document.problems == ()
