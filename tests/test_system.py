"""The System page's one read: what it says of real troubles, and to whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from agents import audit, claims, decisions, effects, starts, system, workers
from agents.clock import to_text
from agents.database import event, job, notification, reading, writing
from agents.desk import Desk, open_desk
from agents.domain import DecisionType, Said
from agents.errors import NotAllowed
from agents.people import tokens
from tests.accounts import accounts_desk, asked, at
from tests.desks import desk_in, paused, work
from tests.test_decisions import Hand

YES = Said(DecisionType.RESPOND, message="yes")


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def desk(home: Path, clock: Hand) -> Iterator[Desk]:
    made = desk_in(home, clock, undo_seconds=0)
    yield made
    made.close()


def private(desk: Desk) -> system.Private:
    found = system.overview(desk, "ann").private
    assert found is not None
    return found


def test_an_empty_desk_lacks_only_a_worker(desk: Desk) -> None:
    found = system.overview(desk, "ann")
    assert (found.work.workers, found.work.last, found.work.waiting, found.wrong) == ((), None, 0, 1)
    mine = workers.begin(desk.engine, threads=4, now=desk.clock())
    assert system.overview(desk, "ann").wrong == 0
    workers.end(desk.engine, mine, now=desk.clock())
    last = system.overview(desk, "ann").work.last
    assert last is not None
    assert last.worker_id == mine.worker_id


def test_a_silent_worker_is_none(desk: Desk, clock: Hand) -> None:
    workers.begin(desk.engine, threads=4, now=desk.clock())
    assert len(system.overview(desk, "ann").work.workers) == 1
    clock.now += timedelta(minutes=5)
    assert system.overview(desk, "ann").work.workers == ()


def test_work_that_nobody_takes_is_late(desk: Desk, home: Path, clock: Hand) -> None:
    starts.start(desk, "one", {"log": str(home / "log.txt")}, actor="ann")
    found = system.overview(desk, "ann").work
    assert (found.waiting, found.late) == (1, 0)
    clock.now += timedelta(minutes=5)
    found = system.overview(desk, "ann").work
    assert (found.waiting, found.late) == (1, 1)
    assert found.late_since is not None
    assert clock.now - found.late_since < timedelta(minutes=6)


def test_what_needs_a_person_is_listed_once(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "failing", home)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    work(desk)
    found = private(desk)
    lines = [*found.stuck[0], *found.failed[0]]
    assert [(line.thread_id, line.source_id) for line in lines] == [(thread_id, pause.source_id)]
    assert found.stuck[1] + found.failed[1] == 1
    assert lines[0].text


def test_an_act_in_doubt_is_listed_with_its_thread(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    journal = effects.Journal(desk.engine, desk.clock, source_id=pause.source_id)
    journal.begin("key", "mail", thread_id=thread_id, request={"recipients": ["ann@example.org"]})
    journal.doubt("key", "the connection broke")
    ((line,), total) = private(desk).doubts
    assert (line.thread_id, line.source_id, total) == (thread_id, pause.source_id, 1)
    assert line.text == "It may have happened, or not: the mail to ann@example.org. A person has to say."


def test_a_graph_that_does_not_load_says_why(home: Path) -> None:
    (home / "broken.py").write_text("import nothing_of_that_name\n")
    config = home / "langgraph.json"
    desk = desk_in(home)
    config.write_text(json.dumps({"graphs": {"broken": f"{home}/broken.py:graph"}}))
    desk.close()
    desk = open_desk(desk.settings)
    assert [(each.graph_id, each.reason) for each in system.overview(desk, "ann").graphs] == [("broken", None)]
    desk.registry.load_own()
    (graph,) = system.overview(desk, "ann").graphs
    assert "nothing_of_that_name" in str(graph.reason)
    desk.close()


def test_claims_messages_and_tokens_are_listed_without_secrets(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    claims.claim(desk, thread_id, pause.pause_key, actor="ann")
    _, secret = tokens.create(desk, "robot", ["read"], actor="ada")
    ended, _ = tokens.create(desk, "old", ["read"], actor="ada")
    tokens.revoke(desk, ended.token_id, actor="ada")
    now = to_text(desk.clock())
    row = dict.fromkeys(("unique_key", "topic", "title", "text", "link", "recipient", "channel", "message_id"), "x")
    row |= {
        "notification_id": "n1",
        "source_id": pause.source_id,
        "thread_id": thread_id,
        "status": "failed",
        "facts": {},
    }
    with writing(desk.engine) as connection:
        connection.execute(insert(notification).values(**row, created_at=now, due_at=now, settled_at=now, attempts=1))
    found = private(desk)
    (((claim, title),), total) = found.claims
    assert (claim.holder, bool(title), total) == ("ann", True, 1)
    assert [each.name for each in found.tokens] == ["robot"]
    assert secret not in str(found)
    assert [each.message_id for each in found.messages[0]] == ["x"]


def test_only_leads_and_admins_see_people_threads_and_the_record(home: Path) -> None:
    desk = accounts_desk(home)
    asked(desk, "one", home)
    for name, sees in (("vic", False), ("rita", False), ("lea", True), ("ada", True)):
        who = at(desk, name)
        found = system.overview(desk, who)
        assert (found.private is not None) is sees
        assert found.work.running == 0, "whether the desk works is nobody's secret"
        if sees:
            assert system.check_record(desk, who).fault is None
            assert found.private is not None
            assert json.loads(system.head_file(found.private.head))["count"] > 0
        else:
            with pytest.raises(NotAllowed):
                system.check_record(desk, who)
    assert system.overview(desk, "ann").private is None, "a name that somebody typed is nobody here"
    desk.close()


def test_a_check_tells_what_was_changed(desk: Desk, home: Path) -> None:
    paused(desk, "one", home)
    found = system.check_record(desk, "ann")
    assert (found.fault, found.count) == (None, audit_count(desk))
    with writing(desk.engine) as connection:
        connection.execute(update(event).where(event.c.seq == 2).values(actor="mallory"))
    assert str(system.check_record(desk, "ann").fault).startswith("Event 2 was changed")


def audit_count(desk: Desk) -> int:
    with reading(desk.engine) as connection:
        return audit.head(connection).count


def test_a_file_that_went_back_is_told(desk: Desk, home: Path) -> None:
    thread_id, _ = paused(desk, "one", home)
    assert private(desk).files == ()
    with writing(desk.engine) as connection:
        connection.execute(update(job).values(checkpoint_id="1f000000-0000-6000-8000-000000000000"))
    (gap,) = private(desk).files or ()
    assert gap.thread_id == thread_id
