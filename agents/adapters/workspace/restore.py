"""Putting back what a thread's plans took away or moved, as far as the places are free.

Goes through the manifests, the last step first. May be run again, also after
a crash: what is back already is said to be back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.adapters.workspace.folder import Folder, open_folder
from agents.adapters.workspace.names import TRASH, Parts, folder_name, join
from agents.adapters.workspace.step_run import Left
from agents.adapters.workspace.steps import BoundFile, Replaced, Step
from agents.adapters.workspace.taking import LeftAlone, fits, look, put, same_content
from agents.adapters.workspace.trash import BUILT, DONE, RESTORED, Log, Place, locked_thread, open_log, read_manifest
from agents.errors import OutsideWorkspace, SignoffError
from agents.wording import count

# A page waits for this: seconds, not the length of a run.
RESTORE_WAIT = 2.0


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """Shown paths. restored: put back now; already: back since before; left: could not be, and why."""

    restored: tuple[str, ...]
    already: tuple[str, ...]
    left: tuple[Left, ...]

    @property
    def text(self) -> str:
        """One sentence for a person."""
        if not (self.restored or self.already or self.left):
            return "There is nothing to restore: this thread took no files away."
        parts = [f"Restored {count(len(self.restored), 'file')}"]
        if self.already:
            parts.append(f"{count(len(self.already), 'file')} had been put back before")
        if self.left:
            parts.append(f"{count(len(self.left), 'file')} could not be restored")
        return "; ".join(parts) + "."


@dataclass
class _Restoring:
    folder: Folder
    place: Place
    step: Step
    log: Log
    restored: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    touched: set[Parts] = field(default_factory=set)

    def settle(self, index: int, act: Callable[[BoundFile], None]) -> None:
        file, word = self.step.files[index], self.log.word(index)
        if word == RESTORED:
            self.already.append(file.path)
        elif word == DONE:
            try:
                act(file)
            except (LeftAlone, OutsideWorkspace) as error:
                self.left.append(Left(file.path, str(error)))
            else:
                self.log.file(index, RESTORED)
                self.restored.append(file.path)

    def bring_back(self, parts: Parts, bound: BoundFile | Replaced) -> None:
        """From the trash to its old place. Raises LeftAlone when that is taken or the trash lacks it."""
        kept = self.place.kept(parts)
        self.touched |= {parts[:-1], kept[:-1]}
        if look(self.folder, kept) is None:
            there = look(self.folder, parts)
            if there is not None and fits(there, bound.size, bound.mtime_ns):
                return  # a restore that was killed had put it back
            raise LeftAlone("it is no longer in the trash")
        put(self.folder, kept, parts)

    def set_aside(self, parts: Parts, size: int, mtime_ns: int | None, sha256: str | None, aside: Parts) -> None:
        """Move what the plan made out of the way, if it is still exactly that. Raises LeftAlone."""
        before = look(self.folder, parts)
        if before is None:
            raise LeftAlone(f"{join(parts)} is no longer there")
        try:
            if not fits(before, size, mtime_ns) or not same_content(self.folder, parts, sha256):
                raise LeftAlone(f"{join(parts)} was changed since")
            self.folder.lift(parts, aside)
        except OSError as error:
            raise LeftAlone(f"{join(parts)} cannot be moved") from error
        self.touched |= {parts[:-1], aside[:-1]}
        after = self.folder.stat(aside)
        if after is None or not os.path.samestat(before, after):
            put(self.folder, aside, parts)
            raise LeftAlone(f"{join(parts)} was changed since")


def restore_thread(root: Path, thread_id: str, *, protected: Sequence[Path] = ()) -> RestoreReport:
    """Put back everything that this thread's plans moved, replaced or put into the trash.

    Never replaces a file. Raises SignoffError when the workspace cannot be
    used, Busy while the thread's plan is still being carried out.
    """
    restored: list[str] = []
    already: list[str] = []
    left: list[Left] = []
    with open_folder(root, protected) as folder:
        if not _places(folder, thread_id):
            return RestoreReport((), (), ())
        with locked_thread(folder, thread_id, seconds=RESTORE_WAIT):
            for place, step in _places(folder, thread_id):
                one = _restore_step(folder, place, step)
                restored += one.restored
                already += one.already
                left += one.left
    return RestoreReport(tuple(restored), tuple(already), tuple(left))


def restorable(root: Path, thread_id: str, *, protected: Sequence[Path] = ()) -> int:
    """How many files of this thread `restore_thread` would try to put back; 0 where there is no trash."""
    try:
        with open_folder(root, protected) as folder:
            return sum(_waiting(folder, place, step) for place, step in _places(folder, thread_id))
    except (SignoffError, OSError):
        return 0


def _waiting(folder: Folder, place: Place, step: Step) -> int:
    if folder.stat(place.log) is None:
        return 0
    with open_log(folder, place) as log:
        return sum(log.word(index) == DONE for index in range(len(step.files)))


def _places(folder: Folder, thread_id: str) -> list[tuple[Place, Step]]:
    """The thread's steps that have a manifest, the last one first."""
    root: Parts = (TRASH, folder_name(thread_id))
    try:
        with folder.directory(root) as descriptor:
            names = os.listdir(descriptor)
    except OSError:
        return []
    found: list[tuple[str, int, Place, Step]] = []
    for name in names:
        manifest = read_manifest(folder, (*root, name, "manifest.json"))
        parsed = _parsed(manifest, thread_id) if manifest else None
        if parsed and parsed[2].root == (*root, name):
            found.append(parsed)
    found.sort(key=lambda each: each[:2], reverse=True)
    return [(place, step) for _at, _number, place, step in found]


def _parsed(manifest: dict[str, Any], thread_id: str) -> tuple[str, int, Place, Step] | None:
    try:
        place = Place(str(manifest["thread_id"]), str(manifest["plan_id"]), int(manifest["number"]))
        found = (str(manifest["at"]), place.number, place, Step.of(manifest["step"]))
    except (KeyError, TypeError, ValueError):
        return None
    return found if place.thread_id == thread_id and found[3].draft.op in _UNDO else None


def _restore_step(folder: Folder, place: Place, step: Step) -> _Restoring:
    try:
        with open_log(folder, place) as log:
            run = _Restoring(folder, place, step, log)
            _UNDO[step.draft.op](run)
            log.sync()
        folder.flush(run.touched)
    except OSError as error:
        raise SignoffError(
            f"The trash of the workspace {folder.root} gave an error ({error.strerror}). "
            "What was restored so far stays restored; put that right and restore again."
        ) from error
    return run


def _undo_delete(run: _Restoring) -> None:
    for index in range(len(run.step.files)):
        run.settle(index, lambda file: run.bring_back(run.folder.parts(file.path), file))


def _undo_move(run: _Restoring) -> None:
    for index in range(len(run.step.files)):
        run.settle(index, lambda file: _move_back(run, file))


def _move_back(run: _Restoring, file: BoundFile) -> None:
    source, target = run.folder.parts(file.path), run.folder.parts(file.to or "")
    kept = run.place.kept(source)
    if look(run.folder, kept) is None and not _is_back(run.folder, source, target, file):
        _refuse_other(run.folder, source)
        run.set_aside(target, file.size, file.mtime_ns, file.sha256, kept)
    try:
        run.bring_back(source, file)
    except LeftAlone:
        put(run.folder, kept, target)
        raise


def _is_back(folder: Folder, source: Parts, target: Parts, file: BoundFile) -> bool:
    there = look(folder, source)
    return there is not None and fits(there, file.size, file.mtime_ns) and look(folder, target) is None


def _refuse_other(folder: Folder, parts: Parts) -> None:
    if look(folder, parts) is not None:
        raise LeftAlone(f"{join(parts)} exists by now, and nothing is replaced without approval")


def _undo_write(run: _Restoring) -> None:
    run.settle(0, lambda file: _unwrite(run, file))


def _unwrite(run: _Restoring, file: BoundFile) -> None:
    target = run.folder.parts(file.path)
    _give_way(run, target, file.replaces, file.size, file.sha256)


def _give_way(run: _Restoring, target: Parts, replaces: Replaced | None, size: int, sha256: str | None) -> None:
    """Take away what the plan made and put back what stood there. Raises LeftAlone."""
    if look(run.folder, run.place.undone) is None and look(run.folder, target) is not None:
        run.set_aside(target, size, None, sha256, run.place.undone)
    if replaces is not None:
        run.bring_back(target, replaces)


def _undo_archive(run: _Restoring) -> None:
    for index in range(len(run.step.files)):
        run.settle(index, lambda file: run.bring_back(run.folder.parts(file.path), file))
    _unpack_place(run)


def _unpack_place(run: _Restoring) -> None:
    """Once every original is back, the archive goes to the trash and what it replaced returns."""
    built = run.log.steps.get(BUILT)
    if built is None or run.left or RESTORED in run.log.steps or not built["files"]:
        return
    place = run.step.files[0].to or ""
    try:
        target = run.folder.parts(place)
        _give_way(run, target, run.step.replaces, built["size"], built["sha256"])
    except (LeftAlone, OutsideWorkspace) as error:
        run.left.append(Left(place, str(error)))
    else:
        run.log.step(RESTORED)
        if run.step.replaces is not None:
            run.restored.append(place)


_UNDO: dict[str, Callable[[_Restoring], None]] = {
    "delete": _undo_delete,
    "move": _undo_move,
    "write": _undo_write,
    "archive": _undo_archive,
}
