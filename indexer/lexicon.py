"""Which words an index was made with, and how to change them without embedding anything again.

`lexicon.json` beside the catalogue holds the dictionary and BM25's constants, since a question must be
cut into terms as the passages were.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from indexer.errors import SettingsError
from indexer.normalize import searchable
from indexer.payload import passage_of
from indexer.settings import Settings
from indexer.store import Condition, ReplaceSource, Stored, VectorStore, nothing
from indexer.words import Analyzer

_FILE = "lexicon.json"
_WAIT_SECONDS = 600.0
_ALL = 10_000_000  # sources
# What jieba takes for a part of a word, and its tags.
_WORD = re.compile(r"[\u4e00-\u9fd5a-z0-9+#&._%\-]+")
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9]{0,2}")


def read_analyzer(folder: Path) -> Analyzer:
    """The analyzer of the index whose catalogue is in `folder`."""
    try:
        saved = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Analyzer()
    return Analyzer(saved["user_dict"], saved["k1"], saved["b"])


def wanted_analyzer(folder: Path, settings: Settings) -> Analyzer:
    """The index's analyzer, but for what the settings say.

    Raises:
        SettingsError: the dictionary can't be read, or a line of it is wrong.
    """
    built = read_analyzer(folder)
    return Analyzer(
        user_dict=read_user_dict(settings.user_dict) if settings.user_dict else built.user_dict,
        k1=built.k1 if settings.bm25_k1 is None else settings.bm25_k1,
        b=built.b if settings.bm25_b is None else settings.bm25_b,
    )


def read_user_dict(file: Path) -> str:
    """A dictionary in jieba's format, as texts are searched: word, frequency, part of speech; the last
    two may be missing.

    Raises:
        SettingsError: no such file, not UTF-8, or a line that is wrong.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"user_dict = {file}: {error}; it must be a text file in UTF-8") from error
    words = []
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        word, rest = searchable(fields[0]), fields[1:]
        frequency = rest.pop(0) if rest and rest[0].isdigit() else ""
        if not _WORD.fullmatch(word) or len(rest) > 1 or not all(map(_TAG.fullmatch, rest)):
            raise SettingsError(
                f"{file}, line {number}: {line!r} is not a word, a frequency and a part of speech "
                "(the last two may be missing; a word is of Han, Latin letters, digits and +#&._%-)"
            )
        words.append(" ".join(filter(None, [word, frequency, *rest])))
    return "\n".join(words)


def is_stale(folder: Path) -> bool:
    """Whether some of the index's terms were made by another analyzer, or by an older version."""
    return _fingerprint(folder) != read_analyzer(folder).fingerprint


def refresh(
    store: VectorStore, folder: Path, analyzer: Analyzer, on_progress: Callable[[int], None] = lambda _: None
) -> int:
    """Make the index's terms anew, if they were made by another analyzer or not to the end.

    Vectors are read from the store and written back beside the new terms; nothing is embedded. A kill
    half-way costs nothing but that: the next run begins anew. Nobody else may write meanwhile; see
    `library.writing`.

    Args:
        on_progress: called with the chunks done so far.

    Returns:
        How many chunks were written.
    """
    if _fingerprint(folder) == analyzer.fingerprint:
        return 0
    _write(folder, analyzer, whole=False)
    # What a killed writer left in the inbox comes first: it is older than what is read from here on.
    store.wait([store.apply(nothing())], _WAIT_SECONDS)
    done = 0
    tickets = []
    for source in store.facet("source_id", limit=_ALL):
        records = _chunks_of(store, source)
        tickets.append(
            store.apply(
                ReplaceSource(
                    source,
                    [record.id for record in records],
                    [record.payload for record in records],
                    np.stack([record.full for record in records if record.full is not None]),
                    [analyzer.passage_vector(passage_of(record.payload)) for record in records],
                )
            )
        )
        done += len(records)
        on_progress(done)
    store.wait(tickets, _WAIT_SECONDS)
    _write(folder, analyzer, whole=True)
    return done


def _chunks_of(store: VectorStore, source: str) -> list[Stored]:
    chunks: list[Stored] = []
    cursor: str | None = None
    while True:
        records, cursor = store.scroll((Condition("source_id", (source,)),), cursor, with_vectors=True)
        chunks += records
        if cursor is None:
            return sorted(chunks, key=lambda record: int(record.payload["ordinal"]))


def _fingerprint(folder: Path) -> str | None:
    """Of the analyzer that all terms were made by; None if there is none."""
    try:
        saved = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return str(saved["fingerprint"]) if saved["whole"] else None


def _write(folder: Path, analyzer: Analyzer, *, whole: bool) -> None:
    file = folder / _FILE
    saved = {
        "fingerprint": analyzer.fingerprint,
        "whole": whole,
        "k1": analyzer.k1,
        "b": analyzer.b,
        "user_dict": analyzer.user_dict,
    }
    temporary = file.with_name(f"{_FILE}.tmp-{os.getpid()}")
    temporary.write_text(json.dumps(saved, ensure_ascii=False, indent=1), encoding="utf-8")
    temporary.replace(file)
