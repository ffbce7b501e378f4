"""Old Word documents (.doc, Word 97 to 2003), converted to .docx and read as one."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from indexer.errors import DamagedFileError, EncryptedError
from indexer.model import NOT_JUDGED, Document, Problem
from indexer.readers import rtf, word
from indexer.readers.options import PLAIN, ReadOptions
from indexer.readers.pictures import OnPicture
from indexer.readers.signature import first_bytes

_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Of the converter's findings, those after which text is missing.
_LOST = frozenset({"MAIN_TEXTBOX_TABLE_MALFORMED"})


def read(
    path: Path, data: bytes, options: ReadOptions = PLAIN, on_page: OnPicture = lambda *_: None
) -> Document:
    """As `word.read`. A rich text under this name, which Word opens too, is read as one.

    Raises:
        EncryptedError: it needs a password.
        DamagedFileError: it is no document of Word 97 to 2003, or is broken.
    """
    if data.lstrip().startswith(b"{\\rtf"):
        return rtf.read(path, data, options)
    if not data.startswith(_CONTAINER):
        raise DamagedFileError(path, f"not a .doc: {first_bytes(data)}; open it in Word and save it as .docx")
    import doc2docx
    from doc2docx.errors import Doc2DocxError, EncryptedDocumentError

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "a.doc"), Path(folder, "a.docx")
        source.write_bytes(data)
        try:
            report = doc2docx.convert(source, target).report.to_dict()
        except EncryptedDocumentError as error:
            raise EncryptedError(
                path, "it needs a password; save a copy without one and index that"
            ) from error
        except Doc2DocxError as error:
            raise DamagedFileError(
                path, f"no whole .doc of Word 97 to 2003 ({error}); open it in Word and save it as .docx"
            ) from error
        document = word.read(path, target.read_bytes(), options, on_page)
    lost = [Problem(found["message"]) for found in report["diagnostics"] if found["code"] in _LOST]
    reading = NOT_JUDGED if lost else document.reading
    return replace(document, problems=(*document.problems, *lost), reading=reading)
