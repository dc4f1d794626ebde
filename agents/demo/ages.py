"""Threads that began days ago: a clock in the past, and a saver that writes with it.

A checkpoint's id holds the time at which it was written, and the inbox reads a
question's age there. So the saver moves that time back, together with `ts`.
The ids of tasks and questions follow from their checkpoint's id, which
LangGraph knows only as it made it; so what is asked is asked once more from the
moved checkpoint (`ask_again`), and then all ids agree.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.sqlite import SqliteSaver

from agents.checkpoints import time_of
from agents.clock import utc_now
from agents.threads.thread import OpenThread

_ASKING = "SELECT DISTINCT task_id FROM writes WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?"
_FORGET = "DELETE FROM writes WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?"


class PastClock:
    """A clock that goes at its usual pace, `ago` behind the real one."""

    def __init__(self) -> None:
        self.ago = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() - self.ago


class AgedSaver(SqliteSaver):
    """Writes what happens now as if it had happened `ago` earlier; `ago` is longer than a run takes."""

    def __init__(self, connection: sqlite3.Connection, ago: timedelta) -> None:
        super().__init__(connection)
        self._ago = ago
        self._begun = utc_now()

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        moment = (datetime.fromisoformat(checkpoint["ts"]) - self._ago).isoformat()
        moved: Checkpoint = {**checkpoint, "id": self._aged(checkpoint["id"]), "ts": moment}
        parents = {space: self._aged(each) for space, each in metadata.get("parents", {}).items()}
        return super().put(self._in_the_past(config), moved, {**metadata, "parents": parents}, new_versions)

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        super().put_writes(self._in_the_past(config), writes, task_id, task_path)

    def _in_the_past(self, config: RunnableConfig) -> RunnableConfig:
        named: Mapping[str, Any] = config["configurable"]
        if not named.get("checkpoint_id"):
            return config
        return {**config, "configurable": {**named, "checkpoint_id": self._aged(named["checkpoint_id"])}}

    def _aged(self, checkpoint_id: str) -> str:
        """The id with its time moved back; one that was read from the file has been moved before."""
        written = time_of(checkpoint_id)
        return checkpoint_id if written is None or written < self._begun else moved_back(checkpoint_id, self._ago)


def moved_back(checkpoint_id: str, ago: timedelta) -> str:
    """A UUIDv6 as if it had been made `ago` earlier; the rest of it stays."""
    digits = checkpoint_id.replace("-", "")
    ticks = int(digits[:12] + digits[13:16], 16) - ago // timedelta(microseconds=1) * 10
    time = f"{ticks:015x}"
    return str(UUID(f"{time[:12]}6{time[12:]}{digits[16:]}"))


def ask_again(thread: OpenThread, thread_id: str) -> None:
    """Have a paused thread ask once more from its moved checkpoints, its subgraphs' too, one level after the other.

    A body that asks may run twice, as it does with every answer; nothing else runs again.
    """
    level, deepest = 0, 0
    while level <= deepest:
        deepest = _forget_questions(thread.graph.checkpointer.conn, thread_id, level)
        for _ in thread.stream(None):
            pass
        level += 1


def _forget_questions(connection: sqlite3.Connection, thread_id: str, level: int) -> int:
    """Take back what waits down to `level` and drop the subgraphs below; how deep the question stands."""
    waiting = _waiting_spaces(connection, thread_id)
    with connection:
        for space, head in waiting.items():
            if _depth(space) <= level:
                connection.execute(_FORGET, (thread_id, space, head))
                continue
            for table in ("writes", "checkpoints"):
                connection.execute(
                    f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_ns = ?",  # noqa: S608 - two constants
                    (thread_id, space),
                )
    return max(map(_depth, waiting))


def _waiting_spaces(connection: sqlite3.Connection, thread_id: str) -> dict[str, str]:
    """The namespaces of the question, the root's first, and each one's newest checkpoint."""
    query = "SELECT checkpoint_ns, max(checkpoint_id) FROM checkpoints WHERE thread_id = ? GROUP BY checkpoint_ns"
    heads: dict[str, str] = dict(connection.execute(query, (thread_id,)).fetchall())
    asking = connection.execute(_ASKING, (thread_id, "", heads[""]))
    tasks = [task for (task,) in asking]
    return {space: head for space, head in heads.items() if not space or any(task in space for task in tasks)}


def _depth(space: str) -> int:
    return space.count("|") + 1 if space else 0
