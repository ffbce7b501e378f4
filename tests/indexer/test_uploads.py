"""Uploads: hostile names, archives, bounds, and what was there before."""

from __future__ import annotations

import errno
import io
import os
import re
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer import sources, uploads
from indexer.readers import SUFFIXES
from indexer.uploads import UploadError, save_upload

TEXT = "第十九条 试用期不得超过六个月。".encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "文库" / "uploads"


def upload(folder, name, data=TEXT, **bounds):
    return save_upload(folder, name, io.BytesIO(data), **bounds)


def tree(folder):
    """Every file, hidden ones too, by its path below the folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    """An archive of members: name or ZipInfo → bytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return data.getvalue()


def raw_zip(*members):
    """An archive made by hand of members: name in bytes, content, flags, extra field."""
    body, directory = b"", b""
    for name, content, flags, extra in members:
        facts = struct.pack("<HHHHLLL", flags, 0, 0, 0x21, zlib.crc32(content), len(content), len(content))
        lengths = struct.pack("<HH", len(name), len(extra))
        directory += b"PK\x01\x02" + struct.pack("<HH", 20, 20) + facts + lengths
        directory += struct.pack("<HHHLL", 0, 0, 0, 0, len(body)) + name + extra
        body += b"PK\x03\x04" + struct.pack("<H", 20) + facts + lengths + name + extra + content
    counts = struct.pack("<HHHH", 0, 0, len(members), len(members))
    return body + directory + b"PK\x05\x06" + counts + struct.pack("<LLH", len(directory), len(body), 0)


def named(*names, encoding):
    return raw_zip(*((name.encode(encoding), TEXT, 0, b"") for name in names))


def only_reason(saved):
    [(_, reason)] = saved.refused
    return reason


# Names


def test_an_upload_is_kept_under_its_name_and_a_folder_with_its_folders(folder):
    assert upload(folder, "合同.txt").files == (folder / "合同.txt",)
    assert upload(folder, "项目/二期/合同.TXT").files == (folder / "项目/二期/合同.TXT",)
    assert tree(folder) == {"合同.txt": TEXT, "项目/二期/合同.TXT": TEXT}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "etc/passwd.txt"),
        ("/etc/passwd.txt", "etc/passwd.txt"),
        ("C:\\Users\\张三\\合同.docx", "Users/张三/合同.docx"),
        ("\\\\server\\share\\a.md", "server/share/a.md"),
        ("a/./b//../c.txt", "a/b/c.txt"),
        ("合\x00同\n.txt", "合同.txt"),
        ("合同\u202etxt.pdf", "合同txt.pdf"),
        (".\u200b./a.txt", "a.txt"),
        ("..合同.txt", "合同.txt"),
        ("合同.txt. . ", "合同.txt"),
        ("合同.txt\u3000.", "合同.txt"),
        ("合同 /a.txt", "合同/a.txt"),
        ("CON.txt", "_CON.txt"),
        ("nul/lpt1.2024.md", "_nul/_lpt1.2024.md"),
        ("a:b?.txt", "a_b_.txt"),
        (".txt", "unnamed.txt"),
        ("???/   .md", "___/unnamed.md"),
        ("e\u0301.md", "é.md"),
    ],
)
def test_a_name_becomes_a_safe_one_that_is_recognised(folder, name, kept):
    assert upload(folder, name).files == (folder / kept,)
    assert tree(folder) == {kept: TEXT}


NASTY = st.lists(
    st.sampled_from(
        ["..", ".", "/", "\\", "C:", "CON", "~$", "合同", ".txt", " ", "\u202e", "\x00", "a" * 99]
    ),
    max_size=30,
).map("".join)
ANY_NAME = NASTY | st.text(st.characters(exclude_categories=())) | st.text("合./\\", max_size=400)


@settings(max_examples=150, deadline=None)
@given(ANY_NAME, st.sampled_from(sorted(SUFFIXES)))
@example("/".join(["很长的文件夹名" * 12] * 40) + "/文件", ".docx")
@example("条" * 400, ".markdown")
def test_any_name_ends_under_the_folder_with_its_suffix_and_an_ingest_finds_it(name, suffix):
    with tempfile.TemporaryDirectory() as outside:
        folder = Path(outside, "kept", "here")
        saved = upload(folder, name + suffix)
        assert len(saved.files) + len(saved.refused) == 1
        for path in saved.files:
            assert path.suffix == suffix
            assert folder.resolve() in path.resolve().parents
            assert path.read_bytes() == TEXT
            relative = path.relative_to(folder)
            assert len(str(relative).encode()) <= 900
            assert all(len(part.encode()) <= 255 for part in relative.parts)
            assert [source.path for source in sources.survey([folder], ()).sources] == [path]
            assert upload(folder, relative.as_posix()).files == (path,)  # a safe name stays
        assert [path for path in Path(outside).rglob("*") if path.is_file()] == list(saved.files)


def test_long_names_that_differ_at_their_end_stay_apart(folder):
    names = ["条" * 200 + end + ".docx" for end in "甲乙"]
    first, second = (upload(folder, name).files[0] for name in names)
    assert first != second
    assert first.name.startswith("条" * 70) and first.suffix == ".docx"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("图纸.dwg", r"type '\.dwg' are not read; read are \.bmp, .*\.txt"),
        ("README", r"type '\(none\)'"),
        ("", r"type '\(none\)'"),
        ("../..", r"type '\(none\)'"),
        ("归档.rar", "unpack it and upload its files"),
        (".obsidian/缓存.md", r"hidden folder, '\.obsidian'"),
        ("~$合同.docx", "lock file"),
        ("._合同.pdf", "macOS"),
    ],
)
def test_what_nothing_reads_is_refused_and_nothing_written(folder, name, says):
    saved = upload(folder, name)
    assert saved.files == () and saved.refused[0][0] == name
    assert re.search(says, only_reason(saved))
    assert not folder.exists()


# What is there


def test_a_new_version_that_comes_with_its_folder_replaces_the_old_one_whole(folder):
    upload(folder, "甲方/合同.txt", b"x" * 1000)
    upload(folder, "甲方/合同.txt", b"new")
    assert tree(folder) == {"甲方/合同.txt": b"new"}


def test_a_file_that_comes_alone_leaves_another_of_its_name(folder):
    for content in (b"one", b"two", b"one", b"three"):
        upload(folder, "合同.txt", content)
    assert tree(folder) == {"合同.txt": b"one", "合同 (2).txt": b"two", "合同 (3).txt": b"three"}


def test_an_upload_is_read_from_its_start(folder):
    data = io.BytesIO(TEXT)
    data.read()
    save_upload(folder, "合同.txt", data)
    assert tree(folder) == {"合同.txt": TEXT}


class Breaking(io.BytesIO):
    """Breaks after the first piece, as a disk that is full does."""

    def __init__(self, code):
        super().__init__(b"new" * 1_000_000)
        self.code = code

    def read(self, size=-1):
        if self.tell():
            raise OSError(self.code, os.strerror(self.code))
        return super().read(size)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (errno.ENOSPC, r"needs 3\.0 MB, and .* are free"),
        (errno.EIO, "can't be written to .*Input/output error"),
    ],
)
def test_a_write_that_fails_half_way_leaves_the_old_one(folder, code, says):
    upload(folder, "合同.txt", b"old")
    with pytest.raises(UploadError, match=says):
        save_upload(folder, "合同.txt", Breaking(code))
    assert tree(folder) == {"合同.txt": b"old"}


def test_a_disk_without_room_is_noticed_before(folder, monkeypatch):
    monkeypatch.setattr(uploads.shutil, "disk_usage", lambda path: SimpleNamespace(free=10_000))
    with pytest.raises(UploadError, match=r"needs 20\.0 kB, and 10\.0 kB are free"):
        upload(folder, "合同.txt", b"x" * 20_000)
    with pytest.raises(UploadError, match=r"needs 20\.0 kB, and 10\.0 kB are free"):
        upload(folder, "合同.zip", zipped({"a.txt": b"x" * 20_000}))
    assert not folder.exists()


def test_links_in_the_folder_are_not_followed(folder, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret.txt").write_bytes(b"secret")
    folder.mkdir(parents=True)
    (folder / "out").symlink_to(tmp_path / "secret")
    (folder / "a.txt").symlink_to(tmp_path / "secret.txt")
    assert "'out' in the folder is a link" in only_reason(upload(folder, "out/deep/a.txt"))
    assert "'out' in the folder is a link" in only_reason(upload(folder, "out.zip", zipped({"b.txt": TEXT})))
    upload(folder, "a.txt", b"new")
    assert (tmp_path / "secret.txt").read_bytes() == b"secret"
    assert list((tmp_path / "secret").iterdir()) == []
    assert (folder / "a.txt").read_bytes() == b"new" and not (folder / "a.txt").is_symlink()


def test_a_folder_and_a_file_don_t_take_each_other_s_place(folder):
    upload(folder, "a.txt/b.txt")
    upload(folder, "c.txt")
    assert "'a.txt' in the folder is a folder" in only_reason(upload(folder, "a.txt"))
    assert "'c.txt' in the folder is a file" in only_reason(upload(folder, "c.txt/d.txt"))
    assert set(tree(folder)) == {"a.txt/b.txt", "c.txt"}


def test_a_folder_that_can_t_be_made_is_told(folder):
    folder.parent.mkdir()
    folder.write_bytes(b"")
    with pytest.raises(UploadError, match="can't be written to"):
        upload(folder, "a.txt")


def test_what_a_killed_upload_left_goes_with_the_next_a_day_later(folder):
    for name, age_seconds in (("old", 90_000), ("new", 60)):
        left = folder / f"{uploads._BESIDE}{name}"
        left.mkdir(parents=True)
        (left / "0").write_bytes(b"half")
        then = left.stat().st_mtime - age_seconds
        os.utime(left, (then, then))
    upload(folder, "a.txt")
    assert set(tree(folder)) == {f"{uploads._BESIDE}new/0", "a.txt"}


# Archives


def test_an_archive_is_unpacked_into_a_folder_of_its_name(folder):
    data = zipped({"a.txt": b"a", "附件/": b"", "附件/b.md": b"b"})
    saved = upload(folder, "项目/合同.ZIP", data)
    assert saved.files == (folder / "项目/合同/a.txt", folder / "项目/合同/附件/b.md")
    assert saved.refused == ()
    assert tree(folder) == {"项目/合同/a.txt": b"a", "项目/合同/附件/b.md": b"b"}


@pytest.mark.parametrize(
    ("members", "kept"),
    [
        (
            {"合同/a.txt": b"", "合同/b/c.txt": b"", "__MACOSX/合同/._a.txt": b""},
            {"合同/a.txt", "合同/b/c.txt"},
        ),
        ({"./合同/a.txt": b""}, {"合同/a.txt"}),
        ({"合同/a.txt": b"", "b.txt": b""}, {"合同/合同/a.txt", "合同/b.txt"}),
        ({"旧合同/a.txt": b""}, {"合同/旧合同/a.txt"}),
    ],
)
def test_a_top_folder_of_the_archive_s_name_is_not_nested_twice(folder, members, kept):
    upload(folder, "合同.zip", zipped(members))
    assert set(tree(folder)) == kept


def test_an_archive_replaces_its_files_and_leaves_others(folder):
    upload(folder, "合同.zip", zipped({"a.txt": b"1", "b.txt": b"1"}))
    upload(folder, "合同.zip", zipped({"a.txt": b"2"}))
    assert tree(folder) == {"合同/a.txt": b"2", "合同/b.txt": b"1"}


CHINESE = ("劳动合同法.txt", "附件/通知.md", "甄嬛.txt", "李彧昊.txt", "联通.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk"])
@pytest.mark.parametrize("names", [CHINESE, *((name,) for name in CHINESE), ("赟.txt",), ("数据 (1).txt",)])
def test_chinese_names_are_read_whether_their_charset_is_told_or_not(folder, names, encoding):
    saved = upload(folder, "压缩包.zip", named(*names, encoding=encoding))
    assert saved.files == tuple(folder / "压缩包" / name for name in names)


def test_names_that_zipfile_writes_are_read(folder):
    assert upload(folder, "a.zip", zipped({"合同.txt": TEXT})).files == (folder / "a/合同.txt",)


def test_big5_and_western_names_are_read(folder):
    chinese = upload(folder, "a.zip", named("勞動契約書.txt", "會議紀錄.txt", encoding="cp950"))
    assert [path.name for path in chinese.files] == ["勞動契約書.txt", "會議紀錄.txt"]
    western = upload(
        folder, "b.zip", named("Müller résumé.txt", "El Niño.txt", "Straße.txt", encoding="cp437")
    )
    assert [path.name for path in western.files] == ["Müller résumé.txt", "El Niño.txt", "Straße.txt"]


def test_a_backslash_separates_folders_unless_it_is_half_of_a_han(folder):
    data = named("文件夹\\合同.txt", encoding="gbk")
    assert upload(folder, "a.zip", data).files == (folder / "a/文件夹/合同.txt",)
    assert b"\\" in "許功蓋".encode("big5")
    data = named("許功蓋的報告書.txt", "會議紀錄.txt", encoding="cp950")
    assert upload(folder, "b.zip", data).files[0] == folder / "b/許功蓋的報告書.txt"


def test_info_zip_s_unicode_path_counts_where_it_belongs_to_the_name(folder):
    def field(raw, name):
        value = b"\x01" + struct.pack("<L", zlib.crc32(raw)) + name.encode()
        return b"\xfe\xca\x02\x00hi" + struct.pack("<HH", 0x7075, len(value)) + value

    data = raw_zip(
        (b"????.txt", TEXT, 0, field(b"????.txt", "合同.txt")),
        (b"renamed.txt", TEXT, 0, field(b"before.txt", "别的.txt")),
    )
    assert [path.name for path in upload(folder, "a.zip", data).files] == ["合同.txt", "renamed.txt"]


def test_what_nobody_wrote_is_skipped_without_a_word(folder):
    names = ["__MACOSX/._a.txt", ".DS_Store", "._a.txt", ".hidden.txt", ".git/a.txt", "b/~$合同.docx", "空/"]
    saved = upload(folder, "a.zip", zipped(dict.fromkeys(names, b"x")))
    assert (saved.files, saved.refused) == ((), ())
    assert not folder.exists()


def special(name, mode):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


@pytest.mark.parametrize(
    ("member", "says"),
    [
        ("../../evil.txt", "leads out of the archive"),
        ("a/../../evil.txt", "leads out of the archive"),
        ("..\\evil.txt", "leads out of the archive"),
        ("/etc/evil.txt", "leads out of the archive"),
        ("C:\\evil.txt", "leads out of the archive"),
        (special("link.txt", 0o120777), "it is a link"),
        (special("pipe.txt", 0o010644), "it is a device"),
        ("inner.zip", "unpack it first"),
        ("inner.tar.gz", "unpack it first"),
        ("图纸.dwg", "type '.dwg' are not read; read are .bmp"),
    ],
)
def test_a_member_that_can_t_be_taken_is_refused_and_the_others_kept(folder, member, says):
    name = member if isinstance(member, str) else member.filename
    saved = upload(folder, "a.zip", zipped({member: b"/etc/passwd", "good.txt": TEXT}))
    assert saved.files == (folder / "a/good.txt",)
    assert saved.refused[0][0] == name and says in only_reason(saved)
    assert tree(folder.parent) == {"uploads/a/good.txt": TEXT}


def test_members_with_a_password_or_an_odd_method_are_refused(folder):
    data = raw_zip((b"secret.txt", TEXT, 1, b""), (b"good.txt", TEXT, 0, b""))
    assert "needs a password" in only_reason(upload(folder, "a.zip", data))
    stored = bytearray(raw_zip((b"odd.txt", TEXT, 0, b"")))
    stored[stored.index(b"PK\x01\x02") + 10] = stored[8] = 9  # deflate64, as Windows packs large files
    assert "by method 9" in only_reason(upload(folder, "b.zip", bytes(stored)))
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):  # a few bytes of them may inflate to gigabytes
        packed = zipped({"odd.txt": TEXT}, method)
        assert f"by method {method}, which is not read" in only_reason(upload(folder, "c.zip", packed))
    assert set(tree(folder)) == {"a/good.txt"}


def test_of_two_members_of_one_name_the_later_is_kept_and_the_other_told(folder):
    data = raw_zip((b"a?.txt", b"1", 0, b""), (b"b.txt", b"b", 0, b""), (b"a_.txt", b"2", 0, b""))
    saved = upload(folder, "z.zip", data)
    assert tree(folder) == {"z/a_.txt": b"2", "z/b.txt": b"b"}
    assert saved.refused[0][0] == "a?.txt" and "same name, z/a_.txt" in only_reason(saved)


def test_a_member_that_another_needs_as_a_folder_is_refused(folder):
    saved = upload(folder, "z.zip", raw_zip((b"a.txt", b"1", 0, b""), (b"a.txt/b.txt", b"2", 0, b"")))
    assert tree(folder) == {"z/a.txt/b.txt": b"2"}
    assert "folder of the same name" in only_reason(saved)


# Bounds


def test_a_member_that_inflates_beyond_reason_stops_everything(folder):
    upload(folder, "bomb.zip", zipped({"a.txt": b"old"}))
    data = zipped({"a.txt": b"new", "bomb.txt": bytes(12_000_000)})
    with pytest.raises(UploadError, match=r"'bomb\.txt' inflates .* to more than 1\d\.\d MB"):
        upload(folder, "bomb.zip", data)
    assert tree(folder) == {"bomb/a.txt": b"old"}
    saved = upload(folder, "bomb.zip", data, max_ratio=1_000_000)
    assert len(saved.files) == 2


def test_all_that_an_archive_holds_is_bounded(folder):
    data = zipped({"a.txt": b"x" * 600, "b.txt": b"x" * 600})
    with pytest.raises(UploadError, match=r"'a\.zip' holds more than 1\.0 kB"):
        upload(folder, "a.zip", data, max_bytes=1000)
    with pytest.raises(UploadError, match="holds more than"):
        upload(folder, "a.txt", b"x" * 1001, max_bytes=1000)
    assert not folder.exists()


def test_what_the_header_says_is_not_believed(folder):
    upload(folder, "a.zip", zipped({"a.txt": b"old"}))
    data = zipped({"a.txt": b"x" * 5000})
    smaller = data.replace(struct.pack("<L", 5000), struct.pack("<L", 50))
    with pytest.raises(UploadError, match=r"'a\.zip/a\.txt' is no zip archive, or a damaged one"):
        upload(folder, "a.zip", smaller)
    assert tree(folder) == {"a/a.txt": b"old"}


def test_bytes_are_counted_while_they_are_unpacked(folder):
    with pytest.raises(UploadError, match="holds more than 1"):
        uploads._keep(folder, "a.zip", {Path("a.txt"): iter([b"x" * 600] * 2)}, 10, 1000)
    assert tree(folder) == {}


def test_the_number_of_files_is_bounded_but_not_by_what_is_skipped(folder):
    members = {f"{n}.txt": b"" for n in range(3)} | {f"__MACOSX/{n}.txt": b"" for n in range(9)}
    assert len(upload(folder, "a.zip", zipped(members), max_members=3).files) == 3
    with pytest.raises(UploadError, match="has 4 files, and at most 3"):
        upload(folder, "b.zip", zipped(members | {"照片.jpg": b""}), max_members=3)
    assert not (folder / "b").exists()


@pytest.mark.parametrize("data", [b"", b"Rar!\x1a\x07 not a zip", zipped({"a.txt": TEXT})[:-30]])
def test_what_is_no_archive_is_told(folder, data):
    with pytest.raises(UploadError, match=r"'a\.zip' is no zip archive, or a damaged one .* make it anew"):
        upload(folder, "a.zip", data)
    assert not folder.exists()


def test_a_damaged_member_leaves_nothing_new(folder):
    data = bytearray(zipped({"a.txt": b"new", "b.txt": os.urandom(3000)}, zipfile.ZIP_STORED))
    data[data.index(b"b.txt") + 1500] ^= 1
    upload(folder, "a.zip", zipped({"a.txt": b"old"}))
    with pytest.raises(UploadError, match=r"'a\.zip/b\.txt' .*damaged"):
        upload(folder, "a.zip", bytes(data))
    assert tree(folder) == {"a/a.txt": b"old"}


WHOLE = zipped({"合同/a.txt": TEXT * 9, "合同/b.md": TEXT, "c.jpg": b"c"})


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=4),
    st.integers(0, len(WHOLE)) | st.just(len(WHOLE)),
)
def test_whatever_is_wrong_with_an_archive_it_is_unpacked_or_refused(changes, length):
    data = bytearray(WHOLE)
    for at, value in changes:
        data[at] = value
    with tempfile.TemporaryDirectory() as outside:
        folder = Path(outside, "here")
        try:
            saved = upload(folder, "合同.zip", bytes(data[:length]))
        except UploadError:
            saved = uploads.Saved((), ())
        assert {path for path in Path(outside).rglob("*") if path.is_file()} == set(saved.files)


@settings(max_examples=100, deadline=None)
@given(NASTY | st.text(max_size=40), st.lists(NASTY | st.text(max_size=300), max_size=4))
def test_whatever_an_archive_and_its_members_are_called_they_end_under_the_folder(name, members):
    data = raw_zip(*((f"{member}.txt".encode(), TEXT, 0x800, b"") for member in members))
    with tempfile.TemporaryDirectory() as outside:
        folder = Path(outside, "kept", "here")
        saved = upload(folder, f"{name}.zip", data)
        assert all(folder in path.parents and path.suffix == ".txt" for path in saved.files)
        assert {path for path in Path(outside).rglob("*") if path.is_file()} == set(saved.files)
        found = sources.survey([folder], ()).sources if saved.files else ()
        assert {source.path for source in found} == set(saved.files)
