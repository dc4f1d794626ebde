"""The API in the dashboard's own process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from agents.desk import open_desk
from agents.settings import load_settings
from tests.desk_process import DeskProcess
from tests.lesson_client import LessonClient
from tests.served import secret_of

MAIL = {"recipient": "ann@example.org", "subject": "Friday", "instructions": "See you on Friday."}


@pytest.mark.slow
def test_in_the_dashboard(tmp_path: Path, desk_server: Callable[..., DeskProcess]) -> None:
    desk = open_desk(load_settings(home=tmp_path / "home"))
    token = secret_of(desk)
    desk.close()
    served = desk_server(tmp_path / "home", env={"SIGNOFF_DEFAULT_GRAPH": "email_approval"})
    client = LessonClient(served.url, token)
    waiting = client.start(MAIL)["thread_id"]
    assert client.run(MAIL, lambda _: "send")["status"] == "complete"
    html = {"Accept": "text/html"}
    unknown = httpx.get(f"{served.url}/agent/nothing", headers=html)
    assert (unknown.status_code, unknown.json()["error"]) == (404, "unknown_address")
    foreign = httpx.get(f"{served.url}/agent/threads", headers={"Host": "attacker.example"})
    assert (foreign.status_code, foreign.json()["error"]) == (421, "wrong_host")
    assert httpx.get(served.url, headers=html).status_code == 200
    stopped_within_seconds(served, f"{served.url}/agent/threads/{waiting}/events")


def stopped_within_seconds(served: DeskProcess, stream: str) -> None:
    """An open stream does not hold up the end."""
    begun, ended = threading.Event(), threading.Event()

    def follow() -> None:
        with httpx.stream("GET", stream, timeout=60) as answer:
            for _ in answer.iter_lines():
                begun.set()
        ended.set()

    thread = threading.Thread(target=follow)
    thread.start()
    assert begun.wait(20)
    since = time.monotonic()
    served.stop()
    assert time.monotonic() - since < 15
    thread.join(20)
    assert ended.is_set(), "the stream ended in good order"
