"""Build `indexer/readers/han_bigrams.txt`: the pairs of neighbouring Han that Chinese text is made of.

    python -m benchmarks.build_han_bigrams OUTPUT PATH...

PATHs are as in `build_han_frequency.py`, also `.jsonl.gz`; each weighs the same. Texts are simplified
first, as they are when they are judged. The output is a line for each first character: it, then all
that follow it, both by code point.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.build_han_frequency import strings_in, texts_of
from indexer.script import simplified_characters

PAIRS = 80_000  # they make half to nine tenths of the pairs of a text that none of them was counted from
_HAN_RUN = re.compile(r"[\u3400-\u9fff〇]{2,}")


def texts(path: Path) -> Iterator[str]:
    if path.suffix != ".gz":
        yield from texts_of(path)
        return
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield from strings_in(json.loads(line))


def frequent_pairs(paths: list[Path]) -> list[str]:
    """By descending mean relative frequency over the paths."""
    weights: Counter[str] = Counter()
    for path in paths:
        counts: Counter[str] = Counter()
        for text in texts(path):
            for run in _HAN_RUN.findall(simplified_characters(text)):
                counts.update(map("".join, pairwise(run)))
        total = sum(counts.values()) or 1
        for pair, count in counts.items():
            weights[pair] += count / total
    return sorted(weights, key=lambda pair: (-weights[pair], pair))[:PAIRS]


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    output, *paths = map(Path, sys.argv[1:])
    following: defaultdict[str, list[str]] = defaultdict(list)
    for first, second in frequent_pairs(paths):
        following[first].append(second)
    lines = [first + "".join(sorted(seconds)) for first, seconds in sorted(following.items())]
    output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{output}: {sum(map(len, lines)) - len(lines)} pairs, {output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
