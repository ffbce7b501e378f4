"""The models of a process: each loaded once, whoever asks, and a failure is no end."""

import threading
from dataclasses import replace

import pytest

from app import models
from app.models import Models
from indexer.embedding import ResolvedModel
from indexer.errors import EmbeddingError
from indexer.settings import Settings
from tests.fake_embedder import FakeEmbedder

MODEL = ResolvedModel("fake", "folder", None, "", "", 256, (), 512, "fake-256", "for tests")
OTHER = replace(MODEL, name="other", full_dim=64, fingerprint="fake-64")
LONG_SECONDS = 20.0


@pytest.fixture
def loads(monkeypatch):
    """What was loaded, by fingerprint and device."""
    calls = []

    def load(model, settings):
        calls.append((model.fingerprint, settings.device))
        return FakeEmbedder(model.full_dim)

    monkeypatch.setattr(models, "load", load)
    return calls


def run_together(*work):
    """Run each in a thread of its own, to the end."""
    threads = [threading.Thread(target=each, daemon=True) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG_SECONDS)
        assert not thread.is_alive()


def test_threads_that_ask_at_once_get_the_same_one(monkeypatch):
    calls, got = [], []
    begun, go_on = threading.Event(), threading.Event()

    def load(model, settings):
        calls.append(model)
        begun.set()
        assert go_on.wait(LONG_SECONDS)
        return FakeEmbedder()

    monkeypatch.setattr(models, "load", load)
    loaded = Models()

    def ask():
        got.append(loaded.load(MODEL, Settings()))

    def ask_while_it_loads():
        assert begun.wait(LONG_SECONDS)
        threading.Timer(0.05, go_on.set).start()  # by when the second, if it did not wait, loads too
        ask()

    run_together(ask, ask_while_it_loads, ask_while_it_loads)
    assert len(calls) == 1
    assert len(got) == 3 and len({id(embedder) for embedder in got}) == 1


def test_one_model_that_loads_holds_no_other_up(monkeypatch):
    other_is_there = threading.Event()

    def load(model, settings):
        if model is MODEL:
            assert other_is_there.wait(LONG_SECONDS)
        return FakeEmbedder(model.full_dim)

    monkeypatch.setattr(models, "load", load)
    loaded, dims = Models(), []

    def ask_for_the_other():
        dims.append(loaded.load(OTHER, Settings()).full_dim)
        other_is_there.set()

    run_together(lambda: dims.append(loaded.load(MODEL, Settings()).full_dim), ask_for_the_other)
    assert dims == [64, 256]


def test_a_load_that_failed_is_tried_again_and_one_that_worked_is_not(monkeypatch):
    tries = []

    def load(model, settings):
        tries.append(model)
        if len(tries) < 3:
            raise EmbeddingError(f"try {len(tries)}")
        return FakeEmbedder()

    monkeypatch.setattr(models, "load", load)
    loaded = Models()
    for number in (1, 2):
        with pytest.raises(EmbeddingError, match=f"try {number}"):
            loaded.load(MODEL, Settings())
    assert loaded.load(MODEL, Settings()) is loaded.load(MODEL, Settings())
    assert len(tries) == 3


def test_a_failure_lets_go_whoever_waits(monkeypatch):
    begun, go_on, outcomes = threading.Event(), threading.Event(), []

    def load(model, settings):
        if begun.is_set():
            return FakeEmbedder()
        begun.set()
        assert go_on.wait(LONG_SECONDS)
        raise EmbeddingError("the first")

    monkeypatch.setattr(models, "load", load)
    loaded = Models()

    def ask():
        try:
            outcomes.append(loaded.load(MODEL, Settings()).name)
        except EmbeddingError as error:
            outcomes.append(str(error))

    def ask_meanwhile():
        assert begun.wait(LONG_SECONDS)
        go_on.set()
        ask()

    run_together(ask, ask_meanwhile)
    assert sorted(outcomes) == ["fake", "the first"]


def test_collections_of_the_same_model_share_it_and_others_do_not(loads):
    loaded = Models()
    ours = loaded.load(MODEL, Settings(collection="合同"))
    assert loaded.load(replace(MODEL, name="by another name"), Settings(collection="法规")) is ours
    assert loaded.load(OTHER, Settings(collection="合同")) is not ours
    assert loaded.load(MODEL, Settings(device="cpu")) is not ours
    assert loads == [("fake-256", "auto"), ("fake-64", "auto"), ("fake-256", "cpu")]
