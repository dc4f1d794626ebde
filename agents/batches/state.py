"""In which of a few states a batch is, judged from its thread's head, its jobs and its decisions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Connection

from agents import decisions
from agents.batches.head import Head
from agents.batches.progress import Work
from agents.domain import DecisionStatus
from agents.jobs import JobKind, JobStatus


class State(StrEnum):
    """starting: its rows are taken in. running: the model works. waiting: for a person. decided: the answer goes out
    in a moment. failed: the last run ended with an error. stuck: no answer could reach it. halted: it ended before
    its last step. stopped: a person ended it. done. closed: without an answer."""

    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    DECIDED = "decided"
    FAILED = "failed"
    STUCK = "stuck"
    HALTED = "halted"
    STOPPED = "stopped"
    DONE = "done"
    CLOSED = "closed"

    @property
    def moving(self) -> bool:
        """Does it go on without a person?"""
        return self in (State.STARTING, State.RUNNING, State.DECIDED)


def state_of(connection: Connection, head: Head, work: Sequence[Work], *, rows: bool) -> State:
    """work: the thread's jobs, newest first. rows: are the batch's rows read in?"""
    runs = [each for each in work if each.kind is not JobKind.ITEMS]
    if is_working(runs):
        if head.question is not None and runs[0].status is JobStatus.WAITING:
            return State.DECIDED if decided(connection, head) else State.WAITING
        return State.RUNNING if rows else State.STARTING
    if runs and runs[0].status is JobStatus.FAILED:
        return State.FAILED
    if head.question is not None:
        return State.WAITING
    return State.STUCK if head.stuck else _ended(head)


def is_working(work: Sequence[Work]) -> bool:
    return any(each.status in (JobStatus.WAITING, JobStatus.RUNNING) for each in work)


def decided(connection: Connection, head: Head) -> bool:
    """Has the question that stands in the file an answer on record, on its way?"""
    if head.question is None:
        return False
    pause = head.question
    found = decisions.live(connection, pause.source_id, pause.thread_id, pause.pause_key)
    return found is not None and found.status is DecisionStatus.ACCEPTED


def _ended(head: Head) -> State:
    if head.outcome is not None:
        return State.STOPPED if head.outcome.get("status") == "stopped" else State.DONE
    return State.HALTED if head.unfinished else State.CLOSED
