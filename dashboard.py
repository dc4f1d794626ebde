"""The application that `streamlit run dashboard.py` starts.

It holds the server's side: the worker, the log, the health routes, the response headers. The
script that every session runs is pages/desk.py; no folder `pages/` lies
beside that one, so that no deep link gets round it.
"""

from __future__ import annotations

import gc
import importlib
import os
import re
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agents import audit, logs, notifications
from agents.api import make_api, reaches, stop_with_signals
from agents.api.watching import Counted, watching_routes
from agents.errors import SignoffError
from agents.runs.worker import Worker
from agents.settings import load_settings, secret_texts
from pages import starting
from pages.components.session import close_desk, the_desk
from pages.gate import Gate, base_path


def inline_scripts() -> str:
    """The hashes of the scripts inside Streamlit's own index.html, as sources of a policy."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    texts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts)


# blob: is how Streamlit loads the script of a component; a page cannot make a blob without running script first.
POLICY = (
    f"default-src 'self'; script-src 'self' blob: {inline_scripts()}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-ancestors 'none'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}


class SecurityHeaders:
    """Adds the headers to every HTTP answer; plain ASGI, so that nothing is buffered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                kept = [pair for pair in message.get("headers", []) if pair[0].lower().decode() not in HEADERS]
                message = {**message, "headers": kept + ours}
            await send(message)

        await self.app(scope, receive, with_headers)


TAKEN = ("_stcore", "media", "component", "static", "auth", "healthz")
NOWHERE = (
    '<!doctype html><html lang="en"><head><title>Signoff</title><meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"></head><body style="font-family: sans-serif; margin: 3rem">'
    '<h1>Nothing is here</h1><p>Signoff has no page with this address. <a href="{home}">Go to the inbox</a></p></body></html>'
)


class NoSuchPage:
    """Answers a link with several parts with a sentence; Streamlit's own page would stay blank there.

    Its scripts have relative addresses, so below a folder none of them is found.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and _leads_nowhere(Request(scope)):
            answer = HTMLResponse(NOWHERE.format(home=_home()), status_code=404)
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


class Api:
    """Hands what lies under /agent/ to the API, before anything of Streamlit's sees it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        base = _home().rstrip("/")
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not path.startswith(f"{base}/") or not reaches(path.removeprefix(base)):
            await self.app(scope, receive, send)
            return
        raw = scope.get("raw_path", path.encode()).removeprefix(base.encode())
        await api({**scope, "path": path.removeprefix(base), "raw_path": raw}, receive, send)


def _home() -> str:
    """The inbox's address; behind a proxy Streamlit may be told to live below a path."""
    return f"{base_path()}/"


def _address() -> str:
    """Where this server listens, as far as it knows; what people type may be another, which SIGNOFF_URL tells."""
    host = str(st.get_option("server.address") or "127.0.0.1")
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{st.get_option('server.port')}{_home()}"


def _leads_nowhere(request: Request) -> bool:
    path = f"{request.url.path.rstrip('/')}/".removeprefix(_home()).strip("/")
    first, slash, _rest = path.partition("/")
    return bool(slash) and first not in TAKEN and "text/html" in request.headers.get("accept", "")


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Open the desk, start the worker; on shutdown let running nodes finish."""
    try:
        settings = load_settings()
        logs.set_up(settings.log, secret_texts(settings))
        desk = await anyio.to_thread.run_sync(the_desk)
        starting.check(desk)
    except SignoffError as error:
        # Nothing is at work yet; an exception here would bury the sentence in three tracebacks.
        print(f"Signoff cannot start. {error}", file=sys.stderr, flush=True)
        os._exit(error.exit_code)
    audit.log_head(desk.engine)
    notifications.listens_on(desk, _address())
    stop_with_signals(api)
    worker = Worker(desk) if desk.settings.worker else None
    if worker is not None:
        worker.start()
    # Streamlit collects all generations after every rerun; what the imports
    # made would be walked each time (166 ms of CPU), for every session. What
    # is otherwise loaded at its first use is loaded here, to be frozen too.
    importlib.import_module("pandas")
    await anyio.to_thread.run_sync(desk.registry.built_in)
    gc.collect()
    gc.freeze()
    desk.registry.load_in_background()  # graphs of somebody's own, which may take long
    try:
        yield
    finally:
        if worker is not None:
            await anyio.to_thread.run_sync(worker.stop)
        audit.log_head(desk.engine)
        close_desk()


api = make_api(the_desk)
app = st.App(
    Path(__file__).with_name("pages") / "desk.py",
    lifespan=lifespan,
    routes=watching_routes(the_desk, worker=lambda: the_desk().settings.worker),
    middleware=[
        Middleware(Counted),
        Middleware(SecurityHeaders),
        Middleware(Api),
        Middleware(Gate, desk_of=the_desk),
        Middleware(NoSuchPage),
    ],
)
