from __future__ import annotations

import logging
import traceback

import numpy as np
import pytest

from indexer.embedding import load, resolve
from indexer.embedding.api import ApiEmbedder, estimate_tokens, probe_dim
from indexer.embedding.api_answer import parse_vectors
from indexer.embedding.api_client import Patience, api_url
from indexer.embedding.resolve import ResolvedModel
from indexer.errors import ApiError, SettingsError
from indexer.settings import Settings
from tests.fake_embedder import FakeEmbedder
from tests.indexer.embedding.scripted_server import Reply

KEY = "sk-secret-0123456789"
QUICK = Patience(first_seconds=0.001, longest_seconds=0.01)
TEXTS = ["甲乙", "丙丁", "戊己", "庚辛", "壬癸"]


def embedder(api, **settings) -> ApiEmbedder:
    resolved = ResolvedModel("api", "api", None, "", "", api.dim, (), 512, "f", "as asked")
    return ApiEmbedder(resolved, Settings(model="api", api_url=api.url, **settings), QUICK)


def failure_of(api, **settings) -> str:
    with pytest.raises(ApiError) as caught:
        embedder(api, **settings).embed_passages(TEXTS)
    return str(caught.value)


def test_the_inputs_form_sends_batches_and_keeps_their_order(api):
    vectors = embedder(api, batch_size=2).embed_passages(TEXTS)
    assert [request["body"] for request in api.requests] == [
        {"inputs": TEXTS[:2]},
        {"inputs": TEXTS[2:4]},
        {"inputs": TEXTS[4:]},
    ]
    np.testing.assert_allclose(vectors, FakeEmbedder().embed_passages(TEXTS), atol=1e-6)


def test_the_openai_form_asks_as_documented_and_sorts_by_index(api):
    vectors = embedder(api, api_style="openai", api_model="some-model").embed_passages(TEXTS)
    assert api.requests[0]["path"] == "/embed/embeddings"
    assert api.requests[0]["body"] == {"model": "some-model", "input": TEXTS, "encoding_format": "float"}
    np.testing.assert_allclose(vectors, FakeEmbedder().embed_passages(TEXTS), atol=1e-6)


@pytest.mark.parametrize(
    ("given", "posted"),
    [
        ("https://host/v1", "https://host/v1/embeddings"),
        ("https://host/v1/", "https://host/v1/embeddings"),
        ("https://host/v1/embeddings", "https://host/v1/embeddings"),
        ("https://host/v1?version=2", "https://host/v1/embeddings?version=2"),
    ],
)
def test_an_openai_address_may_be_given_with_or_without_its_end(given, posted):
    assert api_url(Settings(api_url=given, api_style="openai")) == posted


@pytest.mark.parametrize(
    "body",
    [
        "[[1, 2], [3, 4]]",
        '{"embeddings": [[1, 2], [3, 4]]}',
        '{"outputs": [[1, 2], [3, 4]]}',
        '{"data": {"embeddings": [[1, 2], [3, 4]]}}',
        '{"data": [{"index": 1, "embedding": [3, 4]}, {"index": 0, "embedding": [1, 2]}]}',
        '[{"embedding": [1, 2]}, {"embedding": [3, 4]}]',
    ],
)
def test_the_usual_forms_of_an_answer_are_understood(body):
    assert parse_vectors(body, 2).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>Bad gateway", "not JSON: <html>Bad"),
        ({"error": "busy"}, 'no list of vectors: {"error": "busy"}'),
        ([[1.0, 2.0]], "sent 1 vectors for 5 texts"),
        ([[1.0, 2.0]] * 4 + [[1.0]], r"different or no length: \[1, 2\]"),
        ([[]] * 5, "different or no length"),
        (b"[" + b"[NaN, 1]," * 4 + b"[1, 2]]", "NaN, infinity or only zeros as vector 0"),
        (b"[" + b"[1, 2]," * 4 + b"[1e999, 2]]", "NaN, infinity or only zeros as vector 4"),
        (b"[" + b"[null, 1]," * 4 + b"[1, 2]]", r"no vector: \[null, 1\]"),
        ([["a"]] * 5, "no vector"),
        ({"data": [{"index": 0, "embedding": [1.0]}] * 5}, "numbered its 5 vectors"),
        ([[1.0, 2.0]] * 5, "length 2, and sent 256 before"),
        ([[0.0] * 256] * 5, "NaN, infinity or only zeros as vector 0"),
    ],
)
def test_a_nonsense_answer_is_refused_and_said(api, body, message):
    api.replies = [Reply(body=body)]
    with pytest.raises(ApiError, match=message):
        embedder(api).embed_passages(TEXTS)
    assert len(api.requests) == 1  # asking again would give the same


def test_a_passing_failure_is_tried_again(api):
    api.replies = [Reply(500), Reply(503), Reply(429, headers={"Retry-After": "0"})]
    assert embedder(api).embed_passages(TEXTS).shape == (5, 256)
    assert len(api.requests) == 4


def test_a_timeout_is_tried_again(api):
    api.replies = [Reply(hang=True)]
    assert embedder(api, api_timeout_seconds=0.2).embed_passages(TEXTS).shape == (5, 256)
    assert len(api.requests) == 2


def test_a_failure_that_does_not_pass_ends_after_four_tries(api):
    api.replies = [Reply(500, b"out of memory")] * 9
    assert "failed 4 times, last with status 500: out of memory" in failure_of(api)
    assert len(api.requests) == 4


def test_a_long_retry_after_is_not_obeyed_to_the_end(api):
    api.replies = [Reply(429, headers={"Retry-After": "86400"})]
    assert embedder(api).embed_passages(TEXTS).shape == (5, 256)


def test_a_refusal_ends_at_once_with_status_and_body(api):
    api.replies = [Reply(400, b"input too long " * 100)]
    message = failure_of(api)
    assert "status 400: input too long" in message
    assert len(message) < 400
    assert len(api.requests) == 1


def test_a_wrong_key_and_a_redirect_say_what_to_set(api):
    api.replies = [Reply(401, b"no"), Reply(307, headers={"Location": "/v2/embed?token=abc"})]
    assert "is XUNZHANG_API_KEY right?" in failure_of(api, api_key=KEY)
    message = failure_of(api)
    assert "/v2/embed: set XUNZHANG_API_URL to that" in message
    assert "abc" not in message


def test_nobody_listening_is_an_error_with_the_address():
    settings = Settings(model="api", api_url="http://127.0.0.1:9/embed")
    with pytest.raises(ApiError, match=r"http://127\.0\.0\.1:9/embed failed 4 times, last with ConnectError"):
        probe_dim(settings, QUICK)


def test_the_key_is_sent_and_appears_nowhere_else(api, caplog):
    caplog.set_level(logging.DEBUG)
    echo = f"you sent Bearer {KEY}".encode()
    refused, failing, no_json = [Reply(400, echo)], [Reply(500, echo)] * 4, [Reply(body=echo)]
    no_vectors = [Reply(body={"you sent": f"Bearer {KEY}"})]
    shown = []
    for script in (refused, failing, no_json, no_vectors):
        api.replies = script
        client = embedder(api, api_key=KEY)
        shown += [repr(client), repr(vars(client)), repr(client._client)]
        with pytest.raises(ApiError) as caught:
            client.embed_passages(TEXTS)
        shown += traceback.format_exception(caught.value)
        error: BaseException | None = caught.value
        while error is not None:
            shown += [str(error), repr(error), repr(vars(error))]
            error = error.__cause__ or error.__context__
    assert api.requests[0]["headers"]["Authorization"] == f"Bearer {KEY}"
    assert KEY not in "\n".join(shown)
    assert KEY not in caplog.text


def test_the_key_does_not_travel_in_the_clear():
    with pytest.raises(ApiError, match=r"to example\.org unencrypted"):
        api_url(Settings(api_url="http://example.org/embed", api_key=KEY))
    assert api_url(Settings(api_url="http://localhost:8000/embed", api_key=KEY))
    assert api_url(Settings(api_url="http://example.org/embed"))


def test_a_key_that_can_t_be_a_header_is_refused_unseen(api):
    with pytest.raises(ApiError, match="copy it again") as caught:
        embedder(api, api_key=f"{KEY}\n")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("url", [None, "", "host:8000/embed", "ftp://host/embed", "http://"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ApiError, match="XUNZHANG_API_URL"):
        api_url(Settings(api_url=url))


def test_an_unknown_style_is_refused_by_the_settings():
    with pytest.raises(SettingsError, match="api_style"):
        Settings(api_style="grpc")


def test_the_length_is_found_out_and_only_piccolo2_s_gets_its_dimensions(api):
    settings = Settings(model="api", api_url=api.url, api_max_tokens=400)
    found = resolve(settings)
    assert (found.full_dim, found.matryoshka_dims, found.max_tokens) == (256, (), 400)
    api.dim = 1792
    assert resolve(settings).matryoshka_dims[0] == 256
    assert resolve(Settings(model="api", api_url=api.url, api_style="openai")).matryoshka_dims == ()


def test_a_model_known_by_name_behind_an_api_gets_its_prompts(api):
    api.dim = 1024
    settings = Settings(model="api", api_url=api.url, api_style="openai", api_model="Piccolo-large-zh")
    model = load(resolve(settings), settings)
    model.embed_queries(["多久"])
    model.embed_passages(["六个月"])
    assert [request["body"]["input"] for request in api.requests[1:]] == [["查询: 多久"], ["结果: 六个月"]]


def test_an_api_s_fingerprint_knows_model_and_length_but_not_the_key(api):
    settings = {"model": "api", "api_url": api.url, "api_style": "openai"}
    one = resolve(Settings(**settings, api_model="a")).fingerprint
    assert resolve(Settings(**settings, api_model="a", api_key=KEY)).fingerprint == one
    assert resolve(Settings(**settings, api_model="b")).fingerprint != one
    api.dim = 128
    assert resolve(Settings(**settings, api_model="a")).fingerprint != one


def test_what_is_shown_of_an_address_holds_no_password_and_no_query(api):
    url = api.url.replace("http://", "http://user:pass@") + "?token=abc"
    found = resolve(Settings(model="api", api_url=url))
    assert found.why == f"the API at {api.url}"
    assert load(found, Settings(model="api", api_url=url)).device == api.url


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 2), ("你好", 4), ("abc", 3), ("abcd", 4), ("the quick fox", 6), ("2024", 6), ("a\n\nb  c", 7)],
)
def test_tokens_are_estimated_as_described(text, tokens):
    assert estimate_tokens(text) == tokens


@pytest.mark.model
def test_the_estimate_is_not_below_what_a_real_tokenizer_counts(compact):
    texts = [
        "试用期不得超过二个月，劳动者可以解除合同。",
        "TiDB compatible with MySQL 8.0。",
        "鲲鹏 2024-05-16",
    ]
    for text, real in zip(texts, compact.count_tokens(texts), strict=True):
        assert estimate_tokens(f"passage: {text}") >= real
