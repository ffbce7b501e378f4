"""What every embedder owes its callers, whichever it is."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.embedding import Embedder, load, resolve, shorten
from indexer.errors import BlankTextError, TextTooLongError
from indexer.settings import Settings
from tests.fake_embedder import FakeEmbedder

TEXTS = [
    "试用期最长不得超过六个月。",
    "红楼梦是清代小说。",
    "Vue is a JavaScript framework.",
    "量子力学",
    "8",
]


@pytest.fixture(params=["fake", "piccolo2", "api", pytest.param("compact", marks=pytest.mark.model)])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "fake":
        return FakeEmbedder()
    if request.param == "api":
        settings = Settings(model="api", api_url=request.getfixturevalue("api").url, batch_size=2)
        return load(resolve(settings), settings)
    return request.getfixturevalue(request.param)


def test_an_embedder_says_what_it_is(embedder):
    assert embedder.name and embedder.fingerprint and embedder.device
    assert embedder.max_tokens > 2
    if embedder.matryoshka_dims:
        assert list(embedder.matryoshka_dims) == sorted(embedder.matryoshka_dims)
        assert embedder.matryoshka_dims[-1] == embedder.full_dim


def test_vectors_are_float32_rows_of_unit_length(embedder):
    for vectors in (embedder.embed_passages(TEXTS), embedder.embed_queries(TEXTS)):
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(TEXTS), embedder.full_dim)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_vectors_come_in_the_order_of_the_texts(embedder):
    together = embedder.embed_passages(TEXTS)
    alone = np.concatenate([embedder.embed_passages([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    assert np.abs(together[0] - together[1]).max() > 1e-3


def test_no_texts_give_no_vectors(embedder):
    assert embedder.embed_passages([]).shape == (0, embedder.full_dim)
    assert embedder.embed_queries([]).shape == (0, embedder.full_dim)
    assert embedder.count_tokens([]) == []


@pytest.mark.parametrize("blank", ["", " \n\t", "\u3000", "\u200b\ufeff", "\x00"])
def test_a_blank_text_is_refused_with_its_place(embedder, blank):
    with pytest.raises(BlankTextError, match="text 1 "):
        embedder.embed_passages(["有字", blank])


def test_a_text_fills_the_window_and_one_more_character_is_refused(embedder):
    fits = "好"
    while embedder.count_tokens([fits + "好"])[0] <= embedder.max_tokens:
        room = embedder.max_tokens - embedder.count_tokens([fits])[0]
        fits += "好" * max(1, room)
    assert embedder.embed_passages([fits]).shape == (1, embedder.full_dim)
    with pytest.raises(TextTooLongError, match="text 1 "):
        embedder.embed_passages(["短", fits + "好"])


def test_the_last_character_of_a_long_text_still_counts(embedder):
    one, other = embedder.embed_passages(["人" * 200 + "甲", "人" * 200 + "乙"])
    assert np.abs(one - other).max() > 1e-6


def test_a_shortened_vector_has_unit_length(embedder):
    vectors = embedder.embed_passages(TEXTS)
    for dim in embedder.matryoshka_dims or (embedder.full_dim // 2,):
        np.testing.assert_allclose(np.linalg.norm(shorten(vectors, dim), axis=1), 1, atol=1e-5)
