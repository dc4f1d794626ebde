"""All batches of the desk, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from agents import lots
from agents.batches.details import count_failed
from agents.batches.head import Head, head_of
from agents.batches.progress import Progress, Work, recent_work
from agents.batches.state import State, state_of
from agents.database import lot, lot_verdict, reading, thread
from agents.desk import Desk
from agents.errors import SignoffError
from agents.lots import Lot, Word, generation_at

GRAPH = "batch_sampling"
PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One batch in the list. pause_key: the question that waits. note: why its state cannot be told, or what failed.

    progress: None before its rows are read in.
    """

    source_id: str
    thread_id: str
    title: str
    name: str
    state: State
    progress: Progress | None
    pause_key: str | None
    started_at: str
    started_by: str | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Batches:
    """One page of the list. total: on all pages."""

    lines: tuple[Line, ...]
    total: int


def batches(desk: Desk, *, page: int = 1, per_page: int = PER_PAGE) -> Batches:
    """The batches of this desk's files, the newest first. page counts from 1."""
    with reading(desk.engine) as connection:
        known = _threads(connection, [source.source_id for source in desk.sources])
    first = max(0, page - 1) * per_page
    lines = [_line(desk, *key) for key in known[first : first + per_page]]
    return Batches(tuple(lines), len(known))


def head_and_work(desk: Desk, thread_id: str, source_id: str) -> tuple[Head, tuple[Work, ...]]:
    """The state of a batch and its jobs, newest first. Raises as head_of does.

    The jobs are read first: a run that ends between the two still counts as under way, so whoever watches looks again.
    The other way round, a finished run would be seen with the state from before it, for good.
    """
    with reading(desk.engine) as connection:
        work = recent_work(connection, source_id, thread_id)
    return head_of(desk, thread_id, source_id), work


def lot_of_head(connection: Connection, head: Head, source_id: str, thread_id: str) -> Lot | None:
    """The lot that the state names, else the thread's newest; None while its rows are read in.

    Raises InvalidInput when the state names rows that are not here.
    """
    if head.lot_id is not None:
        return lots.find(connection, head.lot_id)
    found = lots.of_thread(connection, source_id, thread_id)
    return found[-1] if found else None


def progress_of(connection: Connection, of: Lot, head: Head) -> Progress:
    size = of.size or 0
    done, failed = _through(connection, of, head, size)
    decided, _ = _through(connection, of, head, head.cursor)
    return Progress(size, done, failed, head.cursor, decided)


def _through(connection: Connection, of: Lot, head: Head, last: int) -> tuple[int, int]:
    """How many of the first `last` items are done, and how many failed.

    An item that a person corrected is done, whether or not the model has a result for it now.
    """
    counted = lots.counts(connection, of.lot_id, head.spans, last)
    failed = count_failed(connection, of, head.spans, 1, last)
    return counted.done + counted.failed - failed + _kept(connection, of.lot_id, head, last), failed


def _kept(connection: Connection, lot_id: str, head: Head, last: int) -> int:
    """How many corrected items were left out when those around them were done again."""
    if len(head.spans) < 2:
        return 0
    said = lot_verdict.c
    where = (said.lot_id == lot_id, said.item_no <= last, said.verdict == Word.CORRECTED)
    found = connection.execute(select(said.item_no, func.max(said.generation)).where(*where).group_by(said.item_no))
    return sum(generation < generation_at(head.spans, item_no) for item_no, generation in found)


def start_of(connection: Connection, source_id: str, thread_id: str) -> tuple[str, str | None, str | None]:
    """A thread's title (its id where none is known), who started it and when."""
    query = select(thread.c.title, thread.c.started_by, thread.c.started_at).where(
        thread.c.source_id == source_id, thread.c.thread_id == thread_id
    )
    row = connection.execute(query).first()
    return (row.title, row.started_by, row.started_at) if row else (thread_id, None, None)


def is_batch(connection: Connection, source_id: str, thread_id: str) -> bool:
    """Was the thread started here as a batch? Its rows may still be on their way."""
    query = select(thread.c.graph_id).where(thread.c.source_id == source_id, thread.c.thread_id == thread_id)
    return connection.execute(query).scalar() == GRAPH


def _threads(connection: Connection, sources: Sequence[str]) -> list[tuple[str, str, str]]:
    """(source_id, thread_id, since) of every thread that is a batch: started as one, or with rows of its own."""
    started = select(thread.c.source_id, thread.c.thread_id, thread.c.started_at).where(
        thread.c.graph_id == GRAPH, thread.c.source_id.in_(sources)
    )
    with_rows = (
        select(lot.c.source_id, lot.c.thread_id, func.min(lot.c.created_at))
        .where(lot.c.source_id.in_(sources), lot.c.thread_id.is_not(None))
        .group_by(lot.c.source_id, lot.c.thread_id)
    )
    found = {(row[0], row[1]): row[2] for row in connection.execute(with_rows)}
    found |= {(row[0], row[1]): row[2] for row in connection.execute(started)}
    ordered = sorted(found.items(), key=lambda pair: (pair[1], pair[0]), reverse=True)
    return [(source_id, thread_id, since) for (source_id, thread_id), since in ordered]


def _line(desk: Desk, source_id: str, thread_id: str, since: str) -> Line:
    with reading(desk.engine) as connection:
        title, by, _ = start_of(connection, source_id, thread_id)
    try:
        head, work = head_and_work(desk, thread_id, source_id)
        with reading(desk.engine) as connection:
            of = lot_of_head(connection, head, source_id, thread_id)
            progress = progress_of(connection, of, head) if of is not None else None
            state = state_of(connection, head, work, rows=of is not None)
    except SignoffError as error:
        return Line(source_id, thread_id, title, "", State.HALTED, None, None, since, by, str(error))
    waits = head.question.pause_key if head.question is not None and state is State.WAITING else None
    name = of.name if of is not None else ""
    return Line(source_id, thread_id, title, name, state, progress, waits, since, by, _error(work, state))


def _error(work: Sequence[Work], state: State) -> str | None:
    return work[0].error if state is State.FAILED and work else None
