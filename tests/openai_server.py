"""A server on loopback that speaks the OpenAI chat-completions protocol, for tests.

    with OpenAIServer() as server:
        server.reply(answer('{"summary": ...}'), refused(429, "slow down", {"Retry-After": "2"}))
        settings = load_settings(openai_base_url=server.url, openai_api_key="sk-test")
        ...
        server.requests[0].body["messages"]

Replies are given in order, one per request; when they run out the last word
is `always`, a function of the request's body, or else a 500 that says so.
Each request is a connection of its own, unless `keep_alive` is set;
`connections` counts them. Standard library only, not streaming.
"""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Reply:
    """One HTTP answer. wait: seconds before it is sent. drop: close without an answer."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0
    drop: bool = False
    drip: float = 0
    """Seconds between two bytes of the body; 0 sends it at once."""


@dataclass(frozen=True)
class Recorded:
    """A request as it arrived: header names in lower case, body as decoded JSON."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


def answer(content: str | None, *, finish: str = "stop", refusal: str | None = None, wait: float = 0) -> Reply:
    """The model's message, in the envelope of /chat/completions."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    envelope = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
    return Reply(json.dumps(envelope).encode(), wait=wait)


def answer_json(value: Any, **more: Any) -> Reply:
    """The model's message when it is JSON, as it should be."""
    return answer(json.dumps(value), **more)


def refused(status: int, message: str, headers: Mapping[str, str] | None = None, code: str | None = None) -> Reply:
    """An error in OpenAI's form."""
    error = {"message": message, "type": "error", "param": None, "code": code}
    return Reply(json.dumps({"error": error}).encode(), status, headers or {})


class OpenAIServer:
    """Listens on 127.0.0.1 at a free port from __enter__ to __exit__."""

    def __init__(self, always: Callable[[dict[str, Any]], Reply] | None = None, *, keep_alive: bool = False) -> None:
        self.requests: list[Recorded] = []
        self.keep_alive = keep_alive
        self._open: list[socket.socket] = []
        self._always = always
        self._replies: deque[Reply] = deque()
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.desk = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def connections(self) -> int:
        return len(self._open)

    def opened(self, connection: socket.socket) -> None:
        self._open.append(connection)

    def reply(self, *replies: Reply) -> Self:
        self._replies.extend(replies)
        return self

    def forget(self) -> None:
        """Drop the replies that nobody has asked for."""
        self._replies.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        for connection in self._open:
            with suppress(OSError):  # most are closed already
                connection.shutdown(socket.SHUT_RDWR)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def next_reply(self, request: Recorded) -> Reply:
        self.requests.append(request)
        if self._replies:
            return self._replies.popleft()
        if self._always is not None:
            return self._always(request.body)
        return refused(500, "the test scripted no further reply")


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    desk: OpenAIServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    disable_nagle_algorithm = True  # else every answer over a kept connection is 40 ms late

    def setup(self) -> None:
        super().setup()
        self.server.desk.opened(self.connection)
        if self.server.desk.keep_alive:
            self.protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(sent or b"{}")
        self._send(
            self.server.desk.next_reply(
                Recorded(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            )
        )

    def _send(self, reply: Reply) -> None:
        self.close_connection = not self.server.desk.keep_alive
        if self.server.desk.closing.wait(reply.wait) or reply.drop:
            self.close_connection = True
            return
        try:
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self._write(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client gave up first, as in the tests of timeouts

    def _write(self, reply: Reply) -> None:
        if not reply.drip:
            self.wfile.write(reply.body)
            return
        for at in range(len(reply.body)):
            if self.server.desk.closing.wait(reply.drip):
                return
            self.wfile.write(reply.body[at : at + 1])

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the requests are recorded instead."""
