"""Does a thread stand where our last job left it? If not, its file or this database was restored, or somebody else drove it."""

from __future__ import annotations

from agents import jobs
from agents.audit import append
from agents.backups import ahead
from agents.database import reading, writing
from agents.errors import Busy, SourceUnreadable
from agents.runs.run import ACTOR, Run

UNKNOWN_STEPS = (
    "it went on without this desk, or the desk's database was restored from an older copy, so its next step may have been "
    "done already; look at its history, and continue it if that is right"
)
NO_THREAD = (
    "the thread is not in its file any more: the file was restored from an older copy, or the thread was deleted"
)


def went_on(run: Run) -> bool:
    """Did the thread's file go on without this database? Then nothing goes on by itself, and its next step's acts are doubted.

    A job that was taken over moved its thread itself, so only a first try is asked. Raises LeaseLost.
    """
    try:
        state = run.desk.state(run.held.thread_id, run.held.source_id)
    except (Busy, SourceUnreadable):
        return False  # whoever opens it to run it says why it cannot
    stands = state.head.checkpoint_id if state else None
    with reading(run.desk.engine) as connection:
        marked = ahead.marked_at(connection, *run.thread)
        left = jobs.left_at(connection, run.held)
    if stands is not None and marked == stands:
        return True
    found = stands is not None and run.held.attempts == 1 and left not in (stands, jobs.NOT_KNOWN)
    if found or marked is not None:
        _note(run, stands if found else None, left)
    return found


def _note(run: Run, stands: str | None, left: str | None) -> None:
    """Keep the mark up to date; a thread that jobs of ours drove before is also put on record."""
    now = run.desk.clock()
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        if stands is None:
            ahead.clear(connection, *run.thread)
            return
        ahead.mark(connection, *run.thread, stands, now=now)
        if left is not None:
            told = {"stands_at": stands, "left_at": left}
            append(connection, at=now, actor=ACTOR, action="found_ahead", about=run.about, **told)


def passed(run: Run) -> None:
    """The step that was marked is done: what comes now, nobody did before. Raises LeaseLost."""
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        ahead.clear(connection, *run.thread)


def leave_alone(run: Run, reason: str) -> None:
    """Nothing is done, and the record says why. Raises LeaseLost."""
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        append(connection, at=run.desk.clock(), actor=ACTOR, action="left_alone", about=run.about, reason=reason)
