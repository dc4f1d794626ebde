"""Do the decisions still say what the record says of them? The rows are what the desk works with, the record is proof."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection, Text, select, type_coerce

from agents.audit import Event, stream
from agents.database import decision as table
from agents.domain import JSON, DecisionStatus, canonical, fingerprint

SLICE = 500
_SAME = ("actor", "type", "message", "args", "resume_value", "seen", "graph_id", "kind", "title")
_JSON = ("args", "resume_value", "payload")
_COLUMNS = {"at": "decided_at", "source_id": "source_id", "thread_id": "thread_id", "pause_key": "pause_key"}
_FATES = {
    "delivered": DecisionStatus.DELIVERED,
    "refused": DecisionStatus.REFUSED,
    "superseded": DecisionStatus.SUPERSEDED,
    "undone": DecisionStatus.SUPERSEDED,
}
"""What an event says became of a decision."""


def altered(connection: Connection) -> str | None:
    """A sentence that names the first decision which no longer says what the record says of it; None when all do.

    The chain itself is `audit.verify`'s; check that first.
    """
    away = _taken_away(connection)
    fates = {
        str(each.fields.get("decision_id")): (each.seq, _FATES[each.action]) for each in stream(connection, *_FATES)
    }
    known = 0
    for events in _slices(each for each in stream(connection, "decided") if each.thread_id not in away):
        rows = _rows(connection, events)
        for each in events:
            fault = _fault(each, rows.get(_id(each)), fates.get(_id(each)))
            if fault:
                return fault
        known += len(rows)
    return _never_told(connection, known)


def _fault(told: Event, row: JSON | None, fate: tuple[int, DecisionStatus] | None) -> str | None:
    if row is None:
        return f"The decision that event {told.seq} tells of is gone."
    changed = f"Decision {row['decision_id']} was changed:"
    for name in _SAME:
        if name in told.fields and canonical(told.fields[name]) != canonical(row[name]):
            return f"{changed} its {name} differs from event {told.seq}."
    for name, column in _COLUMNS.items():
        if getattr(told, name) != row[column]:
            return f"{changed} its {column} differs from event {told.seq}."
    if "seen" in told.fields and row["seen"] != fingerprint(row["payload"]):
        return f"{changed} the question that it keeps is not the one of event {told.seq}."
    seq, status = fate or (told.seq, DecisionStatus.ACCEPTED)
    if row["status"] != status.value:
        return f"{changed} it is {row['status']}, but after event {seq} it was {status.value}."
    return None


def _never_told(connection: Connection, known: int) -> str | None:
    """A decision that no event tells of. Their ids are looked at only when there are more rows than told of."""
    ids = {row[0] for row in connection.execute(select(table.c.decision_id))}
    if len(ids) == known:
        return None
    for each in stream(connection, "decided"):
        ids.discard(_id(each))
    return f"Decision {min(ids)} was put in: no event tells of it." if ids else None


def _slices(events: Iterable[Event]) -> Iterator[list[Event]]:
    rest = iter(events)
    while part := list(islice(rest, SLICE)):
        yield part


def _rows(connection: Connection, events: list[Event]) -> dict[str, JSON]:
    """Their rows; JSON is read here, so that a column which is none any more is a fault of its own row."""
    texts = [type_coerce(table.c[name], Text).label(name) for name in _JSON]
    query = select(*(column for column in table.c if column.name not in _JSON), *texts)
    found = connection.execute(query.where(table.c.decision_id.in_([_id(each) for each in events]))).mappings()
    return {row["decision_id"]: {**row, **{name: _json(row[name]) for name in _JSON}} for row in found}


def _json(text: JSON) -> JSON:
    try:
        return None if text is None else json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return {"no JSON": repr(text)}


def _id(told: Event) -> str:
    return str(told.fields.get("decision_id"))


def _taken_away(connection: Connection) -> frozenset[str]:
    """Threads that the record says the demo made and that were taken away: their decisions went along."""
    named: dict[str, set[str]] = {"demo_made": set(), "demo_removed": set()}
    for event in stream(connection, *named):
        named[event.action].update(map(str, event.fields.get("threads") or ()))
    return frozenset(named["demo_made"] & named["demo_removed"])
