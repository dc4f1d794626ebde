"""A real web server on loopback, for tests: it answers, refuses, hangs, trickles and redirects as told.

    with WebServer() as server:
        server.answers.append(500)
        ...
        server.requests[0].body

Without an answer in line it says 204. HANG never answers, DROP closes without a word, TRICKLE sends a header letter by letter.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

HANG, DROP, TRICKLE = "hang", "drop", "trickle"
SECRET_ANSWER = "this answer is nobody's business"


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)


@dataclass
class WebServer:
    """answers: numbers, (number, address) for a redirect, or one of the words above. always: in place of 204."""

    answers: deque[Any] = field(default_factory=deque)
    always: Any = 204
    requests: list[Request] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    ending: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                _answer(owner, self)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self._server.block_on_close = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def url(self) -> str:
        """With a part that is as secret as a token."""
        return f"http://127.0.0.1:{self.port}/hooks/T0P-S3CRET"


def _answer(owner: WebServer, handler: BaseHTTPRequestHandler) -> None:
    body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
    headers = {name.lower(): value for name, value in handler.headers.items()}
    owner.requests.append(Request(handler.path, headers, body))
    owner.arrived.set()
    answer = owner.answers.popleft() if owner.answers else owner.always
    handler.close_connection = True
    if answer == DROP:
        return
    if answer == HANG:
        owner.ending.wait(60)
        return
    if answer == TRICKLE:
        _trickle(owner, handler)
        return
    status, where = answer if isinstance(answer, tuple) else (answer, None)
    handler.send_response(status)
    if where:
        handler.send_header("location", where)
    said = b"" if status == 204 else SECRET_ANSWER.encode()
    handler.send_header("content-length", str(len(said)))
    handler.end_headers()
    handler.wfile.write(said)


def _trickle(owner: WebServer, handler: BaseHTTPRequestHandler) -> None:
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
        while not owner.ending.wait(0.05):
            handler.wfile.write(b"a")
    except OSError:
        return
