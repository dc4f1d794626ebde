"""The newest checkpoints of one namespace, back along their parents, unpacked within a budget of bytes.

Each checkpoint holds the whole state, so only the newest few are unpacked, and
none of them once the budget is spent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.checkpoints.decoding import Undecodable, plain
from agents.checkpoints.glimpse import shallow, unpacked
from agents.checkpoints.rows import NULL_TASK, RESUME, metadata_of
from agents.domain import JSON

BYTES = 24_000_000
"""Of checkpoints that are unpacked for one thread; the newest is, up to four times this."""


SUBGRAPHS = 8
"""Of one pause that are told of."""


@dataclass(slots=True)
class Purse:
    left: int


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint row; state None where it was too large or cannot be read."""

    checkpoint_id: str
    parent: str | None
    metadata: Mapping[str, JSON]
    state: Mapping[str, Any] | None

    def part(self, name: str) -> dict[Any, Any]:
        found = unpacked((self.state or {}).get(name))
        return found if isinstance(found, dict) else {}


@dataclass(slots=True)
class Trail:
    """The newest checkpoints of a namespace, newest first, one more than is told of."""

    namespace: str
    saved: list[Saved] = field(default_factory=list)

    @property
    def place(self) -> str:
        return " › ".join(part.partition(":")[0] for part in self.namespace.split("|") if part)


def state_values(row: Any) -> dict[str, JSON]:
    try:
        state = plain(row[0], row[1]) if row else {}
    except Undecodable:
        return {}
    values = state.get("channel_values") if isinstance(state, dict) else None
    return values if isinstance(values, dict) else {}


def row_of(connection: sqlite3.Connection, thread_id: str, namespace: str, checkpoint_id: str) -> Any:
    return connection.execute(
        "SELECT type, checkpoint FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?",
        (thread_id, namespace, checkpoint_id),
    ).fetchone()


def below(connection: sqlite3.Connection, thread_id: str) -> list[str]:
    """The namespaces of the subgraphs that the head's tasks run."""
    tasks = connection.execute(
        "SELECT DISTINCT task_id FROM writes WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id = "
        "(SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '')",
        (thread_id, thread_id),
    ).fetchall()
    spaces = connection.execute(
        "SELECT DISTINCT checkpoint_ns FROM checkpoints WHERE thread_id = ? AND checkpoint_ns > ''", (thread_id,)
    ).fetchall()
    return sorted(str(space) for (space,) in spaces if any(str(task) in str(space) for (task,) in tasks))[:SUBGRAPHS]


def trail_of(connection: sqlite3.Connection, thread_id: str, namespace: str, steps: int, purse: Purse) -> Trail:
    """From the newest back along the parents: a fork's other branch did not lead here."""
    trail = Trail(namespace)
    newest = connection.execute(
        "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ?", (thread_id, namespace)
    ).fetchone()
    checkpoint_id = newest[0] if newest else None
    seen: set[Any] = set()
    while checkpoint_id is not None and checkpoint_id not in seen and len(trail.saved) <= steps:
        seen.add(checkpoint_id)
        saved = _saved(connection, thread_id, namespace, checkpoint_id, purse, first=not trail.saved)
        if saved is None:
            break
        trail.saved.append(saved)
        checkpoint_id = saved.parent
    return trail


def _saved(
    connection: sqlite3.Connection, thread_id: str, namespace: str, checkpoint_id: Any, purse: Purse, *, first: bool
) -> Saved | None:
    key = (thread_id, namespace, checkpoint_id)
    found = connection.execute(
        "SELECT parent_checkpoint_id, length(CAST(metadata AS BLOB)), length(checkpoint) FROM checkpoints "
        "WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?",
        key,
    ).fetchone()
    if found is None:
        return None
    small = (found[1] or 0) <= BYTES
    told = connection.execute(
        "SELECT metadata FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?", key
    ).fetchone()
    metadata = metadata_of(told[0]) if small else {}
    size = found[2] if isinstance(found[2], int) else 0
    affordable = size <= purse.left or (first and size <= 4 * BYTES)
    purse.left -= size
    state = _state(row_of(connection, *key)) if affordable else None
    return Saved(str(checkpoint_id), found[0], metadata, state)


def _state(row: Any) -> Mapping[str, Any] | None:
    try:
        state = unpacked(shallow(row[0], row[1]))
    except Undecodable:
        return None
    return state if isinstance(state, dict) else None


def written(
    connection: sqlite3.Connection, thread_id: str, namespace: str, before: Saved | None, names: list[str]
) -> list[tuple[str, Any]]:
    if before is None or not names:
        return []
    rows = connection.execute(
        "SELECT channel, type, value FROM writes WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ? "
        "AND idx >= 0 AND length(value) < ? ORDER BY rowid",
        (thread_id, namespace, before.checkpoint_id, BYTES),
    )
    return [(name, _shallow_or_none(kind, value)) for name, kind, value in rows if name in names]


def answers(connection: sqlite3.Connection, thread_id: str, namespace: str, checkpoint_id: str) -> list[Any]:
    """What people sent to the tasks of a step, in the order of its rows."""
    rows = connection.execute(
        "SELECT type, value FROM writes WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ? "
        "AND idx = ? AND task_id <> ? ORDER BY rowid",
        (thread_id, namespace, checkpoint_id, RESUME, NULL_TASK),
    ).fetchall()
    given = [_shallow_or_none(kind, value) for kind, value in rows]
    return [each for found in given for each in (found if isinstance(found, list) else [found])]


def _shallow_or_none(kind: Any, value: Any) -> Any:
    try:
        return shallow(kind, value)
    except Undecodable as error:
        return f"({error})"
