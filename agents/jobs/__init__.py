"""Work on threads as rows: at most one waiting of a kind and one running per thread.

A running row is the thread's lease: it names its owner, the fence (raised at
each claim, so that a worker which lost its lease can no longer write) and the
time until which it is reserved. The partial unique indexes of the schema hold
all this; the code only asks.
"""

from agents.jobs.leases import (
    MAX_ATTEMPTS,
    NOT_KNOWN,
    LeaseLost,
    claim,
    finish,
    heartbeat,
    left_at,
    postpone,
    still_mine,
)
from agents.jobs.orders import cancel, enqueue, wait_for_all
from agents.jobs.progress import progress_of, report
from agents.jobs.rows import Job, JobKind, JobStatus, failed_last, get, of_thread, open_jobs

__all__ = [
    "MAX_ATTEMPTS",
    "NOT_KNOWN",
    "Job",
    "JobKind",
    "JobStatus",
    "LeaseLost",
    "cancel",
    "claim",
    "enqueue",
    "failed_last",
    "finish",
    "get",
    "heartbeat",
    "left_at",
    "of_thread",
    "open_jobs",
    "postpone",
    "progress_of",
    "report",
    "still_mine",
    "wait_for_all",
]
