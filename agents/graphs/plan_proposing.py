"""From a task to a plan that can be reviewed: drafts by a writer, then the dry run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from agents.adapters.model import PlanRequest, StepDraft, Writer
from agents.adapters.workspace import ACTING, Draft, DryRun, Step, Workspace, without
from agents.clock import Clock
from agents.domain import JSON, fingerprint

_EXCLUDE_MAX = 1000


def draft_plan(state: Mapping[str, Any], writer: Writer, workspace: Workspace, clock: Clock) -> dict[str, JSON]:
    """The next plan's drafts. Raises ModelError or SignoffError with a sentence; the thread is kept."""
    # A finished thread that is given a new task starts from nothing.
    before: Mapping[str, Any] = {} if state.get("outcome") else state
    request = PlanRequest(
        task=state["task"],
        today=clock().date(),
        listing=workspace.listing(),
        instruction=before.get("instruction"),
        previous=_step_drafts(before.get("drafts")),
    )
    plan = writer.plan(request)
    proposal = before.get("proposal")
    return {
        "instruction": before.get("instruction"),
        "outcome": None,
        "doubt_answers": {},
        "drafts": [Draft.of(step.model_dump(mode="json")).as_dict() for step in plan.steps],
        "summary": plan.summary,
        "model": {"label": writer.label, "offline": writer.offline},
        "revision": (before.get("revision") or 0) + 1,
        "previous": proposal["plan"] if proposal else None,
    }


def _step_drafts(drafts: Sequence[Mapping[str, JSON]] | None) -> list[StepDraft] | None:
    """The previous plan for the writer; one that it could not have written itself is left out."""
    if not drafts:
        return None
    try:
        return [StepDraft.model_validate({**draft, "exclude": draft["exclude"][:_EXCLUDE_MAX]}) for draft in drafts]
    except ValidationError:
        return None


def propose(state: Mapping[str, Any], workspace: Workspace, clock: Clock) -> dict[str, JSON]:
    """The payload for the reviewer: the drafts bound to exact files. Changes nothing."""
    now = clock()
    found = workspace.dry_run([Draft.of(draft) for draft in state["drafts"]], now)
    payload = {
        "type": "plan_approval",
        "question": "Approve this plan?",
        "options": ["approve", "reject", "modify"],
        "task": state["task"],
        "original_task": state.get("original_task"),
        "clarified": state.get("clarified") or [],
        **plan_fields(found.steps),
        "summary": state.get("summary") or "",
        "workspace": workspace.path,
        "workspace_id": found.identity,
        "reversible": True,  # every kind of step keeps what it takes away; `restore` puts it back
        "revision": state["revision"],
        "instruction": state.get("instruction"),
        "previous": state.get("previous"),
        "model": state.get("model"),
        "refused": [refusal.as_dict() for refusal in found.refused],
        "notes": [*found.notes, *_nothing(found), *([state["unread"]] if state.get("unread") else [])],
        "problem": state.get("moved"),
    }
    return {**payload, "plan_id": fingerprint([payload, now.isoformat()])[:12]}


def _nothing(found: DryRun) -> list[str]:
    if any(step.files for step in found.steps):
        return []
    return ["The plan matches no files: approving it changes nothing. Ask for another plan or change its steps."]


def plan_fields(steps: Sequence[Step], numbers: Sequence[int] | None = None) -> dict[str, JSON]:
    """What a payload says about its steps, with totals of what would change (else of what is found).

    A step keeps its number when others are removed: the number names its place in the trash.
    """
    acting = [step for step in steps if step.draft.op in ACTING] or list(steps)
    return {
        "plan": [step.sentence for step in steps],
        "steps": [
            {**step.as_dict(), "number": number}
            for number, step in zip(numbers or range(1, len(steps) + 1), steps, strict=True)
        ],
        "totals": {"files": sum(len(step.files) for step in acting), "bytes": sum(step.size for step in acting)},
    }


def drafts_of(payload: Mapping[str, JSON]) -> list[dict[str, JSON]]:
    """The payload's steps as drafts, less what the reviewer left out, for another dry run."""
    return [Draft.of(step).as_dict() for step in payload["steps"]]


def narrowed(payload: Mapping[str, JSON], kept: Sequence[tuple[int, frozenset[str]]]) -> dict[str, JSON]:
    """The payload with only these steps (by index), less the paths left out: nothing new is looked up."""
    proposed = payload["steps"]
    steps = [without(Step.of(proposed[index]), exclude) for index, exclude in kept]
    numbers = [proposed[index]["number"] for index, _ in kept]
    return {**payload, **plan_fields(steps, numbers)}


def reads_only(payload: Mapping[str, JSON]) -> bool:
    """May it run without asking? Not if something was refused: that a person should hear first."""
    steps = payload["steps"]
    return bool(steps) and not payload["refused"] and all(step["op"] not in ACTING for step in steps)
