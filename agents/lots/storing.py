"""Writing lots: rows in, results as they finish, verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import islice

from sqlalchemy import Connection, Engine, and_, delete, insert, select, update

from agents.clock import Clock, to_text
from agents.database import lot, lot_item, lot_result, lot_verdict, reading, thread, writing
from agents.domain import JSON
from agents.lots.holding import Held, still_held
from agents.lots.reading import find
from agents.lots.rows import DONE, FAILED, Lot, Result, Verdict

SLICE = 1000
"""Rows per transaction while a lot is read in: others get their turn in between."""

UNUSED = timedelta(days=1)
"""A lot that no thread took for so long, and no start that was ordered names, was left behind."""


def load(
    engine: Engine,
    lot_id: str,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    clock: Clock,
    progress: Callable[[int], None] | None = None,
) -> Lot:
    """Read rows (one text per column) in, slice by slice, and return the lot. Repeating it starts anew.

    progress: told the rows so far.
    Whatever `rows` raises passes through, and nothing of the lot is kept.
    """
    now = clock()
    _forget_unused(engine, to_text(now - UNUSED))
    drop(engine, lot_id)
    row = {"lot_id": lot_id, "name": name, "columns": list(columns), "created_at": to_text(now)}
    with writing(engine) as connection:
        connection.execute(insert(lot).values(row))
    try:
        _fill(engine, lot_id, rows, progress)
    except BaseException:
        drop(engine, lot_id)
        raise
    with reading(engine) as connection:
        return find(connection, lot_id)


def _fill(engine: Engine, lot_id: str, rows: Iterable[Sequence[str]], progress: Callable[[int], None] | None) -> None:
    source, count = iter(rows), 0
    while part := list(islice(source, SLICE)):
        new = [
            {"lot_id": lot_id, "item_no": number, "cells": list(cells)} for number, cells in enumerate(part, count + 1)
        ]
        with writing(engine) as connection:
            connection.execute(insert(lot_item), new)
        count += len(part)
        if progress is not None:
            progress(count)
    with writing(engine) as connection:
        connection.execute(update(lot).where(lot.c.lot_id == lot_id).values(size=count))


def drop(engine: Engine, lot_id: str) -> None:
    """Take a lot away, with its results and verdicts."""
    with writing(engine) as connection:
        drop_in(connection, lot_id)


def drop_in(connection: Connection, lot_id: str) -> None:
    for table in (lot_verdict, lot_result, lot_item, lot):
        connection.execute(delete(table).where(table.c.lot_id == lot_id))


def _forget_unused(engine: Engine, before: str) -> None:
    # A start may wait for its worker longer than that, or fail and be tried again: its order names the lot.
    named = thread.c.input["lot_id"].as_string()
    ordered = select(named).where(named.is_not(None))
    unused = select(lot.c.lot_id).where(
        lot.c.thread_id.is_(None), lot.c.created_at < before, lot.c.lot_id.not_in(ordered)
    )
    with reading(engine) as connection:
        found = list(connection.execute(unused).scalars())
    for lot_id in found:
        drop(engine, lot_id)


def record(engine: Engine, held: Held, found: Sequence[Result], *, clock: Clock) -> None:
    """Write results, once each: one that is there stays, unless it failed and the new one is done.

    Raises LotTaken when another run holds the lot by now.
    """
    at = to_text(clock())
    with writing(engine) as connection:
        still_held(connection, held)
        known = _statuses(connection, held.lot_id, found)
        for result in found:
            row = {"status": result.status, "output": result.output, "error": result.error, "calls": result.calls}
            key = (result.item_no, result.generation)
            if key not in known:
                new = {"lot_id": held.lot_id, "item_no": key[0], "generation": key[1], **row, "at": at}
                connection.execute(insert(lot_result).values(new))
            elif known[key] == FAILED and result.status == DONE:
                connection.execute(update(lot_result).where(*_at(lot_result, held.lot_id, *key)).values(**row, at=at))


def say(engine: Engine, held: Held, said: Sequence[Verdict], *, clock: Clock) -> None:
    """Write verdicts; a repeated one replaces the earlier. Raises LotTaken as `record` does."""
    at = to_text(clock())
    with writing(engine) as connection:
        still_held(connection, held)
        for each in said:
            where = _at(lot_verdict, held.lot_id, each.item_no, each.generation)
            connection.execute(delete(lot_verdict).where(*where))
            connection.execute(
                insert(lot_verdict).values(
                    lot_id=held.lot_id,
                    item_no=each.item_no,
                    generation=each.generation,
                    verdict=each.word.value,
                    corrected=each.corrected,
                    note=each.note,
                    planned=int(each.planned),
                    at=at,
                )
            )


def _statuses(connection: Connection, lot_id: str, found: Sequence[Result]) -> dict[tuple[int, int], str]:
    if not found:
        return {}
    numbers = [result.item_no for result in found]
    columns = lot_result.c
    query = select(columns.item_no, columns.generation, columns.status).where(
        and_(columns.lot_id == lot_id, columns.item_no.between(min(numbers), max(numbers)))
    )
    return {(item_no, generation): status for item_no, generation, status in connection.execute(query)}


def _at(table: JSON, lot_id: str, item_no: int, generation: int) -> tuple[JSON, ...]:
    return (table.c.lot_id == lot_id, table.c.item_no == item_no, table.c.generation == generation)
