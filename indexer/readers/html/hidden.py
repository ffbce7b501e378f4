"""What of a page its reader does not see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.model import Problem
from indexer.readers.html.tree import drop, elements, parsed

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_NOT_TEXT_NAMES = """
    script style head title desc defs metadata
    annotation annotation-xml
    rp rt
    audio canvas video
"""  # second line: formulas once more; third: pronunciation, which would part the characters of a word;
# fourth: what they hold is for browsers that can't play them
_NOT_TEXT = frozenset(_NOT_TEXT_NAMES.split())
# Text for scripts, for typing, or for browsers without scripts.
_HELD_BACK = frozenset({"datalist", "noscript", "template"})
_SHADOW = "shadowrootmode"  # of a template that is shown
_MAX_SHARE = 0.5  # of the page's text; a hidden element that holds more is the page, which a script uncovers
_INVISIBLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

_MOST_NAMED = 9  # frames
_NO_FILE = re.compile(r"\s*(?:(?:about|javascript|data):|\Z)", re.IGNORECASE)
_DOTS = frozenset({"0", "1"})  # width or height of a frame that only counts visitors


def drop_unshown(page: BeautifulSoup) -> list[Problem]:
    """Drop what is not shown, and name what of it may be text of the document."""
    _open_frames(page)
    for element in elements(page):
        if not element.decomposed and element.name in _NOT_TEXT:
            drop(element)
    size = _drop_hidden(page)
    problems = _drop_frames(page)
    if size:
        reason = f"{size:,} characters are hidden by the page and were left out"
        problems.append(Problem(reason, lost=False, kind="left_out"))
    return problems


def _drop_hidden(page: BeautifulSoup) -> int:
    """Drop what is hidden, and count its characters."""
    limit = _MAX_SHARE * len(page.get_text(strip=True))
    dropped = 0
    for element in elements(page):
        if element.decomposed:
            continue
        is_held_back = element.name in _HELD_BACK and not element.has_attr(_SHADOW)
        if not (is_held_back or _is_hidden(element)):
            continue
        size = len(element.get_text(strip=True))
        if is_held_back or size <= limit:
            dropped += size
            drop(element)
    return dropped


def _is_hidden(element: Tag) -> bool:
    if element.name == "dialog" and not element.has_attr("open"):
        return True
    # What is hidden until it is found is there to be found.
    if element.has_attr("hidden") and element["hidden"] != "until-found":
        return True
    return _INVISIBLE.search(str(element.get("style", ""))) is not None


def _open_frames(page: BeautifulSoup) -> None:
    """Put in place of frames the pages that are written in them; not those of frames in these in turn."""
    for frame in page.find_all("iframe", srcdoc=True):
        inner = parsed(str(frame["srcdoc"]))
        frame.name = "div"
        frame.clear()
        for child in list((inner.body or inner).contents):
            frame.append(child)


def _drop_frames(page: BeautifulSoup) -> list[Problem]:
    """Drop frames, whose pages are other files, and name these."""
    problems = []
    for name in ("frame", "iframe"):
        frames = page.find_all(name)
        sources = [str(frame.get("src", "")) for frame in frames if not _is_dot(frame)]
        files = list(dict.fromkeys(source for source in sources if not _NO_FILE.match(source)))
        for frame in frames:
            drop(frame)
        if files:
            named = ", ".join(files[:_MOST_NAMED]) + (" and others" if len(files) > _MOST_NAMED else "")
            # A page of `frame` has no text of its own; one with `iframe` may hold a film or an advertisement.
            which, is_lost = ("its", True) if name == "frame" else ("some", False)
            reason = f"{which} text is in frames, files of their own: {named}; index those"
            problems.append(Problem(reason, lost=is_lost, kind="other" if is_lost else "left_out"))
    return problems


def _is_dot(frame: Tag) -> bool:
    return frame.get("width") in _DOTS or frame.get("height") in _DOTS
