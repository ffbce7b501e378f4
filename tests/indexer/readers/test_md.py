from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from indexer.model import Document
from indexer.readers import read

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
    assert "单元 格子" in text
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
