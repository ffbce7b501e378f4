import json
import math
from dataclasses import replace

import pytest

from app.evaluation import evaluate, measure
from app.evaluation_report import NotEvaluatedError, describe, describe_comparison, to_json
from app.judged import JudgedSet, JudgedSetError, read_judged_set
from indexer.errors import DimensionError
from indexer.words import PLAIN
from tests.fake_embedder import FakeEmbedder, FakeTokenEmbedder

PASSAGES = {
    "c0": "试用期最长不得超过六个月。",
    "c1": "床前明月光，疑是地上霜。",
    "c2": "用人单位应当支付加班工资。",
    "c3": "数据库的事务隔离级别。",
}


def test_metrics_agree_with_a_case_worked_by_hand():
    qrels = {"q1": {"a": 1, "b": 1}, "q2": {"c": 1}, "q3": {"d": 1}}
    run = {"q1": {"x": 3.0, "a": 2.0, "b": 1.0}, "q2": {"c": 1.0}}  # q3 found nothing
    ndcg_1 = (1 / math.log2(3) + 1 / math.log2(4)) / (1 / math.log2(2) + 1 / math.log2(3))
    expected = {
        "nDCG@10": [ndcg_1, 1, 0],
        "R@1": [0, 1, 0],
        "R@10": [1, 1, 0],
        "RR@10": [1 / 2, 1, 0],
    }
    found = measure(qrels, run)
    assert found.keys() == expected.keys()
    assert all(found[metric] == pytest.approx(values) for metric, values in expected.items())


def test_every_mode_finds_what_shares_its_words():
    judged = JudgedSet(PASSAGES, {"q0": "试用期最长多久", "q1": "明月光"}, {"q0": {"c0": 1}, "q1": {"c1": 1}})
    outcomes = evaluate(judged, FakeEmbedder(), dims=[128, 256]).outcomes
    assert [(o.mode, o.dim) for o in outcomes] == [
        (mode, dim) for dim in (128, 256) for mode in ("dense", "two-stage", "lexical", "hybrid")
    ]
    assert all(outcome.metrics["R@1"] == 1 for outcome in outcomes)


def test_a_passage_longer_than_the_window_is_found_by_its_end():
    long = "无关的话。" * 300 + "试用期最长六个月。" * 50
    judged = JudgedSet({**PASSAGES, "c9": long, "c0": "别的"}, {"q": "试用期最长六个月"}, {"q": {"c9": 1}})
    (outcome,) = evaluate(judged, FakeEmbedder(), modes=["dense"]).outcomes
    assert outcome.metrics["R@1"] == 1


def test_a_dimension_that_the_model_lacks_is_refused_before_any_work():
    embedder = FakeEmbedder()
    embedder.embed_passages = lambda texts: pytest.fail("embedded")
    with pytest.raises(DimensionError, match="100 is not one of this model's: 64, 128, 256"):
        evaluate(JudgedSet(PASSAGES, {"q": "x"}, {"q": {"c0": 1}}), embedder, dims=[100])


@pytest.fixture
def files(tmp_path):
    def write(corpus, queries, qrels):
        paths = [tmp_path / name for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")]
        for path, lines in zip(paths, (corpus, queries, qrels), strict=True):
            path.write_text(
                "\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines), encoding="utf-8"
            )
        return paths

    return write


def test_beir_files_are_read_with_titles_and_either_name_of_the_id(files):
    judged = read_judged_set(
        *files(
            [{"_id": "c0", "title": "劳动法", "text": "试用期"}, {"id": "c1", "text": "明月"}],
            [{"_id": "q0", "text": "多久"}, {"_id": "unjudged", "text": "不评"}],
            ["query-id\tcorpus-id\tscore", "q0\tc0\t1", "q0\tc1\t0", ""],
        )
    )
    assert judged.passages == {"c0": "劳动法\n试用期", "c1": "明月"}
    assert judged.queries == {"q0": "多久"}
    assert judged.qrels == {"q0": {"c0": 1, "c1": 0}}


@pytest.mark.parametrize(
    ("corpus", "qrels", "says"),
    [
        ([{"_id": "c0"}], ["q0\tc0\t1"], r"corpus\.jsonl, line 1: must be JSON with _id and text"),
        ([{"_id": "c0", "text": "a"}] * 2, ["q0\tc0\t1"], "the id 'c0' occurs twice"),
        ([{"_id": "c0", "text": "a"}], ["q0 c0 1"], r"qrels\.tsv, line 1: 'q0 c0 1' is not query-id"),
        ([{"_id": "c0", "text": "a"}], ["q0\tc7\t1"], "line 1: there is no 'c7' in the set"),
        ([{"_id": "c0", "text": "a"}], ["query-id\tcorpus-id\tscore"], "no judgements in it"),
    ],
)
def test_a_line_that_is_wrong_is_named(files, corpus, qrels, says):
    with pytest.raises(JudgedSetError, match=says):
        read_judged_set(*files(corpus, [{"_id": "q0", "text": "问"}], qrels))


@pytest.fixture(scope="module")
def measured():
    """A set of 150 passages, of which each question finds its own by all it says."""
    products = {f"p{i}": f"第{i}号产品的说明书：按下按钮{i}次，指示灯亮起。" for i in range(146)}
    judged = JudgedSet(
        PASSAGES | products,
        {"q0": "试用期最长多久", "q1": "加班工资谁付", "q2": "床前明月光"},
        {"q0": {"c0": 1}, "q1": {"c2": 1}, "q2": {"c1": 1}},
    )
    return judged, evaluate(judged, FakeTokenEmbedder(), ["dense", "hybrid"], reranks=["late"])


def test_a_second_stage_is_a_row_of_its_own_with_its_cost(measured):
    _, found = measured
    assert [outcome.name for outcome in found.outcomes] == ["dense", "hybrid", "hybrid+late"]
    late = found.outcomes[-1]
    assert late.candidates == 20
    assert late.rerank_seconds > 0 and found.outcomes[0].rerank_seconds < late.rerank_seconds
    assert late.metrics["R@1"] == 1


def test_answers_that_are_there_are_told_from_those_that_were_taken_out(measured):
    _, found = measured
    assert found.answerability.auc == 1
    assert found.answerability.missed == 0


def test_too_few_passages_say_nothing_of_answers():
    judged = JudgedSet(PASSAGES, {"q": "试用期"}, {"q": {"c0": 1}})
    assert evaluate(judged, FakeEmbedder(), ["hybrid"]).answerability is None


def test_the_table_has_intervals_and_costs(measured):
    _, found = measured
    lines = describe(found).splitlines()
    assert lines[0].split("\t")[:3] == ["way", "dim", "nDCG@10"]
    assert lines[3].startswith("hybrid+late\t256\t1.0000\t1.0000\t1.0000\t1.0000\t1.0000-1.0000\t")
    assert lines[3].endswith("\t20.0")
    assert "AUC 1.000" in lines[-1]


def test_a_comparison_names_the_questions_that_were_lost(measured):
    judged, found = measured
    lost, won, _ = found.outcomes
    worse = replace(lost, values=lost.values | {"nDCG@10": [1.0, 0.0, 1.0]}, top=["c0", "p3", "c1"])
    text = describe_comparison(replace(found, outcomes=[worse, won]), judged, "dense", "hybrid")
    first, question, right, instead = text.splitlines()
    assert "0 better, 1 worse, 2 equal; -0.3333" in first
    assert question == "  0.00 against 1.00  q1: 加班工资谁付"
    assert right == "      right: c2: 用人单位应当支付加班工资。"
    assert "first: p3: 第3号产品" in instead


def test_a_comparison_with_what_was_not_measured_is_told(measured):
    judged, found = measured
    with pytest.raises(NotEvaluatedError, match=r"'lexical' was not measured; there are: dense, hybrid"):
        describe_comparison(found, judged, "lexical", "dense")


def test_json_says_what_the_figures_depend_on(measured):
    judged, found = measured
    figures = json.loads(json.dumps(to_json(found, judged, FakeTokenEmbedder(), PLAIN, "corpus.jsonl")))
    assert figures["seed"] and figures["versions"]["qdrant-edge-py"] and figures["fingerprint"] == "fake-256"
    assert figures["lexicon"] == PLAIN.fingerprint
    assert len(figures["outcomes"][0]["values"]["nDCG@10"]) == len(figures["questions"]) == 3
    assert {(c["of"], c["with"]) for c in figures["comparisons"]} >= {
        ("hybrid", "dense"),
        ("dense", "hybrid"),
    }
    assert figures["answerability"]["auc"] == 1
