"""Opening the database: parent folder, migrations under a lock, short writes.

SQLite: WAL, a long busy timeout, and every write transaction is BEGIN
IMMEDIATE, so that it waits for its turn at the start and not half way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import OperationalError

from agents.errors import Busy, SignoffError

BUSY_SECONDS = 30.0
MIGRATIONS = Path(__file__).with_name("migrations")
NEWEST = "0004"
"""The newest migration; tests/test_database.py compares it with the folder."""
_LATER = "signoff_later"


def open_database(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """The engine of Signoff's own database, migrated to the newest schema.

    Raises Busy when another process holds the migration lock too long, and
    SignoffError when the folder cannot be written or the file is not ours.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # mails and reasons are nobody else's business
    except OSError as error:
        raise SignoffError(
            f"Cannot make the folder {path.parent}: {error.strerror}. Set SIGNOFF_HOME to one you can write."
        ) from error
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": busy_seconds, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        _migrate(engine, path, busy_seconds)
    except (OperationalError, sqlite3.DatabaseError) as error:
        engine.dispose()
        raise _explained(error, path) from error
    except Exception as error:
        engine.dispose()
        if isinstance(getattr(error, "orig", None), sqlite3.DatabaseError):
            raise _explained(error, path) from error
        raise
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event speaks BEGIN itself
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("signoff_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A short read: one snapshot for all statements inside."""
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except OperationalError as error:
        raise _explained(error) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A short write transaction; all or nothing. Raises Busy when the disk or the lock says no."""
    later: list[Callable[[], None]] = []
    try:
        with engine.connect().execution_options(signoff_write=True) as connection:
            connection.info[_LATER] = later
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.info.pop(_LATER, None)
    except OperationalError as error:
        raise _explained(error) from error
    for each in later:
        each()


def after_commit(connection: Connection, act: Callable[[], None]) -> None:
    """Do this once the write transaction stands, and not at all if it does not; at once outside of one."""
    later = connection.info.get(_LATER)
    if later is None:
        act()
    else:
        later.append(act)


def _explained(error: Exception, path: Path | None = None) -> SignoffError:
    text = str(getattr(error, "orig", error)).lower()
    where = f" ({path})" if path else ""
    if "locked" in text or "busy" in text:
        return Busy(
            f"Signoff's database{where} is locked by another process. Nothing was saved; try again in a moment."
        )
    if "full" in text:
        return Busy(f"The disk is full: nothing was saved{where}. Free some space and try again.")
    if "readonly" in text or "read-only" in text or "unable to open" in text:
        return Busy(f"Signoff's database{where} cannot be written. Check the folder's permissions or set SIGNOFF_HOME.")
    if "not a database" in text:
        return SignoffError(f"{path} is not a database of Signoff's. Set SIGNOFF_DATABASE to another file.")
    return Busy(f"Signoff's database{where} gave an error: {text}. Nothing was saved.")


def _migrate(engine: Engine, path: Path, busy_seconds: float) -> None:
    if path.exists() and _revision(engine) == NEWEST:
        return
    try:
        with FileLock(f"{path}.lock", timeout=busy_seconds):
            _run_migrations(engine, path)
    except OSError as error:
        raise Busy(f"Cannot write beside {path}: {error.strerror}. Check the folder or set SIGNOFF_HOME.") from error
    except Timeout as error:
        raise Busy(f"Another process is migrating {path}. Try again in a moment.") from error


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _foreign(engine: Engine) -> bool:
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
    return bool(tables) and "alembic_version" not in tables


def _run_migrations(engine: Engine, path: Path) -> None:
    from alembic import command  # a third of a second that only the first start pays
    from alembic.config import Config
    from alembic.util import CommandError

    if _revision(engine) == NEWEST:
        return
    if _foreign(engine):
        raise SignoffError(
            f"{path} holds the tables of another program, so Signoff leaves it alone. Set SIGNOFF_DATABASE to another file."
        )
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        raw.close()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise SignoffError(
            f"{path} was written by a newer version of Signoff. Upgrade Signoff, or set SIGNOFF_DATABASE to another file."
        ) from error
