"""`signoff api`: the HTTP API in a process of its own, with a worker inside unless SIGNOFF_WORKER says otherwise."""

from __future__ import annotations

import argparse
import logging
import signal
from types import FrameType

import uvicorn
from fastapi import FastAPI

from agents import audit, logs, notifications
from agents.api import make_api
from agents.api.watching import Counted, watching_routes
from agents.commands.reading import opened_desk
from agents.desk import Desk
from agents.errors import InvalidInput, SettingsError
from agents.people.hosts import is_loopback
from agents.runs import Worker
from agents.settings import secret_texts

END_SECONDS = 10
"""How long requests that are at work may go on when the server is told to end."""


def api(args: argparse.Namespace) -> int:
    if not 1 <= args.port <= 65535:
        raise InvalidInput("--port: expected a number from 1 to 65535.")
    with opened_desk() as desk, logs.written(desk.settings.log, secret_texts(desk.settings)):
        _refuse_open(desk, args.host)
        app = make_api(lambda: desk)
        app.router.routes.extend(watching_routes(lambda: desk, worker=lambda: desk.settings.worker))
        app.add_middleware(Counted)
        address = f"http://{f'[{args.host}]' if ':' in args.host else args.host}:{args.port}"
        notifications.listens_on(desk, f"{address}/")
        audit.log_head(desk.engine)
        worker = Worker(desk) if desk.settings.worker else None
        if worker is not None:
            worker.start()
        desk.registry.load_in_background()
        server = _Server(app, args.host, args.port)
        with_worker = "with a worker" if worker is not None else "without a worker"
        print(f"The API listens on {address}/agent/ {with_worker}. Stop with Ctrl+C.", flush=True)
        try:
            server.run()
        except SystemExit:  # the port is taken, which it has said
            return 1
        finally:
            if worker is not None:
                worker.stop()
            audit.log_head(desk.engine)
    return 0


class _Server(uvicorn.Server):
    """Tells the application that it is to end: streams and waits would hold it up otherwise."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._app = app
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=END_SECONDS,
        )
        super().__init__(config)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)  # uvicorn raises it again once it has ended in good order

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._app.state.watch.close()
        super().handle_exit(sig, frame)


def _refuse_open(desk: Desk, host: str) -> None:
    settings = desk.settings
    if settings.with_accounts or settings.allow_local_mode_on_network or is_loopback(host):
        return
    raise SettingsError(
        f"--host {host} is no address of this machine alone, and this desk has no accounts. Turn them on with SIGNOFF_ACCOUNTS, "
        "or set SIGNOFF_ALLOW_LOCAL_MODE_ON_NETWORK."
    )
