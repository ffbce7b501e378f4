"""The same bytes in several charsets, with how probable each text is; line by line where they are mixed."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from indexer.readers.plausibility import log_likelihood


@dataclass(frozen=True, slots=True)
class Candidate:
    codec: str  # that decodes
    prior: float  # natural logarithm; decides between a few characters only
    names: tuple[str, ...]  # to report, narrowest first


@dataclass(frozen=True, slots=True)
class Attempt:
    """The bytes read in one codec."""

    text: str
    invalid: int  # places where U+FFFD was put in for bytes that mean nothing in it
    cut: int  # bytes at the end that begin a character and don't complete it
    names: tuple[str, ...]
    score: float  # log-likelihood and prior
    strangers: tuple[tuple[str, int], ...] = ()  # charsets of lines that are in another one, and how many


UTF8 = Candidate("utf-8", 0.0, ("utf-8",))
_DOUBLE_BYTE = (
    Candidate("gb18030", -1.0, ("gb2312", "gbk", "gb18030")),
    Candidate("cp950", -2.0, ("big5", "cp950")),
    Candidate("big5hkscs", -3.0, ("big5-hkscs",)),
)
# For English with an é or a °, of which the others make a Han.
LATIN = Candidate("cp1252", -3.0, ("cp1252",))
_OF_LINES = (UTF8, *_DOUBLE_BYTE, LATIN)
CANDIDATES = (
    *_OF_LINES,
    # Without their byte-order mark these are rare.
    Candidate("utf-16-le", -8.0, ("utf-16-le",)),
    Candidate("utf-16-be", -8.0, ("utf-16-be",)),
)

FEW_INVALID = 3  # places that may be damaged even in a short text or a line, if the rest is plausible
_CUT_PENALTY = -12.0  # for a character cut off at the end: about the price of one unlikely character
_LINE_MARGIN = 10.0  # by which another charset must fit a line better than the text's: some two characters

_REPLACED = re.compile("\ufffd+")
# Four bytes that GB 18030 takes together hardly ever stand so by accident, so what they stand for
# needs no frequency in the table: names are written with rare Han.
_FOUR_BYTES = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]")
_FOUR_BYTES_BONUS = 5.0

_IN_STEP = "xunzhang.in-step"
_LOOKAHEAD_BYTES = 64  # some thirty Han tell whether the bytes are paired rightly


def attempt(body: bytes, candidate: Candidate, errors: str = "replace") -> Attempt:
    """Read all bytes but those that a character at the end lacks."""
    decoder = codecs.getincrementaldecoder(candidate.codec)("strict")
    try:
        text, invalid = decoder.decode(body), 0
    except UnicodeDecodeError:
        decoder = codecs.getincrementaldecoder(candidate.codec)(errors)
        text = decoder.decode(body)
        invalid = len(_REPLACED.findall(text))
    cut = len(decoder.getstate()[0])
    score = log_likelihood(text) + candidate.prior + (_CUT_PENALTY if cut else 0.0)
    if candidate.codec == "gb18030" and not invalid:
        score += _FOUR_BYTES_BONUS * len(_FOUR_BYTES.findall(body))
    return Attempt(text, invalid, cut, candidate.names, score)


def best_of(candidates: Iterable[Candidate], body: bytes) -> Attempt:
    return max((attempt(body, candidate) for candidate in candidates), key=lambda made: made.score)


def by_lines(body: bytes, best: Attempt) -> Attempt:
    """The text with each line that another charset fits much better read in that one.

    Looked at are lines that are invalid in the text's own charset, and those that are valid UTF-8 and
    need not be: other charsets make such bytes by accident in a few characters at most.
    """
    own = next((candidate for candidate in _OF_LINES if candidate.names == best.names), None)
    if own is None or (own is UTF8 and not (best.invalid or best.cut)):
        return best
    texts: list[str] = []
    strangers: Counter[str] = Counter()
    invalid = cut = 0
    for line in body.splitlines(keepends=True):
        is_own = _is_valid(line, own)
        if line.isascii() or (is_own and (own is UTF8 or not _is_valid(line, UTF8))):
            texts.append(line.decode(own.codec))
            continue
        read = _damaged(line, own)
        others = (UTF8,) if is_own else _OF_LINES
        fitting = [candidate for candidate in others if _is_valid(line, candidate)]
        if fitting and (rival := best_of(fitting, line)).score > read.score + _LINE_MARGIN:
            read = rival
            strangers[rival.names[-1]] += 1
        texts.append(read.text)
        invalid, cut = invalid + read.invalid, read.cut
    return replace(
        best, text="".join(texts), invalid=invalid, cut=cut, strangers=tuple(strangers.most_common())
    )


def _is_valid(line: bytes, candidate: Candidate) -> bool:
    try:
        line.decode(candidate.codec)
    except UnicodeDecodeError:
        return False
    return True


def _damaged(line: bytes, own: Candidate) -> Attempt:
    """A line that may have bytes which mean nothing. A few of them must not put the rest out of step."""
    read = attempt(line, own)
    if own in _DOUBLE_BYTE and 0 < read.invalid <= FEW_INVALID:
        return max(read, attempt(line, own, _IN_STEP), key=lambda made: made.score)
    return read


def _go_on_in_step(error: UnicodeError) -> tuple[str, int]:
    """Skip one byte or two of a Han that is damaged: of the rest, only one way makes text."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    rest = error.object[error.start : error.start + _LOOKAHEAD_BYTES]
    skipped = max((1, 2), key=lambda skip: log_likelihood(rest[skip:].decode(error.encoding, "replace")))
    return "\ufffd", error.start + min(skipped, len(rest))


codecs.register_error(_IN_STEP, _go_on_in_step)
