"""Everything that can go wrong, and what to do about it.

XunzhangError
├── SettingsError             a setting is unknown or has a wrong value
├── OcrUnavailableError       OCR can't be used on this machine
├── ReadError                 a source can't be read
│   ├── UnsupportedTypeError      no reader for this type of file
│   ├── EncryptedError            a password is needed
│   ├── DamagedFileError          the file is not what its name says, or is broken
│   ├── CharsetError              no charset makes Chinese, or any text, of its bytes
│   ├── NoTextError               nothing to index: empty, an image, or a garbled text layer
│   └── ReaderStoppedError        reading it took too long or too much memory
├── EmbeddingError
│   ├── UnknownModelError         no preset, folder or address of this name
│   ├── ModelMissingError         known, but not on this machine
│   │   └── WeightsMissingError       a folder with configuration and tokenizer but no weights
│   ├── DimensionError            the model has no such dimension
│   ├── BlankTextError            a text has nothing to embed
│   ├── TextTooLongError          a text exceeds the model's window
│   ├── RerankUnavailableError    the model gives no token vectors to rerank with
│   ├── RotationError             a rotation of vectors is damaged, or is none
│   └── ApiError                  an embedding API failed or answered nonsense
└── StoreError
    ├── IndexMissingError         nothing has been indexed there
    ├── IndexMismatchError        the index was built with another model, dimension or chunking
    ├── IndexBusyError            another process holds the index and does not answer
    ├── InvalidVectorError        NaN, infinite or of a wrong length
    ├── BatchFailedError          a write was put aside because it could not be applied
    ├── RewriteError              vectors that were made anew are not what they should be
    └── ServerError               the Qdrant server can't be reached or refused

Each message says what was wrong, with the value, and what to do next. Messages are English, for
the shell and the log; `app/text/failures.py` has the sentences that a reader of the UI sees.
"""

from __future__ import annotations

from pathlib import Path

from indexer.model import ProblemKind


class XunzhangError(Exception):
    """Base of all errors that this project raises on purpose."""


class SettingsError(XunzhangError):
    """A setting is unknown or has a wrong value."""


class ReadError(XunzhangError):
    """A source can't be read. `reason` is a sentence without the path."""

    kind: ProblemKind = "unopened"

    def __init__(self, path: Path, reason: str, kind: ProblemKind | None = None) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        if kind:
            self.kind = kind

    def __reduce__(self) -> tuple[type[ReadError], tuple[Path, str, ProblemKind]]:
        """For errors that come from another process."""
        return type(self), (self.path, self.reason, self.kind)


class UnsupportedTypeError(ReadError):
    """No reader for this type of file."""

    kind = "unsupported"


class EncryptedError(ReadError):
    """A password is needed."""

    kind = "encrypted"


class DamagedFileError(ReadError):
    """The file is not what its name says, or is broken."""

    kind = "damaged"


class CharsetError(ReadError):
    """No charset makes plausible text of the file's bytes."""

    kind = "charset"


class NoTextError(ReadError):
    """Nothing to index: the file is empty, holds only images, or its text layer is garbled."""

    kind = "no_text"


class ReaderStoppedError(ReadError):
    """Reading took too long or too much memory, or ended the process that did it."""

    kind = "out_of_bounds"


class EmbeddingError(XunzhangError):
    """Texts could not be embedded."""


class UnknownModelError(EmbeddingError):
    """No preset, folder or address of this name."""


class ModelMissingError(EmbeddingError):
    """The model is known, but not on this machine."""


class WeightsMissingError(ModelMissingError):
    """A model folder with configuration and tokenizer but no weights."""


class DimensionError(EmbeddingError):
    """The model has no such dimension."""

    def __init__(self, dim: int, allowed: tuple[int, ...], *, is_range: bool = False) -> None:
        """
        Args:
            is_range: `allowed` is the least and the most.
        """
        these = f"from {allowed[0]} to {allowed[1]}" if is_range else ", ".join(map(str, allowed))
        super().__init__(f"dimension {dim} is not one of this model's: {these}")
        self.dim = dim
        self.allowed = allowed


class BlankTextError(EmbeddingError):
    """A text has no characters left to embed."""


class TextTooLongError(EmbeddingError):
    """A text exceeds the model's window; nothing is cut silently."""


class RerankUnavailableError(EmbeddingError):
    """The model gives no token vectors to rerank with."""


class RotationError(EmbeddingError):
    """A rotation of vectors is damaged, or is none, or can't be learnt from what there is."""


class ApiError(EmbeddingError):
    """An embedding API failed, or answered nonsense."""


class StoreError(XunzhangError):
    """The index could not be read or written."""


class IndexMissingError(StoreError):
    """Nothing has been indexed there yet."""

    def __init__(self, where: str) -> None:
        super().__init__(f"no index at {where}; build one with `python -m indexer ingest FOLDER`")
        self.where = where


class IndexMismatchError(StoreError):
    """The index was built with another model, dimension, chunking or schema."""


class IndexBusyError(StoreError):
    """Another process holds the index and does not answer."""


class InvalidVectorError(StoreError):
    """A vector with NaN or infinite components, or of a wrong length."""


class BatchFailedError(StoreError):
    """A write was put aside because it could not be applied."""


class RewriteError(StoreError):
    """Vectors that were made anew are not what they should be; the old ones stay in use."""


class ServerError(StoreError):
    """The Qdrant server can't be reached, or refused."""
