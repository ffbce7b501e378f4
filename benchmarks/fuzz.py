"""Files broken at random, read as the indexer reads them: python -m benchmarks.fuzz [N] [--seed S].

Whatever a file has become, three things must hold; each case in which one does not is a violation:

    A document or a ReadError comes of it, which is not the one for whatever nobody expected.
    No reader has to be stopped, and none breaks down.
    Text that is said to be ok, or repaired, is the original's. Its pairs of neighbouring letters and digits
    are looked up among those of the original's text (of text formats: and source, since a broken tag is
    shown). Beyond what the mutation itself wrote, at most 30 % may be missing there, and at most 40 in a
    row: garbage must not hide in a long good text. Texts of fewer than 40 pairs prove nothing. And at most
    30 % of the original's pairs may be gone, but of plain text, in which a cut can't be told from an end.

A case depends on the seed and its number alone: --case NUMBER repeats one, --keep FOLDER keeps the files of
violations.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.fuzz_mutations import mutated
from benchmarks.fuzz_originals import OPTIONS, SOURCES, Original, originals
from indexer.errors import ReadError, ReaderStoppedError
from indexer.model import Document
from indexer.reader_pool import Limits, ReaderPool
from indexer.readers import SUFFIXES, Result

CASES, SEED = 10_000, 6
LIMITS = Limits(step_seconds=10.0, memory_bytes=2 << 30)
WORKERS = 2
_MAX_MISSING = 0.3
_MOST_IN_A_ROW = 40
_MIN_PAIRS = 40
_MAX_LOST = 0.3  # of the pairs
_WRONG_SUFFIX_SHARE = 0.05
_UNEXPECTED = "it can't be parsed"  # how `readers.read` hands on what no reader expected
_LETTERS = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Case:
    number: int
    original: Original
    mutation: str
    suffix: str
    data: bytes
    added: int

    def __str__(self) -> str:
        named = "" if self.suffix == self.original.suffix else f", named {self.suffix}"
        return f"case {self.number}: {self.original.name}: {self.mutation}{named}"


def case(number: int, seed: int, files: list[Original]) -> Case:
    chance = random.Random(f"{seed} {number}")
    original = chance.choice(files)
    if chance.random() < _WRONG_SUFFIX_SHARE:
        suffix = chance.choice(sorted(SUFFIXES - {original.suffix}))
        return Case(number, original, "wrong suffix", suffix, original.data, 0)
    mutation = mutated(original.data, chance)
    return Case(number, original, mutation.name, original.suffix, mutation.data, mutation.added)


def outcome(result: Result) -> str:
    """A verdict, or the class of an error, with the reason if it stopped a reader or nobody expected it."""
    if not isinstance(result, ReadError):
        return result.reading.verdict
    if isinstance(result, ReaderStoppedError) or result.reason.startswith(_UNEXPECTED):
        return f"{type(result).__name__}: {result.reason}"
    return type(result).__name__


def violation(case: Case, result: Result) -> str:
    """What is wrong with a result, "" if nothing is."""
    if isinstance(result, ReadError):
        found = outcome(result)
        return found if ":" in found else ""
    if result.reading.verdict not in ("ok", "repaired"):
        return ""
    return _strange_text(case, result) or _lost_text(case, result)


def _strange_text(case: Case, result: Document) -> str:
    true = set(_pairs(case.original.text))
    pairs = _pairs(result.text)
    known = [pair in true for pair in pairs]
    missing = len(known) - sum(known)
    is_true = missing <= _MAX_MISSING * len(known) + case.added
    if len(known) < _MIN_PAIRS or (is_true and _longest(known) <= _MOST_IN_A_ROW + case.added):
        return ""
    strange = "".join(pair[0] for pair, is_known in zip(pairs, known, strict=True) if not is_known)
    return (
        f"{result.reading.verdict}, but {missing} of {len(known)} pairs are not the original's, "
        f"{_longest(known)} in a row: {strange[:60]!r}"
    )


def _lost_text(case: Case, result: Document) -> str:
    if case.original.suffix in SOURCES or case.suffix != case.original.suffix:
        return ""
    true = Counter(_pairs(case.original.shown))
    lost = (true - Counter(_pairs(result.text))).total()
    if lost <= _MAX_LOST * true.total() or true.total() < _MIN_PAIRS:
        return ""
    return f"{result.reading.verdict}, but {lost} of {true.total()} pairs of the original are gone"


def read_cases(cases: Iterable[Case], folder: Path, pool: ReaderPool) -> Iterator[tuple[Case, Result]]:
    """Each case with its result; its file is in the folder while it is read."""
    waiting: deque[tuple[Case, Path]] = deque()

    def paths() -> Iterator[Path]:
        for case in cases:
            path = folder / f"{case.number}{case.suffix}"
            path.write_bytes(case.data)
            waiting.append((case, path))
            yield path

    for result in pool.read(paths()):
        case, path = waiting.popleft()
        path.unlink()
        yield case, result


def _pairs(text: str) -> list[str]:
    letters = _LETTERS.findall(text)
    return [first + second for first, second in pairwise(letters)]


def _longest(known: list[bool]) -> int:
    """How many in a row are not."""
    return max(len(run) for run in "".join("1" if is_known else "0" for is_known in known).split("1"))


def main() -> int:
    arguments = _arguments()
    counts: dict[str, Counter[str]] = {}
    violations = 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name, ReaderPool(OPTIONS, LIMITS, WORKERS) as pool:
        files = originals(Path(name), arguments.files)
        numbers = range(arguments.n) if arguments.case is None else [arguments.case]
        for made, result in read_cases((case(n, arguments.seed, files) for n in numbers), Path(name), pool):
            counts.setdefault(made.original.suffix, Counter())[outcome(result).partition(":")[0]] += 1
            wrong = violation(made, result)
            if wrong:
                violations += 1
                print(f"seed {arguments.seed}, {made}\n    {wrong}", flush=True)
            if arguments.keep and (wrong or arguments.case is not None):
                arguments.keep.mkdir(exist_ok=True)
                (arguments.keep / f"{made.number}{made.suffix}").write_bytes(made.data)
    _print_table(counts)
    total = sum(sum(count.values()) for count in counts.values())
    print(f"{total:,} files broken, {violations} violations, {time.monotonic() - started:.0f} s")
    return 1 if violations else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("n", type=int, nargs="?", default=CASES, help="how many files are broken")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--case", type=int, help="only the one of this number")
    parser.add_argument("--keep", type=Path, help="a folder for the files of violations")
    parser.add_argument(
        "--files", type=Path, nargs="+", default=[], help="to break in place of the repository's"
    )
    return parser.parse_args()


def _print_table(counts: dict[str, Counter[str]]) -> None:
    totals = sum(counts.values(), Counter[str]())
    outcomes = [outcome for outcome, _ in totals.most_common()]
    print(f"\n{'':8}{''.join(f'{outcome:>21}' for outcome in outcomes)}")
    for suffix, count in sorted({**counts, "all": totals}.items()):
        print(f"{suffix:8}{''.join(f'{count[outcome]:>21,}' for outcome in outcomes)}")


if __name__ == "__main__":
    sys.exit(main())
