"""Markdown: CommonMark with tables, front matter, and HTML between."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.model import Document, Heading
from indexer.readers.charset import decode
from indexer.readers.headings import merged_headings
from indexer.readers.html import page_text
from indexer.readers.html.tags import without_tags
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.printed_table import Row, printed

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.tree import SyntaxTreeNode

# Its first line is a key; otherwise the text begins with a rule and another one follows later.
_FRONT_MATTER = re.compile(
    r"\A\s*(?:---[ \t]*\n(\s*[A-Za-z][\w-]*:\s.*?\n)(?:---|\.\.\.)"
    r"|\+\+\+[ \t]*\n(\s*[A-Za-z\[].*?\n)\+\+\+)[ \t]*(?:\n|\Z)",
    re.DOTALL,
)
_FRONT_TITLE = re.compile(r"^title[ \t]*[:=][ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_ANCHOR = re.compile(r"[ \t]*\{#[^}\n]*\}[ \t]*$")
_CONTAINER = re.compile(r"^:{3,}[ \t]*(?:[A-Za-z][\w-]*)?[ \t]*", re.MULTILINE)  # ::: tip TITLE
_TABLE = re.compile(r"<table\b(?:(?!<table\b).)*?</table\s*>", re.DOTALL | re.IGNORECASE)
# As Pandoc tells formulas from prices: no space within the signs, no figure behind them; no clause between.
_MATH = re.compile(
    r"\$\$(?!\s*\$)(?:[^$\\]|\\.)+\$\$|\$(?![\s$])(?:[^$\\\n`，。；、]|\\.)*(?<!\s)\$(?![0-9$])"
    r"|\\\((?:[^\\\n]|\\(?!\)).)+\\\)|\\\[(?:[^\\\n]|\\(?!\]).)+\\\]",
    re.DOTALL,
)
_MAX_MATH = 200  # lines of a formula
_MAX_HEADING = 80  # characters; a longer line above a rule is a paragraph that a blank line should follow
_MAX_NESTING = 100  # of lists and quotations; markdown-it drops what is deeper
# What defines a link and shows nothing: its address is a path or in ASCII. [注意]: 请勿关机 is text.
_DEFINITION = re.compile(r"\[(?!\^)(?:[^\]\\]|\\.){1,999}\]:\s*<?(?:[!-~]|[^\s<>]*[/.#])")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    level: int = 0  # of a heading; 0: none


_Block = list[_Line]


def read(path: Path, data: bytes, options: ReadOptions = PLAIN) -> Document:
    """The text as a reader of the rendered page sees it; blocks are apart by a blank line.

    Lists keep "- " or their numbers, tables become lines "a | b" and long ones repeat their header,
    fenced code stays whole with its fence, links and images leave their text, footnotes stay where
    they are, comments, HTML tags and front matter go.

    Raises:
        CharsetError: the bytes are no text in a known charset.
    """
    decoded = decode(data, path, options.charset)
    front = _FRONT_MATTER.match(decoded.text)
    body = decoded.text[front.end() :] if front else decoded.text
    text, headings = _joined(_rendered(body, html=True))
    own_title = _FRONT_TITLE.search(front[1] or front[2]) if front else None
    first = headings[0].title if headings else path.stem
    return Document(
        text=text,
        title=(own_title[1].strip("\"'") if own_title else "") or first,
        headings=merged_headings(text, headings),
        charset=decoded.charset,
        problems=decoded.problems,
    )


def _rendered(markdown: str, html: bool) -> list[_Block]:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    parser = MarkdownIt("commonmark", {"html": html, "maxNesting": _MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    parser.block.ruler.at("reference", _link_definition)
    parser.block.ruler.before("fence", "math", _math_block, {"alt": ["paragraph", "blockquote", "list"]})
    parser.inline.ruler.before("escape", "math", _math)
    tokens = parser.parse(markdown)
    if any(token.level >= _MAX_NESTING - 1 for token in tokens):
        return [_lines(markdown)]  # as it is, as what is deeper was dropped
    return _children(SyntaxTreeNode(tokens))


def _link_definition(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    from markdown_it.rules_block import reference

    at = state.bMarks[line] + state.tShift[line]
    return bool(_DEFINITION.match(state.src, at)) and reference(state, line, end, silent)


def _math(state: StateInline, silent: bool) -> bool:
    """A formula, whose _ and \\ are its own: CommonMark knows none."""
    found = _MATH.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("math", "", 0).content = found.group()
    state.pos = found.end()
    return True


def _math_block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Lines from $$ to $$, with no blank one between."""
    for line in range(first, min(end, first + _MAX_MATH)):
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
        if not text or (line == first and not text.startswith("$$")):
            return False
        if text.endswith("$$") and (line > first or len(text) > len("$$$$")):
            break
    else:
        return False
    if not silent:
        state.push("math_block", "", 0).content = state.getLines(first, line + 1, state.blkIndent, False)
        state.line = line + 1
    return True


def _joined(blocks: list[_Block]) -> tuple[str, tuple[Heading, ...]]:
    lines: _Block = []
    for block in blocks:
        lines += [*block, _Line("")]
    headings = []
    position = 0
    for line in lines:
        if line.level and line.text.strip():
            headings.append(Heading(position, line.level, line.text.strip()))
        position += len(line.text) + 1
    return "\n".join(line.text for line in lines[:-1]), tuple(headings)


def _children(node: SyntaxTreeNode) -> list[_Block]:
    return [block for child in node.children for block in _blocks(child) if block]


def _blocks(node: SyntaxTreeNode) -> list[_Block]:
    match node.type:
        case "heading":
            title = _ANCHOR.sub("", " ".join(_inline(node).split("\n")))
            is_paragraph = len(title) > _MAX_HEADING and node.markup in ("-", "=")
            return [_lines(_inline(node))] if is_paragraph else [[_Line(title, int(node.tag[1:]))]]
        case "paragraph":
            return [_lines(_CONTAINER.sub("", _inline(node)))]
        case "fence":
            fence = node.markup
            return [_lines(f"{fence}{node.info}\n{node.content}{fence}")]
        case "code_block" | "math_block":
            return [_lines(node.content)]
        case "html_block":
            return _markdown_in_html(node.content)
        case "bullet_list" | "ordered_list":
            return [_list(node)]
        case "table":
            return [_lines(printed([_row(row) for part in node.children for row in part.children]))]
        case "hr":
            return []
        case _:  # a quotation, and whatever else only holds blocks
            return _children(node)


def _lines(text: str) -> _Block:
    stripped = text.strip("\n")
    return [_Line(line) for line in stripped.split("\n")] if stripped.strip() else []


def _markdown_in_html(markup: str) -> list[_Block]:
    """Markdown stands between the tags without a blank line where pages are made from components."""
    text = without_tags(_TABLE.sub(lambda table: f"\n{page_text(table.group()).text}\n", markup))
    if not text.strip():
        return []
    if "<pre" in markup:
        return [_lines(text)]
    # Indentation shows the nesting of tags here, not code.
    return _rendered("\n".join(line.strip() for line in text.split("\n")), html=False)


def _list(node: SyntaxTreeNode) -> _Block:
    first_number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    is_tight = all(
        part.hidden for item in node.children for part in item.children if part.type == "paragraph"
    )
    gap = [] if is_tight else [_Line("")]
    lines: _Block = []
    for index, item in enumerate(node.children):
        marker = "- " if first_number is None else f"{first_number + index}. "
        inner: _Block = []
        for block in _children(item):
            inner += [*(gap if inner else []), *block]
        lines += [*(gap if lines else []), *_with_marker(inner or [_Line("")], marker)]
    return lines


def _with_marker(lines: _Block, marker: str) -> _Block:
    indent = " " * len(marker)
    rest = [replace(line, text=indent + line.text if line.text else "") for line in lines[1:]]
    return [replace(lines[0], text=marker + lines[0].text), *rest]


def _row(row: SyntaxTreeNode) -> Row:
    is_header = row.parent is not None and row.parent.type == "thead"
    return Row(tuple(_inline(cell).replace("\n", " ").strip() for cell in row.children), is_header=is_header)


def _inline(node: SyntaxTreeNode) -> str:
    return "".join(_inline_text(child) for child in node.children)


def _inline_text(node: SyntaxTreeNode) -> str:
    match node.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "html_inline":
            return without_tags(node.content)
        case "text" | "code_inline" | "text_special" | "math":
            return node.content
        case _:  # emphasis, a link, an image: the text that it holds
            return _inline(node)
