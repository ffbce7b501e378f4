"""What a reader judged in the search page, kept in BEIR form beside the index.

    <collection>/judged/
        queries.jsonl   {"_id", "text"}
        corpus.jsonl    {"_id": a chunk's id, "text", "title"}
        qrels.tsv       query-id, corpus-id, score: 1 relevant, 0 not

The files may be edited by hand, and go to any tool that reads BEIR; see `app/judged.py`. What is in
them beyond that, such as further fields and grades, stays. `app/judged_exchange.py` takes them
elsewhere and brings others.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock

from app.judged import JudgedSetError

RELEVANT, IRRELEVANT = 1, 0
QUERIES, CORPUS, QRELS = "queries.jsonl", "corpus.jsonl", "qrels.tsv"
_HEADER = ("query-id", "corpus-id", "score")


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


@dataclass(frozen=True, slots=True)
class Record:
    """A judgement with its texts.

    Attributes:
        chunk: id of a chunk; "" if it has none.
        is_indexed: whether that is certainly its id in the index. One from elsewhere may be another's.
    """

    question: str
    chunk: str
    text: str
    grade: int
    title: str = ""
    is_indexed: bool = True


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
        kept = JudgedFiles.read(self.folder)
        grades: dict[str, dict[str, int]] = {}
        for (query, chunk), grade in kept.qrels.items():
            grades.setdefault(kept.queries[query]["text"], {})[chunk] = grade
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
        with self._writing() as kept:
            if grade is None:
                kept.forget(question, chunk)
                kept.write(self.folder, (QRELS, QUERIES, CORPUS))
            else:
                kept.add([Record(question, chunk, text, grade, title)])
                kept.write(self.folder, (QUERIES, CORPUS, QRELS))

    def merge(self, records: Sequence[Record]) -> None:
        """Keep many judgements, each in place of an earlier one of its question and passage.

        Raises:
            JudgedSetError: a file that is there is not as it should be; nothing was written.
            OSError: the folder can't be written.
        """
        if not records:
            return
        with self._writing() as kept:
            kept.add(records)
            kept.write(self.folder, (QUERIES, CORPUS, QRELS))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[JudgedFiles]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "judged.lock"):
            yield JudgedFiles.read(self.folder)


class Named(NamedTuple):
    """A file's text, and how errors call the file."""

    name: str
    text: str


@dataclass(slots=True)
class JudgedFiles:
    """What is in the three files.

    Attributes:
        queries: id → record.
        corpus: chunk id → record.
        qrels: query id, chunk id → grade; both are there.
    """

    queries: dict[str, dict[str, Any]]
    corpus: dict[str, dict[str, Any]]
    qrels: dict[tuple[str, str], int]

    @classmethod
    def read(cls, folder: Path) -> JudgedFiles:
        """
        Raises:
            JudgedSetError: a line is not as it should be; it is named.
        """
        queries, corpus, qrels = (
            Named(str(folder / name), _read_text(folder / name)) for name in (QUERIES, CORPUS, QRELS)
        )
        return cls.parse(queries, corpus, [qrels])

    @classmethod
    def parse(cls, queries: Named, corpus: Named, qrels: Iterable[Named]) -> JudgedFiles:
        """
        Raises:
            JudgedSetError: a line is not as it should be; it is named.
        """
        found = cls(_parse_records(queries), _parse_records(corpus), {})
        for file in qrels:
            for number, line in enumerate(lines(file.text), 1):
                fields = line.split("\t")
                if not line.strip() or (number == 1 and tuple(fields) == _HEADER):
                    continue
                try:
                    query, chunk, grade = fields
                    judged = (query, chunk), int(grade)
                except ValueError as error:
                    raise JudgedSetError(
                        f"{file.name}, line {number}: {line!r} is not query-id, corpus-id, score; mend or "
                        "delete it"
                    ) from error
                if query not in found.queries or chunk not in found.corpus:
                    missing = query if query not in found.queries else chunk
                    raise JudgedSetError(
                        f"{file.name}, line {number}: there is no {missing!r} in the set; mend or delete it"
                    )
                found.qrels[judged[0]] = judged[1]
        return found

    def add(self, records: Sequence[Record]) -> None:
        """Each in place of an earlier judgement of its question and passage."""
        queries = {kept["text"]: id_ for id_, kept in reversed(self.queries.items())}
        passages: dict[str, str] = {}
        if not all(record.is_indexed for record in records):
            passages = {flat(kept["text"]): id_ for id_, kept in reversed(self.corpus.items())}
        for record in records:
            query = queries.setdefault(record.question, f"q{_digest(record.question)}")
            self.queries.setdefault(query, {"_id": query, "text": record.question})

            chunk, text = record.chunk, flat(record.text)
            there = flat(self.corpus[chunk]["text"]) if chunk in self.corpus else text
            if not chunk or (there != text and not record.is_indexed):
                chunk = passages.get(text) or f"p{_digest(text)}"
            elif there != text:  # the chunk has another text by now
                del self.corpus[chunk]
                passages.pop(there, None)
            passages.setdefault(text, chunk)
            title = {"title": record.title} if record.title else {}
            self.corpus.setdefault(chunk, {"_id": chunk, "text": record.text} | title)
            self.qrels[query, chunk] = record.grade

    def forget(self, question: str, chunk: str) -> None:
        """Also texts that no other judgement needs."""
        query = next((id_ for id_, record in self.queries.items() if record["text"] == question), None)
        if query is not None:
            self.qrels.pop((query, chunk), None)
            if not any(query == judged for judged, _ in self.qrels):
                del self.queries[query]
        if not any(chunk == judged for _, judged in self.qrels):
            self.corpus.pop(chunk, None)

    def write(self, folder: Path, order: Iterable[str]) -> None:
        """
        Args:
            order: of the files: a kill between two must leave no judgement without its texts.
        """
        texts = self.texts()
        for name in order:
            _write_whole(folder / name, texts[name])

    def texts(self) -> dict[str, str]:
        """File name → text."""
        rows = [_HEADER, *((query, chunk, str(grade)) for (query, chunk), grade in self.qrels.items())]
        return {
            QUERIES: _json_lines(self.queries.values()),
            CORPUS: _json_lines(self.corpus.values()),
            QRELS: "".join("\t".join(row) + "\n" for row in rows),
        }


def lines(text: str) -> list[str]:
    """Not as `splitlines`: a passage may hold characters that it takes for line breaks."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def flat(text: str) -> str:
    """By which a passage is known whose line breaks a table has lost."""
    return " ".join(text.split())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


def _parse_records(file: Named) -> dict[str, dict[str, Any]]:
    records: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(lines(file.text), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            id_, text = str(record["_id"]), record["text"]
            if "\\u" in line:
                _json_lines([record]).encode()  # half a surrogate pair could not be written again
            if not isinstance(text, str):
                raise TypeError(text)
        except (ValueError, KeyError, TypeError) as error:
            raise JudgedSetError(
                f"{file.name}, line {number}: must be JSON with _id and text; mend or delete it"
            ) from error
        if records.setdefault(id_, record)["text"] != text:
            raise JudgedSetError(
                f"{file.name}, line {number}: {id_!r} occurs before with another text; mend or delete one"
            )
        records[id_] = record
    return records


def _json_lines(records: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


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
