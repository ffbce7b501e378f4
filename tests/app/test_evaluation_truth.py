"""What counts as right: judgements of an index, known items, agreement."""

import json

import numpy as np
import pytest

from app.evaluation import truth as truths
from app.evaluation.grid import Grid
from app.evaluation.material import Material, from_index, from_set, read_distractors
from app.evaluation.run import evaluate
from app.evaluation.truth import NoQuestionsError
from app.judged import JudgedSetError
from indexer.store import IndexSpec, ReplaceSource, chunk_id, source_id
from indexer.store.edge import EdgeStore
from indexer.words import PLAIN
from tests.fake_embedder import FakeEmbedder

EMBEDDER = FakeEmbedder()
IDS = [chunk_id("c", "劳动法", "1", i) for i in range(3)]
LAW = [
    "劳动合同期限三个月以上不满一年的，试用期不得超过一个月。用人单位应当告知劳动者。双方协商一致可以变更合同。",
    "双方协商一致可以变更合同。劳动者提前三十日以书面形式通知用人单位，可以解除劳动合同。加班应当支付工资报酬。",
    "国家实行每日工作时间不超过八小时的工时制度。元旦春节国际劳动节国庆节应当安排休假。其他办法由国务院规定。",
]


def chunk(text, number, name="劳动法.md", headings=()):
    return {
        "source_id": source_id("c", name),
        "source": f"/法规/{name}",
        "shown": f"法规/{name}",
        "name": name,
        "folders": ["法规"],
        "type": "md",
        "title": name.removesuffix(".md"),
        "headings": list(headings),
        "ordinal": number,
        "text": text,
    }


def material(payloads):
    vectors = EMBEDDER.embed_passages([payload["text"] for payload in payloads])
    return Material(IDS[: len(payloads)], IDS[: len(payloads)], payloads, vectors)


@pytest.fixture
def law():
    return material([chunk(text, i, headings=[f"第{i}章"]) for i, text in enumerate(LAW)])


def test_an_index_is_read_with_its_stored_vectors(tmp_path):
    store = EdgeStore(tmp_path, IndexSpec("fake", "fake-256", 256, 64, 350, 50))
    payloads = [chunk(text, i) for i, text in enumerate(LAW)]
    full = EMBEDDER.embed_passages(LAW)
    ids = IDS
    lexical = [PLAIN.passage_vector(text) for text in LAW]
    store.wait([store.apply(ReplaceSource(source_id("c", "劳动法.md"), ids, payloads, full, lexical))], 10)
    found = from_index(store)
    store.close()
    assert sorted(found.ids) == sorted(ids)
    for id_, payload, vector in zip(found.ids, found.payloads, found.vectors, strict=True):
        assert payload == payloads[ids.index(id_)]
        np.testing.assert_allclose(vector, full[ids.index(id_)], atol=1e-3)


def test_a_set_is_embedded_once_for_a_model(tmp_path):
    calls = []

    class Counting(FakeEmbedder):
        def embed_passages(self, texts):
            calls.append(len(texts))
            return super().embed_passages(texts)

    passages = {"a": "试用期", "b": "工资"}
    first = from_set(passages, Counting(), tmp_path)
    again = from_set(passages, Counting(), tmp_path)
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert calls == [2]
    from_set({**passages, "b": "工资表"}, Counting(), tmp_path)
    from_set(passages, Counting(full_dim=128, matryoshka_dims=()), tmp_path)
    assert calls == [2, 2, 2]


def test_distractors_are_passages_that_answer_nothing(tmp_path):
    file = tmp_path / "laws.jsonl"
    file.write_text('{"title": "刑法", "text": "第一条"}\n{"text": "第二条"}\n', encoding="utf-8")
    assert read_distractors(file) == {"distractor-1": "刑法\n第一条", "distractor-2": "第二条"}
    file.write_text('{"title": "刑法"}\n', encoding="utf-8")
    with pytest.raises(JudgedSetError, match=r"laws\.jsonl, line 1: must be JSON with text"):
        read_distractors(file)


def test_judgements_name_chunks_or_files(law, tmp_path):
    queries, qrels = tmp_path / "queries.jsonl", tmp_path / "qrels.tsv"
    queries.write_text('{"_id": "q1", "text": "试用期"}\n{"_id": "q2", "text": "休假"}\n', encoding="utf-8")
    qrels.write_text(f"q1\t{IDS[0]}\t1\nq2\t法规/劳动法.md\t1\n", encoding="utf-8")
    found = truths.from_files(queries, qrels, law)
    assert found.queries == {"q1": "试用期", "q2": "休假"}
    assert found.qrels == {"q1": {IDS[0]: 1}, "q2": {IDS[0]: 1, IDS[1]: 1, IDS[2]: 1}}
    qrels.write_text("q1\t民法.md\t1\n", encoding="utf-8")
    with pytest.raises(JudgedSetError, match=r"line 1: there is no '民法\.md' among .*export"):
        truths.from_files(queries, qrels, law)


def judge(folder, rows):
    """Write a folder of judgements: (question, chunk id, text, grade)."""
    folder.mkdir(exist_ok=True)
    questions = {question: f"q{n}" for n, question in enumerate(dict.fromkeys(row[0] for row in rows))}
    corpus = {passage: text for _, passage, text, _ in rows}
    (folder / "corpus.jsonl").write_text(
        "\n".join(json.dumps({"_id": i, "text": t}) for i, t in corpus.items()), encoding="utf-8"
    )
    (folder / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": i, "text": q}) for q, i in questions.items()), encoding="utf-8"
    )
    (folder / "qrels.tsv").write_text(
        "query-id\tcorpus-id\tscore\n" + "\n".join(f"{questions[q]}\t{p}\t{g}" for q, p, _, g in rows),
        encoding="utf-8",
    )


def test_what_was_judged_is_found_again_by_id_or_by_text(law, tmp_path):
    rows = [
        ("试用期多久", IDS[0], "改过的旧文字", 1),
        ("怎么辞职", "an-old-id", LAW[1], 1),
        ("怎么辞职", "gone", "早已删去的一段", 1),
        ("节日", IDS[2], LAW[2], 0),  # only what is wrong is known
    ]
    judge(tmp_path / "judged", rows)
    found = truths.from_judgements(tmp_path / "judged", law)
    assert list(found.queries.values()) == ["试用期多久", "怎么辞职"]
    assert list(found.qrels.values()) == [{IDS[0]: 1}, {IDS[1]: 1}]
    assert found.lost == 1


def test_without_judgements_the_way_out_is_told(law, tmp_path):
    with pytest.raises(NoQuestionsError, match="no result has been judged yet"):
        truths.from_judgements(tmp_path / "judged", law)
    judge(tmp_path / "judged", [("问", "gone", "没有", 1)])
    with pytest.raises(NoQuestionsError, match="none of the 1 judged questions"):
        truths.from_judgements(tmp_path / "judged", law)


def test_a_held_out_sentence_is_out_of_its_chunk_and_of_no_other(law):
    found, without = truths.known_items(law, EMBEDDER, ["sentence"], 3)
    assert found.kind == "known-item" and len(found.queries) == 3
    for id_, question in found.queries.items():
        (passage,) = found.qrels[id_]
        row = law.passages.index(passage)
        assert question in law.payloads[row]["text"]
        assert all(question not in payload["text"] for payload in without.payloads)
        np.testing.assert_allclose(
            without.vectors[row],
            EMBEDDER.embed_passages([f"劳动法\n第{row}章\n{without.payloads[row]['text']}"])[0],
            atol=1e-3,
        )
    # 双方协商… stands in two chunks, as an overlap would: it is never asked.
    assert "双方协商一致可以变更合同。" not in found.queries.values()
    assert law.payloads[0]["text"] == LAW[0]  # what was given is as it was


def test_a_heading_is_answered_by_its_chunks_and_a_title_by_its_document(law):
    found, same = truths.known_items(law, EMBEDDER, ["heading", "title"], 10)
    assert dict(zip(found.queries.values(), found.qrels.values(), strict=True)) == {
        "劳动法 第0章": {IDS[0]: 1},
        "劳动法 第1章": {IDS[1]: 1},
        "劳动法 第2章": {IDS[2]: 1},
        "劳动法": {IDS[0]: 1, IDS[1]: 1, IDS[2]: 1},
    }
    assert same is law


def test_documents_that_give_no_questions_say_so():
    with pytest.raises(NoQuestionsError, match="the 1 indexed chunks give no questions of the kind sentence"):
        truths.known_items(material([chunk("太短。", 0)]), EMBEDDER, ["sentence"], 5)


def test_a_sample_is_the_same_each_time_and_keeps_the_order():
    queries = {f"q{i}": str(i) for i in range(100)}
    whole = truths.Truth("judged", "x", queries, {id_: {"p": 1} for id_ in queries})
    some = whole.sampled(10)
    assert some == whole.sampled(10) and len(some.queries) == 10
    assert list(some.queries) == [id_ for id_ in queries if id_ in some.queries] == list(some.qrels)
    assert whole.sampled(None) == whole.sampled(100) == whole


def test_agreement_has_no_quality(law):
    asked = truths.agreement(law, None, 3)
    found = evaluate(law, asked, EMBEDDER, Grid(["dense"], [64], with_baseline=True))
    assert found.metrics == ["overlap@10"]
    baseline, short = found.outcomes
    assert baseline.metrics == {"overlap@10": 1.0}
    assert short.against.mean_difference <= 0


def test_agreement_can_be_asked_with_ones_own_questions(law, tmp_path):
    file = tmp_path / "mine.jsonl"
    file.write_text('{"_id": "q", "text": "怎么辞职"}', encoding="utf-8")
    assert truths.agreement(law, file, 3).queries == {"q": "怎么辞职"}
