"""How far a batch is, how fast the model is, and how long it still needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from agents import lots
from agents.clock import from_text
from agents.database import job as table
from agents.jobs import JobKind, JobStatus

WINDOW = timedelta(minutes=2)
"""So much of the newest working time makes the speed: long enough to be steady, short enough to follow the model."""

RESULTS = 500
RECENT = 30


@dataclass(frozen=True, slots=True)
class Progress:
    """Items of the generations that count. cursor: how many lie behind a person's decision; decided: those of them done."""

    size: int
    done: int
    failed: int
    cursor: int
    decided: int

    @property
    def left(self) -> int:
        return max(0, self.size - self.done - self.failed)

    @property
    def share(self) -> float:
        """The part of the items that the model is through with, as a part of 1."""
        return (self.done + self.failed) / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True)
class Work:
    """One job on the thread, without its input. Times are UTC text."""

    job_id: str
    kind: JobKind
    status: JobStatus
    error: str | None
    note: str | None
    started_at: str | None
    finished_at: str | None


def recent_work(connection: Connection, source_id: str, thread_id: str) -> tuple[Work, ...]:
    """The newest jobs that were not called off, newest first; a long batch has thousands."""
    columns = (table.c.job_id, table.c.kind, table.c.status, table.c.error, table.c.note)
    query = (
        select(*columns, table.c.started_at, table.c.finished_at)
        .where(
            table.c.source_id == source_id,
            table.c.thread_id == thread_id,
            table.c.status != JobStatus.CANCELLED.value,
        )
        .order_by(table.c.created_at.desc())
        .limit(RECENT)
    )
    return tuple(
        Work(row.job_id, JobKind(row.kind), JobStatus(row.status), row.error, row.note, row.started_at, row.finished_at)
        for row in connection.execute(query)
    )


def speed(connection: Connection, lot_id: str, work: Sequence[Work], now: datetime) -> float | None:
    """Items per minute of working time, from the newest results; None while there are too few to tell.

    Time in which a person was waited for is no working time.
    """
    results = [from_text(at) for at in lots.timed(connection, lot_id, RESULTS)]
    spells = [spell for each in work if (spell := _spell(each, now)) is not None]
    found, seconds = 0, 0.0
    for begin, end in spells:
        begin = max(begin, end - (WINDOW - timedelta(seconds=seconds)))
        if len(results) == RESULTS:
            begin = max(begin, results[-1])
        found += sum(begin <= at <= end for at in results)
        seconds += max(0.0, (end - begin).total_seconds())
        if seconds >= WINDOW.total_seconds():
            break
    return 60 * found / seconds if found > 1 and seconds > 0 else None


def _spell(work: Work, now: datetime) -> tuple[datetime, datetime] | None:
    """From when to when a job worked, up to now where it still does."""
    if work.started_at is None:
        return None
    end = from_text(work.finished_at) if work.finished_at else now
    return from_text(work.started_at), end
