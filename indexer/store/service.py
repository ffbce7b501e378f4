"""The owner of an index answers the questions of other processes on this machine.

Loopback only, with a token that is readable by the user alone. So a search from the shell works
while the UI is open, and the UI while an ingest runs, though only one process can hold the engine.
"""

from __future__ import annotations

import hmac
import http.client
import json
import os
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from indexer.errors import IndexBusyError

Answer = Callable[[str, dict[str, Any]], Any]  # method's name, its arguments → JSON value

_ADDRESS_FILE = "owner.json"
_TIMEOUT_SECONDS = 30.0
_MOST_BYTES = 16_000_000  # of a question: vectors and ids, never documents


class Service:
    """Answers until closed."""

    def __init__(self, folder: Path, answer: Answer) -> None:
        token = secrets.token_hex(16)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                if not hmac.compare_digest(self.headers.get("Authorization", ""), token):
                    self.close_connection = True  # its body stays unread
                    self._reply(403, {"error": "wrong token"})
                    return
                body = self.rfile.read(min(length, _MOST_BYTES))
                try:
                    self._reply(200, answer(self.path.lstrip("/"), json.loads(body)))
                except ConnectionError as error:
                    self._reply(503, {"error": str(error)})
                except Exception as error:  # the asker gets it; the owner goes on
                    self._reply(500, {"error": f"{type(error).__name__}: {error}"})

            def _reply(self, status: int, value: Any) -> None:
                data = json.dumps(value, ensure_ascii=False).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Questions are nobody's business."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._folder, self._token = folder, token
        unfinished = folder / f"{_ADDRESS_FILE}.{os.getpid()}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"port": self._server.server_address[1], "token": token, "pid": os.getpid()}, file)
        unfinished.replace(folder / _ADDRESS_FILE)
        threading.Thread(target=self._server.serve_forever, name="index-service", daemon=True).start()

    def close(self) -> None:
        if _read_address(self._folder).get("token") == self._token:  # not yet another owner's
            (self._folder / _ADDRESS_FILE).unlink(missing_ok=True)
        self._server.shutdown()
        self._server.server_close()


def ask(folder: Path, method: str, arguments: dict[str, Any]) -> Any:
    """Ask the process that owns the index.

    Raises:
        OSError: nobody answers there (any more).
        IndexBusyError: the owner answered with an error.
    """
    address = _read_address(folder)
    if not address:
        raise OSError(f"{folder} has no owner at the moment")
    connection = http.client.HTTPConnection("127.0.0.1", address["port"], timeout=_TIMEOUT_SECONDS)
    try:
        connection.request(
            "POST",
            f"/{method}",
            json.dumps(arguments, ensure_ascii=False).encode(),
            {"Authorization": address["token"]},
        )
        response = connection.getresponse()
        value = json.loads(response.read())
    except (http.client.HTTPException, json.JSONDecodeError) as error:
        raise OSError(f"the owner of {folder} broke off: {error}") from error
    finally:
        connection.close()
    if response.status in (403, 503):  # another process has the port now, or the owner is closing
        raise OSError(f"the owner of {folder} is changing")
    if response.status != 200:
        raise IndexBusyError(f"the process {address['pid']} that owns the index answered: {value['error']}")
    return value


def _read_address(folder: Path) -> dict[str, Any]:
    """Where the owner answers; empty where there is none."""
    try:
        return dict(json.loads((folder / _ADDRESS_FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}
