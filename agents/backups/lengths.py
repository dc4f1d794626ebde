"""How long the record was when this machine saw it last, kept beside the database: so an older copy that takes its place is noticed.

The note is a small file that a backup does not take along. It is no proof against anybody who writes here: that is what
`signoff audit head` is for.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from sqlalchemy import Connection, select

from agents import jobs
from agents.audit import Head, append, head
from agents.backups import ahead
from agents.clock import to_text
from agents.database import event, reading, writing
from agents.desk import Desk
from agents.errors import Busy, SourceUnreadable
from agents.jobs import JobStatus

ACTOR = "system:worker"
WENT_BACK = "record_went_back"


def note_file(desk: Desk) -> Path:
    path = desk.settings.database_path
    return path.with_name(f"{path.name}.seen")


def watch(desk: Desk) -> bool:
    """Compare the record with what was seen last, and keep what is seen now. True when an older or another one is here.

    Then it goes on record, and every run that is open in this copy counts as one that somebody else drove. Raises Busy.
    """
    seen = _read(desk)  # before the database: another process may write both in between
    with reading(desk.engine) as connection:
        now, same = head(connection), _follows(connection, seen)
    if same:
        if seen != now:
            _keep(desk, now)
        return False
    assert seen is not None
    with writing(desk.engine) as connection:
        if _follows(connection, _read(desk)):
            return False  # another process was first
        append(connection, at=desk.clock(), actor=ACTOR, action=WENT_BACK, expected=seen.count, found=now.count)
        _doubt_open_runs(desk, connection)
        grown = head(connection)
        _keep(desk, grown)
    return True


def _follows(connection: Connection, seen: Head | None) -> bool:
    """Is this record the one that was seen, or longer?"""
    if seen is None or seen.count == 0:
        return True
    return connection.execute(select(event.c.hash).where(event.c.seq == seen.count)).scalar() == seen.hash


def _doubt_open_runs(desk: Desk, connection: Connection) -> None:
    """A run that was under way when the copy was made has long ended, or got further; nobody here knows how far."""
    for each in jobs.open_jobs(connection):
        if each.status is not JobStatus.RUNNING:
            continue  # one that waits is compared with its thread when it is taken up
        try:
            state = desk.state(each.thread_id, each.source_id)
        except (Busy, SourceUnreadable):
            continue
        if state is not None:
            ahead.mark(connection, each.source_id, each.thread_id, state.head.checkpoint_id, now=desk.clock())


def _read(desk: Desk) -> Head | None:
    try:
        found = json.loads(note_file(desk).read_text(encoding="utf-8"))
        return Head(int(found["count"]), str(found["hash"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _keep(desk: Desk, now: Head) -> None:
    """Whole or not at all; a folder that cannot be written keeps none."""
    path = note_file(desk)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    told = {"count": now.count, "hash": now.hash, "at": to_text(desk.clock())}
    with contextlib.suppress(OSError):
        part.write_text(json.dumps(told), encoding="utf-8")
        os.replace(part, path)
