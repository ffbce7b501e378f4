"""Characters that no reader hands on."""

from __future__ import annotations

import re

# Lone surrogates and noncharacters come out of broken PDFs and can't be stored as UTF-8.
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# A form feed or a vertical tab separates; removed without a trace it would glue two words.
_NEWLINE = re.compile("\r\n|[\r\x0b\x0c\x85]")


def printable(text: str) -> str:
    """The text with every kind of newline as `\\n`, and no control characters but `\\n` and `\\t`."""
    return _UNWANTED.sub("", _NEWLINE.sub("\n", text))
