"""What a person sees: the page, and boxes that lie on the passage and nowhere else."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject

from app.page_image import PageImage, PageImageError, render_page
from indexer.model import Document
from indexer.readers import pdf

PDFS = Path(__file__).parent.parent / "data" / "pdf"
ONE_COLUMN = PDFS / "one_column_embedded.pdf"
TWO_COLUMN = PDFS / "two_column_embedded.pdf"
VERTICAL = PDFS / "cid_unigb_v_vertical_notembedded.pdf"
WITH_TABLES = PDFS.parent.parent.parent / "data" / "samples" / "pdf" / "tidb-docs-template-zh.pdf"
SENTENCE = "第九百九十一条 民事主体的人格权受法律保护，任何组织或者个人不得侵害。"  # one line of page 1
ELSEWHERE = "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。床前明月光，疑是地上霜。"
BORDER = (47, 143, 131)
NEAR = 4  # pixels: the border, and a box's rounding


@cache
def read(path: Path) -> Document:
    return pdf.read(path, path.read_bytes())


def page_text(document: Document, number: int) -> str:
    page = document.pages[number - 1]
    return document.text[page.start : page.end]


def pixels(image: PageImage) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(image.png)).convert("RGB")).astype(int)


def boxed_pixels(path: Path, number: int, passage: str, width: int = 1000) -> np.ndarray:
    """Which pixels differ from the page drawn without a passage."""
    boxed, plain = (render_page(path, number, text, width=width) for text in (passage, ""))
    assert boxed.boxed and not plain.boxed
    return (pixels(boxed) != pixels(plain)).any(axis=2)


def bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def starts(marks: np.ndarray) -> int:
    """How many stretches of True there are."""
    return int((np.diff(marks.astype(int), prepend=0) == 1).sum())


def found_by_pdfium(
    path: Path, number: int, words: str, width: int = 1000
) -> tuple[float, float, float, float]:
    """Where pdfium's own search sees the words, as pixels of an upright page with its origin at 0, 0."""
    with pypdfium2.PdfDocument(path) as document:
        page = document[number - 1]
        textpage = page.get_textpage()
        index, count = textpage.search(words).get_next()
        boxes = [textpage.get_charbox(i) for i in range(index, index + count)]
        boxes = [box for box in boxes if box[2] > box[0]]  # a space has none
        height, scale = page.get_height(), width / page.get_width()
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return (
        min(lefts) * scale,
        (height - max(tops)) * scale,
        max(rights) * scale,
        (height - min(bottoms)) * scale,
    )


def changed_copy(
    path: Path, copy: Path, *, turn: int = 0, crop: tuple[int, int, int, int] | None = None
) -> Path:
    writer = PdfWriter(clone_from=PdfReader(path))
    for page in writer.pages:
        page.rotate(turn)
        if crop:
            page.mediabox = page.cropbox = RectangleObject(crop)
    writer.write(copy)
    return copy


def test_the_box_lies_on_the_sentence() -> None:
    mask = boxed_pixels(ONE_COLUMN, 1, SENTENCE)
    left, top, right, bottom = found_by_pdfium(ONE_COLUMN, 1, SENTENCE)
    box_left, box_top, box_right, box_bottom = bounds(mask)
    assert left - 2 * NEAR <= box_left <= left
    assert right <= box_right <= right + 5 * NEAR  # the full stop fills only a corner of its square
    assert top - 2 * NEAR <= box_top <= top
    assert bottom <= box_bottom <= bottom + 3 * NEAR  # the font's descent lies under the characters
    assert mask[box_top : box_bottom + 1, box_left : box_right + 1].mean() > 0.8  # letters stay black


def test_the_text_under_the_box_stays_legible() -> None:
    boxed, plain = (pixels(render_page(ONE_COLUMN, 1, text)) for text in (SENTENCE, ""))
    assert (boxed[plain.sum(axis=2) == 0] < 60).mean() > 0.9


def test_each_line_has_a_box_of_its_own() -> None:
    first, last = "第九百九十六条 因当事人一方的违约行为", "精神损害赔偿。"  # four lines of the left column
    text = page_text(read(TWO_COLUMN), 1)
    passage = text[text.index(first) : text.index(last, text.index(first)) + len(last)]
    left, _, right, _ = bounds(boxed_pixels(TWO_COLUMN, 1, passage))
    assert right < 500, "the right column is not of the passage"
    image = pixels(render_page(TWO_COLUMN, 1, passage))
    borders = (image[:, left + 20 : left + 80] == BORDER).all(axis=(1, 2))
    # From a rule that both neighbours share, to one above and one below each line.
    assert 4 + 1 <= starts(borders) <= 4 + 4


def test_a_passage_over_two_pages_is_boxed_at_the_foot_and_at_the_head() -> None:
    document = read(ONE_COLUMN)
    cut = document.pages[0].end
    passage = document.text[cut - 100 : cut + 100]
    foot = boxed_pixels(ONE_COLUMN, 1, passage)
    head = boxed_pixels(ONE_COLUMN, 2, passage)
    assert bounds(foot)[1] > 0.8 * len(foot)
    assert_at_the_head(head)
    assert not render_page(ONE_COLUMN, 3, passage).boxed


def assert_at_the_head(mask: np.ndarray) -> None:
    """The running title and the text below it, and the page's number, which the file has before the text."""
    height = len(mask)
    assert bounds(mask)[1] < 0.1 * height
    assert not mask[int(0.15 * height) : int(0.9 * height)].any()


def test_a_few_words_left_over_for_the_next_page_are_boxed_there() -> None:
    document = read(ONE_COLUMN)
    cut = document.pages[1].start
    assert_at_the_head(boxed_pixels(ONE_COLUMN, 2, document.text[cut - 600 : cut + 45]))


def test_a_chunk_longer_than_its_page_covers_it() -> None:
    document = read(ONE_COLUMN)
    mask = boxed_pixels(ONE_COLUMN, 2, document.text)
    _, top, _, bottom = found_by_pdfium(ONE_COLUMN, 2, page_text(document, 2)[:12])
    assert bounds(mask)[1] <= top < bottom < bounds(mask)[3]


@pytest.mark.parametrize("path", [ONE_COLUMN, TWO_COLUMN, VERTICAL, WITH_TABLES], ids=lambda path: path.stem)
def test_a_passage_that_is_not_there_leaves_the_page_as_it_is(path: Path) -> None:
    image = render_page(path, 1, ELSEWHERE)
    assert not image.boxed
    assert image.png == render_page(path, 1, "").png


def test_the_same_law_further_on_is_not_the_passage() -> None:
    document = read(ONE_COLUMN)
    middle = (document.pages[2].start + document.pages[2].end) // 2
    assert not render_page(ONE_COLUMN, 1, document.text[middle : middle + 300]).boxed


@pytest.mark.parametrize("path", [ONE_COLUMN, TWO_COLUMN, VERTICAL, WITH_TABLES], ids=lambda path: path.stem)
def test_each_part_of_a_page_is_found_on_it(path: Path) -> None:
    text = page_text(read(path), 1)
    for start in range(0, len(text) - 100, 250):
        assert render_page(path, 1, text[start : start + 300], width=300).boxed


def test_vertical_print_is_boxed_by_columns() -> None:
    # pdfium has the columns of this page from left to right, pypdf as they are read.
    text = page_text(read(VERTICAL), 1)
    mask = boxed_pixels(VERTICAL, 1, text[:120])
    left, top, right, bottom = bounds(mask)
    assert left > 750, "three columns at the right edge, of 24"
    assert bottom - top > 600
    assert starts(mask[top + 100, left : right + 1]) >= 3, "columns are apart"


def test_radicals_match_the_han_that_they_stand_for() -> None:
    plain = "民事主体的人格权受法律保护，任何组织或者个人不得侵害"
    radicals = plain.replace("民", "⺠").replace("人", "⼈")
    assert bounds(boxed_pixels(ONE_COLUMN, 1, radicals)) == bounds(boxed_pixels(ONE_COLUMN, 1, plain))


def test_full_width_letters_match_the_narrow_ones(tmp_path: Path) -> None:
    assert render_page(latin_pdf(tmp_path / "abc.pdf", "abc"), 1, "ＡＢＣ").boxed


def latin_pdf(path: Path, text: str, size: tuple[float, float] = (300, 200)) -> Path:
    """A page that says `text` in Helvetica."""
    content = f"BT /F 20 Tf 40 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %g %g]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
        % size,
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"".join(b"%d 0 obj%s endobj\n" % (number, item) for number, item in enumerate(objects, start=1))
    path.write_bytes(b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size 6>>\n%%EOF")
    return path


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_on_a_turned_page_the_box_turns_too(tmp_path: Path, turn: int) -> None:
    turned = changed_copy(ONE_COLUMN, tmp_path / "turned.pdf", turn=turn)
    upright = boxed_pixels(ONE_COLUMN, 1, SENTENCE)
    expected = np.rot90(upright, -turn // 90)
    mask = boxed_pixels(turned, 1, SENTENCE, width=expected.shape[1])
    assert mask.shape == expected.shape
    assert np.abs(np.subtract(bounds(mask), bounds(expected))).max() <= NEAR


def test_on_a_cropped_page_the_box_moves_with_the_text(tmp_path: Path) -> None:
    left, lower, right, upper = 30, 200, 560, 820
    cropped = changed_copy(ONE_COLUMN, tmp_path / "cropped.pdf", crop=(left, lower, right, upper))
    whole = bounds(boxed_pixels(ONE_COLUMN, 1, SENTENCE, width=595))  # a pixel a unit
    part = bounds(boxed_pixels(cropped, 1, SENTENCE, width=right - left))
    moved = (whole[0] - left, whole[1] - (842 - upper), whole[2] - left, whole[3] - (842 - upper))
    assert np.abs(np.subtract(part, moved)).max() <= NEAR


def test_the_image_is_as_wide_as_asked() -> None:
    image = render_page(ONE_COLUMN, 1, "", width=640)
    assert (image.width, image.height) == (640, round(640 * 842 / 595))
    assert Image.open(BytesIO(image.png)).size == (640, image.height)


@pytest.mark.parametrize("size", [(10, 14_000), (14_000, 1)])
def test_a_page_of_absurd_size_stays_small(tmp_path: Path, size: tuple[int, int]) -> None:
    image = render_page(latin_pdf(tmp_path / "absurd.pdf", "abc", size), 1, "abc")
    assert 1 <= image.width <= 1000
    assert 1 <= image.height <= 4000


def test_a_scan_is_shown_without_a_box() -> None:
    assert not render_page(PDFS / "scanned_image_only.pdf", 1, SENTENCE).boxed


@pytest.mark.parametrize("number", [0, -1, 4])
def test_a_page_that_is_not_there_is_an_error(number: int) -> None:
    with pytest.raises(PageImageError, match=rf"no page {number}, only 1 to 3; index the file again"):
        render_page(ONE_COLUMN, number, SENTENCE)


@pytest.mark.parametrize(
    ("password", "message"),
    [(None, "it needs a password; give it"), ("wrong", "the password does not open it")],
)
def test_a_locked_file_asks_for_its_password(password: str | None, message: str) -> None:
    with pytest.raises(PageImageError, match=message):
        render_page(PDFS / "encrypted_user_password_is_mima.pdf", 1, SENTENCE, password=password)


def test_a_locked_file_opens_with_its_password() -> None:
    assert render_page(PDFS / "encrypted_user_password_is_mima.pdf", 1, SENTENCE, password="mima").boxed


@pytest.mark.parametrize("name", ["html_named_pdf.pdf", "zero_bytes.pdf", "truncated.pdf"])
def test_what_is_no_whole_pdf_is_an_error(name: str) -> None:
    with pytest.raises(PageImageError, match=rf"{name}: not a PDF, or a damaged one .*export the file again"):
        render_page(PDFS / name, 1, SENTENCE)


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PageImageError, match=r"gone\.pdf: the file is gone; put it back"):
        render_page(tmp_path / "gone.pdf", 1, SENTENCE)


def test_an_error_does_not_keep_the_next_page_from_being_drawn() -> None:
    with pytest.raises(PageImageError):
        render_page(ONE_COLUMN, 99, SENTENCE)
    assert render_page(ONE_COLUMN, 1, SENTENCE).boxed
