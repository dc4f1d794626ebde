"""Who gave a verdict: the graph stores what was said, the decisions on record who said it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from agents.database import decision as table
from agents.database import lot
from agents.domain import DecisionStatus
from agents.lots import Lot, Verdict

COPIES = 20


@dataclass(frozen=True, slots=True)
class Judge:
    """The decision behind a verdict. at: when it was made, UTC text."""

    actor: str
    at: str
    decision_id: str


def judges(connection: Connection, of: Lot, said: Sequence[Verdict]) -> list[Judge | None]:
    """For each verdict the newest decision before it on that chunk; None where Signoff did not send the answer.

    A lot that was copied for a fork carries verdicts that were given on the thread it was copied from.
    """
    threads = list(_threads(connection, of))
    return [next(filter(None, (_judge(connection, *thread, each) for thread in threads)), None) for each in said]


def _judge(connection: Connection, source_id: str, thread_id: str, verdict: Verdict) -> Judge | None:
    payload = table.c.payload
    query = (
        select(table.c.actor, table.c.decided_at, table.c.decision_id)
        .where(
            table.c.source_id == source_id,
            table.c.thread_id == thread_id,
            table.c.decided_at <= verdict.at,
            table.c.status.in_((DecisionStatus.DELIVERED.value, DecisionStatus.ACCEPTED.value)),
            table.c.sent_at.is_not(None),
            payload["generation"].as_integer() == verdict.generation,
            payload["first"].as_integer() <= verdict.item_no,
            payload["last"].as_integer() >= verdict.item_no,
        )
        .order_by(table.c.decided_at.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return Judge(row.actor, row.decided_at, row.decision_id) if row else None


def _threads(connection: Connection, of: Lot) -> Iterator[tuple[str, str]]:
    """The lot's thread, then those of the lots that it was copied from."""
    seen: set[tuple[str, str]] = set()
    place: tuple[str | None, str | None, str | None] = (of.source_id, of.thread_id, of.copied_from)
    for _ in range(COPIES):
        source_id, thread_id, origin = place
        if source_id and thread_id and (source_id, thread_id) not in seen:
            seen.add((source_id, thread_id))
            yield source_id, thread_id
        query = select(lot.c.source_id, lot.c.thread_id, lot.c.copied_from).where(lot.c.lot_id == origin)
        row = connection.execute(query).first() if origin else None
        if row is None:
            return
        place = (row.source_id, row.thread_id, row.copied_from)
