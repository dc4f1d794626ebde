"""The saver of a run: it writes to the agents' file only while the thread is ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

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
        super().__init__(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=list(allowed) or None))
        self._check_lease = check_lease

    def put(self, *args: Any, **kwargs: Any) -> RunnableConfig:
        self._check_lease()
        with _told_apart():
            return super().put(*args, **kwargs)

    def put_writes(self, *args: Any, **kwargs: Any) -> None:
        self._check_lease()
        with _told_apart():
            super().put_writes(*args, **kwargs)

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        with _told_apart():
            return super().get_tuple(config)

    def set_up(self, lock: Path) -> None:
        """Make the tables where they are missing. lock: a file of Signoff's own, held meanwhile."""
        # The change to WAL does not wait for other processes; several that start at once need a lock of ours.
        with FileLock(lock, timeout=BUSY_SECONDS), _told_apart():
            self.setup()


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise CheckpointerTrouble(str(error)) from error
