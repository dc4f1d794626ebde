"""Threads that ask the model about one item each, with the tries that a busy model needs."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Self, TypeAlias

from sqlalchemy import Engine

from agents.adapters.model import ItemRequest, Writer
from agents.clock import Clock, utc_now
from agents.errors import ModelError, SignoffError
from agents.lots import DONE, FAILED, Item, Result

TRIES = 3
WAIT_SECONDS = 1.0
"""Before the second try; doubled before each further one, and plus or minus half, so that threads come back apart."""

Order: TypeAlias = tuple[Item, int]
"""An item, and the generation of its result."""


@dataclass(frozen=True)
class Crew:
    """Who works: the model, how many threads ask it at once, where results go, and the time (sleep takes seconds)."""

    engine: Engine
    writer: Writer
    clock: Clock = utc_now
    sleep: Callable[[float], None] = time.sleep
    concurrency: int = 8

    def attempt(self, order: Order, request: Callable[[Order], ItemRequest]) -> Result:
        """The result of one item, done or failed. Never raises: one bad item must not cost the others."""
        (item, generation), calls = order, 0
        while True:
            calls += 1
            try:
                answer = self.writer.item(request(order))
                return Result(item.item_no, generation, DONE, answer.output, None, calls - 1 + answer.calls)
            except ModelError as error:
                if not error.temporary or calls >= TRIES:
                    return Result(item.item_no, generation, FAILED, None, str(error), calls, own=error.of_request)
            except Exception as error:  # noqa: BLE001 - the result says what it was
                return Result(item.item_no, generation, FAILED, None, _sentence(error), calls, own=True)
            self.sleep(WAIT_SECONDS * 2 ** (calls - 1) * random.uniform(0.5, 1.5))


class Team:
    """`size` threads. `out`: orders that were handed in and whose result was not gathered yet.

    They are daemons: a desk that is stopped waits for no model, and what was not written is asked again.
    """

    def __init__(self, size: int, work: Callable[[Order], Result]) -> None:
        self.out = 0
        self._work = work
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._results: SimpleQueue[Result] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._loop, name=f"signoff-item-{number}", daemon=True) for number in range(size)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.recall()
        for _thread in self._threads:
            self._orders.put(None)

    def hand(self, orders: Iterable[Order]) -> None:
        for order in orders:
            self.out += 1
            self._orders.put(order)

    def gather(self) -> list[Result]:
        """All results that are ready, in the order in which they came; waits for the first."""
        ready = [self._results.get()]
        while not self._results.empty():
            ready.append(self._results.get())
        self.out -= len(ready)
        return ready

    def recall(self) -> None:
        """Take back the orders that no thread has begun."""
        while True:
            try:
                self._orders.get_nowait()
            except Empty:
                return
            self.out -= 1

    def _loop(self) -> None:
        while (order := self._orders.get()) is not None:
            self._results.put(self._work(order))


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, SignoffError) else f"{type(error).__name__}: {error}"
