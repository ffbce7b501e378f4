"""Text for what shows some and has none in the tree: fields of forms, pictures, formulas, drawings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from indexer.readers.html.tree import drop, elements
from indexer.readers.mathml import mathml

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from bs4.element import PageElement

# Of `input`: what shows nothing, or the label of a button, which says what a click does. All others show
# what is typed in them.
_NO_TEXT = frozenset({"button", "color", "file", "hidden", "image", "password", "range", "reset", "submit"})
_BOXES = {"checkbox": "☐☑", "radio": "○◉"}  # not chosen, chosen
_BESIDE_A_BOX = frozenset({"a", "b", "em", "font", "i", "label", "span", "strong"})
_CELLS = frozenset({"dd", "li", "td", "th"})

# What programs write where nobody described the picture.
_NO_DESCRIPTION = re.compile(
    r"\S+\.(?:avif|bmp|gif|jpe?g|png|svg|tiff?|webp)"
    r"|(?:图片?|圖片|图像|插图|配图|照片|头像|封面"
    r"|image|img|pic|picture|photo|logo|icon|avatar|cover)[-_ ]?\d*",
    re.IGNORECASE,
)
_MIN_REPEATED = 4  # characters; a shorter description may be a formula that the page has elsewhere too


def description(alt: str) -> str:
    """What a picture's alternative text says of it; "" for a file's name or a mere "image"."""
    text = " ".join(alt.split())
    return "" if _NO_DESCRIPTION.fullmatch(text) else text


def put_in(page: BeautifulSoup) -> None:
    """Put text in the place of such elements.

    A picture leaves its description, plainly, as in Markdown: it stands for a formula or a word of a
    sentence as often as for a photograph. One that the page has as a text anyway, such as a caption, is
    not repeated.
    """
    shown = {text for text in page.stripped_strings if len(text) >= _MIN_REPEATED}
    for element in elements(page):
        if element.decomposed:
            continue
        if element.name == "img":
            text = description(str(element.get("alt", "")))
            element.string = "" if text in shown else text
        elif element.name == "input":
            element.string = _field(element)
        elif element.name == "select":
            element.string = _options(element)
        elif element.name.rpartition(":")[2] == "math":
            element.string = _formula(element)
        elif element.name == "svg":
            _keep_labels(element)
        elif "katex-html" in element.get_attribute_list("class"):
            _drop_second_formula(element)


def _field(field: Tag) -> str:
    kind = str(field.get("type", "text")).strip().lower()
    if kind in _BOXES:
        is_shown = any(map(_is_label, (field.previous_sibling, field.next_sibling))) or _is_in_cell(field)
        return _BOXES[kind][field.has_attr("checked")] if is_shown else ""
    return "" if kind in _NO_TEXT else str(field.get("value") or field.get("placeholder") or "")


def _is_label(neighbour: PageElement | None) -> bool:
    """Whether a box beside it is one to tick: style sheets hide those that only open a menu."""
    from bs4 import Tag

    if isinstance(neighbour, Tag) and neighbour.name not in _BESIDE_A_BOX:
        return False
    return neighbour is not None and bool(neighbour.get_text(strip=True))


def _is_in_cell(field: Tag) -> bool:
    return field.parent is not None and field.parent.name in _CELLS


def _options(select: Tag) -> str:
    """All its options, with a mark at what is chosen: a click shows the others, paper only that one."""
    options = select.find_all("option")
    chosen = [option for option in options if option.has_attr("selected")]
    if not chosen and not select.has_attr("multiple"):
        chosen = options[:1]
    marks = _BOXES["checkbox" if select.has_attr("multiple") else "radio"]
    ids = set(map(id, chosen))
    texts = [(option.get_text(" ", strip=True) or str(option.get("label", "")), option) for option in options]
    return " ".join(f"{marks[id(option) in ids]}{text}" for text, option in texts if text)


def _formula(formula: Tag) -> str:
    """In one line, with the signs that its layout stands for: a half is 1/2, not 12."""
    from lxml import etree

    prefix = formula.name.removesuffix("math")  # "m:" in some e-books
    markup = str(formula)
    if prefix:
        markup = markup.replace(f"<{prefix}", "<").replace(f"</{prefix}", "</")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, remove_comments=True)
    root: Any = etree.fromstring(markup, parser)
    return formula.get_text() if root is None else mathml(root)


def _keep_labels(drawing: Tag) -> None:
    """A drawing keeps its labels, a line each; an icon has none."""
    labels = [label.get_text(" ", strip=True) for label in drawing.find_all(["text", "foreignobject"])]
    if any(labels):
        drawing.string = "\n".join(filter(None, labels))
    else:
        drop(drawing)


def _drop_second_formula(shape: Tag) -> None:
    """KaTeX draws a formula beside its MathML, which it hides by a style sheet."""
    before = shape.find_previous_sibling()
    if before is not None and "katex-mathml" in before.get_attribute_list("class"):
        drop(shape)
