"""One folder of files: plans look at it, change it and put it back, and never leave it."""

from __future__ import annotations

from agents.adapters.workspace.demo import free_folder, make_demo_files, remove_demo_files, undo_demo_thread
from agents.adapters.workspace.dryrun import MAX_FILES, DryRun, dry_run
from agents.adapters.workspace.execution import run_step
from agents.adapters.workspace.names import TRASH
from agents.adapters.workspace.narrowing import without
from agents.adapters.workspace.restore import RestoreReport, restorable, restore_thread
from agents.adapters.workspace.sample import SAMPLE_TASK, make_sample
from agents.adapters.workspace.step_run import Answer, Left, StepResult
from agents.adapters.workspace.steps import ACTING, BoundFile, Draft, Refusal, Replaced, Step
from agents.adapters.workspace.trash import Place
from agents.adapters.workspace.workspace import Workspace, open_workspace

__all__ = [
    "ACTING",
    "MAX_FILES",
    "SAMPLE_TASK",
    "TRASH",
    "Answer",
    "BoundFile",
    "Draft",
    "DryRun",
    "Left",
    "Place",
    "Refusal",
    "Replaced",
    "RestoreReport",
    "Step",
    "StepResult",
    "Workspace",
    "dry_run",
    "free_folder",
    "make_demo_files",
    "make_sample",
    "open_workspace",
    "remove_demo_files",
    "restorable",
    "restore_thread",
    "run_step",
    "undo_demo_thread",
    "without",
]
