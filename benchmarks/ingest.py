"""A real folder from files to a searchable index, beside the embedding alone: the limit of any ingest.

With a GPU the model has Piccolo2's shape, with random weights, and the folder is all samples.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from indexer.embedding import load, resolve
from indexer.library import open_library, spec_for
from indexer.pipeline import ingest
from indexer.reader_pool import ReaderPool
from indexer.readers import ReadOptions
from indexer.settings import Settings
from indexer.sources import survey
from tests.checkpoints import make_piccolo2_checkpoint

SAMPLES = Path("data/samples")


def main() -> None:
    import torch

    with tempfile.TemporaryDirectory() as folder:
        if torch.cuda.is_available():
            model = str(make_piccolo2_checkpoint(Path(folder) / "piccolo2", layers=24))
            _measure(Settings(index_dir=Path(folder) / "index", model=model), SAMPLES)
        else:
            _measure(Settings(index_dir=Path(folder) / "index"), SAMPLES / "vue")


def _measure(settings: Settings, samples: Path) -> None:
    model = resolve(settings)
    embedder = load(model, settings)
    embedder.embed_passages(["热身"])
    embedding_seconds = 0.0
    embed = embedder.embed_passages

    def timed(texts):
        nonlocal embedding_seconds
        started = time.perf_counter()
        vectors = embed(texts)
        embedding_seconds += time.perf_counter() - started
        return vectors

    embedder.embed_passages = timed
    with ExitStack() as stack:
        store, catalog = stack.enter_context(open_library(settings, spec_for(settings, model)))
        readers = stack.enter_context(ReaderPool(ReadOptions(ocr="never")))
        report, again = (
            ingest(
                survey([samples], catalog.all()),
                store,
                catalog,
                lambda: embedder,
                collection="default",
                read=readers.read,
            )
            for _ in range(2)
        )
    print(
        f"{samples}: {report.embedded_chunks} chunks in {report.seconds:.1f} s "
        f"({report.embedded_chunks / report.seconds:.1f}/s, {embedder.device}); "
        f"{embedding_seconds / report.seconds:.0%} of it is the model"
    )
    print(f"again, unchanged: {1000 * again.seconds:.0f} ms")


if __name__ == "__main__":
    main()
