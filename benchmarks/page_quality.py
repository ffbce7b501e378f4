"""The thresholds of `indexer/readers/quality.py`: what good text scores, and what garbled text does.

Good: stretches of the samples and of the judged sets' passages. Garbled, from the same stretches: what a font
does whose ToUnicode table is missing (each Han another one, rare ones or common ones), what a wrong charset
does, and lines read across each other. Beside it the peer of a threshold: the share of Han alone, which is
how other systems tell a page without text.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from indexer.readers.plausibility import frequent_han
from indexer.readers.quality import OK, UNREADABLE, judge
from indexer.script import simplified_characters

_DATA = Path(__file__).parents[1] / "data"
_LENGTHS = (40, 100, 300, 1000)  # characters
_STRETCHES = 60  # of one corpus, of one length
_COMMON = 3000  # Han that a substitution of common ones draws from
_HAN = re.compile(r"[\u3400-\u9fff]")


def _corpora() -> Iterator[tuple[str, list[str]]]:
    for folder in ("classics", "d2l", "javaguide", "laws", "tidb", "vue"):
        files = sorted((_DATA / "samples" / folder).rglob("*"))
        yield folder, [file.read_text(encoding="utf-8", errors="ignore") for file in files if file.is_file()]
    for name in ("classical_dev", "cmrc2018_dev", "drcd_dev"):
        lines = (_DATA / "eval" / name / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
        yield name, [json.loads(line)["text"] for line in lines]


def _stretches(texts: list[str], length: int, chance: random.Random) -> list[str]:
    """Stretches of which half the characters are Han."""
    found = []
    for text in chance.sample(texts, len(texts)):
        at = chance.randrange(max(len(text) - length, 0) + 1)
        stretch = text[at : at + length]
        if len(_HAN.findall(stretch)) >= length / 2:
            found.append(stretch)
        if len(found) == _STRETCHES:
            break
    return found


def _garblings(chance: random.Random) -> dict[str, Callable[[str], str]]:
    common = frequent_han()[0][:_COMMON]
    others = dict(zip(common, chance.sample(common, len(common)), strict=True))

    def crossed(text: str) -> str:
        """Two columns of 12 characters, read a character of each in turn."""
        half = len(text) // 2
        return "".join(a + b for a, b in zip(text[:half], text[half:], strict=False))

    return {
        "as it is": lambda text: text,
        "common Han for others": lambda text: "".join(
            others.get(char, char) for char in simplified_characters(text)
        ),
        "Han some codes further": lambda text: _HAN.sub(lambda han: chr(ord(han.group()) + 31), text),
        "GBK read as Big5": lambda text: text.encode("gbk", "ignore").decode("big5", "ignore"),
        "UTF-8 read as GBK": lambda text: text.encode().decode("gb18030", "ignore"),
        "columns read across": crossed,
    }


def main() -> None:
    chance = random.Random(6)
    stretches = {
        length: [stretch for _, texts in _corpora() for stretch in _stretches(texts, length, chance)]
        for length in _LENGTHS
    }
    print(f"stretches that score less than {UNREADABLE} (unreadable), less than {OK} (suspicious), more (ok)")
    print(f"{'':24}{'characters':>11}{'n':>5}{'unreadable':>12}{'suspicious':>12}{'ok':>8}{'Han ≥ 50 %':>12}")
    for name, garble in _garblings(chance).items():
        for length, texts in stretches.items():
            garbled = [garble(text) for text in texts]
            scores = [judge(text).score for text in garbled]
            n = len(scores)
            unreadable = sum(score < UNREADABLE for score in scores) / n
            ok = sum(score >= OK for score in scores) / n
            peer = sum(len(_HAN.findall(text)) >= len(text) / 2 for text in garbled) / n
            shares = f"{unreadable:>12.1%}{abs(1 - unreadable - ok):>12.1%}{ok:>8.1%}{peer:>12.1%}"
            print(f"{name:24}{length:>11}{n:>5}{shares}")


if __name__ == "__main__":
    main()
