"""Waiting for threads without holding one: everybody who waits shares one short look at the rows, some times a second."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, select

from agents import jobs
from agents.api.offloading import reading as in_thread
from agents.api.standing import Standing, standing
from agents.database import event, progress, reading
from agents.desk import Desk

POLL_SECONDS = 0.15
About = tuple[str, str]
"""(source_id, thread_id)"""


@dataclass(frozen=True, slots=True)
class Seen:
    """work: a mark of the open orders by thread, which changes with every step of them. events: the record's newest number."""

    work: Mapping[About, tuple[object, ...]]
    events: int


class Closing(Exception):
    """The server is about to end."""


class Watch:
    """Belongs to one event loop at a time; `close` may be called from anywhere."""

    def __init__(self, desk_of: Callable[[], Desk]) -> None:
        self._desk_of = desk_of
        self._closing = threading.Event()
        self._waiting: set[asyncio.Future[Seen]] = set()
        self._looking: asyncio.Task[None] | None = None

    def close(self) -> None:
        """End every wait and stream, so that the server can."""
        self._closing.set()

    async def look(self) -> Seen:
        """The rows as they stand in a moment. Raises Closing, or what the database raises."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[Seen] = loop.create_future()
        self._waiting.add(mine)
        if self._looking is None or self._looking.done() or self._looking.get_loop() is not loop:
            self._looking = loop.create_task(self._look())
        try:
            return await mine
        finally:
            self._waiting.discard(mine)

    async def settled(self, about: About, seconds: float) -> Standing:
        """Where the thread stands once it runs no more, or after so many seconds. Raises as `standing` does."""
        source_id, thread_id = about
        until, before = time.monotonic() + seconds, None
        found = await in_thread(standing, self._desk_of(), thread_id, source_id)
        with suppress(TimeoutError, Closing):
            while found.status == "running":
                seen = await asyncio.wait_for(self.look(), max(0.0, until - time.monotonic()))
                mine = seen.work.get(about)
                if mine != before or mine is None:
                    found, before = await in_thread(standing, self._desk_of(), thread_id, source_id), mine
                if mine is None:
                    break  # it runs elsewhere, if at all: nothing here tells when that ends
        return found

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(POLL_SECONDS)
            waiting, self._waiting = self._waiting, set()
            try:
                seen = await in_thread(_look_at, self._desk_of())
            except Exception as error:  # noqa: BLE001 - handed to those who wait
                _settle(waiting, error)
            else:
                _settle(waiting, Closing() if self._closing.is_set() else seen)


def _settle(waiting: set[asyncio.Future[Seen]], told: Seen | Exception) -> None:
    for each in waiting:
        if each.done():
            continue
        if isinstance(told, Exception):
            each.set_exception(told)
        else:
            each.set_result(told)


def _look_at(desk: Desk) -> Seen:
    with reading(desk.engine) as connection:
        live = jobs.open_jobs(connection)
        lines = select(progress.c.job_id, func.max(progress.c.seq)).group_by(progress.c.job_id)
        told = {
            row[0]: row[1] for row in connection.execute(lines.where(progress.c.job_id.in_([j.job_id for j in live])))
        }
        events = connection.execute(select(func.max(event.c.seq))).scalar() or 0
    work: dict[About, tuple[object, ...]] = {}
    for each in live:
        key = (each.source_id, each.thread_id)
        work[key] = (*work.get(key, ()), each.job_id, each.status, each.due_at, each.note, told.get(each.job_id))
    return Seen(work, events)
