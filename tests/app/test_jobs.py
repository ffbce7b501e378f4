"""Commands in the background: real processes, small ones."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.evaluation.run_file import RunFileError
from app.job_process import PID
from app.jobs import Job, JobRunningError, Jobs
from tests.app.runs import outcome, run_data

PATIENCE_SECONDS = 30.0

# A command that tells how far it is, and then does what its first argument says.
COMMAND = """
import argparse, json, os, sys, time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("what")
parser.add_argument("--progress", type=Path)
parser.add_argument("--json", type=Path)
options = parser.parse_args()
beside = options.progress.with_suffix(".tmp")
beside.write_text(json.dumps({"what": "passages", "done": 1, "total": 4}))
beside.replace(options.progress)
if options.what == "wait":
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        Path("cleaned-up").touch()
        print("interrupted", file=sys.stderr)
        sys.exit(130)
if options.what == "fail":
    print("a warning\\nerror: there is no such set", file=sys.stderr)
    sys.exit(1)
if options.what == "crash":
    raise ValueError("a fault of the program")
if options.json:
    options.json.write_text(Path("run.json").read_text())
"""


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    (tmp_path / "command.py").write_text(COMMAND, encoding="utf-8")
    data = run_data([outcome(256, baseline=True), outcome(64)])
    (tmp_path / "run.json").write_text(json.dumps(data), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    jobs = Jobs(tmp_path / "index" / "default" / "evaluations")
    yield jobs
    jobs.stop()


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def ended(jobs: Jobs) -> Job:
    until(lambda: jobs.current().state != "running")
    return jobs.current()


def test_there_is_no_command_and_no_run_at_first(jobs: Jobs) -> None:
    assert jobs.current() is None
    assert jobs.runs() == []
    jobs.stop()
    assert not jobs.folder.exists()


def test_a_command_runs_and_leaves_its_run(jobs: Jobs) -> None:
    job = jobs.start("evaluate", "command", ["finish"], "classical_dev", makes_run=True)
    assert (job.kind, job.subject) == ("evaluate", "classical_dev")
    job = ended(jobs)
    assert job.state == "finished" and job.progress is None
    (found,) = jobs.runs()
    assert (found.file, found.name) == (job.run, "classical_dev")
    assert jobs.read(found.file).full_dim == 256
    assert json.loads(jobs.data(found.file))["name"] == "judged"
    jobs.delete(found.file)
    assert jobs.runs() == []
    with pytest.raises(RunFileError, match="is gone"):
        jobs.read(found.file)


def test_another_who_looks_sees_the_same(jobs: Jobs) -> None:
    started = jobs.start("redimension", "command", ["wait"], "256")
    other = Jobs(jobs.folder)
    until(lambda: other.current().progress is not None)
    seen = other.current()
    assert (seen.id, seen.kind, seen.subject, seen.state) == (started.id, "redimension", "256", "running")
    assert (seen.progress.what, seen.progress.done, seen.progress.total) == ("passages", 1, 4)
    other.stop()
    assert jobs.current().state == "stopped"


def test_only_one_command_runs_at_a_time(jobs: Jobs) -> None:
    jobs.start("rotate", "command", ["wait"], "rotation")
    with pytest.raises(JobRunningError, match="rotate of rotation is running"):
        Jobs(jobs.folder).start("evaluate", "command", ["finish"], "classical_dev", makes_run=True)
    jobs.stop()
    jobs.start("evaluate", "command", ["finish"], "classical_dev", makes_run=True)
    assert ended(jobs).state == "finished"


def test_a_command_that_is_stopped_cleans_up_and_leaves_no_run(jobs: Jobs, tmp_path: Path) -> None:
    jobs.start("evaluate", "command", ["wait"], "classical_dev", makes_run=True)
    until(lambda: jobs.current().progress)
    jobs.stop()
    assert jobs.current().state == "stopped"
    assert (tmp_path / "cleaned-up").exists()
    assert jobs.runs() == []


@pytest.mark.parametrize(
    ("what", "error"),
    [("fail", "error: there is no such set"), ("crash", "ValueError: a fault of the program")],
)
def test_a_failure_is_told_by_the_last_line(jobs: Jobs, what: str, error: str) -> None:
    jobs.start("evaluate", "command", [what], "classical_dev", makes_run=True)
    job = ended(jobs)
    assert (job.state, job.error) == ("failed", error)


def test_a_command_that_can_not_even_start_has_failed(jobs: Jobs) -> None:
    jobs.start("evaluate", "no_such_module", [], "classical_dev")
    job = ended(jobs)
    assert job.state == "failed" and "no_such_module" in job.error


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows ends processes otherwise")
def test_a_command_that_is_killed_was_broken_off_and_another_can_start(jobs: Jobs) -> None:
    jobs.start("evaluate", "command", ["wait"], "classical_dev")
    os.kill(int((jobs.folder / PID).read_text()), signal.SIGKILL)
    assert ended(jobs).state == "broken off"
    jobs.start("evaluate", "command", ["finish"], "classical_dev")
    assert ended(jobs).state == "finished"


def test_a_process_number_that_another_process_has_now_is_left_alone(jobs: Jobs) -> None:
    jobs.start("evaluate", "command", ["finish"], "classical_dev")
    ended(jobs)
    (jobs.folder / PID).write_text(str(os.getpid()), encoding="utf-8")
    jobs.stop()  # would end this test
    assert jobs.current().state == "finished"


def test_the_time_that_is_left_follows_the_pace(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.start("evaluate", "command", ["wait"], "classical_dev")
    until(lambda: jobs.current().progress)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    jobs.current()

    def at(seconds: float, what: str, done: int) -> float | None:
        monkeypatch.setattr(time, "monotonic", lambda: now + seconds)
        file = jobs.folder / "progress.json"
        file.write_text(json.dumps({"what": what, "done": done, "total": 101}), encoding="utf-8")
        return jobs.current().progress.left_seconds

    assert at(100, "questions", 1) is None  # a step's pace is its own
    assert at(110, "questions", 21) == pytest.approx(40)  # 20 in 10 s, 80 to go
    assert at(120, "words", 21) is None
    monkeypatch.undo()


def test_runs_of_one_second_are_both_kept_and_the_newest_is_first(jobs: Jobs) -> None:
    for _ in range(2):
        jobs.start("evaluate", "command", ["finish"], "我的 set/../x", makes_run=True)
        ended(jobs)
    names = [run.file for run in jobs.runs()]
    assert len(set(names)) == 2
    assert names == sorted(names, reverse=True)
    assert all(Path(name).name == name and "我的-set-..-x" in name for name in names)


def test_only_a_run_is_deleted(jobs: Jobs) -> None:
    jobs.start("evaluate", "command", ["finish"], "classical_dev")
    ended(jobs)
    for name in ("job.json", "../../../command.py"):
        jobs.delete(name)
    assert jobs.current() is not None
    assert Path("command.py").exists()


def test_a_broken_run_is_told_with_what_to_do(jobs: Jobs) -> None:
    jobs.folder.mkdir(parents=True)
    (jobs.folder / "20261125T162000Z-classical_dev.json").write_text("{", encoding="utf-8")
    (found,) = jobs.runs()
    with pytest.raises(RunFileError, match="delete it or run the evaluation again"):
        jobs.read(found.file)
