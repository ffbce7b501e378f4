"""The command line as scripts see it: what is printed, where, and the exit status."""

import json
import os
import subprocess
import sys
import time

import pytest
from filelock import FileLock

HEAVY = (
    *("torch", "transformers", "sentence_transformers"),
    *("streamlit", "qdrant_client", "qdrant_edge", "jieba"),
)


def run(*arguments, **environ):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
        timeout=300,
    )


@pytest.mark.parametrize("package", ["indexer", "app"])
def test_help_imports_nothing_heavy(package):
    code = (
        "import sys, runpy\n"
        f"sys.argv = [{package!r}, '--help']\n"
        f"try: runpy.run_module('{package}', run_name='__main__')\n"
        "except SystemExit: pass\n"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["indexer", "ingest"], 2, "PATH"),
        (["indexer", "ingest", "no/such/folder"], 1, "no/such/folder: no such file or folder"),
        (["indexer", "ingest", ".", "--index", "a", "--url", "http://b"], 2, "not allowed with"),
        (["indexer", "ingest", "tests/data", "--model", "no-such"], 1, "is no preset and no folder"),
        (["indexer", "ingest", "tests/data", "--model", "compact", "--dim", "9999"], 1, "dimension 9999"),
        (["indexer", "status", "--index", "no/index"], 1, "ingest FOLDER"),
        (["app", "search", "问题", "--index", "no/index"], 1, "ingest FOLDER"),
        (["app", "evaluate", *("--corpus", "no", "--queries", "x", "--qrels", "y")], 1, "error: no: No such"),
        (["app", "search", "问题", "--top", "0"], 2, "0 is not at least 1"),
        (["app", "search", "问题", "--filter", "pdf"], 2, "must be KEY=VALUE"),
        (["app", "search", "问题", "--filter", "colour=red"], 1, "no filter 'colour'"),
    ],
)
def test_what_is_wrong_is_said_on_standard_error_with_its_status(arguments, status, says):
    done = run(*arguments)
    assert done.returncode == status
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_ingest_that_waits_for_another_says_so_where_it_is_watched(tmp_path):
    (tmp_path / "空.txt").touch()
    (tmp_path / "index" / "default").mkdir(parents=True)
    watched = tmp_path / "progress.json"
    command = [sys.executable, "-m", "indexer", "ingest", str(tmp_path / "空.txt")]
    options = ["--index", str(tmp_path / "index"), "--progress", str(watched)]
    with FileLock(tmp_path / "index" / "default" / "writer.lock"):
        process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
        while not watched.exists() and process.poll() is None:
            time.sleep(0.05)
        assert json.loads(watched.read_text()) == {"what": "waiting", "done": 0, "total": 0}
    _, said = process.communicate(timeout=300)
    assert process.returncode == 1 and "waiting for its end" in said and "空.txt" in said


def test_models_lists_every_preset_with_its_facts():
    rows = {row["name"]: row for row in json.loads(run("indexer", "models", "--json").stdout)}
    assert rows["piccolo2"]["matryoshka_dims"] == [256, 512, 768, 1024, 1280, 1536, 1792]
    assert rows["compact"]["present"] is True
    assert {"bge-m3", "piccolo-base-zh", "Qwen3-Embedding-0.6B"} <= rows.keys()
    text = run("indexer", "models").stdout
    assert "window 512 tokens" in text and "'查询: '" in text


@pytest.mark.model
def test_from_files_to_answers_with_the_compact_model(tmp_path):
    documents = tmp_path / "文档"
    documents.mkdir()
    (documents / "劳动法.md").write_text(
        "# 劳动法\n\n第二十一条 劳动合同可以约定试用期。试用期最长不得超过六个月。\n\n"
        "第三十六条 国家实行劳动者每日工作时间不超过八小时的工时制度。\n",
        encoding="utf-8",
    )
    (documents / "诗.txt").write_bytes("床前明月光，疑是地上霜。举头望明月，低头思故乡。".encode("gb18030"))
    (documents / "空.txt").write_bytes(b"")
    where = ["--index", str(tmp_path / "index")]

    done = run("indexer", "ingest", str(documents), *where, "--json", "--report", str(tmp_path / "r.json"))
    report = json.loads(done.stdout)
    assert done.returncode == report["exit_code"] == 3
    assert report == json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert report["counts"] == {"indexed": 2, "failed": 1}
    assert "空.txt" in done.stderr and "compact" in done.stderr
    assert {s["charset"] for s in report["sources"]} == {"utf-8", "gb2312", None}

    found = json.loads(run("app", "search", "试用期可以多长", *where, "--json").stdout)
    assert found["hits"][0]["headings"][-1] == "第二十一条"
    assert found["hits"][0]["scores"]["cosine"] > found["hits"][1]["scores"]["cosine"]
    text = run("app", "search", "每天工作几小时", *where, "--mode", "lexical").stdout
    assert text.startswith("1. 文档/劳动法.md") and "BM25" in text and "cosine" not in text
    only = json.loads(run("app", "search", "劳动", *where, "--json", "--filter", "type=txt").stdout)
    assert {hit["type"] for hit in only["hits"]} == {"txt"}

    assert run("indexer", "verify", *where).returncode == 0
    status = json.loads(run("indexer", "status", *where, "--json").stdout)
    assert (status["model"], status["chunks"]) == ("compact", 3)
    assert len(run("indexer", "export", *where).stdout.splitlines()) == 3
    assert run("indexer", "doctor", *where).stdout.count("ok  ") == 3
    other_dim = run("app", "search", "劳动", *where, XUNZHANG_DIM="128")
    assert other_dim.returncode == 1 and "dim 384 (asked for: 128)" in other_dim.stderr

    assert run("indexer", "remove", str(documents / "诗.txt"), *where).returncode == 0
    gone = json.loads(run("app", "search", "明月", *where, "--json", "--mode", "lexical").stdout)
    assert gone["hits"] == []
