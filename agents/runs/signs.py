"""A thread beside the worker's: it gives signs of life and notices when an older copy of the record takes its place."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from agents import workers
from agents.backups import lengths
from agents.desk import Desk
from agents.errors import SignoffError
from agents.workers import BEAT_SECONDS

log = logging.getLogger(__name__)


class Signs:
    """alive: does anything of the worker still run? Nothing is signed when it does not."""

    def __init__(self, desk: Desk, threads: int, alive: Callable[[], bool]) -> None:
        self._desk = desk
        self._size = threads
        self._alive = alive
        self._stopping = threading.Event()
        self._mine: workers.Worker | None = None
        self._thread = threading.Thread(target=self._loop, name="signoff-signs", daemon=True)

    def start(self) -> None:
        self._guarded(self._begin)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._guarded(self._end)

    def _loop(self) -> None:
        while not self._stopping.wait(BEAT_SECONDS):
            if self._alive():
                self._guarded(self._beat)

    def _begin(self) -> None:
        self._watch()
        self._mine = workers.begin(self._desk.engine, threads=self._size, now=self._desk.clock())

    def _beat(self) -> None:
        self._watch()
        if self._mine is None:
            self._mine = workers.begin(self._desk.engine, threads=self._size, now=self._desk.clock())
        else:
            workers.beat(self._desk.engine, self._mine, now=self._desk.clock())

    def _end(self) -> None:
        self._watch()
        if self._mine is not None:
            workers.end(self._desk.engine, self._mine, now=self._desk.clock())

    def _watch(self) -> None:
        if lengths.watch(self._desk):
            log.warning("The database is an older copy, or another one, than the one that was here last")

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except SignoffError as error:
            log.warning("No sign of life could be given: %s", error)
        except Exception:  # it is told of, and the next sign may come through
            log.exception("No sign of life could be given")
