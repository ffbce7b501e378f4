"""The real program for browser tests: ingest and app as processes of their own, and Chromium."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Locator, Page, TimeoutError, expect, sync_playwright

ROOT = Path(__file__).parents[2]
_START_SECONDS = 60.0
_PATIENCE_MS = 60_000  # the first question loads the model, and machines are busy
LIST_MS = 3_000
TRIES = 10

expect.set_options(timeout=_PATIENCE_MS)


_SOME_FAILED = 3  # exit status


def ingest(source: Path, index: Path, *, fails: bool = False) -> None:
    """Run the batch script to its end.

    Args:
        fails: whether some of the files can't be read.
    """
    command = [sys.executable, "-m", "indexer", "ingest", str(source), "--index", str(index)]
    done = subprocess.run([*command, "--model", "compact"], cwd=ROOT, env=_environment(index), check=False)
    assert done.returncode == (_SOME_FAILED if fails else 0)


@contextmanager
def running_app(index: Path, log: Path, settings: Mapping[str, str] = {}) -> Iterator[str]:
    """The app on a free port; gives its address, and ends it afterwards.

    Args:
        settings: further variables for it.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = ["--server.port", str(port), "--server.headless", "true"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env=_environment(index) | dict(settings),
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_healthy(f"http://localhost:{port}/_stcore/health", process, log)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def drawn(page: Page) -> None:
    """Wait until the page is drawn to its end: until then what was there before stands beside it."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def settled(page: Page) -> None:
    """Wait until an answer is drawn to its end: buttons come in any order, and the first that is there need
    not be the first hit's."""
    drawn(page)
    page.wait_for_function("""document.querySelectorAll('.xz-hit').length
        === document.querySelectorAll('[class*="st-key-search_context_"] button').length""")


def choose(box: Locator, option: str | re.Pattern[str], *, exact: bool = False) -> None:
    """From a list, which closes when the page is drawn anew or scrolls under it: then it is opened again."""
    listed = box.page.get_by_role("option", name=option, exact=exact)
    for _ in range(TRIES):
        if not listed.is_visible():
            box.click()
        try:
            listed.click(timeout=LIST_MS)
        except TimeoutError:
            continue
        return
    raise AssertionError(f"no {option} to choose in {TRIES} tries")


def choose_first_row(page: Page) -> None:
    """Of the library's table, which shows the document: a click into the box at its left. The table is drawn
    on a canvas, which has no rows; it may be drawn anew, and somewhere else, just when it is clicked."""
    table = page.get_by_test_id("stDataFrame").first
    document = page.locator(".st-key-xz-document")
    for _ in range(TRIES):
        drawn(page)
        try:
            table.scroll_into_view_if_needed()
            page.wait_for_timeout(1000)  # for it to be drawn
            box = table.bounding_box()
            if box and not document.is_visible():
                page.mouse.click(box["x"] + 18, box["y"] + 55)
            document.wait_for(timeout=LIST_MS)
        except Error:
            continue
        return
    raise AssertionError(f"no document shown in {TRIES} tries")


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        raise FileNotFoundError("no chromium on the PATH; install it with `apt-get install chromium`")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=quiet)
        try:
            yield browser
        finally:
            browser.close()


def _environment(index: Path) -> dict[str, str]:
    """Ours, without settings of the person who runs this."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("XUNZHANG_")}
    return ours | {"XUNZHANG_INDEX_DIR": str(index)}


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
