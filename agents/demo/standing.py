"""Where a desk stands with the demo: none, shown, or cut off while it was made or taken away; and why none can be made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import Connection, select

from agents.database import demo_file, demo_thread, reading, thread
from agents.desk import Desk

FOLDER = "workspace/"
"""The row of demo_file that names the demo's folder in the workspace; a source's id never ends with a slash."""


@dataclass(frozen=True, slots=True)
class Standing:
    """threads: ids of the demo's threads. whole: all of it is on the desk. folder: its own in the workspace.

    own_file: the demo made this desk's checkpointer file.
    """

    threads: tuple[str, ...]
    whole: bool
    folder: str | None
    own_file: bool

    @property
    def cut_off(self) -> bool:
        return bool(self.threads) and not self.whole


def standing(desk: Desk) -> Standing:
    """Read now."""
    with reading(desk.engine) as connection:
        return standing_in(connection, desk.sources[0].source_id)


def shown_thread(now: Standing, name: str) -> str | None:
    """The demo's thread that a scene of this name made."""
    return next((thread_id for thread_id in now.threads if thread_id.endswith(f"-{name}")), None)


def standing_in(connection: Connection, source_id: str) -> Standing:
    named = (
        select(demo_thread.c.thread_id).where(demo_thread.c.source_id == source_id).order_by(demo_thread.c.thread_id)
    )
    threads = tuple(connection.execute(named).scalars())
    started = select(thread.c.thread_id).where(thread.c.source_id == source_id, thread.c.thread_id.in_(threads))
    places = {row.source_id: row.path for row in connection.execute(select(demo_file))}
    there = len(connection.execute(started).all()) if threads else 0
    return Standing(threads, bool(threads) and there == len(threads), places.get(FOLDER), source_id in places)


def refusal(desk: Desk) -> str | None:
    """Why no demo can be made on this desk, with what to do; None when one can, also after one that was cut off."""
    with reading(desk.engine) as connection:
        return refusal_in(connection, desk)


def refusal_in(connection: Connection, desk: Desk) -> str | None:
    source = desk.sources[0]
    now = standing_in(connection, source.source_id)
    if now.whole:
        return "This desk shows a demo already. To take it away: signoff demo --reset"
    other = connection.execute(select(thread.c.title).where(thread.c.thread_id.not_in(now.threads)).limit(1)).scalar()
    if other is not None:
        return f"This desk has threads of its own (“{other}”), and a demo is made on an empty desk only. {_elsewhere(desk)}"
    beside = next((each.path for each in desk.sources[1:] if each.path.exists()), None)
    if beside is not None:
        return f"This desk also shows {beside}, and a demo is made on an empty desk only. {_elsewhere(desk)}"
    if not source.path.exists():
        return None
    if not now.own_file:
        return f"{source.path} exists and was not made by the demo, so the demo leaves it alone. {_elsewhere(desk)}"
    if holds_others(desk, now.threads):
        return f"{source.path} holds threads that the demo did not make, so it is left alone. {_elsewhere(desk)}"
    return None


def holds_others(desk: Desk, known: tuple[str, ...]) -> bool:
    """Does the demo's checkpointer file hold threads of somebody else by now? Unreadable counts as yes."""
    path = desk.sources[0].path
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=2)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'checkpoints'").fetchone():
                return False
            found = connection.execute("SELECT DISTINCT thread_id FROM checkpoints").fetchall()
    except sqlite3.Error:
        return True
    return any(thread_id not in known for (thread_id,) in found)


def _elsewhere(desk: Desk) -> str:
    """What to do instead; a file that is set by name stays the same in another folder, so it is named too."""
    settings = desk.settings
    own = [
        ("SIGNOFF_CHECKPOINTS", settings.checkpoints, "checkpoints"),
        ("SIGNOFF_DATABASE", settings.database, "signoff"),
    ]
    named = "".join(f"{name}=demo/{file}.sqlite " for name, path, file in own if path is not None)
    return f"To see a demo beside it, use another folder: SIGNOFF_HOME=demo {named}signoff demo"
