"""What was chosen, as a command line that the command takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app import __main__ as shell
from app.evaluation.plan import (
    Plan,
    default_dims,
    evaluate_arguments,
    first_choice,
    redimension_arguments,
    shipped_sets,
    train_arguments,
)
from indexer import __main__ as indexer_shell
from indexer.settings import Settings

PLAN = Plan("known-item", (384, 128), ("float32", "int8"), ("dense",), ("numpy", "hnsw"), 300)
SETTINGS = Settings(index_dir=Path("索引"), collection="合同")


@pytest.mark.parametrize(
    ("full_dim", "trained", "dims"),
    [
        (384, (), (384, 288, 256, 192, 128, 96, 64)),
        (1792, (256, 512, 1792), (1792, 512, 256)),
        (1000, (), (1000, 752, 664, 496, 336, 248, 168)),
        (8, (), (8,)),
        (5, (), (5,)),
    ],
)
def test_dimensions_begin_with_those_that_make_sense(
    full_dim: int, trained: tuple[int, ...], dims: tuple[int, ...]
) -> None:
    assert default_dims(full_dim, trained) == dims


@pytest.mark.parametrize(
    ("dims", "first"),
    [
        ((384, 288, 256, 192, 128, 96, 64), (384, 256, 192, 128, 64)),
        ((1792, 1536, 1280, 1024, 768, 512, 256), (1792, 1280, 1024, 768, 256)),
        ((1792, 1536, 1024), (1792, 1536, 1024)),
        ((5,), (5,)),
    ],
)
def test_some_dimensions_are_chosen_first(dims: tuple[int, ...], first: tuple[int, ...]) -> None:
    assert first_choice(dims) == first


def test_settings_are_counted_as_they_are_measured() -> None:
    assert PLAN.settings_count(384) == 2 * 2 * 2
    # Only the shorter dimension is rotated, and keywords count once.
    assert replace(PLAN, modes=("dense", "lexical"), rotation="shipped").settings_count(384) == 3 * 4 + 1
    # Hybrid is not computed outside the engine; its baseline is a scan.
    assert replace(PLAN, modes=("hybrid",)).settings_count(384) == 4 + 1
    assert replace(PLAN, storages=("turbo4",), searches=("numpy",)).settings_count(384) == 0


def test_a_plan_lacks_nothing_or_is_not_complete() -> None:
    assert PLAN.is_complete
    assert not replace(PLAN, storages=()).is_complete
    assert not replace(PLAN, known_items=()).is_complete


@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        replace(PLAN, truth="judged", rotation="trained", late=True),
        replace(PLAN, truth="agreement", modes=("dense", "hybrid")),
        replace(PLAN, truth="set", set_name="classical_dev"),
    ],
)
@pytest.mark.parametrize("settings", [SETTINGS, Settings(url="http://localhost:6333")])
def test_the_command_takes_every_plan(plan: Plan, settings: Settings) -> None:
    arguments = evaluate_arguments(plan, settings, "compact")
    options = shell._parser().parse_args([*arguments, "--progress", "p.json", "--json", "run.json"])
    assert options.dims == (384, 128)
    assert options.questions == 300
    assert options.truth == (None if plan.truth == "set" else plan.truth) or plan.truth == "set"
    assert (options.corpus is not None) == (plan.truth == "set")
    assert options.collection == settings.collection


def test_a_set_is_read_from_its_folder() -> None:
    assert "classical_dev" in shipped_sets() and "cmrc2018_asked_otherwise" not in shipped_sets()
    plan = replace(PLAN, truth="set", set_name="classical_dev")
    options = shell._parser().parse_args(evaluate_arguments(plan, SETTINGS, "compact"))
    assert all(file.is_file() for file in (options.corpus, options.queries, options.qrels))
    assert plan.subject == "classical_dev" and options.distractors is None
    harder = evaluate_arguments(replace(plan, distractors=True), SETTINGS, "compact")
    assert shell._parser().parse_args(harder).distractors.is_file()


def test_switching_and_learning_are_commands_too() -> None:
    parser = indexer_shell._parser()
    options = parser.parse_args(redimension_arguments(SETTINGS, 128, "int8", "none"))
    assert (options.dim, options.storage, options.rotation, options.collection) == (
        128,
        "int8",
        "none",
        "合同",
    )
    assert parser.parse_args(train_arguments(SETTINGS)).train
