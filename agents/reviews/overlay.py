"""What Signoff's own tables add to what the files show: who decided, what runs, when answers arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from agents import jobs, trust
from agents.clock import from_text, to_text
from agents.database import decision as table
from agents.database import reading
from agents.deadlines import Key, as_told, rows, short, snoozed
from agents.desk import Desk
from agents.domain import DecisionStatus, PauseStatus
from agents.jobs import Job
from agents.reviews.hands import Hands, hands_now
from agents.reviews.rows import Row
from agents.rules import Rules

OVERLAP = timedelta(seconds=30)
"""Deliveries are read again this far back, since several processes write them."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """decided: (source_id, thread_id, pause_key) -> who, for answers on their way. at_work: (source_id, thread_id).

    held: (source_id, thread_id) -> the checkpoint that nothing may be written after, because of its types.
    live: orders that wait or run. failed: those that failed and that nothing on their thread has followed.
    hands: who works on what, and who should. due: what happens by itself, as rows of `deadlines.rows.shown`.
    aside: what this reader has set aside for now.
    """

    decided: Mapping[tuple[str, str, str], str]
    at_work: frozenset[tuple[str, str]]
    held: Mapping[tuple[str, str], str] = field(default_factory=dict)
    live: Sequence[Job] = ()
    failed: Sequence[Job] = ()
    hands: Hands = field(default_factory=Hands)
    due: Mapping[Key, Any] = field(default_factory=dict)
    aside: Mapping[Key, datetime] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    now: datetime | None = None

    def threads_at_work(self, source_id: str) -> list[str]:
        return sorted(thread_id for source, thread_id in self.at_work if source == source_id)

    def keys_aside(self, source_id: str) -> list[tuple[str, str]]:
        """(thread_id, pause_key) of what this reader has set aside in a file."""
        return [key[1:] for key in self.aside if key[0] == source_id]

    def keys_decided(self, source_id: str) -> list[tuple[str, str]]:
        """(thread_id, pause_key) of the pauses of a file that are decided."""
        return [key[1:] for key in self.decided if key[0] == source_id]

    def is_held(self, row: Row) -> bool:
        """Does its question wait for a word about types before any answer can go out?"""
        return self.held.get(row.key[:2], "") == row.review.pause.checkpoint_id

    def on(self, row: Row, since: datetime | None) -> Row:
        """The row as it stands now. since: no older than this."""
        actor = self.decided.get(row.key)
        if self.is_held(row):
            row = replace(row, status=PauseStatus.STUCK)
        if since is not None and since > row.paused_at:
            row = replace(row, paused_at=since)
        row = self.hands.on(row)
        return self.with_due(row) if actor is None else replace(row, state="decided", decided_by=actor)

    def with_due(self, row: Row) -> Row:
        """The row with what happens to it by itself."""
        found = self.due.get(row.key)
        if found is None or self.now is None:
            return row
        due = as_told(rows.from_row(found), self.rules)
        words = short(due, row.review, self.rules, self.now)
        if due.state is not rows.State.WAITING:
            return replace(row, due_words=words)
        return replace(row, due_at=due.due_at, due_words=words, due_near=self.now >= due.due_at - due.near)


def overlay(desk: Desk, actor: str | None = None) -> Overlay:
    """actor: what this person has set aside is out of their sight."""
    accepted = table.c.status == DecisionStatus.ACCEPTED.value
    query = select(table.c.source_id, table.c.thread_id, table.c.pause_key, table.c.actor).where(accepted)
    with reading(desk.engine) as connection:
        live, failed = jobs.open_jobs(connection), jobs.failed_last(connection)
        held = trust.held_at(connection, failed)
        decided = {(row[0], row[1], row[2]): str(row[3]) for row in connection.execute(query)}
        now, due = desk.clock(), rows.shown(connection)
        hands = hands_now(connection, now)
        aside = snoozed(connection, actor, now) if actor is not None else {}
    at_work = frozenset((each.source_id, each.thread_id) for each in live)
    return Overlay(decided, at_work, held, live, failed, hands, due, aside, desk.rules, now)


def delivery_times(desk: Desk) -> Mapping[tuple[str, str], datetime]:
    """The latest delivery per (source_id, thread_id), read once and then only what is new."""
    known: dict[tuple[str, str], datetime] = desk.memo.setdefault("delivered", {})
    with reading(desk.engine) as connection:
        new, since = deliveries(connection, desk.memo.get("delivered_since", ""))
    for key, at in new.items():
        moment = from_text(at)
        known[key] = max(known.get(key, moment), moment)
    desk.memo["delivered_since"] = since
    return known


def deliveries(
    connection: Connection, since: str, source_id: str | None = None
) -> tuple[dict[tuple[str, str], str], str]:
    """The deliveries after this moment (UTC text), latest per thread, and the moment to ask from the next time."""
    where = [table.c.settled_at > since, table.c.status == DecisionStatus.DELIVERED.value]
    if source_id is not None:
        where.append(table.c.source_id == source_id)
    query = select(table.c.source_id, table.c.thread_id, table.c.settled_at).where(*where)
    found: dict[tuple[str, str], str] = {}
    for source, thread_id, at in connection.execute(query):
        found[source, thread_id] = max(found.get((source, thread_id), ""), at)
    if not found:
        return {}, since
    return found, to_text(from_text(max(found.values())) - OVERLAP)
