"""What is refused before a model runs, and what is refused of what it made."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.errors import BlankTextError, EmbeddingError, TextTooLongError

_SHOWN_CHARACTERS = 30
_SURROGATE = re.compile("[\ud800-\udfff]")


def check_not_blank(texts: Sequence[str]) -> None:
    """Refuse texts without a visible character.

    Spaces, controls, zero-width and unassigned characters, and marks with nothing to sit on all
    vanish in a tokenizer; the vector would be that of the empty text.

    Raises:
        BlankTextError: names the first such text.
        EmbeddingError: a text holds half a surrogate pair, which no tokenizer takes.
    """
    for index, text in enumerate(texts):
        if not any(unicodedata.category(c)[0] in "LNPS" for c in text):
            raise BlankTextError(
                f"text {index} ({text[:_SHOWN_CHARACTERS]!r}) has nothing to embed; leave it out"
            )
        if _SURROGATE.search(text):
            raise EmbeddingError(
                f"text {index} ({text[:_SHOWN_CHARACTERS]!r}) holds half of a surrogate pair, which is not "
                "text; decode its source again"
            )


def check_lengths(texts: Sequence[str], counts: Sequence[int], bare: int, max_tokens: int) -> None:
    """Refuse texts that have no tokens of their own, or more than fit.

    Args:
        texts: n texts.
        counts: their tokens, prompt and specials included.
        bare: tokens of the prompt and the specials alone.
        max_tokens: the window.

    Raises:
        BlankTextError: a text adds nothing to prompt and specials.
        TextTooLongError: a text would be cut.
    """
    for index, (text, count) in enumerate(zip(texts, counts, strict=True)):
        if count <= bare:
            raise BlankTextError(
                f"text {index} ({text[:_SHOWN_CHARACTERS]!r}) has no tokens for this model; leave it out"
            )
        if count > max_tokens:
            raise TextTooLongError(
                f"text {index} ({text[:_SHOWN_CHARACTERS]!r}…) has {count} tokens, prompt included; "
                f"the model takes {max_tokens}; split it"
            )


def check_raw(vectors: NDArray[np.floating], count: int, dim: int) -> None:
    """Refuse vectors that can't be compared.

    Raises:
        EmbeddingError: not (count, dim), or a row with NaN, infinity or nothing but zeros.
    """
    if vectors.shape != (count, dim):
        raise EmbeddingError(
            f"the model gave an array of {vectors.shape} for {count} texts; expected ({count}, {dim}); "
            "is its configuration that of its weights?"
        )
    usable = np.isfinite(vectors).all(axis=1) & (vectors != 0).any(axis=1)
    if not usable.all():
        raise EmbeddingError(
            f"the vector of text {int(np.argmin(usable))} is NaN, infinite or zero; are the weights damaged, "
            "or did half precision overflow? try XUNZHANG_DEVICE=cpu"
        )
