"""How writes are laid down in the inbox, and how questions travel between processes.

Nothing is pickled: a file or a message made by someone else can be wrong, but can't run code.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import Any

import numpy as np

from indexer.store.base import Condition, DenseQuery, Filter, QueryPlan, ReplaceSource, Scored, Stored
from indexer.words import SparseVector


def pack(operation: ReplaceSource) -> bytes:
    """An operation as an .npz archive: JSON for ids and payloads, arrays for the vectors."""
    head = {
        "source_id": operation.source_id,
        "ids": list(operation.ids),
        "payloads": list(operation.payloads),
    }
    lexical = operation.lexical
    buffer = io.BytesIO()
    np.savez(
        buffer,
        head=np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), dtype=np.uint8),
        full=operation.full.astype(np.float16),
        lengths=np.array([len(vector.indices) for vector in lexical], dtype=np.uint32),
        indices=np.concatenate([np.zeros(0, np.uint32), *(vector.indices for vector in lexical)]),
        values=np.concatenate([np.zeros(0, np.float32), *(vector.values for vector in lexical)]),
    )
    return buffer.getvalue()


def unpack(data: bytes) -> ReplaceSource:
    """The operation that `pack` packed.

    Raises:
        ValueError, KeyError, zipfile.BadZipFile: the file is something else, or was damaged.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        head = json.loads(archive["head"].tobytes())
        borders = np.cumsum(archive["lengths"])[:-1]
        lexical = (
            [
                SparseVector(indices, values)
                for indices, values in zip(
                    np.split(archive["indices"], borders), np.split(archive["values"], borders), strict=True
                )
            ]
            if head["ids"]
            else []
        )
        return ReplaceSource(head["source_id"], head["ids"], head["payloads"], archive["full"], lexical)


def plan_to_json(plan: QueryPlan) -> dict[str, Any]:
    query: dict[str, Any] = (
        {"using": plan.query.using, "vector": plan.query.vector.tolist()}
        if isinstance(plan.query, DenseQuery)
        else {"indices": plan.query.indices.tolist(), "values": plan.query.values.tolist()}
    )
    return {
        "query": query,
        "limit": plan.limit,
        "where": filter_to_json(plan.where),
        "ids": plan.ids,
        "first": plan_to_json(plan.first) if plan.first else None,
    }


def plan_from_json(values: dict[str, Any]) -> QueryPlan:
    query = values["query"]
    return QueryPlan(
        query=DenseQuery(query["using"], np.array(query["vector"], dtype=np.float32))
        if "vector" in query
        else SparseVector(
            np.array(query["indices"], dtype=np.uint32), np.array(query["values"], dtype=np.float32)
        ),
        limit=values["limit"],
        where=filter_from_json(values["where"]),
        ids=None if values["ids"] is None else tuple(values["ids"]),
        first=plan_from_json(values["first"]) if values["first"] else None,
    )


def filter_to_json(where: Filter) -> list[dict[str, Any]]:
    return [asdict(condition) for condition in where]


def filter_from_json(values: list[dict[str, Any]]) -> Filter:
    return tuple(Condition(value["key"], tuple(value["values"])) for value in values)


def scored_to_json(hits: list[Scored]) -> list[dict[str, Any]]:
    return [asdict(hit) for hit in hits]


def scored_from_json(values: list[dict[str, Any]]) -> list[Scored]:
    return [Scored(**value) for value in values]


def stored_to_json(records: list[Stored]) -> list[dict[str, Any]]:
    return [
        {"id": r.id, "payload": r.payload, "full": None if r.full is None else r.full.tolist()}
        for r in records
    ]


def stored_from_json(values: list[dict[str, Any]]) -> list[Stored]:
    return [
        Stored(v["id"], v["payload"], None if v["full"] is None else np.array(v["full"], dtype=np.float32))
        for v in values
    ]
