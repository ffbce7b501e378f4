"""From ranked chunks to what a reader wants to see: no text twice, no document that fills the list; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.ranking import Ranked
from indexer.normalize import searchable
from indexer.store import Payload

_MOST_PARTS = 3  # chunks that one hit joins


@dataclass(slots=True)
class Group:
    """What becomes one hit: a chunk, neighbours that overlap it, and places where the same text stands."""

    best: Ranked
    parts: list[Payload] = field(default_factory=list)  # in document order, `best` among them
    also: list[Payload] = field(default_factory=list)

    def joined(self) -> tuple[str, int]:
        """The parts as one text, what overlaps once, and where the best chunk begins in it."""
        text, best_start = "", 0
        for part in self.parts:
            start = len(text) - part["overlap"] if text else 0
            if part is self.best.payload:
                best_start = start
            text = text[:start] + part["text"]
        return text, best_start


def group(ranked: Sequence[Ranked], top: int, per_document: int = 0) -> list[Group]:
    """The first `top` groups, best first.

    Args:
        per_document: most groups of one document; 0: any number.
    """
    groups: list[Group] = []
    by_text: dict[str, Group] = {}
    of_document: Counter[str] = Counter()
    for chunk in ranked:
        payload = chunk.payload
        text = "".join(searchable(payload["text"]).split())
        if same := by_text.get(text):
            same.also.append(payload)
            continue
        neighbour = next((g for g in groups if _joins(g, payload)), None)
        if neighbour:
            neighbour.parts = sorted([*neighbour.parts, payload], key=lambda part: int(part["ordinal"]))
            by_text[text] = neighbour
            continue
        if per_document and of_document[payload["source"]] >= per_document:
            continue
        if len(groups) == top:
            continue  # what follows may still be a copy or a neighbour of what is shown
        of_document[payload["source"]] += 1
        groups.append(Group(chunk, [payload]))
        by_text[text] = groups[-1]
    return groups


def _joins(group: Group, payload: Payload) -> bool:
    """Whether a chunk overlaps the first or the last part of a group."""
    first, last = group.parts[0], group.parts[-1]
    if len(group.parts) == _MOST_PARTS or payload["source_id"] != first["source_id"]:
        return False
    return _overlap(payload, first) or _overlap(last, payload)


def _overlap(before: Payload, after: Payload) -> bool:
    return bool(after["overlap"]) and after["ordinal"] == before["ordinal"] + 1
