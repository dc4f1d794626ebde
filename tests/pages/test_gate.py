"""The gate before every connection, asked in ASGI's own words; the desk behind it is real."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from agents.desk import Desk, open_desk
from agents.settings import load_settings
from pages.gate import BACK, Gate
from tests.accounts import RULES, rules_in

SECRET = "a secret of sixteen or more"
LOOPBACK = ("127.0.0.1", 8501)
NETWORK = ("192.0.2.7", 8501)


@contextmanager
def desk_of(home: Path, **settings: Any) -> Iterator[Desk]:
    made = open_desk(load_settings(home=home, rules=rules_in(home, RULES), **settings))
    try:
        yield made
    finally:
        made.close()


def asked(
    desk: Desk, path: str = "/", *, kind: str = "http", server: tuple[str, int] = LOOPBACK, **headers: str
) -> list[dict[str, Any]]:
    """What goes back for a request; the application behind the gate answers 200 and nothing else."""
    named = {"host": "localhost:8501", **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in named.items() if value]
    scope = {"type": kind, "path": path, "method": "GET", "server": server, "headers": raw, "query_string": b""}
    sent: list[dict[str, Any]] = []

    async def behind(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": f"{kind}.accepted", "status": 200})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request" if kind == "http" else "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    _through(Gate(behind, desk_of=lambda: desk), scope, receive, send)
    return sent


def _through(gate: Gate, *given: Any) -> None:
    """In a thread: one that drives a browser has a loop of its own at work."""
    with ThreadPoolExecutor(1) as aside:
        aside.submit(lambda: asyncio.run(gate(*given))).result()


def passes(desk: Desk, path: str = "/", **more: Any) -> bool:
    return asked(desk, path, **more)[0]["type"].endswith(".accepted")


def said(answer: list[dict[str, Any]]) -> str:
    assert answer[0]["status"] == 403
    return bytes(answer[1]["body"]).decode()


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_local_mode_answers_on_loopback_and_nowhere_else(home: Path, kind: str) -> None:
    with desk_of(home) as desk:
        assert passes(desk, kind=kind)
        assert passes(desk, kind=kind, server=("::1", 8501), host="[::1]:8501")
        for server in (NETWORK, ("0.0.0.0", 8501), ("/run/desk.sock", 0)):
            assert not passes(desk, kind=kind, server=server, host="192.0.2.7")
            assert not passes(desk, kind=kind, server=server)
        assert not passes(desk, kind=kind, x_forwarded_for="198.51.100.3")
        if kind == "http":
            assert "SIGNOFF_ALLOW_LOCAL_MODE_ON_NETWORK" in said(asked(desk, server=NETWORK))
        else:
            assert asked(desk, kind=kind, server=NETWORK) == [
                {"type": "websocket.close", "code": 1008, "reason": "refused"}
            ]


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_local_mode_on_the_network_when_a_setting_says_so_and_then_by_the_desks_names_only(
    home: Path, kind: str
) -> None:
    with desk_of(home, allow_local_mode_on_network=True, allowed_hosts="desk.example.com") as desk:
        assert passes(desk, kind=kind, server=NETWORK, host="192.0.2.7:8501")
        assert passes(desk, kind=kind, server=NETWORK, host="desk.example.com", x_forwarded_for="198.51.100.3")
        assert not passes(desk, kind=kind, server=NETWORK, host="rebound.example")
        assert not passes(desk, kind=kind, server=NETWORK, host="")


def test_a_name_that_is_not_the_desks_is_refused_on_loopback_too(home: Path) -> None:
    with desk_of(home) as desk:
        assert "does not answer to the name rebound.example" in said(asked(desk, host="rebound.example:8501"))
        assert passes(desk, "/agent/threads", host="rebound.example")  # it refuses by itself, in JSON


def test_a_page_of_another_program_on_this_machine_opens_no_desk(home: Path) -> None:
    with desk_of(home) as desk:
        for origin, host in {
            "http://localhost:8501": "localhost:8501",
            "http://[::1]:8501": "[::1]:8501",
            "http://localhost": "localhost",
        }.items():
            assert passes(desk, "/_stcore/stream", kind="websocket", origin=origin, host=host)
        for origin in ("http://localhost:9999", "http://127.0.0.1:8501", "http://localhost", "null", "http://["):
            assert not passes(desk, "/_stcore/stream", kind="websocket", origin=origin), origin
        assert passes(desk, "/_stcore/stream", kind="websocket"), "no browser's page"


def test_only_what_the_api_answers_is_left_to_it(home: Path) -> None:
    with desk_of(home) as desk:
        assert not passes(desk, "/agent", host="rebound.example")
        assert not passes(desk, "/agent/_stcore/stream", kind="websocket", host="rebound.example")
    with desk_of(home, accounts="proxy", proxy_secret=SECRET) as desk:
        assert not passes(desk, "/agent")
        assert not passes(desk, "/agent/_stcore/stream", kind="websocket")


@pytest.fixture
def below_a_path() -> Iterator[str]:
    before = st.get_option("server.baseUrlPath")
    st.config.set_option("server.baseUrlPath", "agent")
    yield "/agent"
    st.config.set_option("server.baseUrlPath", before)


def test_a_desk_below_a_path_is_guarded_the_same(home: Path, below_a_path: str) -> None:
    with desk_of(home, accounts="oidc") as desk:
        for path in ("/media/0123.csv", "/_stcore/upload_file/session/file", "/_stcore/metrics"):
            assert said(asked(desk, below_a_path + path)) == "Sign in first.\n"
        assert not passes(desk, f"{below_a_path}/", host="rebound.example")
        assert passes(desk, f"{below_a_path}/")


def test_a_proxys_header_counts_with_its_secret_for_every_route_and_websocket(home: Path) -> None:
    with desk_of(home, accounts="proxy", proxy_secret=SECRET, allowed_hosts="desk.example.com") as desk:
        right = {"x_signoff_proxy_secret": SECRET, "x_forwarded_user": "ann@example.org", "host": "desk.example.com"}
        for path, kind in (
            ("/", "http"),
            ("/media/x.csv", "http"),
            ("/_stcore/stream", "websocket"),
            ("/agents", "http"),
        ):
            assert passes(desk, path, kind=kind, server=NETWORK, **right)
            for wrong in (
                {"x_signoff_proxy_secret": ""},
                {"x_signoff_proxy_secret": "a secret of sixteen or less"},
                {"x_forwarded_user": ""},
            ):
                assert not passes(desk, path, kind=kind, **{**right, **wrong}), (path, wrong)
        assert SECRET not in said(asked(desk, **{**right, "x_signoff_proxy_secret": "guess"}))
        for path in ("/healthz", "/readyz", "/metrics", "/agent/threads"):  # they ask for a token, or tell nothing
            assert passes(desk, path)


def test_files_and_uploads_need_a_sign_in_of_ours(home: Path) -> None:
    with desk_of(home, accounts="oidc") as desk:
        for path in ("/media/0123.csv", "/_stcore/upload_file/session/file", "/_stcore/metrics"):
            assert said(asked(desk, path)) == "Sign in first.\n"
            assert not passes(desk, path, cookie="_streamlit_user=forged.by.somebody; _streamlit_user_1=x")
        assert passes(desk, "/")
        assert passes(desk, "/_stcore/stream", kind="websocket")


def test_where_somebody_went_to_sign_in_is_remembered_if_it_is_here(home: Path) -> None:
    with desk_of(home, accounts="oidc") as desk:
        for referer, kept in {
            "http://localhost:8501/review?thread=a b&pause=x.0": "/review?thread=a%20b&pause=x.0",
            "http://localhost:8501/review?thread=%2F%2Fx;y": "/review?thread=%2F%2Fx%3By",
            "http://evil.example/review?thread=a": None,
            "http://localhost:8501//evil.example/": None,
            "http://[": None,
            "": None,
        }.items():
            sent = _login(desk, referer)
            cookies = [value.decode() for name, value in sent if name == b"set-cookie"]
            assert [each.partition(";")[0] for each in cookies] == ([f"{BACK}={kept}"] if kept else []), referer


def _login(desk: Desk, referer: str) -> list[tuple[bytes, bytes]]:
    return _headers(desk, "/auth/login", [(b"location", b"https://id.example")], referer=referer)


def test_a_sign_in_leads_back_and_nowhere_else(home: Path) -> None:
    home_again, signed_in = (b"location", b"/"), (b"set-cookie", b"_streamlit_user=signed; HttpOnly")
    with desk_of(home, accounts="oidc") as desk:
        back = dict(_headers(desk, "/oauth2callback", [home_again, signed_in], cookie=f"{BACK}=/review?thread=a"))
        assert back[b"location"] == b"/review?thread=a"
        for cookie in (f"{BACK}=//evil.example", f"{BACK}=https://evil.example", f"{BACK}=/\\evil.example", f"{BACK}="):
            assert home_again in _headers(desk, "/oauth2callback", [home_again, signed_in], cookie=cookie), cookie
        refused = _headers(desk, "/oauth2callback", [home_again], cookie=f"{BACK}=/review?thread=a")
        assert home_again in refused


def test_a_sign_out_that_cannot_be_written_down_says_so(home: Path) -> None:
    claims = {"email": "rita@example.org", "sub": "1", "iss": "x", "is_logged_in": True}
    cookie = create_signed_value(get_cookie_secret(), "_streamlit_user", json.dumps(claims)).decode()
    with desk_of(home, accounts="oidc", busy_seconds=0.1) as desk:
        with closing(sqlite3.connect(desk.settings.database_path)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = asked(desk, "/auth/logout", cookie=f"_streamlit_user={cookie}")
        assert answer[0]["status"] == 503
        assert passes(desk, "/auth/logout", cookie=f"_streamlit_user={cookie}")


def _headers(desk: Desk, path: str, answered: list[tuple[bytes, bytes]], **given: str) -> list[tuple[bytes, bytes]]:
    """The headers that go out where the application answers with these."""
    raw = [(b"host", b"localhost:8501"), *((name.encode(), value.encode()) for name, value in given.items() if value)]
    scope = {"type": "http", "path": path, "method": "GET", "server": LOOPBACK, "headers": raw, "query_string": b""}
    sent: list[Any] = []

    async def behind(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 302, "headers": answered})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    _through(Gate(behind, desk_of=lambda: desk), scope, receive, send)
    return list(sent[0]["headers"])
