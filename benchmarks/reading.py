"""Pages a second of our PDF reader, beside pypdf alone and pdfium alone on the same files.

Beside the speed the mean quality of what each reads (`indexer/readers/quality.py`, 0 to 1), and the share of
pages that it reads well: an engine that returns garbage is fast. The scans are read by OCR once more, apart.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean

from indexer.errors import ReadError
from indexer.reader_pool import ReaderPool
from indexer.readers import ReadOptions, read
from indexer.readers.quality import OK, judge

_ROOT = Path(__file__).parents[1]
_SCANS = frozenset(("scanned_image_only.pdf", "scanned_rotated90.pdf"))
_ROUNDS = 5  # of the same files, of which the fastest counts
_UNOPENED = frozenset(
    ("encrypted_user_password_is_mima.pdf", "html_named_pdf.pdf", "truncated.pdf", "zero_bytes.pdf")
)

Pages = list[str]


def _pdfium(path: Path) -> Pages:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def _pypdf(path: Path) -> Pages:
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(path).pages]


def _ours(path: Path, options: ReadOptions) -> Pages:
    try:
        document = read(path, options)
    except ReadError:  # no page of it can be read
        import pypdfium2

        return [""] * len(pypdfium2.PdfDocument(path))
    return [document.text[page.start : page.end] for page in document.pages]


def _files() -> Iterator[Path]:
    for folder in ("tests/data/pdf", "data/samples/pdf"):
        yield from sorted(path for path in (_ROOT / folder).glob("*.pdf") if path.name not in _UNOPENED)


def _measure(name: str, files: list[Path], extract: Callable[[Path], Pages], rounds: int = _ROUNDS) -> float:
    """Print a row; pages a second."""
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        pages = [text for path in files for text in extract(path)]
        seconds.append(time.perf_counter() - started)
    scores = [judge(text).score for text in pages]
    speed = len(pages) / min(seconds)
    well = sum(score >= OK for score in scores)
    print(f"{name:28}{speed:>9.2f} pages/s, quality {mean(scores):.2f}, {well} of {len(pages)} read well")
    return speed


def main() -> None:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    files = list(_files())
    texts = [path for path in files if path.name not in _SCANS]
    never, auto = ReadOptions(ocr="never"), ReadOptions()
    print("PDFs with a text layer, one process")
    pdfium = _measure("pdfium alone", texts, _pdfium)
    pypdf = _measure("pypdf alone", texts, _pypdf)
    ours = _measure("ours, without OCR", texts, lambda path: _ours(path, never))
    print(f"ours is {ours / pypdf:.1f} times as fast as pypdf, {ours / pdfium:.2f} times as fast as pdfium")
    print("all of them: scans, and a layer without its Unicode table")
    _measure("pdfium alone", files, _pdfium)
    _measure("pypdf alone", files, _pypdf)
    _measure("ours, OCR where needed", files, lambda path: _ours(path, auto), rounds=1)
    _pool(texts)


def _pool(files: list[Path]) -> None:
    """What the processes cost and give, with the files read four times over."""
    many = files * 4
    with ReaderPool(ReadOptions(ocr="never")) as pool:
        list(pool.read(files[:1]))  # the start of a process is paid once an ingest
        started = time.perf_counter()
        read_pages = sum(len(getattr(result, "pages", ())) for result in pool.read(many))
        seconds = time.perf_counter() - started
    print(f"through the reader processes {read_pages / seconds:9.2f} pages/s")


if __name__ == "__main__":
    main()
