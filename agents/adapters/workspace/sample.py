"""A small realistic workspace to try the sample plan on; existing files are never touched."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from agents.adapters.workspace.folder import Folder, open_folder
from agents.errors import SignoffError

SAMPLE_TASK = "delete all log files older than 30 days"

_DAY = 86_400

SampleFile: TypeAlias = tuple[str, float, str, int]
"""Path, age in days, kind of content, lines."""

LOGS: tuple[SampleFile, ...] = (
    ("logs/web-server.log", 0.1, "access", 420),
    ("logs/web-server.1.log", 12, "access", 2600),
    ("logs/web-server.2.log", 41, "access", 3100),
    ("logs/web-server.3.log", 73, "access", 2900),
    ("logs/mailer/mailer.log", 3, "mail", 180),
    ("logs/mailer/mailer-old.log", 68, "mail", 1400),
    ("logs/mailer/mailer-oldest.log", 99, "mail", 1250),
    ("logs/backup/nightly.log", 0.6, "backup", 60),
    ("logs/backup/nightly-old.log", 35, "backup", 700),
)
"""Young and old ones; the demo has them too."""

_FILES: tuple[SampleFile, ...] = (
    *LOGS,
    ("imports/customers/import.log", 29, "import", 340),
    ("imports/customers/import-failed.log", 52, "import", 88),
    ("imports/customers/customers.csv", 52, "csv", 240),
    ("reports/spring.csv", 140, "csv", 96),
    ("reports/summer.csv", 45, "csv", 104),
    ("notes/changelog.txt", 60, "text", 40),
    ("notes/about logs.txt", 200, "text", 12),
    ("README.txt", 300, "text", 8),
)


def make_sample(root: Path, now: datetime) -> int:
    """Fill the workspace with old and new files; gives how many were made.

    What stands there stays as it is. Makes the folder itself where it is
    missing. Raises SignoffError when it cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        return make_files(root, _FILES, now)
    except OSError as error:
        raise SignoffError(
            f"The sample files cannot be made in {root}: {error.strerror}. Set SIGNOFF_WORKSPACE to a folder you can write."
        ) from error


def make_files(root: Path, files: Iterable[SampleFile], now: datetime) -> int:
    """Make these files and give how many were new; what stands there stays as it is. Raises SignoffError or OSError."""
    with open_folder(root) as folder:
        made = [_make(folder, path, now.timestamp() - age * _DAY, content(kind, n)) for path, age, kind, n in files]
    return sum(made)


def _make(folder: Folder, path: str, changed: float, content: str) -> bool:
    try:
        with folder.creating(folder.parts(path)) as file:
            file.write(content.encode())
            file.flush()
            os.utime(file.fileno(), (changed, changed))
    except (FileExistsError, NotADirectoryError):
        return False
    return True


_LINES = {
    "access": '10.0.{0}.{1} "GET /orders/{2} HTTP/1.1" 200 {3}',
    "mail": "delivered order-{2}@shop.example in {1} ms",
    "backup": "copied volume {0} block {2}: {3} bytes",
    "import": "row {2}: customer {1} imported",
    "csv": "{2},customer {1},{3}.00,EUR",
    "text": "Line {2}: kept by hand, please do not delete.",
}


def content(kind: str, lines: int) -> str:
    """The text of a sample file; the same for the same arguments."""
    template = _LINES[kind]
    return "".join(
        template.format(line % 4, 2 + line % 250, 1000 + line, 300 + line * 37 % 9000) + "\n" for line in range(lines)
    )
