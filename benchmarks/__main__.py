"""python -m benchmarks [NAME ...]: runs the measurements, all or those named.

`ui` by itself takes options: --chunks N, --index DIR (kept, and used again).

embedding      tokens a second, beside the compact model's own engine and the machine's limit
store          writes and searches, beside qdrant-client's local mode
reading        pages a second of PDFs and how well they are read, beside pypdf and pdfium alone
tables         cells and rows of tables in PDFs that arrive whole, beside pypdf and pdfium alone
page_quality   what good and garbled text score: the thresholds of the verdicts
ocr            error rate and time of scans, beside RapidOCR called plainly
fuzz           10,000 damaged files: no crash, no hang, nothing garbled that is called ok
ingest         a real folder from files to a searchable index
heading_path   what the heading path gives a chunk
dimensions     the grid of the dimension page: quality, speed and size beside full float32 vectors
redimension    another dimension for 100,000 chunks, beside embedding them again
rotation       short vectors of compact, cut plainly and turned first
hybrid         questions in English, colloquial, in the other script: hybrid beside its better leg
ui             the search page in Chromium over 100,000 chunks: first paint, and from Enter to the hits
"""

from __future__ import annotations

import importlib
import sys

NAMES = (
    *("embedding", "store", "ingest", "redimension", "reading", "tables", "page_quality", "ocr", "fuzz"),
    *("heading_path", "hybrid", "dimensions", "rotation", "ui"),
)


def main() -> int:
    if sys.argv[1:2] == ["ui"] and "".join(sys.argv[2:3]).startswith("-"):
        importlib.import_module("benchmarks.ui").main(sys.argv[2:])
        return 0
    wanted = sys.argv[1:] or list(NAMES)
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"error: no benchmark {unknown[0]!r}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in wanted:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
