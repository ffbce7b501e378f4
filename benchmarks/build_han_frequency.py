"""Build `indexer/readers/han_frequency.txt`: the Han characters of Chinese text by descending frequency.

    python benchmarks/build_han_frequency.py OUTPUT PATH...

Each PATH is a text file, a JSON-lines file (every string in it is counted) or a folder of such
files; all are UTF-8, others are skipped. The output has two lines: the simplified characters, then
the traditional ones. Each text is converted into both scripts with OpenCC, so that one corpus
ranks both. Each PATH weighs the same, however long it is: a large corpus of statutes must not
decide what Chinese looks like.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from opencc import OpenCC

CHARACTERS_A_LINE = 6000  # beyond that, the counts of a few million characters are chance
HAN = re.compile(r"[\u3400-\u9fff〇]")


def strings_in(value: object) -> Iterator[str]:
    """Every string in a decoded JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings_in(part)


def texts_of(path: Path) -> Iterator[str]:
    """The texts of one file, or of every file below a folder."""
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.is_file():
                yield from texts_of(inner)
        return
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    if path.suffix == ".jsonl":
        for line in text.splitlines():
            yield from strings_in(json.loads(line))
    else:
        yield text


def ranked(paths: list[Path], converter: OpenCC) -> str:
    """Han characters by descending mean relative frequency over the paths."""
    weights: Counter[str] = Counter()
    for path in paths:
        counts = Counter(char for text in texts_of(path) for char in HAN.findall(converter.convert(text)))
        total = sum(counts.values()) or 1
        for char, count in counts.items():
            weights[char] += count / total
    by_weight = sorted(weights, key=lambda char: (-weights[char], char))
    return "".join(by_weight[:CHARACTERS_A_LINE])


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    output, *paths = map(Path, sys.argv[1:])
    lines = [ranked(paths, OpenCC(config)) for config in ("t2s", "s2t")]
    output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{output}: {len(lines[0])} simplified and {len(lines[1])} traditional characters")


if __name__ == "__main__":
    main()
