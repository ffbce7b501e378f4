from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import NoTextError
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


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "ul><li", "table><tr><td"])
def test_deep_nesting_loses_no_text(read_html, tag):
    text = read_html("<p>前文</p>" + f"<{tag}>" * 20_000 + "深处的文字").text
    assert text.startswith("前文")
    assert text.endswith("深处的文字")


def test_text_after_the_end_of_the_page_is_read(read_html):
    assert read_html("<html><body><p>正文</p></body></html><p>结尾之后</p>").text == "正文\n\n结尾之后"


def test_a_value_of_an_attribute_may_be_huge(read_html):
    assert (
        read_html(f"<p>前文</p><div title='{'长' * 200_000}'>中间</div><p>后文</p>").text
        == "前文\n\n中间\n\n后文"
    )


def test_cells_over_several_rows_stand_in_each_and_words_stay_whole(read_html):
    table = (
        "<table><caption>表名</caption><tr><th>区</th><th>名</th></tr><tr><td rowspan=2>甲</td>"
        "<td>加<b>粗</b>字</td></tr><tr><td>二</td></tr></table>"
    )
    assert read_html(table).text == "表名\n区 | 名\n甲 | 加粗字\n甲 | 二"


def test_spans_that_no_table_has_are_bounded(read_html):
    text = read_html("<table>" + "<tr><td rowspan=65534 colspan=1000>格子" * 3000).text
    assert text.count("格子") >= 3000
    assert len(text) < 200_000


def test_a_table_that_lays_out_the_page_is_no_table(read_html):
    page = (
        "<table><tr><td><h2>左栏</h2><p>第一段</p><p>第二段</p><table><tr><td>甲</td><td>乙</td></tr></table></td>"
        "<td>右栏</td></tr></table>"
    )
    document = read_html(page)
    assert document.text == "左栏\n\n第一段\n\n第二段\n\n甲 | 乙\n\n右栏"
    assert [heading.title for heading in document.headings] == ["左栏"]


def test_text_between_cells_is_not_lost(read_html):
    assert read_html("<table>散字<tr>又散<td>格子</td></tr></table>").text.split("\n") == [
        "散字",
        "又散",
        "格子",
    ]


def test_what_the_page_hides_is_left_out_and_counted(read_html):
    document = read_html(
        "<p>看得见的文字</p><template><p>模板</p></template><p hidden>藏</p>"
        "<p style='color:red;display:none'>也藏</p>"
    )
    assert document.text == "看得见的文字"
    (problem,) = document.problems
    assert problem.reason.startswith("5 characters are hidden")
    assert not problem.lost


def test_a_page_that_a_script_uncovers_is_read(read_html):
    assert read_html("<body style='display:none'><p>整页的文字</p></body>").text == "整页的文字"


def test_frames_are_reported_as_text_that_is_elsewhere(read_html):
    document = read_html(
        "<frameset><frame src='a.htm'><frame src='b.htm'><noframes>浏览器不支持框架</noframes></frameset>"
    )
    (problem,) = document.problems
    assert problem.lost
    assert "a.htm, b.htm" in problem.reason


def test_declared_entities_are_not_expanded(read_html):
    bomb = '<!DOCTYPE html [<!ENTITY a "哈哈"><!ENTITY b "&a;&a;">]><p>前文&b;后文</p>'
    assert read_html(bomb).text == "前文&b;后文"


def test_preformatted_text_keeps_its_lines(read_html):
    assert read_html("<pre>一<br>  二\n三</pre>").text == "一\n  二\n三"


def test_pronunciation_does_not_part_the_characters_of_a_word(read_html):
    assert read_html("<p><ruby>汉<rp>(</rp><rt>hàn</rt><rp>)</rp>字<rt>zì</rt></ruby></p>").text == "汉字"


def test_a_form_shows_what_was_typed_and_chosen(read_html):
    form = (
        "<p>姓名：<input value='张三'> 性别：<input type=radio>男<input type=radio checked>女 "
        "省份：<select><option>湖南<option selected>湖北</select></p>"
        "<textarea>事由一\n事由二</textarea><input type=hidden value='令牌'><input type=submit value='提交'>"
    )
    assert read_html(form).text == "姓名：张三 性别：○男◉女 省份：○湖南 ◉湖北\n\n事由一\n事由二"


def test_a_box_that_only_opens_a_menu_is_not_shown(read_html):
    page = "<input type=checkbox id=a><label for=a></label><p>正文</p><li><input type=checkbox checked>已办"
    assert read_html(page).text == "正文\n\n- ☑已办"


def test_a_form_between_a_table_and_its_rows_leaves_the_table_whole(read_html):
    table = "<table><form><tr><td>姓名</td><form><td>张三</td></form></tr></form></table>"
    assert read_html(table).text == "姓名 | 张三"


def test_cells_without_a_row_are_one(read_html):
    assert read_html("<table><td>甲</td><td>乙</td></table>").text == "甲 | 乙"


def test_a_picture_leaves_its_description_where_it_says_something(read_html):
    page = (
        "<p>设<img alt='x^2'>为正。</p><img alt='IMG_0012.JPG'><img alt='图片'><img>"
        "<figure><img alt='办理流程示意'><figcaption>办理流程示意</figcaption></figure>"
    )
    assert read_html(page).text == "设x^2为正。\n\n办理流程示意"


def test_what_a_click_unfolds_is_read(read_html):
    folded = "<details><summary>如何退款？</summary>七日内申请。</details>"
    page = f"{folded}<h2><button>如何换货？</button></h2><p>同上。</p>"
    assert read_html(page).text == "如何退款？\n七日内申请。\n\n如何换货？\n\n同上。"


def test_text_for_browsers_without_scripts_or_films_is_not_shown(read_html):
    document = read_html("<p>正文</p><noscript>请启用脚本</noscript><video>请换浏览器</video>")
    assert document.text == "正文"
    assert [problem.reason for problem in document.problems] == [
        "5 characters are hidden by the page and were left out"
    ]


def test_a_page_that_scripts_fill_says_so(read_html):
    with pytest.raises(NoTextError, match="only after its scripts have run"):
        read_html("<div id=app></div><noscript>请启用脚本</noscript><script src='app.js'></script>")


def test_a_page_within_the_page_is_read_where_it_is_written_in_it(read_html):
    document = read_html(
        "<p>外</p><iframe srcdoc='&lt;p&gt;内&lt;/p&gt;'></iframe><iframe src='乙.html'></iframe>"
    )
    assert document.text == "外\n\n内"
    (problem,) = document.problems
    assert "乙.html" in problem.reason
    assert not problem.lost


def test_a_formula_is_read_once_and_in_one_line(read_html):
    formula = "<math><mfrac><mn>1</mn><mn>2</mn></mfrac><annotation>\\frac12</annotation></math>"
    katex = (
        f"<span class=katex-mathml>{formula}</span><span class=katex-html><span>1</span><span>2</span></span>"
    )
    assert read_html(f"<p>得{katex}分</p>").text == "得1/2分"


def test_the_labels_of_a_drawing_are_read_and_an_icon_has_none(read_html):
    icon = "<svg><title>图标</title><path d='M0'/></svg>"
    drawing = "<svg><text>受理</text><text>审<tspan>批</tspan></text></svg>"
    assert read_html(f"<p>前{icon}后</p>{drawing}").text == "前后\n\n受理\n审 批"


def test_lists_are_numbered_as_the_page_says(read_html):
    page = "<ol type=a><li>甲<li value=5>乙<li>丙</ol><ol type=I start=4><li>丁</ol><ol start=0><li>零</ol>"
    assert read_html(page).text == "a. 甲\ne. 乙\nf. 丙\n\nIV. 丁\n\n0. 零"


def test_an_article_keeps_its_own_notes_and_signature(read_html):
    page = "<article><p>正文</p><aside>注：下同</aside><footer>张三记</footer></article><aside>热门</aside>"
    assert read_html(page).text == "正文\n\n注：下同\n张三记"


def test_sentences_that_go_with_a_menu_are_named(read_html):
    notice = "<footer>本站所载文章未经许可不得转载或摘编。</footer>"
    document = read_html(f"<p>{'正文' * 20}</p>{notice}<nav>首页 关于</nav>")
    (problem,) = document.problems
    assert "本站所载文章" in problem.reason
    assert not problem.lost


@pytest.mark.parametrize("root", ["note", "html"])
def test_xhtml_is_read_without_a_warning(read_html, root, recwarn):
    page = f"<!-- 注 --><?xml version='1.0'?><{root}><a id='x'/><p>甲<![CDATA[<乙>]]></p></{root}>"
    assert read_html(page).text == "甲<乙>"
    assert not recwarn.list


def test_the_foot_of_a_page_that_is_no_websites_stays(read_html):
    page = "<h1>租房合同</h1><p>租金三千元。</p><footer>甲方：某公司　乙方：王小明　2023年5月6日</footer>"
    assert "乙方：王小明" in read_html(page).text


def test_a_menu_of_dishes_is_none_of_links(read_html):
    dishes = "".join(
        f"<li>{dish} {price} 元</li>"
        for dish, price in zip("鱼肉菜汤面饭饺饼粥酒", range(10, 20), strict=True)
    )
    page = f"<main><h1>饭店</h1><p>{'每日新鲜。' * 30}</p><ul class=menu>{dishes}</ul></main>"
    assert "鱼 10 元" in read_html(page).text


def test_a_menu_of_links_goes(read_html):
    links = "".join(f"<a href=/{n}>第{n}篇关于合同的文章</a>" for n in range(10))
    assert (
        "第3篇" not in read_html(f"<main><p>{'正文一段。' * 60}</p><div class=menu>{links}</div></main>").text
    )
