"""`python -m app evaluate` as scripts see it; the model of Piccolo2's shape is random, and ranks nothing."""

import json

import pytest

from app.__main__ import main
from app.evaluation.run_file import read_run
from indexer.__main__ import main as indexer
from tests.checkpoints import make_piccolo2_checkpoint

ARTICLES = [
    f"第{number}条　用人单位应当在{number}日内支付工资。劳动者可以提前{number + 30}日通知解除合同。"
    f"双方就第{number}项协商不一致的，由当地仲裁机构处理。"
    for number in range(1, 31)
]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(make_piccolo2_checkpoint(tmp_path_factory.mktemp("m") / "piccolo-large-zh-v2", layers=1))


@pytest.fixture
def a_set(tmp_path):
    folder = tmp_path / "laws_dev"
    folder.mkdir()
    texts = {f"p{i}": text for i, text in enumerate(ARTICLES)}
    questions = {f"q{i}": f"第{i + 1}条几日内支付工资" for i in range(12)}
    for name, lines in (("corpus.jsonl", texts), ("queries.jsonl", questions)):
        rows = [json.dumps({"_id": i, "text": t}, ensure_ascii=False) for i, t in lines.items()]
        (folder / name).write_text("\n".join(rows), encoding="utf-8")
    (folder / "qrels.tsv").write_text("".join(f"q{i}\tp{i}\t1\n" for i in range(12)), encoding="utf-8")
    return [
        *("--corpus", str(folder / "corpus.jsonl"), "--queries", str(folder / "queries.jsonl")),
        *("--qrels", str(folder / "qrels.tsv"), "--index", str(tmp_path / "index")),
    ]


def evaluate(*arguments):
    return main(["evaluate", *map(str, arguments)])


def test_a_set_is_measured_in_a_grid_and_written_as_the_page_reads_it(a_set, model, tmp_path, capsys):
    grid = ["--dims", "1792,256", "--storage", "float16,int8", "--search", "numpy,scan,hnsw"]
    grid += ["--modes", "dense,hybrid", "--questions", 5]
    files = ["--json", tmp_path / "run.json", "--progress", tmp_path / "progress.json"]
    assert evaluate(*a_set, "--model", model, *grid, *files) == 0
    run = read_run(tmp_path / "run.json")
    assert (run.name, run.truth.kind, run.truth.questions) == ("laws_dev", "judged", 5)
    assert (run.full_dim, run.corpus.passages, run.corpus.is_index) == (1792, 30, False)
    assert run.matryoshka_dims == (256, 512, 768, 1024, 1280, 1536, 1792)
    assert len(run.outcomes) == 2 + 2 * 2 * 3 + 2 * 2 * 2  # two baselines, dense, hybrid
    assert run.metrics == ("nDCG@10", "R@1", "R@10", "RR@10", "overlap@10")
    for way in run.ways:
        assert run.baseline(way).dim == 1792 and run.baseline(way).storage == "float32"
    small = next(o for o in run.outcomes if o.name == "dense 256 int8 hnsw")
    assert (small.ram_bytes_per_vector, small.disk_bytes_per_vector) == (256, 768)
    assert small.p50_ms > 0 and small.measured_disk_bytes > 0
    assert {placed.id for placed in small.top[0]} <= run.passages.keys()
    table = capsys.readouterr().out
    assert table.count("\n") == len(run.outcomes) + 1  # and a header
    progress = json.loads((tmp_path / "progress.json").read_text())
    assert progress["done"] == progress["total"]
    # Its vectors are kept: the next run embeds the questions alone.
    assert evaluate(*a_set, "--model", model, "--modes", "dense") == 0
    assert "passages:" not in capsys.readouterr().err


@pytest.fixture
def index(model, tmp_path):
    documents = tmp_path / "法规"
    documents.mkdir()
    for number in range(3):
        articles = "\n\n".join(ARTICLES[number * 10 : number * 10 + 10])
        (documents / f"第{number}号.md").write_text(f"# 第{number}号规定\n\n{articles}\n", encoding="utf-8")
    where = ["--index", str(tmp_path / "index")]
    assert indexer(["ingest", str(documents), "--model", model, "--dim", "512", *where]) == 0
    return where


def test_an_index_is_measured_with_questions_made_from_its_documents(index, tmp_path, capsys):
    asked = ["--truth", "known-item", "--known-item", "sentence,title", "--questions", 8]
    grid = ["--modes", "two-stage", "--dims", "1792,512", "--json", tmp_path / "run.json"]
    assert evaluate(*index, *asked, *grid) == 0
    run = read_run(tmp_path / "run.json")
    assert (run.truth.kind, run.truth.source) == ("known-item", "sentence, title")
    assert run.corpus.is_index
    assert all(question.right for question in run.questions)
    assert all(excerpt.shown.startswith("法规/第") for excerpt in run.passages.values())


def test_agreement_is_all_that_is_said_where_nothing_is_known(index, tmp_path):
    options = ["--truth", "agreement", "--questions", 5, "--dims", "1792,512", "--modes", "dense"]
    assert evaluate(*index, *options, "--json", tmp_path / "run.json") == 0
    run = read_run(tmp_path / "run.json")
    assert run.metrics == ("overlap@10",)
    assert all(outcome.metrics.keys() == {"overlap@10"} for outcome in run.outcomes)


def test_without_judgements_the_way_to_them_is_told(index, capsys):
    assert evaluate(*index, "--modes", "dense") == 1
    assert "no result has been judged yet; mark results" in capsys.readouterr().err


def test_without_an_index_the_way_to_one_is_told(tmp_path, capsys):
    assert evaluate("--index", tmp_path / "none", "--truth", "known-item") == 1
    assert "ingest FOLDER" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--corpus", "c.jsonl"], 2, "--corpus needs --queries and --qrels"),
        (["--qrels", "q.tsv"], 2, "--qrels needs --queries"),
        (["--distractors", "d.jsonl"], 2, "--distractors are for a set"),
        (["--storage", "uint8"], 2, "no 'uint8'; there are: float32, float16, int8, turbo4, binary"),
        (["--search", "ivf"], 2, "no 'ivf'; there are: numpy, scan, hnsw"),
        (["--known-item", "author"], 2, "no 'author'; there are: sentence, heading, title"),
        (["--modes", "dense", "--compare", "dense,hybrid"], 2, "--compare 'hybrid' is not measured"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_named(arguments, status, says, capsys):
    assert evaluate(*arguments) == status
    assert says in capsys.readouterr().err


def test_a_dimension_that_the_model_lacks_is_refused_before_it_is_loaded(a_set, model, capsys):
    assert evaluate(*a_set, "--model", model, "--dims", "300") == 1
    assert "300 is not one of this model's: 256, 512" in capsys.readouterr().err


def test_a_rotation_that_there_is_not_is_told(a_set, model, capsys):
    assert evaluate(*a_set, "--model", model, "--dims", "1792,256", "--rotation", "shipped") == 1
    assert "rotate --train" in capsys.readouterr().err
