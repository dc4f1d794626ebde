"""Deciding and undoing: each is one transaction, or nothing."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from agents import jobs, payloads
from agents.audit import Question, append
from agents.clock import to_text
from agents.database import decision as table
from agents.database import reading, writing
from agents.decisions.rows import Decision, accepted, from_row, get, live, overtake, settle, unsent, went_back
from agents.desk import Desk
from agents.domain import JSON, UNSET, DecisionStatus, DecisionType, Pause, PauseStatus, Review, Said, is_text
from agents.errors import AlreadyDecided, InvalidDecision, NotPending, QuestionChanged, UndoTooLate
from agents.jobs import JobKind

ACTOR = "system:desk"


def decide(
    desk: Desk,
    thread_id: str,
    pause_key: str,
    said: Said,
    *,
    actor: str,
    seen: str | None = None,
    source_id: str | None = None,
    wait_for_undo: bool = True,
    override: bool = False,
    together_with: int | None = None,
) -> Decision:
    """Accept one decision and order the resume.

    pause_key: the pause's key or its interrupt id. seen: the fingerprint of
    what the person looked at; None when they did not say. override: send
    without waiting for sibling questions or running siblings. together_with:
    how many others were decided in the same act; then only what is reversible
    is accepted, and the record says so.
    Raises AlreadyDecided, NotPending, QuestionChanged, InvalidDecision, or
    Busy; in each case nothing was saved.
    """
    source_id = desk.source_of(thread_id, source_id)
    try:
        with writing(desk.engine) as connection:
            pauses = desk.pauses(thread_id, source_id)
            pause = _find(pauses, pause_key)
            _refuse_if_decided(connection, desk, source_id, thread_id, pause, pause_key)
            if pause is None:
                raise NotPending(_not_pending(thread_id))
            _refuse_half_characters(said, actor)
            if seen is not None and seen != pause.seen:
                raise QuestionChanged("The question changed since you looked at it. Look again before you decide.")
            if together_with is not None:
                refuse_together(payloads.parse(pause), said.type)
            if said.type is DecisionType.IGNORE:
                return _close(connection, desk, pauses, pause, said, actor, wait_for_undo)
            return _accept(connection, desk, pause, said, actor, wait_for_undo, override, together_with)
    except IntegrityError:
        with reading(desk.engine) as connection:
            winner = live(connection, source_id, thread_id, pause_key)
        raise AlreadyDecided(_by_whom(winner) if winner else "Somebody else decided at the same moment.") from None


def undo(desk: Desk, decision_id: str, *, actor: str) -> Decision:
    """Take back a decision that was not sent yet; its question waits again.

    Raises UndoTooLate when the answer is on its way or the decision is gone.
    """
    now = desk.clock()
    with writing(desk.engine) as connection:
        found = get(connection, decision_id)
        if found is None or found.status is not DecisionStatus.ACCEPTED or found.sent_at is not None:
            raise UndoTooLate("Too late to undo: the answer was already sent to the graph.")
        together = [found]
        if found.type is DecisionType.IGNORE:
            accepted = unsent(connection, found.source_id, found.thread_id)
            together = [each for each in accepted if each.job_id == found.job_id]
        for each in together:
            settle(connection, each, DecisionStatus.SUPERSEDED, at=now, reason=f"undone by {actor}")
            append(connection, at=now, actor=actor, action="undone", about=each.about, decision_id=each.decision_id)
        if found.job_id and not unsent(connection, found.source_id, found.thread_id):
            jobs.cancel(connection, found.job_id, now)
        undone = get(connection, decision_id)
        assert undone is not None
        return undone


def send_now(desk: Desk, decision_id: str, *, actor: str) -> Decision:
    """Send an accepted decision without waiting for sibling questions or steps; on record.

    Raises NotPending when it was sent or taken back meanwhile.
    """
    now = desk.clock()
    with writing(desk.engine) as connection:
        found = get(connection, decision_id)
        if found is None or found.status is not DecisionStatus.ACCEPTED or found.sent_at is not None:
            raise NotPending("This decision does not wait to be sent any more.")
        append(connection, at=now, actor=actor, action="overrode", about=found.about, decision_id=decision_id)
        jobs.enqueue(
            connection,
            source_id=found.source_id,
            thread_id=found.thread_id,
            kind=JobKind.RESUME,
            now=now,
            graph_id=found.graph_id,
            override=True,
        )
    return found


def refuse_together(review: Review, type_: DecisionType) -> None:
    """Raise InvalidDecision for what must be decided by itself: anything but a plain yes or no to something reversible."""
    if type_ not in (DecisionType.APPROVE, DecisionType.REJECT):
        raise InvalidDecision(
            "Several reviews can only be approved or rejected together. Decide each by itself.", "type"
        )
    if not review.reversible:
        raise InvalidDecision(
            f"“{review.title}” cannot be decided together with others: nothing says that it can be undone. "
            "Review it by itself.",
            "type",
        )


def _refuse_half_characters(said: Said, actor: str) -> None:
    value = None if said.value is UNSET else said.value
    for field, given in (("actor", actor), ("message", said.message), ("args", said.args), ("value", value)):
        if not is_text(given):
            raise InvalidDecision("It holds half of a character, which no text has. Write it again.", field)


def _find(pauses: tuple[Pause, ...], key: str) -> Pause | None:
    return next((pause for pause in pauses if key in (pause.pause_key, pause.interrupt_id)), None)


def _refuse_if_decided(
    connection: Connection, desk: Desk, source_id: str, thread_id: str, pause: Pause | None, key: str
) -> None:
    winner = live(connection, source_id, thread_id, pause.pause_key if pause else key)
    if winner is None:
        return
    if not went_back(winner, pause):
        raise AlreadyDecided(_by_whom(winner))
    now = desk.clock()
    reason = "the checkpointer file went back to before this answer"
    overtake(connection, winner, at=now, reason=reason)
    about, decision_id = winner.about, winner.decision_id
    append(connection, at=now, actor=ACTOR, action="superseded", about=about, decision_id=decision_id, reason=reason)


def _accept(
    connection: Connection,
    desk: Desk,
    pause: Pause,
    said: Said,
    actor: str,
    wait_for_undo: bool,
    override: bool,
    together_with: int | None,
) -> Decision:
    if pause.status is not PauseStatus.QUESTION or pause.interrupt_id is None:
        raise InvalidDecision(
            f"This thread is {pause.status.value}: it asks nothing that could be answered. Close it, or repair its graph.",
            field="type",
        )
    review = payloads.parse(pause)
    value = payloads.encode(pause, said)
    due = _due(desk, review, wait_for_undo)
    job_id = jobs.enqueue(
        connection,
        source_id=pause.source_id,
        thread_id=pause.thread_id,
        kind=JobKind.RESUME,
        now=desk.clock(),
        due_at=due,
        graph_id=pause.graph_id,
        override=override,
    )
    return _record(connection, desk, pause, review, said, value, actor, due, job_id, together_with)


def _close(
    connection: Connection,
    desk: Desk,
    pauses: tuple[Pause, ...],
    chosen: Pause,
    said: Said,
    actor: str,
    wait_for_undo: bool,
) -> Decision:
    now = desk.clock()
    for other in accepted(connection, chosen.source_id, chosen.thread_id):
        if other.sent_at is not None:
            raise NotPending("An answer to this thread is on its way already. Wait for it, then close the thread.")
        settle(connection, other, DecisionStatus.SUPERSEDED, at=now, reason=f"the thread was closed by {actor}")
        append(connection, at=now, actor=actor, action="superseded", about=other.about, decision_id=other.decision_id)
        if other.job_id:
            jobs.cancel(connection, other.job_id, now)
    due = _due(desk, payloads.parse(chosen), wait_for_undo)
    job_id = jobs.enqueue(
        connection,
        source_id=chosen.source_id,
        thread_id=chosen.thread_id,
        kind=JobKind.CLOSE,
        now=now,
        due_at=due,
        graph_id=chosen.graph_id,
    )
    mine: Decision | None = None
    for pause in pauses:
        made = _record(connection, desk, pause, payloads.parse(pause), said, None, actor, due, job_id)
        mine = made if pause.pause_key == chosen.pause_key else mine
    assert mine is not None
    return mine


def _record(
    connection: Connection,
    desk: Desk,
    pause: Pause,
    review: Review,
    said: Said,
    value: JSON,
    actor: str,
    due: datetime,
    job_id: str,
    together_with: int | None = None,
) -> Decision:
    now = desk.clock()
    row: dict[str, JSON] = {
        "decision_id": uuid.uuid4().hex,
        "source_id": pause.source_id,
        "thread_id": pause.thread_id,
        "pause_key": pause.pause_key,
        "interrupt_id": pause.interrupt_id,
        "ask_no": pause.ask_no,
        "checkpoint_id": pause.checkpoint_id,
        "seen": pause.seen,
        "graph_id": pause.graph_id,
        "kind": review.kind.value,
        "title": review.title,
        "type": said.type.value,
        "message": said.message,
        "args": dict(said.args) if said.args is not None else None,
        "resume_value": value,
        "payload": pause.value,
        "status": DecisionStatus.ACCEPTED.value,
        "reason": None,
        "actor": actor,
        "decided_at": to_text(now),
        "due_at": to_text(due),
        "sent_at": None,
        "settled_at": None,
        "job_id": job_id,
    }
    connection.execute(insert(table).values(**row))
    append(
        connection,
        at=now,
        actor=actor,
        action="decided",
        about=Question(pause.source_id, pause.thread_id, pause.pause_key),
        decision_id=row["decision_id"],
        type=row["type"],
        message=said.message,
        args=row["args"],
        resume_value=value,
        seen=pause.seen,
        **({} if together_with is None else {"together_with": together_with}),
    )
    return from_row(row)


def _due(desk: Desk, review: Review, wait_for_undo: bool) -> datetime:
    wait = desk.settings.undo_seconds if wait_for_undo and not review.reversible else 0
    return desk.clock() + timedelta(seconds=wait)


def _by_whom(winner: Decision) -> str:
    reason = f" (“{winner.message}”)" if winner.message else ""
    return f"Already decided: {winner.actor} chose {winner.type.value}{reason} at {winner.decided_at[:19]}Z."


def _not_pending(thread_id: str) -> str:
    return f"Thread {thread_id} does not wait for this question any more, or it never did. `signoff list` shows what waits."
