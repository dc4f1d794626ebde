"""Deciding and delivering on real graphs and real files: once, in order, or with a reason."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agents import audit, decisions, jobs, starts
from agents.database import reading
from agents.desk import Desk
from agents.domain import DecisionStatus, DecisionType, Said
from agents.errors import (
    AlreadyDecided,
    GraphUnavailable,
    InvalidDecision,
    NotPending,
    QuestionChanged,
    UndoTooLate,
)
from agents.jobs import MAX_ATTEMPTS, JobStatus
from agents.reviews import inbox, open_review, save_draft
from agents.runs.steps import execute
from tests.desks import by_question, desk_in, last_job, log_of, paused, work

YES = Said(DecisionType.RESPOND, message="yes")
NO = Said(DecisionType.RESPOND, message="no")


class Hand:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    made = desk_in(home, undo_seconds=0)
    yield made
    made.close()


def test_a_decision_reaches_the_graph_once(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    made = decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann", seen=pause.seen)
    assert made.status is DecisionStatus.ACCEPTED
    work(desk)
    assert log_of(home) == ["answered yes", "acted yes"]
    opened = open_review(desk, thread_id, pause.pause_key, actor="ann")
    assert opened.decision is not None
    assert opened.decision.status is DecisionStatus.DELIVERED
    assert opened.outcome["text"] == "Did yes."
    assert opened.finished
    assert inbox(desk).rows == ()
    with reading(desk.engine) as connection:
        assert audit.verify(connection) is None
    assert [event.action for event in events(desk, thread_id)] == [
        "started",
        "asked",
        "decided",
        "delivered",
        "finished",
    ]


def test_the_second_of_two_is_told_who_was_first(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    for key in (pause.pause_key, pause.interrupt_id):
        with pytest.raises(AlreadyDecided, match="ann answered this"):
            decisions.decide(desk, thread_id, str(key), NO, actor="bob")
    work(desk)
    with pytest.raises(AlreadyDecided, match="ann"):
        decisions.decide(desk, thread_id, pause.pause_key, NO, actor="bob")
    assert log_of(home) == ["answered yes", "acted yes"]


def test_sixteen_at_once_give_one_decision(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)

    def click(number: int) -> str:
        try:
            decisions.decide(desk, thread_id, pause.pause_key, YES, actor=f"person {number}")
        except AlreadyDecided:
            return "late"
        return "first"

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(click, range(16)))
    work(desk)
    assert sorted(results) == ["first"] + ["late"] * 15
    assert log_of(home) == ["answered yes", "acted yes"]


def test_a_changed_question_is_not_answered(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    with pytest.raises(QuestionChanged, match="Look again"):
        decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann", seen="0" * 64)
    assert last_job(desk, thread_id).status is JobStatus.DONE


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Said(DecisionType.RESPOND, message="perhaps"), "message"),
        (Said(DecisionType.APPROVE), "type"),
        (Said(DecisionType.EDIT, args={"x": 1}), "type"),
    ],
)
def test_what_is_not_allowed_is_refused_and_changes_nothing(desk: Desk, home: Path, said: Said, field: str) -> None:
    thread_id, pause = paused(desk, "one", home)
    with pytest.raises(InvalidDecision) as caught:
        decisions.decide(desk, thread_id, pause.pause_key, said, actor="ann")
    assert caught.value.field == field
    assert inbox(desk).waiting == 1
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")


@pytest.mark.parametrize(
    ("said", "actor", "field"),
    [
        (Said(DecisionType.RESPOND, message="\udcff shorter"), "ann", "message"),
        (Said(DecisionType.RESPOND, value={"action": ["\ud800"]}), "ann", "value"),
        (YES, "ann\udcff", "actor"),
    ],
)
def test_half_of_a_character_is_refused_before_anything_is_saved(
    desk: Desk, home: Path, said: Said, actor: str, field: str
) -> None:
    thread_id, pause = paused(desk, "one", home)
    with pytest.raises(InvalidDecision, match="half of a character") as caught:
        decisions.decide(desk, thread_id, pause.pause_key, said, actor=actor)
    assert caught.value.field == field
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")


def test_an_unknown_question_is_not_pending(desk: Desk, home: Path) -> None:
    thread_id, _ = paused(desk, "one", home)
    for thread, key in ((thread_id, "f" * 32 + ".0"), ("nobody", "x")):
        with pytest.raises(NotPending, match="does not wait"):
            decisions.decide(desk, thread, key, YES, actor="ann")


def test_undo_takes_it_back_and_keeps_the_draft(home: Path) -> None:
    clock = Hand()
    desk = desk_in(home, clock, undo_seconds=5)
    thread_id, pause = paused(desk, "one", home)
    about = audit.Question(pause.source_id, thread_id, pause.pause_key)
    save_draft(desk, about, "ann", {"message": "yes"})
    made = decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    assert work(desk) == 0, "the resume waits while it can be undone"
    assert inbox(desk).rows[0].state == "decided"
    decisions.undo(desk, made.decision_id, actor="ann")
    clock.forward(60)
    work(desk)
    assert log_of(home) == []
    opened = open_review(desk, thread_id, pause.pause_key, actor="ann")
    assert opened.pending
    assert opened.draft == {"message": "yes"}
    assert opened.problem is None
    again = decisions.decide(desk, thread_id, pause.pause_key, NO, actor="bob")
    clock.forward(6)
    work(desk)
    assert log_of(home) == ["answered no", "acted no"]
    with pytest.raises(UndoTooLate, match="already sent"):
        decisions.undo(desk, again.decision_id, actor="bob")
    desk.close()


def test_two_questions_of_one_thread_go_together(desk: Desk, home: Path) -> None:
    thread_id, _ = paused(desk, "two", home)
    find = by_question(desk.pauses(thread_id))
    decisions.decide(desk, thread_id, find("left?").pause_key, YES, actor="ann")
    work(desk)
    assert log_of(home) == []
    assert last_job(desk, thread_id).note == "accepted, waiting for 1 more"
    decisions.decide(desk, thread_id, find("right?").pause_key, NO, actor="bob")
    work(desk)
    assert sorted(log_of(home)[:2]) == ["left yes", "right no"]
    assert log_of(home)[2:] == ["joined yes no"]


def test_send_now_sends_what_is_there(desk: Desk, home: Path) -> None:
    thread_id, _ = paused(desk, "two", home)
    find = by_question(desk.pauses(thread_id))
    decisions.decide(desk, thread_id, find("left?").pause_key, YES, actor="ann", override=True)
    work(desk)
    assert log_of(home) == ["left yes"]
    left = [pause.value["question"] for pause in desk.pauses(thread_id)]
    assert left == ["right?"]
    decisions.decide(desk, thread_id, find("right?").pause_key, NO, actor="ann")
    work(desk)
    assert log_of(home)[-1] == "joined yes no"


def test_a_decision_that_waits_for_its_sibling_can_be_sent_now(desk: Desk, home: Path) -> None:
    thread_id, _ = paused(desk, "two", home)
    find = by_question(desk.pauses(thread_id))
    made = decisions.decide(desk, thread_id, find("left?").pause_key, YES, actor="ann")
    work(desk)
    decisions.send_now(desk, made.decision_id, actor="ann")
    work(desk)
    assert log_of(home) == ["left yes"]
    with pytest.raises(NotPending):
        decisions.send_now(desk, made.decision_id, actor="ann")
    assert "overrode" in [event.action for event in events(desk, thread_id)]


def test_waiting_for_a_sibling_does_not_wear_a_job_out(home: Path) -> None:
    clock = Hand()
    desk = desk_in(home, clock, undo_seconds=0)
    thread_id, _ = paused(desk, "two", home)
    find = by_question(desk.pauses(thread_id))
    decisions.decide(desk, thread_id, find("left?").pause_key, YES, actor="ann")
    for _ in range(MAX_ATTEMPTS + 2):
        clock.forward(60)
        work(desk)
    assert last_job(desk, thread_id).status is JobStatus.WAITING
    decisions.decide(desk, thread_id, find("right?").pause_key, NO, actor="bob")
    work(desk)
    assert log_of(home)[-1] == "joined yes no"
    desk.close()


def test_two_questions_of_one_node_are_two_reviews(desk: Desk, home: Path) -> None:
    thread_id, first = paused(desk, "twice", home)
    decisions.decide(desk, thread_id, first.pause_key, YES, actor="ann")
    work(desk)
    (second,) = desk.pauses(thread_id)
    assert second.pause_key != first.pause_key
    assert second.value["question"] == "Second?"
    with pytest.raises(AlreadyDecided):
        decisions.decide(desk, thread_id, first.pause_key, NO, actor="bob")
    opened = open_review(desk, thread_id, first.pause_key, actor="ann")
    assert opened.next_question is not None
    assert opened.next_question.pause_key == second.pause_key
    decisions.decide(desk, thread_id, second.pause_key, NO, actor="ann")
    work(desk)
    assert log_of(home)[-2:] == ["both yes no", "acted yes and no"]


def test_ignore_closes_every_question_of_the_thread(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "two", home)
    said = Said(DecisionType.IGNORE, message="no longer needed")
    decisions.decide(desk, thread_id, pause.pause_key, said, actor="ann")
    work(desk)
    assert desk.pauses(thread_id) == ()
    assert log_of(home) == []
    with reading(desk.engine) as connection:
        made = decisions.of_thread(connection, pause.source_id, thread_id)
    assert [each.status for each in made] == [DecisionStatus.DELIVERED] * 2
    assert {each.type for each in made} == {DecisionType.IGNORE}


def test_ignore_can_be_undone_as_a_whole(home: Path) -> None:
    desk = desk_in(home, Hand(), undo_seconds=5)
    thread_id, pause = paused(desk, "two", home)
    made = decisions.decide(desk, thread_id, pause.pause_key, Said(DecisionType.IGNORE), actor="ann")
    decisions.undo(desk, made.decision_id, actor="ann")
    assert inbox(desk).waiting == 2
    desk.close()


def test_an_answer_from_elsewhere_supersedes_ours(desk: Desk, home: Path) -> None:
    from langgraph.types import Command

    thread_id, pause = paused(desk, "one", home)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    answer_elsewhere(desk, thread_id, Command(resume={pause.interrupt_id: "no"}))
    work(desk)
    assert log_of(home) == ["answered no", "acted no"]
    opened = open_review(desk, thread_id, pause.pause_key, actor="ann")
    assert opened.decision is not None
    assert opened.decision.status is DecisionStatus.SUPERSEDED
    assert "moved on" in str(opened.problem)


def test_a_run_that_fails_keeps_the_answer_and_can_be_tried_again(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "failing", home)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    work(desk)
    job = last_job(desk, thread_id)
    assert job.status is JobStatus.FAILED
    assert job.error == "RuntimeError: the printer is on fire"
    found = inbox(desk)
    assert ("the printer is on fire" in found.rows[0].gist, found.failed) == (True, ()), "it is told once"
    (home / "log.txt.mended").touch()
    starts.retry(desk, thread_id, actor="ann")
    work(desk)
    assert log_of(home) == ["answered yes", "acted yes"], "the question is not asked again"
    assert inbox(desk).failed == ()
    with pytest.raises(NotPending):
        starts.retry(desk, thread_id, actor="ann")


def test_a_value_that_the_graph_refuses_reopens_the_review(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "typed", home)
    said = Said(DecisionType.RESPOND, value={"amount": "much"})
    with pytest.raises(InvalidDecision):
        decisions.decide(desk, thread_id, pause.pause_key, said, actor="ann")
    decisions.decide(desk, thread_id, pause.pause_key, Said(DecisionType.RESPOND, value={"amount": 3}), actor="ann")
    work(desk)
    assert log_of(home) == ["amount 3", "acted 3"]


def test_nothing_is_decided_where_the_graph_is_not_known(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    (home / "langgraph.json").write_text('{"graphs": {}}')
    from agents.desk import open_desk

    stranger = open_desk(desk.settings)
    with pytest.raises(GraphUnavailable, match=r"can be read, but not resumed.*“one”.*langgraph\.json"):
        decisions.decide(stranger, thread_id, pause.pause_key, YES, actor="ann")
    stranger.close()
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    work(desk)
    assert log_of(home) == ["answered yes", "acted yes"]


def test_a_node_that_leaves_the_process_is_a_failed_run(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "leaving", home)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    work(desk)
    job = last_job(desk, thread_id)
    assert job.status is JobStatus.FAILED
    assert job.error == "SystemExit: 3"
    assert log_of(home) == ["leaves yes"]


def test_a_nodes_own_database_error_is_not_the_checkpointers(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "own_database", home)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    work(desk)
    assert last_job(desk, thread_id).error == "OperationalError: no such table: orders"
    assert log_of(home) == ["answered yes", "looks up"]


def test_a_type_below_that_would_be_damaged_stops_the_resume(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "below", home)
    before = desk.sources[0].path.read_bytes()
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    work(desk)
    assert "asking_graphs.Order" in str(last_job(desk, thread_id).error).replace("signoff_graph_below", "asking_graphs")
    opened = open_review(desk, thread_id, pause.pause_key, actor="ann")
    assert opened.pending
    assert "Order" in str(opened.problem)
    assert log_of(home) == []
    assert desk.sources[0].path.read_bytes() == before
    decisions.decide(desk, thread_id, pause.pause_key, Said(DecisionType.IGNORE), actor="ann")
    work(desk)
    assert desk.pauses(thread_id), "closing would store the damage too"


def test_a_graph_with_an_asynchronous_node_is_run_in_an_event_loop(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "asynchronous", home)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    work(desk)
    assert last_job(desk, thread_id).error is None
    assert desk.outcome(thread_id) == {"status": "done", "text": "Later."}
    assert log_of(home) == ["answered yes"]


def test_closing_does_not_close_a_question_that_nobody_decided_on(home: Path) -> None:
    from langgraph.types import Command

    clock = Hand()
    desk = desk_in(home, clock, undo_seconds=5)
    thread_id, first = paused(desk, "twice", home)
    decisions.decide(desk, thread_id, first.pause_key, Said(DecisionType.IGNORE), actor="ann")
    answer_elsewhere(desk, thread_id, Command(resume={first.interrupt_id: "yes"}))
    clock.forward(10)
    work(desk)
    (second,) = desk.pauses(thread_id)
    assert second.value["question"] == "Second?"
    opened = open_review(desk, thread_id, first.pause_key, actor="ann")
    assert opened.decision is not None
    assert opened.decision.status is DecisionStatus.SUPERSEDED
    desk.close()


def test_taking_one_back_leaves_the_others_order_alone(home: Path) -> None:
    clock = Hand()
    desk = desk_in(home, clock, undo_seconds=5)
    thread_id, _ = paused(desk, "two", home)
    find = by_question(desk.pauses(thread_id))
    decisions.decide(desk, thread_id, find("left?").pause_key, YES, actor="ann")
    other = decisions.decide(desk, thread_id, find("right?").pause_key, NO, actor="bob")
    decisions.undo(desk, other.decision_id, actor="bob")
    clock.forward(10)
    work(desk)
    assert last_job(desk, thread_id).note == "accepted, waiting for 1 more"
    again = decisions.decide(desk, thread_id, find("right?").pause_key, YES, actor="bob")
    assert again.job_id
    clock.forward(10)
    work(desk)
    assert log_of(home)[-1] == "joined yes yes"
    desk.close()


def test_an_undo_while_the_order_is_held_wins_over_the_sending(home: Path) -> None:
    """The worker has read the decision and is about to send it when the person takes it back."""
    desk = desk_in(home, undo_seconds=0)
    thread_id, pause = paused(desk, "one", home)
    made = decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    held = jobs.claim(desk.engine, owner="test", now=desk.clock(), lease=timedelta(seconds=30))
    assert held is not None
    decisions.undo(desk, made.decision_id, actor="ann")
    execute(desk, held, lambda: None)
    work(desk)
    assert log_of(home) == []
    assert open_review(desk, thread_id, pause.pause_key, actor="ann").pending
    desk.close()


def test_a_restored_backup_can_be_decided_again(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    path = desk.sources[0].path
    with closing(sqlite3.connect(path)) as file, closing(sqlite3.connect(home / "backup.sqlite")) as backup:
        file.backup(backup)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    work(desk)
    with closing(sqlite3.connect(home / "backup.sqlite")) as backup, closing(sqlite3.connect(path)) as file:
        backup.backup(file)
    assert open_review(desk, thread_id, pause.pause_key, actor="ann").pending
    decisions.decide(desk, thread_id, pause.pause_key, NO, actor="bob")
    work(desk)
    assert log_of(home) == ["answered yes", "acted yes", "answered no", "acted no"]
    assert "superseded" in [event.action for event in events(desk, thread_id)]


def events(desk: Desk, thread_id: str) -> list[audit.Event]:
    with reading(desk.engine) as connection:
        return audit.of_thread(connection, desk.sources[0].source_id, thread_id)


def answer_elsewhere(desk: Desk, thread_id: str, command: Any) -> None:
    """Another program on the same file answers, as a script of the graph's owner would."""
    from agents.runs.threads import open_thread

    lock = desk.settings.home / "elsewhere.lock"
    with open_thread(desk.registry, desk.sources[0].path, thread_id, None, {}, lambda: None, lock) as thread:
        for _ in thread.stream(command):
            pass
