"""Which charset a text is in, and the text.

Almost any Big5 text also decodes as GB18030, so the first codec that raises nothing is not the
answer. Every candidate decodes the same bytes; the one with the most probable text is chosen. Lines
that make no sense in it, such as a paragraph pasted in from elsewhere, get the one that fits them.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import CharsetError
from indexer.model import Problem
from indexer.readers.characters import printable
from indexer.readers.decoding import (
    CANDIDATES,
    FEW_INVALID,
    LATIN,
    UTF8,
    Attempt,
    Candidate,
    attempt,
    best_of,
    by_lines,
)
from indexer.readers.plausibility import MIN_MEAN, is_plausible, mean_log_likelihood
from indexer.readers.signature import binary_type, first_bytes

_MARKS = (  # UTF-32's before UTF-16's, which it begins with
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_EVIDENCE_BYTES = 1 << 18  # a quarter of a megabyte decides as surely as the whole
_MAX_INVALID = 0.005  # of the characters; beyond that it is another charset, or no text
_MAX_FEW_SHARE = 0.05  # of the characters, for as few places as a short text may have damaged
_MAX_LATIN_SHARE = 0.3  # of accented letters and signs in Windows-1252; any bytes decode as that
_MAX_CONTROLS = 0.05  # of the characters; binary files that happen to decode have more

_WAY_OUT = "name its charset with --encoding, such as --encoding big5-hkscs, or save it as UTF-8"

_CERTAIN_HAN = 6  # in valid UTF-8: bytes of another charset hardly ever form so many by chance

_HAN = re.compile("[\u3400-\u9fff]")
_SEVEN_BIT_TEXT = re.compile(rb"[\t\n\x0b\x0c\r\x20-\x7e]*")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_LONG_ASCII = re.compile(rb"([\x00-\x7f])[\x00-\x7f]{63,}")  # its first byte may be a Han's second
# Those of GB 18030's four bytes, which need no frequency in the table (see decoding.py).
_FOUR_BYTE_HAN = re.compile("[\u3400-\u4dbf\u9fa6-\u9fff\U00020000-\U000323af]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text with its charset, and what was lost in decoding."""

    text: str  # newlines are \n; no byte-order mark, no other control characters than \n and \t
    charset: str  # a Python codec name, the narrowest that decodes it
    problems: tuple[Problem, ...] = ()


def decode(data: bytes, path: Path, charset: str | None = None) -> Decoded:
    """Decode Chinese text in UTF-8, GB18030 and its subsets, Big5, Big5-HKSCS or UTF-16, or a Latin
    one in Windows-1252; in UTF-32 where a mark says so.

    Args:
        data: the file's bytes.
        path: the file, for the error only.
        charset: a Python codec, in place of the one that the bytes speak for.

    Returns:
        The text, "" for no bytes; with a problem for every kind of byte that could not be read.

    Raises:
        CharsetError: the bytes are no text, or a text in some other charset; or there is no such codec.
    """
    if binary_type(data):
        raise CharsetError(path, f"not a text: {first_bytes(data)}; give it the suffix that belongs to it")
    if charset is not None:
        return _decode_as(data, path, charset)
    mark, marked = next(((mark, codec) for mark, codec in _MARKS if data.startswith(mark)), (b"", None))
    body = data[len(mark) :]
    best = by_lines(body, _best(body, marked))
    _refuse_implausible(best, path, data)
    return Decoded(
        text=printable(best.text),
        charset=_narrowest(body, best),
        problems=_problems(best),
    )


def _decode_as(data: bytes, path: Path, charset: str) -> Decoded:
    """In the charset that someone who knows the file has named, plausible or not."""
    try:
        names = [codecs.lookup(charset).name]
        if names == ["utf-16"] and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            names = ["utf-16-le", "utf-16-be"]  # this codec insists on a mark
        best = max(
            (attempt(data, Candidate(name, 0.0, (name,))) for name in names), key=lambda made: made.score
        )
    except Exception as error:  # some codecs make no text, and each says so in its own way
        raise CharsetError(
            path, f"there is no charset {charset!r}; name one such as utf-8, gb18030, big5-hkscs or utf-16"
        ) from error
    return Decoded(printable(best.text.removeprefix("\ufeff")), best.names[0], _problems(best))


def _best(body: bytes, marked: str | None) -> Attempt:
    if marked is not None or _SEVEN_BIT_TEXT.fullmatch(body):
        codec = marked or "utf-8"
        return attempt(body, Candidate(codec, 0.0, (codec,)))
    if _is_utf8_with_han(body):
        return attempt(body, UTF8)
    if len(body) <= _EVIDENCE_BYTES:
        return best_of(CANDIDATES, body)
    evidence = _evidence(body)
    return attempt(body, max(CANDIDATES, key=lambda candidate: attempt(evidence, candidate).score))


def _is_utf8_with_han(body: bytes) -> bool:
    """Whether nothing else is likely: three bytes in a row are hardly ever those of a Han by chance."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(_HAN.findall(text)) >= _CERTAIN_HAN


def _evidence(body: bytes) -> bytes:
    """What says most of the charset, so that a long ASCII part does not hide the few other bytes."""
    if b"\0" in body:  # UTF-16: a stretch that starts where ASCII ends, at a character's start
        first = re.search(rb"[\x80-\xff]", body)
        start = first.start() & ~1 if first else 0
        return body[start : start + _EVIDENCE_BYTES]
    return _LONG_ASCII.sub(rb"\1\n", body)[:_EVIDENCE_BYTES]


def _refuse_implausible(best: Attempt, path: Path, data: bytes) -> None:
    characters = max(len(best.text), 1)
    controls = len(_CONTROLS.findall(best.text))
    if controls > _MAX_CONTROLS * characters:
        raise CharsetError(
            path, f"not a text: {controls} of its {characters} characters are control characters"
        )
    few = min(FEW_INVALID, _MAX_FEW_SHARE * characters)
    if best.invalid > max(_MAX_INVALID * characters, few):
        raise CharsetError(
            path,
            f"no charset fits: {best.names[-1]} comes closest and leaves {best.invalid} places in "
            f"{characters} characters invalid ({first_bytes(data)}); {_WAY_OUT}",
        )
    # Valid UTF-8 by chance hardly exists.
    if (best.names != UTF8.names or best.invalid) and not _is_written(best):
        raise CharsetError(
            path,
            f"no charset makes plausible Chinese of its bytes: {best.names[-1]} comes closest, with a mean "
            f"log-likelihood of {mean_log_likelihood(best.text):.1f} where text has at least {MIN_MEAN}; "
            + _WAY_OUT,
        )


def _is_written(best: Attempt) -> bool:
    shown = best.text if best.invalid else _FOUR_BYTE_HAN.sub("", best.text)
    if best.names == LATIN.names:
        latin = [char for char in shown if not char.isspace()]
        return sum(not char.isascii() for char in latin) <= _MAX_LATIN_SHARE * len(latin)
    return is_plausible(shown)


def _narrowest(body: bytes, best: Attempt) -> str:
    whole = body[: len(body) - best.cut]
    for name in best.names[:-1]:
        try:
            whole.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return best.names[-1]


def _problems(best: Attempt) -> tuple[Problem, ...]:
    problems = []
    if best.strangers:
        lines = " and ".join(f"{count} in {name}" for name, count in best.strangers)
        problems.append(
            Problem(
                f"lines are not in {best.names[-1]} as the rest is, but {lines}; each was read in its own",
                lost=False,
                kind="repaired",
            )
        )
    if best.invalid:
        places = "1 place" if best.invalid == 1 else f"{best.invalid} places"
        problems.append(
            Problem(
                f"bytes that mean nothing in {best.names[-1]} were replaced in {places}",
                kind="bytes_replaced",
            )
        )
    if best.cut:
        noun = "byte is" if best.cut == 1 else "bytes are"
        problems.append(
            Problem(
                f"the text is cut in the middle of a character: its last {best.cut} {noun} lost", kind="cut"
            )
        )
    return tuple(problems)
