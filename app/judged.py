"""Judged sets in BEIR form: corpus.jsonl and queries.jsonl (`_id` or `id`, `text`, optional `title`),
qrels.tsv (query-id, corpus-id, score, with a header line). Texts may be .tsv too: id, text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import XunzhangError


class JudgedSetError(XunzhangError):
    """A file of a judged set is not as it should be."""


@dataclass(frozen=True, slots=True)
class JudgedSet:
    passages: Mapping[str, str]  # id → text, its title before it
    queries: Mapping[str, str]  # id → question; only those that are judged
    qrels: Mapping[str, Mapping[str, int]]  # query id → passage id → grade, 0 is not relevant


def read_judged_set(corpus: Path, queries: Path, qrels: Path) -> JudgedSet:
    """Read a set in BEIR form.

    Raises:
        JudgedSetError: a line is not as it should be (named), or no question is judged.
        OSError: a file can't be read.
    """
    passages = read_texts(corpus)
    questions = read_texts(queries)
    judged: dict[str, dict[str, int]] = {}
    for number, query, passage, grade in read_qrels(qrels):
        if query not in questions or passage not in passages:
            missing = query if query not in questions else passage
            raise JudgedSetError(f"{qrels}, line {number}: there is no {missing!r} in the set")
        judged.setdefault(query, {})[passage] = grade
    return JudgedSet(passages, {id_: questions[id_] for id_ in judged}, judged)


def read_qrels(file: Path) -> list[tuple[int, str, str, int]]:
    """Judgements: line number, question id, passage id, grade.

    Raises:
        JudgedSetError: a line is wrong, or there is none.
    """
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), 1):
        fields = line.split("\t")
        is_header = number == 1 and len(fields) == 3 and not fields[2].lstrip("-").isdigit()
        if is_header or not line.strip():
            continue
        try:
            query, passage, grade = fields
            found.append((number, query, passage, int(grade)))
        except ValueError as error:
            raise JudgedSetError(
                f"{file}, line {number}: {line!r} is not query-id, corpus-id, score"
            ) from error
    if not found:
        raise JudgedSetError(f"{file}: no judgements in it")
    return found


def read_texts(file: Path) -> dict[str, str]:
    """Id → text, its title before it.

    Raises:
        JudgedSetError: a line is wrong.
    """
    texts: dict[str, str] = {}
    parse = _from_tsv if file.suffix.lower() == ".tsv" else _from_json
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                id_, text = parse(line)
            except (KeyError, TypeError, ValueError) as error:
                what = "id and text with a tab between" if parse is _from_tsv else "JSON with _id and text"
                raise JudgedSetError(f"{file}, line {number}: must be {what}") from error
            if id_ in texts:
                raise JudgedSetError(f"{file}, line {number}: the id {id_!r} occurs twice")
            texts[id_] = text
    return texts


def _from_json(line: str) -> tuple[str, str]:
    record = json.loads(line)
    text = record["text"]
    title = record.get("title")
    return str(record["_id"] if "_id" in record else record["id"]), f"{title}\n{text}" if title else text


def _from_tsv(line: str) -> tuple[str, str]:
    id_, text = line.rstrip("\r\n").split("\t")
    return id_, text
