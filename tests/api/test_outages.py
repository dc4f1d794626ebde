"""A disk or a database that is not there: 503 with Retry-After, nothing saved, and all is well once it is back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.served import Served, served


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("outages"), busy_seconds=0.3) as running:
        yield running


def unavailable(answer: httpx.Response, error: str) -> None:
    assert (answer.status_code, answer.json()["error"]) == (503, error), answer.text
    assert int(answer.headers["retry-after"]) > 0


def every_way(api: Served, thread_id: str, error: str) -> None:
    body = {"graph_id": "one", "input": {"log": str(api.home / "log.txt")}}
    unavailable(api.http.post("/agent/start", json=body), error)
    unavailable(api.resume(thread_id, response="yes"), error)
    unavailable(api.http.request("DELETE", f"/agent/threads/{thread_id}", json={"reason": "x"}), error)
    unavailable(api.http.get("/agent/threads"), error)
    unavailable(api.http.get(f"/agent/threads/{thread_id}"), error)
    unavailable(api.http.get(f"/agent/threads/{thread_id}/events"), error)


def test_the_database_is_gone_and_comes_back(api: Served) -> None:
    thread_id = api.start("one")["thread_id"]
    database, away = api.home / "signoff.sqlite", api.home / "away.sqlite"
    database.rename(away)
    every_way(api, thread_id, "busy")
    database.touch()
    every_way(api, thread_id, "busy")
    away.rename(database)
    assert api.resume(thread_id, response="yes").json()["status"] == "complete"


def test_the_database_is_locked(api: Served) -> None:
    thread_id = api.start("one")["thread_id"]
    with closing(sqlite3.connect(api.home / "signoff.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        unavailable(api.resume(thread_id, response="yes"), "busy")
        keyed = api.http.post(
            f"/agent/resume/{thread_id}", json={"response": "yes"}, headers={"Idempotency-Key": "locked"}
        )
        unavailable(keyed, "busy")
        assert api.http.get(f"/agent/threads/{thread_id}").status_code == 200, "reading goes on"
        other.execute("ROLLBACK")
    answer = api.http.post(
        f"/agent/resume/{thread_id}", json={"response": "yes"}, headers={"Idempotency-Key": "locked"}
    )
    assert answer.json()["status"] == "complete"


def test_the_checkpointer_file_is_gone(api: Served) -> None:
    thread_id = api.start("one")["thread_id"]
    file = api.home / "checkpoints.sqlite"
    names = [Path(f"{file}{end}") for end in ("", "-wal", "-shm") if Path(f"{file}{end}").exists()]
    for each in names:
        each.rename(f"{each}.away")
    unavailable(api.http.get(f"/agent/threads/{thread_id}"), "unreadable")
    unavailable(api.resume(thread_id, response="yes"), "unreadable")
    for each in names:
        Path(f"{each}.away").rename(each)
    assert api.resume(thread_id, response="yes").json()["status"] == "complete"
