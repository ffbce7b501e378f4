"""What a reader chose to measure, as a command line; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, get_args

from app.evaluation.grid import EvaluatedMode, Grid, Index
from app.evaluation.truth import KNOWN_ITEMS, KnownItem
from app.jobs import place_arguments
from indexer.redimension import RotationKind
from indexer.settings import Settings

SETS_FOLDER = Path(__file__).parents[2] / "data" / "eval"

DISTRACTORS = SETS_FOLDER / "law_articles" / "corpus.jsonl"

TruthChoice = Literal["judged", "known-item", "agreement", "set"]
TRUTHS: tuple[TruthChoice, ...] = get_args(TruthChoice)

# Of the full length, for a model that was not trained for shorter vectors.
_SHARES = [Fraction(1), Fraction(3, 4), Fraction(2, 3), Fraction(1, 2), Fraction(1, 3), Fraction(1, 4)]
_SHARES += [Fraction(1, 6)]
_FIRST = 5  # dimensions to begin with: a curve, in a few minutes
_WHOLE = 8  # components: so many bits of a binary vector make a byte


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure.

    Attributes:
        set_name: of data/eval, where the truth is a set.
        known_items: what questions are made from, where they are made.
        questions: at most so many, drawn with the run's seed.
        late: also late interaction on top of hybrid.
        distractors: of a set, more passages that answer nothing: it gets harder.
    """

    truth: TruthChoice
    dims: tuple[int, ...]
    storages: tuple[str, ...]
    modes: tuple[EvaluatedMode, ...]
    searches: tuple[Index, ...]
    questions: int
    rotation: RotationKind = "none"
    set_name: str = ""
    known_items: tuple[KnownItem, ...] = KNOWN_ITEMS
    late: bool = False
    distractors: bool = False

    @property
    def subject(self) -> str:
        """What a run of it is called."""
        return self.set_name if self.truth == "set" else self.truth

    @property
    def is_complete(self) -> bool:
        return bool(self.dims and self.storages and self.modes and self.searches and self.known_items)

    def settings_count(self, full_dim: int) -> int:
        """How many settings it measures, the baselines among them."""
        grid = Grid(
            self.modes,
            self.dims,
            self.storages,
            self.searches,
            ("late",) if self.late else (),
            rotated=self.rotation != "none",
            with_baseline=True,
        )
        return len(grid.settings(full_dim))


def default_dims(full_dim: int, matryoshka_dims: Sequence[int]) -> tuple[int, ...]:
    """The dimensions to choose from, the longest first: those that the model was trained for, or shares
    of the full length in whole bytes of a binary vector."""
    if matryoshka_dims:
        return tuple(sorted(matryoshka_dims, reverse=True))
    dims = {full_dim}
    for share in _SHARES:
        dims.add(min(full_dim, max(_WHOLE, round(full_dim * share / _WHOLE) * _WHOLE)))
    return tuple(sorted(dims, reverse=True))


def first_choice(dims: Sequence[int]) -> tuple[int, ...]:
    """Some of them, evenly spread, the longest and the shortest among them."""
    last = len(dims) - 1
    return tuple(dict.fromkeys(dims[round(step * last / (_FIRST - 1))] for step in range(_FIRST)))


def shipped_sets() -> list[str]:
    """Names of the sets of data/eval that have all three files."""
    files = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")
    if not SETS_FOLDER.is_dir():
        return []
    return sorted(
        folder.name for folder in SETS_FOLDER.iterdir() if all((folder / file).is_file() for file in files)
    )


def evaluate_arguments(plan: Plan, settings: Settings, model: str) -> list[str]:
    """`python -m app evaluate` with what was chosen.

    Args:
        model: the index's, by the name that it was built with.
    """
    chosen = ["evaluate", *place_arguments(settings), "--model", model, "--device", settings.device]
    if plan.truth == "set":
        folder = SETS_FOLDER / plan.set_name
        for option, file in (
            ("corpus", "corpus.jsonl"),
            ("queries", "queries.jsonl"),
            ("qrels", "qrels.tsv"),
        ):
            chosen += [f"--{option}", str(folder / file)]
        if plan.distractors:
            chosen += ["--distractors", str(DISTRACTORS)]
    else:
        chosen += ["--truth", plan.truth]
        if plan.truth == "known-item":
            chosen += ["--known-item", ",".join(plan.known_items)]
    chosen += [
        "--questions",
        str(plan.questions),
        "--modes",
        ",".join(plan.modes),
        "--dims",
        ",".join(map(str, plan.dims)),
        "--storage",
        ",".join(plan.storages),
        "--search",
        ",".join(plan.searches),
        "--rotation",
        plan.rotation,
        "--no-answerability",
    ]
    return [*chosen, "--rerank", "late"] if plan.late else chosen


def redimension_arguments(settings: Settings, dim: int, storage: str, rotation: RotationKind) -> list[str]:
    """`python -m indexer redimension` to exactly these vectors."""
    return ["redimension", str(dim), "--storage", storage, "--rotation", rotation, *place_arguments(settings)]


def train_arguments(settings: Settings) -> list[str]:
    """`python -m indexer rotate --train`."""
    return ["rotate", "--train", *place_arguments(settings)]
