"""Scans with an invisible text layer: believed no further than they were compared with the picture."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, FloatObject, NameObject, StreamObject

from indexer.model import Document
from indexer.readers import ReadOptions, pdf, read
from indexer.readers.ocr import OcrUnavailableError
from indexer.readers.pdf import page as page_module
from indexer.readers.pdf import pdfium
from indexer.readers.pdf.hidden_layer import Sample
from indexer.readers.pdf.lines import Line
from tests.indexer.readers.test_pdf import PDFS, han
from tests.indexer.readers.test_pdf_lines import HEIGHT, WIDTH, han_font

NO_OCR = ReadOptions(ocr="never")
PRINT = PDFS / "one_column_embedded.pdf"
STRIP = 200.0  # points from the top of the page, enough for a few hundred characters

Layer = Callable[[str], str]


def as_it_is(text: str) -> str:
    return text


def with_errors(text: str) -> str:
    """About every tenth character another one."""
    dice = random.Random(len(text))
    return "".join(dice.choice("的一是在不了有和人这中大为") if dice.random() < 0.1 else c for c in text)


def printed(index: int) -> list[Line]:
    with pypdfium2.PdfDocument(PRINT) as document:
        return [line for line in pdfium.page_lines(document, index + 1)[0] if line.y1 < STRIP]


def shown(index: int) -> str:
    return han("".join(line.text for line in printed(index)))


def picture(index: int, *, lines: int = 99) -> Image.Image:
    """The upper part of a page as it prints, or only its first lines."""
    scale = 100 / 72
    with pypdfium2.PdfDocument(PRINT) as document:
        drawn = document[index].render(scale=scale, crop=(0, HEIGHT - STRIP, 0, 0)).to_pil().convert("RGB")
    for line in printed(index)[lines:]:
        drawn.paste("white", tuple(round(scale * side) for side in (line.x0, line.y0, line.x1, line.y1)))
    return drawn


def watermark() -> Image.Image:
    image = Image.new("RGBA", (600, 200))
    image.paste((255, 0, 0, 60), (10, 10, 200, 100))
    return image


def scanned(
    path: Path,
    pages: Sequence[tuple[Image.Image, Sequence[Line], Layer]],
    *,
    drawn: str = "3 Tr",
    under: bool = False,
) -> Path:
    """Pictures with text over or under them, set by some operators."""
    writer = PdfWriter()
    for image, lines, layer in pages:
        page = writer.add_blank_page(WIDTH, STRIP)
        resources = DictionaryObject(
            {
                NameObject("/Font"): DictionaryObject({NameObject("/H"): han_font()}),
                NameObject("/XObject"): DictionaryObject({NameObject("/P"): _embedded(writer, image)}),
                NameObject("/ExtGState"): DictionaryObject(
                    {NameObject("/Clear"): DictionaryObject({NameObject("/ca"): FloatObject(0)})}
                ),
            }
        )
        page[NameObject("/Resources")] = resources
        shows = f"q {WIDTH} 0 0 {STRIP} 0 0 cm /P Do Q"
        texts = [
            f"BT {drawn} /H {line.em} Tf {line.x0} {STRIP - line.y1 + 0.12 * line.em} Td"
            f" <{layer(line.text).encode('utf-16-be').hex()}> Tj ET"
            for line in lines
        ]
        stream = StreamObject()
        stream.set_data("\n".join(["q", *texts, "Q", shows] if under else [shows, *texts]).encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(path)
    return path


def _embedded(writer: PdfWriter, image: Image.Image) -> object:
    """The picture as PDF has it, its transparency as a mask."""
    file = BytesIO()
    image.save(file, "PDF")
    resources = PdfReader(file).pages[0]["/Resources"]
    (picture,) = resources["/XObject"].values()  # type: ignore[index]
    return writer._add_object(picture.get_object().clone(writer))


def told(document: Document) -> list[tuple[str, str, str]]:
    """Verdict, engine and reason of the pages."""
    return [(page.reading.verdict, page.reading.engine, page.reading.reason) for page in document.pages]


def page(index: int, layer: Layer = as_it_is) -> tuple[Image.Image, Sequence[Line], Layer]:
    return picture(index), printed(index), layer


@pytest.mark.parametrize(
    ("drawn", "under"),
    [("3 Tr", False), ("/Clear gs", False), ("0 Tr", True)],
    ids=["not drawn", "transparent", "under the picture"],
)
def test_a_layer_that_nobody_sees_is_said_to_be_of_ocr_and_not_compared(tmp_path, drawn, under):
    document = read(scanned(tmp_path / "scan.pdf", [page(0)], drawn=drawn, under=under), NO_OCR)
    assert han(document.text) == shown(0)
    ((verdict, engine, reason),) = told(document)
    assert (verdict, engine) == ("ocr", "pdfium")
    assert "invisible layer, made by somebody's OCR, and was not compared with the picture" in reason
    assert [(problem.kind, problem.lost) for problem in document.problems] == [("ocr", False)]


def test_text_that_is_seen_on_or_through_a_picture_is_no_such_layer(tmp_path):
    paper = Image.new("RGB", (60, 20), "white")
    on = scanned(tmp_path / "on.pdf", [(paper, printed(0), as_it_is)], drawn="0 Tr")
    through = scanned(
        tmp_path / "through.pdf", [(watermark(), printed(0), as_it_is)], drawn="0 Tr", under=True
    )
    assert [read(path, NO_OCR).reading.verdict for path in (on, through)] == ["ok", "ok"]


def test_a_layer_that_has_what_the_picture_shows_is_kept(tmp_path):
    document = read(scanned(tmp_path / "scan.pdf", [page(0)]))
    ((verdict, engine, reason),) = told(document)
    assert (verdict, engine) == ("ocr", "pdfium")
    assert "has what the picture shows" in reason
    assert han(document.text) == shown(0)


def test_once_a_layer_is_found_wrong_no_page_of_the_file_is_believed(tmp_path):
    cover = picture(1, lines=3), printed(1)[:3], with_errors  # too short to tell anything, and first believed
    path = scanned(tmp_path / "scan.pdf", [cover, page(0, with_errors), (picture(2), printed(0), as_it_is)])
    begun: list[int] = []
    document = pdf.read(path, path.read_bytes(), on_page=lambda number, _: begun.append(number))
    assert begun == [1, 2, 3, 1]
    assert [engine for _, engine, _ in told(document)] == ["rapidocr"] * 3
    assert all("its invisible text layer is not what it shows" in reason for _, _, reason in told(document))
    truths = (han("".join(line.text for line in printed(1)[:3])), shown(0), shown(2))
    for span, truth in zip(document.pages, truths, strict=True):
        found = han(document.text[span.start : span.end])
        assert SequenceMatcher(None, found, truth, autojunk=False).ratio() > 0.98


def test_without_an_engine_a_layer_is_kept_and_said_to_be_unchecked(tmp_path, monkeypatch):
    def missing(_: Image.Image) -> None:
        raise OcrUnavailableError("install it")

    monkeypatch.setattr(page_module, "recognise", missing)
    ((verdict, _, reason),) = told(read(scanned(tmp_path / "scan.pdf", [page(0)])))
    assert verdict == "ocr"
    assert "not compared with the picture, and there is no OCR: install it" in reason


def test_the_first_clear_page_and_a_few_over_the_file_are_compared():
    for pages, wanted in ((3, [1]), (45, [1, 21, 41]), (300, [1, 61, 121, 181, 241])):
        sample = Sample(pages)
        assert [number for number in range(1, pages + 1) if sample.wants(number, 1.0, 800)] == wanted


def test_a_page_that_reads_badly_is_compared_and_a_short_one_is_no_sample():
    sample = Sample(10)
    assert not sample.wants(1, 1.0, 12)
    assert sample.wants(2, 0.7, 800)
    assert sample.wants(3, 1.0, 800)


def test_a_page_found_wrong_counts_against_the_clear_ones_before_and_after():
    sample = Sample(10)
    believed = [number for number in range(1, 6) if not sample.wants(number, 1.0, 800)]
    sample.refute(0.7, 800)
    sample.refute(1.0, 12)
    assert sample.doubted() == []
    sample.refute(1.0, 800)
    assert sample.doubted() == believed == [2, 3, 4, 5]
    assert sample.wants(6, 1.0, 800)
    assert sample.doubted() == []


def test_the_rules_of_the_picture_part_the_cells_of_a_layer(tmp_path: Path):
    scale = 150 / 72
    paper = Image.new("RGB", (round(scale * WIDTH), round(scale * STRIP)), "white")
    pen = ImageDraw.Draw(paper)
    for x in (50, 120, 300):
        pen.line((scale * x, scale * 30, scale * x, scale * 130), "black", 2)
    for y in (30, 80, 130):
        pen.line((scale * 50, scale * y, scale * 300, scale * y), "black", 2)
    cells = [
        (56, 50, "人格权编的"),
        (56, 64, "调整范围"),
        (126, 44, "本编调整因人格权的享有和保护产生"),
        (126, 58, "的民事关系。"),
        (56, 100, "人格权种类"),
        (126, 94, "人格权是民事主体享有的生命权、身"),
        (126, 108, "体权、健康权、姓名权、名称权。"),
    ]
    across = sorted(cells, key=lambda cell: cell[1])  # OCR engines go from the top of the page down
    lines = [Line(said, x, y - 8.8, x + 10 * len(said), y + 1.2, 10.0) for x, y, said in across]
    document = read(scanned(tmp_path / "a.pdf", [(paper, lines, as_it_is)]), NO_OCR)
    assert document.text.split("\n") == [
        "人格权编的调整范围 | 本编调整因人格权的享有和保护产生的民事关系。",
        "人格权种类 | 人格权是民事主体享有的生命权、身体权、健康权、姓名权、名称权。",
    ]
