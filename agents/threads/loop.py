"""The event loop for graphs with asynchronous nodes: one for the whole process, in a thread of its own.

One, because such graphs keep clients whose connections belong to the loop that
opened them; a loop per run would leave the second run with dead ones.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator
from concurrent.futures import Future, wait
from contextlib import AbstractAsyncContextManager, aclosing, contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
CANCEL_SECONDS = 10.0
_END: Any = object()
_lock = threading.Lock()
_loops: list[asyncio.AbstractEventLoop] = []


def the_loop() -> asyncio.AbstractEventLoop:
    """The loop, started when it is first needed."""
    with _lock:
        if not _loops:
            loop = asyncio.new_event_loop()
            threading.Thread(target=_run, args=(loop,), name="signoff-loop", daemon=True).start()
            _loops.append(loop)
        return _loops[0]


def result_of(work: Coroutine[Any, Any, T]) -> T:
    """Run it there and wait; raises what it raises."""
    return asyncio.run_coroutine_threadsafe(work, the_loop()).result()


def each_of(source: AsyncGenerator[T]) -> Generator[T]:
    """What an asynchronous generator yields. Closed early it is cancelled and waited for."""
    found: queue.SimpleQueue[T] = queue.SimpleQueue()

    async def pump() -> None:
        async with aclosing(source):
            async for item in source:
                found.put(item)

    running = asyncio.run_coroutine_threadsafe(pump(), the_loop())
    running.add_done_callback(lambda _: found.put(_END))
    try:
        while (item := found.get()) is not _END:
            yield item
        running.result()
    finally:
        running.cancel()
        wait([running], timeout=CANCEL_SECONDS)


@contextmanager
def entered(manager: AbstractAsyncContextManager[T]) -> Generator[T]:
    """Enter it and leave it in one task, as task groups and cancel scopes demand."""
    loop = the_loop()
    leave = asyncio.Event()
    value: Future[T] = Future()

    async def hold() -> None:
        async with manager as made:
            value.set_result(made)
            await leave.wait()

    held = asyncio.run_coroutine_threadsafe(hold(), loop)
    held.add_done_callback(lambda done: _failed(value, done))
    try:
        yield value.result()
    finally:
        loop.call_soon_threadsafe(leave.set)
        wait([held], timeout=CANCEL_SECONDS)


def _failed(value: Future[T], done: Future[None]) -> None:
    if not value.done():
        value.set_exception(done.exception() or RuntimeError("it ended before it began"))


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    while True:
        try:
            loop.run_forever()
        except (SystemExit, KeyboardInterrupt):  # a node's; its task has it on record, and the other runs go on
            continue
