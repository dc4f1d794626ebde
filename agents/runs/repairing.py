"""Orders of a person on a thread that takes no answer: ask again, continue, retry.

Each is checked again under the lease: the thread must stand where the person
saw it. A try that was cut off has moved it itself; then it is only finished,
never repeated, and never over a breakpoint.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta

from agents import decisions, jobs
from agents.audit import append
from agents.checkpoints import time_of
from agents.database import reading, writing
from agents.decisions import Decision
from agents.domain import DecisionType, Pause, PauseStatus, Situation
from agents.jobs import JobKind, LeaseLost
from agents.runs.damage import damage_of
from agents.runs.driving import GRAPH_ERRORS, Ended, after, drive, go_on, mark_sent
from agents.runs.run import ACTOR, Run, delivered, supersede
from agents.runs.threads import CheckpointerTrouble, GraphKilled, OpenThread

MOVED_ON = "the thread moved on before it was done"


def repaired(run: Run) -> Ended:
    """Do what was ordered, once. Raises what the graph raises, or LeaseLost."""
    with run.open() as thread:
        pause = _ordered(run)
        if pause is None:
            return _moved_on(run, thread)
        damage = damage_of(run, thread)
        if damage:
            return Ended(error=f"Nothing was done: {damage}.")
        ahead = _ahead(run, pause)
        if ahead:
            return Ended(note="waits until this machine's clock has passed the thread's last step", wait=ahead)
        drive(run, _way(run, thread, pause))
        return after(run, thread)


def continued(run: Run) -> Ended:
    """Continue a run: from a breakpoint for whoever approved it, else as repaired. Raises what the graph raises."""
    ours = _approved(run)
    if not ours and (run.held.input or {}).get("decided"):
        return Ended()  # it was taken back
    if not ours:
        return repaired(run)
    with run.open() as thread:
        found = _standing(run, ours[-1].checkpoint_id)
        if found is None:
            return _passed(run, thread, ours)
        damage = damage_of(run, thread, ours)
        if damage:
            return _left_alone(run, ours, damage)
        if not mark_sent(run, ours):
            return Ended(note="", wait=timedelta(0))
        try:
            drive(run, thread.go_on())
        except (LeaseLost, CheckpointerTrouble, GraphKilled):
            raise
        except GRAPH_ERRORS:  # the graph's own, raised behind the breakpoint: that was passed
            _settled(run, ours)
            raise
        _settled(run, ours)
        return after(run, thread)


def _ordered(run: Run) -> Pause | None:
    """The pause that the order is about, if the thread still stands there and nothing was written since."""
    given = run.held.input or {}
    for pause in run.pauses():
        if pause.pause_key == given.get("pause_key") and pause.seen == given.get("seen"):
            return pause
    return None


def _standing(run: Run, checkpoint_id: str) -> Pause | None:
    """Where a thread stands that asks nothing; whether that is a breakpoint needs the graph, which may not be loaded yet."""
    quiet = (PauseStatus.BREAKPOINT, PauseStatus.STUCK)
    return next((each for each in run.pauses() if each.checkpoint_id == checkpoint_id and each.status in quiet), None)


def _way(run: Run, thread: OpenThread, pause: Pause) -> Generator[tuple[str, str]]:
    if run.held.kind is JobKind.ASK_AGAIN:
        return thread.again(pause.checkpoint_id, one_by_one=pause.situation is Situation.TWO_TOOLS)
    if pause.situation is Situation.CLOCK_SKEW:
        return thread.again(str(_hidden(run)))
    return thread.go_on()


def _hidden(run: Run) -> str | None:
    state = run.desk.state(run.held.thread_id, run.held.source_id)
    return state.hidden if state else None


def _ahead(run: Run, pause: Pause) -> timedelta | None:
    """How long until a new step gets a larger id than the head; None when it does already."""
    if pause.situation is not Situation.CLOCK_SKEW:
        return None
    written = time_of(pause.checkpoint_id)
    left = written - run.desk.clock() if written else timedelta(0)
    return left if left > timedelta(0) else None


def _moved_on(run: Run, thread: OpenThread) -> Ended:
    if run.held.attempts > 1:
        go_on(run, thread)
        return after(run, thread)
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        append(connection, at=run.desk.clock(), actor=ACTOR, action="left_alone", about=run.about, reason=MOVED_ON)
    return Ended()


def _approved(run: Run) -> list[Decision]:
    """What was decided on breakpoints of this thread and still has to be done."""
    with reading(run.desk.engine) as connection:
        known = decisions.accepted(connection, run.held.source_id, run.held.thread_id)
    return [each for each in known if each.interrupt_id is None and each.type is DecisionType.APPROVE]


def _passed(run: Run, thread: OpenThread, ours: list[Decision]) -> Ended:
    """The breakpoint is behind: an earlier try went on from it, or somebody else did."""
    mine = [each for each in ours if each.sent_at is not None]
    _settled(run, mine)
    if not mine:
        return _left_alone(run, ours, "the thread moved on before it was continued")
    go_on(run, thread)
    return after(run, thread)


def _settled(run: Run, ours: list[Decision]) -> None:
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        for each in ours:
            delivered(run, connection, each)


def _left_alone(run: Run, ours: list[Decision], reason: str) -> Ended:
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        for each in ours:
            supersede(run, connection, each, reason)
    return Ended()
