"""The second stage, with tokens and scores that can be worked by hand, and with real model folders."""

import numpy as np
import pytest

from app import rerank as stage
from app.background import Sample
from app.ranking import Ranked, Scores
from app.rerank import Interaction, Reranker, TokenCache, TokenIdf, combine, within_budget
from indexer.embedding import TokenEmbedder, TokenVectors, load, resolve
from indexer.errors import (
    EmbeddingError,
    ModelMissingError,
    RerankUnavailableError,
    UnknownModelError,
    WeightsMissingError,
)
from indexer.settings import Settings
from tests.checkpoints import make_cross_encoder, make_piccolo2_checkpoint
from tests.fake_embedder import FakeEmbedder, FakeTokenEmbedder

PASSAGES = ["天气很好，适合出门。", "试用期最长不得超过六个月。", "数据库的事务隔离级别有四种。"]
SAMPLE = Sample(np.zeros((3, 256), np.float32), tuple(PASSAGES), 3)


def ranked(texts=PASSAGES, scores=None):
    return [
        Ranked(str(i), {"text": text, "title": "题", "headings": []}, Scores(), score)
        for i, (text, score) in enumerate(zip(texts, scores or [1.0] * len(texts), strict=True))
    ]


def tokens(*vectors, ids=None):
    n = len(vectors)
    spans = np.stack([np.arange(n), np.arange(1, n + 1)], axis=1)
    return TokenVectors(np.array(vectors, np.float32), np.array(ids or range(n)), spans)


def test_maxsim_of_a_hand_worked_case():
    a, b = [1.0, 0.0], [0.0, 1.0]
    # The mean of the passages' tokens is (0, 0), so centring changes nothing.
    passages = [tokens(a, b), tokens([-1.0, 0.0], [0.0, -1.0])]
    idf = TokenIdf([[0], [0], [1]])  # token 0 in two passages of three, token 1 in one
    weights = idf.of(np.array([0, 1])) + 1e-3
    assert weights[1] > weights[0]
    asked = tokens(a, [0.6, 0.8])
    found = Interaction(asked, passages, idf).scores()
    expected = [
        (weights[0] * 1.0 + weights[1] * 0.8) / weights.sum(),
        (weights[0] * 0.0 + weights[1] * -0.6) / weights.sum(),
    ]
    assert found == pytest.approx(expected, abs=1e-6)


def test_the_nearest_tokens_must_lie_in_one_window(monkeypatch):
    monkeypatch.setattr(stage, "_WINDOW", 4)
    monkeypatch.setattr(stage, "_STRIDE", 1)
    a, b, other = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
    together = tokens(a, b, *[other] * 8)
    apart = tokens(a, *[other] * 8, b)
    near, far = Interaction(tokens(a, b), [together, apart], TokenIdf([])).scores()
    assert near > far + 0.3


def test_a_passage_without_tokens_comes_last():
    empty = TokenVectors(np.zeros((0, 2), np.float32), np.zeros(0, np.int64), np.zeros((0, 2), np.int64))
    scores = Interaction(tokens([1.0, 0.0]), [empty, tokens([0.5, 0.5])], TokenIdf([])).scores()
    assert scores[0] == -1 < scores[1]


def test_the_second_stage_counts_in_standard_deviations_beside_the_first():
    combined = combine([5.0, 4.0, 3.0], [1.0, 3.0, 2.0], weight=2.0)
    spread = np.std([1.0, 2.0, 3.0])
    assert combined == pytest.approx([5 - 2 / spread, 4 + 2 / spread, 3.0])


def test_scores_that_do_not_differ_leave_the_first_stage_as_it_is():
    assert combine([5.0, 4.0], [0.3, 0.3], weight=2.0) == [5.0, 4.0]


def test_time_that_is_over_cuts_candidates_but_never_all(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(stage.time, "perf_counter", lambda: float(next(clock)))
    assert within_budget(list, list("abcdefghij"), budget_seconds=1.5) == list("abcdefgh")
    assert within_budget(list, list("abcdefghij"), budget_seconds=0.1) == list("abcd")
    assert within_budget(list, list("abcdefghij"), budget_seconds=None) == list("abcdefghij")


def test_late_puts_the_passage_that_shares_tokens_first_and_marks_its_sentence():
    reranker = Reranker(Settings(), FakeTokenEmbedder)
    found, done = reranker.rerank("试用期最长多久", ranked(), "late", SAMPLE, None)
    assert done == 3
    assert found[0].payload["text"] == PASSAGES[1]
    assert found[0].scores.rerank == max(candidate.scores.rerank for candidate in found)
    text = "天气很好。试用期最长六个月！数据库。"
    again, _ = reranker.rerank("试用期最长多久", ranked([text]), "late", SAMPLE, None)
    (span,) = reranker.best_spans("试用期最长多久", again, [[(0, 5), (5, 14), (14, 18)]], SAMPLE)
    assert text[slice(*span)] == "试用期最长六个月！"


def test_only_the_first_candidates_are_scored_and_the_rest_keep_their_order():
    reranker = Reranker(Settings(rerank_candidates=2), FakeTokenEmbedder)
    found, done = reranker.rerank("数据库", ranked(), "late", SAMPLE, None)
    assert done == 2
    assert found[2].payload["text"] == PASSAGES[2]
    assert found[2].scores.rerank is None
    assert reranker.rerank("数据库", [], "late", SAMPLE, None) == ([], 0)


def test_a_model_without_token_vectors_is_told():
    with pytest.raises(RerankUnavailableError, match="fake on none does not give; use `none`, or `cross`"):
        Reranker(Settings(), FakeEmbedder).rerank("问", ranked(), "late", SAMPLE, None)


def test_the_cache_asks_once_and_forgets_the_oldest():
    class Counting(FakeTokenEmbedder):
        asked = 0

        def embed_passage_tokens(self, texts):
            self.asked += len(texts)
            return super().embed_passage_tokens(texts)

    embedder = Counting()
    one = 10 * 256 * 2  # bytes of ten tokens in half precision
    cache = TokenCache(2 * one)
    texts = ["一" * 10, "二" * 10, "三" * 10]
    first = cache.get(embedder, texts[:2])
    assert [t.ids.tolist() for t in cache.get(embedder, texts[:2])] == [t.ids.tolist() for t in first]
    assert embedder.asked == 2
    cache.get(embedder, [texts[2], texts[2]])
    assert embedder.asked == 3
    cache.get(embedder, [texts[1]])
    assert embedder.asked == 3
    cache.get(embedder, [texts[0]])
    assert embedder.asked == 4


@pytest.fixture(scope="module")
def piccolo(tmp_path_factory):
    folder = make_piccolo2_checkpoint(tmp_path_factory.mktemp("late") / "piccolo-large-zh-v2", layers=1)
    settings = Settings(model=str(folder), device="cpu")
    return load(resolve(settings), settings)


def test_tokens_of_a_piccolo2_shaped_model_are_the_encoder_s(piccolo):
    assert isinstance(piccolo, TokenEmbedder)
    texts = ["试用期最长ＡＢ不得超过six个月。", "短", "字" * 800]
    found = piccolo.embed_passage_tokens(texts)
    assert [t.vectors.shape for t in found] == [(len(t.ids), 1024) for t in found]
    assert "".join(texts[0][a:b] for a, b in found[0].spans) == texts[0]
    assert len(found[2].ids) == 510  # cut at the window, two special tokens aside
    assert found[0].ids.tolist() == piccolo.token_ids(texts)[0]
    # Mean pooling of all tokens, then Dense, is the sentence's vector: so these are the right ones.
    alone = piccolo.embed_passage_tokens([texts[0]])[0]
    assert alone.vectors == pytest.approx(found[0].vectors, abs=5e-2)


def test_late_runs_on_a_piccolo2_shaped_model(piccolo):
    found, done = Reranker(Settings(), lambda: piccolo).rerank("试用期", ranked(), "late", SAMPLE, None)
    assert done == 3
    assert all(-1 <= candidate.scores.rerank <= 1 for candidate in found)


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory):
    return make_cross_encoder(tmp_path_factory.mktemp("cross") / "bge-reranker-v2-m3")


def test_a_cross_encoder_scores_each_pair_and_orders_by_it(cross_encoder):
    from sentence_transformers import CrossEncoder

    settings = Settings(rerank_model=str(cross_encoder), device="cpu")
    found, done = Reranker(settings, FakeEmbedder).rerank("试用期", ranked(), "cross", SAMPLE, None)
    assert done == 3
    model = CrossEncoder(str(cross_encoder), device="cpu")
    expected = model.predict([("试用期", candidate.passage) for candidate in found])
    assert [c.scores.rerank for c in found] == pytest.approx(expected.tolist(), abs=0.02)  # bf16 against fp32
    assert [c.scores.rerank for c in found] == sorted((c.scores.rerank for c in found), reverse=True)


def test_a_cross_encoder_is_found_by_its_name(cross_encoder):
    settings = Settings(rerank_model="BAAI/bge-reranker-v2-m3", models_dir=cross_encoder.parent, device="cpu")
    _, done = Reranker(settings, FakeEmbedder).rerank("试用期", ranked(), "cross", SAMPLE, None)
    assert done == 3


def test_a_cross_encoder_that_is_missing_is_told(tmp_path, cross_encoder):
    def cross(**settings):
        Reranker(Settings(models_dir=tmp_path, **settings), FakeEmbedder).rerank(
            "问", ranked(), "cross", SAMPLE, None
        )

    with pytest.raises(UnknownModelError, match="XUNZHANG_RERANK_MODEL"):
        cross()
    with pytest.raises(ModelMissingError, match=r"'bge-reranker-base' is not on this machine"):
        cross(rerank_model="bge-reranker-base")
    (tmp_path / "bare").mkdir()
    with pytest.raises(ModelMissingError, match="holds no model"):
        cross(rerank_model=str(tmp_path / "bare"))
    (tmp_path / "bare" / "config.json").write_text((cross_encoder / "config.json").read_text())
    with pytest.raises(WeightsMissingError, match="no weights"):
        cross(rerank_model=str(tmp_path / "bare"))


def test_a_model_that_is_no_cross_encoder_is_refused(tmp_path):
    from transformers import BertForSequenceClassification

    folder = make_cross_encoder(tmp_path / "headless")
    model = BertForSequenceClassification.from_pretrained(folder)
    model.bert.save_pretrained(folder)
    with pytest.raises(EmbeddingError, match="no cross-encoder, or is damaged: it lacks classifier"):
        Reranker(Settings(rerank_model=str(folder), device="cpu"), FakeEmbedder).prepare("cross")


def test_a_model_that_sorts_into_classes_is_refused(tmp_path):
    folder = make_cross_encoder(tmp_path / "classes", labels=3)
    reranker = Reranker(Settings(rerank_model=str(folder), device="cpu"), FakeEmbedder)
    with pytest.raises(EmbeddingError, match=r"scores of shape \(3, 3\) for 3 pairs"):
        reranker.rerank("问", ranked(), "cross", SAMPLE, None)


def test_late_asks_in_the_script_of_the_collection():
    traditional = ["試用期最長不得超過六個月。", "資料庫的隔離級別。", "天氣很好。"]
    sample = Sample(np.zeros((3, 256), np.float32), tuple(traditional), 3)
    reranker = Reranker(Settings(), FakeTokenEmbedder)
    here, _ = reranker.rerank("試用期最長多久", ranked(traditional), "late", sample, None)
    there, _ = reranker.rerank("试用期最长多久", ranked(traditional), "late", sample, None)
    assert [c.scores.rerank for c in there] == pytest.approx([c.scores.rerank for c in here])
