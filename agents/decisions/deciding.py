"""Deciding and undoing: each is one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from agents import claims, jobs, logs, payloads
from agents.audit import append, of_thread
from agents.database import reading, writing
from agents.decisions import opinions
from agents.decisions.acceptance import by_whom, checked, due, order, permit_on, record, understood
from agents.decisions.four_eyes import Answer, mode_of, weigh
from agents.decisions.opinions import Mode
from agents.decisions.rows import Decision, accepted, get, live, settle, unsent
from agents.desk import Desk
from agents.domain import DecisionStatus, DecisionType, Pause, Review, Said, Who
from agents.errors import AlreadyDecided, InvalidDecision, NotPending, SecondNeeded, UndoTooLate
from agents.jobs import JobKind
from agents.people import Act, permit

Inside: TypeAlias = Callable[[Connection, Decision | None], None]
"""Called in the transaction of a decision, before it is saved; None when it needs a second person first."""


def decide(
    desk: Desk,
    thread_id: str,
    pause_key: str,
    said: Said,
    *,
    actor: Who,
    seen: str | None = None,
    source_id: str | None = None,
    wait_for_undo: bool = True,
    override: bool = False,
    together_with: int | None = None,
    inside: Inside | None = None,
) -> Decision:
    """Accept one decision and order the resume.

    pause_key: the pause's key or its interrupt id. seen: the fingerprint of
    what the person looked at; None when they did not say. override: send
    without waiting for sibling questions or running siblings. together_with:
    how many others were decided in the same act; then only what is reversible
    is accepted, and the record says so. inside: called with the decision in its
    transaction, after all checks; what it raises takes everything back.
    Raises NotAllowed (Claimed, too), AlreadyDecided, NotPending, QuestionChanged,
    InvalidDecision, or Busy; in each case nothing was saved. Raises SecondNeeded,
    where two must agree, after an opinion was saved.
    """
    source_id = desk.source_of(thread_id, source_id)
    try:
        with logs.about(source_id=source_id, thread_id=thread_id, actor=str(actor)), writing(desk.engine) as connection:
            pauses = desk.pauses(thread_id, source_id)
            pause = checked(connection, desk, pauses, (source_id, thread_id, pause_key), said, actor=actor, seen=seen)
            if together_with is not None:
                refuse_together(desk, payloads.parse(pause), said.type)
            if said.type is DecisionType.IGNORE:
                made = _close(connection, desk, pauses, pause, said, actor, wait_for_undo)
            else:
                made = _accept(connection, desk, pause, said, actor, wait_for_undo, override, together_with)
            if inside is not None:
                inside(connection, made if isinstance(made, Decision) else None)
    except IntegrityError:
        with reading(desk.engine) as connection:
            winner = live(connection, source_id, thread_id, pause_key)
        raise AlreadyDecided(by_whom(winner) if winner else "Somebody else decided at the same moment.") from None
    if isinstance(made, SecondNeeded):
        raise made
    return made


def undo(desk: Desk, decision_id: str, *, actor: Who) -> Decision:
    """Take back a decision that was not sent yet, and those made in the same act; their questions wait again.

    Raises UndoTooLate when the answer is on its way or the decision is gone, NotAllowed; what somebody else decided
    is taken back by a lead.
    """
    now = desk.clock()
    with writing(desk.engine) as connection:
        permit(connection, desk, actor, Act.DECIDE)
        found = get(connection, decision_id)
        if found is None or found.status is not DecisionStatus.ACCEPTED or found.sent_at is not None:
            raise UndoTooLate("Too late to undo: the answer was already sent to the graph.")
        for each in unsent(connection, found.source_id, found.thread_id):
            if each.act == found.act:
                name = _permit_again(connection, desk, actor, each)
                settle(connection, each, DecisionStatus.SUPERSEDED, at=now, reason=f"undone by {name}")
                append(connection, at=now, actor=name, action="undone", about=each.about, decision_id=each.decision_id)
        _leave_order(connection, found, now)
        undone = get(connection, decision_id)
        assert undone is not None
        return undone


def _permit_again(connection: Connection, desk: Desk, who: Who, made: Decision) -> str:
    """The name to write down, if this person may change what became of this decision."""
    made_by = {made.actor, *(each.actor for each in opinions.of_decision(connection, made.decision_id))}
    act = Act.DECIDE if str(who) in made_by else Act.UNDO_OTHERS
    return permit(connection, desk, who, act, graph_id=made.graph_id, kind=made.kind)


def _leave_order(connection: Connection, undone: Decision, now: datetime) -> None:
    """The order stays for the answers that are left, which wait for each other again unless a person said otherwise."""
    left = {each.decision_id for each in unsent(connection, undone.source_id, undone.thread_id)}
    if undone.job_id and not left:
        jobs.cancel(connection, undone.job_id, now)
        return
    told = of_thread(connection, undone.source_id, undone.thread_id)
    if undone.job_id and not any(each.action == "overrode" and each.fields.get("decision_id") in left for each in told):
        jobs.wait_for_all(connection, undone.job_id)


def send_now(desk: Desk, decision_id: str, *, actor: Who) -> Decision:
    """Send an accepted decision without waiting for sibling questions or steps; on record.

    Raises NotPending when it was sent or taken back meanwhile, NotAllowed.
    """
    now = desk.clock()
    with writing(desk.engine) as connection:
        permit(connection, desk, actor, Act.OVERRIDE)
        found = get(connection, decision_id)
        if found is None or found.status is not DecisionStatus.ACCEPTED or found.sent_at is not None:
            raise NotPending("This decision does not wait to be sent any more.")
        name = permit(connection, desk, actor, Act.OVERRIDE, graph_id=found.graph_id, kind=found.kind)
        append(connection, at=now, actor=name, action="overrode", about=found.about, decision_id=decision_id)
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


def refuse_together(desk: Desk, review: Review, type_: DecisionType) -> None:
    """Raise InvalidDecision for what must be decided by itself: anything but one person's plain yes or no to something
    reversible."""
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
    if mode_of(desk, review.pause) is not Mode.ONE:
        raise InvalidDecision(
            f"“{review.title}” cannot be decided together with others: two people must agree on it. Review it by itself.",
            "type",
        )


def _accept(
    connection: Connection,
    desk: Desk,
    pause: Pause,
    said: Said,
    actor: Who,
    wait_for_undo: bool,
    override: bool,
    together_with: int | None,
) -> Decision | SecondNeeded:
    name = permit_on(connection, desk, actor, pause, Act.OVERRIDE if override else Act.DECIDE)
    review, value = understood(pause, said)
    weighed = weigh(connection, desk, [Answer(pause, said, value)], actor, name)
    if weighed.needed is not None:
        return weighed.needed
    now = desk.clock()
    act = order(connection, pause, name, now, due(desk, now, review, wait_for_undo), override=override)
    made = record(connection, pause, review, said, value, act, together_with, weighed)
    if override:
        append(connection, at=now, actor=name, action="overrode", about=made.about, decision_id=made.decision_id)
    return made


def _close(
    connection: Connection,
    desk: Desk,
    pauses: tuple[Pause, ...],
    chosen: Pause,
    said: Said,
    actor: Who,
    wait_for_undo: bool,
) -> Decision | SecondNeeded:
    now, name = desk.clock(), str(actor)
    answers = [Answer(pause, said, None) for pause in pauses]
    for answer in answers:  # closing the thread decides all of its questions
        name = permit_on(connection, desk, actor, answer.pause)
        claims.refuse(connection, desk, answer.about, name)
    others = accepted(connection, chosen.source_id, chosen.thread_id)
    if any(other.sent_at is not None for other in others):
        raise NotPending("An answer to this thread is on its way already. Wait for it, then close the thread.")
    weighed = weigh(connection, desk, answers, actor, name)
    if weighed.needed is not None:
        return weighed.needed
    for other in others:
        _permit_again(connection, desk, actor, other)
        settle(connection, other, DecisionStatus.SUPERSEDED, at=now, reason=f"the thread was closed by {name}")
        append(connection, at=now, actor=name, action="superseded", about=other.about, decision_id=other.decision_id)
        if other.job_id:
            jobs.cancel(connection, other.job_id, now)
    late = due(desk, now, payloads.parse(chosen), wait_for_undo)
    act = order(connection, chosen, name, now, late, kind=JobKind.CLOSE)
    mine: Decision | None = None
    for pause in pauses:
        made = record(connection, pause, payloads.parse(pause), said, None, act, weighed=weighed)
        mine = made if pause.pause_key == chosen.pause_key else mine
    assert mine is not None
    return mine
