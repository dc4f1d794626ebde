"""The job table: one running per thread, leases that expire, fences that hold."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agents import jobs
from agents.database import open_database, reading, writing
from agents.jobs import Job, JobKind, JobStatus, LeaseLost

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(seconds=10)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(tmp_path / "signoff.sqlite")
    yield made
    made.dispose()


def order(engine: Engine, thread_id: str, kind: JobKind = JobKind.RESUME, due: datetime = NOW) -> str:
    with writing(engine) as connection:
        return jobs.enqueue(
            connection, source_id="s", thread_id=thread_id, kind=kind, now=NOW, due_at=due, graph_id="g"
        )


def take(engine: Engine, now: datetime = NOW, owner: str = "me", thread: tuple[str, str] | None = None) -> Job | None:
    return jobs.claim(engine, owner=owner, now=now, lease=LEASE, thread=thread)


def test_the_same_order_twice_is_one_job(engine: Engine) -> None:
    assert order(engine, "t") == order(engine, "t")


def test_one_thread_is_worked_on_by_one(engine: Engine) -> None:
    order(engine, "t", JobKind.START)
    order(engine, "t", JobKind.RESUME)
    order(engine, "u", JobKind.START)
    first, second = take(engine), take(engine)
    assert {first and first.thread_id, second and second.thread_id} == {"t", "u"}
    assert take(engine) is None


def test_twenty_claims_at_once_take_each_job_once(engine: Engine) -> None:
    for number in range(8):
        order(engine, f"t{number}")
    with ThreadPoolExecutor(20) as pool:
        found = [job for job in pool.map(lambda _: take(engine), range(20)) if job]
    while job := take(engine):
        found.append(job)
    assert sorted(job.thread_id for job in found) == [f"t{number}" for number in range(8)]


def test_a_job_waits_for_its_due_time(engine: Engine) -> None:
    order(engine, "t", due=NOW + timedelta(seconds=5))
    assert take(engine) is None
    assert take(engine, NOW + timedelta(seconds=5)) is not None


def test_a_dead_worker_is_replaced_and_fenced_off(engine: Engine) -> None:
    order(engine, "t")
    dead = take(engine)
    assert dead is not None
    assert take(engine, NOW + LEASE / 2) is None
    later = NOW + LEASE * 2
    heir = take(engine, later, owner="heir")
    assert heir is not None
    assert heir.fence == dead.fence + 1
    assert not jobs.heartbeat(engine, dead, now=later, lease=LEASE)
    with pytest.raises(LeaseLost), writing(engine) as connection:
        jobs.finish(connection, dead, now=later, status=JobStatus.DONE)
    with writing(engine) as connection:
        jobs.finish(connection, heir, now=later, status=JobStatus.DONE)


def test_a_heartbeat_keeps_the_lease(engine: Engine) -> None:
    order(engine, "t")
    held = take(engine)
    assert held is not None
    assert jobs.heartbeat(engine, held, now=NOW + LEASE * 0.9, lease=LEASE)
    assert take(engine, NOW + LEASE * 1.5) is None


def test_postponing_gives_the_lease_back_and_a_newer_order_takes_its_place(engine: Engine) -> None:
    first = order(engine, "t")
    held = take(engine)
    assert held is not None
    second = order(engine, "t")
    assert second != first
    with writing(engine) as connection:
        jobs.postpone(connection, held, now=NOW, due_at=NOW + LEASE, note="waits")
    with reading(engine) as connection:
        found = {job.job_id: job.status for job in jobs.of_thread(connection, "s", "t")}
    assert found == {first: JobStatus.CANCELLED, second: JobStatus.WAITING}


def test_only_a_thread_that_was_named_is_claimed(engine: Engine) -> None:
    order(engine, "t")
    order(engine, "u")
    held = take(engine, thread=("s", "u"))
    assert held is not None
    assert held.thread_id == "u"
    assert take(engine, thread=("s", "u")) is None


def test_a_failure_that_something_followed_is_old_news(engine: Engine) -> None:
    order(engine, "t")
    held = take(engine)
    assert held is not None
    with writing(engine) as connection:
        jobs.finish(connection, held, now=NOW, status=JobStatus.FAILED, error="no network")
    with reading(engine) as connection:
        assert [job.error for job in jobs.failed_last(connection)] == ["no network"]
    with writing(engine) as connection:
        jobs.enqueue(connection, source_id="s", thread_id="t", kind=JobKind.RESUME, now=NOW + LEASE, graph_id="g")
        assert jobs.failed_last(connection) == []
