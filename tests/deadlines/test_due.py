"""Deadlines that act, on real graphs, with a clock that is moved forward."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents import claims, deadlines, decisions, jobs
from agents.database import reading, writing
from agents.deadlines import Deadline, State
from agents.desk import Desk
from agents.domain import DecisionStatus, DecisionType, Pause, Said
from agents.errors import NotAllowed, NotPending
from agents.history import story
from agents.reviews import inbox
from agents.runs import due
from agents.runs.due import sweep
from tests.deadlines.desks import PEOPLE, Later, actions, desk_with, events, key_of, made_on, mail, plan, row_of
from tests.desks import log_of, paused, work

CANCEL = {"steps": [{"after": "1h", "do": "cancel"}]}
ANSWER = {"steps": [{"after": "1h", "do": "default", "decision": "respond", "message": "yes"}]}
ESCALATE = {"steps": [{"after": "1h", "do": "escalate", "to": "role:lead"}]}
APPROVE = {"steps": [{"after": "1h", "do": "default", "decision": "approve"}]}
CHAIN = {
    "steps": [
        {"after": "1h", "do": "escalate", "to": "role:lead"},
        {"after": "2h", "do": "escalate", "to": "grace@example.org"},
        {"after": "3h", "do": "cancel", "message": "Nobody had time."},
    ]
}


@pytest.fixture(scope="module")
def clock() -> Later:
    return Later()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, clock: Later) -> Iterator[Desk]:
    """One desk for all: each test looks at a thread of its own, whose plan its start names."""
    made = desk_with(tmp_path_factory.mktemp("home"), PEOPLE, clock, undo_seconds=0)
    yield made
    made.close()


@pytest.fixture
def ruled(home: Path, clock: Later) -> Iterator[Callable[[str], Desk]]:
    made: list[Desk] = []

    def open_(rules: str) -> Desk:
        made.append(desk_with(home, rules, clock, undo_seconds=0))
        return made[-1]

    yield open_
    for each in made:
        each.close()


def now_row(desk: Desk, pause: Pause) -> Deadline:
    row = row_of(desk, pause)
    assert row is not None
    return row


def test_the_usual_plan_goes_to_a_lead_after_a_day_and_cancels_after_another(desk: Desk, clock: Later) -> None:
    thread_id, pause = mail(desk)
    sweep(desk)
    assert timedelta(hours=23, minutes=59) < now_row(desk, pause).due_at - clock() <= timedelta(hours=24)
    clock.forward(hours=24)
    sweep(desk)
    with reading(desk.engine) as connection:
        given = claims.assignment_of(connection, now_row(desk, pause).about)
    assert given is not None
    assert (given.assignee, given.assigned_by) == ("role:lead", deadlines.ACTOR)
    told = [each.what for each in story(desk, thread_id).entries if "to a lead" in each.what]
    assert len(told) == 1, "an escalation is one line, though two events"
    clock.forward(hours=23, minutes=59)
    sweep(desk)
    assert made_on(desk, pause) == []
    clock.forward(minutes=1)
    sweep(desk)
    work(desk)
    assert [(each.type, each.actor, each.status) for each in made_on(desk, pause)] == [
        (DecisionType.REJECT, deadlines.ACTOR, DecisionStatus.DELIVERED)
    ]
    assert "Nobody decided by" in str(made_on(desk, pause)[0].message)
    assert desk.outcome(thread_id)["status"] == "cancelled"
    sweep(desk)
    assert now_row(desk, pause).state is State.OVER


def test_where_nobody_is_named_the_usual_plan_gives_it_to_nobody(ruled: Callable[[str], Desk], clock: Later) -> None:
    desk = ruled("")
    _, pause = mail(desk)
    sweep(desk)
    (waits,) = inbox(desk).rows
    assert waits.due_words == "cancelled in 48 h unless decided"
    clock.forward(hours=24)
    sweep(desk)
    (waits,) = inbox(desk).rows
    assert (waits.due_words, waits.assigned_to) == ("cancelled in 24 h unless decided", None)
    clock.forward(hours=24)
    sweep(desk)
    assert [each.actor for each in made_on(desk, pause)] == [deadlines.ACTOR]


def test_a_chain_of_two_escalations_and_then_no_each_once(desk: Desk, clock: Later) -> None:
    waiting = [mail(desk, deadline=CHAIN)[1] for _ in range(2)]
    sweep(desk)
    for hours in (1, 2, 3):
        clock.forward(hours=hours)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: sweep(desk), range(4)))
    for pause in waiting:
        given = [event.fields["to"] for event in events(desk, pause) if event.action == "escalated"]
        assert given == ["role:lead", "grace@example.org"]
        assert [each.message for each in made_on(desk, pause)] == ["Nobody had time."]
        lines = [entry.what for entry in story(desk, pause.thread_id).entries]
        assert any(line.startswith("escalated this to a lead: Nobody decided by") for line in lines)


def test_a_graph_that_takes_no_no_is_closed(desk: Desk, clock: Later) -> None:
    thread_id, pause = paused(desk, "one", desk.settings.home, deadline=CANCEL)
    sweep(desk)
    clock.forward(hours=1)
    sweep(desk)
    work(desk)
    assert [each.type for each in made_on(desk, pause)] == [DecisionType.IGNORE]
    assert desk.pauses(thread_id) == ()


def test_a_default_approves_what_can_be_undone(ruled: Callable[[str], Desk], clock: Later) -> None:
    desk = ruled("")
    _, pause = plan(desk, deadline=APPROVE)
    sweep(desk)
    clock.forward(hours=1)
    sweep(desk)
    work(desk)
    assert [(each.type, each.actor) for each in made_on(desk, pause)] == [(DecisionType.APPROVE, deadlines.ACTOR)]
    assert not list((desk.settings.workspace_path / "box").glob("*.tmp"))


def test_a_default_never_approves_what_cannot_be_undone(desk: Desk, clock: Later) -> None:
    _, pause = mail(desk, deadline=APPROVE)
    sweep(desk)
    clock.forward(hours=1)
    sweep(desk)
    work(desk)
    assert made_on(desk, pause) == []
    told = events(desk, pause)[-1]
    assert (told.action, told.fields["to"]) == ("escalated", "role:lead")
    assert "Nothing says that it can be undone" in told.fields["reason"]
    assert now_row(desk, pause).state is State.SPENT
    with pytest.raises(NotAllowed, match="by_deadline"):  # where decisions are made, whoever calls
        decisions.decide(desk, pause.thread_id, pause.pause_key, Said(DecisionType.APPROVE), actor=deadlines.ACTOR)
    with pytest.raises(NotPending, match="by itself"):
        deadlines.extend(desk, key_of(pause), timedelta(hours=1), actor="lead", reason="more time")


def test_unless_the_rules_name_it(ruled: Callable[[str], Desk], clock: Later) -> None:
    desk = ruled('[graphs.email_approval]\nby_deadline = ["approve"]\n')
    _, pause = mail(desk, deadline=APPROVE)
    sweep(desk)
    clock.forward(hours=1)
    sweep(desk)
    work(desk)
    assert [(each.type, each.status) for each in made_on(desk, pause)] == [
        (DecisionType.APPROVE, DecisionStatus.DELIVERED)
    ]
    assert len(list(desk.settings.outbox_path.glob("*.eml"))) == 1


def test_where_two_must_agree_a_deadline_may_only_stop(ruled: Callable[[str], Desk], clock: Later) -> None:
    desk = ruled('[graphs.plan_approval]\nfour_eyes = true\nby_deadline = ["approve"]\n')
    approved, stopped = plan(desk, deadline=APPROVE)[1], plan(desk, deadline=CANCEL)[1]
    sweep(desk)
    clock.forward(hours=1)
    sweep(desk)
    assert made_on(desk, approved) == []
    assert actions(desk, approved)[-1] == "escalated"
    assert [each.type for each in made_on(desk, stopped)] == [DecisionType.REJECT]
    assert "opined" not in [*actions(desk, approved), *actions(desk, stopped)]


def test_after_a_downtime_longer_than_the_grace_it_escalates_and_does_not_cancel(desk: Desk, clock: Later) -> None:
    _, late = mail(desk, deadline=CANCEL | {"grace": "10m"})
    _, in_time = mail(desk, deadline=CANCEL)
    sweep(desk)
    clock.forward(hours=1, minutes=50)
    sweep(desk)
    assert made_on(desk, late) == []
    assert "was not running" in events(desk, late)[-1].fields["reason"]
    assert [each.type for each in made_on(desk, in_time)] == [DecisionType.REJECT]
    clock.forward(minutes=61)
    sweep(desk)
    assert [each.type for each in made_on(desk, late)] == [DecisionType.REJECT]


def test_whoever_decides_in_time_was_first(desk: Desk, clock: Later) -> None:
    _, pause = mail(desk, deadline=CANCEL)
    sweep(desk)
    clock.forward(hours=1)
    decisions.decide(desk, pause.thread_id, pause.pause_key, Said(DecisionType.REJECT), actor="ann")
    sweep(desk)
    work(desk)
    sweep(desk)
    assert [each.actor for each in made_on(desk, pause)] == ["ann"]
    assert now_row(desk, pause).state is State.OVER


def test_an_answer_that_waits_for_others_stops_the_clock_of_its_question(desk: Desk, clock: Later) -> None:
    thread_id, _ = paused(desk, "two", desk.settings.home, deadline=CANCEL)
    left, right = desk.pauses(thread_id)
    sweep(desk)
    clock.forward(minutes=30)
    made = decisions.decide(desk, thread_id, left.pause_key, Said(DecisionType.RESPOND, message="yes"), actor="ann")
    sweep(desk)
    held = now_row(desk, left)
    assert held.state is State.HELD
    assert held.left is not None
    assert timedelta(minutes=29) < held.left <= timedelta(minutes=30)
    assert now_row(desk, right).state is State.WAITING
    clock.forward(minutes=20)
    decisions.undo(desk, made.decision_id, actor="ann")
    sweep(desk)
    again = now_row(desk, left)
    assert again.state is State.WAITING
    assert again.due_at > clock() + timedelta(minutes=29)
    deadlines.pause(desk, key_of(right), actor="lead", reason="no matter")


def test_a_thread_is_not_closed_while_another_of_its_questions_has_time_left(desk: Desk, clock: Later) -> None:
    thread_id, _ = paused(desk, "two", desk.settings.home, deadline=CANCEL)
    left, right = desk.pauses(thread_id)
    sweep(desk)
    deadlines.extend(desk, key_of(left), timedelta(hours=2), actor="lead", reason="Ann is away")
    clock.forward(hours=1)
    sweep(desk)
    deadlines.pause(desk, key_of(left), actor="lead", reason="Ann is away")
    for _ in range(3):
        clock.forward(hours=1)
        sweep(desk)
    assert made_on(desk, right) == []
    deadlines.go_on(desk, key_of(left), actor="lead")
    for _ in range(3):
        clock.forward(hours=1)
        sweep(desk)
    work(desk)
    assert {each.type for each in made_on(desk, right)} == {DecisionType.IGNORE}


def test_a_claim_does_not_stop_it(desk: Desk, clock: Later) -> None:
    _, pause = mail(desk, deadline={"steps": [{"after": "5m", "do": "cancel"}]})
    sweep(desk)
    clock.forward(minutes=5)
    claims.claim(desk, pause.thread_id, pause.pause_key, actor="ann")
    sweep(desk)
    assert [each.actor for each in made_on(desk, pause)] == [deadlines.ACTOR]


def test_a_decision_of_a_deadline_that_did_not_hold_goes_to_a_person(desk: Desk, clock: Later) -> None:
    _, pause = mail(desk, deadline=CANCEL)
    sweep(desk)
    clock.forward(hours=1)
    sweep(desk)
    with writing(desk.engine) as connection:
        made = decisions.accepted(connection, pause.source_id, pause.thread_id)[0]
        decisions.settle(connection, made, DecisionStatus.REFUSED, at=clock(), reason="the graph did not accept it")
        jobs.cancel(connection, str(made.job_id), clock())
    sweep(desk)
    assert "the graph did not accept it" in events(desk, pause)[-1].fields["reason"]
    assert now_row(desk, pause).state is State.SPENT


def test_a_row_that_was_moved_since_it_was_seen_is_not_acted_on(desk: Desk, clock: Later) -> None:
    _, pause = mail(desk, deadline=CANCEL)
    sweep(desk)
    seen = now_row(desk, pause)
    clock.forward(hours=1)
    deadlines.extend(desk, key_of(pause), timedelta(hours=1), actor="lead", reason="Ann is away")
    assert not due.act(desk, seen, clock())
    assert made_on(desk, pause) == []
    assert now_row(desk, pause).state is State.WAITING


def test_a_question_that_is_asked_again_has_all_of_its_time_again(desk: Desk, clock: Later) -> None:
    thread_id, _ = paused(desk, "two", desk.settings.home, deadline=CANCEL)
    left, right = desk.pauses(thread_id)
    sweep(desk)
    clock.forward(minutes=59)
    yes = Said(DecisionType.RESPOND, message="yes")
    decisions.decide(desk, thread_id, left.pause_key, yes, actor="ann", override=True)
    work(desk)
    assert now_row(desk, right).due_at - clock() > timedelta(minutes=59)
    clock.forward(minutes=2)
    sweep(desk)
    assert [each.actor for each in made_on(desk, thread_id)] == ["ann"]
    clock.forward(minutes=58)
    sweep(desk)
    assert made_on(desk, thread_id)[-1].actor == deadlines.ACTOR


def test_closing_a_thread_throws_away_nobodys_answer(desk: Desk, clock: Later) -> None:
    thread_id, _ = paused(desk, "two", desk.settings.home, deadline=CANCEL)
    left, right = desk.pauses(thread_id)
    sweep(desk)
    made = decisions.decide(desk, thread_id, left.pause_key, Said(DecisionType.RESPOND, message="yes"), actor="ann")
    clock.forward(hours=1)
    sweep(desk)
    assert [each.decision_id for each in made_on(desk, thread_id)] == [made.decision_id]
    assert "throw away the answer" in events(desk, right)[-1].fields["reason"]
    assert now_row(desk, right).state is State.SPENT


def test_a_question_without_a_deadline_is_not_closed_with_another(ruled: Callable[[str], Desk], clock: Later) -> None:
    desk = ruled('[[deadlines]]\nnode = "left_*"\nsteps = []\n\n[[deadlines]]\nsteps = [{after = "1h", do = "cancel"}]')
    thread_id, _ = paused(desk, "two", desk.settings.home)
    right = desk.pauses(thread_id)[1]
    sweep(desk)
    clock.forward(hours=1)
    sweep(desk)
    assert made_on(desk, thread_id) == []
    assert "has no deadline" in events(desk, right)[-1].fields["reason"]


@pytest.mark.parametrize("steps", [ANSWER, ESCALATE], ids=["default", "escalate"])
def test_what_was_answered_before_an_older_file_took_its_place_needs_a_person(
    ruled: Callable[[str], Desk], clock: Later, steps: dict[str, Any]
) -> None:
    rules = '[graphs.one]\nby_deadline = ["respond"]\n'
    desk = ruled(rules)
    _, pause = paused(desk, "one", desk.settings.home, deadline=steps)
    sweep(desk)
    older = desk.settings.home / "older.sqlite"
    copied(desk.sources[0].path, older)
    decisions.decide(desk, *key_of(pause)[1:], Said(DecisionType.RESPOND, message="yes"), actor="ann")
    work(desk)
    sweep(desk)
    desk.close()
    copied(older, desk.sources[0].path)
    again = ruled(rules)
    sweep(again)
    clock.forward(hours=1)
    sweep(again)
    work(again)
    assert [each.actor for each in made_on(again, pause)] == ["ann"]
    assert actions(again, pause)[-1] == "escalated"
    assert log_of(again.settings.home) == ["answered yes", "acted yes"]


def copied(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
