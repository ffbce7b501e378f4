"""What loading a model with transformers needs besides: silence, and its report of missing weights."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


def random_weights(reports: list[str]) -> list[str]:
    """Names of parameters that a loading report calls MISSING, but for BERT's pooler, which is
    left out of most embedding models and used by none of their poolings."""
    rows = (line.split("|") for report in reports for line in report.splitlines() if "|" in line)
    return [r[0].strip() for r in rows if "MISSING" in r[1] and not r[0].strip().startswith("pooler.")]


class _Collector(logging.Handler):
    """Keeps messages instead of printing them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def quiet_libraries() -> Iterator[list[str]]:
    """Keep the libraries' bars and warnings off the terminal; collect the warnings."""
    from transformers.utils import logging as library_logging

    collector = _Collector()
    loggers = [logging.getLogger(name) for name in ("transformers", "sentence_transformers")]
    before = [(logger, logger.handlers, logger.propagate, logger.level) for logger in loggers]
    bars = library_logging.is_progress_bar_enabled()
    library_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    for logger in loggers:
        logger.handlers, logger.propagate = [collector], False
        logger.setLevel(logging.WARNING)
    try:
        yield collector.messages
    finally:
        for logger, handlers, propagate, level in before:
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)
        if bars:
            library_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
