"""The SQL that follows a checkpointer file: how far it has come, what was touched, and marks to compare."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agents.checkpoints.follower_index import places
from agents.checkpoints.rows import INTERRUPT, NULL_TASK
from agents.domain import JSON

PRINTS = 16
"""Newest rows that are remembered: the very last one is often replaced, and then its rowid is gone."""

_KEYS = {
    "checkpoints": "thread_id, checkpoint_ns, checkpoint_id",
    "writes": "thread_id, checkpoint_ns, checkpoint_id, task_id, idx",
}
TABLES = tuple(_KEYS)

Reached: TypeAlias = dict[str, JSON]
"""{"at": highest rowid that was read, "prints": [[rowid, key], ...] of the newest rows up to there}."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A thread's head and its rows. text: differs when they do. at_work: the head has rows of tasks. head None: no thread."""

    head: str | None
    at_work: bool
    text: str


def reached(connection: sqlite3.Connection, table: str, at: int | None = None) -> Reached:
    """Where a table ends now, or where it was read to."""
    below = "" if at is None else f"WHERE rowid <= {at}"
    query = f"SELECT rowid, {_KEYS[table]} FROM {table} {below} ORDER BY rowid DESC LIMIT {PRINTS}"  # noqa: S608
    rows = connection.execute(query).fetchall()
    return {
        "at": at if at is not None else (rows[0][0] if rows else 0),
        "prints": [[row[0], repr(row[1:])] for row in rows],
    }


def still_fits(connection: sqlite3.Connection, table: str, known: Reached) -> bool | None:
    """Are the newest rows that were read still where they were? None when that cannot be told: they are all gone."""
    prints: Mapping[int, str] = dict(known["prints"])
    if not prints:
        return True
    query = f"SELECT rowid, {_KEYS[table]} FROM {table} WHERE rowid IN ({places(list(prints))})"  # noqa: S608
    rows = connection.execute(query, list(prints)).fetchall()
    if any(prints[row[0]] != repr(row[1:]) for row in rows):
        return False
    return True if rows else None


def last_rowid(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0])  # noqa: S608


def touched(connection: sqlite3.Connection, table: str, after: int, most: int) -> list[tuple[int, str]]:
    """The next rows behind a rowid: (rowid, thread_id)."""
    query = f"SELECT rowid, thread_id FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
    return connection.execute(query, (after, most)).fetchall()


def asking_below(connection: sqlite3.Connection, rowid: int, rows: int) -> list[str]:
    """Threads with a question among so many rows up to this one, the newest first."""
    query = (
        f"SELECT thread_id FROM writes WHERE rowid <= ? AND rowid > ? AND idx = {INTERRUPT} AND checkpoint_ns = '' "  # noqa: S608
        "ORDER BY rowid DESC"
    )
    return list(dict.fromkeys(row[0] for row in connection.execute(query, (rowid, rowid - rows))))


def threads_after(connection: sqlite3.Connection, after: str | None, most: int) -> list[str]:
    """The next threads of the file by name; each costs one step in the index, however many rows it has."""
    query = """
        WITH RECURSIVE t(id) AS (
            SELECT min(thread_id) FROM checkpoints WHERE ?1 IS NULL OR thread_id > ?1
            UNION ALL SELECT (SELECT min(thread_id) FROM checkpoints WHERE thread_id > t.id) FROM t WHERE t.id IS NOT NULL
            LIMIT ?2)
        SELECT id FROM t WHERE id IS NOT NULL"""
    if after is None:
        query = query.replace("WHERE ?1 IS NULL OR thread_id > ?1", "")
        return [row[0] for row in connection.execute(query.replace("?2", "?1"), (most,))]
    query = query.replace("?1 IS NULL OR ", "")  # an OR would keep SQLite from its index
    return [row[0] for row in connection.execute(query, (after, most))]


def marks(connection: sqlite3.Connection, thread_ids: Sequence[str]) -> dict[str, Mark]:
    """The marks of these threads as they are now, those that the file does not hold included."""
    if not thread_ids:
        return {}
    values = ", ".join(["(?)"] * len(thread_ids))
    query = f"""
        WITH t(thread_id) AS (VALUES {values}),
        h(thread_id, head) AS MATERIALIZED (
            SELECT thread_id, (SELECT max(c.checkpoint_id) FROM checkpoints c
                               WHERE c.thread_id = t.thread_id AND c.checkpoint_ns = '') FROM t)
        SELECT h.thread_id, h.head,
            (SELECT count(*) || ' ' || max(c.rowid) || ' ' || sum(c.rowid) FROM checkpoints c
             WHERE c.thread_id = h.thread_id AND c.checkpoint_ns = ''),
            (SELECT count(*) || ' ' || coalesce(max(w.rowid), 0) || ' ' || coalesce(sum(w.rowid), 0) FROM writes w
             WHERE w.thread_id = h.thread_id AND w.checkpoint_ns = '' AND w.checkpoint_id = h.head),
            EXISTS (SELECT 1 FROM writes w WHERE w.thread_id = h.thread_id AND w.checkpoint_ns = ''
                    AND w.checkpoint_id = h.head AND w.task_id <> '{NULL_TASK}')
        FROM h"""  # noqa: S608 - question marks and constants only
    return {
        thread_id: Mark(head, bool(at_work), f"{head} {steps} {rows}")
        for thread_id, head, steps, rows, at_work in connection.execute(query, thread_ids)
    }
