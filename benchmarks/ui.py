"""The search page in Chromium over an index of 100,000 chunks: start, first paint, the first question, and
from Enter to the first hit; beside what `Searcher.search` takes, and beside an empty Streamlit page.

    python -m benchmarks ui [--chunks 100000] [--index DIR]

The texts and their terms are those of data/samples, repeated with small changes. The vectors are
those of some real chunks with seeded noise, so that a search costs what it really costs, and finds what
says nothing about quality.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page

from app.searcher import open_searcher
from indexer import readers
from indexer.catalog import Catalog, SourceRecord
from indexer.chunking import chunk_document, embedded_texts, sentence_spans, with_context
from indexer.embedding import Embedder, load, resolve
from indexer.embedding.base import Vectors
from indexer.errors import ReadError
from indexer.lexicon import refresh
from indexer.library import open_library, spec_for
from indexer.model import Chunk
from indexer.payload import chunk_payload
from indexer.settings import Settings
from indexer.sources import Source, version_of
from indexer.store import ReplaceSource, chunk_id, collection_folder, open_store, read_spec, source_id
from indexer.words import PLAIN, SparseVector
from tests.browser.running_app import ROOT, chromium, running_app

SAMPLES = ROOT / "data" / "samples"
PER_SOURCE = 200  # chunks
EMBEDDED = 256  # real chunks; all vectors are made from theirs
VARIANTS = 4  # of a text with other terms: cutting texts into terms is what building takes longest for
NOISE = 0.5  # length of what is added to a unit vector
PATIENCE_MS = 120_000  # the first question loads the model
PAINT_GOAL, ANSWER_GOAL = 2.0, 0.3  # seconds
EMPTY_RERUNS = 20

WARM_UP = "合同没有约定履行期限怎么办"
QUESTIONS = (
    "试用期最长多久",
    "用人单位不签书面劳动合同要赔多少",
    "网上买的东西七天内能不能退货",
    "离婚时夫妻共同财产怎么分",
    "租房合同到期房东不退押金怎么办",
    "个人信息被泄露可以要求删除吗",
    "TiDB 怎么扩容 TiKV 节点",
    "慢查询日志在哪里看",
    "DM 迁移任务报错如何恢复",
    "TiFlash 副本怎么创建",
    "乐观事务和悲观事务有什么区别",
    "组件之间怎么传递数据",
    "计算属性和侦听器有什么不同",
    "如何让列表渲染得更快",
    "垃圾回收有哪些算法",
    "线程池的核心参数有哪些",
    "HashMap 为什么线程不安全",
    "注意力机制是怎么计算的",
    "为什么要用批量归一化",
    "梯度消失怎么解决",
)

# Installed in each page before its own scripts. `shown`: ms from the navigation to the search box.
# `watch()`: before Enter; the hits of before are known by their HTML, so that what is left of them, in
# whatever place, is not taken for the new answer.
_IN_THE_PAGE = """
(() => {
  const BOX = '[data-testid="stMain"] [data-testid="stTextInput"] input';
  const isRunning = () => {
    const app = document.querySelector('[data-testid="stApp"]');
    return !app || app.getAttribute('data-test-script-state') !== 'notRunning';
  };
  const observed = {childList: true, subtree: true, characterData: true, attributes: true};
  window.bench = {shown: null};
  const shown = new MutationObserver(() => {
    const box = document.querySelector(BOX);
    if (box && box.getClientRects().length) {
      shown.disconnect();
      window.bench.shown = performance.now();
    }
  });
  shown.observe(document, observed);
  window.bench.watch = () => {
    const before = new Set([...document.querySelectorAll('.xz-hit')].map(hit => hit.outerHTML));
    window.bench.times = null;
    const times = {};
    document.addEventListener('keydown', event => {
      if (event.key !== 'Enter') return;
      const pressed = performance.now();
      const since = () => performance.now() - pressed;
      const observer = new MutationObserver(() => {
        if (times.hit === undefined
            && [...document.querySelectorAll('.xz-hit')].some(hit => !before.has(hit.outerHTML))) {
          times.hit = since();
          requestAnimationFrame(() => setTimeout(() => { times.painted = since(); }));
        }
        if (times.hit !== undefined && times.painted !== undefined && !isRunning()) {
          observer.disconnect();
          times.done = since();
          window.bench.times = times;
        }
      });
      observer.observe(document, observed);
      // The script may have ended before the frame was painted, and nothing changes any more.
      const look = setInterval(() => {
        if (window.bench.times) clearInterval(look);
        else if (times.painted !== undefined && !isRunning()) {
          observer.disconnect();
          clearInterval(look);
          times.done = since();
          window.bench.times = times;
        }
      }, 10);
    }, {capture: true, once: true});
  };
})();
"""

# What Streamlit and Chromium take by themselves: a form, and ten hits as short as they can be.
_EMPTY_APP = """
import streamlit as st
with st.form("form"):
    question = st.text_input("question", type="search")
    st.form_submit_button("ask")
if question:
    for rank in range(10):
        st.html(f'<article class="xz-hit">{rank} {question}</article>')
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """Seconds from Enter to: the first hit of the new answer in the document, on the screen, and the end
    of the script with all it sent."""

    hit: float
    painted: float
    done: float


@dataclass(frozen=True, slots=True)
class Original:
    """A chunk of a sample, as it was read."""

    folder: str
    name: str
    title: str
    chunk: Chunk
    embedded: str  # its text for the model


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks ui")
    parser.add_argument("--chunks", type=int, default=int(os.environ.get("BENCH_CHUNKS", "100000")))
    parser.add_argument("--index", type=Path, metavar="DIR", help="keep the index there, or use it again")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="xunzhang-bench-") as folder:
        scratch = Path(folder)
        index = (options.index or scratch / "index").absolute()
        settings = Settings(index_dir=index, model="compact")
        prepare(settings, options.chunks)
        print(
            f"{options.chunks:,} chunks, real texts, synthetic vectors: times only, no quality; "
            f"{os.cpu_count()} cores, {os.getloadavg()[0]:.1f} of them busy in the minute before"
        )
        limit = searched(settings)
        with chromium() as browser:
            empty_load, empty = empty_page(browser, scratch)
            answered = in_the_app(browser, index, scratch / "app.log")
            _row("an empty page's load, second session", empty_load)
    _compare(answered, limit, empty)


def in_the_app(browser: Browser, index: Path, log: Path) -> list[Answered]:
    """Start the real app, tell how soon it is there, and ask."""
    started = time.perf_counter()
    with running_app(index, log) as address:
        healthy = time.perf_counter() - started
        page, shown = _open(browser, address)
        _row("start to health", healthy)
        _row("page load to the search box, first session", shown)
        _row("start to the search box", healthy + shown, PAINT_GOAL)
        page.context.close()
        page, shown = _open(browser, address)
        _row("page load to the search box, second session", shown, PAINT_GOAL)
        first = ask(page, WARM_UP)
        _row("first question, which loads the model: Enter to hit", first.hit)
        return [ask(page, question) for question in QUESTIONS]


def _open(browser: Browser, address: str) -> tuple[Page, float]:
    """A new session, and the seconds until its search box was there."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, locale="zh-CN")
    context.add_init_script(_IN_THE_PAGE)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("window.bench && window.bench.shown !== null", polling=20)
    shown = page.evaluate("window.bench.shown") / 1000
    page.wait_for_function("""() => document.querySelector('[data-testid="stApp"]')
        .getAttribute('data-test-script-state') === 'notRunning'""")
    return page, shown


def ask(page: Page, question: str) -> Answered:
    """Type, press Enter, and read the clock of the page itself."""
    box = page.locator('[data-testid="stMain"] [data-testid="stTextInput"] input').first
    box.fill(question)
    page.wait_for_timeout(300)  # a person's hand on its way to Enter
    page.evaluate("window.bench.watch()")
    box.press("Enter")
    page.wait_for_function("window.bench.times", polling=50)
    times = page.evaluate("window.bench.times")
    page.wait_for_timeout(500)
    return Answered(times["hit"] / 1000, times["painted"] / 1000, times["done"] / 1000)


def searched(settings: Settings) -> list[float]:
    """Seconds of `Searcher.search` for each question, in this process: the limit of any page over it."""
    with closing(open_searcher(settings)) as searcher:
        searcher.search(WARM_UP)
        found = []
        for question in QUESTIONS:
            started = time.perf_counter()
            searcher.search(question)
            found.append(time.perf_counter() - started)
        return found


def empty_page(browser: Browser, scratch: Path) -> tuple[float, list[float]]:
    """Seconds that Streamlit and Chromium take by themselves: a second session until its box is there, and
    from Enter to the first hit, where the script does nothing."""
    script = scratch / "empty.py"
    script.write_text(_EMPTY_APP, encoding="utf-8")
    with _streamlit(script) as address:
        first, _ = _open(browser, address)
        first.context.close()
        page, shown = _open(browser, address)
        ask(page, "0")
        return shown, [ask(page, str(i)).hit for i in range(1, EMPTY_RERUNS + 1)]


@contextmanager
def _streamlit(script: Path) -> Iterator[str]:
    """Another app than ours, on a free port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*command, "--server.headless", "true"], cwd=ROOT, **quiet)
    address = f"http://localhost:{port}"
    try:
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _compare(answered: list[Answered], limit: list[float], empty: list[float]) -> None:
    hits = [one.hit for one in answered]
    print(f"{len(QUESTIONS)} questions, hybrid, not reranked; seconds, p50, p95, longest:")
    for what, seconds in (
        ("Enter to the first hit", hits),
        ("Enter to that on the screen", [one.painted for one in answered]),
        ("Enter to the script's end", [one.done for one in answered]),
        ("Searcher.search alone", limit),
        ("an empty page, Enter to hit", empty),
    ):
        print(f"  {what:<28}" + "".join(f"{p:8.3f}" for p in np.percentile(seconds, [50, 95, 100])))
    p50, p95 = np.percentile(hits, [50, 95])
    over = np.median(hits) - np.median(limit) - np.median(empty)
    print(
        f"Enter to hit is {p50 / np.median(limit):.1f} times the search, {p50 / np.median(empty):.1f} times "
        f"the empty page; {over:+.3f} s are in neither"
    )
    for name, value in (("p50", p50), ("p95", p95)):
        print(f"goal of {ANSWER_GOAL} s, {name}: {_met(value, ANSWER_GOAL)}")


def _row(what: str, seconds: float, goal: float | None = None) -> None:
    print(f"{what}: {seconds:.2f} s" + (f"; goal of {goal} s: {_met(seconds, goal)}" if goal else ""))


def _met(seconds: float, goal: float) -> str:
    return f"met, {seconds / goal:.0%} of it" if seconds <= goal else f"missed, {seconds / goal:.1f} times it"


def prepare(settings: Settings, chunks: int) -> None:
    """Build the index, unless it is there.

    Raises:
        SystemExit: the folder has an index of another size.
    """
    if read_spec(settings) is None:
        started = time.perf_counter()
        build(settings, chunks)
        print(f"built in {time.perf_counter() - started:.0f} s", file=sys.stderr)
        return
    with closing(open_store(settings)) as store:
        if (found := store.count()) != chunks:
            raise SystemExit(f"error: the index at {settings.index_dir} has {found} chunks, not {chunks}")


def build(settings: Settings, chunks: int) -> None:
    """An index of `chunks` chunks with their files, catalogue and lexicon, as an ingest leaves it."""
    model = resolve(settings)
    embedder = load(model, settings)
    originals = read_samples(settings, embedder)
    rng = np.random.default_rng(0)
    some = rng.choice(len(originals), min(EMBEDDED, len(originals)), replace=False)
    vectors = embedder.embed_passages([originals[i].embedded for i in some])
    made = islice(_variants(originals), VARIANTS * len(originals))
    texts = [with_context(one.title, one.chunk.headings, one.chunk.text) for one in made]
    copies, known = _variants(originals), list[SparseVector]()
    # In processes of their own, since the engine holds this one's global lock.
    with (
        open_library(settings, spec_for(settings, model)) as (store, catalog),
        multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool,
    ):
        refresh(store, collection_folder(settings), PLAIN)
        terms = pool.imap(PLAIN.passage_vector, texts[:chunks], chunksize=32)
        for number, at in enumerate(range(0, chunks, PER_SOURCE)):
            part = list(islice(copies, min(PER_SOURCE, chunks - at)))
            known += islice(terms, len(part))
            lexical = [known[i % len(texts)] for i in range(at, at + len(part))]
            source, operation = _source(settings, number, part, _noisy(vectors, len(part), rng), lexical)
            ticket = store.apply(operation)
            _catalogue(catalog, source, operation)
            if number % 20 == 19 or at + PER_SOURCE >= chunks:
                store.wait([ticket], 600)


def read_samples(settings: Settings, embedder: Embedder) -> list[Original]:
    found = []
    for file in sorted(SAMPLES.rglob("*")):
        if file.suffix.lower() not in readers.SUFFIXES:
            continue
        try:
            document = readers.read(file)
        except ReadError:  # such as a scan
            continue
        chunks = chunk_document(
            document, embedder.count_tokens, settings.chunk_tokens, settings.overlap_tokens
        )
        texts = embedded_texts(document.title, chunks, embedder.count_tokens, settings.chunk_tokens)
        found += [
            Original(file.parent.name, file.stem, document.title, chunk, text)
            for chunk, text in zip(chunks, texts, strict=True)
        ]
    return found


def _variants(originals: Sequence[Original]) -> Iterator[Original]:
    """The samples again and again, without end, no chunk twice; after VARIANTS times with the same terms,
    since full stops are none."""
    copy = 0
    while True:
        for original in originals:
            text = _without_sentence(original.chunk, copy % VARIANTS) + "。" * (copy // VARIANTS)
            yield replace(original, chunk=replace(original.chunk, text=text))
        copy += 1


def _without_sentence(chunk: Chunk, variant: int) -> str:
    """Its text without its sentence of this number; marked, where there are too few, and as it is for 0."""
    text = chunk.text
    if not variant:
        return text
    own = [span for span in sentence_spans(text) if span[0] >= chunk.overlap]
    if len(own) > variant:
        start, end = own[variant]
        return text[:start] + text[end:]
    return f"{text}（第{variant}稿）"


def _noisy(vectors: Vectors, n: int, rng: np.random.Generator) -> Vectors:
    """n of the vectors, each with noise of its own: (n, dim), unit rows."""
    noise = rng.standard_normal((n, vectors.shape[1])) * (NOISE / math.sqrt(vectors.shape[1]))
    found = vectors[rng.integers(0, len(vectors), n)] + noise
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def _source(
    settings: Settings,
    number: int,
    part: Sequence[Original],
    vectors: Vectors,
    lexical: Sequence[SparseVector],
) -> tuple[Source, ReplaceSource]:
    """A file of these chunks, on the disk, and the write of it."""
    root = settings.index_dir / "资料"
    file = root / part[0].folder / f"{number // 25:02}" / f"{number:03}-{part[0].name}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    chunks, text = [], ""
    for ordinal, one in enumerate(part):
        start = len(text) - (one.chunk.overlap if text else 0)
        text += one.chunk.text[len(text) - start :]
        overlap = one.chunk.overlap if ordinal else 0
        chunks.append(
            replace(one.chunk, ordinal=ordinal, start=start, end=len(text), overlap=overlap, pages=None)
        )
    file.write_text(text, encoding="utf-8")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    source, version = Source(file, root, file.stat().st_size, now), version_of(file)
    sid = source_id(settings.collection, str(file))
    ids = [chunk_id(settings.collection, str(file), version, i) for i in range(len(part))]
    payloads = [
        chunk_payload(sid, source, version, one.title, chunk, now)
        for one, chunk in zip(part, chunks, strict=True)
    ]
    return source, ReplaceSource(sid, ids, payloads, vectors.astype(np.float16), lexical)


def _catalogue(catalog: Catalog, source: Source, written: ReplaceSource) -> None:
    first: dict[str, Any] = written.payloads[0]
    catalog.put(
        SourceRecord(
            source=first["source"],
            shown=first["shown"],
            version=first["version"],
            state="ok",
            problems=(),
            chunks=len(written.ids),
            pages=0,
            charset="utf-8",
            bytes=source.bytes,
            ingested_at=first["ingested_at"],
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
