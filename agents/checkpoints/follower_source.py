"""The SQL that follows a checkpointer file: how far it has come, what was touched, and marks to compare."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agents.checkpoints.follower_index import places
from agents.checkpoints.rows import INTERRUPT, NULL_TASK
from agents.domain import JSON

PRINTS = 8
"""Newest rows that are remembered, and older ones in doubling steps: the last one is often replaced, or a tail cut off."""

_KEYS = {
    "checkpoints": "thread_id, checkpoint_ns, checkpoint_id",
    "writes": "thread_id, checkpoint_ns, checkpoint_id, task_id, idx",
}
TABLES = tuple(_KEYS)

Reached: TypeAlias = dict[str, JSON]
"""{"at": highest rowid that was read, "prints": [[rowid, key], ...] of rows up to there}."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A thread's head and its rows. text: differs when they do. at_work: the head has rows of tasks. head None: no thread."""

    head: str | None
    at_work: bool
    text: str


def reached(connection: sqlite3.Connection, table: str, at: int | None = None) -> Reached:
    """Where a table ends now, or where it was read to."""
    end = last_rowid(connection, table) if at is None else at
    query = f"SELECT rowid, {_KEYS[table]} FROM {table} WHERE rowid <= ? ORDER BY rowid DESC LIMIT ?"  # noqa: S608
    rows = connection.execute(query, (end, PRINTS)).fetchall()
    back = PRINTS
    while rows and back < end:
        rows += connection.execute(query, (end - back, 1)).fetchall()
        back *= 2
    return {"at": end, "prints": [[row[0], repr(row[1:])] for row in dict.fromkeys(rows)]}


def fitting(connection: sqlite3.Connection, table: str, known: Reached) -> Reached | None:
    """How far a table still is what it was; None when its rowids mean nothing any more.

    Where its end was cut off, others may have been written in its place, so it has to be followed from there again.
    """
    prints: dict[int, str] = dict(known["prints"])
    if not prints:
        return known
    query = f"SELECT rowid, {_KEYS[table]} FROM {table} WHERE rowid IN ({places(list(prints))})"  # noqa: S608
    same = {row[0]: prints[row[0]] == repr(row[1:]) for row in connection.execute(query, list(prints))}
    fits = max((rowid for rowid, fits in same.items() if fits), default=None)
    if fits is None or any(rowid < fits and not same[rowid] for rowid in same):
        return None
    if fits == max(prints):
        return known
    return {"at": fits, "prints": [each for each in known["prints"] if each[0] <= fits]}


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
