"""Can this process do its work now? In words that may be told to a stranger: no path, no name, no error's text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

from agents import workers
from agents.checkpoints import Problem, Reader, Unreadable
from agents.checkpoints.opening import Link
from agents.database import reading
from agents.desk import Desk
from agents.errors import Busy

PATIENCE = 1.0
"""Seconds for a lock: whoever asks wants to know now."""
NOT_YET = (Problem.MISSING, Problem.EMPTY)
"""A file that its agents have not begun is no fault."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the process needs. text: a sentence."""

    name: str
    ok: bool
    text: str


def parts(desk: Desk, *, worker: bool) -> tuple[Part, ...]:
    """Everything that is needed, with what is the matter. worker: one is meant to run in this process. Raises nothing."""
    return tuple(_parts(desk, worker))


def _parts(desk: Desk, worker: bool) -> Iterator[Part]:
    yield _database(desk)
    for number, reader in enumerate(desk.readers, start=1):
        yield _file(reader, "checkpointer" if len(desk.readers) == 1 else f"checkpointer {number}")
    if worker:
        yield _worker(desk)


def _database(desk: Desk) -> Part:
    """Takes the lock for writing, and writes nothing."""
    path = quote(str(desk.settings.database_path.absolute()))
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=PATIENCE, isolation_level=None)) as link:
            link.execute("BEGIN IMMEDIATE")
            link.execute("SELECT version_num FROM alembic_version").fetchone()
            link.execute("ROLLBACK")
    except sqlite3.Error as error:
        locked = "locked" in str(error).lower() or "busy" in str(error).lower()
        return Part("database", False, "It is locked." if locked else "It cannot be written.")
    return Part("database", True, "It can be read and written.")


def _file(reader: Reader, name: str) -> Part:
    try:
        reader.file.read(_looked_at)
    except Unreadable as error:
        if error.problem in NOT_YET:
            return Part(name, True, "No agent has saved anything in it yet.")
        return Part(name, False, f"It cannot be read: {error.problem.value}.")
    return Part(name, True, "It can be read.")


def _looked_at(link: Link) -> None:
    link.connection.execute("SELECT 1 FROM checkpoints LIMIT 1").fetchone()


def _worker(desk: Desk) -> Part:
    try:
        with reading(desk.engine) as connection:
            found = any(each.here for each in workers.alive(connection, desk.clock()))
    except Busy:
        return Part("worker", False, "Whether it is alive cannot be read.")
    return Part("worker", found, "It is alive." if found else "It gives no sign of life.")
