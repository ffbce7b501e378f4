"""What a reader may narrow a search by, and whether the model is there to ask."""

import os
import threading
import time
from datetime import UTC, date, datetime

import pytest

from app.searcher import Searcher, filters
from indexer.catalog import Catalog
from indexer.errors import EmbeddingError
from indexer.pipeline import ingest
from indexer.sources import survey
from indexer.store import IndexSpec, ReplaceSource, source_id
from indexer.store.edge import EdgeStore
from tests.fake_embedder import FakeEmbedder

SPEC = IndexSpec("fake", "fake-256", 256, 64, 350, 50)
LONG_SECONDS = 20.0

# name → when it was changed, in UTC
DOCUMENTS = {
    "法规/劳动法.md": "2024-01-10T12:00:00",
    "法规/民法.pdf.txt": "2024-01-11T00:30:00",
    "法规/旧/婚姻法.md": "2024-01-11T23:30:00",
    "诗/静夜思.txt": "2024-01-12T12:00:00",
}


class Library:
    def __init__(self, place):
        self.folder, self.index = place / "资料", place / "index"
        self.store = EdgeStore(self.index, SPEC)
        self.searcher = Searcher(self.store, FakeEmbedder)

    def write(self, name, moment="2024-01-10T12:00:00", text=None):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text or f"{name}里的一句话。", encoding="utf-8")
        seconds = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
        os.utime(file, (seconds, seconds))

    def ingest(self):
        catalog = Catalog(self.index, self.store.spec.index_id)
        found = survey([self.folder], catalog.all())
        ingest(found, self.store, catalog, FakeEmbedder, collection="c")
        catalog.close()


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path)
    yield made
    made.searcher.close()


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    made = Library(tmp_path_factory.mktemp("facets"))
    for name, moment in DOCUMENTS.items():
        made.write(name, moment)
    made.ingest()
    yield made.searcher
    made.searcher.close()


@pytest.fixture
def in_zone(monkeypatch):
    """Be somewhere else: `in_zone("CST-8")`."""

    def moved(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield moved
    monkeypatch.undo()
    time.tzset()


def names(result):
    return {hit.payload["name"] for hit in result.hits}


def test_each_value_is_counted_with_a_folder_s_whole_content(searcher):
    facets = searcher.facets()
    assert facets["folders"] == {"资料": 4, "资料/法规": 3, "资料/法规/旧": 1, "资料/诗": 1}
    assert facets["type"] == {"md": 2, "txt": 2}
    assert facets["name"] == {"劳动法.md": 1, "民法.pdf.txt": 1, "婚姻法.md": 1, "静夜思.txt": 1}
    assert set(facets) == {"folders", "name", "type"}


def test_what_is_chosen_in_one_narrows_the_others_and_not_itself(searcher):
    facets = searcher.facets(filters({"type": "txt"}))
    assert facets["type"] == {"md": 2, "txt": 2}
    assert facets["name"] == {"民法.pdf.txt": 1, "静夜思.txt": 1}
    assert facets["folders"] == {"资料": 2, "资料/法规": 1, "资料/诗": 1}


def test_two_filters_narrow_each_other(searcher):
    facets = searcher.facets(filters({"type": "txt", "folder": ["资料/法规"]}))
    assert facets["type"] == {"md": 2, "txt": 1}  # in 法规
    assert facets["folders"] == {"资料": 2, "资料/法规": 1, "资料/诗": 1}  # of txt
    assert facets["name"] == {"民法.pdf.txt": 1}


def test_values_that_exclude_each_other_still_show_what_else_there_is(searcher):
    facets = searcher.facets(filters({"type": "md", "folder": "资料/诗"}))
    assert facets["name"] == {}
    assert facets["type"] == {"txt": 1}
    assert facets["folders"] == {"资料": 2, "资料/法规": 2, "资料/法规/旧": 1}
    assert searcher.facets(filters({"file": "没有.txt"}))["type"] == {}


def test_days_narrow_the_counts_too(searcher, in_zone):
    in_zone("UTC")
    facets = searcher.facets(searcher.dates(date(2024, 1, 12), None))
    assert facets["name"] == {"静夜思.txt": 1} and facets["type"] == {"txt": 1}
    assert searcher.facets(searcher.dates(date(2030, 1, 1), None))["name"] == {}


def test_going_back_to_fewer_filters_counts_as_before(searcher):
    before = searcher.facets()
    assert searcher.facets(filters({"type": "md"})) != before
    assert searcher.facets() == before


def test_the_same_counts_are_not_made_twice(searcher, monkeypatch):
    first = searcher.facets(filters({"type": "md"}))
    monkeypatch.setattr(searcher.store, "facet", lambda *_: pytest.fail("counted again"))
    assert searcher.facets(filters({"type": "md"})) == first


def test_counts_follow_what_is_added_and_removed(library):
    library.write("甲.txt")
    library.ingest()
    assert library.searcher.facets()["type"] == {"txt": 1}
    library.write("乙.md")
    library.ingest()
    assert library.searcher.facets()["type"] == {"txt": 1, "md": 1}
    gone = ReplaceSource(source_id("c", str(library.folder / "甲.txt")))
    library.store.wait([library.store.apply(gone)], 10)
    assert library.searcher.facets()["type"] == {"md": 1}


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, set(DOCUMENTS)),
        (date(2024, 1, 11), None, {"法规/民法.pdf.txt", "法规/旧/婚姻法.md", "诗/静夜思.txt"}),
        (None, date(2024, 1, 11), {"法规/劳动法.md", "法规/民法.pdf.txt", "法规/旧/婚姻法.md"}),
        (date(2024, 1, 11), date(2024, 1, 11), {"法规/民法.pdf.txt", "法规/旧/婚姻法.md"}),
        (date(2024, 1, 10), date(2024, 1, 12), set(DOCUMENTS)),
        (date(2024, 1, 13), None, set()),
        (None, date(2024, 1, 9), set()),
        (date(2024, 1, 12), date(2024, 1, 11), set()),
        (date.min, date.max, set(DOCUMENTS)),
    ],
)
@pytest.mark.parametrize("mode", ["hybrid", "lexical"])
def test_days_hold_at_both_ends(searcher, in_zone, mode, since, until, expected):
    in_zone("UTC")
    found = searcher.search("一句话", mode, where=searcher.dates(since, until))
    assert names(found) == {name.rsplit("/", 1)[-1] for name in expected}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", {"民法.pdf.txt", "婚姻法.md"}),
        ("CST-8", {"民法.pdf.txt"}),  # Shanghai, where 23:30 is the next morning
        ("EST5", {"婚姻法.md"}),  # New York, where 00:30 is the evening before
    ],
)
def test_a_day_is_one_of_where_this_machine_is(searcher, in_zone, zone, expected):
    in_zone(zone)
    day = date(2024, 1, 11)
    found = searcher.search("一句话", where=searcher.dates(day, day))
    assert names(found) == expected
    assert {hit.modified for hit in found.hits} == {day}


def test_no_days_are_no_condition(searcher):
    assert searcher.dates(None, None) == ()
    assert len(searcher.dates(None, date.max)) == 1


def test_days_of_an_empty_library_find_nothing(library):
    assert library.searcher.facets() == {"folders": {}, "name": {}, "type": {}}
    where = library.searcher.dates(date(2024, 1, 1), None)
    assert library.searcher.search("一句话", where=where).hits == ()


@pytest.mark.parametrize("typed", ["文件:乾", "文件:乾隆", "文件夹:徵"])
def test_a_typed_filter_takes_a_part_of_a_traditional_word(library, typed):
    library.write("角徵/乾隆年間.txt")
    library.write("别的.txt")
    library.ingest()
    assert names(library.searcher.search(f"一句话 {typed}")) == {"乾隆年間.txt"}


def test_whether_there_is_anything_to_find(library):
    assert library.searcher.has_chunks() is False
    library.write("甲.txt")
    library.ingest()
    assert library.searcher.has_chunks() is True
    gone = ReplaceSource(source_id("c", str(library.folder / "甲.txt")))
    library.store.wait([library.store.apply(gone)], 10)
    assert library.searcher.has_chunks() is False


# The model


class Loading:
    """Loads a model when told to; fails as often as it is told to."""

    def __init__(self, failures=0):
        self.failures = failures
        self.calls = 0
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self):
        self.calls += 1
        self.begun.set()
        assert self.go_on.wait(LONG_SECONDS)
        if self.calls <= self.failures:
            raise EmbeddingError(f"failure {self.calls}")
        return FakeEmbedder()


def until(condition):
    deadline = time.monotonic() + LONG_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_model_goes_from_not_loaded_over_loading_to_ready(library):
    loading = Loading()
    searcher = Searcher(library.store, loading)
    assert searcher.model_state == "not loaded"
    asking = threading.Thread(target=searcher.wait_for_model, daemon=True)
    asking.start()
    assert loading.begun.wait(LONG_SECONDS)
    assert searcher.model_state == "loading"
    loading.go_on.set()
    asking.join(LONG_SECONDS)
    assert searcher.model_state == "ready"
    searcher.wait_for_model()
    assert loading.calls == 1


def test_a_question_by_words_needs_no_model(library):
    library.write("甲.txt", text="试用期最长六个月。")
    library.ingest()
    searcher = Searcher(library.store, lambda: pytest.fail("loaded"))
    assert names(searcher.search("试用期", "lexical")) == {"甲.txt"}
    searcher.facets(searcher.dates(date.min, None))
    assert searcher.has_chunks()
    assert searcher.model_state == "not loaded"


def test_a_model_that_failed_is_tried_again_by_the_next_question(library):
    loading = Loading(failures=2)
    loading.go_on.set()
    searcher = Searcher(library.store, loading)
    for number in (1, 2):
        with pytest.raises(EmbeddingError, match=f"failure {number}"):
            searcher.search("试用期")
        assert searcher.model_state == "failed"
    loading.go_on.clear()
    loading.begun.clear()
    asking = threading.Thread(target=searcher.wait_for_model, daemon=True)
    asking.start()
    assert loading.begun.wait(LONG_SECONDS)
    assert searcher.model_state == "loading"  # no longer failed
    loading.go_on.set()
    asking.join(LONG_SECONDS)
    assert searcher.model_state == "ready"
    assert searcher.search("试用期").hits == ()
    assert loading.calls == 3


def test_warming_loads_in_the_background_and_the_question_waits_for_it(library):
    loading = Loading()
    searcher = Searcher(library.store, loading)
    searcher.warm()
    assert loading.begun.wait(LONG_SECONDS)
    assert searcher.model_state == "loading"
    searcher.warm()
    searcher.warm()
    loading.go_on.set()
    searcher.search("试用期")
    assert searcher.model_state == "ready"
    searcher.warm()
    assert loading.calls == 1


def test_a_failure_of_warming_is_kept_to_itself_and_told_by_the_question(library):
    loading = Loading(failures=2)
    loading.go_on.set()
    searcher = Searcher(library.store, loading)
    searcher.warm()
    until(lambda: searcher.model_state == "failed")
    searcher.warm()  # what failed is not tried over and over by every run of a page
    assert loading.calls == 1
    with pytest.raises(EmbeddingError, match="failure 2"):
        searcher.wait_for_model()
    searcher.wait_for_model()
    assert searcher.model_state == "ready"
