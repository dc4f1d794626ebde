"""A thread's events as they happen, as server-sent events that a client may leave and come back to.

The id of an event is how far it is in the thread's rows: "<number in the record>-<lines of progress>". So a
client that comes back, even to a desk that was started anew, is told what it missed, and nothing twice.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from sqlalchemy import select

from agents import audit, history
from agents.api.answers import as_text
from agents.api.details import entry_json
from agents.api.errors import Refusal, refusal_of
from agents.api.offloading import reading as in_thread
from agents.api.standing import as_json, standing
from agents.api.watch import About, Closing, Seen, Watch
from agents.database import job, progress, reading
from agents.desk import Desk
from agents.domain import JSON

ID = re.compile(r"(\d{1,18})-(\d{1,18})")
HEARTBEAT_SECONDS = 15.0
RETRY_MILLISECONDS = 2000
ENDS = ("complete", "failed")


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a client has been told: the number of the last event in the record, and how many lines of progress."""

    seq: int = 0
    lines: int = 0


def read_mark(text: str | None) -> Mark:
    """Raises Refusal for an id that is none of ours."""
    if not text:
        return Mark()
    found = ID.fullmatch(text)
    if found is None:
        raise Refusal(422, "invalid", "Last-Event-ID: use the id of an event of this stream.", field="Last-Event-ID")
    return Mark(int(found[1]), int(found[2]))


def news(desk: Desk, about: About, mark: Mark) -> list[tuple[Mark, str, dict[str, JSON]]]:
    """(mark after it, name, data) of what happened since, in order of time."""
    source_id, thread_id = about
    with reading(desk.engine) as connection:
        events = [each for each in audit.of_thread(connection, source_id, thread_id) if each.seq > mark.seq]
        query = (
            select(progress.c.at, progress.c.text)
            .join(job, job.c.job_id == progress.c.job_id)
            .where(job.c.source_id == source_id, job.c.thread_id == thread_id)
            .order_by(progress.c.at, progress.c.job_id, progress.c.seq)
            .offset(mark.lines)
        )
        lines = [(row[0], row[1]) for row in connection.execute(query)]
    told: list[tuple[Mark, str, dict[str, JSON]]] = []
    while events or lines:
        if lines and (not events or lines[0][0] < events[0].at):
            at, text = lines.pop(0)
            mark = Mark(mark.seq, mark.lines + 1)
            told.append((mark, "progress", {"at": at, "text": text}))
        else:
            each = events.pop(0)
            mark = Mark(each.seq, mark.lines)
            told.append((mark, each.action, {**entry_json(history.entry(each)), "pause_key": each.pause_key}))
    return told


def ended(desk: Desk, about: About, mark: Mark) -> bool:
    """Has the thread ended, and has the client been told all of it?"""
    found = standing(desk, about[1], about[0], with_result=False)
    return found.status in ENDS and mark != Mark() and not news(desk, about, mark)


async def stream(
    desk_of: Callable[[], Desk], watch: Watch, about: About, mark: Mark, *, permit: Callable[[], object]
) -> AsyncIterator[str]:
    """The text of the stream: what happened since `mark`, then what happens, until the thread has ended.

    permit: asked each time before anything is told, and raises once the reader may read no more.
    """
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    before: dict[str, JSON] | None = None
    seen: Seen | None = None
    while True:
        try:
            await in_thread(permit)
            found = await in_thread(standing, desk_of(), about[1], about[0])
            told = await in_thread(news, desk_of(), about, mark)
            for mark, name, data in told:
                yield _event(name, data, f"{mark.seq}-{mark.lines}")
            if (now := as_json(found)) != before:
                yield _event("status", now)
                before = now
            if found.status in ENDS and not told:
                return
            if found.status not in ENDS:
                async for beat in _until_changed(watch, about, seen):
                    if isinstance(beat, Seen):
                        seen = beat
                    else:
                        yield beat
        except Closing:
            return
        except Exception as error:  # noqa: BLE001 - the stream has begun: it is told in there, and ends
            yield _event("error", refusal_of(error).body)
            return


async def _until_changed(watch: Watch, about: About, before: Seen | None) -> AsyncIterator[str | Seen]:
    """Comments that keep the connection open, and at last the rows, once they say something new of the thread or of the record."""
    since = time.monotonic()
    while True:
        seen = await watch.look()
        if before is None or (seen.work.get(about), seen.events) != (before.work.get(about), before.events):
            yield seen
            return
        if time.monotonic() - since > HEARTBEAT_SECONDS:
            since = time.monotonic()
            yield ": still here\n\n"


def _event(name: str, data: dict[str, JSON], event_id: str | None = None) -> str:
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: {as_text(data)}\n\n"
