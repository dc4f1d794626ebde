"""Where else the words of an event stand in Signoff's own tables, so that a redaction takes them from there, too."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from agents.audit.chain import Event
from agents.database import (
    assignment,
    claim,
    deadline,
    decision,
    draft,
    effect,
    idempotency,
    job,
    look,
    notification,
    opinion,
    progress,
    snooze,
    thread,
)
from agents.domain import JSON
from agents.errors import InvalidInput

REMOVED = "(removed)"
_ANSWER = ("message", "args", "resume_value")


def forget(connection: Connection, told: Event, names: Collection[str]) -> tuple[str, ...]:
    """Remove what these fields of an event say from every other table; names what was found there, for people.

    Raises InvalidInput while it is still needed: an answer that was not sent yet, a start that has not run.
    """
    if told.source_id is None or told.thread_id is None:
        return ()
    found = [
        *_decision(connection, told, names),
        *_opinion(connection, told, names),
        *_start(connection, told, names),
        *_work(connection, told, names),
        *_effect(connection, told, names),
        *_titles(connection, told, names),
        *_person(connection, told, names),
        *_typed(connection, told),
        *_messages(connection, told),
        *_answers(connection, told),
    ]
    return tuple(dict.fromkeys(found))


def _decision(connection: Connection, told: Event, names: Collection[str]) -> Iterator[str]:
    decision_id = told.fields.get("decision_id")
    row = connection.execute(select(decision).where(decision.c.decision_id == decision_id)).mappings().first()
    if row is None:
        return
    if row["status"] == "accepted":
        raise InvalidInput(
            "This answer has not been sent yet, so it is still needed. Undo it, or wait until it was sent."
        )
    values = _values(names, {"sent": "resume_value", "reason": "reason", **{name: name for name in _ANSWER}})
    if "seen" in names:
        values |= {"seen": "", "payload": None}
    if told.action == "decided":  # the columns that may not be empty
        values |= {name: REMOVED for name in ("actor", "title") if name in names}
    if "patch" in names:
        values["args"] = None
    if values:
        connection.execute(update(decision).where(decision.c.decision_id == decision_id).values(**values))
        yield "the decision"


def _opinion(connection: Connection, told: Event, names: Collection[str]) -> Iterator[str]:
    """Of the event's own opinion, or of those that its decision was made of."""
    values = _values(names, {"sent": "resume_value", **{name: name for name in _ANSWER}})
    if "patch" in names:
        values["args"] = None
    if "seen" in names:
        values["seen"] = ""
    for name in ("opinion_id", "decision_id"):
        if told.fields.get(name) is None:
            continue
        own = opinion.c[name] == told.fields[name]
        if "actor" in names:
            connection.execute(update(opinion).where(own, opinion.c.actor == told.actor).values(actor=REMOVED))
        if values and connection.execute(update(opinion).where(own).values(**values)).rowcount:
            yield "opinions"


def _start(connection: Connection, told: Event, names: Collection[str]) -> Iterator[str]:
    if told.action != "started" or "input" not in names:
        return
    mine = (*_of(job, told), job.c.kind == "start")
    if connection.execute(select(job.c.job_id).where(*mine, job.c.status.in_(("waiting", "running")))).first():
        raise InvalidInput("This thread has not been started yet, so its input is still needed. Wait until it has run.")
    connection.execute(update(job).where(*mine).values(input=None))
    if connection.execute(update(thread).where(*_of(thread, told)).values(input={}, title=REMOVED)).rowcount:
        yield "the thread's input and title"


def _work(connection: Connection, told: Event, names: Collection[str]) -> Iterator[str]:
    """What a run reported on its way, and the error that it ended with."""
    if "error" in names:
        same = (*_of(job, told), job.c.error == told.fields["error"])
        if connection.execute(update(job).where(*same).values(error=REMOVED)).rowcount:
            yield "the failed run"
    if set(names) == {"actor"}:
        return
    mine = select(job.c.job_id).where(*_of(job, told))
    if connection.execute(delete(progress).where(progress.c.job_id.in_(mine))).rowcount:
        yield "the progress of its runs"


def _effect(connection: Connection, told: Event, names: Collection[str]) -> Iterator[str]:
    values = _values(names, {"result": "result"})
    if "request" in names:
        values["request"] = {}
    same = (effect.c.source_id == told.source_id, effect.c.effect_key == told.fields.get("effect"))
    if values and connection.execute(update(effect).where(*same).values(**values)).rowcount:
        yield "the effect"


def _titles(connection: Connection, told: Event, names: Collection[str]) -> Iterator[str]:
    """A thread's title is made of its input."""
    if not {"title", "input"} & set(names):
        return
    for table, words in ((thread, "the thread's title"), (deadline, "its deadline")):
        if connection.execute(update(table).where(*_of(table, told)).values(title=REMOVED)).rowcount:
            yield words


def _person(connection: Connection, told: Event, names: Collection[str]) -> Iterator[str]:
    if "actor" not in names:
        return
    if told.action == "started":
        connection.execute(update(thread).where(*_of(thread, told)).values(started_by=REMOVED))
    held = ((look, look.c.actor), (claim, claim.c.holder), (snooze, snooze.c.actor))
    for table, column in (*held, (assignment, assignment.c.assignee), (assignment, assignment.c.assigned_by)):
        if connection.execute(delete(table).where(*_of(table, told), column == told.actor)).rowcount:
            yield "what was noted of the person on this question"


def _typed(connection: Connection, told: Event) -> Iterator[str]:
    if connection.execute(delete(draft).where(*_of(draft, told))).rowcount:
        yield "drafts"


def _messages(connection: Connection, told: Event) -> Iterator[str]:
    blank = update(notification).where(*_of(notification, told)).values(title=REMOVED, text=REMOVED)
    if connection.execute(blank).rowcount:
        yield "messages"


def _answers(connection: Connection, told: Event) -> Iterator[str]:
    """What the API answered under an Idempotency-Key; a request that is still at work has noted only what it made."""
    about = idempotency.c.answer["thread_id"].as_string() == told.thread_id
    holds = and_(idempotency.c.code.is_not(None), about)
    left = {"thread_id": told.thread_id, "redacted": True}
    if connection.execute(update(idempotency).where(holds).values(answer=left)).rowcount:
        yield "answers of the API"


def _values(names: Collection[str], columns: dict[str, str]) -> dict[str, JSON]:
    return {column: None for name, column in columns.items() if name in names}


def _of(table: Table, told: Event) -> tuple[ColumnElement[bool], ...]:
    """The rows of the event's question; of its whole thread, where the table or the event names none."""
    mine = (table.c.source_id == told.source_id, table.c.thread_id == told.thread_id)
    if told.pause_key is None or "pause_key" not in table.c or table.name == "decision":
        return mine
    return (*mine, table.c.pause_key == told.pause_key)
