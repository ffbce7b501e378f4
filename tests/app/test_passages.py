"""A document as the index has it, over a real index."""

import pytest

from app.passages import around, chunk_finder, passages
from app.searcher import Searcher
from indexer import readers
from indexer.catalog import Catalog
from indexer.pipeline import ingest
from indexer.sources import survey
from indexer.store import IndexSpec, ReplaceSource, source_id
from indexer.store.edge import EdgeStore
from tests.fake_embedder import FakeEmbedder

SENTENCES = "".join(f"第{i}点，说明试用期的工资如何计算，以及由谁负责。" for i in range(40))
CHAPTERS = "\n\n".join(
    f"# 第{i}章\n\n" + "".join(f"本章第{i}之{j}句讲合同的解除。" for j in range(12)) for i in range(4)
)
DOCUMENTS = {
    "长.txt": SENTENCES,
    "章.md": CHAPTERS,
    "短.txt": "绿茶用八十度的水冲泡。\n\n味道最好。",
    "抄本.txt": "绿茶用八十度的水冲泡。\n\n味道最好。",
    "空白.txt": f"\n\n　　开头有空行。\n\n\n{SENTENCES[::-1]}\n\n",
}


class Library:
    def __init__(self, tmp_path):
        self.folder = tmp_path / "资料"
        self.folder.mkdir()
        for name, text in DOCUMENTS.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        self.store = EdgeStore(tmp_path / "index", IndexSpec("fake", "fake-256", 256, 64, 64, 25))
        ingest(
            survey([self.folder], ()),
            self.store,
            Catalog(tmp_path / "index", "1"),
            FakeEmbedder,
            collection="c",
        )

    def id_of(self, name):
        return source_id("c", str(self.folder / name))

    def records(self, name):
        every, _ = self.store.scroll(limit=10_000)
        return sorted(
            (record for record in every if record.payload["name"] == name),
            key=lambda record: record.payload["ordinal"],
        )

    def hit(self, name, ordinal):
        """What a search finds for exactly this chunk."""
        record = self.records(name)[ordinal]
        searcher = Searcher(self.store, FakeEmbedder)
        hits = searcher.search(record.payload["text"], "dense", top=100, per_document=0).hits
        return next(hit for hit in hits if hit.id == record.id)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    made = Library(tmp_path_factory.mktemp("passages"))
    yield made
    made.store.close()


@pytest.mark.parametrize("name", list(DOCUMENTS))
def test_the_texts_joined_are_the_document_s(library, name):
    found = passages(library.store, library.id_of(name))
    assert [passage.ordinal for passage in found] == list(range(len(found)))
    assert "".join(passage.text for passage in found) == readers.read(library.folder / name).text


def test_what_is_repeated_is_the_end_of_the_passage_before(library):
    found = passages(library.store, library.id_of("长.txt"))
    assert len(found) > 10
    assert found[0].repeated == ""
    assert all(passage.repeated for passage in found[1:])
    for i, passage in enumerate(found[1:], 1):
        assert "".join(p.text for p in found[:i]).endswith(passage.repeated)


def test_across_a_heading_nothing_is_repeated(library):
    found = passages(library.store, library.id_of("章.md"))
    first_of_chapter = [p for i, p in enumerate(found) if i == 0 or p.headings != found[i - 1].headings]
    assert [p.headings[-1] for p in first_of_chapter] == ["第0章", "第1章", "第2章", "第3章"]
    assert all(p.repeated == "" for p in first_of_chapter)
    assert any(p.repeated for p in found)
    assert all(p.pages is None for p in found)


def test_more_chunks_than_a_page_of_the_store_has_are_all_read(library, monkeypatch):
    scroll, records = library.store.scroll, library.records("长.txt")
    monkeypatch.setattr(
        library.store, "scroll", lambda where=(), cursor=None, limit=0: scroll(where, cursor, 3)
    )
    found = passages(library.store, library.id_of("长.txt"))
    assert "".join(passage.text for passage in found) == SENTENCES
    find = chunk_finder(library.store)
    assert all(find("", record.payload["text"]) == record.id for record in records)


def test_around_a_hit_are_its_neighbours_as_far_as_there_are_any(library):
    last = len(library.records("长.txt")) - 1
    for ordinal, expected in (
        (0, [0, 1, 2]),
        (1, [0, 1, 2, 3]),
        (5, [3, 4, 5, 6, 7]),
        (last, [last - 2, last - 1, last]),
    ):
        hit = library.hit("长.txt", ordinal)
        assert [p.ordinal for p in around(library.store, hit)] == expected


def test_how_far_around_can_be_said(library):
    hit = library.hit("长.txt", 5)
    assert [p.ordinal for p in around(library.store, hit, before=0, after=0)] == [5]
    assert [p.ordinal for p in around(library.store, hit, before=1, after=3)] == [4, 5, 6, 7, 8]
    every = around(library.store, hit, before=1000, after=1000)
    assert "".join(p.text for p in every) == SENTENCES


def test_a_document_of_one_chunk_has_nothing_around(library):
    (passage,) = around(library.store, library.hit("短.txt", 0))
    assert passage.text == DOCUMENTS["短.txt"]


def test_a_source_that_is_gone_has_no_passages(tmp_path):
    library = Library(tmp_path)
    hit = library.hit("长.txt", 3)
    library.store.wait([library.store.apply(ReplaceSource(library.id_of("长.txt")))], 10)
    assert passages(library.store, library.id_of("长.txt")) == []
    assert around(library.store, hit) == []
    assert passages(library.store, library.id_of("章.md")) != []
    assert passages(library.store, source_id("another", str(library.folder / "章.md"))) == []
    library.store.close()


def test_a_passage_of_elsewhere_is_found_by_its_id_where_the_text_agrees(library):
    find = chunk_finder(library.store)
    for name in ("短.txt", "抄本.txt"):  # the same text twice: the id says which
        (record,) = library.records(name)
        assert find(record.id, record.payload["text"]) == record.id
    assert find(record.id, "绿茶用八十度的水冲泡。 味道最好。") == record.id


def test_an_id_with_another_text_goes_by_the_text(library):
    find = chunk_finder(library.store)
    first, second = library.records("长.txt")[:2]
    assert find(first.id, second.payload["text"]) == second.id
    assert find(first.id, "什么也不是") is None
    assert find(first.id, "") is None


@pytest.mark.parametrize(
    "text",
    [
        "绿茶用八十度的水冲泡。 味道最好。",
        "  绿茶用八十度的水冲泡。\r\n\r\n味道最好。\n",
        "绿茶用八十度的水冲泡。\t味道最好。",
        "绿茶用八十度的水冲泡。　味道最好。",
    ],
)
def test_a_text_is_found_however_its_white_space_was_written(library, text):
    found = chunk_finder(library.store)("", text)
    assert found in {library.records(name)[0].id for name in ("短.txt", "抄本.txt")}


@pytest.mark.parametrize(
    "text", ["", "   ", "绿茶", "绿茶用八十度的水冲泡", "綠茶用八十度的水沖泡。 味道最好。"]
)
def test_what_is_no_passage_is_not_found(library, text):
    find = chunk_finder(library.store)
    assert find("", text) is None
    assert find("no-such-id", text) is None


def test_the_index_is_read_at_the_first_passage_and_once(library, monkeypatch):
    scrolls = []
    scroll = library.store.scroll

    def counting(*arguments, **named):
        scrolls.append(arguments)
        return scroll(*arguments, **named)

    monkeypatch.setattr(library.store, "scroll", counting)
    find = chunk_finder(library.store)
    assert scrolls == []
    find("", "一")
    find("", "二")
    assert len(scrolls) == 1
