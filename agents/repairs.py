"""Ordering what helps a thread that takes no answer: ask again, continue, retry. Once, on record."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from agents import choosing, claims, jobs
from agents.audit import Question, append
from agents.clock import from_text
from agents.database import reading, writing
from agents.desk import Desk
from agents.domain import Pause, Repair, Who, is_text
from agents.errors import InvalidInput, NotPending, QuestionChanged
from agents.jobs import Job, JobKind, JobStatus
from agents.people import Act, permit

KINDS = {Repair.ASK_AGAIN: JobKind.ASK_AGAIN, Repair.CONTINUE: JobKind.CONTINUE, Repair.RETRY: JobKind.RETRY}
AT_WORK = "This thread is being worked on already."


def repair(
    desk: Desk,
    thread_id: str,
    pause_key: str,
    action: Repair,
    *,
    actor: Who,
    reason: str | None = None,
    source_id: str | None = None,
    seen: str | None = None,
) -> str:
    """Order a repair of the thread and return the job's id; the worker does it.

    pause_key: of the pause that offers it. seen: the fingerprint of what the
    person looked at; None when they did not say.
    Raises NotPending when the thread moved on, is worked on or may be running
    elsewhere, QuestionChanged, InvalidInput for what is not offered, NotAllowed, or Busy;
    in each case nothing was saved.
    """
    source_id = desk.source_of(thread_id, source_id)
    if not is_text([str(actor), reason]):
        raise InvalidInput("It holds half of a character, which no text has. Write it again.")
    with writing(desk.engine) as connection:
        permit(connection, desk, actor, Act.REPAIR)
        known = jobs.of_thread(connection, source_id, thread_id)
        pause = _checked(desk, known, (source_id, thread_id, pause_key), action, seen)
        return order(connection, desk, pause, action, actor, reason)


def may_be_running(desk: Desk, pause: Pause, known: Sequence[Job]) -> bool:
    """Was it written to so recently that it may be going on where nobody here sees it? Not when our own run wrote last.

    known: the thread's jobs.
    """
    if pause.shown_from is None or pause.shown_from <= desk.clock():
        return False
    ended = [each.finished_at for each in known if each.finished_at is not None]
    return not any(from_text(each) >= pause.paused_at for each in ended)


def only_one(desk: Desk, thread_id: str, source_id: str) -> Pause:
    """The one pause of the thread that offers a repair. Raises NotPending when there is none, InvalidInput when several do."""
    found = [each for each in desk.pauses(thread_id, source_id) if each.repairs]
    if not found:
        raise NotPending(f"Thread {thread_id} needs no repair. `signoff show {thread_id}` tells where it stands.")
    if len({each.pause_key for each in found}) > 1:
        raise InvalidInput(f"Name which one: {', '.join(each.pause_key for each in found)}.")
    return found[0]


def obstacle(desk: Desk, pause: Pause) -> str | None:
    """Why nothing can be ordered for it right now; a sentence."""
    with reading(desk.engine) as connection:
        known = jobs.of_thread(connection, pause.source_id, pause.thread_id)
    return _obstacle(desk, pause, known)


def _obstacle(desk: Desk, pause: Pause, known: Sequence[Job]) -> str | None:
    if _at_work(known):
        return AT_WORK
    if may_be_running(desk, pause, known):
        return "This thread was written to just now, so it may be going on elsewhere. Wait some minutes."
    return choosing.problem(desk, pause.thread_id, pause.source_id)


def _at_work(known: Sequence[Job]) -> bool:
    return any(each.status in (JobStatus.WAITING, JobStatus.RUNNING) for each in known)


def _checked(desk: Desk, known: Sequence[Job], asked: tuple[str, str, str], action: Repair, seen: str | None) -> Pause:
    source_id, thread_id, key = asked
    if _at_work(known):
        raise NotPending(AT_WORK)
    pauses = desk.pauses(thread_id, source_id)
    pause = next((each for each in pauses if key in (each.pause_key, each.interrupt_id)), None)
    if pause is None:
        raise NotPending(
            f"Thread {thread_id} does not stand there any more. `signoff show {thread_id}` tells where it is."
        )
    if seen is not None and seen != pause.seen:
        raise QuestionChanged("The thread was written to since you looked at it. Look again before you do this.")
    if action not in pause.repairs:
        offered = ", ".join(each.value for each in pause.repairs) or "nothing but to close it"
        raise InvalidInput(f"{action.value} is not offered for this thread. Offered: {offered}.")
    stands_in_the_way = _obstacle(desk, pause, known)
    if stands_in_the_way:
        raise NotPending(stands_in_the_way)
    return pause


def order(
    connection: Connection, desk: Desk, pause: Pause, action: Repair, actor: Who, reason: str | None = None
) -> str:
    """Put it on record and order the work, in its caller's transaction, which has checked it. Returns the job id.

    Raises NotAllowed (Claimed, too).
    """
    name = permit(connection, desk, actor, Act.REPAIR, graph_id=pause.graph_id or "")
    now = desk.clock()
    about = Question(pause.source_id, pause.thread_id, pause.pause_key)
    claims.refuse(connection, desk, about, name)
    situation = pause.situation.value if pause.situation else None
    told = {"repair": action.value, "situation": situation, "message": reason}
    append(connection, at=now, actor=name, action="repaired", about=about, **told)
    return jobs.enqueue(
        connection,
        source_id=pause.source_id,
        thread_id=pause.thread_id,
        kind=KINDS[action],
        now=now,
        graph_id=pause.graph_id,
        input={"pause_key": pause.pause_key, "checkpoint_id": pause.checkpoint_id, "seen": pause.seen},
    )
