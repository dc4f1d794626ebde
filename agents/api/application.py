"""The HTTP application: FastAPI over the desk's own calls. It keeps nothing itself, so it may be ended and started anew at any time."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from agents import __version__
from agents.api.answers import Answer
from agents.api.errors import Refusal
from agents.api.gate import UNDER, Gate
from agents.api.routes import make_router
from agents.api.watch import Watch
from agents.desk import Desk
from agents.domain import JSON

NAMES = {404: "unknown_address", 405: "wrong_method"}


def make_api(desk_of: Callable[[], Desk]) -> FastAPI:
    """The API as an ASGI application. desk_of: the open desk; asked with every request, so it may open late.

    `app.state.watch.close()` ends its waits and streams.
    """
    watch = Watch(desk_of)
    app = FastAPI(
        title="Signoff",
        version=__version__,
        description="Start LangGraph threads, answer what they ask a person, and see what became of them.",
        openapi_url="/agent/openapi.json",
        docs_url=None,  # FastAPI's pages load their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.watch = watch
    router = make_router(desk_of, watch, _StrictRoute)
    app.include_router(router)
    app.add_middleware(Gate, desk_of=desk_of)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    return app


def reaches(path: str) -> bool:
    """Is this address one of the API's?"""
    return path.startswith(UNDER)


def stop_with_signals(app: FastAPI) -> None:
    """End waits and streams at the first SIGTERM or SIGINT: a server that ends waits for them otherwise.

    Call it in the main thread, once the server has its own handlers; elsewhere it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        _add(number, app.state.watch.close)


def _add(number: signal.Signals, act: Callable[[], None]) -> None:
    before = signal.getsignal(number)

    def heard(signum: int, frame: FrameType | None) -> None:
        act()
        if callable(before):
            before(signum, frame)

    if callable(before):
        signal.signal(number, heard)


class _StrictRequest(Request):
    """JSON as the standard has it: NaN is none, and what nests too deep to be read is refused."""

    async def json(self) -> JSON:
        if not hasattr(self, "_json"):
            body = await self.body()
            try:
                self._json = json.loads(body, parse_constant=_no_constant)
            except json.JSONDecodeError:
                raise
            except (ValueError, RecursionError) as error:
                raise json.JSONDecodeError(str(error), "", 0) from None
        return self._json


class _StrictRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strictly


def _no_constant(name: str) -> JSON:
    raise ValueError(f"{name} is not a JSON number")


async def _refused(_request: Request, error: Exception) -> Response:
    if isinstance(error, Refusal):
        return Answer(error.body, error.code, error.headers)
    assert isinstance(error, HTTPException)
    body = {"error": NAMES.get(error.status_code, "refused"), "message": f"{error.detail}."}
    return Answer(body, error.status_code, dict(error.headers or {}))


async def _invalid(_request: Request, error: Exception) -> Response:
    """The first fault, with its field; the tags of the two forms of a body are no part of its name."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    parts = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header", "long", "short")]
    is_json = first["type"] == "json_invalid"
    field = "body" if is_json else ".".join(parts) or "body"
    reason = f"not JSON ({first.get('ctx', {}).get('error', '')})" if is_json else str(first["msg"])
    reason = reason.removeprefix("Value error, ")
    return Answer({"error": "invalid", "message": f"{field}: {reason[:1].lower()}{reason[1:]}.", "field": field}, 422)
