"""What graphs said of themselves when they were last loaded, in a file of Signoff's own.

So a command that only lists knows of a graph's breakpoints without importing it.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from agents.threads.loading import Place


class Kept:
    """By graph; an entry counts only while the files beside the graph's own are as they were."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, place: Place) -> Mapping[str, Any] | None:
        found = self._read().get(place.location)
        stamp = _stamp(place)
        return found if isinstance(found, dict) and stamp is not None and found.get("stamp") == stamp else None

    def keep(self, place: Place, told: Mapping[str, Any] | None) -> None:
        """told None: forget it. A file that cannot be written is no error; the graph is loaded again then."""
        known = self._read()
        stamp = _stamp(place)
        known.pop(place.location, None)
        if told is not None and stamp is not None:
            known[place.location] = {**told, "stamp": stamp}
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}-{threading.get_ident()}")
        with suppress(OSError):
            new.write_text(json.dumps(known, default=str), encoding="utf-8")
            new.replace(self._path)

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _stamp(place: Place) -> str | None:
    """Changes with the Python files of the folder; None for a module whose place is not known without importing it."""
    folder = _folder(place)
    if folder is None:
        return None
    try:
        files = [each.stat() for each in sorted(folder.glob("*.py"))]
    except OSError:
        return None
    return f"{len(files)} {max((each.st_mtime_ns for each in files), default=0)} {sum(each.st_size for each in files)}"


def _folder(place: Place) -> Path | None:
    if place.target.endswith(".py"):
        return Path(place.target).parent
    found = [Path(each, *place.target.split(".")[:-1]) for each in place.paths]
    return next((each for each in found if each.is_dir()), None)
