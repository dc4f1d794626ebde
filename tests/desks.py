"""A real desk on a real folder, with the asking graphs of `asking_graphs.py` registered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from agents import jobs, starts
from agents.clock import Clock, utc_now
from agents.database import reading
from agents.desk import Desk, open_desk
from agents.domain import Pause
from agents.jobs import Job
from agents.runs.worker import work_once
from agents.settings import Settings, load_settings

GRAPHS = (
    "one",
    "fenced",
    "leaving",
    "own_database",
    "below",
    "asynchronous",
    "failing",
    "two",
    "typed",
    "twice",
    "thinking",
)


def settings_for(home: Path, **overrides: Any) -> Settings:
    """Settings of a desk whose langgraph.json names the asking graphs."""
    config = home / "langgraph.json"
    source = Path(__file__).with_name("asking_graphs.py")
    config.write_text(json.dumps({"graphs": {name: f"{source}:{name}" for name in GRAPHS}}))
    return load_settings(home=home, graphs=config, **overrides)


def desk_in(home: Path, clock: Clock = utc_now, **overrides: Any) -> Desk:
    return open_desk(settings_for(home, **overrides), clock)


def work(desk: Desk) -> int:
    """Do all that is due, here and now; returns how many jobs that were."""
    done = 0
    while work_once(desk, "test"):
        done += 1
    return done


@contextmanager
def between(desk: Desk, act: Callable[[], object], *, reads: int = 0) -> Iterator[None]:
    """Let something happen in the middle of what stands inside: as it is about to begin a read of the database.

    reads: how many reads begin before. Without that many reads inside, the test fails.
    """
    begun = 0

    def count(_: object) -> None:
        nonlocal begun
        begun += 1
        if begun == reads + 1:
            act()

    event.listen(desk.engine, "begin", count)
    try:
        yield
    finally:
        event.remove(desk.engine, "begin", count)
    assert begun > reads, "it never read that often, so nothing happened in between"


def paused(desk: Desk, graph_id: str, home: Path, deadline: Any = None, **given: Any) -> tuple[str, Pause]:
    """Start a thread and run it until it asks; its id and its (first) question."""
    log = {"log": str(home / "log.txt")}
    thread_id = starts.start(desk, graph_id, {**log, **given}, actor="starter", deadline=deadline)
    work(desk)
    return thread_id, desk.pauses(thread_id)[0]


def log_of(home: Path) -> list[str]:
    path = home / "log.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def last_job(desk: Desk, thread_id: str) -> Job:
    with reading(desk.engine) as connection:
        return jobs.of_thread(connection, desk.sources[0].source_id, thread_id)[-1]


def by_question(pauses: tuple[Pause, ...]) -> Callable[[str], Pause]:
    return lambda text: next(pause for pause in pauses if pause.value["question"] == text)
