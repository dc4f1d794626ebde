"""Trying a batch's failed items again: ordered here, on record, and done by the worker under the thread's lease."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from agents import jobs
from agents.audit import Question, append
from agents.batches.details import count_failed
from agents.batches.head import Head, head_of
from agents.batches.listing import GRAPH, lot_of_head
from agents.batches.progress import recent_work
from agents.batches.state import decided, is_working
from agents.database import writing
from agents.desk import Desk
from agents.domain import Who
from agents.errors import NotPending
from agents.jobs import JobKind, JobStatus
from agents.lots import Lot
from agents.people import Act, permit
from agents.wording import count


@dataclass(frozen=True, slots=True)
class Ordered:
    """items: how many are tried again. left: how many are not, because the review that waits shows them."""

    job_id: str
    items: int
    left: int

    @property
    def text(self) -> str:
        kept = f" {_shown(self.left)} part of the review that waits, so that is decided first." if self.left else ""
        return f"{count(self.items, 'failed item')} {'is' if self.items == 1 else 'are'} tried again.{kept}"


def retry_failed(desk: Desk, thread_id: str, *, actor: Who, source_id: str | None = None) -> Ordered:
    """Order that the failed items of a batch are tried again, but for those that a waiting review shows.

    Raises NotPending when nothing failed, something works on the batch, its last run has to be finished first, or its
    rows are another thread's; NotAllowed.
    """
    source_id = desk.source_of(thread_id, source_id)
    head = head_of(desk, thread_id, source_id)
    now, about = desk.clock(), Question(source_id, thread_id)
    with writing(desk.engine) as connection:
        name = permit(connection, desk, actor, Act.REPAIR, graph_id=GRAPH)
        _refuse_if_busy(connection, head, about)
        of = lot_of_head(connection, head, source_id, thread_id)
        _refuse_if_copied(of, about)
        items, left = _failures(connection, of, head) if of is not None else (0, 0)
        if not items:
            raise NotPending(_nothing(left))
        append(connection, at=now, actor=name, action="retried_items", about=about, items=items, left=left)
        job_id = jobs.enqueue(connection, source_id=source_id, thread_id=thread_id, kind=JobKind.ITEMS, now=now)
        return Ordered(job_id, items, left)


def _refuse_if_busy(connection: Connection, head: Head, about: Question) -> None:
    work = recent_work(connection, about.source_id, about.thread_id)
    if is_working(work) or decided(connection, head):
        raise NotPending(
            "This batch is being worked on. Wait until it asks or has ended, and try its failed items then."
        )
    if work and work[0].status is JobStatus.FAILED and work[0].kind is not JobKind.ITEMS:
        raise NotPending(
            "The last run of this batch did not finish. Try that again first; its failed items come after."
        )


def _refuse_if_copied(of: Lot | None, about: Question) -> None:
    """A copy of a thread names the rows of the first one until it goes on; that one may be working on them."""
    if (
        of is not None
        and of.thread_id is not None
        and (of.source_id, of.thread_id) != (about.source_id, about.thread_id)
    ):
        raise NotPending(
            f"The rows of this batch belong to thread {of.thread_id}, of which this one is a copy. Try them again there."
        )


def _failures(connection: Connection, of: Lot, head: Head) -> tuple[int, int]:
    """How many failed items may be tried again, and how many a review that waits keeps from it."""
    size = of.size or 0
    mine = count_failed(connection, of, head.spans, 1, head.settled)
    return mine, count_failed(connection, of, head.spans, head.settled + 1, size)


def _nothing(left: int) -> str:
    if not left:
        return "No item of this batch failed, so there is nothing to try again."
    return f"{_shown(left)} part of the review that waits. Decide on it first, then try again."


def _shown(left: int) -> str:
    return f"{count(left, 'failed item')} {'is' if left == 1 else 'are'}"
