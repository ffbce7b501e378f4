"""Formulas of Word in one line: a/b, x^2, √(x), so that no two numbers become one."""

from __future__ import annotations

from typing import Any

from indexer.readers.word.names import M, W

_DELETED = frozenset({f"{W}del", f"{W}moveFrom"})


def formula(element: Any) -> str:
    """The characters of an m:oMath, or of any part of one, with the signs that its layout stands for."""
    name = element.tag.removeprefix(M)
    if name == "t":
        return element.text or ""
    if name in _DELETED:
        return ""
    if name == "f":
        return f"{_group(element, 'num')}/{_group(element, 'den')}"
    if name in ("sSup", "sSub", "sSubSup"):
        return _plain(element, "e") + _script(element, "sub", "_") + _script(element, "sup", "^")
    if name == "rad":
        degree = _plain(element, "deg")
        return f"{degree}√{_group(element, 'e')}"
    if name == "d":
        inner = _sign(element, "sepChr", "|").join(formula(child) for child in element.findall(f"{M}e"))
        return _sign(element, "begChr", "(") + inner + _sign(element, "endChr", ")")
    if name == "nary":
        limits = _script(element, "sub", "_") + _script(element, "sup", "^")
        return _sign(element, "chr", "∫") + limits + _plain(element, "e")
    if name in ("mr", "eqArr"):
        return " ".join(formula(child) for child in element.findall(f"{M}e"))
    if name == "m":
        return "; ".join(formula(child) for child in element.findall(f"{M}mr"))
    return "".join(formula(child) for child in element)


def _plain(element: Any, name: str) -> str:
    child = element.find(M + name)
    return "" if child is None else formula(child)


def _group(element: Any, name: str) -> str:
    return _bracketed(_plain(element, name))


def _script(element: Any, name: str, sign: str) -> str:
    inner = _plain(element, name)
    return sign + _bracketed(inner) if inner else ""


def _bracketed(inner: str) -> str:
    return inner if len(inner) == 1 or inner.isalnum() else f"({inner})"


def _sign(element: Any, name: str, usual: str) -> str:
    """A bracket or an operator; it is given where it is not the usual one, and may be empty."""
    child = element.find(f"{M}{element.tag.removeprefix(M)}Pr/{M}{name}")
    return usual if child is None else child.get(f"{M}val", usual)
