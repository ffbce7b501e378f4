from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from indexer.errors import DamagedFileError, EncryptedError
from indexer.readers import archive
from indexer.readers.archive import open_archive, stream_xml, xml_root

FILE = Path("文件.docx")
OLD_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return buffer.getvalue()


def test_a_document_is_opened_with_all_its_parts():
    opened = open_archive(FILE, zipped({"a.xml": "文".encode(), "b/c": b""}), ".docx")
    assert opened.namelist() == ["a.xml", "b/c"]
    assert opened.read("a.xml").decode() == "文"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        zipped({"a": b"x" * 5000})[:60],
        zipped({"a": b"abc"}, zipfile.ZIP_STORED).replace(b"abc", b"abd"),
    ],
    ids=["empty", "text", "cut off", "wrong checksum"],  # the bytes hold the time: no name for a test
)
def test_what_is_no_whole_archive_is_refused_by_name(data):
    with pytest.raises(DamagedFileError, match=r"not a whole \.docx"):
        open_archive(FILE, data, ".docx")


def test_an_encrypted_office_file_needs_a_password():
    with pytest.raises(EncryptedError, match="needs a password"):
        open_archive(FILE, OLD_CONTAINER + b"\0" * 9000 + "EncryptedPackage".encode("utf-16-le"), ".docx")


def test_an_encrypted_part_needs_a_password():
    data = bytearray(zipped({"a": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(EncryptedError):
        open_archive(FILE, bytes(data), ".docx")


def test_what_unpacks_to_much_more_than_it_is_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "RATIO_FROM_BYTES", 100_000)
    with pytest.raises(DamagedFileError, match="more than 200 times its size"):
        open_archive(FILE, zipped({"bomb.xml": b"\0" * 3_000_000}), ".docx")


def test_parts_that_are_too_large_together_are_refused(monkeypatch):
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(DamagedFileError, match="unpacks to more than 1,000 bytes"):
        open_archive(FILE, zipped({str(n): b"x" * 300 for n in range(4)}), ".docx")


def test_too_many_parts_are_refused(monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    with pytest.raises(DamagedFileError, match="4 parts"):
        open_archive(FILE, zipped({str(n): b"" for n in range(4)}), ".docx")


def test_a_part_that_lies_about_its_size_is_refused():
    data = bytearray(zipped({"a": b"x" * 1000}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (5).to_bytes(4, "little")
    with pytest.raises(DamagedFileError, match="1,000 bytes and claims 5"):
        open_archive(FILE, bytes(data), ".docx")


def test_methods_that_office_does_not_know_are_refused():
    with pytest.raises(DamagedFileError, match="method 12"):
        open_archive(FILE, zipped({"a": b"x"}, zipfile.ZIP_BZIP2), ".docx")


def test_no_entity_of_xml_is_expanded():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x><c>&b;</c></x>'
    opened = open_archive(FILE, zipped({"x.xml": bomb}), ".docx")
    assert "aaaa" not in "".join(xml_root(opened, "x.xml").itertext())
    assert [element.text for element in stream_xml(opened, "x.xml", {"c"})] == [None]


def test_a_tree_has_a_largest_size(monkeypatch):
    monkeypatch.setattr(archive, "MAX_TREE_BYTES", 10)
    with pytest.raises(ValueError, match="at most 10 are read"):
        xml_root(open_archive(FILE, zipped({"x.xml": b"<x>0123456789</x>"}), ".docx"), "x.xml")


def test_streamed_elements_come_whole_and_are_bounded(monkeypatch):
    opened = open_archive(
        FILE, zipped({"x.xml": b"<x><r n='1'><c><v>1</v></c><c><v>2</v></c></r></x>"}), ".docx"
    )
    seen = [
        (element.tag, "".join(element.itertext())) for element in stream_xml(opened, "x.xml", {"c"}, {"r"})
    ]
    assert [tag for tag, _ in seen] == ["r", "c", "c"]
    assert [text for tag, text in seen if tag == "c"] == ["1", "2"]
    monkeypatch.setattr(archive, "_MAX_INSIDE", 3)
    many = open_archive(FILE, zipped({"x.xml": b"<x><c>" + b"<v/>" * 9 + b"</c></x>"}), ".docx")
    with pytest.raises(ValueError, match="more than 3 others"):
        list(stream_xml(many, "x.xml", {"c"}))
