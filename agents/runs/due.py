"""Deadlines act: what is due is done once, by whichever process is first, also when all of them were off at the time.

Each step begins with a compare-and-set on the question's row, in the transaction of what it does: a person who has
decided or moved the deadline meanwhile was first.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from agents import claims, decisions, payloads
from agents.audit import append
from agents.clock import to_text
from agents.database import reading, writing
from agents.deadlines import ACTOR, rows
from agents.deadlines.policy import LEAD, may_be_due, reaches_nobody
from agents.deadlines.rows import Deadline, State
from agents.deadlines.words import happened
from agents.decisions import Decision
from agents.desk import Desk
from agents.domain import DecisionType, OnDeadline, Pause, Review, Said
from agents.errors import AlreadyDecided, Busy, InvalidDecision, NotPending, QuestionChanged, SignoffError
from agents.rules import Step
from agents.runs.sighting import asked_again, notice

log = logging.getLogger(__name__)
AT_ONCE = 50
"""Steps of one sweep."""

A_MINUTE = timedelta(minutes=1)
AGAIN = timedelta(seconds=30)
"""When a question is tried again whose file or database could not be used."""
SOON = timedelta(seconds=3)
"""The same where there was nothing to do: many of these must not keep the others from their turn."""


@dataclass(frozen=True, slots=True)
class _Escalation:
    """to: who gets it. why: a sentence. stays: its step is still to be done, counted anew."""

    to: str
    why: str
    stays: bool = False


class _NoLonger(Exception):
    """The row is not as it was seen: a person, or another process, was first."""


def sweep(desk: Desk) -> int:
    """See what is new, stop and start clocks, do what is due; how many steps were done here."""
    notice(desk)
    _follow_answers(desk)
    return sum(_tried(desk, row) for row in _ready(desk))


def _ready(desk: Desk) -> Sequence[Deadline]:
    """What is due, without what could not be done a moment ago."""
    now, known = desk.clock(), {reader.source.source_id for reader in desk.readers}
    later: dict[rows.Key, datetime] = desk.memo.setdefault("due:later", {})
    for key in [key for key, at in later.items() if at <= now]:
        del later[key]
    with reading(desk.engine) as connection:
        found = rows.due(connection, now)
    return [row for row in found if row.key not in later and row.source_id in known][:AT_ONCE]


def _tried(desk: Desk, row: Deadline) -> bool:
    wait = AGAIN
    try:
        if act(desk, row, desk.clock()):
            return True
        wait = SOON
    except SignoffError as error:
        log.warning("The deadline of thread %s waits: %s", row.thread_id, error)
    except Exception:  # one question at fault must not keep the others waiting
        log.exception("The deadline of thread %s could not be kept", row.thread_id)
    desk.memo["due:later"][row.key] = desk.clock() + wait
    return False


def act(desk: Desk, row: Deadline, now: datetime) -> bool:
    """Do a row's next step, if its question still waits. False when there was nothing to do, or somebody was first."""
    pauses = desk.pauses(row.thread_id, row.source_id)
    pause = next((each for each in pauses if each.pause_key == row.pause_key and may_be_due(each)), None)
    step = row.step
    if pause is None or step is None:
        return False  # it is settled as soon as the next look at its file tells
    if asked_again(desk, row.source_id, row.thread_id):
        return False
    if step.do is OnDeadline.ESCALATE:
        return _escalate(desk, row, _Escalation(step.to or LEAD, f"Nobody decided by {_when(row.due_at)}."), now)
    if now - row.due_at > row.grace:
        why = f"This desk was not running at {_when(row.due_at)}, when it was due. Nothing was decided in its place."
        return _escalate(desk, row, _Escalation(row.escalates_to or LEAD, why, stays=True), now)
    return _decide(desk, row, step, pauses, pause)


def _decide(desk: Desk, row: Deadline, step: Step, pauses: Sequence[Pause], pause: Pause) -> bool:
    review = payloads.parse(pause)
    said = _said(review, step, row.due_at)
    now = desk.clock()
    if said.type is DecisionType.IGNORE and _wait_for_others(desk, row, pauses, now):
        return False
    with reading(desk.engine) as connection:
        against = _against(connection, row, said, pauses, pause)
    if against is not None:
        why = f"Nobody decided by {_when(row.due_at)}. {against}"
        return _escalate(desk, row, _Escalation(row.escalates_to or LEAD, why), now)
    try:
        decisions.decide(
            desk,
            row.thread_id,
            row.pause_key,
            said,
            actor=ACTOR,
            seen=pause.seen,
            source_id=row.source_id,
            wait_for_undo=False,
            inside=lambda connection, made: _mark_acted(connection, row, made),
        )
    except (_NoLonger, NotPending, QuestionChanged):
        return False
    except AlreadyDecided:
        with writing(desk.engine) as connection:
            rows.stop(connection, row, State.HELD, now)
        return False
    except Busy:
        raise
    except SignoffError as error:
        why = f"Nobody decided by {_when(row.due_at)}, and the deadline could not. {error}"
        return _escalate(desk, row, _Escalation(row.escalates_to or LEAD, why), now)
    return True


def _against(connection: Connection, row: Deadline, said: Said, pauses: Sequence[Pause], pause: Pause) -> str | None:
    """Why a person must decide this, as a sentence; None where the deadline may.

    It throws away nobody's answer, ends nothing that has no deadline, and does nothing a second time.
    """
    if said.type is DecisionType.IGNORE:
        if any(each.actor != ACTOR for each in decisions.accepted(connection, row.source_id, row.thread_id)):
            return "Closing the thread would throw away the answer to another of its questions."
        timed = {each.pause_key for each in rows.of_thread(connection, row.source_id, row.thread_id) if each.policy_id}
        if any(may_be_due(each) and each.pause_key not in timed for each in pauses):
            return "Closing the thread would close another of its questions, which has no deadline."
    elif said.type is not DecisionType.REJECT:
        found = decisions.live(connection, *row.key)
        if found is not None and decisions.went_back(found, pause):
            return (
                "It was answered before an older copy of its file took its place; what was done then may have happened."
            )
    return None


def _mark_acted(connection: Connection, row: Deadline, made: Decision | None) -> None:
    outcome = made.type.value if made is not None else None
    if made is None or not rows.change(connection, row, state=State.ACTED.value, outcome=outcome):
        raise _NoLonger


def _said(review: Review, step: Step, due_at: datetime) -> Said:
    if step.do is OnDeadline.DEFAULT and step.decision is not None:
        return Said(step.decision, message=step.message)
    why = step.message or f"Nobody decided by {_when(due_at)}, so it was {happened(step, review)}."
    no = Said(DecisionType.REJECT, message=why)
    try:
        if DecisionType.REJECT in review.allowed:
            payloads.encode(review.pause, no)
            return no
    except InvalidDecision:
        pass  # this graph takes no plain no
    return Said(DecisionType.IGNORE, message=why)


def _wait_for_others(desk: Desk, row: Deadline, pauses: Sequence[Pause], now: datetime) -> bool:
    """Closing a thread closes all of its questions: not while another of them has time left, running or paused."""
    with reading(desk.engine) as connection:
        known = rows.of_thread(connection, row.source_id, row.thread_id)
    asked = {pause.pause_key for pause in pauses} - {row.pause_key}
    left = [each for each in known if each.pause_key in asked]
    stopped = [now + max(each.left or A_MINUTE, A_MINUTE) for each in left if each.state is State.PAUSED]
    later = max([now, *stopped, *(each.due_at for each in left if each.state is State.WAITING)])
    if later <= now:
        return False
    with writing(desk.engine) as connection:
        rows.change(connection, row, due_at=to_text(later))
    return True


def _escalate(desk: Desk, row: Deadline, escalation: _Escalation, now: datetime) -> bool:
    """Give it to somebody else, who has until the next step."""
    done = row.steps_done if escalation.stays else row.steps_done + 1
    following = row.steps[done] if done < len(row.steps) else None
    next_at = to_text(now + following.after) if following else None
    changed = {"due_at": next_at} if next_at else {"state": State.SPENT.value}
    with writing(desk.engine) as connection:
        if _taken(connection, desk, row):
            return False
        if not rows.change(connection, row, steps_done=done, **changed):
            return False
        if not reaches_nobody(desk.rules, escalation.to):
            claims.hand_to(connection, row.about, escalation.to, by=ACTOR, at=now, reason=escalation.why)
        told = {"to": escalation.to, "reason": escalation.why, "due_at": next_at}
        append(connection, at=now, actor=ACTOR, action="escalated", about=row.about, **told)
    return True


def _taken(connection: Connection, desk: Desk, row: Deadline) -> bool:
    """Is its answer on its way or there? Not any more where an older copy of the file took its place."""
    found = decisions.live(connection, *row.key)
    if found is None:
        return False
    pause = next((each for each in desk.pauses(row.thread_id, row.source_id) if each.pause_key == row.pause_key), None)
    return not decisions.went_back(found, pause)


def _follow_answers(desk: Desk) -> None:
    """An answer on its way stops the clock of its question; one that did not hold lets it go on."""
    now = desk.clock()
    with reading(desk.engine) as connection:
        answered = rows.answered(connection)
        stopped = [
            row
            for row in rows.in_state(connection, State.HELD, State.ACTED)
            if decisions.live(connection, *row.key) is None
        ]
    if not answered and not stopped:
        return
    with writing(desk.engine) as connection:
        for row, at in answered:
            rows.stop(connection, row, State.HELD, at)
        for row in stopped:
            if row.state is State.HELD and decisions.live(connection, *row.key) is None:
                rows.go_on(connection, row, now, at_least=_some_time(row))
    for row in stopped:
        if row.state is State.ACTED:
            _escalate(desk, row, _Escalation(row.escalates_to or LEAD, _not_taken(desk, row)), now)


def _some_time(row: Deadline) -> timedelta:
    """What is left after an answer did not hold, at least: nobody looked at the clock meanwhile."""
    return min(row.near, row.step.after) if row.step is not None else row.near


def _not_taken(desk: Desk, row: Deadline) -> str:
    with reading(desk.engine) as connection:
        made = [each for each in decisions.of_thread(connection, row.source_id, row.thread_id) if each.actor == ACTOR]
    reason = made[-1].reason if made else None
    return f"What the deadline decided did not hold{f': {reason}' if reason else ''}. It needs a person."


def _when(moment: datetime) -> str:
    return f"{moment:%H:%M} UTC on {moment.day} {moment:%B %Y}"
