"""On a CUDA GPU: the same vectors and scores as on the CPU, but for the few digits of bf16."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from indexer.embedding import Embedder, load, resolve, shorten
from indexer.embedding.base import TokenEmbedder
from indexer.embedding.cross import CrossScorer
from indexer.errors import EmbeddingError
from indexer.library import open_library, spec_for
from indexer.pipeline import ingest
from indexer.settings import Settings
from indexer.sources import survey
from indexer.store import Condition, DenseQuery, QueryPlan
from tests.checkpoints import MATRYOSHKA_DIMS, make_cross_encoder

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU")

SENTENCES = ["人工智能改变世界。", "劳动合同的试用期最长不得超过六个月。", "The quick brown fox，跳过懒狗。"]
TEXTS = [SENTENCES[i % 3] * (1 + i % 20) for i in range(300)]  # 10 to 470 tokens, in no order of length


@pytest.fixture(scope="module")
def settings(piccolo2_folder: Path) -> Settings:
    return Settings(model=str(piccolo2_folder))


@pytest.fixture(scope="module")
def on_gpu(settings: Settings) -> Embedder:
    return load(resolve(settings), settings)


def lowest_cosine(some: np.ndarray, others: np.ndarray) -> float:
    return float((some * others).sum(axis=1).min())


def test_the_gpu_is_taken_by_itself(on_gpu: Embedder) -> None:
    assert on_gpu.device in ("cuda bf16", "cuda fp16")  # older cards only emulate bf16


@pytest.mark.parametrize("dim", MATRYOSHKA_DIMS)
def test_vectors_are_those_of_the_cpu(on_gpu: Embedder, piccolo2: Embedder, dim: int) -> None:
    ours, theirs = (shorten(model.embed_passages(TEXTS[:75]), dim) for model in (on_gpu, piccolo2))
    assert lowest_cosine(ours, theirs) > 0.999
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)


def test_a_text_has_the_same_vector_in_any_company(on_gpu: Embedder) -> None:
    together = on_gpu.embed_passages(TEXTS)
    alone = np.concatenate([on_gpu.embed_passages([text]) for text in TEXTS[:50]])
    assert lowest_cosine(together[:50], alone) > 0.999


def test_token_vectors_are_those_of_the_cpu(on_gpu: Embedder, piccolo2: Embedder) -> None:
    assert isinstance(on_gpu, TokenEmbedder) and isinstance(piccolo2, TokenEmbedder)
    pairs = zip(*(model.embed_passage_tokens(TEXTS[:25]) for model in (on_gpu, piccolo2)), strict=True)
    for ours, theirs in pairs:
        np.testing.assert_array_equal(ours.ids, theirs.ids)
        unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (ours.vectors, theirs.vectors)]
        assert lowest_cosine(*unit) > 0.99


def test_threads_share_the_gpu(on_gpu: Embedder) -> None:
    expected = on_gpu.embed_passages(TEXTS)
    with ThreadPoolExecutor(8) as threads:
        for vectors in threads.map(on_gpu.embed_passages, [TEXTS] * 8):
            assert lowest_cosine(vectors, expected) > 0.999


def test_a_cross_encoder_scores_as_on_the_cpu(tmp_path: Path) -> None:
    settings = Settings(rerank_model=str(make_cross_encoder(tmp_path / "cross")))
    ours = CrossScorer(settings).score(SENTENCES[1], TEXTS[:50])
    theirs = CrossScorer(replace(settings, device="cpu")).score(SENTENCES[1], TEXTS[:50])
    np.testing.assert_allclose(ours, theirs, atol=0.02)


def test_a_gpu_that_is_not_there_is_named(settings: Settings) -> None:
    absent = f"cuda:{torch.cuda.device_count() + 3}"
    with pytest.raises(EmbeddingError, match=f"{absent}.*not available; here: auto, cuda"):
        load(resolve(settings), replace(settings, device=absent))


def test_a_batch_too_large_for_the_memory_is_embedded_in_smaller_ones(settings: Settings) -> None:
    settings = replace(settings, batch_size=4096)
    model = load(resolve(settings), settings)
    expected = model.embed_passages(TEXTS)
    with little_memory():
        vectors = model.embed_passages(TEXTS)
    assert lowest_cosine(vectors, expected) > 0.999


@contextmanager
def little_memory() -> Iterator[None]:
    """What is taken already, and 200 MB more: a fraction of what all texts at once need."""
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 200 * 2**20) / total)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def test_a_folder_is_indexed_and_found(on_gpu: Embedder, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number, sentence in enumerate(SENTENCES):
        (folder / f"{number}.txt").write_text(sentence, encoding="utf-8")
    settings = replace(settings, index_dir=tmp_path / "index", dim=512)
    with open_library(settings, spec_for(settings, resolve(settings))) as (store, catalog):
        report = ingest(survey([folder], []), store, catalog, lambda: on_gpu, collection="default")
        assert [source.outcome for source in report.sources] == ["indexed"] * 3
        for number, sentence in enumerate(SENTENCES):
            (chunk,), _ = store.scroll((Condition("name", (f"{number}.txt",)),), with_vectors=True)
            assert chunk.full is not None
            hits = store.search(QueryPlan(DenseQuery("short", chunk.full), limit=1))
            assert sentence in hits[0].payload["text"]
