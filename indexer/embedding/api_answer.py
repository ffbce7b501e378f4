"""What an embedding API sent back, turned into vectors; pure."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import ApiError

# Where servers put the list of vectors when the answer is an object.
_LISTS = ("embeddings", "data", "outputs", "output", "vectors", "result", "results")
_VECTORS = ("embedding", "vector", "values")  # and a vector, when the list's entries are objects
_SHOWN_CHARACTERS = 200


def parse_vectors(body: str, count: int) -> NDArray[np.float32]:
    """Read the vectors out of an answer.

    Accepted: a list of vectors; an object with such a list under one of the usual names, also one
    level deeper; entries that are objects with a vector, put in the order of their `index`.

    Args:
        body: the answer, JSON.
        count: texts that were sent.

    Returns:
        float32 (count, dim).

    Raises:
        ApiError: anything else; the message says what came.
    """
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise ApiError(f"the API's answer is not JSON: {_shown(body)}") from error
    rows = _rows(answer)
    if rows is None:
        raise ApiError(f"the API's answer holds no list of vectors: {_shown(body)}")
    vectors = [_vector(row) for row in _in_order(rows)]
    if len(vectors) != count:
        raise ApiError(f"the API sent {len(vectors)} vectors for {count} texts")
    lengths = sorted({len(vector) for vector in vectors})
    if len(lengths) != 1 or lengths[0] == 0:
        raise ApiError(f"the API sent vectors of different or no length: {lengths}")
    numbers = np.asarray(vectors, dtype=np.float32)
    usable = np.isfinite(numbers).all(axis=1) & (numbers != 0).any(axis=1)
    if not usable.all():
        raise ApiError(f"the API sent NaN, infinity or only zeros as vector {int(np.argmin(usable))}")
    return numbers


def _rows(answer: Any) -> list[Any] | None:
    for _ in range(2):
        if isinstance(answer, dict):
            answer = next((answer[name] for name in _LISTS if name in answer), None)
    return answer if isinstance(answer, list) else None


def _in_order(rows: list[Any]) -> list[Any]:
    """By `index` where every entry has one: the OpenAI form does not promise the order."""
    indices = [row["index"] for row in rows if isinstance(row, dict) and isinstance(row.get("index"), int)]
    if len(indices) != len(rows):
        return rows
    if sorted(indices) != list(range(len(rows))):
        raise ApiError(
            f"the API numbered its {len(rows)} vectors {_shown(str(indices))}, not each once from 0"
        )
    return sorted(rows, key=lambda row: int(row["index"]))


def _vector(row: Any) -> list[float]:
    if isinstance(row, dict):
        row = next((row[name] for name in _VECTORS if name in row), None)
    if not isinstance(row, list) or not all(type(number) in (int, float) for number in row):
        raise ApiError(f"the API sent something that is no vector: {_shown(json.dumps(row))}")
    return row


def _shown(text: str) -> str:
    return text[:_SHOWN_CHARACTERS] + ("…" if len(text) > _SHOWN_CHARACTERS else "")
