"""What holds between two braces of rich text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from indexer.readers.rtf.lines import Lines
from indexer.readers.word.fields import is_contents

# Groups whose text the document does not show. With \* before its name any other group is one too.
_NOT_SHOWN_NAMES = """
    colortbl info pict nonshppict shprslt objdata objclass objalias header headerl headerr headerf footer
    footerl footerr footerf ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn xe tc tcn txe rxe sp pntxta pntxtb
    listtable listoverridetable revtbl filetbl template mmathPict fontemb fontfile falt annotation atnid
    atnauthor datafield private bkmkstart bkmkend
"""
_NOT_SHOWN = frozenset(_NOT_SHOWN_NAMES.split())
_READ_THOUGH_STARRED_NAMES = "shpinst do ud fldinst nesttableprops moMath moMathPara footnote listtext"
_READ_THOUGH_STARRED = frozenset(_READ_THOUGH_STARRED_NAMES.split())
_MATH_PROPERTIES = re.compile(r"m\w*Pr")
_ASIDES = {"footnote": "note", "shptxt": "box", "dptxbxtext": "box"}
_CAPTURED = {"listtext": "label", "pntext": "label", "fldinst": "instruction"}
_TABLES = {"fonttbl": "font", "stylesheet": "style"}  # and what each group inside defines


@dataclass(slots=True)
class Group:
    """What has been said, and goes on in the groups inside."""

    lines: Lines
    shown: bool = True
    kind: str = ""  # what the group is, where something is to be done at its end
    captured: list[str] | None = None  # its text, where that is no text of the document
    font: int | None = None
    fallback: int = 1  # characters after a \u number, for programs that don't know it
    hidden: bool = False
    deleted: bool = False
    in_table: bool = False
    style: int | None = None
    outline: int | None = None
    instruction: str = ""  # of a field, for its result

    @property
    def is_text(self) -> bool:
        """Whether characters in it are text of the document."""
        return self.captured is None and self.shown and not self.hidden and not self.deleted

    def inside(self) -> Group:
        """A group that begins in this one."""
        kind = _TABLES.get(self.kind, "")
        return replace(self, kind=kind, captured=[] if kind else self.captured)

    def become(self, name: str, outer: list[Group], *, starred: bool) -> bool:
        """Follow a word that says what the group is. False: it says nothing of the kind.

        Args:
            outer: the groups round this one, outermost first.
            starred: a program that does not know the word should pass over the group.
        """
        if name in _TABLES:
            self.kind, self.captured = name, []
        elif name in _CAPTURED:
            self.kind, self.captured = _CAPTURED[name], []
        elif name in _ASIDES:
            self.kind, self.lines, self.in_table = _ASIDES[name], Lines(), False
        elif name == "title" and outer and outer[-1].kind == "info":
            self.kind, self.captured, self.shown = "title", [], True
        elif name == "fldrslt":
            self.shown = self.shown and not is_contents(self.instruction)
        elif name == "upr":  # the same text twice, and after \ud in Unicode
            self.kind, self.shown = name, False
        elif name == "ud":
            self.shown = next((group.shown for group in reversed(outer) if group.kind != "upr"), True)
        elif (
            name in _NOT_SHOWN
            or _MATH_PROPERTIES.fullmatch(name)
            or (starred and name not in _READ_THOUGH_STARRED)
        ):
            self.kind, self.shown = name, False
        else:
            return False
        return True

    def set(self, name: str, number: int | None) -> None:
        """Follow a word that says how the text after it is."""
        if name == "f":
            self.font = number
        elif name == "uc":
            self.fallback = max(number or 0, 0)
        elif name == "v":
            self.hidden = number != 0
        elif name == "deleted":
            self.deleted = number != 0
        elif name == "plain":
            self.hidden = self.deleted = False
            self.font = None
        elif name == "pard":
            self.in_table = False
            self.style = self.outline = None
        elif name == "intbl":
            self.in_table = number != 0
        elif name == "s":
            self.style = number
        elif name == "outlinelevel":
            self.outline = number
