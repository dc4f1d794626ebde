"""The demo's files: a folder of their own in the workspace, and taking away exactly them."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from agents.adapters.workspace.folder import Folder, open_folder
from agents.adapters.workspace.names import TRASH, Parts, folder_name
from agents.adapters.workspace.restore import restore_thread
from agents.adapters.workspace.sample import LOGS, SampleFile, content, make_files
from agents.errors import SignoffError

DEMO_FOLDER = "demo"

_FILES: tuple[SampleFile, ...] = (
    *LOGS,
    ("reports/spring.csv", 230, "csv", 96),
    ("reports/summer.csv", 140, "csv", 104),
    ("reports/autumn.csv", 52, "csv", 88),
    ("reports/this month.csv", 4, "csv", 31),
    ("exports/orders-0412.tmp", 74, "csv", 900),
    ("exports/orders-0413.tmp", 73, "csv", 870),
    ("exports/orders-0414.tmp", 72, "csv", 910),
    ("exports/orders-today.tmp", 0.2, "csv", 240),
    ("invoices/paid-1003.txt", 410, "text", 14),
    ("invoices/paid-1004.txt", 380, "text", 12),
    ("invoices/open-1005.txt", 61, "text", 13),
    ("README.txt", 300, "text", 8),
)


def free_folder(root: Path) -> str:
    """A name in the workspace that nothing has yet: "demo", else "demo-2" and so on. Raises SignoffError."""
    with open_folder(root) as folder:
        number, name = 1, DEMO_FOLDER
        while folder.stat((name,)) is not None:
            number += 1
            name = f"{DEMO_FOLDER}-{number}"
    return name


def make_demo_files(root: Path, name: str, now: datetime) -> None:
    """Fill the folder `name` with old and new files. Raises SignoffError when it cannot be written."""
    try:
        make_files(root, [(f"{name}/{path}", age, kind, lines) for path, age, kind, lines in _FILES], now)
    except OSError as error:
        raise SignoffError(
            f"The demo's files cannot be made in {root}: {error.strerror}. Set SIGNOFF_WORKSPACE to a folder you can write."
        ) from error


def remove_demo_files(root: Path, name: str) -> tuple[str, ...]:
    """Take away the demo's files that nobody has changed, and folders that are empty then; gives what stays there.

    Raises SignoffError when the workspace cannot be used.
    """
    with open_folder(root) as folder:
        for path, _age, kind, lines in _FILES:
            _remove(folder, folder.parts(f"{name}/{path}"), content(kind, lines).encode())
        top = Path(os.path.realpath(root), name)
        if top.is_symlink() or not top.is_dir():
            return ()
        for below, _folders, _names in os.walk(top, topdown=False):
            with suppress(OSError):
                os.rmdir(below)
        left = [Path(below, each) for below, _, names in os.walk(top) for each in names]
    return tuple(str(each.relative_to(os.path.realpath(root))) for each in left)


def undo_demo_thread(root: Path, thread_id: str) -> tuple[str, ...]:
    """Put back what a demo's thread took away, then drop its corner of the trash; gives what could not be put back.

    What could not stays in the trash. Raises SignoffError or Busy as `restore_thread` does.
    """
    report = restore_thread(root, thread_id)
    if report.left:
        return tuple(f"{each.path}: {each.why}" for each in report.left)
    trash = Path(os.path.realpath(root), TRASH)
    if not trash.is_symlink():
        shutil.rmtree(trash / folder_name(thread_id), ignore_errors=True)
        with suppress(OSError):
            trash.rmdir()  # only if nobody else keeps anything there
    return ()


def _remove(folder: Folder, parts: Parts, expected: bytes) -> None:
    """Unlink a file that still holds what the demo wrote; one that a person changed is theirs."""
    try:
        with folder.reading(parts) as file:
            same = file.read(len(expected) + 1) == expected
        if same:
            folder.remove(parts)
    except OSError:
        return  # gone, or something else stands there by now
