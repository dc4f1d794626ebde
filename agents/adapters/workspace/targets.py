"""Places that a step fills: where a moved file ends, and whether the place is free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from agents.adapters.workspace.folder import Folder
from agents.adapters.workspace.matching import Matched
from agents.adapters.workspace.names import Parts, join
from agents.adapters.workspace.patterns import fixed_folder, is_literal
from agents.adapters.workspace.steps import Draft
from agents.adapters.workspace.survey import Survey
from agents.errors import InvalidInput, OutsideWorkspace


@dataclass
class Targets:
    """gone: paths that earlier steps leave free. made: paths that they fill, and in which step."""

    folder: Folder
    survey: Survey
    gone: set[str] = field(default_factory=set)
    made: dict[str, int] = field(default_factory=dict)

    def check(self, path: str) -> Parts:
        """The parts of a place for a file. Raises InvalidInput when no file can stand there."""
        parts = self.folder.parts(path)
        for length in range(1, len(parts)):
            self._check_folder(path, join(parts[:length]))
        place = join(parts)
        if place in self.survey.links:
            raise OutsideWorkspace(f"{place} is a link, and plans do not follow links.")
        if place in self.survey.folders:
            raise InvalidInput(f"{place} is a folder, so no file can be put in its place.")
        if place in self.survey.special:
            raise InvalidInput(f"{place} is no ordinary file and is left alone.")
        return parts

    def _check_folder(self, path: str, folder: str) -> None:
        if folder in self.survey.links:
            raise OutsideWorkspace(f"{path} goes through the link {folder}, and plans do not follow links.")
        if folder in self.survey.other_disks:
            raise InvalidInput(f"{path} is on another disk than the workspace.")
        if folder in self.survey.special or (folder in self.survey.files and folder not in self.gone):
            raise InvalidInput(f"{folder} is a file, so nothing can be put into it.")

    def refuse_made(self, place: str) -> None:
        if place in self.made:
            raise InvalidInput(f"Step {self.made[place]} already puts a file at {place}.")

    def claim_free(self, path: str, number: int) -> None:
        """Take a place that must be free. Raises InvalidInput that says by what it is taken."""
        place = join(self.check(path))
        self.refuse_made(place)
        if place in self.survey.files and place not in self.gone:
            raise InvalidInput(f"{place} exists already, and a move never replaces a file.")
        self.made[place] = number


def move_target(targets: Targets, draft: Draft, matched: Matched) -> Callable[[str], str]:
    """Where each matched path goes: below the destination, keeping the folders below the pattern's fixed part.

    A single named file may be given a new name: destination "b.txt" for "a.txt".
    """
    destination = _clean(draft.destination)
    if _is_new_name(targets, draft, destination):
        return lambda _path: join(targets.folder.parts(destination))
    if destination:
        targets.check(f"{destination}/any")
    base = fixed_folder(matched.pattern)

    def place(path: str) -> str:
        inner = path.removeprefix(f"{base}/") if base else path
        return f"{destination}/{inner}" if destination else inner

    return lambda path: join(targets.folder.parts(place(path)))


def _clean(destination: str | None) -> str:
    if not destination or not destination.strip():
        raise InvalidInput("The step does not say where to: it has no destination.")
    text = destination.strip()
    if text.startswith(("/", "~")):
        raise OutsideWorkspace(f"“{text}” is an absolute path. Plans name files relative to the workspace.")
    return "/".join(part for part in text.split("/") if part not in {"", "."})


def _is_new_name(targets: Targets, draft: Draft, destination: str) -> bool:
    pattern = draft.pattern or ""
    if not destination or (draft.destination or "").rstrip().endswith("/") or destination in targets.survey.folders:
        return False
    suffix = PurePosixPath(pattern).suffix
    return is_literal(pattern) and suffix != "" and PurePosixPath(destination).suffix == suffix


def archive_path(draft: Draft) -> str:
    """The archive's path, with .zip added where it lacks it."""
    destination = _clean(draft.destination)
    if not destination:
        raise InvalidInput("The step does not name the archive: its destination is a folder.")
    return destination if destination.casefold().endswith(".zip") else f"{destination}.zip"
