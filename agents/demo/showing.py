"""From the stage to the desk: the threads into the checkpointer file, then Signoff's rows and the record."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from langgraph.checkpoint.sqlite import SqliteSaver
from sqlalchemy import Connection, Table, delete, insert, select

from agents import audit
from agents.clock import from_text, to_text
from agents.database import demo_file, policy_start, reading, writing
from agents.database.schema import metadata
from agents.demo.stage import MAILS
from agents.demo.standing import Standing, holds_others
from agents.desk import Desk
from agents.domain import JSON
from agents.errors import Busy, InvalidInput

MADE = "demo_made"
_NOT_CARRIED = {"event", "demo_file", "demo_thread"}
_COLUMNS = {
    "checkpoints": "thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata",
    "writes": "thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value",
}
_BUSY_SECONDS = 30.0


def show(desk: Desk, played: Desk, made: Standing, *, actor: str) -> None:
    """Put all that was played on the desk. Raises InvalidInput or Busy; nothing is shown then."""
    _carry_mails(desk, played.settings.home / MAILS)
    _own_file(desk, made)
    _carry_threads(played.sources[0].path, desk.sources[0].path)
    with reading(played.engine) as connection:
        rows = {table: _rows(connection, table) for table in metadata.sorted_tables if table.name not in _NOT_CARRIED}
        told = [each for each in audit.stream(connection) if each.action != audit.SETTINGS]  # those of the stage
    with writing(desk.engine) as connection:
        audit.append(
            connection,
            at=desk.clock(),
            actor=actor,
            action=MADE,
            source=desk.sources[0].source_id,
            threads=list(made.threads),
            file=str(desk.sources[0].path),
            folder=made.folder,
        )
        for table, found in rows.items():
            new = _unknown(connection, found) if table is policy_start else found
            if new:
                connection.execute(insert(table), new)
        for event in told:
            _tell(connection, event)


def _rows(connection: Connection, table: Table) -> list[dict[str, JSON]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def _unknown(connection: Connection, found: Sequence[dict[str, JSON]]) -> list[dict[str, JSON]]:
    """The plans that this desk has not met yet; it remembers its own first sight of the others."""
    known = set(connection.execute(select(policy_start.c.policy_id)).scalars())
    return [row for row in found if row["policy_id"] not in known]


def _tell(connection: Connection, event: audit.Event) -> None:
    """The event in the desk's own chain, with the time at which it is said to have happened."""
    about = None
    if event.source_id and event.thread_id:
        about = audit.Question(event.source_id, event.thread_id, event.pause_key)
    own = {"actor", "action", "source_id", "thread_id", "pause_key"}
    details = {name: value for name, value in event.fields.items() if name not in own}
    audit.append(connection, at=from_text(event.at), actor=event.actor, action=event.action, about=about, **details)


def _carry_mails(desk: Desk, drawer: Path) -> None:
    """Noted before they are copied, so that they are found again whatever happens in between."""
    outbox, at = desk.settings.outbox_path.absolute(), to_text(desk.clock())
    mails = sorted(drawer.glob("*.eml"))
    with writing(desk.engine) as connection:
        for mail in mails:
            row = {"source_id": f"{MAILS}/{mail.name}/", "path": str(outbox / mail.name), "made_at": at}
            connection.execute(insert(demo_file).values(row))
    try:
        outbox.mkdir(parents=True, exist_ok=True)
        for mail in mails:
            shutil.copy2(mail, outbox / mail.name)
    except OSError as error:
        raise Busy(
            f"The outbox {outbox} cannot be written: {error.strerror}. Set SIGNOFF_OUTBOX to a folder."
        ) from error


def _own_file(desk: Desk, made: Standing) -> None:
    """Make the checkpointer file, noted first; one that the demo made before is used again. Nobody else's ever is."""
    source = desk.sources[0]
    if made.own_file:
        if holds_others(desk, made.threads):
            raise InvalidInput(_not_ours(source.path))
        return
    with writing(desk.engine) as connection:
        row = {"source_id": source.source_id, "path": str(source.path), "made_at": to_text(desk.clock())}
        connection.execute(insert(demo_file).values(row))
    try:
        _create(source.path)
    except FileExistsError:
        with writing(desk.engine) as connection:
            connection.execute(delete(demo_file).where(demo_file.c.source_id == source.source_id))
        raise InvalidInput(_not_ours(source.path)) from None
    except OSError as error:
        raise Busy(
            f"The checkpointer file {source.path} cannot be made: {error.strerror}. Nothing was made."
        ) from error


def _not_ours(path: Path) -> str:
    return f"Somebody else wrote {path} while the demo was made, so the demo leaves it alone."


def _carry_threads(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(target, timeout=_BUSY_SECONDS, check_same_thread=False)) as connection:
            SqliteSaver(connection).setup()
            connection.execute("ATTACH DATABASE ? AS stage", (str(source),))
            with connection:
                for table, columns in _COLUMNS.items():
                    connection.execute(
                        f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM stage.{table}"  # noqa: S608
                    )
    except sqlite3.Error as error:
        raise Busy(f"The checkpointer file {target} cannot be written: {error}. Nothing was made.") from error


def _create(path: Path) -> None:
    """Only a file that nobody else has made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
