from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from indexer.errors import DamagedFileError, EncryptedError
from indexer.model import Document
from indexer.readers.number_format import general, shown
from indexer.readers.sheets import cells, read

OFFICE = Path(__file__).parents[2] / "data" / "office"
STAFF = """人员

二〇二四年人员表
部门：销售部；姓名：张三；入职日期：2020年1月5日；工资：12,345.50；占比：12.5%；在职：TRUE
部门：销售部；姓名：李四；入职日期：2021年3月4日；工资：8,000.00；占比：10.0%；在职：FALSE
部门：人事部；姓名：王五；入职日期：2019年7月1日；工资：9,000.00；占比：20.0%；在职：TRUE
部门：财务部；姓名：赵六；入职日期：2018年11月30日；工资：10,000.00；占比：30.0%；在职：TRUE

试用期三个月"""
SALES = [["部门", "一月", "二月"], *([f"华{where}", n, n + 0.5] for n, where in enumerate("东南西北中", 1))]
XML_2003 = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="报表"><Table><Row><Cell><Data ss:Type="String">指标</Data></Cell><Cell ss:Index="3"><Data
ss:Type="Number">12.5</Data></Cell></Row><Row ss:Index="2"><Cell><Data
ss:Type="DateTime">2024-01-05T00:00:00.000</Data>
</Cell></Row></Table></Worksheet></Workbook>"""


def read_bytes(data: bytes, name: str = "表.xlsx") -> Document:
    return read(Path(name), data)


def workbook(fill) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        fill(book)
    return buffer.getvalue()


def sheet(rows, name="销售", merged=()) -> bytes:
    def fill(book):
        made = book.add_worksheet(name)
        for number, row in enumerate(rows):
            made.write_row(number, 0, row)
        for first_row, first, last_row, last, text in merged:
            made.merge_range(first_row, first, last_row, last, text)

    return workbook(fill)


def with_part(data: bytes, name: str, change) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["staff.xlsx", "staff.xls", "staff.ods"])
def test_every_format_shows_what_its_program_shows(name):
    document = read_bytes((OFFICE / name).read_bytes(), name)
    assert document.text == STAFF
    assert [(heading.start, heading.level, heading.title) for heading in document.headings] == [
        (0, 1, "人员")
    ]
    (problem,) = document.problems
    assert "'底稿' is hidden" in problem.reason
    assert not problem.lost


def test_the_format_is_found_by_the_bytes_not_by_the_name():
    assert read_bytes((OFFICE / "staff.xlsx").read_bytes(), "表.xls").text == STAFF


def test_sheets_follow_one_another_under_their_names():
    def fill(book):
        for name in ("上半年", "下半年"):
            book.add_worksheet(name).write(0, 0, f"{name}总结")

    document = read_bytes(workbook(fill))
    assert document.text == "上半年\n\n上半年总结\n\n下半年\n\n下半年总结"
    assert [document.text[heading.start :][:3] for heading in document.headings] == ["上半年", "下半年"]


def test_a_name_that_nobody_gave_is_no_heading():
    assert read_bytes(sheet([["只有一格"]], name="Sheet1")).text == "只有一格"


def test_grouped_headers_are_joined_to_their_columns():
    rows = [["部门", "一季度", "", "二季度", ""], ["", "收入", "成本", "收入", "成本"]]
    rows += [[f"华{where}", 1, 2, 3, 4] for where in "东南西北"]
    merged = [(0, 0, 1, 0, "部门"), (0, 1, 0, 2, "一季度"), (0, 3, 0, 4, "二季度")]
    lines = read_bytes(sheet(rows, merged=merged)).text.split("\n")
    assert lines[2] == "部门：华东；一季度 收入：1；一季度 成本：2；二季度 收入：3；二季度 成本：4"


def test_a_row_of_labels_after_an_empty_row_begins_another_table():
    rows = [*SALES, [], ["产品", "价格"], *([f"产品{n}甲", 10 * n] for n in range(1, 5))]
    text = read_bytes(sheet(rows)).text
    assert "部门：华中；一月：5；二月：5.5\n\n产品：产品1甲；价格：10\n" in text


def test_an_empty_row_within_a_table_does_not_end_it():
    assert "部门：华丑；一月：8" in read_bytes(sheet([*SALES, [], ["华丑", 8, 9]])).text


def test_the_last_cell_of_the_largest_sheet_costs_nothing():
    def fill(book):
        made = book.add_worksheet("大")
        made.write(0, 0, "头")
        made.write(1_048_575, 16_383, "尾")

    assert read_bytes(workbook(fill)).text == "大\n\n头\n\n尾"


@pytest.mark.parametrize(
    ("bound", "reason"), [("MAX_CELLS", "more than 9 cells"), ("MAX_AREA", "6 rows and 3")]
)
def test_more_cells_than_are_read_are_refused(monkeypatch, bound, reason):
    monkeypatch.setattr(cells, bound, 9)
    with pytest.raises(DamagedFileError, match=reason):
        read_bytes(sheet(SALES))


def test_repeated_cells_of_a_small_file_are_bounded(monkeypatch):
    monkeypatch.setattr(cells, "MAX_CELLS", 1000)
    bomb = with_part(
        (OFFICE / "staff.ods").read_bytes(),
        "content.xml",
        lambda xml: xml.replace(
            b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="16384" '
        ),
    )
    with pytest.raises(DamagedFileError, match="1,000 cells"):
        read_bytes(bomb, "表.ods")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99 + "EncryptedPackage".encode("utf-16-le"),
            "表.xlsx",
        ),
        (
            with_part(
                (OFFICE / "staff.ods").read_bytes(),
                "META-INF/manifest.xml",
                lambda xml: xml.replace(
                    b"</manifest:manifest>", b"<manifest:encryption-data/></manifest:manifest>"
                ),
            ),
            "表.ods",
        ),
    ],
    ids=["xlsx", "ods"],
)
def test_a_password_is_said_to_be_needed(data, name):
    with pytest.raises(EncryptedError):
        read_bytes(data, name)


@pytest.mark.parametrize("name", ["staff.xlsx", "staff.xls", "staff.ods"])
def test_a_broken_file_is_refused_whatever_breaks_in_it(name):
    whole = (OFFICE / name).read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:600], b"", b"\n"):
        with pytest.raises(DamagedFileError):
            read_bytes(damaged, name)


def test_a_zip_that_is_no_workbook_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("照片.txt", "不是表格")
    with pytest.raises(DamagedFileError, match=r"no whole \.xlsx"):
        read_bytes(buffer.getvalue())


@pytest.mark.parametrize(
    ("data", "text", "what"),
    [
        (
            "<html><table><tr><td>端口</td><td>80</td></tr></table></html>".encode("gbk"),
            "端口 | 80",
            "a web page",
        ),
        ("姓名\t电话\n张三\t138\n".encode("gbk"), "姓名 | 电话\n张三 | 138", "a text"),
    ],
)
def test_what_is_only_named_xls_is_read_as_what_it_is(data, text, what):
    document = read_bytes(data, "导出.xls")
    assert document.text == text
    assert [(problem.reason, problem.lost) for problem in document.problems] == [
        (f"named .xls but {what}; read as that", False)
    ]


def test_the_xml_of_excel_2003_is_read():
    assert read_bytes(XML_2003.encode(), "导出.xls").text == "报表\n\n指标 | 12.5\n2024-01-05"


def test_dates_written_into_a_workbook_come_back_as_its_format_shows_them():
    def fill(book):
        made = book.add_worksheet("日期")
        made.write_datetime(0, 0, date(2024, 2, 29), book.add_format({"num_format": 14}))
        made.write_datetime(1, 0, date(2024, 2, 29), book.add_format({"num_format": 31}))
        made.write(2, 0, 45351)

    assert read_bytes(workbook(fill)).text == "日期\n\n2024/2/29\n2024年2月29日\n45351"


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.125, "0.0%", "12.5%"),
        (12345.5, '"¥"#,##0.00', "¥12,345.50"),
        (-12345.5, "#,##0.00_);[Red]\\(#,##0.00\\)", "(12,345.50)"),
        (-3, "0.00", "-3.00"),
        (-0.001, "0.00", "0.00"),
        (0, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-"),
        (7, "000", "007"),
        (1.5, "0.##", "1.5"),
        (2, "0.##", "2"),
        (3, '0.00"元"', "3.00元"),
        (12000, "0.00E+00", "1.20E+04"),
        (12345, '0!.0,"万"', "12345"),
        (1.5, "# ?/?", "1.5"),
        (43835.5, 'yyyy"年"m"月"d"日" h:mm', "2020年1月5日 12:00"),
        (43835, "[$-804]aaaa", "星期日"),
        (0.75, "h:mm AM/PM", "6:00 PM"),
        (1.25, "[h]:mm:ss", "30:00:00"),
        (1e9, "yyyy/m/d", "1000000000"),
        (0.1 + 0.2, "General", "0.3"),
        (float("inf"), "0", "inf"),
    ],
)
def test_numbers_are_shown_as_their_format_says(value, code, text):
    assert shown(value, code) == text


def test_dates_of_workbooks_from_1904_are_four_years_later():
    assert shown(0, "yyyy/m/d", from_1904=True) == "1904/1/1"


def test_a_number_without_format_is_written_by_hand():
    assert [general(number) for number in (3.0, 1e15, 2.50, 1 / 3)] == [
        "3",
        "1000000000000000",
        "2.5",
        "0.333333333333333",
    ]


def test_an_old_workbook_whose_sectors_run_in_a_circle_is_refused():
    data = bytearray((OFFICE / "staff.xls").read_bytes())
    first_of_table = 512 * (1 + int.from_bytes(data[60:64], "little"))
    data[first_of_table : first_of_table + 4] = bytes(4)  # the first small sector is followed by itself
    with pytest.raises(DamagedFileError, match="a chain of its sectors is a circle"):
        read_bytes(bytes(data), "表.xls")
