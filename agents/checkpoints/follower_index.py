"""The index of a large file's pauses, in a small file of Signoff's own.

Derived data: it may be deleted at any time and is then built again. Several
processes share it, and every step is a transaction that reads how far the last
one came, so it does not matter which of them takes it. The name of a file is
never used twice, so that a process which still holds a deleted one does not
meet another's; other code, or another database, has an index of its own.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from agents.domain import JSON

BUSY_SECONDS = 10.0
KEPT_SECONDS = 7 * 86400.0
"""An index of other code that nobody wrote to for so long is deleted."""

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    -- every thread that was read; mark '' where it has to be read again
    CREATE TABLE IF NOT EXISTS thread (thread_id TEXT PRIMARY KEY, mark TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS pause (
        thread_id TEXT NOT NULL, pause_key TEXT NOT NULL, kind TEXT NOT NULL, graph TEXT NOT NULL, status TEXT NOT NULL,
        at TEXT NOT NULL, shown_from TEXT, print TEXT NOT NULL, words TEXT NOT NULL,
        UNIQUE (thread_id, pause_key));
    CREATE INDEX IF NOT EXISTS pause_order ON pause (at, thread_id, pause_key, kind, graph, status, shown_from);
    CREATE INDEX IF NOT EXISTS pause_hidden ON pause (shown_from) WHERE shown_from IS NOT NULL;
    -- threads that were read without knowing anything of the graphs
    CREATE TABLE IF NOT EXISTS poor (thread_id TEXT PRIMARY KEY) WITHOUT ROWID;
    -- the latest answer of ours that arrived on a thread
    CREATE TABLE IF NOT EXISTS delivered (thread_id TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS tally (
        kind TEXT, graph TEXT, status TEXT, n INTEGER NOT NULL, PRIMARY KEY (kind, graph, status)) WITHOUT ROWID;
    CREATE TRIGGER IF NOT EXISTS pause_in AFTER INSERT ON pause BEGIN
        INSERT INTO tally VALUES (new.kind, new.graph, new.status, 1) ON CONFLICT DO UPDATE SET n = n + 1; END;
    CREATE TRIGGER IF NOT EXISTS pause_out AFTER DELETE ON pause BEGIN
        UPDATE tally SET n = n - 1 WHERE kind = old.kind AND graph = old.graph AND status = old.status; END;
"""

_PUT = """
    INSERT INTO pause (thread_id, pause_key, kind, graph, status, at, shown_from, print, words)
    VALUES (:thread_id, :pause_key, :kind, :graph, :status,
            max(:paused_at, coalesce((SELECT at FROM delivered WHERE thread_id = :thread_id), '')),
            :shown_from, :print, :words)"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A pause as the index keeps it. Times are UTC text; print differs when anything about the pause does."""

    pause_key: str
    kind: str
    graph: str
    status: str
    paused_at: str
    shown_from: str | None
    print: str
    words: str


class Index:
    """One open index. Not thread-safe: the follower that owns it takes turns."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._path: Path | None = None
        self.connection = self._connect()

    @property
    def gone(self) -> bool:
        """Was the file deleted under us?"""
        return self._path is not None and not self._path.exists()

    def close(self) -> None:
        self.connection.close()

    def damaged(self) -> bool:
        """Can it not be used? To be asked after an error only: it reads all of it."""
        try:
            return bool(self.connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
        except sqlite3.Error:
            return True

    def discard(self) -> None:
        """Delete it: it is damaged."""
        self.connection.close()
        if self._path is not None:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    @contextmanager
    def step(self) -> Iterator[None]:
        """A short write transaction; all or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def fact(self, name: str) -> JSON:
        """What was kept under this name; None when nothing was."""
        row = self.connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def keep(self, name: str, value: JSON) -> None:
        self.connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, json.dumps(value)))

    def put(self, thread_id: str, mark: str, entries: Sequence[Entry], *, poor: bool = False) -> None:
        """What a thread waits for now, instead of what it waited for before. poor: read without facts of its graph."""
        run = self.connection.execute
        run("INSERT OR REPLACE INTO thread VALUES (?, ?)", (thread_id, mark))
        run("DELETE FROM pause WHERE thread_id = ?", (thread_id,))
        if poor and entries:
            run("INSERT OR IGNORE INTO poor VALUES (?)", (thread_id,))
        else:
            run("DELETE FROM poor WHERE thread_id = ?", (thread_id,))
        for each in entries:
            run(_PUT, {**asdict(each), "thread_id": thread_id})

    def poor(self, most: int) -> list[str]:
        return [row[0] for row in self.connection.execute("SELECT thread_id FROM poor LIMIT ?", (most,))]

    def forget(self, thread_ids: Iterable[str]) -> None:
        """These threads are in the file no more."""
        gone = list(thread_ids)
        for table in ("thread", "pause", "poor"):
            query = f"DELETE FROM {table} WHERE thread_id = ?"  # noqa: S608 - names from here
            self.connection.executemany(query, [(each,) for each in gone])

    def marks(self, thread_ids: Sequence[str]) -> dict[str, str]:
        """The mark of each of these threads that was read."""
        query = f"SELECT thread_id, mark FROM thread WHERE thread_id IN ({places(thread_ids)})"  # noqa: S608
        return dict(self.connection.execute(query, thread_ids).fetchall())

    def between(self, after: str | None, last: str | None) -> dict[str, str]:
        """The marks of all threads behind `after`, up to and with `last`; None for no bound."""
        query = "SELECT thread_id, mark FROM thread WHERE (?1 IS NULL OR thread_id > ?1) AND (?2 IS NULL OR thread_id <= ?2)"
        return dict(self.connection.execute(query, (after, last)).fetchall())

    def held(self, after: str | None, most: int) -> list[str]:
        """The next threads that wait, by name."""
        query = "SELECT DISTINCT thread_id FROM pause WHERE ?1 IS NULL OR thread_id > ?1 ORDER BY thread_id LIMIT ?2"
        return [row[0] for row in self.connection.execute(query, (after, most))]

    def doubt_all(self) -> None:
        """Every thread has to be read again; what is held stays until then."""
        self.connection.execute("UPDATE thread SET mark = ''")

    def deliver(self, times: Mapping[str, str]) -> None:
        """Answers of ours that arrived: thread_id -> when. A thread's pauses are no older than that."""
        self.connection.executemany(
            "INSERT INTO delivered VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at = max(at, ?2)", list(times.items())
        )
        self.connection.executemany("UPDATE pause SET at = ?2 WHERE thread_id = ?1 AND at < ?2", list(times.items()))

    def _connect(self) -> sqlite3.Connection:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # the searched words are nobody else's business
            with FileLock(self._folder / ".lock", timeout=BUSY_SECONDS):
                self._path = self._choose()
                return _open(str(self._path))
        except (OSError, Timeout, sqlite3.Error):
            self._path = None
            return _open(":memory:")  # a home that cannot be written: the index lives as long as this process

    def _choose(self) -> Path:
        found = sorted(self._folder.glob(f"{self._name}-*.sqlite"))
        stem = self._name.rpartition("-")[0]
        for other in set(self._folder.glob(f"{stem}-*.sqlite")) - set(found):
            with suppress(OSError):
                if time.time() - max(other.stat().st_mtime, _mtime(f"{other}-wal")) > KEPT_SECONDS:
                    other.unlink()
        return found[0] if found else self._folder / f"{self._name}-{secrets.token_hex(4)}.sqlite"


def name_for(source_id: str, stamp: str) -> str:
    """How the files of this index begin. stamp: differs for other code or another database of Signoff's."""
    digest = hashlib.sha256(source_id.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{digest}-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}"


def places(values: Sequence[object]) -> str:
    """As many question marks as there are values."""
    return ", ".join("?" * len(values))


def _open(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def _mtime(path: str) -> float:
    try:
        return Path(path).stat().st_mtime
    except OSError:
        return 0.0
