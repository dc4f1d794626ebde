"""The record: who did what and when, as a hash chain.

Each event hashes its predecessor's hash, its place, its time and the salted
hash of every field. A field can be redacted later (value and salt removed)
without breaking the chain, because only its hash is chained. What a chain
cannot see, a cut tail or a rewrite of everything, needs a head kept elsewhere.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from agents.clock import to_text
from agents.database import event
from agents.domain import JSON, canonical

GENESIS = "0" * 64
REDACTED = "redacted"
_COLUMNS = ("actor", "action", "source_id", "thread_id", "pause_key")


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
    actor: str,
    action: str,
    about: Question | None = None,
    **details: JSON,
) -> Event:
    """Add one event inside the caller's write transaction, so that both stand or fall together."""
    last = head(connection)
    seq, when = last.count + 1, to_text(at)
    fields: dict[str, JSON] = {"actor": actor, "action": action, **details}
    if about is not None:
        fields |= {"source_id": about.source_id, "thread_id": about.thread_id, "pause_key": about.pause_key}
    salts = {name: secrets.token_hex(16) for name in fields}
    hashes = {name: _field_hash(salts[name], value) for name, value in fields.items()}
    row: dict[str, JSON] = {
        "seq": seq,
        "at": when,
        "actor": actor,
        "action": action,
        "source_id": about.source_id if about else None,
        "thread_id": about.thread_id if about else None,
        "pause_key": about.pause_key if about else None,
        "fields": fields,
        "salts": salts,
        "hashes": hashes,
        "previous": last.hash,
        "hash": _event_hash(last.hash, seq, when, hashes),
    }
    connection.execute(insert(event).values(**row))
    return _event(row)


def head(connection: Connection) -> Head:
    """The end of the chain; (0, zeros) for an empty record."""
    row = connection.execute(select(event.c.seq, event.c.hash).order_by(event.c.seq.desc()).limit(1)).first()
    return Head(row.seq, row.hash) if row else Head(0, GENESIS)


def verify(connection: Connection, expected: Head | None = None) -> str | None:
    """None when the chain is whole, else a sentence that names the first event at fault.

    expected: a head kept elsewhere; finds a cut tail as well.
    """
    previous, count = GENESIS, 0
    try:
        redacted = _redactions(connection)
        for row in connection.execute(select(event).order_by(event.c.seq)).mappings():
            count += 1
            fault = _fault(row, previous, count, redacted.get(row["seq"], frozenset()))
            if fault:
                return f"Event {row['seq']} {fault}."
            previous = row["hash"]
            if expected and count == expected.count and previous != expected.hash:
                return f"Event {count} is not the one that the kept head names: the record was rewritten."
    except (ValueError, TypeError, AttributeError, KeyError):
        return f"Event {count + 1} was changed: it cannot be read."
    if expected and count < expected.count:
        return f"The record ends at event {count}, but the kept head names {expected.count}: its tail was cut."
    return None


def redact(connection: Connection, seq: int, names: Collection[str], *, at: datetime, actor: str) -> None:
    """Remove fields of one event for good, on record. The chain stays whole: it holds their salted hashes.

    Raises ValueError for an event or a field that is not there.
    """
    row = connection.execute(select(event).where(event.c.seq == seq)).mappings().one_or_none()
    if row is None or not set(names) <= set(row["fields"]):
        raise ValueError(f"Event {seq} has no fields {', '.join(sorted(names))}.")
    kept = {name: value for name, value in row["fields"].items() if name not in names}
    salts = {name: value for name, value in row["salts"].items() if name not in names}
    blank: dict[str, JSON] = {name: "" for name in _COLUMNS if name in names}
    connection.execute(update(event).where(event.c.seq == seq).values(fields=kept, salts=salts, **blank))
    append(connection, at=at, actor=actor, action=REDACTED, event=seq, names=sorted(names))


def of_thread(connection: Connection, source_id: str, thread_id: str) -> list[Event]:
    """A thread's events, oldest first."""
    query = select(event).where(event.c.source_id == source_id, event.c.thread_id == thread_id).order_by(event.c.seq)
    return [_event(row) for row in connection.execute(query).mappings()]


def latest(connection: Connection, source_id: str, thread_id: str, action: str) -> Event | None:
    """A thread's newest event of this kind."""
    where = (event.c.source_id == source_id, event.c.thread_id == thread_id, event.c.action == action)
    query = select(event).where(*where).order_by(event.c.seq.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return _event(row) if row else None


def everything(connection: Connection, *, after: int = 0) -> list[Event]:
    """All events with a higher number than `after`, oldest first."""
    query = select(event).where(event.c.seq > after).order_by(event.c.seq)
    return [_event(row) for row in connection.execute(query).mappings()]


def _redactions(connection: Connection) -> dict[int, frozenset[str]]:
    """Which fields of which event a later event says were removed."""
    found: dict[int, set[str]] = {}
    query = select(event.c.seq, event.c.fields).where(event.c.action == REDACTED)
    for seq, fields in connection.execute(query):
        if fields["event"] < seq:
            found.setdefault(fields["event"], set()).update(fields["names"])
    return {seq: frozenset(names) for seq, names in found.items()}


def _fault(row: JSON, previous: str, place: int, redacted: frozenset[str]) -> str | None:
    if row["seq"] != place:
        return f"stands where event {place} should be: one was removed or reordered"
    if row["previous"] != previous:
        return "does not follow the event before it: one was removed, reordered or changed"
    if _event_hash(previous, row["seq"], row["at"], row["hashes"]) != row["hash"]:
        return "was changed: its hash does not fit"
    for name, hashed in row["hashes"].items():
        if name not in row["fields"]:
            if name not in redacted:
                return f"was changed: its field {name} is gone, and no redaction says so"
        elif hashed != _field_hash(row["salts"].get(name, ""), row["fields"][name]):
            return f"was changed: its field {name} does not fit its hash"
    if set(row["fields"]) - set(row["hashes"]):
        return "was changed: it holds a field that was never recorded"
    return _column_fault(row)


def _column_fault(row: JSON) -> str | None:
    """The columns are copies of fields, for queries; each must say what its field says."""
    for name in _COLUMNS:
        expected = row["fields"].get(name, "" if name in row["hashes"] else None)
        if row[name] != expected:
            return f"was changed: its column {name} differs from the record"
    return None


def _field_hash(salt: str, value: JSON) -> str:
    return hashlib.sha256(salt.encode() + canonical(value)).hexdigest()


def _event_hash(previous: str, seq: int, at: str, hashes: Mapping[str, str]) -> str:
    return hashlib.sha256(canonical([previous, seq, at, dict(hashes)])).hexdigest()


def _event(row: JSON) -> Event:
    return Event(
        seq=row["seq"],
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        source_id=row["source_id"],
        thread_id=row["thread_id"],
        pause_key=row["pause_key"],
        fields=row["fields"],
        salts=row["salts"],
        hashes=row["hashes"],
        previous=row["previous"],
        hash=row["hash"],
    )
