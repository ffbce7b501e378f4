"""What someone who knows a file says of it: its charset, its password."""

import codecs
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from indexer.catalog import Catalog
from indexer.errors import CharsetError, EncryptedError
from indexer.pipeline import ingest
from indexer.readers import ReadOptions, read, read_all
from indexer.sources import survey
from indexer.store import IndexSpec
from indexer.store.edge import EdgeStore
from indexer.verify import differences
from tests.fake_embedder import FakeEmbedder

PDF = Path(__file__).parents[1] / "data" / "pdf" / "one_column_embedded.pdf"
POEM = "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。"
LAW = "第二十一条 试用期最长不得超过六个月。"


def reading_with(options):
    return partial(read_all, options=options)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


# Charsets


@pytest.mark.parametrize("suffix", ["txt", "md", "html"])
def test_a_named_charset_is_used_whatever_the_bytes_speak_for(tmp_path, suffix):
    big5 = written(tmp_path / f"詩.{suffix}", POEM.encode("big5"))
    assert read(big5).text == read(big5, ReadOptions(charset="big5")).text == POEM
    wrong = read(big5, ReadOptions(charset="gb18030"))
    assert wrong.text == POEM.encode("big5").decode("gb18030", "replace")
    assert wrong.charset == "gb18030"
    gb = written(tmp_path / f"法.{suffix}", LAW.encode("gb18030"))
    other_way = read(gb, ReadOptions(charset="big5"))
    assert other_way.charset == "big5"
    assert other_way.text == LAW.encode("gb18030").decode("big5")
    not_utf8 = read(gb, ReadOptions(charset="utf-8"))
    assert "\N{REPLACEMENT CHARACTER}" in not_utf8.text
    assert [problem.kind for problem in not_utf8.problems] == ["bytes_replaced"]
    assert read(gb, ReadOptions(charset="gbk")).text == LAW


@pytest.mark.parametrize("name", ["GB18030", "Big5", "UTF8", "latin1"])
def test_a_charset_goes_by_any_of_its_names(tmp_path, name):
    file = written(tmp_path / "a.txt", b"plain")
    assert read(file, ReadOptions(charset=name)).text == "plain"
    assert read(file, ReadOptions(charset=name)).charset == codecs.lookup(name).name


@pytest.mark.parametrize(
    ("mark", "codec", "named"),
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8"),
        (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-be"),
        (b"", "utf-16-le", "utf-16"),
        (b"", "utf-16-be", "utf-16"),
        ("\ufeff".encode("gb18030"), "gb18030", "gb18030"),
    ],
)
def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path, mark, codec, named):
    file = written(tmp_path / "a.txt", mark + LAW.encode(codec))
    document = read(file, ReadOptions(charset=named))
    assert document.text == LAW
    assert document.problems == ()


def test_a_mark_does_not_overrule_who_knows_better(tmp_path):
    file = written(tmp_path / "a.txt", codecs.BOM_UTF8 + LAW.encode())
    assert read(file, ReadOptions(charset="gb18030")).charset == "gb18030"
    assert "试用期" not in read(file, ReadOptions(charset="gb18030")).text


def test_a_named_charset_says_what_it_could_not_read(tmp_path):
    file = written(tmp_path / "a.txt", LAW.encode("gb18030")[:-1])
    assert [problem.kind for problem in read(file, ReadOptions(charset="gb18030")).problems] == ["cut"]


@pytest.mark.parametrize("name", ["no-such", "", " ", "中文", "utf\0", "x" * 3000, "../big5"])
def test_a_charset_that_is_not_known_is_named_with_others_to_try(tmp_path, name):
    file = written(tmp_path / "a.txt", LAW.encode("gb18030"))
    with pytest.raises(CharsetError, match=r"there is no charset .*; name one such as utf-8, gb18030"):
        read(file, ReadOptions(charset=name))


@pytest.mark.parametrize("name", ["base64", "hex", "uu", "quopri", "zlib", "bz2", "rot13", "undefined"])
@pytest.mark.parametrize("content", [LAW.encode(), b"plain", b"4142", b"QUJD"])
def test_a_codec_that_makes_no_text_is_no_charset(tmp_path, name, content):
    with pytest.raises(CharsetError, match="there is no charset"):
        read(written(tmp_path / "a.txt", content), ReadOptions(charset=name))


@pytest.mark.parametrize("name", ["idna", "punycode"])
def test_codecs_of_domain_names_do_not_read_chinese(tmp_path, name):
    with pytest.raises(CharsetError, match="there is no charset"):
        read(written(tmp_path / "a.txt", LAW.encode()), ReadOptions(charset=name))


def test_a_file_that_is_no_text_stays_so_in_any_charset(tmp_path):
    with pytest.raises(CharsetError, match="not a text"):
        read(written(tmp_path / "a.txt", b"PK\x03\x04" + bytes(100)), ReadOptions(charset="latin-1"))


def test_a_pdf_has_no_charset_and_a_text_no_password(tmp_path):
    assert read(PDF, ReadOptions(charset="no-such")).text == read(PDF).text
    text = written(tmp_path / "a.txt", LAW.encode())
    assert read(text, ReadOptions(password="芝麻")).text == LAW


# Passwords


def encrypted(path: Path, user: str, owner: str = "owner", algorithm: str = "AES-256") -> Path:
    writer = PdfWriter()
    writer.add_page(PdfReader(PDF).pages[0])
    writer.encrypt(user, owner, algorithm=algorithm)
    writer.write(path)
    return path


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_password_opens_what_it_belongs_to(tmp_path, algorithm):
    file = encrypted(tmp_path / "a.pdf", "mima", algorithm=algorithm)
    for right in ("mima", "owner"):
        assert "第" in read(file, ReadOptions(password=right)).text
    for wrong in ("Mima", "mima ", "密码", "x" * 500):
        with pytest.raises(EncryptedError, match="the password is wrong"):
            read(file, ReadOptions(password=wrong))
    for none in (None, ""):
        with pytest.raises(EncryptedError, match="it needs a password"):
            read(file, ReadOptions(password=none))


def test_a_password_may_be_chinese(tmp_path):
    file = encrypted(tmp_path / "a.pdf", "芝麻开门")
    assert "第" in read(file, ReadOptions(password="芝麻开门")).text
    with pytest.raises(EncryptedError):
        read(file, ReadOptions(password="芝麻關門"))


@pytest.mark.parametrize("password", [None, "", "wrong", "owner"])
def test_a_pdf_that_only_forbids_printing_needs_none_and_minds_none(tmp_path, password):
    file = encrypted(tmp_path / "a.pdf", "")
    assert "第" in read(file, ReadOptions(password=password)).text


def test_a_password_for_a_pdf_without_one_is_not_minded():
    assert read(PDF, ReadOptions(password="mima")).text == read(PDF).text


def test_a_password_is_in_no_message_and_no_repr(tmp_path):
    options = ReadOptions(password="sesame-73")
    assert "sesame-73" not in repr(options)
    with pytest.raises(EncryptedError) as error:
        read(encrypted(tmp_path / "a.pdf", "mima"), options)
    assert "sesame-73" not in str(error.value)


# Through an ingest


class Library:
    def __init__(self, tmp_path):
        self.folder = tmp_path / "资料"
        self.folder.mkdir()
        self.store = EdgeStore(tmp_path / "index", IndexSpec("fake", "fake-256", 256, 64, 64, 10))
        self.catalog = Catalog(tmp_path / "index", self.store.spec.index_id)

    def ingest(self, **options):
        found = survey([self.folder], self.catalog.all())
        return ingest(found, self.store, self.catalog, FakeEmbedder, collection="c", **options)

    def texts(self):
        records, _ = self.store.scroll(limit=10_000)
        records = sorted(records, key=lambda record: (record.payload["source"], record.payload["ordinal"]))
        return "".join(record.payload["text"][record.payload["overlap"] :] for record in records)


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path)
    yield made
    assert differences(made.store, made.catalog) == []
    made.store.close()


LONG_POEM = "".join(f"第{i}首：{POEM}" for i in range(30))


def test_a_source_that_was_read_in_the_wrong_charset_is_replaced_whole(library):
    written(library.folder / "詩.txt", LONG_POEM.encode("big5"))
    library.ingest(read=reading_with(ReadOptions(charset="gb18030")))
    wrong = library.texts()
    assert "明月" not in wrong and library.catalog.all()[0].charset == "gb18030"

    untouched = library.ingest(read=reading_with(ReadOptions(charset="big5")))
    assert [source.outcome for source in untouched.sources] == ["unchanged"]
    assert library.texts() == wrong

    report = library.ingest(again=True, read=reading_with(ReadOptions(charset="big5")))
    (source,) = report.sources
    assert (source.outcome, source.charset) == ("indexed", "big5")
    assert library.texts() == LONG_POEM
    (record,) = library.catalog.all()
    assert (record.charset, record.state, record.problems) == ("big5", "ok", ())
    assert record.chunks == library.store.count() == source.chunks
    # The right vectors came with the right text: nothing of the wrong reading was taken over.
    stored, _ = library.store.scroll(limit=10_000, with_vectors=True)
    assert report.embedded_chunks == len(stored) > 3


def test_reading_again_as_before_embeds_nothing(library):
    written(library.folder / "诗.txt", LONG_POEM.encode())
    library.ingest()
    report = library.ingest(again=True)
    assert [source.outcome for source in report.sources] == ["indexed"]
    assert report.embedded_chunks == 0
    assert library.texts() == LONG_POEM


def test_a_copy_that_is_read_in_another_charset_takes_no_vectors_of_the_first(library):
    written(library.folder / "甲.txt", LONG_POEM.encode("big5"))
    library.ingest()
    written(library.folder / "乙.txt", LONG_POEM.encode("big5"))
    report = library.ingest(read=reading_with(ReadOptions(charset="gb18030")))
    charsets = {Path(source.source).name: source.charset for source in report.sources}
    assert charsets["乙.txt"] == "gb18030"
    assert report.embedded_chunks > 3
    assert library.texts().count(POEM) == 30


def test_a_name_that_is_no_charset_fails_each_text_and_what_was_found_stays(library):
    written(library.folder / "诗.txt", LONG_POEM.encode())
    library.ingest()
    report = library.ingest(again=True, read=reading_with(ReadOptions(charset="no-such")))
    (source,) = report.sources
    assert source.outcome == "failed" and source.problems[0].kind == "charset"
    assert library.texts() == LONG_POEM
    assert library.ingest().counts == {"indexed": 1}  # a failure is looked at again without being asked
    assert library.catalog.all()[0].state == "ok"


def test_a_password_makes_a_failed_pdf_whole_and_a_wrong_one_later_loses_nothing(library):
    encrypted(library.folder / "合同.pdf", "mima")
    (source,) = library.ingest().sources
    assert (source.outcome, source.problems[0].kind) == ("failed", "encrypted")
    assert library.texts() == ""
    assert library.ingest(read=reading_with(ReadOptions(password="mima"))).counts == {"indexed": 1}
    text = library.texts()
    assert text.strip() and library.catalog.all()[0].state == "ok"
    assert library.ingest().counts == {"unchanged": 1}  # nobody is asked for it again
    assert library.ingest(again=True, read=reading_with(ReadOptions(password="wrong"))).counts == {
        "failed": 1
    }
    assert library.texts() == text


@pytest.mark.model
def test_a_folder_is_read_again_in_a_named_charset_and_watched(tmp_path):
    documents = tmp_path / "文档"
    documents.mkdir()
    for number in range(3):
        text = f"第{number}条 试用期最长不得超过六个月。" * 40
        written(documents / f"{number}.txt", text.encode("gb18030"))
    where = ["--index", str(tmp_path / "index"), "--model", "compact"]
    progress, report = tmp_path / "progress.json", tmp_path / "report.json"

    def run(*arguments):
        command = [sys.executable, "-m", "indexer", "ingest", str(documents), *where, *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), timeout=300)

    first = run("--encoding", "utf-8")
    assert first.returncode == 3 and "bytes that mean nothing in utf-8" in first.stderr
    watched = ["--progress", str(progress), "--report", str(report)]
    done = run("--again", "--encoding", "gb18030", *watched)
    assert done.returncode == 0, done.stderr
    state = json.loads(progress.read_text(encoding="utf-8"))
    told = json.loads(report.read_text(encoding="utf-8"))
    assert state["done"] == state["total"] == 3
    assert state["chunks"] == told["embedded_chunks"] == told["chunks"] > 3
    assert state["what"].startswith("文档/")
    assert told["counts"] == {"indexed": 3} and told["exit_code"] == 0
    assert {source["charset"] for source in told["sources"]} == {"gb18030"}
    assert not list(tmp_path.glob("*.tmp"))

    nothing_to_do = run(*watched)
    assert nothing_to_do.returncode == 0
    state = json.loads(progress.read_text(encoding="utf-8"))
    assert (state["done"], state["total"], state["chunks"]) == (3, 3, 0)
