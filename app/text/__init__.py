"""Every sentence that a reader of the UI sees, in Chinese and in English. One module a page:

    search.py (and what every page says)  library.py  status.py  dimensions/
    failures.py  what is told of each error

Sentences may hold Markdown of their own (commands in backticks); what comes from documents never
goes into them but through `app.plain`. `{name}` is filled in by the view.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Literal

from app.text import failures
from app.text.search import EN, ZH, Texts
from indexer import errors

__all__ = ["EN", "FAILURES", "LANGUAGES", "TEXTS", "ZH", "Lang", "Texts", "explain", "explain_kind"]

Lang = Literal["zh", "en"]
LANGUAGES: Mapping[Lang, str] = {"zh": "中文", "en": "English"}

TEXTS: Mapping[Lang, Texts] = {"zh": ZH, "en": EN}
FAILURES: Mapping[Lang, failures.Sentences] = {"zh": failures.ZH, "en": failures.EN}


def explain_kind(kind: str, lang: Lang) -> str | None:
    """As `explain`, by the name of an error's class; None where none is named."""
    if not kind:
        return None
    found = getattr(errors, kind, None) or getattr(builtins, kind, None)
    if isinstance(found, type) and issubclass(found, Exception):
        return _nearest(found, lang)
    return _nearest(Exception, lang)


def explain(error: Exception, lang: Lang) -> str:
    """What went wrong and what to do, for a reader: the sentence of the nearest class that has one."""
    return _nearest(type(error), lang)


def _nearest(kind: type[Exception], lang: Lang) -> str:
    sentences = FAILURES[lang]
    return next(sentences[base] for base in kind.__mro__ if base in sentences)
