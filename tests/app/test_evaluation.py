import json
import math
from dataclasses import replace

import pytest

from app.evaluation.grid import Grid
from app.evaluation.material import from_set
from app.evaluation.metrics import measure, overlap
from app.evaluation.run import evaluate_set
from app.evaluation.run_file import parse_run
from app.evaluation.written import NotEvaluatedError, describe, describe_comparison, to_json
from app.judged import JudgedSet, JudgedSetError, read_judged_set
from indexer.errors import DimensionError, RotationError, SettingsError
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
    run = {"q1": ["x", "a", "b"], "q2": ["c"]}  # q3 found nothing
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


def test_overlap_is_the_share_of_their_first_ten_in_ours():
    assert overlap(["a", "b", "c"], ["c", "d", "a", "e"]) == 0.5
    assert overlap([*"abcdefghij", "k"], ["k"]) == 0  # our eleventh
    assert overlap([], ["a"]) == 0
    assert overlap(["a"], []) == 1


def test_every_mode_finds_what_shares_its_words():
    judged = JudgedSet(PASSAGES, {"q0": "试用期最长多久", "q1": "明月光"}, {"q0": {"c0": 1}, "q1": {"c1": 1}})
    outcomes = evaluate_set(judged, FakeEmbedder(), Grid(dims=[128, 256])).outcomes
    assert [(o.setting.mode, o.setting.place.dim) for o in outcomes] == [
        ("dense", 128),
        ("two-stage", 128),
        ("hybrid", 128),
        ("lexical", 128),  # once: it has nothing to do with vectors
        ("dense", 256),
        ("two-stage", 256),
        ("hybrid", 256),
    ]
    assert all(outcome.metrics["R@1"] == 1 for outcome in outcomes)


def test_a_passage_longer_than_the_window_is_found_by_its_end():
    long = "无关的话。" * 300 + "试用期最长六个月。" * 50
    judged = JudgedSet({**PASSAGES, "c9": long, "c0": "别的"}, {"q": "试用期最长六个月"}, {"q": {"c9": 1}})
    (outcome,) = evaluate_set(judged, FakeEmbedder(), Grid(["dense"])).outcomes
    assert outcome.metrics["R@1"] == 1


@pytest.mark.parametrize(
    ("grid", "error", "says"),
    [
        (Grid(dims=[100]), DimensionError, "100 is not one of this model's: 64, 128, 256"),
        (Grid(storages=["uint8"]), SettingsError, "'uint8' is none; there are: float32, float16, int8"),
        (Grid(rotated=True), RotationError, "there is no rotation to measure with"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_any_work(grid, error, says):
    embedder = FakeEmbedder()
    embedder.embed_passages = lambda texts: pytest.fail("embedded")
    with pytest.raises(error, match=says):
        evaluate_set(JudgedSet(PASSAGES, {"q": "x"}, {"q": {"c0": 1}}), embedder, grid)


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


def test_texts_may_be_tab_separated(files, tmp_path):
    corpus, _, qrels = files([{"_id": "c0", "text": "试用期"}], [], ["q0\tc0\t1"])
    queries = tmp_path / "queries.tsv"
    queries.write_text("\ufeffq0\t多久\n", encoding="utf-8")
    assert read_judged_set(corpus, queries, qrels).queries == {"q0": "多久"}
    queries.write_text("q0 多久\n", encoding="utf-8")
    with pytest.raises(JudgedSetError, match=r"queries\.tsv, line 1: must be id and text with a tab between"):
        read_judged_set(corpus, queries, qrels)


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
    embedder = FakeTokenEmbedder()
    grid = Grid(["dense", "hybrid"], reranks=["late"])
    return from_set(judged.passages, embedder), evaluate_set(judged, embedder, grid)


def test_a_second_stage_is_a_row_of_its_own_with_its_cost(measured):
    _, found = measured
    assert [outcome.setting.way for outcome in found.outcomes] == ["dense", "hybrid", "hybrid+late"]
    late = found.outcomes[-1]
    assert late.candidates == 20
    assert late.rerank_ms > 0 == found.outcomes[0].rerank_ms
    assert late.metrics["R@1"] == 1


def test_answers_that_are_there_are_told_from_those_that_were_taken_out(measured):
    _, found = measured
    assert found.answerability.auc == 1
    assert found.answerability.missed == 0


def test_too_few_passages_say_nothing_of_answers():
    judged = JudgedSet(PASSAGES, {"q": "试用期"}, {"q": {"c0": 1}})
    assert evaluate_set(judged, FakeEmbedder(), Grid(["hybrid"])).answerability is None


def test_the_table_has_intervals_and_costs(measured):
    _, found = measured
    header, *rows = [line.split("\t") for line in describe(found).splitlines()]
    late = dict(zip(header, rows[2], strict=True))
    assert late["way"] == "hybrid+late" and late["dim"] == "256" and late["storage"] == "float16"
    assert late["nDCG@10"] == "1.0000" and late["95 % of nDCG@10"] == "1.0000-1.0000"
    assert late["bytes/vector"] == "512" and late["candidates"] == "20.0"
    assert float(late["p50 ms"]) > 0
    assert "AUC 1.000" in describe(found)


def test_a_comparison_names_the_questions_that_were_lost(measured):
    material, found = measured
    lost, won, _ = found.outcomes
    top = [[("c0", 1.0)], [("p3", 1.0)], [("c1", 1.0)]]
    worse = replace(lost, values=lost.values | {"nDCG@10": [1.0, 0.0, 1.0]}, top=top)
    text = describe_comparison(replace(found, outcomes=[worse, won]), material, "dense", "hybrid")
    first, question, right, instead = text.splitlines()
    assert "0 better, 1 worse, 2 equal; -0.3333" in first
    assert first.endswith("p = 1.0000")  # one difference may as well have had the other sign
    assert question == "  0.00 against 1.00  q1: 加班工资谁付"
    assert right == "      right: c2: 用人单位应当支付加班工资。"
    assert "first: p3: 第3号产品" in instead


def test_a_comparison_with_what_was_not_measured_is_told(measured):
    material, found = measured
    with pytest.raises(NotEvaluatedError, match=r"'lexical' was not measured; there are: dense, hybrid"):
        describe_comparison(found, material, "lexical", "dense")


def test_json_says_what_the_figures_depend_on_and_is_read_again(measured):
    material, found = measured
    written = to_json(found, material, FakeTokenEmbedder(), PLAIN, None, "a set", is_index=False)
    figures = json.loads(json.dumps(written))
    assert figures["seed"] and figures["versions"]["qdrant-edge-py"] and figures["fingerprint"] == "fake-256"
    assert figures["lexicon"] == PLAIN.fingerprint
    assert figures["peak_memory_mib"] > 0
    assert figures["answerability"]["auc"] == 1
    run = parse_run(figures)
    assert [outcome.name for outcome in run.outcomes] == [o.setting.name for o in found.outcomes]
    assert [question.text for question in run.questions] == list(found.truth.queries.values())
    assert run.outcomes[0].top[0][0].id == "c0"
    assert run.passages["c0"].text == PASSAGES["c0"]
