"""The files that `fuzz` breaks: small ones of every format, from the repository or made here."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path

from indexer.errors import ReadError
from indexer.readers import SUFFIXES, ReadOptions, read

OPTIONS = ReadOptions(ocr="never")  # minutes a file otherwise, and no mutation reaches it

_ROOT = Path(__file__).parents[1]
_DATA = _ROOT / "tests" / "data"
_MAX_BYTES = 100_000  # of an original: ten thousand are to take minutes
_SAMPLES_OF_A_KIND = 3
_LAW = _DATA / "encodings" / "minfadian_utf8_bom.txt"
SOURCES = frozenset({".txt", ".md", ".html", ".htm", ".csv", ".tsv", ".eml", ".rtf", ".fodt"})


@dataclass(frozen=True, slots=True)
class Original:
    name: str
    suffix: str
    data: bytes
    shown: str  # what is read of it
    text: str  # the same with its title, and of a text format its source; where nothing is, that of its kind


def originals(folder: Path, paths: list[Path]) -> list[Original]:
    """The files at the paths, or if there are none those of the repository and some that are made here.

    Args:
        folder: empty; the files lie there while they are read.
    """
    found = [_original(folder, path.name, path.read_bytes()) for path in paths or sorted(_files())]
    if not paths:
        found += [_original(folder, name, data) for name, data in _made() if Path(name).suffix in SUFFIXES]
    of_kind: defaultdict[str, str] = defaultdict(str)
    for original in found:
        of_kind[original.suffix] += original.text
    return [
        original if original.text else replace(original, text=of_kind[original.suffix]) for original in found
    ]


def _files() -> Iterator[Path]:
    for path in _DATA.rglob("*"):
        is_small = path.is_file() and path.stat().st_size <= _MAX_BYTES
        if is_small and path.suffix.lower() in SUFFIXES and path.name not in ("NOTICE.txt", "zero_bytes.pdf"):
            yield path
    for suffix in (".md", ".html", ".txt"):
        samples = sorted(
            (_ROOT / "data" / "samples").rglob(f"*{suffix}"), key=lambda path: (path.stat().st_size, path)
        )
        middle = len(samples) // 2
        yield from samples[middle : middle + _SAMPLES_OF_A_KIND]


def _original(folder: Path, name: str, data: bytes) -> Original:
    path = folder / name
    path.write_bytes(data)
    suffix = path.suffix.lower()
    try:
        document = read(path, OPTIONS)
    except ReadError:
        return Original(name, suffix, data, "", "")
    source = data.decode(document.charset or "utf-8", "ignore") if suffix in SOURCES else ""
    return Original(name, suffix, data, document.text, f"{document.title}\n{document.text}\n{source}")


def _made() -> Iterator[tuple[str, bytes]]:
    lines = [line for line in _LAW.read_text(encoding="utf-8-sig").splitlines() if line.strip()][:40]
    yield "made.docx", _docx(lines)
    yield "made.xlsx", _xlsx(lines)
    yield "made.pptx", _pptx(lines)
    yield "made.eml", _mail(lines)
    rows = [
        ["编号", "条文", "字数"],
        *([str(n), line.replace(",", "，"), str(len(line))] for n, line in enumerate(lines)),
    ]
    yield "made.csv", "\r\n".join(",".join(row) for row in rows).encode("gb18030")
    yield "made.tsv", "\n".join("\t".join(row) for row in rows).encode()
    yield "made.pdf", _unpacked_pdf(_DATA / "pdf" / "cid_gbk_euc_h_notembedded.pdf")


def _docx(lines: list[str]) -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("民法典", level=1)
    for line in lines[:20]:
        document.add_paragraph(line)
    for line in lines[20:25]:
        document.add_paragraph(line, style="List Number")
    table = document.add_table(rows=0, cols=2)
    for number, line in enumerate(lines[25:]):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = str(number), line
    return _saved(document)


def _xlsx(lines: list[str]) -> bytes:
    import xlsxwriter  # type: ignore[import-untyped]

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        dates = book.add_format({"num_format": "yyyy-mm-dd"})
        for title, part in (("条文", lines[:20]), ("其他", lines[20:])):
            sheet = book.add_worksheet(title)
            sheet.write_row(0, 0, ["编号", "条文", "日期"])
            for row, line in enumerate(part, start=1):
                sheet.write_number(row, 0, row)
                sheet.write_string(row, 1, line)
                sheet.write_number(row, 2, 44_000 + row, dates)
            sheet.merge_range(len(part) + 2, 0, len(part) + 2, 2, "合计")
    return buffer.getvalue()


def _pptx(lines: list[str]) -> bytes:
    import pptx

    presentation = pptx.Presentation()
    for start in range(0, 20, 5):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = f"第{start // 5 + 1}部分"
        slide.placeholders[1].text = "\n".join(lines[start : start + 5])
        slide.notes_slide.notes_text_frame.text = lines[start + 20]
    return _saved(presentation)


def _mail(lines: list[str]) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = (
        "民法典条文",
        "张三 <zhang@example.cn>",
        "li@example.cn",
    )
    message["Date"] = "Mon, 02 Jun 2025 09:30:00 +0800"
    message.set_content("\n".join(lines[:20]), charset="utf-8", cte="8bit")
    message.add_alternative("".join(f"<p>{line}</p>" for line in lines[:20]), subtype="html")
    message.add_attachment(b"\x00" * 100, maintype="image", subtype="png", filename="图.png")
    return message.as_bytes()


def _unpacked_pdf(path: Path) -> bytes:
    """With its streams as they are, so that a mutation meets the text and not the compression."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, EncodedStreamObject

    writer = PdfWriter(clone_from=path)
    for index, thing in enumerate(writer._objects):
        if isinstance(thing, EncodedStreamObject):
            plain = DecodedStreamObject()
            plain.update(
                {key: value for key, value in thing.items() if key not in ("/Filter", "/DecodeParms")}
            )
            plain.set_data(thing.get_data())
            writer._objects[index] = plain
    return _saved_pdf(writer)


def _saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def _saved_pdf(writer: object) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()
