"""Reading lots. Every query is bounded by an index; none builds the whole lot in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from agents.database import lot, lot_item, lot_result, lot_verdict
from agents.errors import InvalidInput
from agents.lots.rows import DONE, FAILED, Item, Lot, Result, Span, Verdict, lot_of, ranges, result_of, verdict_of


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items of the generations that count are done, and how many failed."""

    done: int
    failed: int


def find(connection: Connection, lot_id: str) -> Lot:
    """Raises InvalidInput when Signoff's database does not hold the lot, or not yet whole."""
    row = connection.execute(select(lot).where(lot.c.lot_id == lot_id)).mappings().first()
    if row is None:
        raise InvalidInput(
            f"The rows of this batch (lot {lot_id}) are not in Signoff's database. "
            "Restore the database that belongs to this checkpointer file, or start the batch again."
        )
    if row["size"] is None:
        raise InvalidInput(f"The rows of this batch (lot {lot_id}) were never read in to the end. Start it again.")
    return lot_of(row)


def of_thread(connection: Connection, source_id: str, thread_id: str) -> list[Lot]:
    """A thread's lots, oldest first; more than one where it was forked."""
    query = select(lot).where(lot.c.source_id == source_id, lot.c.thread_id == thread_id, lot.c.size.is_not(None))
    return [lot_of(row) for row in connection.execute(query.order_by(lot.c.created_at, lot.c.lot_id)).mappings()]


def items(connection: Connection, of: Lot, first: int, last: int) -> Iterator[Item]:
    """Items first to last, in order."""
    query = (
        select(lot_item.c.item_no, lot_item.c.cells)
        .where(lot_item.c.lot_id == of.lot_id, lot_item.c.item_no.between(first, last))
        .order_by(lot_item.c.item_no)
    )
    for item_no, cells in connection.execution_options(yield_per=500).execute(query):
        yield Item(item_no, dict(zip(of.columns, cells, strict=True)))


def results(connection: Connection, lot_id: str, first: int, last: int, generation: int | None = None) -> list[Result]:
    """The results of items first to last, of one generation or of all, by item and generation."""
    where = [lot_result.c.lot_id == lot_id, lot_result.c.item_no.between(first, last)]
    if generation is not None:
        where.append(lot_result.c.generation == generation)
    query = select(lot_result).where(*where).order_by(lot_result.c.item_no, lot_result.c.generation)
    return [result_of(row) for row in connection.execute(query).mappings()]


def numbers(
    connection: Connection, lot_id: str, spans: Sequence[Span], first: int, last: int, status: str | None = None
) -> list[int]:
    """Which of the items first to last have a result that counts (of this status, if one is given), ascending."""
    found: list[int] = []
    for begin, end, generation in ranges(spans, last):
        query = select(lot_result.c.item_no).where(
            lot_result.c.lot_id == lot_id,
            lot_result.c.generation == generation,
            lot_result.c.item_no.between(max(begin, first), end),
        )
        if status is not None:
            query = query.where(lot_result.c.status == status)
        found += connection.execute(query.order_by(lot_result.c.item_no)).scalars()
    return found


def verdicts(connection: Connection, lot_id: str, first: int = 1, last: int | None = None) -> list[Verdict]:
    """Every verdict on items first to last (or to the end), by item and generation."""
    query = select(lot_verdict).where(lot_verdict.c.lot_id == lot_id, lot_verdict.c.item_no >= first)
    if last is not None:
        query = query.where(lot_verdict.c.item_no <= last)
    ordered = query.order_by(lot_verdict.c.item_no, lot_verdict.c.generation)
    return [verdict_of(row) for row in connection.execute(ordered).mappings()]


def counts(connection: Connection, lot_id: str, spans: Sequence[Span], last: int) -> Counts:
    """How far items 1 to last are, in the generations that the spans name."""
    found = {DONE: 0, FAILED: 0}
    for first, end, generation in ranges(spans, last):
        query = (
            select(lot_result.c.status, func.count())
            .where(
                lot_result.c.lot_id == lot_id,
                lot_result.c.generation == generation,
                lot_result.c.status.in_(found),
                lot_result.c.item_no.between(first, end),
            )
            .group_by(lot_result.c.status)
        )
        for status, number in connection.execute(query):
            found[status] += number
    return Counts(found[DONE], found[FAILED])


def timed(connection: Connection, lot_id: str, limit: int = 200) -> list[str]:
    """When the newest results were written, newest first; what a speed is made of."""
    query = select(lot_result.c.at).where(lot_result.c.lot_id == lot_id).order_by(lot_result.c.at.desc()).limit(limit)
    return list(connection.execute(query).scalars())
