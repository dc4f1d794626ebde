"""Taking the demo away: its threads, what was decided on them, its files and mails. The record stays, and says so."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from langgraph.checkpoint.sqlite import SqliteSaver
from sqlalchemy import ColumnElement, Connection, Table, delete, select

from agents.adapters.workspace import remove_demo_files, undo_demo_thread
from agents.audit import append
from agents.database import (
    demo_file,
    demo_thread,
    effect,
    job,
    lot,
    progress,
    reading,
    thread,
    writing,
)
from agents.database.schema import metadata
from agents.demo.standing import Standing
from agents.desk import Desk
from agents.errors import Busy
from agents.jobs import JobStatus
from agents.lots.storing import drop_in

REMOVED = "demo_removed"
_STAY = {"event", "effect", "demo_thread", "lot"}
"""The record stays; the others are still needed, or go in a way of their own."""

_BUSY_SECONDS = 30.0


def take_away(desk: Desk, now: Standing, *, actor: str) -> tuple[str, ...]:
    """Take away all that belongs to the demo's threads; gives, in sentences, what stayed and why.

    Raises Busy while one of them runs, or when the disk says no; SignoffError when the workspace is not there. It can
    then be called again, and goes on.
    """
    _take_threads(desk, now, actor)
    stayed = [*_take_files(desk, now), *_take_mails(desk, now)]
    source_id = desk.sources[0].source_id
    with writing(desk.engine) as connection:
        connection.execute(delete(effect).where(*_of(effect, source_id, now.threads)))
        connection.execute(delete(demo_file).where(demo_file.c.source_id.endswith("/")))
        connection.execute(delete(demo_thread).where(*_of(demo_thread, source_id, now.threads)))
    return tuple(stayed)


def _take_threads(desk: Desk, now: Standing, actor: str) -> None:
    """One write: no decision on a demo's thread can come in between, and no worker can begin one."""
    source_id = desk.sources[0].source_id
    with writing(desk.engine) as connection:
        _refuse_if_running(connection, desk, source_id, now.threads)
        if now.own_file:
            _forget_checkpoints(desk.sources[0].path, now.threads)
        mine = select(job.c.job_id).where(*_of(job, source_id, now.threads))
        connection.execute(delete(progress).where(progress.c.job_id.in_(mine)))
        for lot_id in connection.execute(select(lot.c.lot_id).where(*_of(lot, source_id, now.threads))).scalars().all():
            drop_in(connection, lot_id)
        shown = connection.execute(delete(thread).where(*_of(thread, source_id, now.threads))).rowcount
        for table in metadata.sorted_tables:
            if {"source_id", "thread_id"} <= set(table.columns.keys()) and table.name not in _STAY:
                connection.execute(delete(table).where(*_of(table, source_id, now.threads)))
        if shown:
            append(
                connection, at=desk.clock(), actor=actor, action=REMOVED, source=source_id, threads=list(now.threads)
            )


def _refuse_if_running(connection: Connection, desk: Desk, source_id: str, threads: Sequence[str]) -> None:
    query = select(thread.c.title).join(
        job, (job.c.source_id == thread.c.source_id) & (job.c.thread_id == thread.c.thread_id)
    )
    running = (job.c.status == JobStatus.RUNNING.value, job.c.lease_until >= desk.clock().timestamp())
    title = connection.execute(query.where(*_of(job, source_id, threads), *running).limit(1)).scalar()
    if title is not None:
        raise Busy(f"The demo's thread “{title}” is running. Take the demo away when it has ended or asks again.")


def _forget_checkpoints(path: Path, threads: Sequence[str]) -> None:
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)) as connection:
            saver = SqliteSaver(connection)
            for thread_id in threads:
                saver.delete_thread(thread_id)
    except sqlite3.Error as error:
        raise Busy(f"The checkpointer file {path} cannot be written: {error}. Nothing was taken away.") from error


def _take_files(desk: Desk, now: Standing) -> list[str]:
    """What the demo's plans took away comes back first: among it may be files of a person's own."""
    root = desk.settings.workspace_path
    if now.folder is None or not root.exists():
        return []
    left = [f"In the trash: {line}" for thread_id in now.threads for line in undo_demo_thread(root, thread_id)]
    files = remove_demo_files(root, now.folder)
    return [*left, *(f"Not made by the demo, or changed since: {path}" for path in files)]


def _take_mails(desk: Desk, now: Standing) -> list[str]:
    """The .eml files that the demo's threads wrote into the outbox."""
    outbox = Path(os.path.realpath(desk.settings.outbox_path))
    stayed = []
    for path in _mail_files(desk, now):
        if path.parent != outbox or path.suffix != ".eml":
            continue
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            stayed.append(f"The mail {path} cannot be removed: {error.strerror}")
    return stayed


def _mail_files(desk: Desk, now: Standing) -> list[Path]:
    with reading(desk.engine) as connection:
        written = select(effect.c.result).where(*_of(effect, desk.sources[0].source_id, now.threads))
        found = [result for (result,) in connection.execute(written.where(effect.c.kind == "mail"))]
        noted = connection.execute(select(demo_file.c.path).where(demo_file.c.source_id.endswith(".eml/"))).scalars()
        places = [*noted, *(result.get("place") for result in found if isinstance(result, dict))]
    return [Path(os.path.realpath(place)) for place in places if place]


def _of(table: Table, source_id: str, threads: Sequence[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (table.c.source_id == source_id, table.c.thread_id.in_(threads))
