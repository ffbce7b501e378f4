"""Make docs/search.png: a real search in the samples, by the real app in Chromium.

    python -m indexer ingest data/samples
    python -m benchmarks.screenshot

Needs chromium and a Chinese font (apt-get install chromium fonts-noto-cjk).
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from urllib.parse import quote

from tests.browser.running_app import ROOT, chromium, running_app

WIDTH, HEIGHT = 1200, 1000
PATIENCE_MS = 120_000  # the first question loads the model


def main() -> None:
    parser = argparse.ArgumentParser(description="Make docs/search.png.")
    parser.add_argument("--index", type=Path, default=Path("data/index"), metavar="DIR")
    parser.add_argument("--question", default="试用期最长多久")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "search.png", metavar="FILE.png")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as logs:
        take(options.index.absolute(), options.question, options.out, Path(logs) / "app.log")


def take(index: Path, question: str, out: Path, log: Path) -> None:
    with running_app(index, log) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(f"{address}/?q={quote(question)}")
        page.locator(".xz-hit").first.wait_for(timeout=PATIENCE_MS)
        # Once more, so that the picture shows the time of a search and not of a first one.
        page.get_by_role("button", name="搜索").click()
        page.wait_for_timeout(2000)
        page.screenshot(path=out)
    print(f"{out}: {out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
