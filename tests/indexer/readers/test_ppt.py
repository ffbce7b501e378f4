"""deck.ppt.gz is made by LibreOffice from four slides, the last of them hidden; its preview is blanked."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from indexer.errors import DamagedFileError
from indexer.readers.ppt import read
from indexer.readers.verdict import judged

FILE = Path(__file__).parents[2] / "data" / "office" / "deck.ppt.gz"
PATH = Path("讲稿.ppt")


@pytest.fixture(scope="module")
def data() -> bytes:
    return gzip.decompress(FILE.read_bytes())


@pytest.fixture(scope="module")
def pages(data) -> list[str]:
    document = read(PATH, data)
    return [document.text[page.start : page.end] for page in document.pages]


def test_a_slide_is_its_title_its_text_and_its_notes(pages):
    assert pages[0] == (
        "第一部分 人格权\n\n第九百八十九条 本编调整因人格权的享有和保护产生的民事关系。\n"
        "第二段 English text\n\n页脚处的文本框\n\n备注：讲稿：先说总则。"
    )


def test_a_table_is_read_by_rows(pages):
    assert pages[1] == "表格\n\n编号 | 名称 | 金额\n11 | 合同1 | 1001\n12 | 合同2 | 1002"


def test_shapes_are_read_by_rows_whatever_was_drawn_first(pages):
    assert pages[2] == "左上\n\n右上\n\n下面"


def test_titles_are_headings_and_a_hidden_slide_is_named(data):
    document = judged(read(PATH, data), "")
    assert [heading.title for heading in document.headings if heading.level == 1] == [
        "第一部分 人格权",
        "表格",
    ]
    assert [(problem.page, problem.kind, problem.lost) for problem in document.problems] == [
        (4, "left_out", False)
    ]
    assert document.reading.verdict == "repaired"
    assert document.reading.reason.startswith("page 4: the slide is hidden")


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
def test_a_part_of_a_file_is_damaged(data, share):
    with pytest.raises(DamagedFileError, match="save it as"):
        read(PATH, data[: int(len(data) * share)])


def test_another_file_under_this_name_is_named():
    with pytest.raises(DamagedFileError, match=r"not a .ppt: its first bytes are those of a PDF"):
        read(PATH, b"%PDF-1.7")


def test_a_record_in_the_place_of_another_is_damage(data):
    last_edit = data.index(b"\x00\x00\xf6\x0f") + 16  # in the record of the current user
    broken = bytearray(data)
    broken[last_edit : last_edit + 4] = (12).to_bytes(4, "little")
    with pytest.raises(DamagedFileError, match="no whole"):
        read(PATH, bytes(broken))


def test_an_edit_that_names_itself_as_the_one_before_ends(data):
    edit = data.index(b"\x00\x00\xf5\x0f")  # its record, of which the previous offset is at 16
    user = data.index(b"\x00\x00\xf6\x0f")
    circular = bytearray(data)
    circular[edit + 16 : edit + 20] = circular[user + 16 : user + 20]
    assert len(read(PATH, bytes(circular)).pages) == 3
