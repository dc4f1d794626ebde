"""The workspace as the graphs see it: look, act, put back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agents.adapters.workspace.dryrun import MAX_FILES, DryRun, dry_run
from agents.adapters.workspace.execution import run_step
from agents.adapters.workspace.folder import open_folder
from agents.adapters.workspace.restore import RestoreReport, restorable, restore_thread
from agents.adapters.workspace.step_run import Answer, StepResult, Tell
from agents.adapters.workspace.steps import Draft, Step
from agents.adapters.workspace.survey import take_survey
from agents.adapters.workspace.trash import Place
from agents.errors import SignoffError
from agents.settings import Settings

LISTING = 200


@dataclass(frozen=True, slots=True)
class Workspace:
    """One folder. protected: Signoff's own files, which plans leave alone should they lie in it.

    make: make the folder when a plan first looks at it.
    """

    root: Path
    protected: tuple[Path, ...] = ()
    make: bool = False

    @property
    def path(self) -> str:
        """Absolute, with links resolved: what a reviewer sees."""
        return os.path.realpath(self.root)

    def identity(self) -> str:
        """Tells this folder from any other, also from one that takes its path later. Raises SignoffError."""
        with open_folder(self.root) as folder:
            return folder.identity

    def listing(self, limit: int = LISTING) -> list[str]:
        """Shown paths of at most `limit` files, spread over the whole workspace."""
        self._ready()
        with open_folder(self.root, self.protected) as folder:
            paths = list(take_survey(folder).files)
        step = max(1, -(-len(paths) // limit))
        return paths[::step]

    def dry_run(self, drafts: Sequence[Draft], now: datetime, *, max_files: int = MAX_FILES) -> DryRun:
        self._ready()
        return dry_run(self.root, drafts, now, protected=self.protected, max_files=max_files)

    def run_step(
        self,
        step: Step,
        place: Place,
        *,
        at: str,
        tell: Tell,
        resumed: bool = False,
        answer: Answer | None = None,
        identity: str | None = None,
    ) -> StepResult:
        return run_step(
            self.root,
            step,
            place,
            at=at,
            tell=tell,
            protected=self.protected,
            resumed=resumed,
            answer=answer,
            identity=identity,
        )

    def restore(self, thread_id: str) -> RestoreReport:
        return restore_thread(self.root, thread_id, protected=self.protected)

    def restorable(self, thread_id: str) -> int:
        return restorable(self.root, thread_id, protected=self.protected)

    def _ready(self) -> None:
        if not self.make:
            return
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SignoffError(
                f"The workspace {self.root} cannot be made: {error.strerror}. Set SIGNOFF_WORKSPACE to a folder."
            ) from error


def open_workspace(settings: Settings) -> Workspace:
    """The workspace of the settings; Signoff's own files are protected even if they lie in it.

    The default one is made when it is needed. One that is set and missing is
    not: it may be a disk that is not there.
    """
    own = (settings.home, *settings.checkpoints_paths, settings.database_path, settings.outbox_path)
    return Workspace(settings.workspace_path.absolute(), own, make=settings.workspace is None)
