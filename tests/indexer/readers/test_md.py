from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from indexer.model import Document
from indexer.readers import md, read

GUIDE = """---
title: "模板语法"
summary: 摘要不要
---

# 模板语法 {#template-syntax}

Vue 使用一种基于 HTML 的[模板语法](/guide/syntax)，见 ![示意图](/a.png)。<!-- 译者注 -->

<div class="tip" @click="a > b">
**提示**：列表 `List<T>` 写作 <T>，换行<br>之后。
</div>

<script setup>
const 变量 = 1
</script>

## 列表 {#list}

- 第一项
- 第二项
  - 内层

3. 三
4. 四

```python
# 不是标题
print("你好")
```

| 列甲 | 列乙 |
|---|---|
| 一 | **二** |

::: warning 注意
正文
:::

> 引用的话
"""

LAW = """# 中华人民共和国公司法

## 第一章 总则

**第一条** 为了规范公司的组织和行为，制定本法。

第二条 本法所称公司，是指依照本法
第三条规定设立的公司。

## 第二章 公司登记

第二十九条 设立公司，应当申请设立登记。
"""


@pytest.fixture
def read_md(tmp_path: Path):
    def read_it(source: str) -> Document:
        path = tmp_path / "样本.md"
        path.write_text(source, encoding="utf-8")
        return read(path)

    return read_it


def test_the_text_is_what_the_rendered_page_shows(read_md):
    document = read_md(GUIDE)
    assert document.text.split("\n\n") == [
        "模板语法",
        "Vue 使用一种基于 HTML 的模板语法，见 示意图。",
        "提示：列表 List<T> 写作 <T>，换行\n之后。",
        "列表",
        "- 第一项\n- 第二项\n  - 内层",
        "3. 三\n4. 四",
        '```python\n# 不是标题\nprint("你好")\n```',
        "列甲 | 列乙\n一 | 二",
        "注意\n正文",
        "引用的话",
    ]


def test_headings_are_found_without_their_anchors_and_not_in_code(read_md):
    document = read_md(GUIDE)
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "模板语法"), (2, "列表")]
    for heading in document.headings:
        assert document.text[heading.start :].startswith(heading.title)


def test_the_title_comes_from_front_matter_then_from_the_first_heading_then_from_the_name(read_md):
    assert read_md(GUIDE).title == "模板语法"
    assert read_md("---\ntitle: 乙\n---\n# 甲\n").title == "乙"
    assert read_md("# 甲\n\n正文").title == "甲"
    assert read_md("正文").title == "样本"


def test_articles_of_a_statute_nest_below_its_chapters(read_md):
    found = [(heading.level, heading.title) for heading in read_md(LAW).headings]
    assert found == [
        (1, "中华人民共和国公司法"),
        (2, "第一章 总则"),
        (7, "第一条"),
        (7, "第二条"),
        (2, "第二章 公司登记"),
        (7, "第二十九条"),
    ]


@pytest.mark.parametrize("source", ["---\n\n正文", "---\n\n正文\n\n---\n\n后文"])
def test_rules_are_not_front_matter(read_md, source):
    assert "正文" in read_md(source).text


def test_code_inside_a_list_keeps_its_lines(read_md):
    text = read_md("1. 步骤\n\n    ```bash\n    tiup dm\n    # 注释\n    ```\n\n2. 下一步\n").text
    assert text == "1. 步骤\n\n   ```bash\n   tiup dm\n   # 注释\n   ```\n\n2. 下一步"


def test_html_tables_and_unknown_components_keep_their_text(read_md):
    text = read_md(
        "<table><tr><td>单元</td><td>格子</td></tr></table>\n\n<Tabs>\n页签内容 &lt;文件&gt;\n</Tabs>\n"
    ).text
    assert "单元 | 格子" in text
    assert "页签内容 <文件>" in text


@pytest.mark.parametrize(
    "source",
    [
        LAW,
        "段落一\n\n<details><summary>折叠的标题</summary>\n\n折叠的正文\n\n</details>\n",
        '<p style="margin: 0">段落<b>加粗</b>\n## 这不是标题吗\n</p>\n\n正文',
        "公式 $a_1 < b_2$ 与 $c > d$ 之间的话，<cluster-name> 是占位符\n",
        "* 甲\n\n      缩进的代码\n\n* 乙 ~~删除~~ 丙 <span>丁</span>\n\n***\n\n1) 戊\n",
        "| 甲 | 乙 |\n|:-|-:|\n| `丙` | [丁](x) <br> 戊 |\n",
        "[参考]: https://example.com\n\n见[参考]与[没有定义]。\n",
    ],
)
def test_no_han_of_the_source_is_lost(read_md, source):
    reference = re.sub(r"^\[参考\]: .*$", "", source, flags=re.MULTILINE)
    missing = Counter(re.findall(r"[\u4e00-\u9fff]", reference))
    missing -= Counter(re.findall(r"[\u4e00-\u9fff]", read_md(source).text))
    assert not missing


SAMPLES = Path(__file__).parents[3] / "data" / "samples"


def shown(source: str) -> str:
    """A sample without what no page shows: front matter, comments, addresses of links, attributes."""
    for invisible in (
        r"\A---\n.*?\n---\n",
        r"<!--.*?-->",
        r"(?<=\])\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)",
        r"(?m)^\[[^\]]+\]:\s*\S*[/.#]\S*.*$",
        r"\s(?:href|src|title|alt|label)=\"[^\"]*\"",
    ):
        source = re.sub(invisible, "", source, flags=0 if invisible.startswith("(?m)") else re.DOTALL)
    return source


def test_no_han_of_any_sample_is_lost():
    samples = sorted(SAMPLES.rglob("*.md"))
    assert samples
    lost = {}
    for path in samples:
        missing = Counter(re.findall(r"[\u3400-\u9fff]", shown(path.read_text(encoding="utf-8-sig"))))
        missing -= Counter(re.findall(r"[\u3400-\u9fff]", md.read(path, path.read_bytes()).text))
        if missing:
            lost[path.name] = missing
    assert lost == {}


def test_toml_front_matter_gives_the_title_and_is_no_text(read_md):
    document = read_md('+++\ntitle = "甲"\ntags = ["标签"]\n+++\n正文\n')
    assert (document.title, document.text) == ("甲", "正文")


def test_footnotes_keep_their_text(read_md):
    assert read_md("正文[^1]。\n\n[^1]: 注释\n").text == "正文[^1]。\n\n[^1]: 注释"


def test_prose_that_looks_like_a_link_definition_is_kept(read_md):
    assert read_md("[注意]: 请勿关机\n\n见[图]。\n\n[图]: 图片/一.png\n").text == "[注意]: 请勿关机\n\n见图。"


def test_underlined_lines_are_headings_unless_they_are_paragraphs(read_md):
    document = read_md(f"标题\n===\n\n小标题\n---\n\n{'很长的一段话，' * 20}\n---\n\n后文\n")
    assert [(heading.level, heading.title) for heading in document.headings] == [(1, "标题"), (2, "小标题")]
    assert "很长的一段话，" * 20 in document.text


def test_a_long_table_repeats_its_header(read_md):
    rows = "".join(f"| 项{n} | {'说明' * 20} |\n" for n in range(30))
    text = read_md(f"| 配置 | 含义 |\n|---|---|\n{rows}").text
    assert text.count("配置 | 含义") > 1
    assert text.count("说明") == 600


def test_cells_of_html_tables_keep_their_words_whole(read_md):
    text = read_md(
        "<table>\n<tr><th>名</th><th>值</th></tr>\n<tr><td>端<b>口</b>号</td><td>80</td></tr>\n</table>\n"
    ).text
    assert text == "名 | 值\n端口号 | 80"


@pytest.mark.parametrize("depth", [30, 99, 5000])
@pytest.mark.parametrize("sign", ["> ", "- "])
def test_the_deepest_nesting_loses_nothing(read_md, depth, sign):
    assert read_md(f"\ufeff{sign * depth}深处的文字").text.endswith("深处的文字")


def test_a_picture_in_html_leaves_its_description_as_one_in_markdown_does(tmp_path):
    path = tmp_path / "说明.md"
    path.write_text("前<img src='a.png' alt='登记流程'>后![办理时限](b.png)\n\n<p><img alt='c.png'>完</p>\n")
    assert read(path).text == "前登记流程后办理时限\n\n完"


@pytest.mark.parametrize(
    "formula",
    [
        r"$\mathbf{H}_{t-1} \mathbf{W}_{hq}$",
        r"$$x_{1} * y_{2} * z$$",
        r"\(a_1 * b_1 * c\)",
        "$$\nH_t = X_t W_{xh}\n+ H_{t-1} W_{hh}\n= 1\n- 2\n$$",
    ],
    ids=["one dollar", "two", "brackets", "lines"],
)
def test_a_formula_keeps_its_signs(read_md, formula):
    assert read_md(f"前文\n\n{formula}\n\n后文_a_与b_c_").text == f"前文\n\n{formula}\n\n后文_a_与b_c_"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("价格$5到$10，*很便宜*，还有$3的", "价格$5到$10，很便宜，还有$3的"),
        ("变量`$a`和*强调*`$b`", "变量$a和强调$b"),
        ("$$ 没有*结束*", "$$ 没有结束"),
    ],
    ids=["prices", "code", "no end"],
)
def test_a_dollar_sign_alone_makes_no_formula(read_md, markdown, text):
    assert read_md(markdown).text == text
