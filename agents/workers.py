"""The workers of every process: each gives a sign of life now and then, so that any process can tell whether one is alive."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select, update

from agents.clock import from_text, to_text
from agents.database import worker, writing
from agents.domain import JSON

BEAT_SECONDS = 5.0
QUIET = timedelta(seconds=30)
"""A worker that was silent for so long is taken for dead."""
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker. Times are UTC text; `beat_at` is its last sign of life, `stopped_at` when it ended in order."""

    worker_id: str
    host: str
    pid: int
    threads: int
    started_at: str
    beat_at: str
    stopped_at: str | None

    def alive(self, now: datetime) -> bool:
        return self.stopped_at is None and from_text(self.beat_at) > now - QUIET

    @property
    def here(self) -> bool:
        """Is it in this process?"""
        return (self.host, self.pid) == (socket.gethostname(), os.getpid())


def begin(engine: Engine, *, threads: int, now: datetime) -> Worker:
    """A worker starts. Those that ended long ago are forgotten. Raises Busy."""
    at = to_text(now)
    mine = Worker(uuid.uuid4().hex, socket.gethostname(), os.getpid(), threads, at, at, None)
    with writing(engine) as connection:
        connection.execute(delete(worker).where(worker.c.beat_at < to_text(now - KEPT)))
        connection.execute(insert(worker).values(**_row(mine)))
    return mine


def beat(engine: Engine, mine: Worker, *, now: datetime) -> None:
    """It is alive. Its row is written again where an older copy of the database took its place. Raises Busy."""
    with writing(engine) as connection:
        signed = {"beat_at": to_text(now), "stopped_at": None}
        done = connection.execute(update(worker).where(worker.c.worker_id == mine.worker_id).values(**signed))
        if done.rowcount == 0:
            connection.execute(insert(worker).values(**{**_row(mine), **signed}))


def end(engine: Engine, mine: Worker, *, now: datetime) -> None:
    """It stopped in order. Raises Busy."""
    with writing(engine) as connection:
        stopped = update(worker).where(worker.c.worker_id == mine.worker_id).values(stopped_at=to_text(now))
        connection.execute(stopped)


def known(connection: Connection) -> list[Worker]:
    """Every worker of the last days, the newest sign of life first."""
    rows = connection.execute(select(worker).order_by(worker.c.beat_at.desc())).mappings()
    return [Worker(**{name: row[name] for name in Worker.__slots__}) for row in rows]


def alive(connection: Connection, now: datetime) -> list[Worker]:
    """Those that work now, in whatever process."""
    return [each for each in known(connection) if each.alive(now)]


def _row(mine: Worker) -> dict[str, JSON]:
    return {name: getattr(mine, name) for name in Worker.__slots__}
