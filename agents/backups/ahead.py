"""Threads whose file went on without this database, and what that means for what they do next.

After a restore of the database alone, a thread's newest step may have acted
already, with nothing in the journal to tell. So while a thread is marked here, an act that
the journal does not know is in doubt and goes to a person (agents.effects).
The mark is for the step at which the thread stood; it ends with that step.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from agents.clock import to_text
from agents.database import ahead


def mark(connection: Connection, source_id: str, thread_id: str, checkpoint_id: str, *, now: datetime) -> None:
    """The thread stands at this checkpoint, and this database does not know how it came there."""
    clear(connection, source_id, thread_id)
    row = {"source_id": source_id, "thread_id": thread_id, "checkpoint_id": checkpoint_id}
    connection.execute(insert(ahead).values(**row, found_at=to_text(now)))


def clear(connection: Connection, source_id: str, thread_id: str) -> None:
    connection.execute(delete(ahead).where(ahead.c.source_id == source_id, ahead.c.thread_id == thread_id))


def marked_at(connection: Connection, source_id: str, thread_id: str) -> str | None:
    """The checkpoint of the mark; None where there is none."""
    where = (ahead.c.source_id == source_id, ahead.c.thread_id == thread_id)
    found: str | None = connection.execute(select(ahead.c.checkpoint_id).where(*where)).scalar()
    return found
