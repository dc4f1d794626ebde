"""Who may write to a lot now: one run of one node, of the thread whose state is the newest.

A run that crashed comes back with the same task and goes on. A run that was
taken over finds another holder and stops. A fork, which begins at an older
state or on another thread, gets a lot of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, insert, literal, or_, select, update

from agents.clock import Clock, to_text
from agents.database import lot, lot_item, lot_result, lot_verdict, writing
from agents.errors import InvalidInput, SignoffError
from agents.lots.reading import find
from agents.lots.rows import Lot, Span, ranges

_COPIES = uuid.UUID("5f0d9c1e-6d0b-4a0e-9a53-0a4c1f6f4f11")


class LotTaken(SignoffError):
    """Another run works on this batch by now; this one must stop."""


@dataclass(frozen=True, slots=True)
class Held:
    """Leave to write to a lot until another run takes it over. lot_id: a copy's, where a fork got one."""

    lot_id: str
    holder: str


def hold(
    engine: Engine,
    lot_id: str,
    *,
    source_id: str,
    thread_id: str,
    task: str,
    step: int,
    spans: Sequence[Span],
    done: int,
    judged: int,
    clock: Clock,
) -> Held:
    """Begin to write as the step after `step` of a thread; every node that writes calls this first.

    task: the LangGraph task's id, which a run repeated after a crash shares with its first try.
    spans, done, judged: what the state names, so that a fork copies the results of items 1 to done, and the
    verdicts on items 1 to judged, and nothing that came later.
    Returns the lot to go on with and the state's next step is `step` + 1. Raises InvalidInput when the lot is not here.
    """
    with writing(engine) as connection:
        known = find(connection, lot_id)
        if _is_next(connection, known, (source_id, thread_id), task, step):
            return _held(connection, lot_id, source_id, thread_id, task, step)
        copy = uuid.uuid5(_COPIES, f"{lot_id}/{source_id}/{thread_id}/{task}").hex
        if not connection.execute(select(lot.c.lot_id).where(lot.c.lot_id == copy)).first():
            _copy(connection, known, copy, (spans, done, judged), to_text(clock()))
        return _held(connection, copy, source_id, thread_id, task, step)


def take_over(engine: Engine, lot_id: str) -> Held:
    """Leave to write outside the graph's steps, under the thread's lease; the step stays as it is."""
    with writing(engine) as connection:
        find(connection, lot_id)
        holder = uuid.uuid4().hex
        connection.execute(update(lot).where(lot.c.lot_id == lot_id).values(holder=holder))
        return Held(lot_id, holder)


def still_held(connection: Connection, held: Held) -> None:
    """Raises LotTaken when another run holds the lot, InvalidInput when the lot is gone."""
    row = connection.execute(select(lot.c.holder).where(lot.c.lot_id == held.lot_id)).first()
    if row is None:
        raise InvalidInput(f"The rows of this batch (lot {held.lot_id}) were taken away while it ran.")
    if row.holder != held.holder:
        raise LotTaken("Another run works on this batch by now, so this one stopped. Nothing is lost.")


def _is_next(connection: Connection, known: Lot, mine: tuple[str, str], task: str, step: int) -> bool:
    if known.thread_id is not None and (known.source_id, known.thread_id) != mine:
        return False
    if known.step == step:
        return True
    last = connection.execute(select(lot.c.task).where(lot.c.lot_id == known.lot_id)).scalar()
    return known.step == step + 1 and last == task


def _held(connection: Connection, lot_id: str, source_id: str, thread_id: str, task: str, step: int) -> Held:
    holder = uuid.uuid4().hex
    changes = {"source_id": source_id, "thread_id": thread_id, "step": step + 1, "task": task, "holder": holder}
    connection.execute(update(lot).where(lot.c.lot_id == lot_id).values(changes))
    return Held(lot_id, holder)


def _copy(connection: Connection, of: Lot, copy: str, state: tuple[Sequence[Span], int, int], at: str) -> None:
    spans, done, judged = state
    row = {"lot_id": copy, "name": of.name, "columns": list(of.columns), "size": of.size, "created_at": at}
    connection.execute(insert(lot).values(**row, copied_from=of.lot_id))
    _copy_rows(connection, lot_item, of.lot_id, copy, lot_item.c.item_no > 0)
    for first, last, generation in ranges(spans, done):
        # Earlier generations too: what was redone is shown beside what it became, and a correction stays in force.
        chosen = and_(lot_result.c.item_no.between(first, last), lot_result.c.generation <= generation)
        _copy_rows(connection, lot_result, of.lot_id, copy, chosen)
        said = lot_verdict.c
        known = or_(
            and_(said.item_no <= judged, said.generation <= generation),
            said.generation < generation,  # under review again: what was said of it before
        )
        _copy_rows(connection, lot_verdict, of.lot_id, copy, and_(said.item_no.between(first, last), known))


def _copy_rows(connection: Connection, table: Table, lot_id: str, copy: str, chosen: ColumnElement[bool]) -> None:
    names = [column.name for column in table.c]
    columns = [literal(copy) if name == "lot_id" else table.c[name] for name in names]
    rows = select(*columns).where(table.c.lot_id == lot_id, chosen)
    connection.execute(insert(table).from_select(names, rows))
