"""What the machines that look after a desk ask: is it alive, can it work, how much is there; and the count of requests."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agents import health, logs, metrics
from agents.api import callers
from agents.api.errors import refusal_of
from agents.desk import Desk
from agents.errors import NotSignedIn, SignoffError
from agents.metrics import NoMetrics
from agents.people.hosts import is_loopback

KEPT_SECONDS = 1.0
"""However often it is asked, readiness is looked at no more often than this."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
AREAS = {"agent": "api", "_stcore": "stream", "static": "files", "media": "files", "component": "files"}
OWN = ("healthz", "readyz", "metrics")
THREAD = re.compile(r"/agent/(?:threads|resume)/([^/]+)")
PROXIED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def watching_routes(desk_of: Callable[[], Desk], *, worker: Callable[[], bool]) -> list[Route]:
    """/healthz, /readyz and /metrics. desk_of: asked with every request. worker: is one meant to run in this process?"""
    return [
        Route("/healthz", _alive),
        Route("/readyz", _ready(desk_of, worker)),
        Route("/metrics", _measured(desk_of)),
    ]


async def _alive(_request: Request) -> Response:
    """The process answers; it asks nothing else."""
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


def _ready(desk_of: Callable[[], Desk], worker: Callable[[], bool]) -> Callable[[Request], Awaitable[Response]]:
    kept: list[tuple[float, Response]] = []
    turn = anyio.Lock()

    async def ready(_request: Request) -> Response:
        async with turn:
            if kept and kept[0][0] > time.monotonic() - KEPT_SECONDS:
                return kept[0][1]
            answer = await anyio.to_thread.run_sync(look)
            kept[:] = [(time.monotonic(), answer)]
            return answer

    def look() -> Response:
        found = health.parts(desk_of(), worker=worker())
        ok = all(part.ok for part in found)
        told = {part.name: {"ok": part.ok, "text": part.text} for part in found}
        body = {"status": "ready" if ok else "not ready", "parts": told}
        return JSONResponse(body, status_code=200 if ok else 503, headers={"cache-control": "no-store"})

    return ready


def _measured(desk_of: Callable[[], Desk]) -> Callable[[Request], Awaitable[Response]]:
    def measure(request: Request) -> Response:
        desk = desk_of()
        try:
            _permit(desk, request)
            body, kind = metrics.exposed(desk)
        except NoMetrics as error:
            return JSONResponse({"error": "not_installed", "message": str(error)}, status_code=501)
        except SignoffError as error:
            refused = refusal_of(error)
            return JSONResponse(refused.body, status_code=refused.code, headers=refused.headers)
        return Response(body, headers={"content-type": kind, "cache-control": "no-store"})

    async def measured(request: Request) -> Response:
        return await anyio.to_thread.run_sync(measure, request)

    return measured


def _permit(desk: Desk, request: Request) -> None:
    """With accounts on it takes a token that may read; in local mode whoever is on this machine may look.

    Raises NotSignedIn or NotAllowed.
    """
    known = callers.reader(desk, request)
    near = request.client is not None and is_loopback(request.client.host)
    if known is None and not (near and not any(name in request.headers for name in PROXIED)):
        raise NotSignedIn(f"From another machine this needs a token with the scope read. {callers.HOW}")


class Counted:
    """Counts every HTTP answer by its method, its part of the desk and its code: never by its address, which names threads.

    What is logged on the way to an answer of the API says which thread it is about.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "other"

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                metrics.count_request(method, _area(str(scope["path"])), int(message["status"]))
            await send(message)

        with logs.about(thread_id=_thread_in(str(scope["path"]))):
            await self.app(scope, receive, counted)


def _thread_in(path: str) -> str | None:
    found = THREAD.search(path)
    return found[1] if found else None


def _area(path: str) -> str:
    first = path.strip("/").partition("/")[0]
    return first if first in OWN else AREAS.get(first, "pages")
