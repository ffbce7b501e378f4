"""Ingest as a person sees it: what is searchable afterwards, what was reported, what was embedded."""

import shutil
from collections import Counter

import pytest

from indexer.catalog import Catalog
from indexer.errors import ApiError
from indexer.pipeline import ingest
from indexer.sources import plan_ingest
from indexer.store import IndexSpec
from indexer.store.edge import EdgeStore
from indexer.verify import differences
from tests.fake_embedder import FakeEmbedder

LAW = "# 劳动法\n\n## 第三章 劳动合同\n\n第二十一条 试用期最长不得超过六个月。\n\n第二十二条 可以约定保密。\n"
POEM = "床前明月光，疑是地上霜。举头望明月，低头思故乡。"


class CountingEmbedder(FakeEmbedder):
    def __init__(self):
        super().__init__()
        self.embedded = []

    def embed_passages(self, texts):
        self.embedded += texts
        return super().embed_passages(texts)


class Library:
    """A folder of documents, and its index."""

    def __init__(self, tmp_path):
        self.folder = tmp_path / "资料"
        self.folder.mkdir()
        self.index = tmp_path / "index"
        self.embedder = CountingEmbedder()
        spec = IndexSpec("fake", "fake-256", 256, 64, chunk_tokens=350, overlap_tokens=50)
        self.store = EdgeStore(self.index, spec)
        self.catalog = Catalog(self.index)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def ingest(self, *paths, **options):
        self.embedder.embedded = []
        return ingest(
            paths or [self.folder],
            self.store,
            self.catalog,
            lambda: self.embedder,
            collection="c",
            **options,
        )

    def texts(self):
        records, _ = self.store.scroll(limit=10_000)
        return sorted((r.payload["name"], r.payload["text"].strip()) for r in records)

    def names(self):
        return Counter(name for name, _ in self.texts())


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path)
    yield made
    assert differences(made.store, made.catalog) == []
    made.store.close()


def outcomes(report):
    return {source.source.rsplit("/", 1)[-1]: source.outcome for source in report.sources}


def test_documents_become_searchable_chunks_with_what_a_citation_needs(library):
    library.write("法规/劳动法.md", LAW)
    report = library.ingest()
    assert outcomes(report) == {"劳动法.md": "indexed"}
    assert report.exit_code == 0
    payload = next(r.payload for r in library.store.scroll()[0] if "试用期" in r.payload["text"])
    assert payload["shown"] == "资料/法规/劳动法.md"
    assert payload["folders"] == ["资料", "资料/法规"]
    assert payload["headings"] == ["劳动法", "第三章 劳动合同", "第二十一条"]
    assert (payload["type"], payload["title"]) == ("md", "劳动法")


def test_an_unchanged_file_is_skipped_and_no_model_is_loaded(library):
    library.write("劳动法.md", LAW)
    library.ingest()
    report = ingest(
        [library.folder], library.store, library.catalog, lambda: pytest.fail("loaded"), collection="c"
    )
    assert outcomes(report) == {"劳动法.md": "unchanged"}
    assert report.exit_code == 0


def test_of_a_changed_file_only_what_changed_is_embedded(library):
    library.write("劳动法.md", LAW)
    before = library.ingest().embedded_chunks
    library.write("劳动法.md", LAW.replace("保密", "竞业限制"))
    report = library.ingest()
    assert outcomes(report) == {"劳动法.md": "indexed"}
    assert (before, report.embedded_chunks) == (2, 1)
    assert "竞业限制" in library.embedder.embedded[0]
    assert not any("保密" in text for _, text in library.texts())
    assert library.names() == {"劳动法.md": 2}


def test_a_renamed_file_is_recognised_and_not_embedded_again(library):
    path = library.write("劳动法.md", LAW)
    library.ingest()
    path.rename(library.folder / "劳动法（2018）.md")
    report = library.ingest()
    assert outcomes(report) == {"劳动法（2018）.md": "moved"}
    assert library.embedder.embedded == []
    assert library.names() == {"劳动法（2018）.md": 2}


def test_a_renamed_file_whose_title_is_its_name_is_not_embedded_again_either(library):
    path = library.write("静夜思.txt", POEM)
    library.ingest()
    path.rename(library.folder / "李白.txt")
    assert outcomes(library.ingest()) == {"李白.txt": "moved"}
    assert library.embedder.embedded == []


def test_a_copied_file_is_a_document_of_its_own_and_not_embedded_again(library):
    path = library.write("劳动法.md", LAW)
    library.ingest()
    shutil.copy(path, library.folder / "副本.md")
    assert outcomes(library.ingest()) == {"劳动法.md": "unchanged", "副本.md": "indexed"}
    assert library.embedder.embedded == []
    assert library.names() == {"劳动法.md": 2, "副本.md": 2}


def test_a_vanished_file_stays_until_mirror_is_asked_for(library):
    path = library.write("静夜思.txt", POEM)
    library.write("劳动法.md", LAW)
    library.ingest()
    path.unlink()
    library.ingest()
    assert library.names() == {"劳动法.md": 2, "静夜思.txt": 1}
    report = library.ingest(mirror=True)
    assert outcomes(report) == {"劳动法.md": "unchanged", "静夜思.txt": "removed"}
    assert library.names() == {"劳动法.md": 2}


def test_mirror_removes_nothing_when_the_whole_folder_is_empty(library):
    path = library.write("静夜思.txt", POEM)
    library.ingest()
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"is the disk mounted.*remove"):
        library.ingest(mirror=True)
    assert library.names() == {"静夜思.txt": 1}


def test_a_file_that_can_not_be_read_is_named_with_its_reason_and_the_others_go_on(library):
    library.write("劳动法.md", LAW)
    library.write("空.txt", "")
    library.write("坏.pdf", b"%PDF-1.7 nothing more")
    report = library.ingest()
    assert outcomes(report) == {"劳动法.md": "indexed", "空.txt": "failed", "坏.pdf": "failed"}
    assert report.exit_code == 3
    assert all(source.problems[0].reason for source in report.incomplete)
    assert library.names() == {"劳动法.md": 2}


def test_a_file_that_breaks_later_keeps_its_searchable_version(library):
    library.write("静夜思.txt", POEM)
    library.ingest()
    library.write("静夜思.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    report = library.ingest()
    assert outcomes(report) == {"静夜思.txt": "failed"}
    assert library.names() == {"静夜思.txt": 1}
    assert library.catalog.all()[0].verdict == "failed"


def test_nothing_readable_is_exit_status_1(library):
    library.write("空.txt", "")
    assert library.ingest().exit_code == 1


def test_types_that_nothing_reads_are_skipped_in_a_folder_and_fail_when_named(library):
    library.write("劳动法.md", LAW)
    picture = library.write("图.png", b"\x89PNG")
    report = library.ingest()
    assert outcomes(report)["图.png"] == "skipped"
    assert report.exit_code == 0
    report = library.ingest(picture)
    assert outcomes(report) == {"图.png": "failed"}
    assert ".png" in report.sources[0].problems[0].reason


def test_hidden_files_are_left_out(library):
    library.write(".git/config.txt", POEM)
    library.write("静夜思.txt", POEM)
    assert set(outcomes(library.ingest())) == {"静夜思.txt"}


def test_ctrl_c_keeps_what_was_done_and_the_next_run_goes_on(library):
    for i in range(6):
        library.write(f"{i}.txt", "".join(f"第{i}篇的第{j}句，{POEM}" for j in range(500)))

    def interrupt(progress):
        if progress.done == 2:
            raise KeyboardInterrupt

    report = library.ingest(on_progress=interrupt)
    assert report.interrupted and report.exit_code == 130
    done = set(library.names())
    assert 0 < len(done) < 6
    report = library.ingest()
    assert {name for name, outcome in outcomes(report).items() if outcome == "unchanged"} == done
    assert len(library.names()) == 6


def test_a_model_that_gives_up_half_way_loses_nothing_and_names_what_is_missing(library):
    library.write("甲.txt", "".join(f"第{j}句，{POEM}" for j in range(3000)))
    library.write("乙.txt", POEM)
    asked = []

    def embed_passages(texts):
        asked.append(texts)
        if len(asked) > 1:
            raise ApiError("the API answered 401 Unauthorized")
        return FakeEmbedder.embed_passages(library.embedder, texts)

    library.embedder.embed_passages = embed_passages
    report = library.ingest()
    assert outcomes(report) == {"甲.txt": "failed", "乙.txt": "failed"}
    assert report.stopped_by == "the API answered 401 Unauthorized"
    assert report.exit_code == 1
    del library.embedder.embed_passages
    assert library.ingest().exit_code == 0


def test_one_text_that_can_not_be_embedded_fails_its_source_alone(library):
    library.write("劳动法.md", LAW)
    library.write("静夜思.txt", POEM)
    library.embedder.max_tokens = 45  # less than the chunks were cut for
    report = library.ingest()
    assert outcomes(report) == {"劳动法.md": "failed", "静夜思.txt": "indexed"}
    assert "can't be embedded" in report.incomplete[0].problems[0].reason


def test_progress_counts_every_source_and_ends_complete(library):
    for i in range(5):
        library.write(f"{i}.txt", f"{i}{POEM}")
    seen = []
    library.ingest(on_progress=seen.append)
    assert (seen[-1].done, seen[-1].total) == (5, 5)
    assert seen[-1].bytes_done == seen[-1].bytes_total
    assert [p.done for p in seen] == sorted(p.done for p in seen)


def test_a_dry_run_tells_what_would_be_done_and_does_nothing(library):
    library.write("劳动法.md", LAW)
    gone = library.write("旧.txt", POEM)
    library.ingest()
    gone.unlink()
    library.write("新.txt", POEM + "新")
    library.write("空.txt", "")
    report = plan_ingest([library.folder], library.catalog, mirror=True)
    assert outcomes(report) == {
        "劳动法.md": "unchanged",
        "新.txt": "indexed",
        "空.txt": "failed",
        "旧.txt": "removed",
    }
    assert library.names() == {"劳动法.md": 2, "旧.txt": 1}


def test_verify_finds_what_is_missing_and_what_nobody_knows(library):
    library.write("静夜思.txt", POEM)
    library.write("劳动法.md", LAW)
    library.ingest()
    law, poem = library.catalog.all()
    library.catalog.remove(poem.source)
    assert [(d.source, d.expected, d.found) for d in differences(library.store, library.catalog)] == [
        (poem.source, 0, 1)
    ]
    library.catalog.put(poem)
    from dataclasses import replace

    library.catalog.put(replace(law, chunks=7))
    assert [(d.expected, d.found) for d in differences(library.store, library.catalog)] == [(7, 2)]
    library.catalog.put(law)
