"""What a thread went through and where it stands, read without its graph."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from agents.checkpoints.decoding import Undecodable, plain
from agents.checkpoints.questions import time_of
from agents.checkpoints.rows import metadata_of
from agents.domain import JSON

_INTERNAL = ("branch:", "__", "start:", "join:")


@dataclass(frozen=True, slots=True)
class Step:
    """One checkpoint of the thread's root.

    number: LangGraph's step, -1 for the input. source: input | loop | update |
    fork. changed: names of the channels that this step wrote.
    """

    checkpoint_id: str
    number: int | None
    at: datetime | None
    source: str
    changed: tuple[str, ...]
    metadata: dict[str, JSON]


def steps(connection: sqlite3.Connection, thread_id: str, limit: int) -> tuple[Step, ...]:
    """The newest `limit` checkpoints of the root namespace, oldest first."""
    rows = connection.execute(
        "SELECT checkpoint_id, type, checkpoint, metadata FROM checkpoints "
        "WHERE thread_id = ? AND checkpoint_ns = '' ORDER BY checkpoint_id DESC LIMIT ?",
        (thread_id, limit + 1),
    ).fetchall()
    decoded = [(row[0], _checkpoint(row[1], row[2]), metadata_of(row[3])) for row in reversed(rows)]
    made = []
    before: dict[str, JSON] = {}
    for checkpoint_id, checkpoint, metadata in decoded:
        versions = _dict(checkpoint.get("channel_versions"))
        made.append(_step(checkpoint_id, checkpoint, metadata, _changed(checkpoint, versions, before)))
        before = versions
    return tuple(made[-limit:])


def channel_values(connection: sqlite3.Connection, thread_id: str) -> dict[str, JSON]:
    """The state of the thread's head by channel, without LangGraph's own channels; {} for an unknown thread.

    A thread of the functional API has no channels of its own: there it is the object that its entrypoint returned.
    """
    row = connection.execute(
        "SELECT type, checkpoint FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' "
        "ORDER BY checkpoint_id DESC LIMIT 1",
        (thread_id,),
    ).fetchone()
    found = _dict(_checkpoint(*row).get("channel_values")) if row else {}
    returned = found.get("__end__")
    state = {name: value for name, value in found.items() if not name.startswith(_INTERNAL)}
    return {**state, **returned} if isinstance(returned, dict) else state


def _step(checkpoint_id: str, checkpoint: dict[str, JSON], metadata: dict[str, JSON], changed: tuple[str, ...]) -> Step:
    number = metadata.get("step")
    return Step(
        checkpoint_id=checkpoint_id,
        number=number if isinstance(number, int) else None,
        at=time_of(checkpoint_id) or _written(checkpoint.get("ts")),
        source=str(metadata.get("source", "")),
        changed=changed,
        metadata=metadata,
    )


def _changed(checkpoint: dict[str, JSON], versions: dict[str, JSON], before: dict[str, JSON]) -> tuple[str, ...]:
    told = checkpoint.get("updated_channels")
    names = told if isinstance(told, list) else [name for name, each in versions.items() if before.get(name) != each]
    return tuple(sorted(str(name) for name in names if not str(name).startswith(_INTERNAL)))


def _checkpoint(kind: str | None, blob: bytes | None) -> dict[str, JSON]:
    try:
        return _dict(plain(kind, blob))
    except Undecodable:
        return {}


def _dict(value: JSON) -> dict[str, JSON]:
    return value if isinstance(value, dict) else {}


def _written(value: JSON) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
