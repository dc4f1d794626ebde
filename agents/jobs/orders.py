"""Ordering work, and taking an order back while it still waits."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from agents.clock import to_text
from agents.database import job
from agents.domain import JSON
from agents.jobs.rows import JobKind, JobStatus, same


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
        select(job.c.job_id).where(*same(source_id, thread_id, kind), job.c.status == JobStatus.WAITING.value)
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
