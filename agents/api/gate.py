"""What every request must be before anything reads it: sent to a name of ours, by no page of somebody else, of a size to bear."""

from __future__ import annotations

import os
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agents.api.answers import Answer
from agents.api.errors import Refusal, refusal_of
from agents.desk import Desk
from agents.errors import Busy
from agents.people import hosts
from agents.settings import Settings

BODY_MOST = 16 * 2**20
"""Bytes of a body. What is larger belongs in a file: a batch takes the name of a CSV file in the workspace."""

UNDER = "/agent/"
"""Where everything of the API lies."""
WRITES = ("POST", "PUT", "PATCH", "DELETE")
PORTS = {"http": 80, "https": 443}
ANSWERED = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Gate:
    """Plain ASGI, so that nothing is buffered and nobody who goes away cancels an act."""

    def __init__(self, app: ASGIApp, desk_of: Callable[[], Desk]) -> None:
        self.app, self._desk_of = app, desk_of
        self._database = _Database()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        size, telling = _Size(), _Telling(send)
        try:
            settings = self._desk_of().settings
            refuse(settings, scope)
            if str(scope["path"]).startswith(UNDER):
                self._database.refuse_lost(settings)
            # An id may hold a slash: it is taken apart before it is decoded, not after.
            scope = {**scope, "path": scope.get("raw_path", scope["path"].encode()).decode("latin-1")}
            await self.app(scope, size.counted(receive), telling)
        except Exception as error:  # noqa: BLE001 - no route has answered it; logged there, and told in the same shape
            refused = refusal_of(error)
            if not telling.begun:
                await Answer(refused.body, refused.code, refused.headers)(scope, receive, telling)


class _Database:
    """Is the file still there that was there at first? Open connections write on to one that was deleted, for nobody to read."""

    def __init__(self) -> None:
        self._first: tuple[int, int] | None = None

    def refuse_lost(self, settings: Settings) -> None:
        """Raises Busy."""
        try:
            found = os.stat(settings.database_path)
        except OSError:
            raise Busy("Signoff's database is not there. Is its disk mounted? Nothing was saved.") from None
        self._first = self._first or (found.st_dev, found.st_ino)
        if self._first != (found.st_dev, found.st_ino):
            raise Busy(
                "Another file has taken the place of Signoff's database. Start the desk anew. Nothing was saved."
            )


class _Size:
    """Counts a body as it arrives, whatever its header says."""

    def __init__(self) -> None:
        self.read = 0

    def counted(self, receive: Receive) -> Receive:
        async def counting() -> Message:
            message = await receive()
            self.read += len(message.get("body", b""))
            if self.read > BODY_MOST:
                raise _too_large()
            return message

        return counting


def refuse(settings: Settings, scope: Scope) -> None:
    """Raise Refusal for a request that must not be read."""
    headers, own = Headers(scope=scope), (scope.get("server") or (None,))[0]
    from_here = hosts.is_loopback(own) and not any(name in headers for name in hosts.PROXIED)
    if not settings.with_accounts and not settings.allow_local_mode_on_network and not from_here:
        raise Refusal(
            403,
            "not_local",
            "This desk has no accounts, so it answers on this machine only, and not through a proxy. Turn accounts on with "
            "SIGNOFF_ACCOUNTS, or set SIGNOFF_ALLOW_LOCAL_MODE_ON_NETWORK=true.",
        )
    if not hosts.answers_to(settings, headers.get("host"), own):
        raise Refusal(421, "wrong_host", hosts.refusal(headers.get("host")))
    if scope["method"] in WRITES:
        _refuse_foreign(settings, headers)


def _refuse_foreign(settings: Settings, headers: Headers) -> None:
    origin = headers.get("origin")
    if origin is not None and not _is_ours(settings, origin, headers.get("host")):
        raise Refusal(403, "foreign_origin", "A page of another origin may not change anything here.", field="Origin")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "not_json", "Send the header Content-Type: application/json.", field="Content-Type")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > BODY_MOST:
        raise _too_large()


def _is_ours(settings: Settings, origin: str, host: str | None) -> bool:
    place = _place(origin)
    return place is not None and place in (_here(origin, host), _place(settings.url or ""))


def _place(address: str) -> tuple[str, int] | None:
    """Host and port of an origin; None for anything else, such as "null"."""
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None


def _here(origin: str, host: str | None) -> tuple[str, int] | None:
    """Where this request went, by its Host header; its scheme is the origin's, which a proxy may have ended."""
    return _place(f"{origin.partition(':')[0]}://{host or ''}")


def _too_large() -> Refusal:
    return Refusal(413, "too_large", f"The body is larger than {BODY_MOST // 2**20} MB.", field="body")


class _Telling:
    """Sends an answer, with the headers that every one has."""

    def __init__(self, send: Send) -> None:
        self.begun = False
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            known = {name.lower() for name, _ in message.get("headers", [])}
            more = [pair for pair in ANSWERED if pair[0] not in known]
            message = {**message, "headers": [*message.get("headers", []), *more]}
        await self._send(message)
