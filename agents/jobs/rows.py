"""Orders to work on threads, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, exists, select

from agents.database import job
from agents.domain import JSON


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


def get(connection: Connection, job_id: str) -> Job | None:
    row = connection.execute(select(job).where(job.c.job_id == job_id)).mappings().first()
    return from_row(row) if row else None


def of_thread(connection: Connection, source_id: str, thread_id: str) -> list[Job]:
    """A thread's jobs, oldest first."""
    query = select(job).where(job.c.source_id == source_id, job.c.thread_id == thread_id).order_by(job.c.created_at)
    return [from_row(row) for row in connection.execute(query).mappings()]


def open_jobs(connection: Connection) -> list[Job]:
    """All that wait or run, oldest first."""
    live = (JobStatus.WAITING.value, JobStatus.RUNNING.value)
    return [
        from_row(row)
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
    return [from_row(row) for row in connection.execute(query).mappings()]


def same(source_id: str, thread_id: str, kind: JobKind) -> tuple[JSON, ...]:
    return (job.c.source_id == source_id, job.c.thread_id == thread_id, job.c.kind == kind.value)


def from_row(row: JSON) -> Job:
    values = {name: row[name] for name in Job.__slots__}
    told = {"kind": JobKind(row["kind"]), "status": JobStatus(row["status"]), "override": bool(row["override"])}
    return Job(**{**values, **told})
