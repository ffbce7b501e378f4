from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.errors import DamagedFileError, NoTextError
from indexer.model import Document
from indexer.readers import SUFFIXES, ReadOptions, is_photograph, read
from indexer.readers import image as image_reader
from tests.indexer.readers.picture_files import LONG, STARTS, photo, png, scan
from tests.indexer.readers.test_pictures import HUGE

SHORT = "第二条 本合同自双方签字之日起生效。"


def tiff(*pages: Image.Image) -> bytes:
    made = BytesIO()
    pages[0].save(made, "TIFF", save_all=True, append_images=pages[1:])
    return made.getvalue()


def read_as(folder: Path, name: str, data: bytes, **options: object) -> Document:
    path = folder / name
    path.write_bytes(data)
    return read(path, ReadOptions(**options))


def test_a_photograph_of_a_page_is_read_upright(tmp_path):
    made = BytesIO()
    scan().rotate(90, expand=True).save(made, "JPEG", quality=90)
    document = read_as(tmp_path, "照片.JPG", made.getvalue())
    assert all(start[:10] in document.text.replace(" ", "") for start in STARTS)
    assert [heading.title for heading in document.headings] == ["第九百八十九条"]
    assert document.title == "照片"
    assert (document.reading.verdict, document.reading.engine) == ("ocr", "rapidocr")
    assert document.reading.score > 0.9
    assert [page.reading.reason for page in document.pages] == ["read by OCR, turned by 90°"]


def test_the_pages_of_a_fax_are_pages(tmp_path, ocr_reads):
    ocr_reads({400: LONG, 402: SHORT})
    document = read_as(tmp_path, "传真.tif", tiff(photo(400), photo(401), photo(402)))
    assert [document.text[page.start : page.end] for page in document.pages] == [LONG, "", SHORT]
    assert [page.reading.verdict for page in document.pages] == ["ocr"] * 3
    assert document.pages[1].reading.reason == "a picture in which OCR finds no text"


def test_a_camera_says_which_side_is_up(tmp_path, ocr_reads):
    asked = ocr_reads({300: LONG})
    turned = Image.Exif()
    turned[0x0112] = 6  # orientation: turn it by 90°
    made = BytesIO()
    photo(400, 300).save(made, "JPEG", exif=turned)
    assert read_as(tmp_path, "a.jpg", made.getvalue()).text == LONG
    assert asked == [(300, 400)]


def test_what_a_camera_noted_wrongly_costs_nothing(tmp_path, ocr_reads):
    ocr_reads({400: LONG})
    noted = Image.Exif()
    noted[0x0112], noted[0x010F] = 6, "Canon"  # orientation, make
    made = BytesIO()
    photo().save(made, "JPEG", exif=noted)
    data = made.getvalue().replace(b"\x01\x0f\x00\x02", b"\x01\x08\x00\x02")  # a text that should be a number
    assert read_as(tmp_path, "a.jpg", data).text == LONG


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "I;16", "CMYK"])
def test_pictures_of_any_mode_are_opened(tmp_path, ocr_reads, mode):
    asked = ocr_reads({400: LONG})
    made = BytesIO()
    grey = np.full((300, 400), 40_000, dtype=np.uint16)
    image = Image.fromarray(grey) if mode == "I;16" else photo().convert(mode)
    image.save(made, "TIFF")
    assert read_as(tmp_path, "a.tiff", made.getvalue()).text == LONG
    assert asked == [(400, 300)]


def test_what_ocr_is_not_sure_of_is_doubtful_and_what_it_cannot_read_is_refused(tmp_path, ocr_reads):
    ocr_reads({400: LONG}, confidence=0.85)
    document = read_as(tmp_path, "a.png", png(photo()))
    assert (document.reading.verdict, document.reading.score) == ("suspicious", 0.85)
    assert [(problem.kind, problem.page, problem.lost) for problem in document.problems] == [
        ("doubtful", 1, True)
    ]
    ocr_reads({400: LONG}, confidence=0.5)
    with pytest.raises(NoTextError, match=r"OCR can't read it \(confidence 0\.50\)") as caught:
        read_as(tmp_path, "a.png", png(photo()))
    assert caught.value.kind == "ocr_failed"


def test_without_ocr_it_is_refused_with_the_way_out(tmp_path, no_ocr):
    with pytest.raises(NoTextError, match="--ocr auto reads it") as caught:
        read_as(tmp_path, "a.png", png(photo()), ocr="never")
    assert caught.value.kind == "scan"
    with pytest.raises(NoTextError, match=r"there is no OCR: .* install libgl1") as caught:
        read_as(tmp_path, "a.png", png(photo()))
    assert caught.value.kind == "scan"


@pytest.mark.parametrize(("text", "confidence"), [("", 0.0), ("_一", 0.15)], ids=["nothing", "its grain"])
def test_a_photograph_is_read_and_has_no_text(tmp_path, ocr_reads, text, confidence):
    ocr_reads({400: text}, confidence)
    document = read_as(tmp_path, "a.webp", png(photo()))
    assert is_photograph(document)
    assert (document.text, document.reading.verdict) == ("", "ocr")
    assert "OCR finds no text" in document.reading.reason


def test_each_page_is_told_of_and_one_that_stopped_the_reader_is_left_out(tmp_path, ocr_reads):
    told = []
    ocr_reads({400: LONG, 401: LONG})
    options = ReadOptions(skip_pages=frozenset({1}))
    document = image_reader.read(
        Path("a.tif"), tiff(photo(400), photo(401)), options, lambda *at: told.append(at)
    )
    assert told == [(1, 2), (2, 2)]
    assert document.text.strip() == LONG
    assert [(problem.page, problem.kind) for problem in document.problems] == [
        (1, "out_of_bounds"),
        (2, "ocr"),
    ]


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"BM" + bytes(90), HUGE])
def test_what_is_no_picture_or_too_large_is_refused(tmp_path, data):
    with pytest.raises(DamagedFileError, match="can't be opened"):
        read_as(tmp_path, "a.bmp", data)


def test_a_picture_that_is_cut_short_is_refused(tmp_path):
    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    with pytest.raises(NoTextError, match="can't be opened: broken") as caught:
        read_as(tmp_path, "a.png", png(Image.fromarray(noise))[:90_000])
    assert caught.value.kind == "damaged"


def test_a_list_of_pages_that_goes_round_ends(tmp_path, ocr_reads):
    ocr_reads({400: LONG})
    data = bytearray(tiff(photo()))
    first = int.from_bytes(data[4:8], "little")
    after = first + 2 + 12 * int.from_bytes(data[first : first + 2], "little")
    data[after : after + 4] = data[4:8]
    assert read_as(tmp_path, "a.tif", bytes(data)).text == LONG


def test_the_usual_formats_are_read():
    assert {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"} <= SUFFIXES


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_grey_of_more_than_8_bits_is_not_cut_off(tmp_path, mode):
    """Real OCR: white paper of 65,535 levels would be all that is left."""
    levels = np.asarray(scan().convert("L"), np.uint16) * 200 + 3000
    picture = (
        Image.fromarray(levels) if mode == "I;16" else Image.fromarray(levels.astype(np.int32)).convert(mode)
    )
    picture.save(tmp_path / "a.tif")
    assert STARTS[0][:8] in "".join(read(tmp_path / "a.tif").text.split())
