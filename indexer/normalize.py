"""Text as it is searched, quoted and embedded; what is shown stays as it is. Pure functions."""

from __future__ import annotations

import re

from indexer.folding import Folded, compatible, fold_radicals, folded, mended, typed
from indexer.script import simplified, simplified_characters

__all__ = [
    "embeddable",
    "exact",
    "fold_radicals",
    "searchable",
    "searchable_with_origins",
]


def searchable(text: str) -> str:
    """The text as it is searched: what print and fonts did to it mended, compatibility forms (NFKC),
    case and script folded.

    So ＧＢ／Ｔ is gb/t, 合 同 法 is 合同法, and 試用期 is 试用期, in the index and in the question.
    """
    return simplified(folded(text).text.lower())


def searchable_with_origins(text: str) -> Folded:
    """The text as it is searched, and for each of its characters the place that it comes from."""
    plain = folded(text)
    # The one letter of which lower() makes two.
    plain = plain.edited((found.start(), found.end(), "i\u0307") for found in re.finditer("İ", plain.text))
    return plain.rewritten(simplified(plain.text.lower()))


def exact(text: str) -> str:
    """The text as quotations are compared: as `searchable`, and a part of it stays a part.

    (So doubled glyphs and words spaced out stay: whether they are such depends on what stands round them.)
    """
    return simplified_characters(compatible(typed(text)).text.lower())


def embeddable(text: str) -> str:
    """The text as it is embedded: mended, and otherwise as it is written.

    Models know Chinese with its own punctuation, in either case and script.
    """
    return mended(text).text
