"""Talks to an embedding API: address, key, batches of one request, patience."""

from __future__ import annotations

import ipaddress
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray

from indexer.embedding.api_answer import parse_vectors
from indexer.errors import ApiError
from indexer.settings import Settings

_TRIES = 4
_PASSING = frozenset({408, 425, 429}) | frozenset(range(500, 600))  # statuses that may pass
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait between tries."""

    first_seconds: float = 0.5  # doubled each time
    longest_seconds: float = 30.0  # also for what a server asks by Retry-After


def api_url(settings: Settings) -> str:
    """The address to post to. An OpenAI-compatible base gets its `/embeddings`.

    Raises:
        ApiError: no address is set, it is none, or the key would travel in the clear.
    """
    if not settings.api_url:
        raise ApiError("model 'api' needs an address; set XUNZHANG_API_URL, and XUNZHANG_API_KEY if need be")
    try:
        url = httpx.URL(settings.api_url)
    except httpx.InvalidURL as error:
        raise ApiError("XUNZHANG_API_URL is no address; expected http://… or https://…") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise ApiError(
            f"XUNZHANG_API_URL = {settings.api_url[:60]!r} is no address; expected http://… or https://…"
        )
    if settings.api_key and url.scheme == "http" and not _is_loopback(url):
        raise ApiError(
            f"the API's key would go to {url.host} unencrypted; use https://, or unset XUNZHANG_API_KEY "
            "if the server wants none"
        )
    path = url.path.rstrip("/")
    if settings.api_style == "openai" and not path.endswith("/embeddings"):
        url = url.copy_with(path=f"{path}/embeddings")
    return str(url)


def shown_url(url: str) -> str:
    """An address for people: without user name, password and query, which may hold a key."""
    parsed = httpx.URL(url)
    port = f":{parsed.port}" if parsed.port else ""
    return f"{parsed.scheme}://{parsed.host}{port}{parsed.path.rstrip('/')}"


class ApiClient:
    """Posts texts, and tries again where that can help."""

    def __init__(self, settings: Settings, patience: Patience) -> None:
        """Connects to nothing yet.

        Raises:
            ApiError: see `api_url`; or the key can't be a header.
        """
        self._url = httpx.URL(api_url(settings))
        self.shown_url = shown_url(str(self._url))
        self._style = settings.api_style
        self._model = settings.api_model
        self._key = _checked_key(settings.api_key)
        self._patience = patience
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {self._key}"} if self._key else None,
            timeout=settings.api_timeout_seconds,
            follow_redirects=False,  # a redirect would take the texts to an address nobody set
            trust_env=not _is_loopback(self._url),  # no proxy between this machine and itself
        )

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Embed texts in one request.

        Returns:
            float32 (len(texts), dim), as the API sent them.

        Raises:
            ApiError: the API can't be reached, refuses, or answers nonsense.
        """
        failure = ""
        for attempt in range(_TRIES):
            asked_seconds = None
            try:
                response = self._http.post(self._url, json=self._body(texts))
            except httpx.RequestError as error:
                failure = f"{type(error).__name__} {error}".strip()
            else:
                if response.is_success:
                    return self._vectors(response.text, len(texts))
                shown = self._redacted(response.text)[:_SHOWN_CHARACTERS]
                failure = f"status {response.status_code}: {shown}"
                if response.status_code not in _PASSING:
                    raise ApiError(f"the API at {self.shown_url} refused with {failure}{_hint(response)}")
                asked_seconds = _retry_after_seconds(response)
            if attempt < _TRIES - 1:
                time.sleep(self._wait_seconds(attempt, asked_seconds))
        raise ApiError(
            f"the API at {self.shown_url} failed {_TRIES} times, last with {failure}; is it running, and is "
            "XUNZHANG_API_URL right? A higher XUNZHANG_API_TIMEOUT_SECONDS or a lower XUNZHANG_BATCH_SIZE "
            "may help"
        )

    def _body(self, texts: list[str]) -> dict[str, Any]:
        if self._style == "inputs":
            return {"inputs": texts}
        model = {"model": self._model} if self._model else {}  # a server of one model does without
        return {**model, "input": texts, "encoding_format": "float"}

    def _vectors(self, body: str, count: int) -> NDArray[np.float32]:
        with suppress(ApiError):
            return parse_vectors(body, count)
        return parse_vectors(self._redacted(body), count)  # fails again, with a message that can be shown

    def _redacted(self, text: str) -> str:
        """A server may echo what it was sent."""
        return text.replace(self._key, "***") if self._key else text

    def _wait_seconds(self, attempt: int, asked_seconds: float | None) -> float:
        """Exponential back-off with jitter, so that clients do not come back all at once."""
        longest = self._patience.longest_seconds
        if asked_seconds is not None:
            return min(asked_seconds, longest)
        return min(self._patience.first_seconds * float(2**attempt), longest) * random.uniform(0.5, 1.0)


def _checked_key(key: str | None) -> str | None:
    """A key with a line break or another odd character would be shown in the HTTP library's error."""
    if key and not all("!" <= character <= "~" for character in key):
        raise ApiError("XUNZHANG_API_KEY holds a space, a line break or a non-ASCII character; copy it again")
    return key or None


def _is_loopback(url: httpx.URL) -> bool:
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return url.host == "localhost"


def _retry_after_seconds(response: httpx.Response) -> float | None:
    """The Retry-After header, which is seconds or a date (RFC 9110, section 10.2.3)."""
    value = response.headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _hint(response: httpx.Response) -> str:
    if response.has_redirect_location:
        target = shown_url(str(response.request.url.join(response.headers["Location"])))
        return f"; it points to {target}: set XUNZHANG_API_URL to that"
    hints = {
        401: "; is XUNZHANG_API_KEY right?",
        403: "; is XUNZHANG_API_KEY right?",
        404: "; is XUNZHANG_API_URL right, and XUNZHANG_API_STYLE (inputs or openai)?",
        405: "; is XUNZHANG_API_URL right, and XUNZHANG_API_STYLE (inputs or openai)?",
        413: "; set XUNZHANG_BATCH_SIZE lower",
    }
    return hints.get(response.status_code, "")
