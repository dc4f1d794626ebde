"""The saver of a run: it writes to the agents' file only while the thread is ours."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from .data_types import buildable
from .trouble import CheckpointerTrouble

BUSY_SECONDS = 30.0


class FencedSaver(SqliteSaver):
    """Writes only while the lease is held: a worker that was frozen past it must not add a newer head.

    Raises CheckpointerTrouble for the file's own errors: a node that uses a
    database of its own may raise sqlite3 errors too. allowed: (module, name) of
    types that strict decoding may build besides those of the graph's own schema.
    """

    def __init__(
        self, connection: sqlite3.Connection, check_lease: Callable[[], None], allowed: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=buildable(allowed) or None))
        self._check_lease = check_lease

    def put(self, *args: Any, **kwargs: Any) -> RunnableConfig:
        self._check_lease()
        with _told_apart():
            return super().put(*args, **kwargs)

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        # task_path stands in the signature: LangGraph looks there whether to tell it, and it names the node that asks
        self._check_lease()
        with _told_apart():
            super().put_writes(config, writes, task_id, task_path)

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        with _told_apart():
            return super().get_tuple(config)

    # a graph with asynchronous nodes runs in an event loop, which must not wait for a locked file

    async def aput(self, *args: Any, **kwargs: Any) -> RunnableConfig:
        return await asyncio.to_thread(self.put, *args, **kwargs)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        await asyncio.to_thread(self.put_writes, config, writes, task_id, task_path)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return await asyncio.to_thread(self.get_tuple, config)

    async def alist(self, *args: Any, **kwargs: Any) -> AsyncIterator[CheckpointTuple]:
        for found in await asyncio.to_thread(lambda: list(self.list(*args, **kwargs))):
            yield found

    def set_up(self, lock: Path) -> None:
        """Make the tables where they are missing. lock: a file of Signoff's own, held meanwhile."""
        from filelock import FileLock  # a child process, whose Python may lack it, sets nothing up

        # The change to WAL does not wait for other processes; several that start at once need a lock of ours.
        with FileLock(lock, timeout=BUSY_SECONDS), _told_apart():
            self.setup()


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise CheckpointerTrouble(str(error)) from error
