"""Lines that were read across columns are told by what stands where they meet."""

from __future__ import annotations

from itertools import chain, pairwise
from pathlib import Path

import pytest
from pypdf import PdfWriter

from indexer.readers import ReadOptions, read
from indexer.readers.pdf.order import joins, why_out_of_order
from tests.indexer.readers.test_pdf import ENCODINGS, statute
from tests.indexer.readers.test_pdf_lines import drawn

WIDE = 20  # characters a line
LINES = 40
NO_OCR = ReadOptions(ocr="never")


def lines() -> list[str]:
    text = "".join(statute().split())[: WIDE * LINES]
    return [text[start : start + WIDE] for start in range(0, len(text), WIDE)]


def interleaved() -> list[str]:
    """Of two columns, read across."""
    half = LINES // 2
    return list(chain.from_iterable(zip(lines()[:half], lines()[half:], strict=True)))


def test_joins_are_of_two_han_only():
    assert joins(["第一条", "本法，", "自公布之日", "2 起"]) == ["条本"]


def test_lines_in_their_order_are_not_doubted():
    assert why_out_of_order("\n".join(lines()), joins(lines())) == ""


def test_lines_read_across_columns_are_doubted():
    reason = why_out_of_order("\n".join(interleaved()), joins(interleaved()))
    assert reason.startswith("its lines seem to be out of order (where they meet ")


def test_few_joins_prove_nothing():
    assert why_out_of_order("\n".join(interleaved()), joins(interleaved()[:10])) == ""


def test_verse_proves_nothing():
    verse = (ENCODINGS / "tangshi_big5.txt").read_bytes().decode("big5").split()
    found = [pair for one, other in pairwise(verse) for pair in joins([one[:-1], other])]
    assert len(found) > 20
    assert why_out_of_order("\n".join(verse), found) == ""


@pytest.mark.parametrize(("order", "verdict"), [(lines, "ok"), (interleaved, "suspicious")])
def test_the_page_and_the_file_say_so(tmp_path: Path, order, verdict):
    writer: PdfWriter = drawn(
        tmp_path / "a.pdf", [(50, 60 + 14 * number, line) for number, line in enumerate(order())]
    )
    writer.write(tmp_path / "a.pdf")
    document = read(tmp_path / "a.pdf", NO_OCR)
    assert (document.pages[0].reading.verdict, document.reading.verdict) == (verdict, verdict)
    assert [problem.kind for problem in document.problems] == (["doubtful"] if verdict != "ok" else [])
