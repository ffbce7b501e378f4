"""What a reader judged in the search page, kept in BEIR form beside the index.

    <collection>/judged/
        queries.jsonl   {"_id", "text"}
        corpus.jsonl    {"_id": a chunk's id, "text", "title"}
        qrels.tsv       query-id, corpus-id, score: 1 relevant, 0 not

The files may be edited by hand, and go to any tool that reads BEIR; see `app/judged.py`. What is in
them beyond that, such as further fields and grades, stays.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from app.judged import JudgedSetError

RELEVANT, IRRELEVANT = 1, 0
_HEADER = ("query-id", "corpus-id", "score")
_QUERIES, _CORPUS, _QRELS = "queries.jsonl", "corpus.jsonl", "qrels.tsv"


@dataclass(frozen=True, slots=True)
class Judged:
    """What has been judged so far.

    Attributes:
        grades: question → chunk id → grade.
    """

    grades: Mapping[str, Mapping[str, int]]

    @property
    def questions(self) -> int:
        return len(self.grades)

    @property
    def judgements(self) -> int:
        return sum(map(len, self.grades.values()))

    @property
    def answered(self) -> int:
        """Questions with something relevant: those that can be measured by."""
        return sum(any(grade > 0 for grade in grades.values()) for grades in self.grades.values())


class Judgements:
    """The judged set of one collection. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: is made at the first judgement.
        """
        self.folder = folder

    def read(self) -> Judged:
        """
        Raises:
            JudgedSetError: a line is not as it should be; it is named.
        """
        kept = _Files.read(self.folder)
        grades: dict[str, dict[str, int]] = {}
        for (query, chunk), grade in kept.qrels.items():
            grades.setdefault(str(kept.queries[query]["text"]), {})[chunk] = grade
        return Judged(grades)

    def judge(self, question: str, chunk: str, text: str, grade: int | None, title: str = "") -> None:
        """Keep a judgement in place of an earlier one; None takes it back.

        Args:
            chunk: id of a chunk.
            text: of the chunk, so that the set can be read without the index.

        Raises:
            JudgedSetError: a file that is there is not as it should be; nothing was written.
            OSError: the folder can't be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "judged.lock"):
            kept = _Files.read(self.folder)
            query = next((id_ for id_, record in kept.queries.items() if record["text"] == question), None)
            query = query or f"q{hashlib.sha256(question.encode('utf-8')).hexdigest()[:12]}"
            if grade is None:
                kept.forget(query, chunk)
                kept.write(self.folder, (_QRELS, _QUERIES, _CORPUS))
            else:
                kept.queries.setdefault(query, {"_id": query, "text": question})
                kept.corpus[chunk] = {"_id": chunk, "text": text} | ({"title": title} if title else {})
                kept.qrels[query, chunk] = grade
                kept.write(self.folder, (_QUERIES, _CORPUS, _QRELS))


@dataclass(slots=True)
class _Files:
    """The three files."""

    queries: dict[str, dict[str, Any]]
    corpus: dict[str, dict[str, Any]]
    qrels: dict[tuple[str, str], int]

    @classmethod
    def read(cls, folder: Path) -> _Files:
        queries, corpus = _read_records(folder / _QUERIES), _read_records(folder / _CORPUS)
        qrels: dict[tuple[str, str], int] = {}
        file = folder / _QRELS
        for number, line in enumerate(_lines(file), 1):
            fields = line.split("\t")
            if not line.strip() or (number == 1 and tuple(fields) == _HEADER):
                continue
            try:
                query, chunk, grade = fields
                qrels[query, chunk] = int(grade)
            except ValueError as error:
                raise JudgedSetError(
                    f"{file}, line {number}: {line!r} is not query-id, corpus-id, score; mend or delete it"
                ) from error
            if query not in queries or chunk not in corpus:
                missing = query if query not in queries else chunk
                raise JudgedSetError(
                    f"{file}, line {number}: there is no {missing!r} in the set; mend or delete it"
                )
        return cls(queries, corpus, qrels)

    def forget(self, query: str, chunk: str) -> None:
        self.qrels.pop((query, chunk), None)
        if not any(query == judged for judged, _ in self.qrels):
            self.queries.pop(query, None)
        if not any(chunk == judged for _, judged in self.qrels):
            self.corpus.pop(chunk, None)

    def write(self, folder: Path, order: Iterable[str]) -> None:
        """
        Args:
            order: of the files: a kill between two must leave no judgement without its texts.
        """
        rows = [_HEADER, *((query, chunk, str(grade)) for (query, chunk), grade in self.qrels.items())]
        texts = {
            _QUERIES: _json_lines(self.queries.values()),
            _CORPUS: _json_lines(self.corpus.values()),
            _QRELS: "".join("\t".join(row) + "\n" for row in rows),
        }
        for name in order:
            _write_whole(folder / name, texts[name])


def _read_records(file: Path) -> dict[str, dict[str, Any]]:
    records: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(_lines(file), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            id_, _ = str(record["_id"]), record["text"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise JudgedSetError(
                f"{file}, line {number}: must be JSON with _id and text; mend or delete it"
            ) from error
        records[id_] = record
    return records


def _json_lines(records: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _lines(file: Path) -> list[str]:
    # Not splitlines: a passage may hold characters that it takes for line breaks.
    return _read_text(file).replace("\r\n", "\n").split("\n")


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise JudgedSetError(f"{file} is not UTF-8; save it as UTF-8, or delete it") from error


def _write_whole(file: Path, text: str) -> None:
    """Write a file that nobody sees half of, and that survives a power cut as a whole."""
    beside = file.with_name(f"{file.name}.tmp-{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
