"""Who may talk to the desk at all, asked of every request and every websocket before anything else answers.

Plain ASGI. What a script can check itself, the sign-in of whoever looks at a page, is checked there again; here is what
no script sees: from where a connection comes, for which name, and what Streamlit's own routes hand out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

import anyio
import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agents.desk import Desk
from agents.errors import Busy, NotAllowed, SignoffError
from agents.people import hosts, logins, proxies
from pages.sign_in import claims_in, redirect_host

API = ("/agent/",)
"""Asks the same of its requests, and refuses in its own words."""
WITH_TOKEN = (*API, "/healthz", "/readyz", "/metrics")
"""Asked by machines, who bring a token, or told nothing about anybody's work."""
FILES = ("/media/", "/_stcore/upload_file/", "/_stcore/metrics")
"""Streamlit serves and takes these without asking its script."""
BACK = "signoff_back"
BACK_SECONDS = 900
URL_LETTERS = "/?&=%:+-._~@"


class Gate:
    """Refuses what must not reach the desk, with a sentence. `desk_of`: called for every request."""

    def __init__(self, app: ASGIApp, desk_of: Callable[[], Desk]) -> None:
        self.app, self.desk_of = app, desk_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        desk = self.desk_of()
        try:
            if scope["type"] == "websocket" or not _starts(scope, API):
                refuse_stranger(desk, scope)
            if desk.settings.accounts == "oidc" and _starts(scope, FILES):
                await anyio.to_thread.run_sync(_refuse_signed_out, desk, scope)
            onward = send
            if desk.settings.accounts == "oidc" and scope["type"] == "http":
                onward = await _around_sign_in(desk, scope, send)
        except SignoffError as error:
            await _refuse(scope, receive, send, error)
            return
        await self.app(scope, receive, onward)


def refuse_stranger(desk: Desk, scope: Scope) -> None:
    """Raises NotAllowed for a connection that this mode does not take, or for a name that is not the desk's."""
    settings, headers = desk.settings, Headers(scope=scope)
    own = str((scope.get("server") or ("",))[0])
    more = (redirect_host(),) if settings.accounts == "oidc" else ()
    if settings.accounts == "local" and not settings.allow_local_mode_on_network:
        _refuse_network(own, headers)
        _refuse_other_page(scope, headers)
    if not hosts.answers_to(settings, headers.get("host"), own, *more):
        raise NotAllowed(hosts.refusal(headers.get("host")))
    if settings.accounts == "proxy" and (scope["type"] == "websocket" or not _starts(scope, WITH_TOKEN)):
        proxies.name_in(settings, headers.getlist)


def _refuse_network(own: str, headers: Headers) -> None:
    if hosts.is_loopback(own) and not any(name in headers for name in hosts.PROXIED):
        return
    raise NotAllowed(
        "This desk has no sign-in and is for one person on this machine, so it answers at 127.0.0.1 only and not through a "
        "proxy. Set SIGNOFF_ACCOUNTS to oidc or proxy for several people, or SIGNOFF_ALLOW_LOCAL_MODE_ON_NETWORK=true to let "
        "everybody in who reaches this address."
    )


def _refuse_other_page(scope: Scope, headers: Headers) -> None:
    """A page that another program on this machine serves; Streamlit compares the names alone, and the port is another one."""
    origin = headers.get("origin")
    if scope["type"] == "websocket" and origin is not None and origin.partition("://")[2] != headers.get("host"):
        raise NotAllowed("A page of another address may not open this desk.")


def _refuse_signed_out(desk: Desk, scope: Scope) -> None:
    claims = claims_in(_cookies(scope))
    if claims is None or not logins.see(desk, claims).holds(desk.clock()):
        raise NotAllowed("Sign in first.")


async def _around_sign_in(desk: Desk, scope: Scope, send: Send) -> Send:
    """A sign-in leads back to the page where it began, and a sign-out ends more than a cookie."""
    path = str(scope["path"])
    if path.endswith("/auth/logout"):
        claims = claims_in(_cookies(scope))
        if claims is not None:
            await anyio.to_thread.run_sync(logins.end, desk, claims)
    elif path.endswith("/auth/login"):
        return _changed(send, lambda headers: _remember(scope, headers))
    elif path.endswith("/oauth2callback"):
        return _changed(send, lambda headers: _lead_back(scope, headers))
    return send


def _remember(scope: Scope, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    back = _back(Headers(scope=scope))
    if back is None:
        return headers
    cookie = f"{BACK}={back}; Max-Age={BACK_SECONDS}; Path=/; HttpOnly; SameSite=Lax"
    return [*headers, (b"set-cookie", cookie.encode("latin-1"))]


def _lead_back(scope: Scope, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    back = _cookies(scope).get(BACK)
    signed_in = any(name == b"set-cookie" and value.startswith(b"_streamlit_user=") for name, value in headers)
    if not back or not signed_in or not _is_here(back):
        return headers
    kept = [pair for pair in headers if pair[0] != b"location"]
    gone = f"{BACK}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    return [*kept, (b"location", back.encode("latin-1")), (b"set-cookie", gone.encode("latin-1"))]


def _back(headers: Headers) -> str | None:
    """The page from which somebody goes to sign in, as a path of this desk; its own referrer policy lets it be sent whole."""
    try:
        parts = urlsplit(headers.get("referer", ""))
    except ValueError:
        return None
    if not parts.netloc or parts.netloc != headers.get("host"):
        return None
    back = quote(f"{parts.path}?{parts.query}" if parts.query else parts.path, safe=URL_LETTERS)
    return back if _is_here(back) else None


def _is_here(path: str) -> bool:
    """A path of this desk and of no other, in characters that may stand in a header and in a cookie."""
    return path.startswith("/") and not path.startswith("//") and quote(path, safe=URL_LETTERS) == path


def _changed(send: Send, change: Callable[[list[tuple[bytes, bytes]]], list[tuple[bytes, bytes]]]) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(name.lower(), value) for name, value in message.get("headers", [])]
            message = {**message, "headers": change(headers)}
        await send(message)

    return with_headers


def _starts(scope: Scope, paths: tuple[str, ...]) -> bool:
    path = str(scope["path"]).removeprefix(base_path())
    return any(
        path == each or (path if each.endswith("/") else f"{path}/").startswith(f"{each.rstrip('/')}/")
        for each in paths
    )


def base_path() -> str:
    """The folder below which Streamlit was told to live, such as "/desk"; "" for none."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def _cookies(scope: Scope) -> Mapping[str, str]:
    return cookie_parser(Headers(scope=scope).get("cookie", ""))


async def _refuse(scope: Scope, receive: Receive, send: Send, error: SignoffError) -> None:
    if scope["type"] == "websocket":
        await receive()  # the wish to connect, which is to be heard before it is declined
        await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        return
    code = 503 if isinstance(error, Busy) else 403
    await PlainTextResponse(f"{error}\n", status_code=code)(scope, receive, send)
