"""Leaving files out of a step that a person has seen: nothing new is looked up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from agents.adapters.workspace.sentences import describe
from agents.adapters.workspace.steps import Step


def without(step: Step, exclude: Collection[str]) -> Step:
    """The step less these paths; its other files stay bound as they were."""
    files = tuple(file for file in step.files if file.path not in exclude)
    draft = replace(step.draft, exclude=tuple(sorted(exclude)))
    if files == step.files:
        return replace(step, draft=draft)
    newest = max(
        (file for file in files if file.mtime_ns is not None), key=lambda file: file.mtime_ns or 0, default=None
    )
    target = files[0].to if files and draft.op == "archive" else draft.destination
    sentence = describe(draft, files, target, step.replaces) if files or draft.op != "write" else step.sentence
    return replace(step, draft=draft, files=files, newest=newest, sentence=sentence)
