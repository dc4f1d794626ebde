"""The journal of messages: each thing once per reader and channel, whatever the number of processes.

waiting -> sending, with an owner and a lease -> sent | failed | unknown. Whoever sends says so first, so that a sender
that dies leaves a row whose outcome is unknown; nobody but a person sends that again.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, func, insert, select, update

from agents import audit
from agents.adapters.channels import Answer, Outcome
from agents.audit import Question
from agents.clock import to_text
from agents.database import notification as table
from agents.database import reading, writing
from agents.desk import Desk
from agents.domain import JSON, fingerprint
from agents.notifications.readers import begun, concerns
from agents.notifications.told import Item, Status
from agents.notifications.words import clean, details, sentence

ACTOR = "system:notifications"
GATHER = timedelta(seconds=3)
"""How long the first of several waits for the others."""
QUIET = timedelta(seconds=60)
"""A reader gets no other message by the same channel for so long; what comes meanwhile goes out as one."""
LEASE = timedelta(seconds=60)
AT_ONCE = 5000
"""Rows of one message."""
RETRIES = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800))
"""How long it is left after each attempt that did not arrive, for certain; then it has failed."""
LEFT_OPEN = "The process that sent it ended, or its attempt took too long. It may have arrived."
CHUNK = 400


@dataclass(frozen=True, slots=True)
class Held:
    """A message that this process sends now. rows: of the journal. attempts: this one included."""

    message_id: str
    channel: str
    recipient: str
    rows: tuple[dict[str, JSON], ...]
    owner: str
    attempts: int


def keys_known(engine: Engine, keys: Collection[str]) -> set[str]:
    """Which of these are in the journal already."""
    with reading(engine) as connection:
        return _known(connection, keys)


def key_of(item: Item, to: str, channel: str) -> str:
    about = [item.topic.value, item.source_id, item.thread_id, item.pause_key, item.happening]
    return fingerprint([*about, to, channel])


def write_down(desk: Desk, items: Iterable[Item]) -> int:
    """Note for whom each of these is, once; returns how many rows are new. What a rule is newer than it does not tell."""
    known_since = begun(desk)
    wanted = {
        key_of(item, rule.to, rule.channel): (item, rule.to, rule.channel)
        for item in items
        for place, rule in enumerate(desk.rules.notifications)
        if concerns(desk, rule, item) and (item.since or item.at) >= to_text(known_since[place, item.topic])
    }
    if not wanted or not (wanted.keys() - keys_known(desk.engine, wanted.keys())):
        return 0
    now = desk.clock()
    with writing(desk.engine) as connection:
        known = _known(connection, wanted.keys())
        rows = [_row(key, *told, now) for key, told in wanted.items() if key not in known]
        if rows:
            connection.execute(insert(table), rows)
    return len(rows)


def take(desk: Desk, channel: str, owner: str) -> Held | None:
    """Claim the next message of a channel, gathered from all that waits for one reader; None when nothing is due."""
    now = desk.clock()
    with reading(desk.engine) as connection:
        if connection.execute(_due(channel, now).limit(1)).first() is None:
            return None  # the usual case: no write lock for an idle poll
    with writing(desk.engine) as connection:
        for recipient, message_id in connection.execute(_due(channel, now)).all():
            if message_id is None and _quiet(connection, channel, recipient, now):
                continue
            return _claim(connection, channel, recipient, message_id, owner, now)
    return None


def settle(desk: Desk, held: Held, rows: Sequence[dict[str, JSON]], answer: Answer) -> None:
    """Note what became of an attempt, and put it on record, unless somebody else has the message now. rows: what it told."""
    now = desk.clock()
    with writing(desk.engine) as connection:
        changes = _after(held, answer, now)
        mine = (
            table.c.message_id == held.message_id,
            table.c.owner == held.owner,
            table.c.status.in_((Status.SENDING.value, Status.UNKNOWN.value)),
        )
        done = connection.execute(update(table).where(*mine).values(**changes))
        if done.rowcount and answer.outcome in (Outcome.SENT, Outcome.UNKNOWN):
            _record(connection, rows, now, outcome=answer.outcome.value)


def let_go(
    desk: Desk,
    rows: Sequence[dict[str, JSON]],
    *,
    status: Status,
    wait: timedelta = timedelta(),
    apart: bool = False,
) -> None:
    """Of a held message, what is not sent: MOOT for good, or WAITING for a while. This was no attempt.

    apart: the rest goes out now, so that this becomes a message of its own; a receiver takes each id once.
    """
    now = desk.clock()
    changes: dict[str, JSON] = {
        "status": status.value,
        "settled_at": to_text(now) if status is Status.MOOT else None,
        "due_at": to_text(now + wait),
        "started_at": None,
        "attempts": table.c.attempts - 1,
        "owner": None,
        "lease_until": None,
        **({"message_id": None} if apart else {}),
    }
    ids = [row["notification_id"] for row in rows]
    with writing(desk.engine) as connection:
        for first in range(0, len(ids), CHUNK):
            mine = (table.c.notification_id.in_(ids[first : first + CHUNK]), table.c.status == Status.SENDING.value)
            connection.execute(update(table).where(*mine).values(**changes))


def expire(desk: Desk) -> int:
    """What was being sent by a process that no longer answers: its outcome is unknown. Returns how many rows."""
    now = desk.clock()
    late = (table.c.status == Status.SENDING.value, table.c.lease_until < now.timestamp())
    with reading(desk.engine) as connection:
        if connection.execute(select(table.c.message_id).where(*late).limit(1)).first() is None:
            return 0
    with writing(desk.engine) as connection:
        rows = [dict(row) for row in connection.execute(select(table).where(*late)).mappings()]
        connection.execute(
            update(table)
            .where(*late)
            .values(status=Status.UNKNOWN.value, error=LEFT_OPEN, settled_at=to_text(now), lease_until=None)
        )
        for message_id in dict.fromkeys(row["message_id"] for row in rows):
            mine = [row for row in rows if row["message_id"] == message_id]
            _record(connection, mine, now, outcome=Outcome.UNKNOWN.value)
    return len(rows)


def _due(channel: str, now: datetime) -> JSON:
    """(recipient, message_id) of what is due, what waits longest first."""
    return (
        select(table.c.recipient, table.c.message_id)
        .where(table.c.status == Status.WAITING.value, table.c.channel == channel, table.c.due_at <= to_text(now))
        .group_by(table.c.recipient, table.c.message_id)
        .order_by(func.min(table.c.due_at))
    )


def _quiet(connection: Connection, channel: str, recipient: str, now: datetime) -> bool:
    """Was this reader told of something just now?"""
    query = select(func.max(table.c.started_at)).where(table.c.channel == channel, table.c.recipient == recipient)
    last = connection.execute(query).scalar()
    return last is not None and last > to_text(now - QUIET)


def _claim(
    connection: Connection, channel: str, recipient: str, message_id: str | None, owner: str, now: datetime
) -> Held:
    waiting: list[ColumnElement[bool]] = [
        table.c.status == Status.WAITING.value,
        table.c.channel == channel,
        table.c.recipient == recipient,
        table.c.message_id.is_(None) if message_id is None else table.c.message_id == message_id,
    ]
    query = select(table).where(*waiting).order_by(table.c.created_at, table.c.notification_id).limit(AT_ONCE)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    named = message_id or _name([row["unique_key"] for row in rows])
    ids = [row["notification_id"] for row in rows]
    for first in range(0, len(ids), CHUNK):
        connection.execute(
            update(table)
            .where(table.c.notification_id.in_(ids[first : first + CHUNK]))
            .values(
                status=Status.SENDING.value,
                message_id=named,
                owner=owner,
                attempts=table.c.attempts + 1,
                started_at=to_text(now),
                lease_until=(now + LEASE).timestamp(),
                error=None,
            )
        )
    taken = tuple(row | {"message_id": named} for row in rows)
    return Held(named, channel, recipient, taken, owner, max(row["attempts"] for row in rows) + 1)


def _name(keys: list[str]) -> str:
    """Of what it tells: where an older copy of the database took its place, a receiver knows the message again."""
    return f"msg_{fingerprint(sorted(keys))[:32]}"


def _after(held: Held, answer: Answer, now: datetime) -> dict[str, JSON]:
    outcomes = {Outcome.SENT: Status.SENT, Outcome.UNKNOWN: Status.UNKNOWN}
    status = outcomes.get(answer.outcome, Status.FAILED)
    changes: dict[str, JSON] = {"status": status.value, "error": answer.reason, "lease_until": None}
    if answer.outcome is Outcome.REFUSED and held.attempts <= len(RETRIES):
        again_at = to_text(now + RETRIES[held.attempts - 1])
        return {**changes, "status": Status.WAITING.value, "due_at": again_at, "owner": None}
    return {**changes, "settled_at": to_text(now)}


def _record(connection: Connection, rows: Sequence[dict[str, JSON]], now: datetime, *, outcome: str) -> None:
    """One event per message; about the question where there is one."""
    first = rows[0]
    about = Question(first["source_id"], first["thread_id"], first["pause_key"]) if len(rows) == 1 else None
    audit.append(
        connection,
        at=now,
        actor=ACTOR,
        action="notified",
        about=about,
        channel=first["channel"],
        to=first["recipient"],
        topics=sorted({row["topic"] for row in rows}),
        count=len(rows),
        message=first["message_id"],
        outcome=outcome,
    )


def _known(connection: Connection, keys: Collection[str]) -> set[str]:
    listed = sorted(keys)
    found: set[str] = set()
    for first in range(0, len(listed), CHUNK):
        query = select(table.c.unique_key).where(table.c.unique_key.in_(listed[first : first + CHUNK]))
        found.update(connection.execute(query).scalars())
    return found


def _row(key: str, item: Item, to: str, channel: str, now: datetime) -> dict[str, JSON]:
    return {
        "notification_id": uuid.uuid4().hex,
        "unique_key": key,
        "topic": item.topic.value,
        "source_id": item.source_id,
        "thread_id": item.thread_id,
        "pause_key": item.pause_key,
        "recipient": to,
        "channel": channel,
        "title": clean(item.title),
        "text": f"{sentence(item)}\n{details(item)}",
        "link": item.link,
        "facts": item.facts(),
        "status": Status.WAITING.value,
        "attempts": 0,
        "created_at": to_text(now),
        "due_at": to_text(now + GATHER),
    }
