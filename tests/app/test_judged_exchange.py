"""Judgements taken elsewhere and brought back: BEIR zips and tables."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import judged_exchange
from app.judged import JudgedSetError, read_judged_set
from app.judged_exchange import Imported, export_beir, export_tsv, import_judged
from app.judgements import IRRELEVANT, RELEVANT, Judgements, flat

INDEX = {"c1": "不得超过六个月。", "c2": "七日内\n退货。", "c3": "七日内\n退货。"}


def find_chunk(id_: str, text: str) -> str | None:
    """As the page's: by id if the text is the same, else by text."""
    same = [chunk for chunk, there in INDEX.items() if flat(there) == flat(text)]
    return id_ if id_ in same else next(iter(same), None)


@pytest.fixture
def judgements(tmp_path: Path) -> Judgements:
    return Judgements(tmp_path / "here" / "judged")


@pytest.fixture
def filled(tmp_path: Path) -> Judgements:
    filled = Judgements(tmp_path / "there" / "judged")
    filled.judge("试用期多久", "c1", INDEX["c1"], RELEVANT, "劳动合同法")
    filled.judge("试用期多久", "c2", INDEX["c2"], IRRELEVANT)
    filled.judge("几天退货", "c3", INDEX["c3"], 2)
    filled.judge("几天退货", "gone", "从前的一段", RELEVANT)
    return filled


def bring(judgements, name, data):
    return import_judged(judgements, name, data if isinstance(data, bytes) else data.encode(), find_chunk)


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def beir(top="", queries=None, corpus=None, qrels="query-id\tcorpus-id\tscore\nq1\td1\t1\n"):
    return {
        f"{top}queries.jsonl": queries or '{"_id": "q1", "text": "试用期多久"}\n',
        f"{top}corpus.jsonl": corpus or '{"_id": "d1", "text": "不得超过六个月。", "title": "法"}\n',
        f"{top}qrels/test.tsv": qrels,
    }


def files_of(judgements):
    folder = judgements.folder
    return {path.name: path.read_bytes() for path in folder.glob("*.*l*")} if folder.exists() else {}


# Export


def test_a_beir_export_is_read_by_whoever_reads_beir(filled, tmp_path):
    with zipfile.ZipFile(io.BytesIO(export_beir(filled))) as archive:
        assert archive.namelist() == ["queries.jsonl", "corpus.jsonl", "qrels/test.tsv"]
        archive.extractall(tmp_path / "out")
    names = ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv")
    read = read_judged_set(*(tmp_path / "out" / name for name in names))
    assert {read.queries[id_]: grades for id_, grades in read.qrels.items()} == filled.read().grades
    assert read.passages["c1"] == "劳动合同法\n不得超过六个月。"


def test_the_same_judgements_export_to_the_same_bytes(filled):
    assert export_beir(filled) == export_beir(filled)


def test_a_table_has_a_line_a_judgement(filled):
    filled.judge('"引号"', "c9", "一\t二\r\n三\u2028四", RELEVANT, "题\n目")
    assert export_tsv(filled).splitlines() == [
        "question\tpassage\tscore\ttitle\tchunk",
        "试用期多久\t不得超过六个月。\t1\t劳动合同法\tc1",
        "试用期多久\t七日内 退货。\t0\t\tc2",
        "几天退货\t七日内 退货。\t2\t\tc3",
        "几天退货\t从前的一段\t1\t\tgone",
        '"""引号"""\t一 二 三 四\t1\t题 目\tc9',
    ]


def test_nothing_judged_exports_to_headers_alone(judgements):
    assert export_tsv(judgements) == "question\tpassage\tscore\ttitle\tchunk\n"
    with zipfile.ZipFile(io.BytesIO(export_beir(judgements))) as archive:
        assert archive.read("qrels/test.tsv") == b"query-id\tcorpus-id\tscore\n"
    assert not judgements.folder.exists()


# There and back


@pytest.mark.parametrize("export", [export_beir, export_tsv])
def test_what_was_exported_is_imported_with_the_same_grades(filled, judgements, export):
    assert bring(judgements, "judged", export(filled)) == Imported(judgements=4, questions=2, unknown=1)
    assert judgements.read().grades == filled.read().grades
    assert bring(judgements, "judged", export(filled)) == Imported(4, 2, 1)
    assert judgements.read().grades == filled.read().grades


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.tuples(TEXT, TEXT), st.integers(-1, 3), min_size=1, max_size=6))
def test_any_text_survives_there_and_back(grades):
    passages = {text: f"c{number}" for number, text in enumerate({text for _, text in grades})}
    with tempfile.TemporaryDirectory() as folder:
        filled, back, table = (Judgements(Path(folder, name)) for name in ("filled", "back", "table"))
        for (question, text), grade in grades.items():
            filled.judge(question, passages[text], text, grade)
        import_judged(back, "judged.zip", export_beir(filled), lambda id_, text: id_)
        assert back.read().grades == filled.read().grades
        assert files_of(back)["corpus.jsonl"] == files_of(filled)["corpus.jsonl"]
        import_judged(table, "judged.tsv", export_tsv(filled).encode(), lambda id_, text: id_)
        kept = {
            (flat(question), chunk) for question, chunks in table.read().grades.items() for chunk in chunks
        }
        assert kept == {(flat(question), passages[text]) for question, text in grades}


# Import


def test_passages_are_those_of_this_index_by_id_or_else_by_text(judgements):
    corpus = '{"_id": "d1", "text": "不得超过六个月。"}\n{"_id": "c3", "text": "七日内 退货。"}\n'
    qrels = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\tc3\t0\n"
    assert bring(judgements, "set.zip", zipped(beir(corpus=corpus, qrels=qrels))) == Imported(2, 1, 0)
    assert judgements.read().grades == {"试用期多久": {"c1": 1, "c3": 0}}


def test_a_passage_that_is_not_here_is_kept_apart_from_a_chunk_of_its_id(judgements):
    judgements.judge("几天退货", "c1", INDEX["c1"], IRRELEVANT)
    corpus = '{"_id": "c1", "text": "另一段"}\n{"_id": "d2", "text": "又一段"}\n'
    data = zipped(beir(corpus=corpus, qrels="q1\tc1\t1\nq1\td2\t1\n"))
    for _ in range(2):
        assert bring(judgements, "set.zip", data) == Imported(2, 1, 2)
        grades = judgements.read().grades
        assert grades["几天退货"] == {"c1": 0}
        assert len(grades["试用期多久"]) == 2 and "d2" in grades["试用期多久"]
        assert "c1" not in grades["试用期多久"]


def test_an_imported_grade_replaces_one_and_leaves_the_others(filled):
    table = "question\tpassage\tscore\n试用期多久\t不得超过六个月。\t0\n几天退货\t从前的一段\t3\n"
    assert bring(filled, "t.tsv", table) == Imported(2, 2, 1)
    assert filled.read().grades == {"试用期多久": {"c1": 0, "c2": 0}, "几天退货": {"c3": 2, "gone": 3}}
    assert "劳动合同法" in files_of(filled)["corpus.jsonl"].decode()


def test_fields_and_ids_written_by_hand_stay(judgements):
    judgements.folder.mkdir(parents=True)
    (judgements.folder / "queries.jsonl").write_text(
        '{"_id": "mine", "text": "试用期多久", "note": "自己写的"}\n', encoding="utf-8"
    )
    bring(judgements, "set.zip", zipped(beir()))
    [query] = files_of(judgements)["queries.jsonl"].decode().splitlines()
    assert json.loads(query) == {"_id": "mine", "text": "试用期多久", "note": "自己写的"}
    assert "自己写的".encode() in zipfile.ZipFile(io.BytesIO(export_beir(judgements))).read("queries.jsonl")


@pytest.mark.parametrize("top", ["", "cmrc/", "./"])
def test_a_set_is_found_at_the_top_or_in_a_folder(judgements, top):
    files = beir(top) | {"__MACOSX/._queries.jsonl": "x", f"{top}README.md": "# set"}
    assert bring(judgements, "set.zip", zipped(files)) == Imported(1, 1, 0)


def test_all_qrels_of_a_set_are_read(judgements):
    files = beir() | {"qrels/dev.tsv": "q1\td1\t0\nq1\td2\t2\n", "qrels.tsv": "q1\td3\t1\n"}
    files["corpus.jsonl"] += (
        '{"_id": "d2", "text": "二"}\n{"_id": "d3", "text": "三"}\n{"_id": "d4", "text": "四"}\n'
    )
    assert bring(judgements, "set", zipped(files)) == Imported(3, 1, 2)
    assert judgements.read().grades == {"试用期多久": {"c1": 1, "d2": 2, "d3": 1}}
    assert "四" not in files_of(judgements)["corpus.jsonl"].decode()


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_may_be_in_a_spreadsheet_s_charset(judgements, charset):
    table = (
        "Question\t备注\tPassage\r\n试用期多久\t\t不得超过六个月。\r\n\t\t\r\n试用期多久\t无\t别的规定\r\n"
    )
    assert bring(judgements, "t.txt", table.encode(charset)) == Imported(2, 1, 1)
    assert judgements.read().grades["试用期多久"]["c1"] == 1


def test_quotation_marks_are_a_spreadsheet_s_only_round_a_whole_field(judgements):
    table = 'question\tpassage\n"他说""好"""\t"好"的意思\n'
    bring(judgements, "t.tsv", table)
    assert list(judgements.read().grades) == ['他说"好"']
    assert '\\"好\\"的意思' in files_of(judgements)["corpus.jsonl"].decode()


HEADER = "question\tpassage\tscore\n"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("t.tsv", "", r"t\.tsv: no judgements in it"),
        ("t.tsv", HEADER, r"t\.tsv: no judgements in it"),
        (
            "t.csv",
            "question,passage\n问,答\n",
            r"t\.csv, line 1: no column question and passage in .*tabs between",
        ),
        ("t.tsv", "question\ttext\n问\t答\n", r"line 1: no column passage in"),
        ("t.tsv", f"{HEADER}问\t答\t1\n问\t答\n", r"t\.tsv, line 3: has 2 fields and the first line 3"),
        ("t.tsv", f"{HEADER}问\t答\t1\t2\n", r"line 2: has 4 fields"),
        ("t.tsv", f'{HEADER}问\t"第一行\n第二行"\t1\n', r"line 2: has 2 fields"),
        ("t.tsv", f"{HEADER}问\t答\t0.5\n", r"line 2: the score '0\.5' is no integer; write 1"),
        ("t.tsv", f"{HEADER}问\t答\t\n", r"line 2: the score '' is no integer"),
        ("t.tsv", f"{HEADER} \t答\t1\n", r"line 2: the question is blank"),
        ("t.tsv", f"{HEADER}问\t \t1\n", r"line 2: the passage is blank"),
        ("t.tsv", HEADER.encode() + "问\t答\t1\n".encode()[:-4] + b"\xff\xff\n", r"t\.tsv.*save it as UTF-8"),
        ("t.tsv", "\ufeff".encode("utf-16-le") + b"\x00\xd8\x00", r"t\.tsv is damaged UTF-16-LE"),
        ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9, r"t\.xls is no text .*old Office"),
        ("t.xlsx", zipped({"xl/workbook.xml": ""}), r"must have one queries\.jsonl.*table as text with tabs"),
        ("s.zip", b"not a zip", r"'s\.zip' is no zip archive"),
        ("s.zip", zipped(beir("a/b/")), r"must have one queries\.jsonl"),
        ("s.zip", zipped(beir("a/") | beir("b/")), r"must have one queries\.jsonl"),
        ("s.zip", zipped({"queries.jsonl": ""}), r"with corpus\.jsonl beside it"),
        ("s.zip", zipped({"queries.jsonl": "", "corpus.jsonl": ""}), r"has no qrels\.tsv or qrels/\*\.tsv"),
        ("s.zip", zipped(beir(qrels="query-id\tcorpus-id\tscore\n")), "no judgements in it"),
        (
            "s.zip",
            zipped(beir(qrels="q1\td1\t1\nq1\td9\t1\n")),
            r"s\.zip/qrels/test\.tsv, line 2: there is no 'd9'",
        ),
        (
            "s.zip",
            zipped(beir("x/", qrels="q1\td1\tyes\n")),
            r"s\.zip/x/qrels/test\.tsv, line 1: .* is not query-id",
        ),
        ("s.zip", zipped(beir(queries="{}")), r"s\.zip/queries\.jsonl, line 1: must be JSON"),
        ("s.zip", zipped(beir(queries='{"_id": "q1", "text": 5}')), r"queries\.jsonl, line 1: must be JSON"),
        ("s.zip", zipped(beir(queries='{"_id": "q1", "text": " "}')), r"the question 'q1' is blank"),
        ("s.zip", zipped(beir(queries='{"_id": "q1", "text": "\\ud800"}')), r"queries\.jsonl, line 1"),
        (
            "s.zip",
            zipped(beir(corpus='{"_id": "d1", "text": "a"}\n' * 2 + '{"_id": "d1", "text": "b"}')),
            "line 3: 'd1'",
        ),
        (
            "s.zip",
            zipped(beir(corpus='{"_id": "d1", "text": "问"}'.encode("gbk"))),
            r"corpus\.jsonl is not UTF-8",
        ),
    ],
)
def test_what_makes_no_sense_is_named_and_nothing_written(filled, judgements, name, data, says):
    for there in (filled, judgements):
        before = files_of(there)
        with pytest.raises(JudgedSetError, match=says):
            bring(there, name, data)
        assert files_of(there) == before


def test_a_fault_in_what_is_there_stops_an_import(filled):
    (filled.folder / "qrels.tsv").write_text("nonsense\n", encoding="utf-8")
    before = files_of(filled)
    with pytest.raises(JudgedSetError, match=r"qrels\.tsv, line 1"):
        bring(filled, "set.zip", zipped(beir()))
    assert files_of(filled) == before


def test_what_a_set_unpacks_to_is_bounded(judgements, monkeypatch):
    monkeypatch.setattr(judged_exchange, "MAX_BYTES", 1_000_000)
    with pytest.raises(JudgedSetError, match=r"set\.zip holds more than 1 MB"):
        bring(judgements, "set.zip", zipped(beir(corpus=" " * 1_000_000)))


def test_a_set_packed_by_another_method_is_told(judgements):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in beir().items():
            archive.writestr(name, content)
    with pytest.raises(JudgedSetError, match=r"queries\.jsonl' can't be unpacked: .* method 12"):
        bring(judgements, "set.zip", data.getvalue())


def test_an_id_that_would_break_a_line_gets_another(judgements):
    bring(judgements, "t.tsv", "question\tpassage\tchunk\n问\t没有的一段\ta\x0bb\n")
    [chunk] = judgements.read().grades["问"]
    assert chunk.isprintable() and chunk.startswith("p")
