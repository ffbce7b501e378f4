"""The engine of OCR: PP-OCRv6 through RapidOCR and ONNX Runtime, with the models that its wheel brings."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import XunzhangError

Pixels = NDArray[np.uint8]  # (height, width, 3): blue, green, red
Box = NDArray[np.float32]  # (4, 2): x and y of the corners from the top left clockwise, as the line lies

# Files are read by half of the processors, one a process. Where that is one of two, the other one embeds;
# where there are more, a second thread makes one long scan 1.6 times as fast for 1.2 times the work.
_FEW_PROCESSORS = 2

_loading = threading.Lock()


class OcrUnavailableError(XunzhangError):
    """OCR can't be used on this machine; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Finds lines in a picture and reads them. Safe to use from several threads."""

    rapid: Any  # rapidocr.RapidOCR, whose types are incomplete

    def found(self, pixels: Pixels) -> tuple[list[Box], list[Pixels]]:
        """Where the lines are, and a strip of each: straight, and lying if the line stands.

        A standing line is turned counterclockwise by 90 degrees, as the recogniser has learnt columns of
        vertical text.
        """
        from rapidocr.main import RapidOCRError

        try:
            strips, lines = self.rapid.detect_and_crop(pixels, {})
        except RapidOCRError:  # it finds none
            return [], []
        return list(lines.boxes), strips

    def read(self, strip: Pixels) -> tuple[str, float]:
        """Text of a strip, and the mean confidence of its characters, 0 to 1.

        One at a time: a batch is as long as its longest line, and takes 1.4 times the work.
        """
        read = self.rapid.recognize_txt([strip])
        return read.txts[0], float(read.scores[0])


def loaded_engine() -> Engine:
    """The engine of this process, loaded at the first call.

    Raises:
        OcrUnavailableError: a package is missing, damaged, or lacks a system library.
    """
    with _loading:
        try:
            return _load()
        except Exception as error:  # of Python, of the loader of shared libraries, or of ONNX Runtime
            raise OcrUnavailableError(
                f"the OCR engine can't be loaded ({type(error).__name__}: {error}); {_way_out(str(error))}"
            ) from error


@cache
def _load() -> Engine:
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    return Engine(
        rapidocr.RapidOCR(
            params={
                # Named, so that a missing file is an error; otherwise it would be downloaded.
                "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
                "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
                "EngineConfig.onnxruntime.intra_op_num_threads": _threads(os.cpu_count() or 1),
                "Global.use_vertical_padding": False,  # pictures come padded
                "Global.log_level": "critical",
            }
        )
    )


def _threads(processors: int) -> int:
    return 1 if processors <= _FEW_PROCESSORS else 2


def _way_out(error: str) -> str:
    if "libGL" in error:  # opencv-python beside opencv-python-headless, whose files it overwrites
        return (
            "install Debian's libgl1 and libglib2.0-0, or run `pip uninstall -y opencv-python` and "
            "`pip install --force-reinstall --no-deps opencv-python-headless`"
        )
    return "run `pip install --force-reinstall rapidocr onnxruntime`, each as pinned in requirements.txt"
