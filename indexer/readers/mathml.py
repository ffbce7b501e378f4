"""MathML in one line: a/b, x^2, √(x), so that no two numbers become one."""

from __future__ import annotations

from typing import Any

_SIGNS = {"mfrac": ("/",), "msup": ("^",), "msub": ("_",), "msubsup": ("_", "^"), "munderover": ("_", "^")}
_SIGNS |= {"munder": ("_",), "mover": ("^",)}
_NOT_SHOWN = frozenset({"annotation", "annotation-xml", "mphantom"})


def mathml(element: Any) -> str:
    """The characters of a formula, with the signs that its layout stands for."""
    name = element.tag.rpartition("}")[2]
    if name in _NOT_SHOWN:
        return ""
    if not len(element):
        return (element.text or "").strip()
    children = [mathml(child) for child in element]
    if name == "msqrt":
        return f"√{_bracketed(''.join(children))}"
    if name in _SIGNS:
        first = _bracketed(children[0]) if name == "mfrac" else children[0]
        return first + "".join(
            sign + _bracketed(child) for sign, child in zip(_SIGNS[name], children[1:], strict=False)
        )
    return (" " if name == "mtable" else "").join(children)


def _bracketed(inner: str) -> str:
    return inner if len(inner) == 1 or inner.isalnum() else f"({inner})"
