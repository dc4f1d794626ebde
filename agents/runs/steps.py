"""What a job does, by kind. Each ends in what became of it; nothing here waits for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from agents import decisions, jobs
from agents.audit import append
from agents.clock import from_text, to_text
from agents.database import reading, writing
from agents.decisions import Decision
from agents.desk import Desk
from agents.domain import JSON, DecisionType
from agents.errors import GraphUnavailable, UnknownGraph
from agents.jobs import Job, JobKind, LeaseLost
from agents.runs.acts import tell_effects
from agents.runs.damage import damage_of
from agents.runs.driving import GRAPH_ERRORS, Ended, after, describe, drive, go_on, mark_sent, questions
from agents.runs.items import tried_again
from agents.runs.recovery import Fate, fate, settled_by
from agents.runs.repairing import continued, repaired
from agents.runs.run import ACTOR, Run, delivered, refuse, supersede
from agents.runs.standing import NO_THREAD, UNKNOWN_STEPS, leave_alone, went_on
from agents.runs.threads import CheckpointerTrouble, GraphKilled, OpenThread
from agents.threads.trouble import problems_of

SIBLING_WAIT = timedelta(seconds=30)
ELSEWHERE_WAIT = timedelta(seconds=2)
LOCKED_WAIT = timedelta(seconds=2)
KILLED_WAIT = timedelta(seconds=1)
KILLED_TRIES = 3


def execute(desk: Desk, held: Job, check_lease: Callable[[], None]) -> None:
    """Do a held job and settle it. Raises LeaseLost when another worker took over; it settles then."""
    run = Run(desk, held, check_lease)
    try:
        if held.attempts > jobs.MAX_ATTEMPTS:
            ended = Ended(error=f"Given up after {held.attempts - 1} tries: the worker or the file failed each time.")
        else:
            ended = _STEPS[held.kind](replace(run, ahead=went_on(run)))
    except LeaseLost:
        raise
    except (GraphUnavailable, UnknownGraph) as error:
        ended = Ended(error=str(error))
    except CheckpointerTrouble as error:
        ended = _file_trouble(error)
    except GraphKilled as error:
        ended = _killed(held, error)
    except GRAPH_ERRORS as error:  # the graph is somebody else's code; what it raised goes on record
        ended = Ended(error=describe(error))
    _settle(run, ended)


def _start(run: Run) -> Ended:
    with run.open() as thread:
        if not thread.exists():
            drive(run, thread.start(run.held.input))
        elif run.ahead:
            leave_alone(run, UNKNOWN_STEPS)
            return Ended()
        else:
            go_on(run, thread)  # a start that crashed: its input is in the first checkpoint
        return after(run, thread)


def _close(run: Run) -> Ended:
    with run.open() as thread:
        ours = _to_close(run)
        pauses = run.pauses()
        asked = {(pause.pause_key, pause.seen) for pause in pauses}
        if not asked <= {(found.pause_key, found.seen) for found in ours}:
            return _not_closed(run, ours, "the thread asks something else by now")
        if not pauses and run.held.attempts == 1:
            return _not_closed(run, ours, "the thread moved on before it was closed")
        damage = damage_of(run, thread, ours)
        if damage:
            _not_closed(run, ours, damage)
            return Ended(error=f"The thread was not closed: {damage}.")
        if pauses:  # else an earlier try closed it and was cut off before it could say so
            if not mark_sent(run, ours):
                return Ended(note="", wait=timedelta(0))
            thread.close()
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        for found in ours:
            delivered(run, connection, found)
        append(connection, at=run.desk.clock(), actor=ACTOR, action="closed", about=run.about)
    return Ended()


def _to_close(run: Run) -> list[Decision]:
    with reading(run.desk.engine) as connection:
        known = decisions.accepted(connection, run.held.source_id, run.held.thread_id)
    return [found for found in known if found.type is DecisionType.IGNORE]


def _not_closed(run: Run, ours: Sequence[Decision], reason: str) -> Ended:
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        for found in ours:
            supersede(run, connection, found, reason)
    return Ended()


def _resume(run: Run) -> Ended:
    with run.open() as thread:
        to_send = _settle_known(run, first=True)
        waits = _waits(run, thread, to_send)
        if waits is not None:
            return waits
        if to_send:
            return _send(run, thread, to_send)
        if run.ahead or not thread.exists():
            leave_alone(run, UNKNOWN_STEPS if run.ahead else NO_THREAD)
            return Ended()
        go_on(run, thread)
        return after(run, thread)


def _settle_known(run: Run, *, first: bool = False) -> list[Decision]:
    """Settle every accepted decision whose fate the file tells; return those still to be sent.

    first: before anything was sent by this job, so that either of the two files may be an older copy.
    """
    state = run.desk.state(run.held.thread_id, run.held.source_id)
    pauses = {pause.pause_key: pause for pause in (state.pauses if state else ())}
    states = {each.interrupt_id: each for each in (state.questions if state else ()) if each.interrupt_id}
    to_send = []
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        for found in decisions.accepted(connection, run.held.source_id, run.held.thread_id):
            if found.type is DecisionType.IGNORE or found.interrupt_id is None:
                continue  # the order to close the thread, or to go on from a breakpoint, settles these
            judged = fate(found, pauses, states)
            match settled_by(run, found, judged) if first else judged:
                case Fate.SEND:
                    to_send.append(found)
                case Fate.STORED | Fate.CONSUMED:
                    delivered(run, connection, found)
                case Fate.WENT_BACK:
                    supersede(run, connection, found, "the checkpointer file went back to before this question")
                case Fate.CHANGED:
                    supersede(run, connection, found, "the question changed before the answer was sent")
                case Fate.MOVED_ON:
                    supersede(run, connection, found, "the thread moved on before the answer was sent")
    return to_send


def _waits(run: Run, thread: OpenThread, to_send: Sequence[Decision]) -> Ended | None:
    now = to_text(run.desk.clock())
    late = max((found.due_at for found in to_send), default=now)
    if late > now:
        wait = from_text(late) - run.desk.clock()
        return Ended(note="waits until the time to undo is over", wait=max(wait, timedelta(0)))
    if run.held.override or not to_send:
        return None
    answered = {found.pause_key for found in to_send}
    missing = [pause for pause in questions(run.pauses()) if pause.pause_key not in answered]
    if missing:
        return Ended(note=f"accepted, waiting for {len(missing)} more", wait=SIBLING_WAIT)
    if thread.running_siblings():
        return Ended(note="another step of this thread is still running elsewhere", wait=ELSEWHERE_WAIT)
    return None


def _send(run: Run, thread: OpenThread, to_send: Sequence[Decision]) -> Ended:
    damage = damage_of(run, thread, to_send)
    if damage:
        refuse(run, to_send, damage)
        return Ended(error=f"Nothing was sent: {damage}.")
    if not mark_sent(run, to_send):
        return Ended(note="", wait=timedelta(0))  # one was taken back meanwhile: look again
    answers = {str(found.interrupt_id): found.resume_value for found in to_send}
    try:
        drive(run, thread.resume(answers))
    except (LeaseLost, CheckpointerTrouble, GraphKilled):
        raise
    except GRAPH_ERRORS as error:  # the graph's own; whether the answer arrived is read from the file
        unsent = _settle_known(run)
        if unsent:
            refuse(run, unsent, _refusal(error))
            return Ended() if problems_of(error) is not None else Ended(error=describe(error))
        return Ended(error=describe(error))
    left = _settle_known(run)
    if left:
        refuse(run, left, "the graph ended without taking the answer")
    return after(run, thread)


def _settle(run: Run, ended: Ended) -> None:
    now, left_at = run.desk.clock(), run.newest()
    with writing(run.desk.engine) as connection:
        tell_effects(run, connection, now)
        if ended.wait is not None:
            told: dict[str, JSON] = {"due_at": now + ended.wait, "note": ended.note or "", "worn": ended.worn}
            jobs.postpone(connection, run.held, now=now, checkpoint_id=left_at, **told)
            return
        status = jobs.JobStatus.FAILED if ended.error else jobs.JobStatus.DONE
        jobs.finish(connection, run.held, now=now, status=status, error=ended.error, checkpoint_id=left_at)
        if ended.error:
            append(connection, at=now, actor=ACTOR, action="failed", about=run.about, error=ended.error)


def _refusal(error: BaseException) -> str:
    problems = problems_of(error)
    if problems is not None:
        parts = [f"{place or 'the answer'}: {message}" for place, message in problems]
        return "the graph did not accept it: " + "; ".join(parts)
    return f"the graph did not take it: {describe(error).rstrip('.')}"


def _killed(held: Job, error: GraphKilled) -> Ended:
    """A graph's own process that was ended from outside is tried again, but one that eats all memory not for ever."""
    if held.attempts >= KILLED_TRIES:
        return Ended(error=f"{error} It was tried {KILLED_TRIES} times. Is there enough memory for it?")
    return Ended(note="the graph's process was ended from outside; it is tried again", wait=KILLED_WAIT, worn=True)


def _file_trouble(error: CheckpointerTrouble) -> Ended:
    if "locked" in str(error) or "busy" in str(error):
        return Ended(note="the checkpointer file is locked by another program", wait=LOCKED_WAIT, worn=True)
    return Ended(error=f"The checkpointer file gave an error: {error}. Check its folder and the free disk space.")


def _items(run: Run) -> Ended:
    tried_again(run)
    return Ended()


_STEPS: Mapping[JobKind, Callable[[Run], Ended]] = {
    JobKind.START: _start,
    JobKind.RESUME: _resume,
    JobKind.CLOSE: _close,
    JobKind.ITEMS: _items,
    JobKind.ASK_AGAIN: repaired,
    JobKind.CONTINUE: continued,
    JobKind.RETRY: repaired,
}
__all__ = ["Ended", "Run", "describe", "drive", "execute"]
