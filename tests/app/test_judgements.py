"""Judgements in BEIR form: written, taken back, edited by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.judged import JudgedSetError, read_judged_set
from app.judgements import IRRELEVANT, RELEVANT, Judgements

FILES = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")


@pytest.fixture
def judgements(tmp_path: Path) -> Judgements:
    return Judgements(tmp_path / "index" / "judged")


def test_nothing_is_judged_at_first_and_nothing_written(judgements: Judgements) -> None:
    judged = judgements.read()
    assert (judged.questions, judged.judgements, judged.answered) == (0, 0, 0)
    assert not judgements.folder.exists()


def test_what_was_judged_is_read_by_whoever_reads_beir(judgements: Judgements) -> None:
    judgements.judge("试用期多久", "c1", "不得超过六个月。", RELEVANT, "劳动合同法")
    judgements.judge("试用期多久", "c2", "七日内退货。", IRRELEVANT)
    judgements.judge("几天退货", "c2", "七日内退货。", RELEVANT)
    judged = judgements.read()
    assert judged.grades == {"试用期多久": {"c1": 1, "c2": 0}, "几天退货": {"c2": 1}}
    assert (judged.questions, judged.judgements, judged.answered) == (2, 3, 2)
    read = read_judged_set(*(judgements.folder / name for name in FILES))
    assert read.passages == {"c1": "劳动合同法\n不得超过六个月。", "c2": "七日内退货。"}
    assert sorted(read.queries.values()) == ["几天退货", "试用期多久"]


def test_a_judgement_is_changed_and_taken_back(judgements: Judgements) -> None:
    judgements.judge("问", "c1", "一", RELEVANT)
    judgements.judge("问", "c1", "一", IRRELEVANT)
    assert judgements.read().grades == {"问": {"c1": 0}}
    judgements.judge("问", "c1", "一", None)
    assert judgements.read().grades == {}
    assert all("c1" not in (judgements.folder / name).read_text(encoding="utf-8") for name in FILES)
    judgements.judge("问", "c1", "一", None)


def test_texts_that_other_judgements_need_stay(judgements: Judgements) -> None:
    judgements.judge("甲", "c1", "一", RELEVANT)
    judgements.judge("甲", "c2", "二", RELEVANT)
    judgements.judge("乙", "c1", "一", RELEVANT)
    judgements.judge("甲", "c1", "一", None)
    assert judgements.read().grades == {"甲": {"c2": 1}, "乙": {"c1": 1}}


def test_any_text_survives(judgements: Judgements) -> None:
    text = '一\u2028二\x85三\t四\r\n"五"\x0b'
    judgements.judge(text, "c1", text, RELEVANT, text)
    assert judgements.read().grades == {text: {"c1": 1}}


def test_files_edited_by_hand_are_read_and_kept(judgements: Judgements) -> None:
    judgements.folder.mkdir(parents=True)
    (judgements.folder / "queries.jsonl").write_bytes(
        '\ufeff{"_id": "mine", "text": "问", "note": "自己写的"}\r\n\r\n'
        '{"_id": "x", "text": "还没判断"}'.encode()
    )
    (judgements.folder / "corpus.jsonl").write_text('{"_id": "c9", "text": "九"}\n', encoding="utf-8")
    (judgements.folder / "qrels.tsv").write_bytes(b"query-id\tcorpus-id\tscore\r\nmine\tc9\t2\r\n")
    assert judgements.read().grades == {"问": {"c9": 2}}
    judgements.judge("问", "c1", "一", RELEVANT)
    assert judgements.read().grades == {"问": {"c9": 2, "c1": 1}}
    queries = (judgements.folder / "queries.jsonl").read_text(encoding="utf-8")
    assert "自己写的" in queries and "还没判断" in queries


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nq1 c1 1\n", r"qrels\.tsv, line 2: .* is not query-id"),
        ("qrels.tsv", "q1\tc1\tvery\n", r"qrels\.tsv, line 1"),
        ("qrels.tsv", "q1\tc1\t1\n", r"line 1: there is no 'q1'"),
        ("queries.jsonl", "{\n", r"queries\.jsonl, line 1: must be JSON"),
        ("corpus.jsonl", '{"_id": "c1"}\n', r"corpus\.jsonl, line 1"),
        ("corpus.jsonl", "[1]\n", r"corpus\.jsonl, line 1"),
    ],
)
def test_a_line_that_makes_no_sense_is_named_and_nothing_written(
    judgements: Judgements, name: str, content: str, says: str
) -> None:
    judgements.folder.mkdir(parents=True)
    file = judgements.folder / name
    file.write_text(content, encoding="utf-8")
    with pytest.raises(JudgedSetError, match=says):
        judgements.read()
    with pytest.raises(JudgedSetError):
        judgements.judge("问", "c1", "一", RELEVANT)
    assert file.read_text(encoding="utf-8") == content


def test_a_file_in_another_charset_is_told(judgements: Judgements) -> None:
    judgements.folder.mkdir(parents=True)
    (judgements.folder / "queries.jsonl").write_bytes("问题".encode("gb18030"))
    with pytest.raises(JudgedSetError, match="is not UTF-8"):
        judgements.read()
