"""The chain: events as they are written, and as they are read back."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, insert, select

from agents.audit.line import write_line
from agents.clock import to_text
from agents.database import after_commit, event
from agents.domain import JSON, Actor, Proof, Who, canonical

GENESIS = "0" * 64
REDACTED = "redacted"
COLUMNS = ("actor", "action", "source_id", "thread_id", "pause_key")
"""Fields that stand in columns, too, for queries."""

RESERVED = frozenset({"seq", "at", "chain", "head"})
"""What an exported line says beside an event's fields."""

KEPT = frozenset(
    {"action", "source_id", "thread_id", "pause_key", "decision_id", "opinion_id", "effect", "event", "names"}
)
"""Fields that say which event it is and what it belongs to: they cannot be redacted, or nothing could be checked any more."""

_PROVEN = "signoff_proven"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record. `fields` holds what was not redacted."""

    seq: int
    at: str
    actor: str
    action: str
    source_id: str | None
    thread_id: str | None
    pause_key: str | None
    fields: Mapping[str, JSON]
    salts: Mapping[str, str]
    hashes: Mapping[str, str]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """How long the record is and what its last hash is; keep it outside the database."""

    count: int
    hash: str


@dataclass(frozen=True, slots=True)
class Question:
    """The (source, thread, pause) that an event or a decision is about."""

    source_id: str
    thread_id: str
    pause_key: str | None = None


def append(
    connection: Connection,
    *,
    at: datetime,
    actor: Who,
    action: str,
    about: Question | None = None,
    **details: JSON,
) -> Event:
    """Add one event inside the caller's write transaction, so that both stand or fall together.

    Of an Actor the event also says how it was known who they are. Raises ValueError for a detail with a reserved name.
    """
    if not RESERVED.isdisjoint(details):
        raise ValueError(f"An event has no fields of its own called {', '.join(sorted(RESERVED & set(details)))}.")
    last = head(connection)
    seq, when, name = last.count + 1, to_text(at), str(actor)
    fields: dict[str, JSON] = {"actor": name, "action": action, **details}
    proof = actor.proof.value if isinstance(actor, Actor) else _proof_of(connection, name)
    if proof is not None:
        fields["proof"] = proof
    if about is not None:
        fields |= {"source_id": about.source_id, "thread_id": about.thread_id, "pause_key": about.pause_key}
    salts = {name: secrets.token_hex(16) for name in fields}
    hashes = {name: field_hash(salts[name], value) for name, value in fields.items()}
    row: dict[str, JSON] = {
        "seq": seq,
        "at": when,
        **{column: fields.get(column) for column in COLUMNS},
        "fields": fields,
        "salts": salts,
        "hashes": hashes,
        "previous": last.hash,
        "hash": event_hash(last.hash, seq, when, hashes),
    }
    connection.execute(insert(event).values(**row))
    after_commit(connection, partial(write_line, row))
    return from_row(row)


def proven(connection: Connection, name: str, proof: Proof) -> None:
    """Note how it is known who acts in this transaction: their events in it say so."""
    connection.info[_PROVEN] = (connection.get_transaction(), name, proof.value)


def _proof_of(connection: Connection, name: str) -> str | None:
    transaction, who, proof = connection.info.get(_PROVEN, (None, None, None))
    return proof if who == name and transaction is connection.get_transaction() else None


def head(connection: Connection) -> Head:
    """The end of the chain; (0, zeros) for an empty record."""
    row = connection.execute(select(event.c.seq, event.c.hash).order_by(event.c.seq.desc()).limit(1)).first()
    return Head(row.seq, row.hash) if row else Head(0, GENESIS)


def of_thread(connection: Connection, source_id: str, thread_id: str, *actions: str) -> list[Event]:
    """A thread's events, oldest first; of these kinds only, where some are named."""
    query = select(event).where(event.c.source_id == source_id, event.c.thread_id == thread_id).order_by(event.c.seq)
    query = query.where(event.c.action.in_(actions)) if actions else query
    return [from_row(row) for row in connection.execute(query).mappings()]


def latest(connection: Connection, source_id: str | None, thread_id: str | None, action: str) -> Event | None:
    """The newest event of this kind: of a thread, or, with two times None, of the desk itself."""
    where = (event.c.source_id == source_id, event.c.thread_id == thread_id, event.c.action == action)
    row = connection.execute(select(event).where(*where).order_by(event.c.seq.desc()).limit(1)).mappings().first()
    return from_row(row) if row else None


def everything(connection: Connection, *, after: int = 0) -> list[Event]:
    """All events with a higher number than `after`, oldest first."""
    return list(stream(connection, after=after))


def stream(connection: Connection, *actions: str, after: int = 0) -> Iterator[Event]:
    """The same one by one, for records of any length; of these kinds only, where some are named."""
    query = select(event).where(event.c.seq > after).order_by(event.c.seq)
    if actions:
        query = query.where(event.c.action.in_(actions))
    for row in connection.execute(query).mappings():
        yield from_row(row)


def field_hash(salt: str, value: JSON) -> str:
    return hashlib.sha256(salt.encode() + canonical(value)).hexdigest()


def event_hash(previous: str, seq: int, at: str, hashes: Mapping[str, str]) -> str:
    return hashlib.sha256(canonical([previous, seq, at, dict(hashes)])).hexdigest()


def from_row(row: JSON) -> Event:
    """An event from a row of its table."""
    return Event(**{name: row[name] for name in Event.__slots__})
