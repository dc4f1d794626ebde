"""Taking words out of the record for good: the chain stays whole, since it holds their salted hashes only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from agents.audit.chain import COLUMNS, KEPT, REDACTED, Event, Question, append, from_row, of_thread
from agents.audit.copies import forget
from agents.database import event
from agents.domain import JSON, Who
from agents.errors import InvalidInput

SHORTEST = 4
"""Shorter texts are found in too many places to look for them elsewhere."""
OURS = ("type", "kind", "proof")
"""Fields that hold a word of Signoff's own, which an answer may hold, too: nothing to take out."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """What a redaction did. about: the thread whose event it was. told: the event that the redaction itself is.

    copies: where else in Signoff's tables the words were removed from. still: (event, field) of the same thread that
    hold them, too.
    """

    about: Question | None
    told: Event
    copies: tuple[str, ...]
    still: tuple[tuple[int, str], ...]


def redact(
    connection: Connection, seq: int, names: Collection[str], *, at: datetime, actor: Who, reason: str
) -> Redaction:
    """Remove fields of one event, and their copies in Signoff's other tables, for good; on record.

    Raises InvalidInput for an event or a field that is not there or has to stay, and while an answer is still to be sent.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what is removed is written over, too
    found = _event(connection, seq, names)
    removed = [found.fields[name] for name in names]
    copies = forget(connection, found, names)
    fields = {name: value for name, value in found.fields.items() if name not in names}
    salts = {name: value for name, value in found.salts.items() if name not in names}
    blank: dict[str, JSON] = {name: "" for name in COLUMNS if name in names}
    connection.execute(update(event).where(event.c.seq == seq).values(fields=fields, salts=salts, **blank))
    told = append(connection, at=at, actor=actor, action=REDACTED, event=seq, names=sorted(names), reason=reason)
    about = Question(found.source_id, found.thread_id) if found.source_id and found.thread_id else None
    return Redaction(about, told, copies, tuple(_still(connection, about, removed)))


def _event(connection: Connection, seq: int, names: Collection[str]) -> Event:
    row = connection.execute(select(event).where(event.c.seq == seq)).mappings().one_or_none()
    if row is None:
        raise InvalidInput(f"The record has no event {seq}.")
    found = from_row(row)
    wrong = sorted(set(names) - found.fields.keys())
    kept = sorted(set(names) & KEPT)
    if wrong or not names:
        gone = " It was removed already." if set(wrong) & found.hashes.keys() else ""
        there = ", ".join(sorted(found.fields.keys() - KEPT))
        raise InvalidInput(f"Event {seq} has no field {', '.join(wrong) or 'of that name'}.{gone} It has: {there}.")
    if kept:
        raise InvalidInput(f"The field {', '.join(kept)} says what event {seq} is about, so it has to stay.")
    return found


def _still(connection: Connection, about: Question | None, removed: list[JSON]) -> Iterator[tuple[int, str]]:
    if about is None:
        return
    texts = {text for value in removed for text in _texts(value) if len(text) >= SHORTEST}
    for each in of_thread(connection, about.source_id, about.thread_id):
        for name, value in each.fields.items():
            if name not in (*KEPT, *OURS) and any(text in leaf for leaf in _texts(value) for text in texts):
                yield each.seq, name


def _texts(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
