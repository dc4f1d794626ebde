"""What the rows of the file say about a decision, case by case."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from agents import decisions, starts
from agents.checkpoints import QuestionState
from agents.database import decision, job, writing
from agents.decisions import Decision, from_row
from agents.desk import Desk
from agents.domain import DecisionStatus, DecisionType, Pause, PauseStatus, Said
from agents.jobs import JobStatus
from agents.runs.recovery import Fate, fate
from tests.desks import desk_in, last_job, log_of, paused, work

ID = "a" * 32


def decided(sent: bool) -> Decision:
    row = dict.fromkeys(Decision.__slots__)
    sent_at = "2026-01-01T00:00:00.000000Z" if sent else None
    row |= {"pause_key": f"{ID}.0", "interrupt_id": ID, "ask_no": 0, "seen": "old", "sent_at": sent_at}
    return from_row({**row, "type": "approve", "status": "accepted"})


def pause(seen: str) -> Pause:
    return Pause(
        "s", "t", f"{ID}.0", PauseStatus.QUESTION, ID, 0, "c", "k", "?", seen, datetime(2026, 1, 1, tzinfo=UTC)
    )


def state(stored: int, *, pending: bool = True) -> QuestionState:
    return QuestionState(ID, "k", 0, stored, pending, stored > 0, False)


@pytest.mark.parametrize(
    ("sent", "seen", "found", "expected"),
    [
        (False, "old", state(0), Fate.SEND),
        (False, "new", state(0), Fate.CHANGED),
        (False, None, None, Fate.MOVED_ON),
        (True, "old", state(0), Fate.SEND),
        (True, "new", state(0), Fate.CHANGED),
        (True, None, None, Fate.CONSUMED),
        (True, None, state(0, pending=False), Fate.CONSUMED),
        (True, None, state(1), Fate.STORED),
        (True, "old", state(1), Fate.STORED),
    ],
)
def test_fate(sent: bool, seen: str | None, found: QuestionState | None, expected: Fate) -> None:
    pauses = {f"{ID}.0": pause(seen)} if seen else {}
    assert fate(decided(sent), pauses, {ID: found} if found else {}) is expected


def test_a_kill_between_a_nodes_end_and_its_checkpoint_is_finished_by_the_next_worker(home: Path) -> None:
    desk = desk_in(home)
    thread_id, pause = paused(desk, "one", home)
    said = Said(DecisionType.RESPOND, message="yes")
    decisions.decide(desk, thread_id, pause.pause_key, said, actor="ann", wait_for_undo=False)
    work(desk)
    as_killed_after_answering(desk, thread_id)
    assert log_of(home) == ["answered yes", "acted yes"]
    assert desk.outcome(thread_id) is None
    work(desk)
    assert log_of(home) == ["answered yes", "acted yes", "acted yes"]
    assert desk.outcome(thread_id) == {"status": "done", "text": "Did yes."}
    assert last_job(desk, thread_id).status is JobStatus.DONE
    desk.close()


def test_a_run_that_is_taken_over_never_steps_over_a_breakpoint(home: Path) -> None:
    desk = desk_in(home)
    thread_id = starts.start(desk, "fenced", {"log": str(home / "log.txt")}, actor="ann")
    work(desk)
    assert log_of(home) == []
    with writing(desk.engine) as connection:
        connection.execute(update(job).values(status=JobStatus.RUNNING.value, lease_until=0.0, finished_at=None))
    work(desk)
    assert last_job(desk, thread_id).attempts == 2
    assert log_of(home) == []
    desk.close()


def as_killed_after_answering(desk: Desk, thread_id: str) -> None:
    """The rows as a worker leaves them that has stored the asking node's output and is killed before the checkpoint."""
    with closing(sqlite3.connect(desk.settings.checkpoints_path)) as file, file:
        (asked,) = file.execute("SELECT checkpoint_id FROM writes WHERE thread_id = ? AND idx = -3", (thread_id,))
        for table in ("checkpoints", "writes"):
            file.execute(f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id > ?", (thread_id, *asked))
    with writing(desk.engine) as connection:
        connection.execute(update(decision).values(status=DecisionStatus.ACCEPTED.value, settled_at=None))
        again = {"status": JobStatus.RUNNING.value, "lease_until": 0.0, "finished_at": None}
        connection.execute(update(job).where(job.c.kind == "resume").values(**again))
