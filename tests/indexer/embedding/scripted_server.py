"""A real HTTP server in a thread that answers as it is told, then as a well-behaved API."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fake_embedder import FakeEmbedder


@dataclass
class Reply:
    """One scripted answer. `body` as bytes is sent as it is, anything else as JSON."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False  # answer nothing until the test is over


@dataclass
class ScriptedApi:
    """The server: its address, what it will answer next, and what it was asked."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)  # path, headers, body
    dim: int = 256

    def vectors(self, texts: list[str]) -> list[list[float]]:
        return [row.tolist() for row in FakeEmbedder(self.dim, (self.dim,)).embed_passages(texts)]

    def answer(self, path: str, body: dict[str, Any]) -> Any:
        if path.endswith("/embeddings"):
            rows = [
                {"object": "embedding", "index": i, "embedding": v}
                for i, v in enumerate(self.vectors(body["input"]))
            ]
            return {"object": "list", "data": rows[::-1]}  # the order is not promised
        return self.vectors(body["inputs"])


@contextmanager
def scripted_api() -> Iterator[ScriptedApi]:
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            api.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
            reply = api.replies.pop(0) if api.replies else Reply(body=api.answer(self.path, body))
            if reply.hang:
                over.wait()
                return
            content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(content)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api = ScriptedApi(url=f"http://127.0.0.1:{server.server_port}/embed")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield api
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
