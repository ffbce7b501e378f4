"""A question as it is typed: free text, and what must or must not be in the passage; pure.

"试用期" 工资          the passage must have 试用期 as written (also “…”, 「…」, 『…』)
试用期 -实习           it must not have 实习 (also -"…")
类型:pdf 文件:劳动法   only of such files; also 文件夹: and 标题:, and file:, type:, folder:, title:
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from indexer.errors import XunzhangError
from indexer.normalize import exact
from indexer.store import Payload

_FIELDS = {
    "文件": "file",
    "文件夹": "folder",
    "类型": "type",
    "标题": "title",
    **{name: name for name in ("file", "folder", "type", "title")},
}
# A straight quotation mark behind a letter or a digit is none: 5" 管, class="mark".
_QUOTED = r'(?<![0-9A-Za-z=])"([^"]*)"|“([^”]*)”|「([^」]*)」|『([^』]*)』'
_PART = re.compile(
    rf"(?:(?<=\s)|^)(?P<field>{'|'.join(_FIELDS)})[:：](?:{_QUOTED}|(?P<value>\S+))"
    rf"|(?:(?<=\s)|^)[-−－](?:{_QUOTED}|(?P<word>[^\s\d\-−－]\S*))"  # but -20℃ is a number
    rf"|{_QUOTED}",
    re.IGNORECASE,
)


class QuestionError(XunzhangError):
    """A question that can't be asked: empty, or with a filter or mode that does not exist."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked for.

    Attributes:
        text: what is embedded and cut into words: the free text and the phrases.
        phrases: each must be in the passage, or in its title or headings.
        excluded: none may be.
        titles: each must be in the title or a heading.
        filters: file, folder or type → values, any of which will do.
    """

    text: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] | None = None

    @property
    def required(self) -> tuple[str, ...]:
        """Texts without which a passage can't be an answer."""
        return (*self.phrases, *self.titles)

    def accepts(self, payload: Payload) -> bool:
        """Whether a passage has what it must have and nothing that it must not, as texts are searched."""
        context = exact("\n".join([payload["title"], *payload["headings"]]))
        if not all(exact(title) in context for title in self.titles):
            return False
        if not (self.phrases or self.excluded):
            return True
        text = exact(payload["text"]) + "\n" + context
        return all(exact(phrase) in text for phrase in self.phrases) and not any(
            exact(word) in text for word in self.excluded
        )


def parse(typed: str) -> Question:
    """Read a question.

    Raises:
        QuestionError: nothing is left to search for.
    """
    free: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    filters: dict[str, list[str]] = {}
    end = 0
    for match in _PART.finditer(typed):
        free.append(typed[end : match.start()])
        end = match.end()
        value = next((group.strip() for group in match.groups()[1:] if group and group.strip()), "")
        if not any(character.isalnum() for character in value):
            free.append(" ")  # "", or -- : nothing that could be looked for
        elif match["field"] and _FIELDS[match["field"].lower()] == "type" and not value.isascii():
            free.append(match.group())  # 类型：有哪些 is a question
        elif match["field"]:
            filters.setdefault(_FIELDS[match["field"].lower()], []).append(value)
        elif match.group().lstrip()[0] in "-−－":
            excluded.append(value)
        else:
            phrases.append(value)
            free.append(value)
    free.append(typed[end:])
    titles = tuple(filters.pop("title", ()))
    text = " ".join("".join(free).split()) or " ".join(titles)
    if not text:
        raise QuestionError(f"{typed!r} asks for nothing; type a few words that the passage is about")
    return Question(
        text=text,
        phrases=tuple(phrases),
        excluded=tuple(excluded),
        titles=titles,
        filters={name: tuple(values) for name, values in filters.items()},
    )
