"""Both languages say everything, and the views ask for nothing else."""

from __future__ import annotations

import ast
import string
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_args

import pytest

from app import text
from app.searcher import FILTERS, MODES, QuestionError
from app.text import FAILURES, LANGUAGES, TEXTS, ZH, Texts, explain
from app.text.dimensions import DIMENSION_TEXTS, DimensionTexts
from app.text.library import LIBRARY_TEXTS, LibraryTexts
from app.text.status import STATUS_TEXTS, StatusTexts
from indexer import errors
from indexer.model import ProblemKind

ROOT = Path(__file__).parents[2]
SHOWN_BY = [
    ROOT / "streamlit_app.py",
    *sorted((ROOT / "app" / "views").glob("*.py")),
    *(ROOT / "app" / "evaluation" / name for name in ("naming.py", "report.py")),
]

ALL: list[Mapping[text.Lang, Any]] = [TEXTS, DIMENSION_TEXTS, LIBRARY_TEXTS, STATUS_TEXTS]


def sentences(texts: Any) -> dict[str, str]:
    """Every sentence by a name that is the same in both languages."""
    flat: dict[str, str] = {}
    for name, value in asdict(texts).items():
        for key, sentence in value.items() if isinstance(value, dict) else [("", value)]:
            flat[f"{name} {key}".strip()] = sentence
    return flat


def asked_for(file: Path) -> set[str]:
    """Names that a view takes from the texts, which every view calls `say`, or looks up by language."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            holder = node.value
            if isinstance(holder, ast.Name) and holder.id == "say":
                names.add(node.attr)
            if isinstance(holder, ast.Subscript) and ast.unparse(holder.value).endswith("TEXTS"):
                names.add(node.attr)
    return names


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_there_are_texts_for_every_language() -> None:
    assert all(set(texts) == set(LANGUAGES) for texts in (*ALL, FAILURES))


@pytest.mark.parametrize("texts", ALL)
def test_both_languages_have_the_same_sentences_and_none_is_empty(texts: Mapping[text.Lang, Any]) -> None:
    chinese, english = sentences(texts["zh"]), sentences(texts["en"])
    assert chinese.keys() == english.keys()
    assert all(sentence.strip() for sentence in [*chinese.values(), *english.values()])


@pytest.mark.parametrize("texts", ALL)
def test_both_languages_fill_in_the_same_values(texts: Mapping[text.Lang, Any]) -> None:
    chinese, english = sentences(texts["zh"]), sentences(texts["en"])
    assert {n: placeholders(s) for n, s in chinese.items()} == {
        n: placeholders(s) for n, s in english.items()
    }


def test_views_ask_for_every_sentence_and_for_no_other() -> None:
    asked = set().union(*map(asked_for, SHOWN_BY))
    told = {
        field.name for kind in (Texts, DimensionTexts, LibraryTexts, StatusTexts) for field in fields(kind)
    }
    assert asked == told


def test_every_mode_and_filter_has_a_name() -> None:
    assert set(ZH.modes) == set(MODES)
    assert set(ZH.filter_names) == set(FILTERS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_error_has_a_sentence(lang: text.Lang) -> None:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.XunzhangError):
            assert explain(kind.__new__(kind), lang)


def test_every_problem_of_a_document_has_a_sentence() -> None:
    for texts in LIBRARY_TEXTS.values():
        assert set(texts.problems) == set(get_args(ProblemKind))


def test_failures_are_told_in_both_languages() -> None:
    assert set(FAILURES["zh"]) == set(FAILURES["en"])
    assert all(sentence.strip() for told in FAILURES.values() for sentence in told.values())


def test_the_nearest_class_speaks() -> None:
    assert explain(errors.WeightsMissingError("none"), "zh") == FAILURES["zh"][errors.WeightsMissingError]
    assert explain(errors.InvalidVectorError("NaN"), "zh") == FAILURES["zh"][errors.StoreError]
    assert explain(QuestionError("empty"), "en") == FAILURES["en"][QuestionError]
    assert explain(ZeroDivisionError("bug"), "en") == FAILURES["en"][Exception]


def test_a_missing_index_leads_to_the_command() -> None:
    assert "python -m indexer ingest 文件夹" in explain(errors.IndexMissingError("data/index"), "zh")
