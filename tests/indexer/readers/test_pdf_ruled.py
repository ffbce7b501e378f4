"""Tables whose cells are parted by rules, drawn in the ways in which programs draw them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter, Transformation
from pypdf.generic import DecodedStreamObject, NameObject

from indexer.readers.pdf import read
from indexer.readers.pdf.layout import page_texts
from indexer.readers.pdf.lines import Line, Part
from indexer.readers.rules import Rule, Rules
from tests.indexer.readers.test_pdf_lines import HEIGHT, drawn

Text = tuple[float, float, str]

XS = (50, 90, 180, 290, 350)
YS = (100, 120, 160, 200, 220)
HEADER = [(60, 114, "序号"), (100, 114, "名称"), (190, 114, "要求"), (300, 114, "备注")]
# In a cell over two rows, in its middle; the lines of its neighbours lie level with its own or between.
WRAPPED = [
    (66, 144, "1"),
    (100, 138, "数控车床及其"),
    (100, 150, "配套装置"),
    (190, 132, "含刀架、尾座与自"),
    (190, 144, "动排屑器，三千瓦"),
    (190, 156, "以上"),
    (300, 158, "质保期"),
    (300, 170, "两年"),
    (66, 184, "2"),
    (100, 184, "立式加工中心"),
    (190, 178, "三轴线轨，主轴转"),
    (190, 190, "速一万二千转"),
]
TOTAL = [(60, 214, "合计"), (300, 214, "2台")]
AS_READ = [
    "序号 | 名称 | 要求 | 备注",
    "1 | 数控车床及其配套装置 | 含刀架、尾座与自动排屑器，三千瓦以上 | 质保期两年",
    "2 | 立式加工中心 | 三轴线轨，主轴转速一万二千转 | 质保期两年",
    "合计 |  |  | 2台",
]

Box = tuple[float, float, float, float]
BOXES: list[Box] = [
    *((x0, 100, x1, 120) for x0, x1 in pairwise(XS)),
    *((x0, 120, x1, 160) for x0, x1 in pairwise(XS[:4])),
    *((x0, 160, x1, 200) for x0, x1 in pairwise(XS[:4])),
    (290, 120, 350, 200),
    (50, 200, 290, 220),
    (290, 200, 350, 220),
]


def stroked(boxes: Sequence[Box]) -> str:
    return "\n".join(f"{x0} {HEIGHT - y1} {x1 - x0} {y1 - y0} re S" for x0, y0, x1, y1 in boxes)


def sides(boxes: Sequence[Box], thick: float, shorter: float = 0.0) -> str:
    """Each side as a filled rectangle of its own, as Word draws them."""
    bars = []
    for x0, y0, x1, y1 in boxes:
        bars += [
            (x0 + shorter, HEIGHT - y0, x1 - x0 - 2 * shorter, thick),
            (x0 + shorter, HEIGHT - y1, x1 - x0 - 2 * shorter, thick),
            (x0, HEIGHT - y1 + shorter, thick, y1 - y0 - 2 * shorter),
            (x1, HEIGHT - y1 + shorter, thick, y1 - y0 - 2 * shorter),
        ]
    return "\n".join(f"{x} {y} {wide} {high} re f" for x, y, wide, high in bars)


def apart(boxes: Sequence[Box]) -> str:
    """Each cell in a box of its own, with room between them."""
    return stroked([(x0 + 0.8, y0 + 0.8, x1 - 0.8, y1 - 0.8) for x0, y0, x1, y1 in boxes])


def shaded(boxes: Sequence[Box]) -> str:
    x0, y0, x1, y1 = XS[0], YS[0], XS[-1], YS[1]
    return f"0.9 g {x0} {HEIGHT - y1} {x1 - x0} {y1 - y0} re f 0 g\n{stroked(boxes)}"


def ruled(path: Path, texts: Sequence[Text], rules: str) -> Path:
    writer = drawn(path, texts)
    page = writer.pages[0]
    text = page.get_contents().get_data()
    stream = DecodedStreamObject()
    stream.set_data(f"q 0.5 w\n{rules}\nQ\n".encode() + text)
    page[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(path)
    return path


def lines(path: Path) -> list[str]:
    return read(path, path.read_bytes()).text.split("\n")


@pytest.mark.parametrize(
    "draw",
    [
        stroked,
        lambda boxes: sides(boxes, 0.5),
        lambda boxes: sides(boxes, 0.5, shorter=0.5),
        apart,
        shaded,
    ],
    ids=["strokes", "bars", "bars that do not meet", "boxes apart", "shaded"],
)
def test_wrapped_and_merged_cells_are_whole(tmp_path: Path, draw: Callable[[Sequence[Box]], str]):
    texts = [
        (50, 80, "设备清单如下，乙方应当按期交付。"),
        *HEADER,
        *WRAPPED,
        *TOTAL,
        (50, 250, "本合同一式两份。"),
    ]
    path = ruled(tmp_path / "a.pdf", texts, draw(BOXES))
    assert lines(path) == ["设备清单如下，乙方应当按期交付。", *AS_READ, "本合同一式两份。"]


def test_a_turned_page_and_one_in_a_form_are_read_alike(tmp_path: Path):
    path = ruled(tmp_path / "a.pdf", [*HEADER, *WRAPPED, *TOTAL], stroked(BOXES))
    turned = PdfWriter(clone_from=PdfReader(path))
    turned.pages[0].rotate(90)
    turned.pages[0].add_transformation(Transformation().rotate(90).translate(HEIGHT, 0))
    turned.pages[0].mediabox.upper_right = (HEIGHT, 595)
    turned.write(tmp_path / "turned.pdf")
    assert lines(tmp_path / "turned.pdf") == AS_READ

    stamped = PdfWriter()
    page = stamped.add_blank_page(700, 1000)
    page.merge_transformed_page(PdfReader(path).pages[0], Transformation().scale(1.1).translate(20, 30))
    stamped.write(tmp_path / "moved.pdf")
    assert lines(tmp_path / "moved.pdf") == AS_READ


def test_a_table_that_is_open_at_its_sides_ends_where_its_rules_do(tmp_path: Path):
    across = "\n".join(f"50 {HEIGHT - y} m 350 {HEIGHT - y} l S" for y in YS)
    down = "\n".join(f"{x} {HEIGHT - 100} m {x} {HEIGHT - 200} l S" for x in XS[1:-1])
    texts = [text for text in WRAPPED if text[0] != 300] + [(300, 144, "甲"), (300, 184, "乙")]
    found = lines(ruled(tmp_path / "a.pdf", [*HEADER, *texts, (60, 214, "合计两台")], f"{across}\n{down}"))
    assert found == [
        AS_READ[0],
        AS_READ[1].replace("质保期两年", "甲"),
        AS_READ[2].replace("质保期两年", "乙"),
        "合计两台",
    ]


@pytest.mark.parametrize("is_repeated", [False, True])
def test_a_table_over_two_pages_has_its_header_on_both(tmp_path: Path, is_repeated: bool):
    def page(name: str, first: int, count: int, has_header: bool) -> Path:
        rows = [["序号", "名称", "数量"]] * has_header
        rows += [
            [str(number), f"第{number}号阀门", f"{10 * number}"] for number in range(first, first + count)
        ]
        grid = [(50.0, 100 + 20.0 * n) for n in range(len(rows))]
        boxes = [(x0, y, x1, y + 20) for _, y in grid for x0, x1 in ((50, 100), (100, 250), (250, 350))]
        texts = [
            (x, y + 14, cell)
            for (_, y), row in zip(grid, rows, strict=True)
            for x, cell in zip((60, 110, 260), row, strict=True)
        ]
        return ruled(tmp_path / name, texts, stroked(boxes))

    writer = PdfWriter()
    for path in (page("1.pdf", 1, 6, True), page("2.pdf", 7, 3, is_repeated)):
        writer.append(path)
    writer.write(tmp_path / "a.pdf")
    document = read(tmp_path / "a.pdf", (tmp_path / "a.pdf").read_bytes())
    first, second = (document.text[page.start : page.end].split("\n") for page in document.pages)
    assert first[:2] == ["序号 | 名称 | 数量", "1 | 第1号阀门 | 10"]
    assert second == ["序号 | 名称 | 数量", "7 | 第7号阀门 | 70", "8 | 第8号阀门 | 80", "9 | 第9号阀门 | 90"]


def test_what_follows_another_table_is_no_part_of_it(tmp_path: Path):
    box: list[Box] = [(50, 100, 100, 120), (100, 100, 200, 120), (50, 120, 100, 140), (100, 120, 200, 140)]
    texts = [(60, 114, "姓名"), (110, 114, "张三"), (60, 134, "部门"), (110, 134, "销售部")]
    writer = PdfWriter()
    for name, more in (("1.pdf", [(50, 300, "以上由人事部填写。")]), ("2.pdf", [])):
        writer.append(ruled(tmp_path / name, [*texts, *more], stroked(box)))
    writer.write(tmp_path / "a.pdf")
    assert lines(tmp_path / "a.pdf") == [
        "姓名 | 张三",
        "部门 | 销售部",
        "以上由人事部填写。",
        "姓名 | 张三",
        "部门 | 销售部",
    ]


def test_items_and_paragraphs_of_a_cell_stay_apart(tmp_path: Path):
    texts = [
        (60, 114, "事由"),
        (110, 114, "客户现场设备故障，需要派技术人员前往处理"),
        (110, 128, "并培训。"),
        (110, 142, "1. 出差五日；"),
        (110, 156, "2. 费用由项目列支。"),
        (60, 180, "意见"),
        (110, 180, "同意"),
    ]
    boxes: list[Box] = [
        (x0, y0, x1, y1) for x0, x1 in ((50, 100), (100, 320)) for y0, y1 in ((100, 165), (165, 190))
    ]
    assert lines(ruled(tmp_path / "a.pdf", texts, stroked(boxes))) == [
        "事由 | 客户现场设备故障，需要派技术人员前往处理并培训。 1. 出差五日； 2. 费用由项目列支。",
        "意见 | 同意",
    ]


def two_by_two(tmp_path: Path, cells: Sequence[Text]) -> list[str]:
    """A table of two rows and two columns, the second of them wide."""
    boxes: list[Box] = [
        (x0, y0, x1, y1) for x0, x1 in ((50, 100), (100, 320)) for y0, y1 in ((100, 165), (165, 190))
    ]
    return lines(ruled(tmp_path / "a.pdf", [*cells, (60, 180, "意见"), (110, 180, "同意")], stroked(boxes)))


def test_an_indented_first_line_is_one_with_the_next(tmp_path: Path):
    cells = [(60, 114, "事由"), (125, 114, "根据国务院有关规定并且结合本市实际"), (105, 128, "制定本办法。")]
    assert two_by_two(tmp_path, cells)[0] == "事由 | 根据国务院有关规定并且结合本市实际制定本办法。"


def test_what_stands_side_by_side_in_a_cell_is_apart(tmp_path: Path):
    cells = [
        (60, 114, "代表"),
        (110, 114, "张三"),
        (160, 114, "李四"),
        (110, 128, "王五"),
        (160, 128, "赵六"),
    ]
    assert two_by_two(tmp_path, cells)[0] == "代表 | 张三 李四 王五 赵六"


def test_characters_that_the_engine_gives_one_by_one_are_words():
    digits = [Line(digit, 60.0 + 5 * n, 105, 65.0 + 5 * n, 115, 10.0) for n, digit in enumerate("1020")]
    words = [Line("流量", 60, 125, 80, 135, 10.0), Line("甲", 120, 105, 130, 115, 10.0)]
    rules = Rules(
        tuple(Rule(y, 50, 200) for y in (100, 120, 140)), tuple(Rule(x, 100, 140) for x in (50, 110, 200))
    )
    (page,) = page_texts([([*digits, *words], 595.0, rules)])
    assert page.text == "1020 | 甲\n流量"


def test_text_on_squared_paper_is_no_table(tmp_path: Path):
    text = "我的家乡在江南的一个小镇上那里有青石板铺成的小路有清澈见底的小河"
    places = [(50 + 14 * (n % 8), 100 + 18 * (n // 8), char) for n, char in enumerate(text)]
    boxes: list[Box] = [(x - 2, y - 11, x + 12, y + 3) for x, y, _ in places]
    assert "".join(lines(ruled(tmp_path / "a.pdf", places, stroked(boxes)))).replace(" ", "") == text


def test_long_cells_side_by_side_under_a_header_are_a_table(tmp_path: Path):
    old, new = prose(60, 140, 20, 20), prose(310, 140, 20, 20)
    boxes: list[Box] = [
        (x0, y0, x1, y1) for x0, x1 in ((50, 300), (300, 550)) for y0, y1 in ((100, 125), (125, 420))
    ]
    texts = [(60, 116, "原条文"), (310, 116, "修订后条文"), *old, *new]
    header, row = lines(ruled(tmp_path / "a.pdf", texts, stroked(boxes)))
    assert header == "原条文 | 修订后条文"
    assert row.replace(" ", "").split("|") == ["".join(said for _, _, said in side) for side in (old, new)]


LAW = "用人单位自用工之日起即与劳动者建立劳动关系应当建立职工名册备查"


def prose(x: float, y: float, count: int, width: int) -> list[Text]:
    return [(x, y + 14 * n, (LAW * 2)[n % 5 : n % 5 + width]) for n in range(count)]


def test_rules_that_part_no_cells_change_nothing(tmp_path: Path):
    frame = stroked([(40, 60, 560, 800)])
    underlined = "\n".join(f"50 {HEIGHT - y} m 380 {HEIGHT - y} l S" for y in (103, 131, 159))
    text = prose(50, 100, 12, 31)
    plain = lines(ruled(tmp_path / "plain.pdf", text, ""))
    assert lines(ruled(tmp_path / "framed.pdf", text, f"{frame}\n{underlined}")) == plain


def test_columns_of_a_page_in_boxes_are_no_table(tmp_path: Path):
    text = [*prose(50, 100, 40, 22), *prose(310, 100, 40, 22)]
    boxes = stroked([(40, 80, 300, 380), (300, 80, 560, 380), (40, 380, 300, 700), (300, 380, 560, 700)])
    plain = lines(ruled(tmp_path / "plain.pdf", text, ""))
    assert lines(ruled(tmp_path / "boxed.pdf", text, boxes)) == plain


def test_the_grid_of_a_chart_is_no_table(tmp_path: Path):
    boxes = stroked([(x, y, x + 40, y + 20) for x in range(100, 340, 40) for y in range(100, 240, 20)])
    labels = [(150, 114, "产量"), (230, 154, "销量")]
    axis = [(60 + 40 * n, 254, f"{n}月") for n in range(1, 7)]
    found = lines(ruled(tmp_path / "a.pdf", [*labels, *axis], boxes))
    assert found == lines(ruled(tmp_path / "plain.pdf", [*labels, *axis], ""))


def test_a_drawing_of_many_strokes_is_passed_over(tmp_path: Path):
    strokes = "\n".join(f"{x} {y} m {x + 5} {y} l S" for x in range(0, 500, 5) for y in range(0, 800, 3))
    assert lines(ruled(tmp_path / "a.pdf", prose(50, 100, 3, 31), strokes)) == lines(
        ruled(tmp_path / "plain.pdf", prose(50, 100, 3, 31), "")
    )


PLACES = st.integers(0, 12).map(lambda place: 40.0 + 30 * place)
WORDS = st.text(st.sampled_from("甲乙丙丁，。1a"), min_size=1, max_size=4)


@st.composite
def some_line(draw: st.DrawFn) -> Line:
    x, y, words = draw(PLACES) + 2, draw(PLACES) + 10, draw(st.lists(WORDS, min_size=1, max_size=2))
    starts = [x + sum(10 * len(word) + 8 for word in words[:number]) for number in range(len(words))]
    parts = [Part(word, at, at + 10 * len(word)) for word, at in zip(words, starts, strict=True)]
    parted = tuple(parts) if len(parts) > 1 else ()
    return Line(" ".join(words), x, y, parts[-1].x1, y + 10.0, 10.0, parts=parted)


@st.composite
def some_rules(draw: st.DrawFn) -> Rules:
    """Those of a table, some of them shorter than it or left out."""
    xs, ys = (sorted(draw(st.sets(PLACES, min_size=3, max_size=6))) for _ in range(2))
    shorter = st.sampled_from([0] * 12 + [1, 2])

    def rules(places: list[float], ends: list[float]) -> tuple[Rule, ...]:
        return tuple(Rule(place, ends[draw(shorter)], ends[-1 - draw(shorter)]) for place in places)

    return Rules(rules(ys, xs), rules(xs, ys))


@st.composite
def some_rows(draw: st.DrawFn) -> Rules:
    """Those between the rows of a table, cell by cell, some of them left out."""
    xs, ys = (sorted(draw(st.sets(PLACES, min_size=3, max_size=6))) for _ in range(2))
    is_drawn = st.sampled_from([True] * 9 + [False])
    return Rules(tuple(Rule(y, *ends) for y in ys for ends in pairwise(xs) if draw(is_drawn)), ())


@given(st.lists(some_line(), min_size=12, max_size=40), st.one_of(some_rules(), some_rows()))
def test_no_character_is_lost(lines: list[Line], rules: Rules):
    (page,) = page_texts([(lines, 595.0, rules)])
    shown = Counter(char for line in lines for char in line.text if not char.isspace())
    assert not shown - Counter(page.text)
