"""Driving a graph on a held thread, and what every job does before and after it."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

from agents import decisions, jobs
from agents.audit import append
from agents.database import writing
from agents.decisions import Decision
from agents.domain import Pause, PauseStatus
from agents.errors import GraphUnavailable
from agents.runs.damage import damage_of
from agents.runs.run import ACTOR, Run
from agents.runs.sighting import see
from agents.runs.standing import passed
from agents.runs.threads import OpenThread

GRAPH_ERRORS = (Exception, SystemExit, CancelledError)
"""What somebody else's graph may end with; a node that calls sys.exit() must not end the worker."""


@dataclass(frozen=True, slots=True)
class Ended:
    """error: a sentence when the run failed. note + wait: give the lease back and look again later.

    worn: this try counts towards jobs.MAX_ATTEMPTS although it waits.
    """

    error: str | None = None
    note: str | None = None
    wait: timedelta | None = None
    worn: bool = False


def describe(error: BaseException) -> str:
    """An exception as a sentence, with its kind where the message alone would not tell."""
    text = str(error).strip()
    module = type(error).__module__
    return text if text and module.startswith("agents.") else f"{type(error).__name__}: {text}".rstrip(": ")


def drive(run: Run, told: Generator[tuple[str, str]]) -> None:
    """Run the graph and report each step. Raises what the graph raises, or LeaseLost."""
    with closing(told):
        marked = run.ahead
        for kind, text in told:
            run.check_lease()
            if marked and kind == "step":
                passed(run)
                marked = False
            run.report(f"Step “{text.replace('_', ' ')}” is done" if kind == "step" else text)


def go_on(run: Run, thread: OpenThread) -> None:
    """Finish a run that ended before its time: nobody is asked, and steps are left to run.

    Taken over from a dead worker it never steps over a breakpoint by itself;
    only a person who tries again may do that. Nor does it go on where a value
    was left behind that would answer the next question.
    """
    state = run.desk.state(run.held.thread_id, run.held.source_id)
    pauses = state.pauses if state else ()
    if questions(pauses) or not thread.unfinished() or (state is not None and state.loose_answer):
        return
    stopped = thread.at_breakpoint() or any(each.status is PauseStatus.BREAKPOINT for each in pauses)
    if run.held.attempts > 1 and stopped:
        return
    damage = damage_of(run, thread)
    if damage:
        raise GraphUnavailable(f"The run was not continued: {damage}.")
    drive(run, thread.go_on())


def after(run: Run, thread: OpenThread) -> Ended:
    waiting = questions(run.pauses())
    outcome = None if waiting else thread.outcome()
    result = "asked" if waiting else ("stopped" if thread.unfinished() else "finished")
    at = {"checkpoint_id": run.newest() or None}
    see(run.desk, run.held.source_id, run.held.thread_id, waiting)
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        append(connection, at=run.desk.clock(), actor=ACTOR, action=result, about=run.about, outcome=outcome, **at)
    return Ended()


def mark_sent(run: Run, to_send: Sequence[Decision]) -> bool:
    """Note that all of these go out now; False, and nothing noted, when one is no longer accepted."""
    now = run.desk.clock()
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        accepted = {
            found.decision_id for found in decisions.accepted(connection, run.held.source_id, run.held.thread_id)
        }
        if not all(found.decision_id in accepted for found in to_send):
            return False
        now_held = jobs.get(connection, run.held.job_id)
        if run.held.override and now_held is not None and not now_held.override:
            return False  # whoever wanted to send without the others took that back
        for found in to_send:
            decisions.mark_sent(connection, found, now)
    return True


def questions(pauses: Sequence[Pause]) -> list[Pause]:
    return [pause for pause in pauses if pause.status is PauseStatus.QUESTION]
