"""One batch: where it stands, what is known of its quality, and the tables behind that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agents import audit, jobs
from agents.batches import details
from agents.batches.details import FailedItem, JudgedItem, Page, RedoneItem
from agents.batches.head import Head
from agents.batches.listing import head_and_work, is_batch, lot_of_head, progress_of, start_of
from agents.batches.progress import Progress, Work, speed
from agents.batches.rate import DefectRate, defect_rate
from agents.batches.state import State, is_working, state_of
from agents.database import reading
from agents.desk import Desk
from agents.errors import UnknownReview
from agents.jobs import JobKind, JobStatus
from agents.lots import Lot


@dataclass(frozen=True, slots=True)
class Rows:
    """What is made of a batch's rows.

    speed: items per minute of working time, None while it cannot be told. retryable: failed items that no review shows.
    """

    lot: Lot
    progress: Progress
    speed: float | None
    rate: DefectRate
    samples: Page[JudgedItem]
    redone: Page[RedoneItem]
    failed: Page[FailedItem]
    retryable: int

    @property
    def minutes_left(self) -> float | None:
        """How long the model still needs for the items that are left; a reviewer's time comes on top."""
        return self.progress.left / self.speed if self.speed and self.progress.left else None


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch as it stands now. rows: None before they are read in.

    pause_key: the question that waits for a person. busy: something works on the thread; retrying: on its failed
    items only. error: why the last run failed. told: what the newest job said of its progress.
    since: what came of the last try of failed items, where the outcome tells of a time before it.
    """

    source_id: str
    thread_id: str
    title: str
    started_by: str | None
    started_at: str | None
    state: State
    pause_key: str | None
    busy: bool
    retrying: bool
    error: str | None
    told: tuple[str, ...]
    since: str | None
    head: Head
    rows: Rows | None

    @property
    def live(self) -> bool:
        """Does it change without a person?"""
        return self.state.moving or self.busy


def batch(
    desk: Desk, thread_id: str, source_id: str | None = None, *, samples: int = 1, redone: int = 1, failed: int = 1
) -> Batch:
    """A batch with one page of each of its tables, counted from 1.

    Raises UnknownReview when the thread is no batch, InvalidInput when its rows are gone, and as head_of does.
    """
    source_id = desk.source_of(thread_id, source_id)
    head, work = head_and_work(desk, thread_id, source_id)
    with reading(desk.engine) as connection:
        of = lot_of_head(connection, head, source_id, thread_id)
        if of is None and not is_batch(connection, source_id, thread_id):
            raise UnknownReview(f"No batch with thread {thread_id} is known here. It may belong to another file.")
        state = state_of(connection, head, work, rows=of is not None)
        title, by, at = start_of(connection, source_id, thread_id)
        newest = work[0] if work else None
        return Batch(
            source_id=source_id,
            thread_id=thread_id,
            title=title,
            started_by=by,
            started_at=at,
            state=state,
            pause_key=head.question.pause_key if head.question is not None and state is State.WAITING else None,
            busy=is_working(work),
            retrying=newest is not None and newest.kind is JobKind.ITEMS and is_working(work[:1]),
            error=newest.error if newest is not None and newest.status is JobStatus.FAILED else None,
            told=jobs.progress_of(connection, newest.job_id) if newest is not None else (),
            since=_since(connection, source_id, thread_id, work) if head.outcome is not None else None,
            head=head,
            rows=_rows(desk, connection, of, head, work, (samples, redone, failed)) if of is not None else None,
        )


def _since(connection: Connection, source_id: str, thread_id: str, work: Sequence[Work]) -> str | None:
    """What came of the last try of failed items, if that was after the last run: its outcome tells of those before."""
    found = audit.latest(connection, source_id, thread_id, "tried_items")
    ended = max((each.finished_at for each in work if each.kind is not JobKind.ITEMS and each.finished_at), default="")
    if found is None or found.at < ended:
        return None
    return str(found.fields.get("text", "")) or None


def _rows(
    desk: Desk, connection: Connection, of: Lot, head: Head, work: tuple[Work, ...], pages: tuple[int, int, int]
) -> Rows:
    spans = head.spans
    return Rows(
        lot=of,
        progress=progress_of(connection, of, head),
        speed=speed(connection, of.lot_id, work, desk.clock()),
        rate=defect_rate(connection, of.lot_id, spans),
        samples=details.judged(connection, of, spans, pages[0]),
        redone=details.redone(connection, of, spans, pages[1]),
        failed=details.failed(connection, of, spans, head.settled, pages[2]),
        retryable=details.count_failed(connection, of, spans, 1, head.settled),
    )
