"""The API on a real port of loopback, over a desk on a real folder, with a worker: all in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from agents.api import make_api
from agents.desk import Desk, open_desk
from agents.domain import Role
from agents.people import tokens
from agents.runs.worker import Worker
from agents.settings import load_settings
from tests.desk_process import free_port
from tests.desks import desk_in

SCOPES = ("read", "start", "decide")


@dataclass
class Served:
    """A desk that answers over HTTP. `http`: a client with a token that may start, decide and read."""

    desk: Desk
    home: Path
    url: str
    token: str
    http: httpx.Client

    def start(self, graph_id: str, wait: float = 20, **given: Any) -> dict[str, Any]:
        """Start one of the asking graphs and wait until it asks."""
        body = {"graph_id": graph_id, "input": {"log": str(self.home / "log.txt"), **given}}
        answer = self.http.post("/agent/start", params={"wait": wait}, json=body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def resume(self, thread_id: str, *, wait: float | None = None, **body: Any) -> httpx.Response:
        return self.http.post(f"/agent/resume/{thread_id}", params={} if wait is None else {"wait": wait}, json=body)


def secret_of(desk: Desk, name: str = "program", scopes: Sequence[str] = SCOPES, role: Role | None = None) -> str:
    """A new token of the desk."""
    actor = "system:tests" if desk.settings.with_accounts else "admin"
    return tokens.create(desk, name, scopes, actor=actor, role=role)[1]


@contextmanager
def served(home: Path, *, threads: int = 4, graphs: Path | None = None, **settings: Any) -> Iterator[Served]:
    """Serve a desk on this home until the end. threads: of the worker; 0: nobody works. graphs: instead of the asking ones."""
    desk = open_desk(load_settings(home=home, graphs=graphs, **settings)) if graphs else desk_in(home, **settings)
    worker = Worker(desk, threads=threads, clock=False) if threads else None
    if worker is not None:
        worker.start()
    try:
        with listening(desk) as url:
            token = secret_of(desk)
            with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
                yield Served(desk, home, url, token, http)
    finally:
        if worker is not None:
            worker.stop()
        desk.close()


@contextmanager
def listening(desk: Desk) -> Iterator[str]:
    """The API of an open desk on a free port; its address."""
    app = make_api(lambda: desk)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, name="api")
    thread.start()
    try:
        late = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            assert time.monotonic() < late, "the server did not start in time"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        app.state.watch.close()
        server.should_exit = True
        thread.join(20)
