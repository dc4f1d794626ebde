"""Decisions as rows: the frozen type, the queries, and which status may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from agents.audit import Question
from agents.clock import to_text
from agents.database import assignment, draft
from agents.database import decision as table
from agents.domain import JSON, DecisionStatus, DecisionType, Pause, PauseStatus

LIVE = (DecisionStatus.ACCEPTED, DecisionStatus.DELIVERED)
LEGAL = {
    DecisionStatus.ACCEPTED: {DecisionStatus.DELIVERED, DecisionStatus.REFUSED, DecisionStatus.SUPERSEDED},
}
"""Which status may follow which; what is not listed is final."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision on record. Times are UTC text; `sent_at` is set just before the graph is resumed."""

    decision_id: str
    source_id: str
    thread_id: str
    pause_key: str
    interrupt_id: str | None
    ask_no: int
    checkpoint_id: str
    seen: str
    graph_id: str | None
    kind: str
    title: str
    type: DecisionType
    message: str | None
    args: Mapping[str, JSON] | None
    resume_value: JSON
    payload: JSON
    status: DecisionStatus
    reason: str | None
    actor: str
    decided_at: str
    due_at: str
    sent_at: str | None
    settled_at: str | None
    job_id: str | None

    @property
    def key(self) -> str:
        return self.decision_id

    @property
    def about(self) -> Question:
        return Question(self.source_id, self.thread_id, self.pause_key)

    @property
    def act(self) -> tuple[str, str, str, str]:
        """Equal for answers that one person gave to one thread in one act; they are taken back together, too."""
        return (self.source_id, self.thread_id, self.actor, self.decided_at)


def settle(
    connection: Connection, found: Decision, status: DecisionStatus, *, at: datetime, reason: str | None = None
) -> None:
    """Move a decision on. A delivered one needs its drafts and whom it was given to no longer; the others keep them."""
    if status not in LEGAL.get(found.status, set()):
        raise ValueError(f"A decision that is {found.status.value} cannot become {status.value}.")
    connection.execute(
        update(table)
        .where(table.c.decision_id == found.decision_id, table.c.status == found.status.value)
        .values(status=status.value, reason=reason, settled_at=to_text(at))
    )
    for about in (draft, assignment) if status is DecisionStatus.DELIVERED else ():
        connection.execute(
            delete(about).where(
                about.c.source_id == found.source_id,
                about.c.thread_id == found.thread_id,
                about.c.pause_key == found.pause_key,
            )
        )


def went_back(found: Decision, pause: Pause | None) -> bool:
    """Was an older copy of the file restored? Then a question, or a breakpoint, waits again that was done with.

    `pause` must have been read after `found` was delivered.
    """
    waits = pause is not None and pause.status is not PauseStatus.STUCK
    return found.status is DecisionStatus.DELIVERED and waits


def overtake(connection: Connection, found: Decision, *, at: datetime, reason: str) -> None:
    """Let go of a delivered decision whose delivery is no longer in the file."""
    connection.execute(
        update(table)
        .where(table.c.decision_id == found.decision_id)
        .values(status=DecisionStatus.SUPERSEDED.value, reason=reason, settled_at=to_text(at))
    )


def mark_sent(connection: Connection, found: Decision, at: datetime) -> None:
    """Note that the answer is about to be sent; after a crash this says what to look for."""
    connection.execute(update(table).where(table.c.decision_id == found.decision_id).values(sent_at=to_text(at)))


def get(connection: Connection, decision_id: str) -> Decision | None:
    row = connection.execute(select(table).where(table.c.decision_id == decision_id)).mappings().first()
    return from_row(row) if row else None


def live(connection: Connection, source_id: str, thread_id: str, pause_key: str) -> Decision | None:
    """The decision that holds a question (by its key or its interrupt id), if any."""
    query = (
        select(table)
        .where(*_of_thread(source_id, thread_id), table.c.status.in_([status.value for status in LIVE]))
        .where((table.c.pause_key == pause_key) | (table.c.interrupt_id == pause_key))
        .order_by(table.c.ask_no.desc())
    )
    row = connection.execute(query).mappings().first()
    return from_row(row) if row else None


def accepted(connection: Connection, source_id: str, thread_id: str) -> list[Decision]:
    """A thread's decisions that still have to reach the graph, oldest first."""
    query = (
        select(table)
        .where(*_of_thread(source_id, thread_id), table.c.status == DecisionStatus.ACCEPTED.value)
        .order_by(table.c.decided_at)
    )
    return [from_row(row) for row in connection.execute(query).mappings()]


def unsent(connection: Connection, source_id: str, thread_id: str) -> list[Decision]:
    return [each for each in accepted(connection, source_id, thread_id) if each.sent_at is None]


def of_thread(connection: Connection, source_id: str, thread_id: str) -> list[Decision]:
    """Every decision on a thread, oldest first."""
    query = select(table).where(*_of_thread(source_id, thread_id)).order_by(table.c.decided_at)
    return [from_row(row) for row in connection.execute(query).mappings()]


def _of_thread(source_id: str, thread_id: str) -> tuple[JSON, JSON]:
    return (table.c.source_id == source_id, table.c.thread_id == thread_id)


def from_row(row: JSON) -> Decision:
    """A decision from a row of its table."""
    values = {name: row[name] for name in Decision.__slots__}
    values |= {"type": DecisionType(row["type"]), "status": DecisionStatus(row["status"])}
    return Decision(**values)
