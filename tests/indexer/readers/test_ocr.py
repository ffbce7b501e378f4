from __future__ import annotations

import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from benchmarks.ocr import PDFS, SAME_TEXT, error_rate, pictures, texts
from indexer.readers.ocr import DPI, OcrPage, recognise
from indexer.readers.picture_file import read_picture

ROOT = Path(__file__).parents[3]
MAX_ERROR_RATE = 0.03
COLUMNS = ("第九百八十九条本编", "调整因人格权的享有", "和保护产生的民事关", "系。第九百九十条人")
ROWS = ("第九百八十九条本编调整因人格权", "第九百九十条人格权是民事主体享")


@pytest.fixture(scope="module")
def rows() -> Image.Image:
    """The beginnings of two lines, cut out of a page."""
    return pictures(SAME_TEXT)[0].crop((60, 95, 480, 182))


@pytest.fixture(scope="module")
def columns() -> Image.Image:
    """The characters of COLUMNS, cut out of a page and set from top to bottom, right to left."""
    page = pypdfium2.PdfDocument(PDFS / SAME_TEXT)[0]
    picture, text, scale = page.render(scale=DPI / 72).to_pil(), page.get_textpage(), DPI / 72
    printed = (index for index in range(text.count_chars()) if text.get_text_range(index, 1).strip())
    margin, pitch, length = 40, 28, len(COLUMNS[0])
    size = (2 * margin + 2 * pitch * len(COLUMNS), 2 * margin + pitch * length)
    paper = Image.new("RGB", size, "white")
    for place, index in enumerate(islice(printed, length * len(COLUMNS))):
        left, bottom, right, top = text.get_charbox(index, loose=True)
        height = page.get_height()
        glyph = picture.crop(
            (
                int(left * scale),
                int((height - top) * scale),
                int(right * scale),
                int((height - bottom) * scale),
            )
        )
        column, row = divmod(place, length)
        paper.paste(glyph, (paper.width - margin - 2 * pitch * column - pitch, margin + pitch * row))
    return paper


def text(page: OcrPage) -> str:
    return "".join(line.text for line in page.lines)


@pytest.mark.parametrize(("name", "turn"), [("scanned_image_only.pdf", 0), ("scanned_rotated90.pdf", 270)])
def test_a_scan_reads_like_the_text_that_it_shows(name, turn):
    page = recognise(pictures(name)[0])
    assert error_rate(text(page), texts(SAME_TEXT)[0]) <= MAX_ERROR_RATE
    assert page.turned == turn
    assert page.confidence > 0.95


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
def test_a_page_is_turned_upright(rows, clockwise):
    page = recognise(rows.rotate(-clockwise, expand=True))
    assert page.turned == (360 - clockwise) % 360
    assert (page.width, page.height) == rows.size
    assert [line.text.replace(" ", "")[:10] for line in page.lines] == [row[:10] for row in ROWS]


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
def test_vertical_text_stays_vertical_and_is_read_from_the_right(columns, clockwise):
    page = recognise(columns.rotate(-clockwise, expand=True))
    assert page.turned == (360 - clockwise) % 360
    assert tuple(line.text for line in page.lines) == COLUMNS


def test_lines_lie_where_the_image_has_them(rows):
    paper = Image.new("RGB", (900, 400), "white")
    paper.paste(rows, (300, 150))
    upper, lower = recognise(paper).lines
    ink = np.argwhere(np.asarray(paper.convert("L")) < 128)
    assert upper.y0 == pytest.approx(ink[:, 0].min(), abs=8)
    assert lower.y1 == pytest.approx(ink[:, 0].max(), abs=8)
    assert min(upper.x0, lower.x0) == pytest.approx(ink[:, 1].min(), abs=8)
    assert max(upper.x1, lower.x1) == pytest.approx(ink[:, 1].max(), abs=8)
    assert upper.y1 <= lower.y0 + 4


def test_what_stands_beside_comes_from_left_to_right(rows):
    paper = Image.new("RGB", (1100, 200), "white")
    paper.paste(rows, (640, 50))
    paper.paste(rows, (40, 54))  # a little lower
    page = recognise(paper)
    starts = [line.text[:5] for line in page.lines]
    assert starts == ["第九百八十", "第九百八十", "第九百九十", "第九百九十"]
    assert [line.x0 < 500 for line in page.lines] == [True, False, True, False]


def test_lines_of_a_page_askew_are_in_order_and_level():
    page = pictures(SAME_TEXT)[0]
    askew = page.crop((60, 80, page.width - 60, 280)).rotate(
        2, Image.Resampling.BICUBIC, expand=True, fillcolor="white"
    )
    read = recognise(askew)
    assert read.turned == 0
    assert texts(SAME_TEXT)[0].replace("\r\n", "").replace(" ", "").startswith(text(read).replace(" ", ""))
    assert len(read.lines) == 4
    assert all(line.y1 - line.y0 < 35 for line in read.lines)


@pytest.mark.parametrize("mode", ["1", "LA", "I;16"])
def test_images_of_any_mode_are_read(rows, mode):
    image = rows.convert("L").convert(mode) if mode == "I;16" else rows.convert(mode)
    assert text(recognise(image)).startswith(ROWS[0][:7])


def test_transparent_pixels_are_paper(rows):
    ink = Image.new("RGBA", rows.size)  # black everywhere, and nowhere opaque
    ink.putalpha(rows.convert("L").point(lambda grey: 255 - grey))
    assert text(recognise(ink)).startswith(ROWS[0][:7])


@pytest.mark.parametrize("size", [(600, 600), (1, 1), (0, 0)])
def test_a_blank_image_has_no_lines(size):
    page = recognise(Image.new("RGB", size, "white"))
    assert page == OcrPage(lines=(), turned=0, confidence=0.0, width=size[0], height=size[1])


@pytest.mark.parametrize("size", [(20_000, 10), (12_000, 12_000)])
def test_a_huge_image_is_scaled_down(size):
    page = recognise(Image.new("L", size, 255))
    assert (page.width, page.height, page.lines) == (*size, ())


def test_lines_of_a_huge_image_are_given_in_its_own_pixels(rows):
    paper = Image.new("RGB", (5120, 1200), "white")
    paper.paste(rows.resize((rows.width * 4, rows.height * 4)), (2000, 400))
    page = recognise(paper)
    assert (page.width, page.height) == paper.size
    assert text(page).startswith(ROWS[0][:7])
    ink = np.argwhere(np.asarray(paper.convert("L")) < 128)[:, 1]
    assert min(line.x0 for line in page.lines) == pytest.approx(ink.min(), abs=40)
    assert max(line.x1 for line in page.lines) == pytest.approx(ink.max(), abs=40)


def test_noise_is_not_taken_for_text():
    noise = np.random.default_rng(5).integers(0, 256, (500, 500, 3), dtype=np.uint8)
    assert recognise(Image.fromarray(noise)).confidence < 0.5


def test_garbage_has_less_confidence_than_text(rows):
    mirrored = recognise(rows.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert mirrored.confidence < 0.9 < recognise(rows).confidence


def test_nothing_is_downloaded(rows, tmp_path):
    rows.save(tmp_path / "rows.png")
    code = (
        "import socket, sys\n"
        "def connect(*_): raise SystemExit('the network was used')\n"
        "socket.socket.connect = socket.getaddrinfo = connect\n"
        "from PIL import Image\n"
        "from indexer.readers.ocr import recognise\n"
        "print(len(recognise(Image.open(sys.argv[1])).lines))"
    )
    assert _output(code, str(tmp_path / "rows.png")) == "2"


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        ("libGL.so.1: cannot open shared object file", "install Debian's libgl1"),
        ("No module named 'cv2'", "pip install --force-reinstall rapidocr onnxruntime"),
    ],
)
def test_an_engine_that_cannot_be_loaded_says_what_to_install(tmp_path, error, way_out):
    (tmp_path / "cv2.py").write_text(f"raise ImportError({error!r})", encoding="utf-8")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from PIL import Image\n"
        "from indexer.readers.ocr import OcrUnavailableError, recognise\n"
        "try: recognise(Image.new('RGB', (9, 9)))\n"
        "except OcrUnavailableError as unavailable: print(unavailable)"
    )
    message = _output(code, str(tmp_path))
    assert error in message
    assert way_out in message


def test_importing_it_loads_no_engine():
    heavy = "{'rapidocr', 'onnxruntime', 'cv2', 'PIL'}"
    code = f"import sys, indexer.readers.ocr; print(*{heavy} & set(sys.modules))"
    assert _output(code) == ""


def _output(code: str, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def table() -> Image.Image:
    """Two rows of two cells between rules, with text so close to them that it seems to be one line."""
    lines = pictures(SAME_TEXT)[0].crop((104, 95, 432, 182))
    word, line = lines.crop((0, 0, 92, 43)), lines.crop((0, 0, 328, 43))
    paper = Image.new("RGB", (540, 320), "white")
    for part, place in ((word, (54, 86)), (lines, (150, 64)), (word, (54, 196)), (line, (150, 196))):
        paper.paste(part, place)
    pen = ImageDraw.Draw(paper)
    for x in (50, 148, 490):
        pen.line((x, 50, x, 260), "black", 2)
    for y in (50, 162, 260):
        pen.line((50, y, 490, y), "black", 2)
    return paper


@pytest.mark.parametrize(("turn", "askew"), [(0, 0.0), (90, 0.0), (0, 1.5), (180, -1.5)])
def test_cells_between_rules_are_apart_and_wrapped_ones_whole(turn, askew):
    picture = table().rotate(askew, Image.Resampling.BICUBIC, fillcolor="white").rotate(turn, expand=True)
    read = read_picture(picture).text.replace(" ", "")
    assert read == (
        "第九百八|第九百八十九条本编调整因人格第九百九十条人格权是民事主体\n第九百八|第九百八十九条本编调整因人格"
    )


def test_underlined_words_are_not_cut(rows):
    underlined = rows.copy()
    ImageDraw.Draw(underlined).line((0, 41, 400, 41), "black", 2)
    assert text(recognise(underlined)).replace(" ", "").startswith(ROWS[0])


def test_a_large_title_is_not_cut_at_the_strokes_of_its_characters(rows):
    paper = Image.new("RGB", (1100, 520), "white")
    title = rows.crop((45, 0, 360, 43))
    paper.paste(title.resize((3 * title.width, 3 * title.height), Image.Resampling.BICUBIC), (60, 40))
    for y in range(220, 480, 90):
        paper.paste(rows, (60, y))
    assert recognise(paper).lines[0].text.replace(" ", "").startswith(ROWS[0][:8])
