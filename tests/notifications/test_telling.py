"""What people are told: once, in plain words, of what is new and still so; on a real desk and a real web server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from agents import audit, decisions, effects, notifications, starts
from agents.adapters.channels.signing import signature
from agents.claims import assign
from agents.database import effect, reading, writing
from agents.desk import Desk, open_desk
from agents.domain import DecisionType, Said
from agents.runs.due import sweep
from agents.runs.telling import tell
from tests.browser import asking
from tests.desks import paused, work
from tests.notifications.telling import ALL, SECRET, Ahead, damaged, journal, send, tell_and_send, telling_desk
from tests.web_server import WebServer

YES = Said(DecisionType.RESPOND, message="yes")
Made = Callable[..., Desk]


@pytest.fixture(scope="module")
def running() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


@pytest.fixture
def server(running: WebServer) -> WebServer:
    running.requests.clear()
    running.answers.clear()
    return running


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
def made(home: Path, clock: Ahead, server: WebServer) -> Iterator[Made]:
    """made(rules=ALL): a desk whose channel "desk" is the web server."""
    desks: list[Desk] = []

    def make(rules: str = ALL) -> Desk:
        desks.append(telling_desk(home, clock, {"desk": server.url}, rules))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


def strangers(home: Path, number: int, name: str = "stranger") -> None:
    """Questions of somebody else's program, in the desk's file."""
    asking.run(home / "checkpoints.sqlite", {f"{name}-{place}": {"ask": f"Go on {place}?"} for place in range(number)})


def test_a_new_question_is_told_once_with_a_link(made: Made, home: Path, clock: Ahead, server: WebServer) -> None:
    desk = made()
    assert tell(desk) == 0
    thread_id, pause = paused(desk, "one", home, question="Delete <b>all</b> files?")
    assert [tell(desk), tell(desk)] == [1, 0]
    with closing(open_desk(desk.settings, clock)) as another_process:
        assert tell(another_process) == 0
    assert send(desk, clock, after=0) == 0, "it waits a little for others"
    assert send(desk, clock) == 1
    (request,) = server.requests
    link = f"https://desk.example.com/review?thread={thread_id}&pause={pause.pause_key}&source={pause.source_id}"
    data = request.data["data"]
    assert data["title"].startswith("New question to review: ")
    assert data["link"] == link
    assert data["to"] == "role:reviewer"
    assert (data["items"][0]["topic"], data["items"][0]["graph_id"]) == ("new", "one")
    signed = signature(SECRET, request.headers["webhook-id"], int(request.headers["webhook-timestamp"]), request.body)
    assert request.headers["webhook-signature"] == signed
    (row,) = journal(desk)
    assert (row["status"], row["attempts"]) == ("sent", 1)
    with reading(desk.engine) as connection:
        event = audit.latest(connection, pause.source_id, thread_id, "notified")
    assert event is not None
    told = {name: event.fields[name] for name in ("channel", "to", "topics", "count", "outcome")}
    assert told == {"channel": "desk", "to": "role:reviewer", "topics": ["new"], "count": 1, "outcome": "sent"}


def test_what_waited_before_the_rules_asked_is_told_to_nobody(
    made: Made, home: Path, clock: Ahead, server: WebServer
) -> None:
    strangers(home, 20, "old")
    desk = made()
    assert tell_and_send(desk, clock) == 0
    strangers(home, 1, "new")
    assert tell_and_send(desk, clock) == 1
    more = made(ALL + '[[notifications]]\nto = "role:lead"\nchannel = "desk"\non = ["new"]\n')
    assert tell_and_send(more, clock) == 0, "a rule begins with what comes after it"
    assert len(server.requests) == 1


def test_many_questions_are_one_message(made: Made, home: Path, clock: Ahead, server: WebServer) -> None:
    desk = made()
    tell(desk)
    strangers(home, 37)
    assert tell_and_send(desk, clock) == 37
    (request,) = server.requests
    data = request.data["data"]
    assert request.data["type"] == "signoff.several"
    assert data["title"] == "Signoff: 37 new questions wait"
    assert data["link"] == "https://desk.example.com/inbox"
    assert (data["count"], len(data["items"])) == (37, 10)
    assert {row["message_id"] for row in journal(desk)} == {request.headers["webhook-id"]}


def test_a_reader_is_not_disturbed_twice_in_a_minute(made: Made, home: Path, clock: Ahead, server: WebServer) -> None:
    desk = made()
    tell(desk)
    for name in ("first", "second", "third"):
        strangers(home, 1, name)
        tell(desk)
        send(desk, clock)
    assert [request.data["data"]["count"] for request in server.requests] == [1]
    send(desk, clock, after=60)
    assert [request.data["data"]["count"] for request in server.requests] == [1, 2]


def test_a_large_file_is_followed_and_told_the_same(made: Made, home: Path, clock: Ahead, server: WebServer) -> None:
    strangers(home, 3, "old")
    desk = replace(made(), follow_from=1)
    assert tell_and_send(desk, clock) == 0
    strangers(home, 2, "new")
    assert tell_and_send(desk, clock) == 2
    assert server.requests[0].data["data"]["count"] == 2
    desk.close()


def test_what_was_decided_meanwhile_is_not_told(made: Made, home: Path, clock: Ahead, server: WebServer) -> None:
    desk = made()
    tell(desk)
    thread_id, pause = paused(desk, "one", home)
    assert tell(desk) == 1
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    send(desk, clock)
    assert server.requests == []
    assert [(row["status"], row["attempts"]) for row in journal(desk)] == [("moot", 0)]


def test_a_run_that_failed_is_told_as_such(made: Made, home: Path, clock: Ahead, server: WebServer) -> None:
    desk = made()
    tell(desk)
    thread_id = starts.start(desk, "failing", {"log": str(home / "log.txt")}, actor="ann")
    work(desk)
    for pause in desk.pauses(thread_id):
        decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    work(desk)
    assert tell_and_send(desk, clock) == 1
    data = server.requests[0].data["data"]
    assert data["title"].startswith("A run stopped: ")
    assert f"thread={thread_id}" in data["link"]
    assert tell_and_send(desk, clock) == 0


def test_an_act_in_doubt_is_told(made: Made, home: Path, clock: Ahead, server: WebServer) -> None:
    desk = made()
    tell(desk)
    source_id = desk.sources[0].source_id
    journalled = effects.Journal(desk.engine, clock, source_id=source_id)
    journalled.begin("k1", "mail", thread_id="t1", request={"secret": "never told"})
    journalled.doubt("k1", "the connection broke")
    assert tell_and_send(desk, clock) == 1
    assert server.requests[0].data["data"]["title"].startswith("Nobody can say whether this happened (mail)")
    assert b"never told" not in server.requests[0].body
    with writing(desk.engine) as connection:
        values = {"source_id": source_id, "effect_key": "k0", "kind": "mail", "thread_id": "t0", "status": "in_doubt"}
        times = {"started_at": "2020-01-01T00:00:00.000000Z", "settled_at": "2020-01-01T00:00:00.000000Z"}
        connection.execute(insert(effect).values(**values, **times, request={}))
    assert tell_and_send(desk, clock) == 0, "it was so before the rules asked"


DUE = """
[[deadlines]]
graph = "one"
steps = [{after = "2h", do = "escalate", to = "role:lead"}, {after = "2h", do = "cancel"}]
near = "30m"
[people."lea@example.org"]
role = "lead"
[people."rob@example.org"]
role = "reviewer"
[[notifications]]
to = "rob@example.org"
channel = "desk"
on = ["near", "escalated"]
[[notifications]]
to = "lea@example.org"
channel = "desk"
on = ["escalated"]
"""


def test_a_deadline_that_is_near_and_an_escalation(made: Made, home: Path, clock: Ahead, server: WebServer) -> None:
    desk = made(DUE)
    tell(desk)
    _, pause = paused(desk, "one", home)
    sweep(desk)
    assert tell_and_send(desk, clock) == 0
    clock.forward(90 * 60 + 10)
    assert tell_and_send(desk, clock) == 1
    near = server.requests[0].data["data"]
    assert near["to"] == "rob@example.org"
    assert near["title"].startswith("Due soon: ")
    assert "goes to a lead" in near["items"][0]["text"]
    assert near["items"][0]["due_at"] > near["items"][0]["at"]
    clock.forward(30 * 60)
    sweep(desk)
    assert tell_and_send(desk, clock) == 1
    escalated = server.requests[1].data["data"]
    assert escalated["to"] == "lea@example.org"
    assert escalated["title"].startswith("Escalated to a lead: ")
    assert f"pause={pause.pause_key}" in escalated["link"]


def test_an_escalation_is_told_although_its_file_could_not_be_read_just_then(
    made: Made, home: Path, clock: Ahead, server: WebServer
) -> None:
    desk = made(DUE)
    tell(desk)
    paused(desk, "one", home)
    clock.forward(2 * 60 * 60 + 1)
    sweep(desk)
    with damaged(desk.settings.checkpoints_path):
        tell(desk)
    tell_and_send(desk, clock)
    assert [each.data["data"]["title"].partition(":")[0] for each in server.requests] == ["Escalated to a lead"]


def test_who_is_given_a_question_is_told(made: Made, home: Path, clock: Ahead, server: WebServer) -> None:
    rules = '[[notifications]]\nto = "{}"\nchannel = "desk"\non = ["new"]\ngraphs = ["one"]\n'
    desk = made(rules.format("ann") + rules.format("bob"))
    tell(desk)
    _, pause = paused(desk, "one", home)
    tell_and_send(desk, clock)
    server.requests.clear()
    assign(desk, pause.thread_id, pause.pause_key, "bob", actor="ann")
    assert tell_and_send(desk, clock) == 1
    assert server.requests[0].data["data"]["to"] == "bob"
    assert server.requests[0].data["data"]["title"].startswith("ann gave this to bob: ")


def test_a_desk_without_rules_about_messages_keeps_none(made: Made, home: Path) -> None:
    desk = made("")
    strangers(home, 1)
    assert tell(desk) == 0
    assert journal(desk) == []
    assert notifications.troubled(desk) == ()
