"""Checking the chain: whole, or the first event at fault is named. One event at a time, so of any length."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import TypeAlias

from sqlalchemy import Connection, Text, select, type_coerce
from sqlalchemy.exc import OperationalError

from agents.audit.chain import COLUMNS, GENESIS, KEPT, REDACTED, Head, event_hash, field_hash
from agents.database import event
from agents.domain import JSON, canonical

Told: TypeAlias = Callable[[int], None]
"""Told how many events were checked so far, every `STRIDE` events."""

STRIDE = 2000
UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, RecursionError)
_FURTHEST = 1000
_PARTS = ("fields", "salts", "hashes")
_Row: TypeAlias = Mapping[str, JSON]
_Removed: TypeAlias = Mapping[int, frozenset[str]]


def verify(connection: Connection, expected: Head | None = None, told: Told | None = None) -> str | None:
    """None when the chain is whole, else a sentence that names the first event at fault.

    expected: a head kept elsewhere; finds a cut tail as well.
    """
    return check(_rows(connection), removed_by(_claims(connection)), expected, told)


def check(rows: Iterable[_Row], removed: _Removed, expected: Head | None, told: Told | None) -> str | None:
    """The same for events from anywhere: rows in their order, and what redactions say was removed from which."""
    last, count, lacking = GENESIS, 0, ""
    for row in rows:
        count += 1
        try:
            fault = _chain_fault(row, last, count) or _content_fault(row)
            lacking = lacking or ("" if fault else _lacking(row, removed))
        except UNREADABLE:
            fault = f"Event {count} was changed: it cannot be read."
        if fault:
            return _in_order(fault, lacking, row)
        last = row["hash"]
        if expected and count == expected.count and last != expected.hash:
            return (
                lacking
                or f"Event {count} is not the one that the kept head names: the record was cut off before it, or written anew."
            )
        if told and count % STRIDE == 0:
            told(count)
    if expected and count < expected.count:
        cut = f"The record ends at event {count}, but the kept head names {expected.count}: its tail was cut."
        return f"{cut} {lacking}".strip()
    return lacking or None


def plain(text: JSON) -> JSON:
    """A JSON column as it stands in the file; what cannot be read is a fault of its own event."""
    try:
        return json.loads(text)
    except UNREADABLE:
        return None


def _rows(connection: Connection) -> Iterator[_Row]:
    texts = [type_coerce(event.c[name], Text).label(name) for name in _PARTS]
    rest = [column for column in event.c if column.name not in _PARTS]
    rows = iter(connection.execute(select(*rest, *texts).order_by(event.c.seq)).mappings())
    try:
        for row in rows:
            yield {**row, **{name: plain(row[name]) for name in _PARTS}}
    except OperationalError as error:
        if "decode" not in str(error.orig):
            raise
        yield {}  # bytes that are no text


def _claims(connection: Connection) -> Iterator[JSON]:
    query = select(type_coerce(event.c.fields, Text)).where(event.c.action == REDACTED)
    for (text,) in connection.execute(query):
        yield plain(text)


def removed_by(claims: Iterable[JSON]) -> dict[int, frozenset[str]]:
    """Which fields of which event a redaction says were removed. What it says is checked when its own turn comes."""
    found: dict[int, frozenset[str]] = {}
    for fields in claims:
        try:
            found[fields["event"]] = found.get(fields["event"], frozenset()) | frozenset(fields["names"])
        except UNREADABLE:
            continue
    return found


def _chain_fault(row: _Row, last: str, place: int) -> str:
    """last: the hash of the event before."""
    seq, own = row["seq"], row["hash"]
    if seq != place:
        return f"Event {place} is missing: event {seq} stands in its place."
    if event_hash(row["previous"], seq, row["at"], row["hashes"]) == own:
        return "" if row["previous"] == last else _other_before(place)
    if event_hash(last, seq, row["at"], row["hashes"]) == own:
        return f"Event {place} was changed: it names another event before it than the one that is there."
    was = _first_place(row, place)
    if was is None:
        return f"Event {place} was changed: its hash does not fit."
    if was < place:
        return f"Event {was} was put in: what was event {was} stands at {place} now."
    return f"Event {place} was removed or swapped: what stands in its place was event {was}."


def _other_before(place: int) -> str:
    if place == 1:
        return "Event 1 was changed: it names an event before it, and there is none."
    return f"Event {place - 1} was changed or replaced: event {place} was written after another one."


def _first_place(row: _Row, place: int) -> int | None:
    """The number that an event was written under, when it is whole but for that."""
    head, tail = canonical([row["previous"]])[:-1], canonical([row["at"], row["hashes"]])[1:]
    for number in range(max(1, place - _FURTHEST), place + _FURTHEST):
        if sha256(b"%s,%d,%s" % (head, number, tail)).hexdigest() == row["hash"]:
            return number
    return None


def _content_fault(row: _Row) -> str:
    fields, salts, hashes, changed = row["fields"], row["salts"], row["hashes"], f"Event {row['seq']} was changed:"
    for name, hashed in hashes.items():
        if name in fields and hashed != field_hash(salts.get(name, ""), fields[name]):
            return f"{changed} its field {name} does not fit its hash."
    if not fields.keys() <= hashes.keys():
        return f"{changed} it holds a field that was never recorded."
    if KEPT & hashes.keys() - fields.keys():
        return f"{changed} its field {min(KEPT & hashes.keys() - fields.keys())} is gone, which no redaction removes."
    if fields.keys() != salts.keys():
        return f"{changed} its salts are not those of its fields."
    for name in COLUMNS:  # copies of fields; an exported event has none
        if name in row and row[name] != fields.get(name, "" if name in hashes else None):
            return f"{changed} its column {name} differs from what was recorded."
    return ""


def _lacking(row: _Row, removed: _Removed) -> str:
    gone = sorted(row["hashes"].keys() - row["fields"].keys() - removed.get(row["seq"], frozenset()))
    return f"Event {row['seq']} was changed: its field {gone[0]} is gone, and no redaction says so." if gone else ""


def _in_order(fault: str, lacking: str, row: _Row) -> str:
    """A field is gone, and further on the chain is broken. Where that may have hit the redaction which said so, the break comes first."""
    if not lacking:
        return fault
    fields, hashes = row.get("fields"), row.get("hashes")
    names = {*(fields if isinstance(fields, dict) else ()), *(hashes if isinstance(hashes, dict) else ())}
    hit = " is missing" in fault or " removed or swapped" in fault or {"event", "names"} <= names
    hit = hit or row.get("action") == REDACTED or "cannot be read" in fault or " replaced" in fault
    return f"{fault} {lacking}" if hit else f"{lacking} {fault}"
