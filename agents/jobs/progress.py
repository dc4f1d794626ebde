"""What a run has done so far, a line for each step."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, func, insert, select

from agents.clock import to_text
from agents.database import progress, writing
from agents.jobs.rows import Job


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
