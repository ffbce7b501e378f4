"""Data as text that is read and acts on nothing: names, headings and passages come from anywhere."""

from __future__ import annotations

import re

# Terminal colours and other escape sequences, control characters except tab and line break, and the
# characters that turn the direction of what follows (they make a name look like another).
_INVISIBLE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")  # of file names that are not UTF-8; can't be sent to a browser
# What has a meaning within a line of Markdown, with Streamlit's additions: each may be escaped.
_ADDRESS = re.compile(r"(www(?=\\?\.)|@(?=[\w-]+\.\w)|\\:(?=//))", re.IGNORECASE)
# What begins a list or a heading at the beginning of a line.
_BLOCK = re.compile(r"^(\d*)(#+|[+.)]|-+)(?=\s|$)")
_MARKUP = re.compile(r"([\\`*_~\[\]<>|$:&])")


def displayable(text: str) -> str:
    """The text without what would act on the page instead of being read."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _INVISIBLE.sub("", text.replace("\r\n", "\n")))


def in_markdown(text: str) -> str:
    """A name within a sentence that is Markdown, shown as it is, on one line.

    Markdown makes links of addresses, escaped or not: a character without width keeps them apart.
    Passages and questions go as HTML instead.
    """
    line = _MARKUP.sub(r"\\\1", " ".join(displayable(text).split()))
    line = _ADDRESS.sub("\\1\N{WORD JOINER}", line)
    return _BLOCK.sub(r"\1\\\2", line)
