from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pptx import Presentation

from indexer.errors import CharsetError, DamagedFileError, NoTextError, ReadError, UnsupportedTypeError
from indexer.readers import SUFFIXES, ReadOptions, read

with BytesIO() as _made:
    Image.new("RGB", (800, 600), "grey").save(_made, "PNG")
    PICTURE = _made.getvalue()

ENCODINGS = Path(__file__).parents[2] / "data" / "encodings"


def test_a_text_is_handed_over_as_it_is(tmp_path):
    path = tmp_path / "唐诗.TXT"
    path.write_text("  床前明月光，\n\n\n疑是地上霜。\n", encoding="gbk")
    document = read(path)
    assert document.text == "  床前明月光，\n\n\n疑是地上霜。\n"
    assert (document.title, document.charset) == ("唐诗", "gb2312")


def test_a_statute_in_plain_text_has_its_articles():
    document = read(ENCODINGS / "minfadian_gb18030.txt")
    assert len(document.headings) == document.text.count("\n第") + 1
    for heading in document.headings:
        assert document.text[heading.start :].startswith(heading.title + " ")


def test_an_unknown_type_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(
        UnsupportedTypeError, match=r"no reader for \.mp3; supported: \.bmp, \.csv, \.doc"
    ) as caught:
        read(tmp_path / "a.mp3")
    assert all(suffix in caught.value.reason for suffix in SUFFIXES)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_an_empty_or_blank_file_has_no_text(tmp_path, suffix):
    for content in ("", " \n\u3000\n"):
        path = tmp_path / f"a{suffix}"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(NoTextError, match="no text" if content else "it is empty"):
            read(path)


def test_an_image_named_txt_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(CharsetError, match="a PNG image"):
        read(path)


def test_a_file_that_is_not_there_or_is_a_folder_is_a_read_error(tmp_path):
    with pytest.raises(ReadError, match="No such file"):
        read(tmp_path / "a.txt")
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(ReadError, match="can't be opened"):
        read(tmp_path / "folder.md")


def test_whatever_a_library_raises_becomes_a_read_error(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF")
    with pytest.raises((DamagedFileError, NoTextError)):
        read(path)


def test_importing_the_readers_imports_no_format_library():
    heavy = "{'pypdf', 'docx', 'bs4', 'lxml', 'markdown_it'}"
    code = f"import sys, indexer.readers; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_file_of_which_all_is_lost_says_why(tmp_path):
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_picture(BytesIO(PICTURE), 0, 0, deck.slide_width, deck.slide_height)
    deck.save(tmp_path / "a.pptx")
    with pytest.raises(NoTextError, match=r"nothing of it can be read: .*picture") as caught:
        read(tmp_path / "a.pptx", ReadOptions(ocr="never"))
    assert caught.value.kind == "scan"
