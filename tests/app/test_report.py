"""A run as CSV and Markdown, and the sentences of its verdict."""

from __future__ import annotations

import csv
import io

import pytest

from app.evaluation.naming import percent, shown_bytes, verdict_sentences
from app.evaluation.report import csv_table, markdown_report, table
from app.evaluation.run_file import Run, Way
from app.evaluation.verdict import judge
from app.text.dimensions import EN, ZH
from tests.app.runs import outcome, run

DENSE = Way("dense", "none")


def measured(**about: object) -> Run:
    return run(
        [
            outcome(256, values=(1.0, 0.8), baseline=True),
            outcome(64, "int8", "hnsw", (1.0, 0.78), p50=1.5, against=(-0.02, 0.0)),
        ],
        **about,
    )


def test_the_table_has_a_row_a_setting_with_its_figures() -> None:
    columns, rows = table(measured(), "nDCG@10", ZH)
    row = dict(zip(columns, rows[1], strict=True))
    assert row[ZH.column_dim] == 64 and row["nDCG@10"] == 0.89
    assert row[ZH.column_interval] == "0.8400–0.9400"
    assert row[ZH.column_loss] == pytest.approx(0.01111)  # 0.01 of 0.9
    assert (row[ZH.column_p50], row[ZH.column_p95], row[ZH.column_ram]) == (1.5, 3.0, 64)
    assert rows[0][columns.index(ZH.column_loss)] is None


def test_csv_opens_in_a_spreadsheet() -> None:
    data = csv_table(measured(), EN)
    assert data.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert header[5:8] == ["nDCG@10", "nDCG@10 95 % interval min", "nDCG@10 95 % interval max"]
    assert [float(row[5]) for row in rows] == [0.9, 0.89]
    assert all(len(row) == len(header) for row in rows)


def test_the_report_says_verdict_caveats_figures_and_what_they_depend_on() -> None:
    found = measured(is_index=False, source="classical_dev")
    report = markdown_report(found, judge(found, DENSE, 0.02), ZH)
    assert report.startswith(f"# {ZH.title}：{ZH.sources['classical_dev'].replace('_', chr(92) + '_')}\n")
    for said in (
        "**64 维 · int8 · HNSW 图** 就够了",
        "损失 1.11%",
        "只有 2 个问题",
        "AMD EPYC",
        "20240516",
        "fake-256",
    ):
        assert said in report
    rows = [line for line in report.splitlines() if line.startswith("|")]
    assert len(rows) == 4 and len({row.count("|") for row in rows}) == 1


def test_a_name_with_markup_stays_a_name_in_the_report() -> None:
    found = measured(source="[x](http://evil.example)|<b>")
    report = markdown_report(found, judge(found, DENSE, 0.02), ZH)
    assert "\\[x\\](http\\:\u2060//evil.example)\\|\\<b\\>" in report


@pytest.mark.parametrize("say", [ZH, EN])
def test_agreement_is_never_called_quality(say: object) -> None:
    found = measured(kind="agreement", source="agreement")
    (first, *_), caveats = verdict_sentences(found, judge(found, DENSE, 0.02), say)
    assert ("一致度" in first) if say is ZH else ("agrees" in first)
    assert any("不是质量" in caveat or "not quality" in caveat for caveat in caveats)


def test_known_items_are_called_so() -> None:
    found = measured(kind="known-item", source="sentence, heading")
    sentences, caveats = verdict_sentences(found, judge(found, DENSE, 0.02), ZH)
    assert sentences[0].startswith("在自动出的题上")
    assert ZH.caveats["known_item"] in caveats
    assert "抽掉的一句话、标题路径" in markdown_report(found, judge(found, DENSE, 0.02), ZH)


def test_a_verdict_tells_its_savings_and_its_times() -> None:
    found = run(
        [
            outcome(256, values=(1.0, 1.0), baseline=True),
            outcome(256, index="hnsw", values=(1.0, 1.0), p50=4.0),
            outcome(64, "int8", "hnsw", (1.0, 1.0), p50=1.5, against=(0.0, 0.0)),
        ]
    )
    sentences, _ = verdict_sentences(found, judge(found, DENSE, 0.01), ZH)
    assert sentences[1] == "内存是完整向量的 8.27 分之一：一百万段要 126 MiB，完整的 float32 要 1.02 GiB。"
    assert sentences[2] == "一次查找 1.50 毫秒（中位数），完整向量 4.00 毫秒。"


def test_where_nothing_smaller_will_do_that_is_said() -> None:
    found = measured()
    sentences, _ = verdict_sentences(found, judge(found, DENSE, 0.01), ZH)
    assert sentences == [
        "更小的设置都超出了您允许的 1.0%：最接近的 **64 维 · int8 · HNSW 图** 损失 1.11%"
        "（nDCG@10 从 0.900 变为 0.890，95 % 区间 0.00% 到 2.22%）。可以保持完整维度，或放宽允许的损失。"
    ]
    only_full = run([outcome(256, baseline=True)])
    sentences, _ = verdict_sentences(only_full, judge(only_full, DENSE, 0.01), ZH)
    assert sentences == [ZH.verdict_nothing_smaller]


@pytest.mark.parametrize(
    ("number", "shown"),
    [(8, "8 B"), (1536, "1.50 KiB"), (73.4e6, "70.0 MiB"), (1.47 * 2**30, "1.47 GiB"), (3e15, "2728 TiB")],
)
def test_bytes_are_shown_to_three_digits(number: float, shown: str) -> None:
    assert shown_bytes(number) == shown


def test_percentages_have_a_real_minus_and_none_for_nothing() -> None:
    assert [percent(share) for share in (0.0111, -0.0091, -0.0)] == ["1.1%", "−0.9%", "0.0%"]
