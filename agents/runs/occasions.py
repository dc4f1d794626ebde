"""What else people are told of, besides new questions: deadlines, failed runs, acts in doubt, what was given to somebody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from agents import deadlines
from agents.clock import to_text
from agents.database import assignment, effect, event, thread
from agents.desk import Desk
from agents.domain import SYSTEM
from agents.effects import EffectStatus
from agents.notifications import Begun, Item, Topic
from agents.reviews.overlay import Overlay
from agents.reviews.piles import Pile
from agents.reviews.rows import Row

ESCALATED = "escalated"
"""The action of the record's event."""


def near(connection: Connection, desk: Desk, begun: Begun, piles: Sequence[Pile]) -> Iterator[Item]:
    """Questions to which something happens soon; told once per due time."""
    since = _since(begun, Topic.NEAR)
    if since is None:
        return
    now = desk.clock()
    for each in deadlines.near(connection, now):
        row = _waiting_row(piles, each.key) if each.due_at > now else None
        if row is None:
            continue
        yield Item(
            topic=Topic.NEAR,
            source_id=each.source_id,
            thread_id=each.thread_id,
            pause_key=each.pause_key,
            title=each.title,
            at=to_text(row.paused_at),
            since=to_text(max(each.due_at - each.near, row.paused_at)),
            kind=each.kind,
            graph_id=each.graph_id,
            happening=to_text(each.due_at),
            due_at=to_text(each.due_at),
            then=deadlines.short(each, row.review, desk.rules, now),
        )


def failed(connection: Connection, begun: Begun, over: Overlay) -> Iterator[Item]:
    """Runs of ours that failed and that nothing has followed."""
    since = _since(begun, Topic.FAILED)
    new = [each for each in over.failed if since is not None and (each.finished_at or "") >= to_text(since)]
    titles = _titles(connection, [each.thread_id for each in new])
    for each in new:
        title, graph_id = titles.get((each.source_id, each.thread_id), (each.thread_id, each.graph_id))
        yield Item(
            topic=Topic.FAILED,
            source_id=each.source_id,
            thread_id=each.thread_id,
            pause_key=None,
            title=title,
            at=each.finished_at or each.created_at,
            graph_id=each.graph_id or graph_id,
            happening=each.job_id,
        )


def doubts(connection: Connection, begun: Begun) -> Iterator[Item]:
    """Acts of which nobody can say whether they happened."""
    since = _since(begun, Topic.IN_DOUBT)
    if since is None:
        return
    where = (effect.c.status == EffectStatus.IN_DOUBT.value, effect.c.settled_at >= to_text(since))
    rows = connection.execute(select(effect).where(*where)).mappings().all()
    titles = _titles(connection, [row["thread_id"] for row in rows])
    for row in rows:
        title, graph_id = titles.get((row["source_id"], row["thread_id"]), (row["thread_id"], None))
        yield Item(
            topic=Topic.IN_DOUBT,
            source_id=row["source_id"],
            thread_id=row["thread_id"],
            pause_key=None,
            title=title,
            at=row["settled_at"],
            graph_id=graph_id,
            happening=f"{row['effect_key']} {row['settled_at']}",
            act=row["kind"],
        )


def given(connection: Connection, begun: Begun, piles: Sequence[Pile], after: datetime | None) -> Iterator[Item]:
    """Questions that one person gave to another, or to a role. after: what is older is known; None: nothing is."""
    since = _since(begun, Topic.NEW)
    if since is None:
        return
    oldest = to_text(max(since, after) if after else since)
    for each in connection.execute(select(assignment).where(assignment.c.assigned_at >= oldest)):
        if each.assigned_by.startswith(SYSTEM):
            continue  # an escalation, which is told as such
        row = _waiting_row(piles, (each.source_id, each.thread_id, each.pause_key))
        if row is not None:
            yield _addressed(row, Topic.NEW, at=each.assigned_at, to=each.assignee, by=each.assigned_by)


def escalated(connection: Connection, begun: Begun, piles: Sequence[Pile], after: int) -> Iterator[Item]:
    """Questions that went to somebody else because nobody had decided in time. after: events up to here are known."""
    since = _since(begun, Topic.ESCALATED)
    if since is None:
        return
    where = (event.c.seq > after, event.c.at >= to_text(since), event.c.action == ESCALATED)
    for each in connection.execute(select(event).where(*where).order_by(event.c.seq)):
        row = _waiting_row(piles, (each.source_id, each.thread_id, each.pause_key))
        if row is not None and isinstance(each.fields.get("to"), str):
            yield _addressed(row, Topic.ESCALATED, at=each.at, to=each.fields["to"], by=None)


def _addressed(row: Row, topic: Topic, *, at: str, to: str, by: str | None) -> Item:
    return Item(
        topic=topic,
        source_id=row.source_id,
        thread_id=row.thread_id,
        pause_key=row.pause_key,
        title=row.title,
        at=at,
        kind=row.kind.value,
        graph_id=row.graph_id,
        happening=f"{to} {at}",
        to=to,
        by=by,
    )


def _since(begun: Begun, topic: Topic) -> datetime | None:
    """The earliest moment from which any rule asks for this."""
    return min((since for (_, each), since in begun.items() if each is topic), default=None)


def _waiting_row(piles: Sequence[Pile], key: tuple[str, str, str]) -> Row | None:
    pile = next((each for each in piles if each.source_id == key[0]), None)
    row = pile.rows([key[1:]]).get(key[1:]) if pile else None
    return row if row is not None and row.state == "waiting" else None


def _titles(connection: Connection, threads: Sequence[str]) -> dict[tuple[str, str], tuple[str, str]]:
    """(source_id, thread_id) -> (title, graph_id), of threads that were started here."""
    if not threads:
        return {}
    query = select(thread.c.source_id, thread.c.thread_id, thread.c.title, thread.c.graph_id)
    rows = connection.execute(query.where(thread.c.thread_id.in_(threads)))
    return {(row.source_id, row.thread_id): (row.title, row.graph_id) for row in rows}
