"""One question to several libraries: their answers in one list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.searcher import Notice, Searcher, SearchResult


def search_all(
    searchers: Mapping[str, Searcher], search: Callable[[Searcher], SearchResult], top: int
) -> SearchResult:
    """Ask each, and order all by their scores.

    What a list is ordered by counts standard deviations above the random chunks of its own library, so
    that it can be compared across libraries, and across models; cosines and BM25 could not. A second
    stage compares within each library: after it the order across them is roughly right.

    Args:
        search: the question, put to one of them.
        top: most hits.

    Raises:
        XunzhangError: as `Searcher.search`, where it failed in all of them; one that fails alone is a
            notice.
    """
    answers: list[SearchResult] = []
    notices: list[Notice] = []
    failure: Exception | None = None
    for name, searcher in searchers.items():
        try:
            answers.append(search(searcher))
        except Exception as error:
            failure = failure or error
            notices.append(Notice("library_failed", {"library": name}))
    if not answers:
        assert failure is not None
        raise failure
    for answer in answers:
        notices += [notice for notice in answer.notices if notice not in notices]
    hits = sorted((hit for answer in answers for hit in answer.hits), key=lambda hit: -hit.score)
    return replace(
        answers[0],
        hits=tuple(hits[:top]),
        embed_seconds=sum(answer.embed_seconds for answer in answers),
        search_seconds=sum(answer.search_seconds for answer in answers),
        rerank_seconds=sum(answer.rerank_seconds for answer in answers),
        notices=tuple(notices),
    )
