"""Opening somebody else's SQLite file so that it never changes.

First `mode=ro`. Where SQLite cannot do that (a folder that cannot be written,
so no -shm) and there is nothing in a -wal, `immutable=1`; with a -wal, a
temporary copy of both. The file itself is never opened by us outside SQLite,
save for that copy: closing such a handle would drop this process's own locks.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from agents.errors import SourceUnreadable

BUSY_SECONDS = 2.0
_COPY_TRIES = 3

Stamp: TypeAlias = tuple[int, ...]
"""Device, inode, size and mtime_ns of the file (and size and mtime_ns of its -wal)."""


class Problem(StrEnum):
    """Why a file cannot be listed."""

    MISSING = "missing"
    EMPTY = "empty"
    LOCKED = "locked"
    FOREIGN = "foreign"
    FORBIDDEN = "forbidden"
    DAMAGED = "damaged"


class Unreadable(SourceUnreadable):
    """A SourceUnreadable that also tells programs why."""

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(slots=True)
class Link:
    """An open read-only connection. `follows` is False where SQLite cannot see other writers' changes."""

    connection: sqlite3.Connection
    stamp: Stamp
    follows: bool = True
    copy: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)

    def close(self) -> None:
        self.connection.close()
        if self.copy is not None:
            self.copy.cleanup()


def stamp_of(path: Path) -> Stamp:
    """What tells a changed or replaced file. Raises Unreadable when there is none."""
    try:
        main = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Unreadable(
            Problem.MISSING,
            f"The checkpointer file {path} is not there yet. It appears with the first workflow; "
            "if your agents write elsewhere, set SIGNOFF_CHECKPOINTS to their file.",
        ) from error
    except OSError as error:
        raise _forbidden(path) from error
    if stat.S_ISDIR(main.st_mode):
        raise Unreadable(Problem.FOREIGN, f"{path} is a folder. Set SIGNOFF_CHECKPOINTS to a checkpointer file.")
    wal = _wal_stat(path)
    return (main.st_dev, main.st_ino, main.st_size, main.st_mtime_ns, *wal)


def open_link(path: Path) -> Link:
    """A read-only connection that has read its first page. Raises Unreadable."""
    stamp = stamp_of(path)
    if stamp[2] == 0 and stamp[4] == 0:
        raise _empty(path)
    try:
        connection = _connect(path, "mode=ro")
        if not _has_tables(connection):
            connection.close()
            raise _empty(path)
        return Link(connection, stamp)
    except sqlite3.Error as error:
        if not _is_about_opening(error):
            raise explained(error, path) from error
    return _open_unwritable(path, stamp)


def explained(error: sqlite3.Error, path: Path) -> Unreadable:
    """The sentence for what SQLite said."""
    said = str(error).lower()
    if "locked" in said or "busy" in said:
        return Unreadable(
            Problem.LOCKED, f"{path} is locked by another program, so its threads cannot be read now. Try again soon."
        )
    if "not a database" in said or "encrypted" in said:
        return Unreadable(
            Problem.FOREIGN, f"{path} is not a SQLite file. Set SIGNOFF_CHECKPOINTS to a LangGraph checkpointer file."
        )
    if "no such table" in said or "no such column" in said:
        return Unreadable(
            Problem.FOREIGN,
            f"{path} is a SQLite file, but no LangGraph checkpointer ({error}). "
            "Set SIGNOFF_CHECKPOINTS to the file that your agents' SqliteSaver writes.",
        )
    if _is_about_opening(error):
        return _forbidden(path)
    return Unreadable(
        Problem.DAMAGED, f"{path} cannot be read: {error}. Check it with `sqlite3 FILE 'PRAGMA quick_check'`."
    )


def _open_unwritable(path: Path, stamp: Stamp) -> Link:
    if not os.access(path, os.R_OK):
        raise _forbidden(path)
    if _size(path, "-journal"):
        raise Unreadable(
            Problem.LOCKED,
            f"{path} was left in the middle of a write, and its folder cannot be written to finish it. "
            "Open it once with the agent that writes it.",
        )
    try:
        if stamp[4] == 0:
            return Link(_connect(path, "mode=ro&immutable=1"), stamp, follows=False)
        return _open_copy(path)
    except sqlite3.Error as error:
        raise explained(error, path) from error


def _open_copy(path: Path) -> Link:
    """A private copy of the file and its -wal, taken while neither changed."""
    folder = tempfile.TemporaryDirectory(prefix="signoff-")
    try:
        target = Path(folder.name, "copy.sqlite")
        stamp = _copy(path, target)
        return Link(_connect(target, "mode=ro"), stamp, follows=False, copy=folder)
    except OSError as error:
        folder.cleanup()
        raise Unreadable(
            Problem.FORBIDDEN,
            f"{path} lies in a folder that cannot be written and has unsaved changes beside it (-wal), and a temporary "
            f"copy failed: {error.strerror or error}. Free some space, or make the folder writable.",
        ) from error
    except BaseException:
        folder.cleanup()
        raise


def _copy(path: Path, target: Path) -> Stamp:
    for _ in range(_COPY_TRIES):
        before = stamp_of(path)
        if shutil.disk_usage(target.parent).free < 2 * (before[2] + before[4]):
            raise OSError(28, "not enough free space")
        shutil.copyfile(path, target)
        shutil.copyfile(f"{path}-wal", f"{target}-wal")
        if stamp_of(path) == before:
            return before
    raise Unreadable(
        Problem.LOCKED, f"{path} is being written all the time, so no temporary copy could be taken. Try again soon."
    )


def _connect(path: Path, options: str) -> sqlite3.Connection:
    address = f"file:{quote(os.fsencode(path))}?{options}"
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.text_factory = _text
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _is_about_opening(error: sqlite3.Error) -> bool:
    said = str(error).lower()
    return "unable to open" in said or "readonly" in said or "disk i/o" in said


def _has_tables(connection: sqlite3.Connection) -> bool:
    """False while the first agent is still setting its file up: `checkpoints` comes first, then `writes`."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name <> 'checkpoints'"
    return connection.execute(query).fetchone() is not None


def _empty(path: Path) -> Unreadable:
    return Unreadable(Problem.EMPTY, f"The checkpointer file {path} is empty: no agent has saved anything in it yet.")


def _forbidden(path: Path) -> Unreadable:
    return Unreadable(
        Problem.FORBIDDEN, f"No permission to read {path}. Give this user read access to the file and its folder."
    )


def _wal_stat(path: Path) -> tuple[int, int]:
    try:
        wal = os.stat(f"{path}-wal")
    except OSError:
        return (0, 0)
    return (wal.st_size, wal.st_mtime_ns)


def _size(path: Path, suffix: str) -> int:
    try:
        return os.stat(f"{path}{suffix}").st_size
    except OSError:
        return 0
