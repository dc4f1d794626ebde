"""Setting a question aside: out of one person's inbox for a while. Its deadline stays where it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from agents import payloads
from agents.audit import Question, append
from agents.clock import from_text, to_text
from agents.database import snooze as table
from agents.database import writing
from agents.deadlines.rows import Key
from agents.desk import Desk
from agents.domain import Who
from agents.errors import InvalidInput, NotPending
from agents.people import Act, permit

LONGEST = timedelta(days=365)


def snooze(desk: Desk, key: Key, span: timedelta, *, actor: Who) -> datetime:
    """Hide a question from this person's inbox for so long; when it comes back. A later call replaces an earlier one.

    key: (source_id, thread_id, pause_key). Raises NotAllowed, NotPending, InvalidInput.
    """
    if not timedelta(0) < span <= LONGEST:
        raise InvalidInput("Set it aside for a length of time such as 4h, a year at most.")
    source_id, thread_id, pause_key = key
    now = desk.clock()
    with writing(desk.engine) as connection:
        waiting = next((each for each in desk.pauses(thread_id, source_id) if each.pause_key == pause_key), None)
        if waiting is None:
            raise NotPending("This question does not wait any more, so there is nothing to set aside.")
        kind = payloads.parse(waiting).kind.value
        name = permit(connection, desk, actor, Act.SNOOZE, graph_id=waiting.graph_id, kind=kind)
        _drop(connection, key, name)
        connection.execute(insert(table).values(**_row(key, name), until=to_text(now + span), at=to_text(now)))
        until = to_text(now + span)
        append(connection, at=now, actor=name, action="snoozed", about=Question(*key), until=until)
    return now + span


def wake(desk: Desk, key: Key, *, actor: Who) -> None:
    """Show it in this person's inbox again. Raises NotAllowed, NotPending."""
    with writing(desk.engine) as connection:
        name = permit(connection, desk, actor, Act.SNOOZE)
        if not _drop(connection, key, name):
            raise NotPending("You have not set this question aside.")
        append(connection, at=desk.clock(), actor=name, action="woken", about=Question(*key))


def snoozed(connection: Connection, actor: str, now: datetime) -> dict[Key, datetime]:
    """What this person has set aside, and until when."""
    query = select(table).where(table.c.actor == actor, table.c.until > to_text(now))
    found = connection.execute(query).mappings()
    return {(row["source_id"], row["thread_id"], row["pause_key"]): from_text(row["until"]) for row in found}


def _drop(connection: Connection, key: Key, actor: str) -> bool:
    where = [table.c[name] == value for name, value in _row(key, actor).items()]
    return connection.execute(delete(table).where(*where)).rowcount > 0


def _row(key: Key, actor: str) -> dict[str, str]:
    return {"source_id": key[0], "thread_id": key[1], "pause_key": key[2], "actor": actor}
