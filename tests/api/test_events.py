"""Events of a thread as they happen: what was missed is told to whoever comes back, also to a desk that was started anew."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.served import Served, served


def told(answer: httpx.Response) -> Iterator[tuple[str | None, str, Any]]:
    """(id, name, data) of each event, as a client of server-sent events reads them."""
    found: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if line and name in ("id", "event", "data"):
            found[name] = value
        elif not line and "data" in found:
            yield found.get("id"), found["event"], json.loads(found["data"])
            found = {}


def whole(api: Served, thread_id: str, last: str | None = None) -> list[tuple[str | None, str, Any]]:
    """All events up to the end of the stream."""
    headers = {"Last-Event-ID": last} if last else {}
    with api.http.stream("GET", f"/agent/threads/{thread_id}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return list(told(answer))


def test_a_run_is_followed_to_its_end(api: Served) -> None:
    thread_id = api.start("one")["thread_id"]
    names: list[str] = []
    with api.http.stream("GET", f"/agent/threads/{thread_id}/events") as answer:
        for _, name, data in told(answer):
            names.append(name)
            if name == "status" and data["status"] == "awaiting_human":
                assert data["question"]["question"] == "Go on?"
                assert api.resume(thread_id, wait=0, response="yes").status_code == 200
    assert names[:2] == ["started", "asked"]
    assert names[-1] == "status"
    assert {"decided", "delivered", "finished", "progress"} <= set(names)
    assert data["status"] == "complete"


def test_who_comes_back_is_told_the_rest_and_nothing_twice(tmp_path: Path) -> None:
    with served(tmp_path) as api:
        thread_id = api.start("one")["thread_id"]
        api.resume(thread_id, response="yes")
        every = [(mark, name) for mark, name, _ in whole(api, thread_id) if mark]
        assert len({mark for mark, _ in every}) == len(every) > 5
    with served(tmp_path) as api:
        for place in (0, 3, len(every) - 2):
            rest = [(mark, name) for mark, name, _ in whole(api, thread_id, every[place][0]) if mark]
            assert rest == every[place + 1 :]
        done = api.http.get(f"/agent/threads/{thread_id}/events", headers={"Last-Event-ID": str(every[-1][0])})
        assert done.status_code == 204, "a browser then stops coming back"
        wrong = api.http.get(f"/agent/threads/{thread_id}/events", headers={"Last-Event-ID": "yesterday"})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "Last-Event-ID")


def test_a_client_that_goes_away_breaks_nothing(api: Served) -> None:
    thread_id = api.start("one")["thread_id"]
    for _ in range(20):
        with api.http.stream("GET", f"/agent/threads/{thread_id}/events") as answer:
            next(told(answer))
    for _ in range(5):
        with suppress(httpx.TimeoutException):
            api.http.post(f"/agent/resume/{thread_id}", params={"wait": 10}, json={"response": "yes"}, timeout=0.001)
    assert api.resume(thread_id, response="yes").status_code in (200, 409, 410)
    assert api.http.get(f"/agent/threads/{thread_id}").json()["decisions"][0]["decided_by"] == "program"


@pytest.mark.slow
def test_many_who_wait_hold_no_thread(api: Served) -> None:
    """Sixty streams and waits at once, and a request beside them is answered."""
    (api.home / "log.txt.thought").unlink(missing_ok=True)
    thread_id = api.start("thinking")["thread_id"]
    api.resume(thread_id, wait=0, response="yes")
    before = threading.active_count()
    ends: list[str] = []

    def follow() -> None:
        path = f"{api.url}/agent/threads/{thread_id}/events"
        with httpx.stream("GET", path, timeout=60) as answer:
            ends.append([data for _, name, data in told(answer) if name == "status"][-1]["status"])

    followers = [threading.Thread(target=follow) for _ in range(60)]
    for each in followers:
        each.start()
    assert api.http.get("/agent/threads", params={"limit": 1}, timeout=20).status_code == 200
    assert threading.active_count() - before <= 60 + 20
    (api.home / "log.txt.thought").touch()
    for each in followers:
        each.join(60)
    assert ends == ["complete"] * 60
