"""Doing one approved step: exactly its files, each once, whatever instant the process is killed in.

A second run reads the step's log, asks the disk about the file that was in
hand, and goes on. What the disk cannot tell is in doubt and goes to a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.adapters.workspace.acts import ACTS
from agents.adapters.workspace.folder import open_folder
from agents.adapters.workspace.step_run import Answer, Left, StepResult, StepRun, Tell
from agents.adapters.workspace.steps import Step
from agents.adapters.workspace.trash import UNSURE, Place, locked_thread, open_log, write_manifest
from agents.errors import SignoffError


def run_step(
    root: Path,
    step: Step,
    place: Place,
    *,
    at: str,
    tell: Tell = lambda _text: None,
    protected: Sequence[Path] = (),
    resumed: bool = False,
    answer: Answer | None = None,
    identity: str | None = None,
) -> StepResult:
    """Do one approved step. Safe to call again after a crash, with the same arguments.

    at: when the plan was approved, for the manifest. resumed: an earlier run
    of this step may have begun. answer: a person's word about what was in
    doubt. identity: of the folder that was approved. Raises SignoffError, having lost nothing, when the workspace or its
    trash cannot be used; Busy when another process is at it.
    """
    with open_folder(root, protected, identity=identity) as folder, locked_thread(folder, place.thread_id):
        try:
            with open_log(folder, place) as log:
                if resumed and folder.stat(place.manifest) is None:
                    log.step(UNSURE)
                write_manifest(folder, place, step, at)
                run = StepRun(folder, place, step, log, tell, answer)
                ACTS[step.draft.op](run)
                log.sync()
            folder.flush(run.touched | {place.root})
        except OSError as error:
            raise SignoffError(
                f"The trash of the workspace {root} gave an error ({error.strerror}). What was done so far is kept; "
                "put that right and continue the thread."
            ) from error
        return run.result()


__all__ = ["Answer", "Left", "StepResult", "run_step"]
