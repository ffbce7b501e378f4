"""A search as parameters of an address, and back; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.ranking import MODES, Mode
from app.rerank import RERANKS, Rerank
from app.searcher import FILTERS

MOST_RESULTS = 100
DEFAULT_RESULTS = 10
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2100, 1, 1)  # that the form takes


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        per_document: most hits of one document, 0 for any number.
        chosen: filter → values, any of which will do.
        since, until: days between which a document was last changed, both included.
    """

    question: str = ""
    mode: Mode = "hybrid"
    rerank: Rerank = "none"
    top: int = DEFAULT_RESULTS
    per_document: int = 3
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None

    @property
    def filtered(self) -> bool:
        return bool(any(self.chosen.values()) or self.since or self.until)


PARAMETERS = ("q", "mode", "rerank", "n", "per", *FILTERS, "since", "until")


def to_parameters(request: Request, usual: Request) -> dict[str, list[str]]:
    """Only what differs from the usual, so that a plain question has a short address."""
    said: dict[str, list[str]] = {}
    if request.question:
        said["q"] = [request.question]
    for name, value, default in (
        ("mode", request.mode, usual.mode),
        ("rerank", request.rerank, usual.rerank),
        ("n", str(request.top), str(usual.top)),
        ("per", str(request.per_document), str(usual.per_document)),
    ):
        if value != default:
            said[name] = [value]
    said |= {name: list(values) for name, values in request.chosen.items() if values}
    said |= {name: [day.isoformat()] for name, day in _days(request) if day}
    return said


def from_parameters(given: Mapping[str, Sequence[str]], usual: Request) -> Request:
    """What an address asks for; what makes no sense in it, as from a mistyped one, is the usual."""
    last = {name: values[-1] for name, values in given.items() if values}
    mode = next((mode for mode in MODES if mode == last.get("mode")), usual.mode)
    rerank = next((how for how in RERANKS if how == last.get("rerank")), usual.rerank)
    return Request(
        question=last.get("q", "").strip(),
        mode=mode,
        rerank=rerank,
        top=_number(last.get("n"), 1, usual.top),
        per_document=_number(last.get("per"), 0, usual.per_document),
        chosen={name: values for name in FILTERS if (values := tuple(filter(None, given.get(name, ()))))},
        since=_day(last.get("since")),
        until=_day(last.get("until")),
    )


def _days(request: Request) -> tuple[tuple[str, date | None], ...]:
    return (("since", request.since), ("until", request.until))


def _number(text: str | None, least: int, usual: int) -> int:
    if text is None or not text.isascii() or not text.isdigit():
        return usual
    return min(max(int(text[:6]), least), MOST_RESULTS)


def _day(text: str | None) -> date | None:
    try:
        return min(max(date.fromisoformat(text), FIRST_DAY), LAST_DAY) if text else None
    except ValueError:
        return None
