"""A PDF file, open in pdfium, and in pypdf once a page needs it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.errors import DamagedFileError, EncryptedError
from indexer.readers.characters import printable
from indexer.readers.pdf import pdfium, pypdf_lines
from indexer.readers.pdf.damage import damage
from indexer.readers.pdf.lines import Line
from indexer.readers.plausibility import is_plausible
from indexer.readers.rules import NO_RULES, Rules
from indexer.readers.signature import first_bytes

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdfium2 import PdfDocument, PdfPage

# A producer's title, such as "Microsoft Word - 新建文档.doc", names the file, not the text.
_FILE_TITLES = ("microsoft word", "untitled", "无标题", "未命名", "幻灯片", "powerpoint")
_TAIL_BYTES = 2048  # the end mark need not be the last thing in the file


class Opened:
    def __init__(self, document: PdfDocument, data: bytes, password: str | None) -> None:
        self.pdfium = document
        self._data = data
        self._password = password

    @property
    def page_count(self) -> int:
        return len(self.pdfium)

    @property
    def is_cut_short(self) -> bool:
        return b"%%EOF" not in self._data[-_TAIL_BYTES:]

    @contextmanager
    def page(self, number: int) -> Iterator[PdfPage]:
        """
        Raises:
            pypdfium2.PdfiumError: the page is broken.
        """
        page = self.pdfium[number - 1]
        try:
            yield page
        finally:
            page.close()

    def engines(self, number: int) -> Sequence[tuple[str, Callable[[], tuple[list[Line], Rules]]]]:
        """What extracts the lines of a page and its rules, by name, the fastest first."""
        return (
            ("pdfium", lambda: pdfium.page_lines(self.pdfium, number)),
            # pypdf only estimates widths, so that rules would not tell which cell a word is in.
            ("pypdf", lambda: (pypdf_lines.page_lines(self._pypdf.pages[number - 1]), NO_RULES)),
        )

    def damage(self, number: int, page: PdfPage) -> str:
        """What of a page is lost, as far as pypdf can tell; "" for nothing."""
        try:
            return damage(self._pypdf.pages[number - 1], page)
        except Exception:  # pypdf reads less than pdfium
            return ""

    @property
    def title(self) -> str:
        """The document's own, "" where it has none or only the name of a file."""
        title = printable(self.pdfium.get_metadata_value("Title")).strip()
        is_file_name = title.lower().startswith(_FILE_TITLES) or "." in title[-5:]
        return "" if is_file_name or not is_plausible(title) else title

    @property
    def _pypdf(self) -> PdfReader:
        if isinstance(self._reader, Exception):
            raise self._reader
        return self._reader

    @cached_property
    def _reader(self) -> PdfReader | Exception:
        """Why it can't be opened is kept, too: to find that out takes as long as to read it."""
        try:
            return self._opened_by_pypdf()
        except Exception as error:
            return error

    def _opened_by_pypdf(self) -> PdfReader:
        """
        Raises:
            Exception: it can't be opened, or has other pages than pdfium finds.
        """
        from pypdf import PdfReader

        # Its messages about malformed files would reach the terminal; what matters becomes a problem.
        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        reader = PdfReader(BytesIO(self._data))
        if reader.is_encrypted:
            reader.decrypt("") or reader.decrypt(self._password or "")
        if len(reader.pages) != self.page_count:
            raise ValueError(f"it has {len(reader.pages)} pages for pypdf and {self.page_count} for pdfium")
        return reader


@contextmanager
def opened(path: Path, data: bytes, password: str | None) -> Iterator[Opened]:
    """
    Raises:
        EncryptedError: it needs a password, or another one.
        DamagedFileError: neither engine can open it.
    """
    import pypdfium2

    try:
        document = _document(data, password)
    except pypdfium2.PdfiumError as error:
        raise _why_not(path, data, password, error) from error
    try:
        yield Opened(document, data, password)
    finally:
        document.close()


def _document(data: bytes, password: str | None) -> PdfDocument:
    import pypdfium2

    try:  # many are encrypted with an empty password, only to forbid printing
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        if not password:
            raise
        return pypdfium2.PdfDocument(data, password)


def _why_not(path: Path, data: bytes, password: str | None, error: Any) -> Exception:
    import pypdfium2.raw as raw

    # pdfium says so of some files without pages too.
    if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY) and b"/Encrypt" in data:
        wrong = "the password is wrong" if password else "it needs a password"
        return EncryptedError(
            path, f"{wrong}; give it with --password, or save a copy without one and index that"
        )
    return DamagedFileError(
        path,
        f"a broken PDF ({error}): {first_bytes(data)}, and its {len(data)} bytes may be cut short; "
        "fetch or export the file again",
    )
