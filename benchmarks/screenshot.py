"""Make docs/search.png, library.png and dimensions.png: real pages of the real app, in Chromium.

    python -m indexer ingest data/samples
    python -m benchmarks.screenshot

The third shows the newest run of the page on dimension and quality, and is left out where there is none.

Needs chromium and a Chinese font (apt-get install chromium fonts-noto-cjk).
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page

from tests.browser.running_app import ROOT, choose_first_row, chromium, running_app

WIDTH, HEIGHT = 1200, 1000
DIMENSIONS_HEIGHT = 1460  # as far as the first chart goes
PATIENCE_MS = 120_000  # the first question loads the model


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the pictures of the README.")
    parser.add_argument("--index", type=Path, default=Path("data/index"), metavar="DIR")
    parser.add_argument("--question", default="试用期最长多久")
    parser.add_argument("--document", default="劳动合同法", help="a part of its name, opened in the library")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", metavar="FOLDER")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    index = options.index.absolute()
    with (
        tempfile.TemporaryDirectory() as logs,
        running_app(index, Path(logs) / "app.log") as address,
        chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        take_search(page, address, options.question, options.out / "search.png")
        take_library(page, address, options.document, options.out / "library.png")
        if list(index.glob("*/evaluations/*Z-*.json")):
            page.set_viewport_size({"width": WIDTH, "height": DIMENSIONS_HEIGHT})
            take_dimensions(page, address, options.out / "dimensions.png")


def take_search(page: Page, address: str, question: str, out: Path) -> None:
    page.goto(f"{address}/?q={quote(question)}")
    page.locator(".xz-hit").first.wait_for(timeout=PATIENCE_MS)
    # Once more, so that the picture shows the time of a search and not of a first one.
    page.get_by_role("button", name="搜索", exact=True).click()
    page.mouse.move(0, 0)
    page.wait_for_timeout(2000)
    _take(page, out)


def take_library(page: Page, address: str, document: str, out: Path) -> None:
    page.goto(f"{address}/library")
    find = page.get_by_label("按名称找")
    find.fill(document)
    find.press("Enter")
    page.get_by_text(re.compile(r"^\d+ / \d+ 份")).wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(2000)
    choose_first_row(page)
    page.locator("section.xz-part").first.wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(1000)
    _take(page, out)


def take_dimensions(page: Page, address: str, out: Path) -> None:
    page.goto(f"{address}/dimensions")
    page.get_by_test_id("stVegaLiteChart").first.wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(2000)
    _take(page, out)


def _take(page: Page, out: Path) -> None:
    page.screenshot(path=out)
    print(f"{out}: {out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
