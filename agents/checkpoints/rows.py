"""The SQL: which threads may be paused, and the rows of one thread.

Every statement names its columns (`task_path` is missing in older files) and
keeps to the primary keys' indexes; without INDEXED BY the planner would scan
the blobs of the whole file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from agents.checkpoints.decoding import Undecodable, plain
from agents.checkpoints.heads import Next, leads_on, next_of
from agents.domain import JSON

NULL_TASK = "00000000-0000-0000-0000-000000000000"
"""The task of values that were sent without naming a question."""

ERROR, INTERRUPT, RESUME = -1, -3, -4

PULL = "~__pregel_pull, "
"""How the path of a node's own task begins; its name follows."""

_INDEX = "sqlite_autoindex_writes_1"
_SLOT = f"CASE channel WHEN '__error__' THEN {ERROR} WHEN '__interrupt__' THEN {INTERRUPT} ELSE idx END"
"""The first savers put what was asked, and what was raised, where ordinary output stands."""


@dataclass(frozen=True, slots=True)
class Write:
    """One row of `writes`. `value` is loaded for control rows only (idx < 0)."""

    rowid: int
    namespace: str
    checkpoint_id: str
    task_id: str
    path: str
    idx: int
    kind: str | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Head:
    """The newest checkpoint of a thread's root namespace; metadata as plain data."""

    checkpoint_id: str
    metadata: dict[str, JSON]


@dataclass(frozen=True, slots=True)
class ThreadRows:
    """What one snapshot says about one thread.

    root: rows of the head. below: rows of the subgraph namespaces that belong
    to tasks of the head. newest: each such namespace's newest checkpoint_id.
    next: what the head leads to. spaces: what the newest checkpoint of each
    subgraph that went on since the head leads to, by namespace. latest: the
    newest checkpoint_id of all. hidden: a later step of the root with a smaller
    checkpoint_id, so that LangGraph takes the head for the newest. beside: tasks
    that run several tool calls side by side, any of which may ask.
    """

    thread_id: str
    head: Head
    root: tuple[Write, ...]
    below: tuple[Write, ...]
    newest: dict[str, str]
    next: Next = field(default_factory=Next)
    spaces: dict[str, Next] = field(default_factory=dict)
    latest: str = ""
    hidden: str | None = None
    beside: frozenset[str] = frozenset()


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """A read transaction for a few quick statements; never held across anything else."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def paused_threads(connection: sqlite3.Connection, heads: MutableMapping[str, tuple[str, bool]]) -> dict[str, str]:
    """thread_id of every thread that has not ended -> a mark that changes with its rows.

    heads: what the last call learned about each thread's head, kept by the caller; give {} at first.
    """
    with snapshot(connection):
        found = dict(_newest_rows(connection))
        at_work = _with_rows(connection)
        for thread_id in heads.keys() - found.keys():
            del heads[thread_id]
        for thread_id, mark in found.items():
            kept = heads.get(thread_id)
            if kept is None or kept[0] != mark:
                heads[thread_id] = (mark, goes_on(connection, thread_id))
        left = [thread_id for thread_id in found if thread_id in at_work or heads[thread_id][1]]
        return {thread_id: mark_of(connection, thread_id) for thread_id in left}


def mark_of(connection: sqlite3.Connection, thread_id: str) -> str:
    """A text that changes with the rows of a thread."""
    row = connection.execute(
        "SELECT (SELECT count(*) || ' ' || max(x.rowid) || ' ' || sum(x.rowid) FROM writes x WHERE x.thread_id = ?), "
        "(SELECT count(*) || ' ' || max(c.rowid) || ' ' || sum(c.rowid) || ' ' || max(c.checkpoint_id) "
        "FROM checkpoints c WHERE c.thread_id = ?)",
        (thread_id, thread_id),
    ).fetchone()
    return f"{row[0]} {row[1]}"


def _newest_rows(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """(thread_id, head and newest row of its root) for all threads, from the index alone."""
    query = """SELECT thread_id, max(checkpoint_id) || ' ' || max(rowid) || ' ' || count(*)
               FROM checkpoints WHERE checkpoint_ns = '' GROUP BY thread_id"""
    return connection.execute(query).fetchall()


def _with_rows(connection: sqlite3.Connection) -> set[str]:
    """Threads whose head has rows of its tasks."""
    query = f"""
        SELECT DISTINCT w.thread_id FROM writes w {_indexed_by(connection)}
        WHERE w.checkpoint_ns = '' AND w.task_id <> '{NULL_TASK}'
          AND w.checkpoint_id = (SELECT max(h.checkpoint_id) FROM checkpoints h
                                 WHERE h.thread_id = w.thread_id AND h.checkpoint_ns = '')"""  # noqa: S608 - constants only
    return {thread_id for (thread_id,) in connection.execute(query)}


def goes_on(connection: sqlite3.Connection, thread_id: str) -> bool:
    """Does the head lead to a step, or hide a later one?"""
    row = connection.execute(
        "SELECT checkpoint_id, type, checkpoint FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' "
        "ORDER BY checkpoint_id DESC LIMIT 1",
        (thread_id,),
    ).fetchone()
    return leads_on(row[1], row[2]) or _hidden(connection, thread_id, row[0]) is not None


def thread_rows(connection: sqlite3.Connection, thread_id: str) -> ThreadRows | None:
    """The rows that tell what a thread waits for; None when it is not in the file."""
    with snapshot(connection):
        head = head_of(connection, thread_id)
        if head is None:
            return None
        path = "task_path" if _has_path(connection) else "''"
        root = _writes(connection, path, thread_id, "", head.checkpoint_id)
        leads, spaces = _leads(connection, thread_id, head.checkpoint_id)
        newest = _namespaces(connection, thread_id, {write.task_id for write in root}, leads.nodes)
        below = [write for space in newest for write in _writes(connection, path, thread_id, space, None)]
        latest = connection.execute(
            "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?", (thread_id,)
        ).fetchone()[0]
        hidden = _hidden(connection, thread_id, head.checkpoint_id)
        beside = _beside(connection, thread_id, [*root, *below])
    return ThreadRows(thread_id, head, root, tuple(below), newest, leads, spaces, latest, hidden, beside)


def head_of(connection: sqlite3.Connection, thread_id: str) -> Head | None:
    row = connection.execute(
        "SELECT checkpoint_id, metadata FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' "
        "ORDER BY checkpoint_id DESC LIMIT 1",
        (thread_id,),
    ).fetchone()
    return Head(row[0], metadata_of(row[1])) if row else None


def metadata_of(stored: Any) -> dict[str, JSON]:
    """Checkpoint metadata, JSON text stored as bytes; {} for what is neither."""
    try:
        found = plain("json", stored) if stored else {}
    except (Undecodable, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def fingerprint_row(connection: sqlite3.Connection, rowid: int | None) -> tuple[int, tuple[Any, ...]] | None:
    """The row of `writes` with this rowid, or with the highest: tells a file that was put back or rebuilt."""
    which = "rowid = ?" if rowid is not None else "rowid = (SELECT max(rowid) FROM writes)"
    row = connection.execute(
        f"SELECT rowid, thread_id, checkpoint_ns, checkpoint_id, task_id, idx, value FROM writes WHERE {which}",  # noqa: S608
        () if rowid is None else (rowid,),
    ).fetchone()
    return (row[0], tuple(row[1:])) if row else None


def _writes(
    connection: sqlite3.Connection, path: str, thread_id: str, space: str, checkpoint_id: str | None
) -> tuple[Write, ...]:
    only = "" if checkpoint_id is None else "AND checkpoint_id = ?"
    query = (
        f"SELECT rowid, checkpoint_ns, checkpoint_id, task_id, {path}, {_SLOT}, type, "  # noqa: S608
        f"CASE WHEN {_SLOT} < 0 THEN value END FROM writes WHERE thread_id = ? AND checkpoint_ns = ? {only}"
    )
    values = (thread_id, space) if checkpoint_id is None else (thread_id, space, checkpoint_id)
    return tuple(Write(*row) for row in connection.execute(query, values))


def _namespaces(
    connection: sqlite3.Connection, thread_id: str, tasks: set[str], nodes: Sequence[str]
) -> dict[str, str]:
    """Where the subgraphs of the head's tasks keep their state: under the task's id, or for good under the node's name."""
    query = (
        "SELECT checkpoint_ns, max(checkpoint_id) FROM checkpoints "
        "WHERE thread_id = ? AND checkpoint_ns > '' GROUP BY checkpoint_ns"
    )
    found = connection.execute(query, (thread_id,)).fetchall()
    return {
        space: newest
        for space, newest in found
        if any(task in space for task in tasks) or (":" not in space and space.partition("|")[0] in nodes)
    }


def _leads(connection: sqlite3.Connection, thread_id: str, head: str) -> tuple[Next, dict[str, Next]]:
    """What the head leads to, and the newest checkpoint of each subgraph that wrote one since."""
    rows = connection.execute(
        "SELECT checkpoint_ns, max(checkpoint_id), type, checkpoint FROM checkpoints "
        "WHERE thread_id = ? AND checkpoint_id >= ? GROUP BY checkpoint_ns",
        (thread_id, head),
    ).fetchall()
    found = {space: next_of(kind, blob) for space, _, kind, blob in rows}
    return found.pop("", Next()), found


def _hidden(connection: sqlite3.Connection, thread_id: str, head: str) -> str | None:
    """The newest step that follows from the head although its id is smaller: its writer's clock was behind.

    Rows of one file are numbered as they are written; what was copied in another order still has to follow.
    """
    newest = connection.execute(
        "SELECT checkpoint_id FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' ORDER BY rowid DESC LIMIT 1",
        (thread_id,),
    ).fetchone()
    if newest is None or newest[0] >= head:
        return None
    parents = dict(
        connection.execute(
            "SELECT checkpoint_id, parent_checkpoint_id FROM checkpoints "
            "WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id < ?",
            (thread_id, head),
        ).fetchall()
    )
    each, seen = newest[0], set()
    while each in parents and each not in seen:
        seen.add(each)
        each = parents[each]
    return str(newest[0]) if each == head else None


def _beside(connection: sqlite3.Connection, thread_id: str, writes: Iterable[Write]) -> frozenset[str]:
    """Tasks of a node of tools that asks while the last message holds several calls; a `Send` has one call each."""
    asking = {
        write.task_id: (write.namespace, write.checkpoint_id)
        for write in writes
        if write.idx == INTERRUPT and write.path.startswith(PULL) and "tool" in write.path.casefold()
    }
    return frozenset(task for task, at in asking.items() if _calls(connection, thread_id, *at) > 1)


def _calls(connection: sqlite3.Connection, thread_id: str, space: str, checkpoint_id: str) -> int:
    """Tool calls in the last message of a checkpoint's state."""
    row = connection.execute(
        "SELECT type, checkpoint FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?",
        (thread_id, space, checkpoint_id),
    ).fetchone()
    try:
        checkpoint = plain(*row) if row else {}
    except Undecodable:
        return 0
    values = checkpoint.get("channel_values") if isinstance(checkpoint, dict) else None
    lists = [each for each in values.values() if isinstance(each, list) and each] if isinstance(values, dict) else []
    found = [each[-1].get("tool_calls") for each in lists if isinstance(each[-1], dict)]
    return max((len(each) for each in found if isinstance(each, list)), default=0)


def _has_path(connection: sqlite3.Connection) -> bool:
    return any(row[1] == "task_path" for row in connection.execute("PRAGMA table_info(writes)"))


def _indexed_by(connection: sqlite3.Connection) -> str:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", (_INDEX,)).fetchone()
    return f"INDEXED BY {_INDEX}" if found else ""
