"""Ingest as a person sees it: what is searchable afterwards, what was reported, what was embedded."""

import os
import shutil
import sys
from collections import Counter
from dataclasses import replace

import pytest
from PIL import Image

from indexer.catalog import Catalog
from indexer.errors import ApiError
from indexer.pipeline import ingest
from indexer.sources import plan_ingest, survey
from indexer.store import IndexSpec
from indexer.store.edge import EdgeStore
from indexer.verify import differences, repair
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
        self.open()

    def open(self):
        spec = IndexSpec("fake", "fake-256", 256, 64, chunk_tokens=350, overlap_tokens=50)
        self.store = EdgeStore(self.index, spec)
        self.catalog = Catalog(self.index, self.store.spec.index_id)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def ingest(self, *paths, **options):
        self.embedder.embedded = []
        return ingest(
            survey(paths or [self.folder], self.catalog.all()),
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
    found = survey([library.folder], library.catalog.all())
    report = ingest(found, library.store, library.catalog, lambda: pytest.fail("loaded"), collection="c")
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
    assert library.catalog.all()[0].state == "failed"


def test_files_that_go_away_during_the_run_are_not_taken_for_removed(library):
    paths = [library.write(f"{i}.txt", f"{i}{POEM}") for i in range(3)]
    library.ingest()
    paths[0].unlink()
    found = survey([library.folder], library.catalog.all())
    for path in paths[1:]:
        path.unlink()  # as when a disk is pulled out
    report = ingest(
        found, library.store, library.catalog, lambda: library.embedder, collection="c", mirror=True
    )
    assert outcomes(report) == {"0.txt": "removed", "1.txt": "failed", "2.txt": "failed"}
    assert library.names() == {"1.txt": 1, "2.txt": 1}


def test_a_path_with_dots_is_the_same_source(library):
    library.write("甲/静夜思.txt", POEM)
    library.ingest()
    report = library.ingest(library.folder / "甲" / ".." / "甲")
    assert outcomes(report) == {"静夜思.txt": "unchanged"}


def test_a_file_indexed_by_itself_gets_its_folders_when_a_wider_one_is(library):
    library.write("甲/静夜思.txt", POEM)
    library.ingest(library.folder / "甲")
    library.ingest()
    assert library.embedder.embedded == []
    assert library.store.facet("folders") == {"资料": 1, "资料/甲": 1}


def test_the_same_content_elsewhere_is_a_copy_when_the_first_is_out_of_sight(library, tmp_path):
    library.write("静夜思.txt", POEM)
    library.ingest()
    elsewhere = tmp_path / "别处"
    elsewhere.mkdir()
    (library.folder / "静夜思.txt").rename(elsewhere / "静夜思.txt")
    assert outcomes(library.ingest(elsewhere)) == {"静夜思.txt": "indexed"}
    assert library.names() == {"静夜思.txt": 2}  # the folder was not looked at, so nothing of it goes


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse to make such a name")
def test_a_name_that_is_no_utf_8_fails_by_itself(library):
    library.write("静夜思.txt", POEM)
    name = os.fsdecode("合同.txt".encode("gbk"))
    (library.folder / name).write_text(POEM, encoding="utf-8")
    report = library.ingest()
    assert report.counts == {"indexed": 1, "failed": 1}
    assert "rename it" in report.incomplete[0].problems[0].reason


def test_an_index_that_lost_its_chunks_is_filled_again(library):
    library.write("静夜思.txt", POEM)
    library.ingest()
    library.store.close()
    shutil.rmtree(library.index / "shard")
    library.open()
    assert outcomes(library.ingest()) == {"静夜思.txt": "indexed"}
    assert library.names() == {"静夜思.txt": 1}


def test_chunks_that_nobody_knows_of_are_found_and_removed(library):
    path = library.write("静夜思.txt", POEM)
    library.ingest()
    library.catalog.remove(str(path))
    found = differences(library.store, library.catalog)
    assert [(d.source, d.expected, d.found) for d in found] == [(str(path), 0, 1)]
    repair(found, library.store, library.catalog, "c")
    assert library.names() == {}


def test_nothing_readable_is_exit_status_1(library):
    library.write("空.txt", "")
    assert library.ingest().exit_code == 1


def test_types_that_nothing_reads_are_skipped_in_a_folder_and_fail_when_named(library):
    library.write("劳动法.md", LAW)
    picture = library.write("图.dwg", b"\x89PNG")
    report = library.ingest()
    assert outcomes(report)["图.dwg"] == "skipped"
    assert report.exit_code == 0
    report = library.ingest(picture)
    assert outcomes(report) == {"图.dwg": "failed"}
    assert ".dwg" in report.sources[0].problems[0].reason


def test_a_photograph_is_no_failure_and_not_read_again(library):
    """OCR takes its time and finds nothing; a folder may hold hundreds."""
    Image.new("RGB", (400, 300), "teal").save(library.folder / "照片.jpg")
    library.write("劳动法.md", LAW)
    report = library.ingest()
    assert report.exit_code == 0
    photo = next(source for source in report.sources if source.source.endswith("照片.jpg"))
    assert (photo.outcome, photo.chunks, photo.reading.verdict) == ("indexed", 0, "ocr")
    assert "no text" in photo.reading.reason
    assert outcomes(library.ingest())["照片.jpg"] == "unchanged"
    assert differences(library.store, library.catalog) == []


def test_hidden_files_and_lock_files_are_left_out(library):
    library.write(".git/config.txt", POEM)
    library.write("~$静夜思.docx", POEM)
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


def failing(embedder, refused):
    """Make the embedder's API refuse texts."""

    def embed_passages(texts):
        if any(map(refused, texts)):
            raise ApiError("the API answered 400 Bad Request")
        return FakeEmbedder.embed_passages(embedder, texts)

    embedder.embed_passages = embed_passages


def test_a_model_that_gives_up_stops_the_run_and_every_source_is_accounted_for(library):
    library.write("旧.txt", POEM)
    library.ingest()
    for i in range(5):
        library.write(f"{i}.txt", f"{i}{POEM}")
    failing(library.embedder, lambda text: True)
    report = library.ingest()
    assert outcomes(report) == {"旧.txt": "unchanged"} | {f"{i}.txt": "failed" for i in range(5)}
    assert report.stopped_by == "the API answered 400 Bad Request"
    assert report.exit_code == 3
    del library.embedder.embed_passages
    assert library.ingest().counts == {"unchanged": 1, "indexed": 5}


def test_a_text_that_the_model_refuses_fails_its_source_alone(library):
    for i in range(5):
        library.write(f"{i}.txt", f"{i}{POEM}")
    failing(library.embedder, lambda text: "3床" in text)
    report = library.ingest()
    assert report.counts == {"indexed": 4, "failed": 1}
    assert report.stopped_by is None
    assert "400 Bad Request" in report.incomplete[0].problems[0].reason


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


def test_the_time_left_is_told_once_the_pace_is_known_and_counts_a_file_half_done(library):
    library.write("长.txt", POEM * 4000)
    seen = []
    library.ingest(on_progress=seen.append)
    half_done = [progress for progress in seen if 0 < progress.bytes_done < progress.bytes_total]
    assert half_done and all(progress.eta_seconds > 0 for progress in half_done)
    assert [progress.bytes_done for progress in seen] == sorted(progress.bytes_done for progress in seen)
    # The start of the model is no pace.
    assert replace(half_done[0], bytes_done=half_done[0].bytes_total // 100).eta_seconds is None


def test_a_dry_run_tells_what_would_be_done_and_does_nothing(library):
    library.write("劳动法.md", LAW)
    gone = library.write("旧.txt", POEM)
    library.ingest()
    gone.unlink()
    library.write("新.txt", POEM + "新")
    library.write("空.txt", "")
    records = {record.source: record for record in library.catalog.all()}
    report = plan_ingest(survey([library.folder], records.values()), records, mirror=True)
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
