"""The dry run: a drafted plan bound to the exact files that it would touch, changing nothing.

Steps are looked at in order: what an earlier step takes away is not matched
again, and the place that it leaves is free for a later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from agents.adapters.workspace.binding import Binder
from agents.adapters.workspace.folder import Folder, open_folder
from agents.adapters.workspace.matching import Matched, select_files
from agents.adapters.workspace.names import join
from agents.adapters.workspace.sentences import describe
from agents.adapters.workspace.steps import ACTING, BoundFile, Draft, Refusal, Replaced, Step
from agents.adapters.workspace.survey import Survey, take_survey
from agents.adapters.workspace.targets import Targets, archive_path, move_target
from agents.errors import InvalidInput
from agents.wording import count, size, some

MAX_FILES = 50_000


@dataclass(frozen=True, slots=True)
class DryRun:
    """steps: bound to files; refused: what will not be done, and why; notes: about the whole workspace.

    identity: of the folder that was looked at.
    """

    steps: tuple[Step, ...]
    refused: tuple[Refusal, ...]
    notes: tuple[str, ...]
    identity: str


@dataclass
class _World:
    """The workspace as the next step will find it."""

    folder: Folder
    survey: Survey
    now: datetime
    binder: Binder
    targets: Targets
    claimed: dict[str, int] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    room: int = MAX_FILES

    def claim(self, files: Sequence[BoundFile], number: int, *, leaves: bool) -> None:
        for file in files:
            self.claimed[file.path] = number
            if leaves:
                self.targets.gone.add(file.path)


def dry_run(
    root: Path, drafts: Sequence[Draft], now: datetime, *, protected: Sequence[Path] = (), max_files: int = MAX_FILES
) -> DryRun:
    """Bind each draft to files. Raises SignoffError when the workspace cannot be opened."""
    with open_folder(root, protected) as folder:
        survey = take_survey(folder)
        world = _World(folder, survey, now, Binder(folder), Targets(folder, survey), room=max_files)
        steps: list[Step] = []
        for draft in drafts:
            try:
                step = _BIND[draft.op](world, draft, len(steps) + 1)
            except InvalidInput as error:
                path = draft.path or draft.pattern or draft.destination or ""
                world.refused.append(Refusal(path, str(error), draft))
                continue
            world.room -= len(step.files)
            steps.append(step)
        return DryRun(tuple(steps), tuple(world.refused), tuple(_notes(folder, survey, steps)), folder.identity)


def _notes(folder: Folder, survey: Survey, steps: Sequence[Step]) -> list[str]:
    notes = []
    if not folder.writable and any(step.draft.op in ACTING for step in steps):
        notes.append(f"The workspace {folder.root} is read-only: nothing in it can be changed until that is put right.")
    if survey.unreadable:
        notes.append(f"Not looked into, because it cannot be read: {some(survey.unreadable)}.")
    if survey.other_disks:
        notes.append(f"Not looked into, because it is on another disk: {some(survey.other_disks)}.")
    return notes


def _select(world: _World, draft: Draft) -> Matched:
    taken = world.claimed if draft.op in ACTING else {}
    return select_files(world.survey, draft, world.now, claimed=taken, room=world.room)


def _finish(
    draft: Draft,
    files: Sequence[BoundFile],
    notes: Sequence[str],
    target: str | None = None,
    replaces: Replaced | None = None,
) -> Step:
    dated = [file for file in files if draft.op != "write"]
    newest = max(dated, key=lambda file: file.mtime_ns or 0, default=None)
    sentence = describe(draft, tuple(files), target, replaces)
    return Step(draft, sentence, tuple(files), tuple(notes), newest, replaces)


def _find(world: _World, draft: Draft, number: int) -> Step:
    matched = _select(world, draft)
    return _finish(draft, [world.binder.plain(entry) for entry in matched.entries], matched.notes)


def _delete(world: _World, draft: Draft, number: int) -> Step:
    matched = _select(world, draft)
    files = [world.binder.plain(entry) for entry in matched.entries]
    world.claim(files, number, leaves=True)
    return _finish(draft, files, [*matched.notes, *_recent(files, world.now)])


def _move(world: _World, draft: Draft, number: int) -> Step:
    matched = _select(world, draft)
    place, notes = move_target(world.targets, draft, matched), list(matched.notes)
    files: list[BoundFile] = []
    refused = 0
    for entry in matched.entries:
        to = place(entry.path)
        if to == entry.path:
            notes.append(f"{entry.path} is there already.")
            continue
        try:
            world.targets.claim_free(to, number)
            files.append(world.binder.hashed(entry, to))
        except InvalidInput as error:
            world.refused.append(Refusal(entry.path, str(error)))
            refused += 1
    if refused:
        notes.append(f"{count(refused, 'file')} matched but cannot be moved; see what was refused.")
    world.claim(files, number, leaves=True)
    return _finish(draft, files, [*notes, *_recent(files, world.now)], draft.destination)


def _archive(world: _World, draft: Draft, number: int) -> Step:
    path = archive_path(draft)
    matched = _select(world, draft)
    target = join(world.targets.check(path))
    replaces = _stands_there(world, target, number)
    notes, files, refused = list(matched.notes), [], 0
    for entry in matched.entries:
        if entry.path == target:
            continue
        try:
            files.append(world.binder.hashed(entry, target))
        except InvalidInput as error:
            world.refused.append(Refusal(entry.path, str(error)))
            refused += 1
    if refused:
        notes.append(f"{count(refused, 'file')} matched but cannot be packed; see what was refused.")
    if replaces:
        notes.append(_overwrites(target, replaces))
    world.claim(files, number, leaves=True)
    if files:
        world.targets.made[target] = number
        world.claimed[target] = number
    return _finish(draft, files, [*notes, *_recent(files, world.now)], target, replaces)


def _write(world: _World, draft: Draft, number: int) -> Step:
    target = join(world.targets.check(draft.path or ""))
    file = world.binder.written(target, draft.content or "", _stands_there(world, target, number))
    notes = []
    if file.replaces:
        same = file.replaces.sha256 == file.sha256
        notes.append(f"{target} holds exactly this text already." if same else _overwrites(target, file.replaces))
    world.claim([file], number, leaves=False)
    world.targets.made[target] = number
    return _finish(draft, [file], notes, target, file.replaces)


def _stands_there(world: _World, target: str, number: int) -> Replaced | None:
    """The file at a place that a step will fill. Raises InvalidInput if an earlier step fills it."""
    world.targets.refuse_made(target)
    entry = world.survey.files.get(target)
    if entry is None or target in world.targets.gone:
        return None
    return world.binder.replaced(entry)


def _overwrites(target: str, replaces: Replaced) -> str:
    changed = datetime.fromtimestamp(replaces.mtime_ns / 1e9).astimezone().strftime("%Y-%m-%d %H:%M")
    return (
        f"{target} exists ({size(replaces.size)}, changed {changed}) and is replaced; the old file goes to the trash."
    )


def _recent(files: Sequence[BoundFile], now: datetime) -> list[str]:
    newest = max(files, key=lambda file: file.mtime_ns or 0, default=None)
    if newest is None or newest.mtime_ns is None:
        return []
    changed = newest.mtime_ns / 1e9
    if changed > now.timestamp() + 60:
        return [f"The newest file, {newest.path}, has a date in the future."]
    if changed > (now - timedelta(days=1)).timestamp():
        return [f"The newest file, {newest.path}, was changed less than a day ago."]
    return []


_BIND = {"find": _find, "delete": _delete, "move": _move, "archive": _archive, "write": _write}

__all__ = ["MAX_FILES", "DryRun", "dry_run"]
