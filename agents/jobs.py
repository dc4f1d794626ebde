"""Work on threads as rows: at most one waiting of a kind and one running per thread.

A running row is the thread's lease: it names its owner, the fence (raised at
each claim, so that a worker which lost its lease can no longer write) and the
time until which it is reserved. The partial unique indexes of the schema hold
all this; the code only asks.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Engine, and_, exists, func, insert, or_, select, update

from agents.clock import from_text, to_text
from agents.database import decision, job, progress, reading, writing
from agents.domain import JSON
from agents.errors import SignoffError

MAX_ATTEMPTS = 25
"""A job that was taken over this often is failed: its run ends the process each time."""
NOT_KNOWN = ""
"""In place of a checkpoint's id: nobody could tell where the thread stood."""


class JobKind(StrEnum):
    START = "start"
    RESUME = "resume"
    CLOSE = "close"
    ITEMS = "items"
    ASK_AGAIN = "ask_again"
    CONTINUE = "continue"
    RETRY = "retry"


class JobStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """One order to work on a thread. `note` is for people: why it waits.

    seconds: at work so far. checkpoint_id: the thread's newest when a worker last let go of it.
    """

    job_id: str
    source_id: str
    thread_id: str
    kind: JobKind
    status: JobStatus
    graph_id: str | None
    input: JSON
    override: bool
    note: str | None
    error: str | None
    attempts: int
    created_at: str
    due_at: str
    owner: str | None
    fence: int
    started_at: str | None
    finished_at: str | None
    claimed_at: str | None
    seconds: float
    checkpoint_id: str | None


class LeaseLost(SignoffError):
    """Another worker took the thread over; this one must stop writing."""


def enqueue(
    connection: Connection,
    *,
    source_id: str,
    thread_id: str,
    kind: JobKind,
    now: datetime,
    due_at: datetime | None = None,
    graph_id: str | None = None,
    input: JSON = None,
    override: bool = False,
) -> str:
    """Order work on a thread, or wake and bring forward the same order if it waits already."""
    due = to_text(due_at or now)
    waiting = connection.execute(
        select(job.c.job_id).where(*_same(source_id, thread_id, kind), job.c.status == JobStatus.WAITING.value)
    ).scalar()
    if waiting:
        changes: dict[str, JSON] = {"due_at": due, "note": None}
        if override:
            changes["override"] = 1
        if input is not None:
            changes["input"] = input
        connection.execute(update(job).where(job.c.job_id == waiting).values(**changes))
        return str(waiting)
    job_id = uuid.uuid4().hex
    connection.execute(
        insert(job).values(
            job_id=job_id,
            source_id=source_id,
            thread_id=thread_id,
            kind=kind.value,
            graph_id=graph_id,
            input=input,
            override=int(override),
            status=JobStatus.WAITING.value,
            created_at=to_text(now),
            due_at=due,
        )
    )
    return job_id


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
    same = (*_same(held.source_id, held.thread_id, held.kind), job.c.status == JobStatus.WAITING.value)
    heir = connection.execute(select(job.c.job_id).where(*same)).scalar()
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


def wait_for_all(connection: Connection, job_id: str) -> None:
    """Take back that it goes out without waiting for the rest of its thread."""
    connection.execute(update(job).where(job.c.job_id == job_id).values(override=0))


def cancel(connection: Connection, job_id: str, now: datetime) -> bool:
    """Cancel a job that still waits; False when it runs or ended."""
    done = connection.execute(
        update(job)
        .where(job.c.job_id == job_id, job.c.status == JobStatus.WAITING.value)
        .values(status=JobStatus.CANCELLED.value, finished_at=to_text(now))
    )
    return done.rowcount == 1


def get(connection: Connection, job_id: str) -> Job | None:
    row = connection.execute(select(job).where(job.c.job_id == job_id)).mappings().first()
    return _job(row) if row else None


def of_thread(connection: Connection, source_id: str, thread_id: str) -> list[Job]:
    """A thread's jobs, oldest first."""
    query = select(job).where(job.c.source_id == source_id, job.c.thread_id == thread_id).order_by(job.c.created_at)
    return [_job(row) for row in connection.execute(query).mappings()]


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


def open_jobs(connection: Connection) -> list[Job]:
    """All that wait or run, oldest first."""
    live = (JobStatus.WAITING.value, JobStatus.RUNNING.value)
    return [
        _job(row)
        for row in connection.execute(select(job).where(job.c.status.in_(live)).order_by(job.c.created_at)).mappings()
    ]


def failed_last(connection: Connection) -> list[Job]:
    """Jobs that failed and that nothing newer on their thread has followed, newest first."""
    newer = job.alias("newer")
    query = (
        select(job)
        .where(
            job.c.status == JobStatus.FAILED.value,
            ~exists().where(
                newer.c.source_id == job.c.source_id,
                newer.c.thread_id == job.c.thread_id,
                newer.c.created_at > job.c.created_at,
                newer.c.status != JobStatus.CANCELLED.value,
            ),
        )
        .order_by(job.c.finished_at.desc())
    )
    return [_job(row) for row in connection.execute(query).mappings()]


def report(engine: Engine, held: Job, text: str, now: datetime) -> None:
    """Add one line of progress, for any tab to show."""
    with writing(engine) as connection:
        seq = connection.execute(
            select(func.coalesce(func.max(progress.c.seq), 0)).where(progress.c.job_id == held.job_id)
        ).scalar_one()
        connection.execute(insert(progress).values(job_id=held.job_id, seq=seq + 1, at=to_text(now), text=text))


def progress_of(connection: Connection, job_id: str) -> tuple[str, ...]:
    query = select(progress.c.text).where(progress.c.job_id == job_id).order_by(progress.c.seq)
    return tuple(text for (text,) in connection.execute(query))


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


def _same(source_id: str, thread_id: str, kind: JobKind) -> tuple[JSON, ...]:
    return (job.c.source_id == source_id, job.c.thread_id == thread_id, job.c.kind == kind.value)


def _mine(held: Job) -> tuple[JSON, ...]:
    return (
        job.c.job_id == held.job_id,
        job.c.owner == held.owner,
        job.c.fence == held.fence,
        job.c.status == JobStatus.RUNNING.value,
    )


def _job(row: JSON) -> Job:
    values = {name: row[name] for name in Job.__slots__}
    told = {"kind": JobKind(row["kind"]), "status": JobStatus(row["status"]), "override": bool(row["override"])}
    return Job(**{**values, **told})
