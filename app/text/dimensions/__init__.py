"""Every sentence of the page on dimension and quality, in Chinese and in English.

Agreement with the full vectors is never called quality, and known items are called by that name.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.text import Lang
from app.text.dimensions.chinese import ZH
from app.text.dimensions.english import EN
from app.text.dimensions.sentences import DimensionTexts

__all__ = ["DIMENSION_TEXTS", "EN", "ZH", "DimensionTexts"]

DIMENSION_TEXTS: Mapping[Lang, DimensionTexts] = {"zh": ZH, "en": EN}
