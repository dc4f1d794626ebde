"""Who works on a thread: claimed, kept alive, given back or ended; under a fence that rises with each claim."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, and_, exists, func, or_, select, update

from agents.clock import from_text, to_text
from agents.database import decision, job, reading, writing
from agents.domain import JSON
from agents.errors import SignoffError
from agents.jobs.rows import Job, JobStatus, get, same

MAX_ATTEMPTS = 25
"""A job that was taken over this often is failed: its run ends the process each time."""
NOT_KNOWN = ""
"""In place of a checkpoint's id: nobody could tell where the thread stood."""


class LeaseLost(SignoffError):
    """Another worker took the thread over; this one must stop writing."""


def claim(
    engine: Engine, *, owner: str, now: datetime, lease: timedelta, thread: tuple[str, str] | None = None
) -> Job | None:
    """Take the next due job and its thread's lease, or None. `thread`: only (source_id, thread_id)."""
    with reading(engine) as connection:
        if connection.execute(_next(now, thread)).first() is None:
            return None  # the usual case: no write lock for an idle poll
    with writing(engine) as connection:
        found = connection.execute(_next(now, thread)).first()
        if found is None:
            return None
        connection.execute(
            update(job)
            .where(job.c.job_id == found.job_id)
            .values(
                status=JobStatus.RUNNING.value,
                owner=owner,
                fence=job.c.fence + 1,
                attempts=job.c.attempts + 1,
                lease_until=(now + lease).timestamp(),
                started_at=func.coalesce(job.c.started_at, to_text(now)),
                claimed_at=to_text(now),
                note=None,
            )
        )
        return get(connection, found.job_id)


def heartbeat(engine: Engine, held: Job, *, now: datetime, lease: timedelta) -> bool:
    """Keep the lease; False when another worker has it now."""
    with writing(engine) as connection:
        done = connection.execute(update(job).where(*_mine(held)).values(lease_until=(now + lease).timestamp()))
        return done.rowcount == 1


def still_mine(connection: Connection, held: Job) -> None:
    """Raise LeaseLost unless this worker holds the lease; call it inside the write it guards."""
    if connection.execute(select(job.c.job_id).where(*_mine(held))).first() is None:
        raise LeaseLost(f"Another worker has taken over thread {held.thread_id}.")


def finish(
    connection: Connection,
    held: Job,
    *,
    now: datetime,
    status: JobStatus,
    error: str | None = None,
    checkpoint_id: str = NOT_KNOWN,
) -> None:
    """End a held job. checkpoint_id: where it leaves its thread. Raises LeaseLost when it is no longer held."""
    still_mine(connection, held)
    ended = {"status": status.value, "error": error, "finished_at": to_text(now)}
    connection.execute(
        update(job).where(job.c.job_id == held.job_id).values(**ended, **_let_go(held, now, checkpoint_id))
    )


def _let_go(held: Job, now: datetime, checkpoint_id: str) -> dict[str, JSON]:
    taken = from_text(held.claimed_at) if held.claimed_at else now
    worked = max(0.0, (now - taken).total_seconds())
    return {"owner": None, "lease_until": None, "seconds": job.c.seconds + worked, "checkpoint_id": checkpoint_id}


def postpone(
    connection: Connection,
    held: Job,
    *,
    now: datetime,
    due_at: datetime,
    note: str,
    worn: bool = False,
    checkpoint_id: str = NOT_KNOWN,
) -> None:
    """Give the lease back and wait until `due_at`; a newer order of the same kind takes this one's place.

    worn: this try still counts towards MAX_ATTEMPTS. checkpoint_id: where it leaves its thread.
    """
    still_mine(connection, held)
    twin = (*same(held.source_id, held.thread_id, held.kind), job.c.status == JobStatus.WAITING.value)
    heir = connection.execute(select(job.c.job_id).where(*twin)).scalar()
    if heir:
        finish(connection, held, now=now, status=JobStatus.CANCELLED, checkpoint_id=checkpoint_id)
        connection.execute(update(decision).where(decision.c.job_id == held.job_id).values(job_id=heir))
        if held.override:
            connection.execute(update(job).where(job.c.job_id == heir).values(override=1))
        return
    connection.execute(
        update(job)
        .where(job.c.job_id == held.job_id)
        .values(
            status=JobStatus.WAITING.value,
            due_at=to_text(due_at),
            note=note,
            attempts=held.attempts if worn else 0,  # only tries that ended badly count
            **_let_go(held, now, checkpoint_id),
        )
    )


def left_at(connection: Connection, held: Job) -> str | None:
    """The checkpoint at which the thread was let go of last; NOT_KNOWN where nobody could tell, None where no job ran before."""
    query = (
        select(job.c.checkpoint_id)
        .where(job.c.source_id == held.source_id, job.c.thread_id == held.thread_id, job.c.started_at.is_not(None))
        .where((job.c.job_id != held.job_id) | job.c.checkpoint_id.is_not(None))
        .order_by(func.coalesce(job.c.claimed_at, job.c.started_at).desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return (row.checkpoint_id or NOT_KNOWN) if row else None


def _next(now: datetime, thread: tuple[str, str] | None) -> JSON:
    other = job.alias("other")
    due = and_(job.c.status == JobStatus.WAITING.value, job.c.due_at <= to_text(now))
    expired = and_(job.c.status == JobStatus.RUNNING.value, job.c.lease_until < now.timestamp())
    blocked = exists().where(
        other.c.source_id == job.c.source_id,
        other.c.thread_id == job.c.thread_id,
        other.c.status == JobStatus.RUNNING.value,
        other.c.job_id != job.c.job_id,
    )
    query = select(job.c.job_id).where(or_(due, expired), ~blocked)
    if thread is not None:
        query = query.where(job.c.source_id == thread[0], job.c.thread_id == thread[1])
    return query.order_by(job.c.due_at, job.c.created_at).limit(1)


def _mine(held: Job) -> tuple[JSON, ...]:
    return (
        job.c.job_id == held.job_id,
        job.c.owner == held.owner,
        job.c.fence == held.fence,
        job.c.status == JobStatus.RUNNING.value,
    )
