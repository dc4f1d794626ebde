"""Copying both files of a desk while it runs, in the order in which nothing can be done twice after a restore.

The checkpointer files come first and the database last: what a copied thread may do
again, the copied journal then knows. The other way round a mail that went
out between the two copies would be in no journal.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine

from agents.audit import SignedHead, append, head, signed
from agents.checkpoints import Problem, Source, Unreadable
from agents.checkpoints.opening import open_link
from agents.clock import to_text
from agents.database import writing
from agents.desk import Desk
from agents.domain import JSON, Who
from agents.errors import InvalidInput, SignoffError
from agents.people import Act, permit, permitted

DATABASE = "signoff.sqlite"
MANIFEST = "manifest.json"
PAGES = 500
"""Copied in one go from a file that is not in WAL mode, where whoever reads keeps others from writing."""


@dataclass(frozen=True, slots=True)
class Copied:
    """One copy: its name in the folder, the file that it is of, its size in bytes."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Backup:
    """copies: in the order in which they were made. head: of the copied record. missing: files that do not exist yet."""

    folder: Path
    copies: tuple[Copied, ...]
    head: SignedHead
    missing: tuple[Path, ...]


def back_up(desk: Desk, folder: Path, *, actor: Who) -> Backup:
    """Copy every checkpointer file and then the database into a new folder; the manifest is written last.

    Raises InvalidInput when the folder holds something, SignoffError when a file cannot be copied, NotAllowed.
    """
    permitted(desk, actor, Act.ADMINISTER)
    _make(folder)
    with writing(desk.engine) as connection:
        name = permit(connection, desk, actor, Act.ADMINISTER)
        append(connection, at=desk.clock(), actor=name, action="backed_up")
    copies, missing = [], []
    for source in desk.sources:
        try:
            copies.append(_copy_source(source.path, folder, _name_of(source)))
        except Unreadable as error:
            if error.problem is not Problem.MISSING:
                raise
            missing.append(source.path)
    path = desk.settings.database_path
    with closing(sqlite3.connect(path, timeout=desk.settings.busy_seconds)) as database:
        copies.append(_copied(database, path, folder, DATABASE))
    found = signed(_head_of(folder / DATABASE), desk.clock(), desk.settings.record_key)
    _write_manifest(desk, folder, copies, found)
    return Backup(folder, tuple(copies), found, tuple(missing))


def _name_of(source: Source) -> str:
    name = f"{source.source_id.replace('/', '-')}.sqlite"
    return name if name != DATABASE else f"checkpoints-{name}"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # mails and reasons are nobody else's business
        taken = any(folder.iterdir())
    except OSError as error:
        raise InvalidInput(
            f"{folder} cannot be used: {error.strerror}. Name a new folder in one you can write."
        ) from None
    if taken:
        raise InvalidInput(f"{folder} is not empty. Name a new folder, so that no older backup is written over.")


def _copy_source(path: Path, folder: Path, name: str) -> Copied:
    link = open_link(path)
    try:
        return _copied(link.connection, path, folder, name)
    finally:
        link.close()


def _copied(source: sqlite3.Connection, path: Path, folder: Path, name: str) -> Copied:
    """By SQLite's online backup: whole, as of one moment, whatever is written meanwhile."""
    wal = source.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    target = folder / name
    try:
        with closing(sqlite3.connect(target)) as copy:
            os.chmod(target, 0o600)
            source.backup(copy, pages=-1 if wal else PAGES, sleep=0.01)
            fault = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except (sqlite3.Error, OSError) as error:
        raise SignoffError(
            f"{path} could not be copied to {target}: {error}. The folder is no whole backup; delete it."
        ) from error
    if fault != "ok":
        raise SignoffError(
            f"The copy of {path} is damaged ({fault}), so the file itself may be. Check it before anything else."
        )
    return Copied(name, path, target.stat().st_size)


def _head_of(path: Path) -> JSON:
    """The head of the copied record, which may be a little longer than what was read before it was copied."""
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            return head(connection)
    finally:
        engine.dispose()


def _write_manifest(desk: Desk, folder: Path, copies: Sequence[Copied], found: SignedHead) -> None:
    told = {
        "made_at": to_text(desk.clock()),
        "copies": [{"name": each.name, "of": str(each.path), "bytes": each.size} for each in copies],
        "head": found.as_json(),
    }
    (folder / MANIFEST).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
