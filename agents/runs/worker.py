"""Background workers: claim a due job, keep its lease alive, do it, settle it.

Any number of workers in any number of processes may run side by side; the
job table decides who works on which thread.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

from agents import jobs, logs
from agents.desk import Desk
from agents.errors import Busy
from agents.jobs import Job, LeaseLost
from agents.runs.due import sweep
from agents.runs.sending import Messengers
from agents.runs.signs import Signs
from agents.runs.steps import execute
from agents.runs.telling import tell

T = TypeVar("T")
log = logging.getLogger(__name__)
POLL_SECONDS = 0.25
CLOCK_SECONDS = 1.0
BY_THE_CLOCK: tuple[Callable[[Desk], object], ...] = (sweep, tell)
"""What happens because time passes; each is cheap while nothing is due, and exact under any number of processes."""


class Worker:
    """Threads that work on whatever is due, until `stop`. clock: one more for what happens because time passes."""

    def __init__(self, desk: Desk, *, threads: int = 4, clock: bool = True) -> None:
        self._desk = desk
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._threads = [
            threading.Thread(target=self._loop, name=f"signoff-worker-{number}", daemon=True)
            for number in range(threads)
        ]
        self._messengers = Messengers(desk) if clock else None
        self._signs = Signs(desk, threads, self.alive)
        if clock:
            self._threads.append(threading.Thread(target=self._watch, name="signoff-clock", daemon=True))

    def alive(self) -> bool:
        """Does any of its threads run?"""
        return any(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        self._signs.start()  # first: an older copy of the database is noticed before anything is claimed in it
        for thread in self._threads:
            thread.start()
        if self._messengers is not None:
            self._messengers.start()

    def stop(self, timeout: float = 30.0) -> bool:
        """Claim nothing more and let running jobs end. False when some did not within `timeout` seconds."""
        self._stopping.set()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._messengers is not None:  # one that hangs is left behind: its journal says what it was at
            self._messengers.stop()
        self._signs.stop()
        return not self.alive()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            for act in BY_THE_CLOCK:
                self._guarded(partial(act, self._desk))
            self._stopping.wait(CLOCK_SECONDS)

    def _loop(self) -> None:
        owner = _owner()
        while not self._stopping.is_set():
            with self._turn:  # the idle threads queue here, so that only one of them polls
                held = self._next(owner)
            if held is not None:
                self._guarded(partial(perform, self._desk, held))

    def _next(self, owner: str) -> Job | None:
        while not self._stopping.is_set():
            held = self._guarded(partial(_claim, self._desk, owner))
            if held is not None:
                return held
            self._stopping.wait(POLL_SECONDS)
        return None

    def _guarded(self, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except Busy as error:
            log.warning("The worker waits: %s", error)
        except BaseException:  # a graph may raise anything, and a thread that died would leave every other one waiting
            log.exception("The worker hit an unexpected error and goes on")
        return None


def work_once(desk: Desk, owner: str, thread: tuple[str, str] | None = None) -> bool:
    """Do one due job, of the given (source_id, thread_id) or of any thread. False when there was none."""
    held = _claim(desk, owner, thread)
    if held is None:
        return False
    perform(desk, held)
    return True


def perform(desk: Desk, held: Job) -> None:
    """Do a held job while a heartbeat keeps its lease."""
    with logs.about(source_id=held.source_id, thread_id=held.thread_id, job_id=held.job_id):
        try:
            with _Heartbeat(desk, held) as heartbeat:
                execute(desk, held, heartbeat.check)
        except LeaseLost:
            log.warning("Lost the lease of this thread; the worker that has it now goes on")


def work_on(
    desk: Desk,
    source_id: str,
    thread_id: str,
    *,
    until: Callable[[], bool],
    timeout: float = 600.0,
) -> bool:
    """Work on one thread until `until()` is true; others may hold its lease meanwhile.

    Returns False when `timeout` seconds passed first.
    """
    owner = _owner()
    deadline = time.monotonic() + timeout
    while not until():
        if time.monotonic() > deadline:
            return False
        if not work_once(desk, owner, (source_id, thread_id)):
            time.sleep(0.05)
    return True


class _Heartbeat:
    """Keeps a lease alive from a thread of its own while the job runs."""

    def __init__(self, desk: Desk, held: Job) -> None:
        self._desk = desk
        self._held = held
        self._done = threading.Event()
        self._lost = threading.Event()
        self._until = time.monotonic() + desk.settings.lease_seconds
        self._thread = threading.Thread(target=self._beat, name="signoff-heartbeat", daemon=True)

    def __enter__(self) -> _Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def check(self) -> None:
        """Raise LeaseLost once the lease is gone, or may be: after a freeze the clock says so first."""
        if self._lost.is_set() or time.monotonic() > self._until:
            raise LeaseLost(f"The lease of thread {self._held.thread_id} ran out.")

    def _beat(self) -> None:
        lease = _lease(self._desk)
        while not self._done.wait(self._desk.settings.lease_seconds / 3):
            sent = time.monotonic()
            try:
                kept = jobs.heartbeat(self._desk.engine, self._held, now=self._desk.clock(), lease=lease)
            except Busy:
                continue
            if not kept:
                self._lost.set()
                return
            self._until = sent + self._desk.settings.lease_seconds


def _claim(desk: Desk, owner: str, thread: tuple[str, str] | None = None) -> Job | None:
    return jobs.claim(desk.engine, owner=owner, now=desk.clock(), lease=_lease(desk), thread=thread)


def _lease(desk: Desk) -> timedelta:
    return timedelta(seconds=desk.settings.lease_seconds)


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
