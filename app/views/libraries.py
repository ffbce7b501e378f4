"""The libraries that are searched: the one that the sidebar names, or all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app import resources
from app.search_all import search_all
from app.searcher import FILTERS, Searcher, SearchResult, filters
from app.views.failure import log_unexpected
from app.views.link import Request
from indexer.store import Filter

ALL = "*"  # no collection can be named so
SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@dataclass(frozen=True, slots=True)
class Libraries:
    """Those that could be opened, and why the others could not."""

    searchers: dict[str, Searcher]
    failures: dict[str, Exception]
    is_empty: bool

    def counts(self, request: Request) -> dict[str, Counter[str]]:
        """How many chunks there are by filter and value, given what else is chosen."""
        counted: dict[str, Counter[str]] = {name: Counter() for name in FILTERS}
        for name, searcher in self.searchers.items():
            try:
                facets = searcher.facets(_where(searcher, request))
            except Exception as error:  # the search itself will tell
                resources.reopen_after(error, name)
                log_unexpected(error)
                continue
            for filter_, field in FILTERS.items():
                counted[filter_].update(facets[field])
        return {name: Counter(dict(values.most_common())) for name, values in counted.items()}

    def search(self, request: Request) -> SearchResult:
        """
        Raises:
            As `Searcher.search`.
        """

        def asked(searcher: Searcher) -> SearchResult:
            try:
                return searcher.search(
                    request.question,
                    request.mode,
                    request.top,
                    _where(searcher, request),
                    request.rerank,
                    request.per_document,
                )
            except Exception as error:
                resources.reopen_after(error, searcher.collection)
                log_unexpected(error)
                raise

        if len(self.searchers) == 1:
            (searcher,) = self.searchers.values()
            return asked(searcher)
        return search_all(self.searchers, asked, request.top)


def open_libraries(names: Sequence[str]) -> Libraries:
    searchers: dict[str, Searcher] = {}
    failures: dict[str, Exception] = {}
    is_empty = True
    for name in names:
        try:
            searcher = resources.searcher(name)
            is_empty &= not searcher.has_chunks()
            searchers[name] = searcher
        except Exception as error:
            resources.reopen_after(error, name)
            log_unexpected(error)
            failures[name] = error
    return Libraries(searchers, failures, is_empty)


def chosen(library: str) -> list[str]:
    """The collections that a choice of the sidebar stands for.

    Raises:
        XunzhangError: see `resources.collection_names`.
    """
    return resources.collection_names() if library == ALL else [library]


def _where(searcher: Searcher, request: Request) -> Filter:
    return (*filters(request.chosen), *searcher.dates(request.since, request.until))
