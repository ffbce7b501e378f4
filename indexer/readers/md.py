"""Markdown: CommonMark with tables, front matter, and HTML between."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.model import Document, Heading
from indexer.readers.charset import decode
from indexer.readers.headings import merged_headings
from indexer.readers.html_tags import without_tags
from indexer.readers.options import PLAIN, ReadOptions

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

# Its first line is a key; otherwise the text begins with a rule and another one follows later.
_FRONT_MATTER = re.compile(
    r"\A\s*---[ \t]*\n(\s*[A-Za-z][\w-]*:\s.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL
)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_ANCHOR = re.compile(r"[ \t]*\{#[^}\n]*\}[ \t]*$")
_CONTAINER = re.compile(r"^:{3,}[ \t]*(?:[A-Za-z][\w-]*)?[ \t]*", re.MULTILINE)  # ::: tip TITLE


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    level: int = 0  # of a heading; 0: none


_Block = list[_Line]


def read(path: Path, data: bytes, options: ReadOptions = PLAIN) -> Document:
    """The text as a reader of the rendered page sees it; blocks are apart by a blank line.

    Lists keep "- " or their numbers, tables become lines "a | b", fenced code stays whole with its
    fence, links and images leave their text, comments and HTML tags go.

    Raises:
        CharsetError: the bytes are no text in a known charset.
    """
    decoded = decode(data, path, options.charset)
    front = _FRONT_MATTER.match(decoded.text)
    body = decoded.text[front.end() :] if front else decoded.text
    text, headings = _joined(_rendered(body, html=True))
    own_title = _FRONT_TITLE.search(front[1]) if front else None
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

    parser = MarkdownIt("commonmark", {"html": html}).enable(["table", "strikethrough"])
    return _children(SyntaxTreeNode(parser.parse(markdown)))


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
            return [[_Line(title, int(node.tag[1:]))]]
        case "paragraph":
            return [_lines(_CONTAINER.sub("", _inline(node)))]
        case "fence":
            fence = node.markup
            return [_lines(f"{fence}{node.info}\n{node.content}{fence}")]
        case "code_block":
            return [_lines(node.content)]
        case "html_block":
            return _markdown_in_html(node.content)
        case "bullet_list" | "ordered_list":
            return [_list(node)]
        case "table":
            return [[_Line(_row(row)) for part in node.children for row in part.children]]
        case "hr":
            return []
        case _:  # a quotation, and whatever else only holds blocks
            return _children(node)


def _lines(text: str) -> _Block:
    stripped = text.strip("\n")
    return [_Line(line) for line in stripped.split("\n")] if stripped.strip() else []


def _markdown_in_html(markup: str) -> list[_Block]:
    """Markdown stands between the tags without a blank line where pages are made from components."""
    text = without_tags(markup)
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


def _row(row: SyntaxTreeNode) -> str:
    return " | ".join(_inline(cell).replace("\n", " ").strip() for cell in row.children)


def _inline(node: SyntaxTreeNode) -> str:
    return "".join(_inline_text(child) for child in node.children)


def _inline_text(node: SyntaxTreeNode) -> str:
    match node.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "html_inline":
            return without_tags(node.content)
        case "text" | "code_inline" | "text_special":
            return node.content
        case _:  # emphasis, a link, an image: the text that it holds
            return _inline(node)
