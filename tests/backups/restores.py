"""Putting back one of a desk's two files, as an operator does it; and a file as a kill in the middle of an act leaves it."""

from __future__ import annotations

import gc
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from agents.clock import utc_now
from agents.desk import Desk, open_desk
from agents.settings import Settings


def keep(path: Path, name: str = "kept") -> Path:
    """A copy of a file as it is now, by SQLite's own backup."""
    copy = path.with_name(f"{path.name}.{name}")
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def put_back(copy: Path, path: Path) -> None:
    """The kept copy takes the file's place; nothing of the newer one is left beside it."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(copy, path)


def restarted(desk: Desk, copy: Path, path: Path, *, minutes: int = 0) -> Desk:
    """The desk is stopped, one file is put back, and a desk is started on both, so many minutes later."""
    settings: Settings = desk.settings
    desk.close()
    gc.collect()  # a graph's own connections end with it, as they do with a process
    put_back(copy, path)
    return open_desk(settings, lambda: utc_now() + timedelta(minutes=minutes))


def as_killed_before_the_checkpoint(path: Path, thread_id: str) -> None:
    """The rows as a process leaves them that is killed when the step after the question has acted and is not saved yet."""
    with closing(sqlite3.connect(path)) as file, file:
        (asked,) = file.execute(
            "SELECT max(checkpoint_id) FROM writes WHERE thread_id = ? AND idx = -3", (thread_id,)
        ).fetchone()
        (after,) = file.execute(
            "SELECT min(checkpoint_id) FROM checkpoints WHERE thread_id = ? AND checkpoint_id > ?", (thread_id, asked)
        ).fetchone()
        file.execute("DELETE FROM checkpoints WHERE thread_id = ? AND checkpoint_id > ?", (thread_id, after))
        file.execute("DELETE FROM writes WHERE thread_id = ? AND checkpoint_id >= ?", (thread_id, after))
