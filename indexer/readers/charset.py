"""Which charset a text is in, and the text.

Almost any Big5 text also decodes as GB18030, so the first codec that raises nothing is not the
answer. Every candidate decodes the same bytes; the one with the most probable text is chosen.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import CharsetError
from indexer.model import Problem
from indexer.readers.characters import printable
from indexer.readers.plausibility import MIN_MEAN, is_plausible, log_likelihood, mean_log_likelihood
from indexer.readers.signature import binary_type, first_bytes

# The codec that decodes, its log-prior, and the names to report, narrowest first. The priors only
# decide between a few characters: UTF-16 without its byte-order mark is rare.
_CANDIDATES: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    ("utf-8", 0.0, ("utf-8",)),
    ("gb18030", -1.0, ("gb2312", "gbk", "gb18030")),
    ("cp950", -2.0, ("big5", "cp950")),
    ("big5hkscs", -3.0, ("big5-hkscs",)),
    ("utf-16-le", -8.0, ("utf-16-le",)),
    ("utf-16-be", -8.0, ("utf-16-be",)),
)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_EVIDENCE_BYTES = 1 << 18  # a quarter of a megabyte decides as surely as the whole
_CUT_PENALTY = -12.0  # for a character cut off at the end: about the price of one unlikely character
_MAX_INVALID = 0.005  # of the characters; beyond that it is another charset, or no text
_MAX_CONTROLS = 0.05  # of the characters; binary files that happen to decode have more

_SEVEN_BIT_TEXT = re.compile(rb"[\t\n\x0b\x0c\r\x20-\x7e]*")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text with its charset, and what was lost in decoding."""

    text: str  # newlines are \n; no byte-order mark, no other control characters than \n and \t
    charset: str  # a Python codec name, the narrowest that decodes it
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The bytes read in one codec."""

    text: str
    invalid: int  # U+FFFD put in for bytes that mean nothing in it
    cut: int  # bytes at the end that begin a character and don't complete it
    names: tuple[str, ...]
    score: float


def decode(data: bytes, path: Path, charset: str | None = None) -> Decoded:
    """Decode Chinese text in UTF-8, GB18030 and its subsets, Big5, Big5-HKSCS or UTF-16.

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
    best = _best(body, marked)
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
        best = max((_attempt(data, name, 0.0, (name,)) for name in names), key=lambda made: made.score)
    except Exception as error:  # some codecs make no text, and each says so in its own way
        raise CharsetError(
            path, f"there is no charset {charset!r}; name one such as utf-8, gb18030, big5 or utf-16"
        ) from error
    return Decoded(printable(best.text.removeprefix("\ufeff")), best.names[0], _problems(best))


def _best(body: bytes, marked: str | None) -> _Attempt:
    if marked is None and _SEVEN_BIT_TEXT.fullmatch(body):
        return _attempt(body, "utf-8", 0.0, ("utf-8",))
    candidates = [candidate for candidate in _CANDIDATES if marked in (None, candidate[0])]
    if len(candidates) > 1 and len(body) > _EVIDENCE_BYTES:
        evidence = _evidence(body)
        winner = max(range(len(candidates)), key=lambda n: _attempt(evidence, *candidates[n]).score)
        candidates = [candidates[winner]]
    return max((_attempt(body, *candidate) for candidate in candidates), key=lambda attempt: attempt.score)


def _evidence(body: bytes) -> bytes:
    """A stretch that starts where ASCII ends, at a character's start in every candidate."""
    first = re.search(rb"[\x80-\xff]", body)
    start = first.start() & ~1 if first else 0  # even, for UTF-16
    return body[start : start + _EVIDENCE_BYTES]


def _attempt(body: bytes, codec: str, prior: float, names: tuple[str, ...]) -> _Attempt:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        text, invalid = decoder.decode(body), 0
    except UnicodeDecodeError:
        decoder = codecs.getincrementaldecoder(codec)("replace")
        text = decoder.decode(body)
        invalid = text.count("\ufffd")
    cut = len(decoder.getstate()[0])
    score = log_likelihood(text) + prior + (_CUT_PENALTY if cut else 0.0)
    return _Attempt(text, invalid, cut, names, score)


def _refuse_implausible(best: _Attempt, path: Path, data: bytes) -> None:
    characters = max(len(best.text), 1)
    controls = len(_CONTROLS.findall(best.text))
    if controls > _MAX_CONTROLS * characters:
        raise CharsetError(
            path, f"not a text: {controls} of its {characters} characters are control characters"
        )
    if best.invalid > _MAX_INVALID * characters:
        raise CharsetError(
            path,
            f"no charset fits: {best.names[-1]} comes closest and leaves {best.invalid} of {characters} "
            f"characters invalid ({first_bytes(data)}); save it as UTF-8",
        )
    if best.names != ("utf-8",) and not is_plausible(best.text):  # valid UTF-8 by chance hardly exists
        raise CharsetError(
            path,
            f"no charset makes plausible Chinese of its bytes: {best.names[-1]} comes closest, with a mean "
            f"log-likelihood of {mean_log_likelihood(best.text):.1f} where text has at least {MIN_MEAN}; "
            "save it as UTF-8",
        )


def _narrowest(body: bytes, best: _Attempt) -> str:
    whole = body[: len(body) - best.cut]
    for name in best.names[:-1]:
        try:
            whole.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return best.names[-1]


def _problems(best: _Attempt) -> tuple[Problem, ...]:
    problems = []
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
