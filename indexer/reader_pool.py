"""Read files in processes of their own, ahead of whoever wants the documents.

A file can hang its parser, eat all memory or end the process: the process is stopped, and the file is a
failure by name. Where one page was to blame, the others are read again without it. Reading goes on while
the caller embeds.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType

from indexer.errors import ReadError, ReaderStoppedError
from indexer.model import Document
from indexer.readers import PLAIN, OnWait, ReadOptions, Result, read

_AHEAD = 32  # files read before they are asked for: few enough to keep their texts in memory
_TOLD_SECONDS = 0.3  # between two words on what is waited for
_MAX_SKIPPED = 3  # pages of one file that may stop a reader, before the file is given up
_MAX_WORKERS = 8  # more would read faster than any model embeds


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one file. They are for files that are broken or made to do harm; no honest one comes near."""

    step_seconds: float = 180.0  # for opening it, each page and the rest; OCR of a dense one takes 60
    file_seconds: float = 4 * 3600.0  # OCR of a book of 2,000 pages takes two hours on a slow machine
    memory_bytes: int = 4 << 30  # of the process that reads it; enforced on Linux


class ReaderPool:
    """Use as a context manager: its processes end with it."""

    def __init__(self, options: ReadOptions, limits: Limits = Limits(), workers: int | None = None) -> None:
        """
        Args:
            workers: processes; None: half of the processors, since embedding needs the others.
        """
        self._options = options
        count = workers or max(1, min(_MAX_WORKERS, (os.cpu_count() or 1) // 2))
        self._idle: deque[_Worker] = deque(_Worker(limits) for _ in range(count))
        self._workers = tuple(self._idle)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="reading")
        self._closed = False

    def __enter__(self) -> ReaderPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        for worker in self._workers:
            worker.close()  # before the threads are waited for, as what they read may take hours
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.stop()

    def read(self, paths: Iterable[Path], on_wait: OnWait = lambda *_: None) -> Iterator[Result]:
        """Documents, or why there is none, in the order of the paths.

        Args:
            paths: taken as they are needed, some files ahead.
            on_wait: called now and then, in the caller's thread, while a result is waited for.
        """
        coming: deque[Future[Result]] = deque()
        for path in paths:
            coming.append(self._threads.submit(self._read_one, path))
            if len(coming) > _AHEAD:
                yield self._wait(coming.popleft(), on_wait)
        while coming:
            yield self._wait(coming.popleft(), on_wait)

    def _wait(self, result: Future[Result], on_wait: OnWait) -> Result:
        while not wait([result], _TOLD_SECONDS).done:
            busy = next((worker for worker in self._workers if worker.reads), None)
            if busy and busy.reads:
                on_wait(busy.reads, *busy.at)
        return result.result()

    def _read_one(self, path: Path) -> Result:
        worker = self._idle.popleft()  # there are as many as threads
        try:
            return self._read_with(worker, path)
        finally:
            self._idle.append(worker)

    def _read_with(self, worker: _Worker, path: Path) -> Result:
        options = self._options
        while True:
            try:
                return worker.read(path, options)
            except ReaderStoppedError as error:
                page, pages = worker.at
                if self._closed or not page or len(options.skip_pages) == _MAX_SKIPPED or pages == 1:
                    return error
                options = replace(options, skip_pages=options.skip_pages | {page})


def read_apart(path: Path, options: ReadOptions = PLAIN, limits: Limits = Limits()) -> Document:
    """Read one file in a process of its own.

    Raises:
        ReadError: as `readers.read`; and if the reader had to be stopped.
    """
    with ReaderPool(options, limits, workers=1) as pool:
        (result,) = pool.read([path])
    if isinstance(result, ReadError):
        raise result
    return result


@dataclass(slots=True)
class _Worker:
    """A process that reads one file after another; started when it is needed, and again after its end."""

    limits: Limits
    reads: Path | None = None
    at: tuple[int, int] = (0, 0)  # page that is being read, from 1; number of pages
    process: BaseProcess | None = field(default=None, repr=False)
    pipe: Connection | None = field(default=None, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    closed: bool = False

    def read(self, path: Path, options: ReadOptions) -> Result:
        """
        Raises:
            ReaderStoppedError: it took too long or too much, or the process ended.
        """
        self.reads, self.at = path, (0, 0)
        pipe = self._started(path)
        end = time.monotonic() + self.limits.file_seconds
        try:
            pipe.send((path, options))
            while pipe.poll(min(self.limits.step_seconds, end - time.monotonic())):
                message = pipe.recv()
                if not isinstance(message, tuple):
                    return message  # type: ignore[no-any-return]
                self.at = message
        except (EOFError, OSError):
            exit_code = self._ended()
            raise ReaderStoppedError(
                path, f"the reader broke down{self._where()} ({exit_code}){_NEXT}"
            ) from None
        finally:
            self.reads = None
        self.stop()
        raise ReaderStoppedError(path, f"reading it took too long{self._where()} and was stopped{_NEXT}")

    def close(self) -> None:
        """End what is being read, and start no process any more. For threads that do not read."""
        with self.lock:
            self.closed = True
            process = self.process  # the other thread may be about to forget it
        if process:
            process.kill()

    def stop(self) -> None:
        if self.process and self.pipe:
            self.process.kill()
            self.process.join()
            self.pipe.close()
            self.process = self.pipe = None

    def _started(self, path: Path) -> Connection:
        with self.lock:
            if self.closed:
                raise ReaderStoppedError(path, "reading ended before its turn came; read it again")
            if self.pipe is None:
                context = multiprocessing.get_context("spawn")
                self.pipe, theirs = context.Pipe()
                process = context.Process(
                    target=_serve, args=(theirs, self.limits.memory_bytes), name="reader", daemon=True
                )
                process.start()
                self.process = process
                theirs.close()
            return self.pipe

    def _ended(self) -> str:
        code = None
        if self.process:
            self.process.join(5)
            code = self.process.exitcode
        self.stop()
        return f"signal {-code}" if code and code < 0 else f"exit status {code}"

    def _where(self) -> str:
        page, pages = self.at
        return f" at page {page} of {pages}" if page else ""


_NEXT = "; it may be damaged: open it in the program that made it and save it anew"


def _serve(pipe: Connection, memory_bytes: int) -> None:
    """What a reader process does until its caller is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the caller, who ends this process
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
        os.nice(5)  # embedding goes first: it is what an ingest waits for
    with suppress(EOFError, OSError):
        while True:
            path, options = pipe.recv()
            pipe.send(_read(path, options, pipe))


def _read(path: Path, options: ReadOptions, pipe: Connection) -> Result:
    try:
        return read(path, options, lambda page, pages: pipe.send((page, pages)))
    except ReadError as error:
        return error
