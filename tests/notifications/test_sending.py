"""What becomes of a message: sent, tried again, failed, or in doubt and then a person's; one channel delays no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents import audit, effects, notifications
from agents.adapters.channels import Answer, Outcome
from agents.database import reading
from agents.desk import Desk
from agents.errors import InvalidInput, NotAllowed
from agents.notifications import Item, Status, Topic
from agents.notifications.journal import LEFT_OPEN, RETRIES
from agents.runs.sending import Messengers
from agents.runs.telling import tell
from agents.runs.worker import Worker
from tests.accounts import RULES, at
from tests.browser import asking
from tests.desk_process import ROOT, environment, free_port
from tests.mail_server import MailServer
from tests.notifications.telling import ALL, SECRET, Ahead, damaged, journal, send, telling_desk
from tests.web_server import DROP, HANG, WebServer

TWO = ALL + '[[notifications]]\nto = "ann"\nchannel = "other"\non = ["new"]\n'


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
def desk(home: Path, clock: Ahead, server: WebServer) -> Iterator[Desk]:
    made = telling_desk(home, clock, {"desk": server.url})
    tell(made)
    yield made
    made.close()


def a_question(desk: Desk, name: str = "t1") -> None:
    """Somebody else's program asks, and the desk sees it."""
    asking.run(desk.settings.checkpoints_path, {name: {"ask": "Go on?"}})
    assert tell(desk) > 0


def state(desk: Desk) -> list[tuple[str, int]]:
    return [(row["status"], row["attempts"]) for row in journal(desk)]


def test_what_did_not_arrive_is_tried_again_and_then_listed(desk: Desk, clock: Ahead, server: WebServer) -> None:
    server.always = 500
    a_question(desk)
    waits = [4.0, *(each.total_seconds() for each in RETRIES)]
    for number, wait in enumerate(waits, 1):
        assert send(desk, clock, after=wait) == 1
        assert len(server.requests) == number
        assert send(desk, clock, after=0) == 0, "not at once"
    assert state(desk) == [("failed", len(waits))]
    assert send(desk, clock, after=1e6) == 0
    (listed,) = notifications.troubled(desk)
    assert (listed.status, listed.channel, listed.recipient) == (Status.FAILED, "desk", "role:reviewer")
    assert listed.error == "The server did not take it (code 500)."
    server.always = 204
    assert notifications.again(desk, listed.message_id, actor="ann") == 1
    assert send(desk, clock) == 1
    assert state(desk) == [("sent", 1)]
    assert notifications.troubled(desk) == ()
    assert len({request.headers["webhook-id"] for request in server.requests}) == 1


def test_what_may_have_arrived_is_listed_and_not_repeated(desk: Desk, clock: Ahead, server: WebServer) -> None:
    server.answers.append(DROP)
    a_question(desk)
    assert send(desk, clock) == 1
    for _ in range(5):
        assert send(desk, clock, after=1e5) == 0
        assert tell(desk) == 0
    assert len(server.requests) == 1
    (listed,) = notifications.troubled(desk)
    assert (listed.status, listed.arrived) == (Status.UNKNOWN, "may have arrived")
    notifications.again(desk, listed.message_id, actor="ann")
    assert send(desk, clock) == 1
    assert state(desk) == [("sent", 1)]
    with reading(desk.engine) as connection:
        events = [each for each in audit.everything(connection) if each.action.startswith("notified")]
    assert [(each.action, each.actor, each.fields.get("outcome")) for each in events] == [
        ("notified", "system:notifications", "unknown"),
        ("notified_again", "ann", None),
        ("notified", "system:notifications", "sent"),
    ]
    with pytest.raises(InvalidInput, match="signoff notifications"):
        notifications.again(desk, listed.message_id, actor="ann")


def test_a_message_may_be_let_rest(desk: Desk, clock: Ahead, server: WebServer) -> None:
    server.answers.append(DROP)
    a_question(desk)
    send(desk, clock)
    (listed,) = notifications.troubled(desk)
    assert notifications.let_rest(desk, listed.message_id, actor="ann") == 1
    assert notifications.troubled(desk) == ()
    assert send(desk, clock, after=1e5) == 0
    with pytest.raises(InvalidInput):
        notifications.again(desk, listed.message_id, actor="ann")


def test_an_answer_that_comes_too_late_is_still_believed(desk: Desk, clock: Ahead, server: WebServer) -> None:
    """Its lease ran out, so another process called it unknown; then the answer is known after all."""
    a_question(desk)
    clock.forward(4)
    held = notifications.take(desk, "desk", "slow")
    assert held is not None
    clock.forward(120)
    assert notifications.expire(desk) == 1
    assert [each.error for each in notifications.troubled(desk)] == [LEFT_OPEN]
    notifications.settle(desk, held, held.rows, Answer(Outcome.SENT))
    assert state(desk) == [("sent", 1)]


def test_only_an_admin_sends_again_where_accounts_are_on(home: Path, clock: Ahead, server: WebServer) -> None:
    desk = telling_desk(home, clock, {"desk": server.url}, RULES + ALL, accounts="proxy")
    try:
        tell(desk)
        server.answers.append(410)
        a_question(desk)
        send(desk, clock)
        (listed,) = notifications.troubled(desk)
        for name in ("vic", "rita", "lea"):
            with pytest.raises(NotAllowed):
                notifications.again(desk, listed.message_id, actor=at(desk, name))
        assert notifications.again(desk, listed.message_id, actor=at(desk, "ada")) == 1
    finally:
        desk.close()


def test_a_channel_that_hangs_delays_no_other(home: Path, server: WebServer) -> None:
    with WebServer(always=HANG) as hanging:
        desk = telling_desk(home, Ahead(), {"desk": hanging.url, "other": server.url}, TWO)
        try:
            tell(desk)
            a_question(desk)
            desk.clock.forward(4)  # type: ignore[attr-defined]
            messengers = Messengers(desk, poll=0.05)
            messengers.start()
            assert hanging.arrived.wait(5)
            assert server.arrived.wait(5)
            began = time.monotonic()
            assert messengers.stop(0.5) is False, "it is left behind"
            assert time.monotonic() - began < 2
            assert {row["channel"]: row["status"] for row in journal(desk)} == {"desk": "sending", "other": "sent"}
            hanging.ending.set()
            _until(lambda: not any(each.name == "signoff-channel-desk" for each in threading.enumerate()))
            assert {row["channel"]: row["status"] for row in journal(desk)}["desk"] == "unknown"
        finally:
            desk.close()


def _until(done: Callable[[], bool], seconds: float = 20) -> None:
    late = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < late
        time.sleep(0.02)


def test_a_worker_tells_and_sends(home: Path, server: WebServer) -> None:
    desk = telling_desk(home, Ahead(), {"desk": server.url})
    worker = Worker(desk, threads=1)
    try:
        tell(desk)
        worker.start()
        asking.run(desk.settings.checkpoints_path, {"t1": {"ask": "Go on?"}})
        _until(lambda: bool(journal(desk)))
        desk.clock.forward(10)  # type: ignore[attr-defined]
        assert server.arrived.wait(10)
        assert worker.stop(10)
    finally:
        desk.close()
    assert len(server.requests) == 1


def test_a_file_that_cannot_be_read_keeps_its_messages(desk: Desk, clock: Ahead, server: WebServer) -> None:
    a_question(desk)
    with damaged(desk.settings.checkpoints_path):
        assert send(desk, clock) == 1
        assert server.requests == []
        assert state(desk) == [("waiting", 0)]
    assert send(desk, clock, after=31) == 1
    assert state(desk) == [("sent", 1)]


def test_what_waits_for_its_file_is_another_message_than_what_went_out(
    desk: Desk, clock: Ahead, server: WebServer
) -> None:
    """A receiver takes each id once, and would throw the rest away."""
    a_question(desk)
    doubtful = effects.Journal(desk.engine, clock, source_id=desk.sources[0].source_id)
    doubtful.begin("k1", "mail", thread_id="t2", request={})
    doubtful.doubt("k1", "the connection broke")
    assert tell(desk) == 1
    with damaged(desk.settings.checkpoints_path):
        assert send(desk, clock) == 1
    assert send(desk, clock, after=61) == 1
    assert [each.data["type"] for each in server.requests] == ["signoff.in_doubt", "signoff.new"]
    assert len({each.headers["webhook-id"] for each in server.requests}) == 2


def test_thousands_of_questions_at_once_are_one_message(desk: Desk, clock: Ahead, server: WebServer) -> None:
    made = [
        Item(Topic.FAILED, "no-such-file", f"t{number}", None, f"Question {number}", "2999-01-01T00:00:00.000000Z")
        for number in range(1500)
    ]
    assert notifications.write_down(desk, made) == 1500
    assert notifications.write_down(desk, made) == 0
    clock.forward(4)
    held = notifications.take(desk, "desk", "me")
    assert held is not None
    assert len(held.rows) == 1500
    assert notifications.take(desk, "desk", "another") is None


def test_no_address_is_kept_anywhere(home: Path, clock: Ahead) -> None:
    """Of a channel that fails: not in the database, not in a sentence."""
    address = f"http://127.0.0.1:{free_port()}/T0P-S3CRET"
    desk = telling_desk(home, clock, {"desk": address})
    try:
        tell(desk)
        a_question(desk)
        send(desk, clock)
        assert state(desk) == [("waiting", 1)]
    finally:
        desk.close()
    for path in home.glob("signoff.sqlite*"):
        assert b"S3CRET" not in path.read_bytes()
        assert SECRET.encode() not in path.read_bytes()


def test_mail_by_a_rule(home: Path, clock: Ahead) -> None:
    with MailServer() as mails:
        address = f"mailto://127.0.0.1:{mails.port}?from=desk@x.org&to=ann@x.org"
        desk = telling_desk(home, clock, {"desk": address})
        try:
            tell(desk)
            asking.run(desk.settings.checkpoints_path, {"t1": {"ask": "Line one\r\nBcc: eve@x.org\u202e"}})
            tell(desk)
            assert send(desk, clock) == 1
        finally:
            desk.close()
    (sent,) = mails.mails
    assert sent.recipients == ("ann@x.org",)
    assert sent.message["bcc"] is None
    assert sent.message["subject"].startswith("New question to review: Line one Bcc: eve@x.org")
    assert "\u202e" not in str(sent.message["subject"])


# -- real processes -----------------------------------------------------------------------------------------------

WORKER = [sys.executable, "-m", "agents", "worker", "--threads", "1"]


@pytest.fixture
def workers(home: Path, server: WebServer) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """workers(**settings): a worker in a process of its own, on the desk in `home`."""
    started: list[subprocess.Popen[bytes]] = []
    rules = home / "rules.toml"
    rules.write_text(ALL)
    env = environment(
        home,
        {
            "SIGNOFF_RULES": str(rules),
            "SIGNOFF_CHANNELS": f'{{"desk": "{server.url}"}}',
            "SIGNOFF_WEBHOOK_SECRET": SECRET,
            "SIGNOFF_URL": "https://desk.example.com",
        },
    )

    def start() -> subprocess.Popen[bytes]:
        with (home / "workers.log").open("ab") as log:
            started.append(subprocess.Popen(WORKER, cwd=ROOT, env=env, stdout=log, stderr=log))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def _begun(home: Path, clock: Ahead, server: WebServer) -> Any:
    """The desk as the workers have it, when one of them knows the rules."""
    desk = telling_desk(home, clock, {"desk": server.url})
    notifications.begun(desk)
    return desk


@pytest.mark.slow
def test_a_sender_that_is_killed_leaves_a_message_in_doubt(
    home: Path, clock: Ahead, server: WebServer, workers: Callable[..., subprocess.Popen[bytes]]
) -> None:
    server.answers.append(HANG)
    desk = _begun(home, clock, server)
    try:
        process = workers()
        asking.run(desk.settings.checkpoints_path, {"t1": {"ask": "Go on?"}})
        assert server.arrived.wait(60)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert state(desk) == [("sending", 1)]
        clock.forward(61)
        tell(desk)
        assert state(desk) == [("unknown", 1)]
        server.arrived.clear()
        workers()
        assert not server.arrived.wait(5), "nobody repeats it"
        clock.more = timedelta()
        (listed,) = notifications.troubled(desk)
        notifications.again(desk, listed.message_id, actor="ann")
        assert server.arrived.wait(20)
        _until(lambda: state(desk) == [("sent", 1)])
    finally:
        desk.close()
    assert len({request.headers["webhook-id"] for request in server.requests}) == 1


@pytest.mark.slow
def test_a_worker_does_not_wait_for_a_channel_that_hangs(
    home: Path, clock: Ahead, server: WebServer, workers: Callable[..., subprocess.Popen[bytes]]
) -> None:
    server.always = HANG
    desk = _begun(home, clock, server)
    desk.close()
    process = workers()
    asking.run(home / "checkpoints.sqlite", {"t1": {"ask": "Go on?"}})
    assert server.arrived.wait(60)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert time.monotonic() - began < 9, "less than it takes until the answer is given up"
    assert "S3CRET" not in (home / "workers.log").read_text()


@pytest.mark.slow
def test_two_workers_tell_each_question_once(
    home: Path, clock: Ahead, server: WebServer, workers: Callable[..., subprocess.Popen[bytes]]
) -> None:
    desk = _begun(home, clock, server)
    try:
        for _ in range(2):
            workers()
        names = {f"t{number}": {"ask": f"Go on {number}?"} for number in range(12)}
        asking.run(desk.settings.checkpoints_path, names)
        assert server.arrived.wait(60)
        _until(lambda: [row["status"] for row in journal(desk)] == ["sent"] * 12, 90)
        time.sleep(2)
    finally:
        desk.close()
    told = [item["thread_id"] for request in server.requests for item in request.data["data"]["items"]]
    assert sorted(told) == sorted(set(told))
    assert sum(request.data["data"]["count"] for request in server.requests) == 12
