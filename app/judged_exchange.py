"""The search page's judgements as one file, to take elsewhere, and such files from elsewhere.

    BEIR zip    queries.jsonl, corpus.jsonl, qrels/test.tsv: what benchmarks and training tools read
    TSV         question, passage, score, title, chunk: a line a judgement, for a spreadsheet

An import takes both, also as people make them: a table needs question and passage only, and may come
from a spreadsheet in UTF-16 or GB18030.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.judged import JudgedSetError
from app.judgements import CORPUS, QRELS, QUERIES, JudgedFiles, Judgements, Named, Record, flat, lines
from indexer.errors import CharsetError
from indexer.readers.charset import decode
from indexer.uploads import UploadError, inflate, open_archive

MAX_BYTES = 100_000_000  # of a set, unpacked

_COLUMNS = ("question", "passage", "score", "title", "chunk")
_DEFAULT_SCORE = "1"  # whoever lists pairs means those that belong together
_QRELS_FOLDER = "qrels"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same judgements give the same bytes
# All that some program takes for the end of a line or of a field.
_BREAKS = re.compile("\r\n|[\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_QUOTED = re.compile('"((?:[^"]|"")*)"')  # a field as spreadsheets write it (RFC 4180)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

FindChunk = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Imported:
    judgements: int
    questions: int
    unknown: int  # passages that are not in this index; kept all the same


def export_beir(judgements: Judgements) -> bytes:
    """A zip in BEIR's layout, with whatever else is in the files.

    Raises:
        JudgedSetError: a line of the judgements is not as it should be; it is named.
    """
    texts = JudgedFiles.read(judgements.folder).texts()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in (QUERIES, CORPUS, QRELS):
            info = zipfile.ZipInfo(f"{_QRELS_FOLDER}/test.tsv" if name == QRELS else name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16  # as on Unix, wherever it is made
            archive.writestr(info, texts[name])
    return data.getvalue()


def export_tsv(judgements: Judgements) -> str:
    """A table with a header, a line a judgement. Tabs and line breaks in texts become spaces.

    Raises:
        JudgedSetError: a line of the judgements is not as it should be; it is named.
    """
    kept = JudgedFiles.read(judgements.folder)
    rows: list[Sequence[str]] = [_COLUMNS]
    for (query, chunk), grade in kept.qrels.items():
        passage = kept.corpus[chunk]
        title = str(passage.get("title") or "")
        rows.append((kept.queries[query]["text"], passage["text"], str(grade), title, chunk))
    return "".join("\t".join(map(_field, row)) + "\n" for row in rows)


def import_judged(judgements: Judgements, name: str, data: bytes, find_chunk: FindChunk) -> Imported:
    """Merge a file of judgements into those that there are: all of it, or nothing.

    Args:
        name: of the file, for errors.
        data: a BEIR zip, or a table (see above).
        find_chunk: a passage's id in the file ("" for none) and text → id of the index's chunk for it: the
            chunk of that id if it has that text, else any with the text, else None. A table may have
            spaces where the text has line breaks; see `app.judgements.flat`.

    Raises:
        JudgedSetError: a line of the file, or of the judgements that there are, is not as it should be
            (named), it is none of these files, or it holds too much.
        OSError: the judgements can't be written.
    """
    is_zip = data.startswith(b"PK") or PurePosixPath(name).suffix.lower() == ".zip"
    found = _from_zip(name, data) if is_zip else list(_from_table(name, data))
    if not found:
        raise JudgedSetError(f"{name}: no judgements in it; export some, or add lines to it")
    chunks = {key: find_chunk(*key) for key in dict.fromkeys((record.chunk, record.text) for record in found)}
    records = []
    for record in found:
        chunk = chunks[record.chunk, record.text]
        # An id with a tab or a line break in it would break the lines of the files.
        own = record.chunk if record.chunk.isprintable() else ""
        records.append(
            Record(record.question, chunk or own, record.text, record.grade, record.title, chunk is not None)
        )
    judgements.merge(records)
    return Imported(
        judgements=len({(record.question, record.chunk, flat(record.text)) for record in records}),
        questions=len({record.question for record in records}),
        unknown=sum(chunk is None for chunk in chunks.values()),
    )


def _from_zip(name: str, data: bytes) -> list[Record]:
    try:
        set_ = JudgedFiles.parse(*_unpacked(name, data))
    except UploadError as error:
        raise JudgedSetError(str(error)) from error
    records = []
    for (query, passage), grade in set_.qrels.items():
        question, told = set_.queries[query]["text"], set_.corpus[passage]
        if not question.strip():
            raise JudgedSetError(f"{name}/{QUERIES}: the question {query!r} is blank; write or delete it")
        records.append(Record(question, passage, told["text"], grade, str(told.get("title") or "")))
    return records


def _unpacked(name: str, data: bytes) -> tuple[Named, Named, list[Named]]:
    """Queries, corpus and qrels of a set that is at the top of an archive, or in a folder at its top."""
    with open_archive(name, io.BytesIO(data)) as archive:
        infos = {PurePosixPath(info.filename.replace("\\", "/")): info for info in archive.infolist()}
        homes = [path.parent for path in infos if path.name == QUERIES and len(path.parts) <= 2]
        home = homes[0] if len(homes) == 1 else None
        if home is None or home / CORPUS not in infos:
            raise JudgedSetError(
                f"{name} must have one {QUERIES}, at its top or in one folder there, with {CORPUS} beside it "
                f"and {QRELS} or {_QRELS_FOLDER}/*.tsv; or save a table as text with tabs"
            )
        qrels = sorted(
            path
            for path in infos
            if path == home / QRELS
            or (path.parent == home / _QRELS_FOLDER and path.suffix == ".tsv" and path.name[0] != ".")
        )
        if not qrels:
            raise JudgedSetError(f"{name} has no {home / QRELS} or {home / _QRELS_FOLDER}/*.tsv; add them")
        left = MAX_BYTES
        files = []
        for path in (home / QUERIES, home / CORPUS, *qrels):
            content = bytearray()
            for piece in inflate(archive, infos[path], f"{name}/{path}"):
                content += piece
                left -= len(piece)
                if left < 0:
                    raise JudgedSetError(
                        f"{name} holds more than {MAX_BYTES // 10**6} MB; leave out what nobody judged"
                    )
            files.append(Named(f"{name}/{path}", _utf8(f"{name}/{path}", bytes(content))))
    return files[0], files[1], files[2:]


def _utf8(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise JudgedSetError(f"{name} is not UTF-8; save it as UTF-8") from error


def _from_table(name: str, data: bytes) -> Iterator[Record]:
    columns: list[str] = []
    for number, line in enumerate(lines(_table_text(name, data)), 1):
        if not line.strip():
            continue
        fields = [_unquoted(field) for field in line.split("\t")]
        where = f"{name}, line {number}"
        if not columns:
            columns = [field.strip().lower() for field in fields]
            missing = [column for column in _COLUMNS[:2] if column not in columns]
            if missing:
                raise JudgedSetError(
                    f"{where}: no column {' and '.join(missing)} in {line[:80]!r}; the first line must name "
                    "the columns, question and passage and maybe score, title and chunk, with tabs between"
                )
            continue
        if len(fields) != len(columns):
            raise JudgedSetError(
                f"{where}: has {len(fields)} fields and the first line {len(columns)}; write each judgement "
                "in a line, without tabs and line breaks in texts"
            )
        row = dict(zip(columns, fields, strict=True))
        question, passage = row["question"].strip(), row["passage"]
        if not question or not passage.strip():
            blank = "passage" if question else "question"
            raise JudgedSetError(f"{where}: the {blank} is blank; write it, or delete the line")
        try:
            grade = int(row.get("score", _DEFAULT_SCORE))
        except ValueError as error:
            raise JudgedSetError(
                f"{where}: the score {row['score']!r} is no integer; write 1 for relevant, 0 for not"
            ) from error
        title, chunk = (row.get(column, "").strip() for column in ("title", "chunk"))
        yield Record(question, chunk, passage, grade, title)


def _table_text(name: str, data: bytes) -> str:
    """A table's text, strictly: a judgement with a character replaced is another one."""
    for mark, charset in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(charset)
            except UnicodeDecodeError as error:
                raise JudgedSetError(f"{name} is damaged {charset.upper()}; save it as UTF-8") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        decoded = decode(data, Path(name))
    except CharsetError as error:
        raise JudgedSetError(f"{name} is no text in UTF-8 or GB18030 ({error.reason})") from error
    if decoded.problems:
        raise JudgedSetError(f"{name}: {decoded.problems[0].reason}; save it as UTF-8")
    return decoded.text


def _field(text: str) -> str:
    shown = _BREAKS.sub(" ", text)
    # Spreadsheets take a quotation mark at the beginning for their own.
    return '"' + shown.replace('"', '""') + '"' if shown.startswith('"') else shown


def _unquoted(field: str) -> str:
    quoted = _QUOTED.fullmatch(field)
    return quoted[1].replace('""', '"') if quoted else field
