"""An engine of OCR that takes no time, and one that can't be loaded."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from indexer.readers import picture_file
from indexer.readers.ocr import OcrLine, OcrPage, OcrUnavailableError


@pytest.fixture
def ocr_reads(monkeypatch) -> Callable[..., list[tuple[int, int]]]:
    """Say what OCR reads in each picture, by its width; the sizes of those that it has read are returned."""

    def begin(texts: dict[int, str], confidence: float = 0.98) -> list[tuple[int, int]]:
        asked: list[tuple[int, int]] = []

        def recognise(image: Image.Image) -> OcrPage:
            asked.append(image.size)
            text = texts.get(image.width, "")
            lines = (OcrLine(text, 10, 10, image.width - 10, 40, confidence),) if text else ()
            return OcrPage(lines, 0, confidence if text else 0.0, *map(float, image.size))

        monkeypatch.setattr(picture_file, "recognise", recognise)
        return asked

    return begin


@pytest.fixture
def no_ocr(monkeypatch) -> None:
    def recognise(_: Image.Image) -> OcrPage:
        raise OcrUnavailableError("the OCR engine can't be loaded; install libgl1")

    monkeypatch.setattr(picture_file, "recognise", recognise)
