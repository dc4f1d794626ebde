"""What a file holds as a whole: for comparing it with what Signoff's own tables remember."""

from __future__ import annotations

import sqlite3

from agents.checkpoints.decoding import Undecodable, asks, plain
from agents.checkpoints.rows import INTERRUPT, RESUME
from agents.domain import JSON


def heads(connection: sqlite3.Connection) -> dict[str, str]:
    """The newest checkpoint_id of every thread's root, from the index alone."""
    query = "SELECT thread_id, max(checkpoint_id) FROM checkpoints WHERE checkpoint_ns = '' GROUP BY thread_id"
    return dict(connection.execute(query).fetchall())


def holds(connection: sqlite3.Connection, thread_id: str, checkpoint_id: str) -> bool:
    query = "SELECT 1 FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id = ?"
    return connection.execute(query, (thread_id, checkpoint_id)).fetchone() is not None


def answers_to(connection: sqlite3.Connection, thread_id: str, interrupt_id: str) -> list[JSON] | None:
    """The answers that the task which asked this has stored, by their place; None when the file never asked it."""
    found: list[JSON] | None = None
    query = "SELECT checkpoint_ns, checkpoint_id, task_id, type, value FROM writes WHERE thread_id = ? AND idx = ?"
    for *place, kind, blob in connection.execute(query, (thread_id, INTERRUPT)).fetchall():
        if interrupt_id in _ids(kind, blob):
            stored = _stored(connection, thread_id, *place)
            found = stored if found is None or len(stored) > len(found) else found
    return found


def _ids(kind: str | None, blob: bytes | None) -> list[str]:
    try:
        return [each.id for each in asks(kind, blob)]
    except Undecodable:
        return []


def _stored(
    connection: sqlite3.Connection, thread_id: str, namespace: str, checkpoint_id: str, task_id: str
) -> list[JSON]:
    query = (
        "SELECT type, value FROM writes WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ? "
        "AND task_id = ? AND idx = ?"
    )
    row = connection.execute(query, (thread_id, namespace, checkpoint_id, task_id, RESUME)).fetchone()
    try:
        stored = plain(*row) if row else []
    except Undecodable:
        return []
    return stored if isinstance(stored, list) else [stored]
