"""What is refused before anything is read: a foreign name, a foreign page, another kind of body, too much of it; and files of the server."""

from __future__ import annotations

import json
import os
import socket
from typing import Any

import httpx
import pytest

from agents.api.gate import BODY_MOST
from tests.served import Served, served

JSON = {"content-type": "application/json"}


def start(api: Served, headers: dict[str, str], content: bytes | None = None) -> httpx.Response:
    body = content or json.dumps({"graph_id": "one", "input": {"log": str(api.home / "log.txt")}}).encode()
    return api.http.post("/agent/start", content=body, headers=headers)


@pytest.mark.parametrize(
    ("headers", "code", "error"),
    [
        (JSON | {"host": "attacker.example"}, 421, "wrong_host"),
        (JSON | {"host": "attacker.example:80@127.0.0.1"}, 421, "wrong_host"),
        (JSON | {"origin": "http://attacker.example"}, 403, "foreign_origin"),
        (JSON | {"origin": "null"}, 403, "foreign_origin"),
        (JSON | {"origin": "http://127.0.0.1:1"}, 403, "foreign_origin"),
        (JSON | {"x-forwarded-for": "10.0.0.1"}, 403, "not_local"),
        ({"content-type": "text/plain"}, 415, "not_json"),
        ({"content-type": "application/x-www-form-urlencoded"}, 415, "not_json"),
        ({"content-type": "application/jsonp"}, 415, "not_json"),
    ],
)
def test_what_no_request_may_be(api: Served, headers: dict[str, str], code: int, error: str) -> None:
    answer = start(api, headers)
    assert (answer.status_code, answer.json()["error"]) == (code, error)
    assert answer.headers["cache-control"] == "no-store"


def test_what_a_page_of_this_desk_may(api: Served) -> None:
    assert start(api, JSON | {"origin": api.url}).status_code == 200
    assert start(api, {"content-type": "application/json; charset=utf-8"}).status_code == 200


def test_reading_needs_a_name_of_ours(api: Served) -> None:
    answer = httpx.get(f"{api.url}/agent/threads", headers={"host": "attacker.example"})
    assert (answer.status_code, answer.json()["error"]) == (421, "wrong_host")
    assert httpx.get(f"{api.url}/agent/openapi.json", headers={"host": "attacker.example"}).status_code == 421


def test_names_that_were_given_to_the_desk(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("named")
    with served(home, threads=0, allowed_hosts=("desk.example.com",), url="https://desk.example.com/here") as api:
        named = JSON | {"host": "desk.example.com"}
        assert start(api, named | {"origin": "https://desk.example.com"}).status_code == 200
        assert start(api, named | {"origin": "https://other.example.com"}).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1]",
        b"\xff",
        b'"' + b"x" * 100,
        b'{"graph_id": "one", "input": NaN}',
        b'{"graph_id": "one", "input": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"graph_id": "one", "input": {"question": "\\ud800"}}',
        b'{"graph_id": "one", "input": ' + b"9" * 5000 + b"}",
    ],
    ids=["cut", "list", "bytes", "open", "nan", "deep", "half", "long"],
)
def test_what_is_no_body(api: Served, body: bytes) -> None:
    answer = start(api, JSON, body)
    assert (answer.status_code, answer.json()["error"]) == (422, "invalid"), answer.text


def test_a_body_that_is_too_large_is_refused_by_its_header_and_by_its_size(api: Served) -> None:
    with socket.create_connection(("127.0.0.1", int(api.url.rsplit(":", 1)[1])), timeout=20) as connection:
        head = f"POST /agent/start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {BODY_MOST + 1}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")

    def parts() -> Any:
        yield b'{"graph_id": "'
        for _ in range(BODY_MOST // 2**20 + 1):
            yield b"x" * 2**20

    try:
        answer = api.http.post("/agent/start", content=parts(), headers=JSON)
    except httpx.TransportError:
        return  # it was answered, and the connection closed, before all of it was sent
    assert answer.status_code == 413


def test_a_batch_reads_files_of_the_workspace_only(api: Served) -> None:
    outside = api.home / "secret.csv"
    outside.write_text("name\nsecret\n")
    workspace = api.desk.settings.workspace_path
    workspace.mkdir(exist_ok=True)
    (workspace / "in.csv").write_text("subject,body\nhelp,it is broken\n")
    os.symlink(outside, workspace / "link.csv")
    for path in (str(outside), "../secret.csv", "link.csv", "/etc/passwd", "in.csv\0"):
        answer = api.http.post("/agent/start", json={"graph_id": "batch_sampling", "input": {"items": path}})
        assert (answer.status_code, answer.json()["field"]) == (422, "items"), answer.text
        assert "secret\n" not in answer.text
    answer = api.http.post("/agent/start", json={"graph_id": "batch_sampling", "input": {"items": "in.csv"}})
    assert answer.status_code == 200, answer.text


def test_a_desk_without_accounts_is_for_this_machine(api: Served) -> None:
    """By the address at which the connection arrived, whatever name it asks for."""
    from agents.api.errors import Refusal
    from agents.api.gate import refuse

    scope = {"type": "http", "method": "GET", "headers": [(b"host", b"localhost")], "server": ("192.0.2.7", 80)}
    with pytest.raises(Refusal) as refused:
        refuse(api.desk.settings, scope)
    assert refused.value.body["error"] == "not_local"
