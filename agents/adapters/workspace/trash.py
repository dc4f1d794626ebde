"""Where a step keeps what it takes away, what it was going to do, and how far it came.

    .trash/<thread>/<plan>-<step>/manifest.json   the approved step, on disk before the first act
                                  log             one line per file: begun, done, left alone
                                  files/...       what was taken, under its old path
                                  staged          a text or an archive that waits to be put in place

All paths follow from the approved plan, so that a second run of a killed step
looks in the same places. The log is appended without fsync: it outlives the
process, and after a power cut the disk itself is looked at.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from agents.adapters.workspace.folder import LOCK_SECONDS, Folder
from agents.adapters.workspace.names import TRASH, Parts, folder_name
from agents.adapters.workspace.steps import Step
from agents.errors import SignoffError

# Words of the log, about a file or about the whole step.
BEGUN, DONE, LEFT, RESTORED = "begun", "done", "left", "restored"
UNSURE, STAGED, BUILT, PLACED = "unsure", "staged", "built", "placed"


@dataclass(frozen=True, slots=True)
class Place:
    """One step's corner of the trash; every path in raw parts."""

    thread_id: str
    plan_id: str
    number: int

    @property
    def thread(self) -> Parts:
        return (TRASH, folder_name(self.thread_id))

    @property
    def root(self) -> Parts:
        return (*self.thread, f"{folder_name(self.plan_id)}-{self.number:02d}")

    @property
    def manifest(self) -> Parts:
        return (*self.root, "manifest.json")

    @property
    def log(self) -> Parts:
        return (*self.root, "log")

    @property
    def staged(self) -> Parts:
        return (*self.root, "staged")

    @property
    def undone(self) -> Parts:
        return (*self.root, "undone")

    def kept(self, parts: Parts) -> Parts:
        """Where a file that is taken away is kept."""
        return (*self.root, "files", *parts)


@contextmanager
def locked_thread(folder: Folder, thread_id: str, *, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """One process at a time on a thread's files, running or restoring.

    Raises SignoffError when the trash cannot be made (a read-only workspace,
    a full disk), Busy when another process holds it.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(folder.locked((*Place(thread_id, "", 0).thread, "lock"), seconds=seconds))
        except OSError as error:
            raise SignoffError(
                f"The trash of the workspace {folder.root} cannot be written ({error.strerror}), so nothing was "
                f"touched. Make that folder writable, see that {TRASH} in it is a folder, and continue the thread."
            ) from error
        yield


def write_manifest(folder: Folder, place: Place, step: Step, at: str) -> None:
    """Put the approved step on disk, whole or not at all; a second run keeps the first's."""
    if folder.stat(place.manifest) is not None:
        return
    part: Parts = (*place.root, "manifest.part")
    folder.remove(part)
    body = {"version": 1, "thread_id": place.thread_id, "plan_id": place.plan_id, "number": place.number, "at": at}
    with folder.creating(part) as file:
        file.write(json.dumps({**body, "step": step.as_dict()}).encode())
    folder.lift(part, place.manifest)
    folder.flush({place.root, place.root[:-1], place.thread[:-1], ()})


def read_manifest(folder: Folder, path: Parts) -> dict[str, Any] | None:
    """The manifest's dict, None when there is none or it is not one of ours."""
    try:
        with folder.reading(path) as file:
            found = json.load(file)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("version") == 1 and "step" in found else None


class Log:
    """How far a step came. `state[i]` is file i's last word, `notes` the lines about the step itself."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._torn = False
        self.state: dict[int, dict[str, Any]] = {}
        self.steps: dict[str, dict[str, Any]] = {}
        self._read()

    def _read(self) -> None:
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            data = file.read()
        for line in data.splitlines():
            try:
                self._note(json.loads(line))
            except (ValueError, AttributeError, KeyError, TypeError):
                continue  # a line that a killed process left half written
        self._torn = bool(data) and not data.endswith(b"\n")

    def _note(self, line: dict[str, Any]) -> None:
        if line.get("i") is None:
            self.steps[line["s"]] = line
        else:
            self.state[line["i"]] = line

    def file(self, index: int, word: str, why: str | None = None) -> None:
        self._append({"i": index, "s": word, **({"why": why} if why else {})})

    def step(self, word: str, **more: Any) -> None:
        self._append({"i": None, "s": word, **more})

    def word(self, index: int) -> str | None:
        line = self.state.get(index)
        return line["s"] if line else None

    def _append(self, line: dict[str, Any]) -> None:
        start = b"\n" if self._torn else b""
        os.write(self._descriptor, start + json.dumps(line).encode() + b"\n")
        self._torn = False
        self._note(line)

    def sync(self) -> None:
        os.fsync(self._descriptor)


@contextmanager
def open_log(folder: Folder, place: Place) -> Iterator[Log]:
    descriptor = folder.open_log(place.log)
    try:
        yield Log(descriptor)
    finally:
        os.close(descriptor)
