"""A real folder from files to a searchable index, beside the embedding alone: the limit of any ingest."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from indexer.embedding import load, resolve
from indexer.library import open_library, spec_for
from indexer.pipeline import ingest
from indexer.settings import Settings
from indexer.sources import survey

FOLDER = Path("data/samples/vue")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(index_dir=Path(folder))
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
        with open_library(settings, spec_for(settings, model)) as (store, catalog):
            report, again = (
                ingest(
                    survey([FOLDER], catalog.all()), store, catalog, lambda: embedder, collection="default"
                )
                for _ in range(2)
            )
    print(
        f"{FOLDER}: {report.embedded_chunks} chunks in {report.seconds:.1f} s "
        f"({report.embedded_chunks / report.seconds:.1f}/s, {embedder.device}); "
        f"{embedding_seconds / report.seconds:.0%} of it is the model"
    )
    print(f"again, unchanged: {1000 * again.seconds:.0f} ms")


if __name__ == "__main__":
    main()
