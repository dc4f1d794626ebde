"""What each kind of step does with its files; every act can be killed and run again."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from agents.adapters.workspace import archive
from agents.adapters.workspace.folder import Folder
from agents.adapters.workspace.names import Parts
from agents.adapters.workspace.step_run import SETTLED, Left, StepRun
from agents.adapters.workspace.steps import BoundFile, Replaced
from agents.adapters.workspace.taking import InDoubt, LeftAlone, fits, look, put, put_back, same_content
from agents.adapters.workspace.trash import BUILT, DONE, LEFT, PLACED, STAGED
from agents.errors import OutsideWorkspace


def _delete(run: StepRun) -> None:
    for index in range(len(run.step.files)):
        run.settle(index, lambda file, begun: run.take(run.folder.parts(file.path), file, begun))


def _move(run: StepRun) -> None:
    for index in range(len(run.step.files)):
        run.settle(index, lambda file, begun: _move_file(run, file, begun))


def _move_file(run: StepRun, file: BoundFile, begun: bool) -> None:
    folder, source, target = run.folder, run.folder.parts(file.path), run.folder.parts(file.to or "")
    kept = run.place.kept(source)
    if folder.stat(kept) is None:
        if begun and _arrived(folder, source, target, file):
            return
        refuse_taken(folder, target)
    run.take(source, file, begun)
    run.touched.add(target[:-1])
    try:
        put(folder, kept, target)
    except LeftAlone:
        put_back(folder, kept, source)
        raise


def _arrived(folder: Folder, source: Parts, target: Parts, file: BoundFile) -> bool:
    """Did an earlier run move the file already? A new file may stand in the old place since."""
    try:
        there, old = folder.stat(target), folder.stat(source)
        if there is None or not fits(there, file.size, file.mtime_ns):
            return False
        if old is not None and fits(old, file.size, file.mtime_ns):
            return False
        return same_content(folder, target, file.sha256)
    except OSError:
        return False


def refuse_taken(folder: Folder, target: Parts) -> None:
    """Raise LeftAlone before anything is touched if the target's place is taken."""
    if look(folder, target) is not None:
        raise LeftAlone("its new place is taken by a file that appeared since it was approved")


def _write(run: StepRun) -> None:
    run.settle(0, lambda file, begun: _write_file(run, file, begun))
    if run.log.word(0) == LEFT:
        run.folder.remove(run.place.staged)


def _write_file(run: StepRun, file: BoundFile, begun: bool) -> None:
    folder, target, staged = run.folder, run.folder.parts(file.path), run.place.staged
    run.touched.add(target[:-1])
    waiting = folder.stat(staged) is not None
    if STAGED in run.log.steps and not waiting:
        return  # only putting it in place takes it away from there
    if folder.settle_twins(staged, target) or (begun and not waiting and _holds(folder, target, file)):
        return
    if file.replaces is None:
        refuse_taken(folder, target)
    if STAGED not in run.log.steps:
        _stage_text(run, target)
    _place(run, target, file.replaces, begun)


def _holds(folder: Folder, target: Parts, file: BoundFile) -> bool:
    there = look(folder, target)
    return there is not None and fits(there, file.size, None) and same_content(folder, target, file.sha256)


def _stage_text(run: StepRun, target: Parts) -> None:
    """The new text, whole and on disk, before the old file is touched."""
    run.folder.remove(run.place.staged)
    old = look(run.folder, target)
    with run.folder.creating(run.place.staged) as out:
        out.write((run.step.draft.content or "").encode())
        if old is not None and stat.S_ISREG(old.st_mode):
            os.fchmod(out.fileno(), stat.S_IMODE(old.st_mode))
    run.log.step(STAGED)


def _place(run: StepRun, target: Parts, replaces: Replaced | None, begun: bool) -> None:
    """Put the staged file in its place, the approved old one into the trash first."""
    kept = run.place.kept(target)
    if replaces is not None:
        run.take(target, replaces, begun)
    try:
        put(run.folder, run.place.staged, target)
    except LeftAlone:
        if replaces is not None:
            put_back(run.folder, kept, target)
        raise


def _archive(run: StepRun) -> None:
    begun = BUILT in run.log.steps
    try:
        target = run.folder.parts(run.step.files[0].to or "")
        run.touched.add(target[:-1])
        if not begun and run.unsure and run.answer != "again":
            _refuse_unknown_archive(run, target)
        packed = _packed(run)
        if packed and PLACED not in run.log.steps:
            _place_archive(run, target, begun)
    except (LeftAlone, OutsideWorkspace) as error:
        _settle_all(run, LEFT, f"the archive was not made: {error}")
    except InDoubt as error:
        if run.answer == "done":
            _settle_all(run, DONE, "a person said so")
        else:
            run.doubt.append(Left(run.step.files[0].to or "", str(error)))
    else:
        for index in packed:
            run.settle(index, lambda file, begun: run.take(run.folder.parts(file.path), file, begun))
        if not packed:
            run.folder.remove(run.place.staged)


def _refuse_unknown_archive(run: StepRun, target: Parts) -> None:
    """Without the step's log nobody knows whose file stands at the archive's place."""
    there, replaces = look(run.folder, target), run.step.replaces
    if there is not None and (replaces is None or not fits(there, replaces.size, replaces.mtime_ns)):
        raise InDoubt("a file stands there, and the notes of an earlier try are gone from the trash")


def _packed(run: StepRun) -> list[int]:
    """The indexes of the files that the staged archive holds; builds it unless an earlier run did."""
    if BUILT not in run.log.steps:
        built = archive.build(run.folder, run.step.files, run.place.staged)
        for index, why in built.left.items():
            run.log.file(index, LEFT, why)
        run.log.step(BUILT, files=built.packed, sha256=built.sha256, size=built.size)
        run.log.sync()
    return list(run.log.steps[BUILT]["files"])


def _place_archive(run: StepRun, target: Parts, begun: bool) -> None:
    waiting = run.folder.stat(run.place.staged) is not None
    # A built archive that waits no longer was put in place by an earlier run.
    if waiting and not run.folder.settle_twins(run.place.staged, target):
        if run.step.replaces is None:
            refuse_taken(run.folder, target)
        _place(run, target, run.step.replaces, begun and run.answer != "again")
    run.log.step(PLACED)


def _settle_all(run: StepRun, word: str, why: str) -> None:
    for index in range(len(run.step.files)):
        if run.log.word(index) not in SETTLED:
            run.log.file(index, word, why)
    run.folder.remove(run.place.staged)


ACTS: dict[str, Callable[[StepRun], None]] = {
    "delete": _delete,
    "move": _move,
    "write": _write,
    "archive": _archive,
}
