"""A search as an address: what is written, what comes back, and what a mistyped address means."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ranking import MODES
from app.rerank import RERANKS
from app.searcher import FILTERS
from app.views.link import (
    FIRST_DAY,
    LAST_DAY,
    MOST_RESULTS,
    PARAMETERS,
    Request,
    from_parameters,
    to_parameters,
)

USUAL = Request()

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
values = st.lists(texts.filter(bool), min_size=1, max_size=3).map(tuple)
requests = st.builds(
    Request,
    question=texts.map(str.strip),
    mode=st.sampled_from(MODES),
    rerank=st.sampled_from(RERANKS),
    top=st.integers(1, MOST_RESULTS),
    per_document=st.integers(0, MOST_RESULTS),
    chosen=st.dictionaries(st.sampled_from(list(FILTERS)), values),
    since=st.none() | st.dates(FIRST_DAY, LAST_DAY),
    until=st.none() | st.dates(FIRST_DAY, LAST_DAY),
)
usual_requests = st.builds(
    Request,
    mode=st.sampled_from(MODES),
    top=st.integers(1, MOST_RESULTS),
    per_document=st.integers(0, MOST_RESULTS),
)
addresses = st.dictionaries(st.sampled_from([*PARAMETERS, "lang", "in", "x"]), st.lists(texts, max_size=3))


@given(requests, usual_requests)
def test_an_address_asks_for_what_it_was_made_of(request, usual):
    assert from_parameters(to_parameters(request, usual), usual) == request


@given(addresses, usual_requests)
def test_whatever_an_address_says_it_asks_for_something_that_can_be_asked(address, usual):
    request = from_parameters(address, usual)
    assert request.mode in MODES and request.rerank in RERANKS
    assert 1 <= request.top <= MOST_RESULTS and 0 <= request.per_document <= MOST_RESULTS
    assert set(request.chosen) <= set(FILTERS)
    assert all(value for values in request.chosen.values() for value in values)
    # And it has an address of its own, which means the same.
    assert from_parameters(to_parameters(request, usual), usual) == request


def test_a_plain_question_has_a_short_address():
    assert to_parameters(Request(question="试用期"), USUAL) == {"q": ["试用期"]}
    assert to_parameters(USUAL, USUAL) == {}
    assert to_parameters(replace(USUAL, chosen={"type": ()}), USUAL) == {}


def test_only_what_differs_from_this_machine_s_usual_is_written():
    usual = Request(mode="dense", top=20, per_document=0)
    assert to_parameters(replace(usual, question="茶"), usual) == {"q": ["茶"]}
    assert to_parameters(Request(question="茶"), usual) == {
        "q": ["茶"],
        "mode": ["hybrid"],
        "n": ["10"],
        "per": ["3"],
    }
    assert from_parameters({"q": ["茶"]}, usual) == replace(usual, question="茶")


def test_every_parameter_has_its_place():
    request = Request(
        "茶",
        "lexical",
        "late",
        5,
        0,
        {"folder": ("法规", "合同"), "file": ("甲.txt",), "type": ("pdf", "md")},
        date(2024, 2, 29),
        date(2025, 1, 1),
    )
    assert to_parameters(request, USUAL) == {
        "q": ["茶"],
        "mode": ["lexical"],
        "rerank": ["late"],
        "n": ["5"],
        "per": ["0"],
        "folder": ["法规", "合同"],
        "file": ["甲.txt"],
        "type": ["pdf", "md"],
        "since": ["2024-02-29"],
        "until": ["2025-01-01"],
    }
    assert tuple(to_parameters(request, USUAL)) == PARAMETERS


@pytest.mark.parametrize(
    ("name", "text", "top"),
    [
        ("n", "99999999999999999999999999999999999999999", MOST_RESULTS),
        ("n", "9" * 5000, MOST_RESULTS),  # more digits than Python converts
        ("n", "101", MOST_RESULTS),
        ("n", "0", 1),
        ("n", "1", 1),
        ("n", "007", 7),
        ("n", "-5", 10),
        ("n", "+5", 10),
        ("n", "5.0", 10),
        ("n", "1e3", 10),
        ("n", "1_0", 10),
        ("n", " 5", 10),
        ("n", "", 10),
        ("n", "many", 10),
        ("n", "十", 10),
        ("n", "５", 10),  # full-width
        ("n", "٥", 10),  # Arabic
        ("n", "²", 10),
        ("n", "\x00", 10),
    ],
)
def test_a_number_that_makes_no_sense_is_the_usual_and_one_out_of_range_the_nearest(name, text, top):
    assert from_parameters({name: [text]}, USUAL) == replace(USUAL, top=top)


def test_any_number_of_hits_of_a_document_is_zero():
    assert from_parameters({"per": ["0"]}, USUAL).per_document == 0
    assert from_parameters({"per": ["10000"]}, USUAL).per_document == MOST_RESULTS
    assert from_parameters({"per": ["-1"]}, USUAL).per_document == USUAL.per_document


@pytest.mark.parametrize(
    "text",
    [
        *("2024-02-30", "2023-02-29", "2024-13-01", "0000-01-01", "10000-01-01", "2024-1-1"),
        *("", "yesterday", "昨天", "2024-01-01T00:00:00", "２０２４-０１-０１", "1704067200", "2024/01/01"),
    ],
)
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_day_that_is_none_narrows_nothing(name, text):
    request = from_parameters({name: [text]}, USUAL)
    assert request == USUAL and not request.filtered


@pytest.mark.parametrize("name", ["mode", "rerank"])
@pytest.mark.parametrize("text", ["", "none at all", "HYBRID", "dense ", "Ｄｅｎｓｅ", "混合"])
def test_a_way_that_is_not_known_is_the_usual(name, text):
    usual = Request(mode="dense", rerank="late")
    assert from_parameters({name: [text]}, usual) == usual


def test_empty_values_of_a_filter_are_none():
    assert from_parameters({"type": ["", "pdf", ""], "file": [""], "folder": []}, USUAL).chosen == {
        "type": ("pdf",)
    }
    assert not from_parameters({"type": [""]}, USUAL).filtered


def test_of_what_can_be_said_once_the_last_holds():
    given_twice = {
        "q": ["茶", "咖啡"],
        "mode": ["dense", "lexical"],
        "n": ["5", "7"],
        "since": ["x", "2024-01-01"],
    }
    request = from_parameters(given_twice, USUAL)
    assert (request.question, request.mode, request.top) == ("咖啡", "lexical", 7)
    assert request.since == date(2024, 1, 1)
    assert from_parameters({"q": [], "n": []}, USUAL) == USUAL


def test_a_parameter_of_another_page_is_left_alone():
    assert from_parameters({"lang": ["en"], "in": ["合同"], "Q": ["茶"]}, USUAL) == USUAL


@pytest.mark.parametrize(
    ("request_", "filtered"),
    [
        (Request(question="茶", mode="dense", top=3), False),
        (Request(chosen={"type": (), "file": ()}), False),
        (Request(chosen={"type": (), "file": ("甲.txt",)}), True),
        (Request(since=date(2024, 1, 1)), True),
        (Request(until=date(2024, 1, 1)), True),
    ],
)
def test_a_request_knows_whether_it_is_narrowed(request_, filtered):
    assert request_.filtered is filtered


def test_days_that_the_form_does_not_take_become_those_it_does() -> None:
    asked = from_parameters({"since": ["0001-01-01"], "until": ["9999-12-31"]}, Request())
    assert (asked.since, asked.until) == (FIRST_DAY, LAST_DAY)
