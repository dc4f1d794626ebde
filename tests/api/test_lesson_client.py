"""The lesson's client, written from the two routes and nothing else, gets through; the desk may be started anew at any moment."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents.desk import open_desk
from agents.settings import load_settings
from tests import lesson_graphs
from tests.desk_process import ROOT, environment, free_port
from tests.lesson_client import LessonClient
from tests.served import secret_of, served

MAIL = {"recipient": "ann@example.org", "subject": "Friday", "instructions": "See you on Friday."}
WORDS = {"plan": "approve", "email": "send", "clarification": "logs, 30 days", "sample": "continue"}
"""What the lesson types in answer to each of its questions."""


def typed(question: Any) -> str:
    """What a person of the lesson types."""
    if "before" in question:
        return "continue"  # the graph's breakpoint, which asks nothing
    asked = next(kind for kind, payload in lesson_graphs.QUESTIONS.items() if payload == question)
    return WORDS[asked]


def test_from_start_to_end(home: Path) -> None:
    with served(home, default_graph="email_approval") as desk:
        client = LessonClient(desk.url, desk.token)
        told = client.start(MAIL)
        assert (told["status"], told["question"]["type"]) == ("awaiting_human", "email_approval")
        told = client.resume(told["thread_id"], "send")
        assert (told["status"], told["result"]["outcome"]["status"]) == ("complete", "done")
        assert len(list((home / "outbox").glob("*.eml"))) == 1


@pytest.mark.slow
def test_the_lessons_own_graph_and_words(home: Path) -> None:
    """Its breakpoint stops it first, and asks nothing: "continue" lets it go on."""
    config = home / "lesson.json"
    config.write_text(json.dumps({"graphs": {"lesson": f"{lesson_graphs.__file__}:app"}}))
    with served(home, graphs=config, default_graph="lesson") as desk:
        client = LessonClient(desk.url, desk.token)
        for kind, word in WORDS.items():
            told = client.run({"kind": kind}, typed)
            assert (told["status"], told["result"]["result"]) == ("complete", f"did it with {word!r}")


def test_across_a_restart_of_the_desk(home: Path) -> None:
    with served(home, default_graph="email_approval") as desk:
        thread_id = LessonClient(desk.url, desk.token).start(MAIL)["thread_id"]
        token = desk.token
    with served(home, default_graph="email_approval") as desk:
        told = LessonClient(desk.url, token).resume(thread_id, "Shorter, please.")
        assert (told["status"], told["question"]["revision"]) == ("awaiting_human", 2)
    with served(home, default_graph="email_approval") as desk:
        assert LessonClient(desk.url, token).resume(thread_id, "send")["status"] == "complete"


@contextmanager
def process(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`signoff api`, until it answers; killed at the end."""
    env = environment(home, {"SIGNOFF_DEFAULT_GRAPH": "email_approval", "SIGNOFF_LEASE_SECONDS": "1"})
    command = [sys.executable, "-m", "agents", "api", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            late = time.monotonic() + 60
            while not up(port):
                assert running.poll() is None, f"it ended with {running.returncode}"
                assert time.monotonic() < late, "it does not answer"
                time.sleep(0.1)
            yield running
        finally:
            running.kill()


def up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/agent/openapi.json").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_across_a_process_that_is_killed(home: Path) -> None:
    """Started, killed, answered by the next process, killed, sent by the third; SIGTERM ends it in good order."""
    desk = open_desk(load_settings(home=home))
    token = secret_of(desk)
    desk.close()
    port = free_port()
    client = LessonClient(f"http://127.0.0.1:{port}", token)
    with process(home, port):
        thread_id = client.start(MAIL)["thread_id"]
    with process(home, port):
        assert client.resume(thread_id, "Shorter, please.")["question"]["revision"] == 2
    with process(home, port) as last:
        assert client.resume(thread_id, "send")["status"] == "complete"
        last.terminate()
        assert last.wait(20) in (0, -15)
    assert len(list((home / "outbox").glob("*.eml"))) == 1
