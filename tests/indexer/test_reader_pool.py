from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import pytest

from indexer.errors import CharsetError, EncryptedError, NoTextError, ReadError, ReaderStoppedError
from indexer.reader_pool import Limits, ReaderPool, read_apart
from indexer.readers import ReadOptions, read
from tests.indexer.readers.hostile_files import endless_page, pdf_of

DATA = Path(__file__).parents[1] / "data"
TEXTS = (
    "第一条 为了保护民事主体的合法权益，调整民事关系，制定本法。",
    "第二条 民法调整平等主体的自然人之间的人身关系和财产关系。",
    "第三条 民事主体的人身权利受法律保护。",
)
OPTIONS = ReadOptions(ocr="never")
SOON = Limits(step_seconds=8.0)  # a process takes seconds to start on a busy machine

needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe with a name is what hangs a reader")


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.txt"
    path.write_text("\n".join(TEXTS), encoding="utf-8")
    return path


@pytest.fixture
def hanging(tmp_path):
    """A file that is opened, and never read to its end, as nobody writes into it."""
    path = tmp_path / "hanging.txt"
    os.mkfifo(path)
    return path


def readers():
    return [process for process in multiprocessing.active_children() if process.name == "reader"]


def test_results_come_in_the_order_of_the_paths_and_are_those_of_this_process(good):
    # The slowest comes first.
    paths = [DATA / "pdf" / "two_column_embedded.pdf", DATA / "office" / "word_lease.docx", good, good]
    with ReaderPool(OPTIONS, workers=2) as pool:
        assert list(pool.read(paths)) == [read(path, OPTIONS) for path in paths]


def test_errors_come_through_with_their_class_reason_and_kind(tmp_path):
    image = tmp_path / "image.txt"
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    locked = DATA / "pdf" / "encrypted_user_password_is_mima.pdf"
    paths = [image, locked, DATA / "pdf" / "zero_bytes.pdf", tmp_path / "missing.txt"]
    with ReaderPool(OPTIONS, workers=1) as pool:
        results = list(pool.read(paths))
    assert [type(result) for result in results] == [CharsetError, EncryptedError, NoTextError, ReadError]
    assert [result.kind for result in results] == ["charset", "encrypted", "empty", "unopened"]
    assert [result.path for result in results] == paths
    for path, result in zip(paths, results, strict=True):
        with pytest.raises(ReadError) as caught:
            read(path, OPTIONS)
        assert (str(caught.value), caught.value.reason) == (str(result), result.reason)


def test_options_reach_the_reader():
    locked = DATA / "pdf" / "encrypted_user_password_is_mima.pdf"
    assert "民" in read_apart(locked, ReadOptions(password="mima", ocr="never")).text


@needs_fifo
def test_a_file_that_hangs_its_reader_is_stopped_and_the_next_one_read(hanging, good):
    with ReaderPool(OPTIONS, SOON, workers=1) as pool:
        stopped, document = pool.read([hanging, good])
    assert isinstance(stopped, ReaderStoppedError)
    assert (stopped.path, stopped.kind) == (hanging, "out_of_bounds")
    assert "took too long" in stopped.reason
    assert document == read(good)


@needs_fifo
def test_a_reader_that_is_killed_costs_its_file_alone(hanging, good):
    def kill(path: Path, *_: int) -> None:
        for process in readers() if path == hanging else ():
            os.kill(process.pid, signal.SIGKILL)

    with ReaderPool(OPTIONS, workers=1) as pool:
        stopped, document = pool.read([hanging, good], kill)
    assert isinstance(stopped, ReaderStoppedError)
    assert "broke down (signal 9)" in stopped.reason
    assert document == read(good)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is enforced on Linux")
def test_a_file_that_takes_too_much_memory_is_a_failure_and_the_next_one_read(tmp_path, good):
    large = tmp_path / "large.txt"
    large.write_text("中华人民共和国民法典总则编\n" * 1_000_000, encoding="utf-8")
    with ReaderPool(OPTIONS, Limits(memory_bytes=200 << 20), workers=1) as pool:
        stopped, document = pool.read([large, good])
    assert isinstance(stopped, ReaderStoppedError)
    assert (stopped.path, stopped.kind) == (large, "out_of_bounds")
    assert document == read(good)


def test_a_page_that_hangs_the_reader_is_left_out_and_the_others_are_read(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_of(TEXTS, extra=endless_page(12)))
    document = read_apart(path, OPTIONS, SOON)
    assert [document.text[page.start : page.end] for page in document.pages] == [TEXTS[0], "", TEXTS[2]]
    verdicts = [(page.reading.verdict, page.reading.kind) for page in document.pages]
    assert verdicts == [("ok", None), ("unreadable", "out_of_bounds"), ("ok", None)]
    assert (document.reading.verdict, document.reading.kind) == ("suspicious", "out_of_bounds")
    assert [(problem.page, problem.lost) for problem in document.problems] == [(2, True)]


def test_a_file_of_one_page_that_hangs_the_reader_says_at_which_page(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_of(TEXTS[:1], extra=endless_page(10)))
    told = []
    with ReaderPool(OPTIONS, SOON, workers=1) as pool:
        (stopped,) = pool.read([path], lambda *where: told.append(where))
    assert isinstance(stopped, ReaderStoppedError)
    assert "took too long at page 1 of 1" in stopped.reason
    assert (path, 1, 1) in told


@needs_fifo
def test_closing_the_pool_while_it_reads_leaves_no_process_behind(tmp_path, hanging, good):
    others = [tmp_path / f"{number}.txt" for number in range(20)]
    for path in others:
        os.mkfifo(path)
    with ReaderPool(OPTIONS, workers=2) as pool:
        results = pool.read([good, hanging, *others])
        assert next(results) == read(good)
        assert readers()
    assert not readers()


@needs_fifo
def test_an_error_of_the_caller_ends_the_readers_and_comes_through(hanging, good):
    with pytest.raises(ZeroDivisionError), ReaderPool(OPTIONS, workers=1) as pool:
        for _ in pool.read([good, hanging]):
            raise ZeroDivisionError
    assert not readers()


def test_paths_are_taken_as_they_are_needed(good):
    taken = []

    def paths():
        for number in range(100):
            taken.append(number)
            yield good

    with ReaderPool(OPTIONS, workers=1) as pool:
        next(pool.read(paths()))
    assert len(taken) < 50
