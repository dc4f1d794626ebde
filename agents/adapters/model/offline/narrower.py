"""A plan made narrower: each step keeps what it took before and the new words allow too."""

from __future__ import annotations

from collections.abc import Sequence

from agents.adapters.model.offline.narrowing import common, folded
from agents.adapters.model.offline.operations import Edit, changed
from agents.adapters.model.offline.places import World
from agents.adapters.model.offline.selection import Selection
from agents.adapters.model.schema import StepDraft
from agents.adapters.workspace.matching import left_out
from agents.errors import ModelError


def narrowed(edit: Edit, wanted: Sequence[Selection], world: World) -> Edit:
    """The plan with only those files. Raises ModelError where none of them is in it."""
    steps: list[StepDraft] = []
    for step in edit.steps:
        steps += [step] if step.pattern is None else _within(step, wanted, world)
    if not any(step.pattern for step in steps):
        raise ModelError(
            "Nothing would be left of the plan: none of its steps can match such files. "
            "Say “instead” and the whole task for other files, for example “delete csv files instead”."
        )
    notes = tuple(note for each in wanted for note in each.notes)
    return Edit(tuple(steps), (*edit.notes, *notes))


def _within(step: StepDraft, wanted: Sequence[Selection], world: World) -> list[StepDraft]:
    found: list[StepDraft] = []
    for each in wanted:
        both = [one for pattern in each.patterns for one in common(step.pattern or "", pattern)]
        if each.conditions.year is not None:
            raise ModelError(f"Say “before {each.conditions.year}” or “since {each.conditions.year}”.")
        fields = each.conditions.as_fields()
        stricter = {name: _stricter(name, value, getattr(step, name)) for name, value in fields.items()}
        exclude = list(dict.fromkeys([*step.exclude, *each.exclude]))
        for pattern in folded(dict.fromkeys(both)):
            after = changed(step, pattern=pattern, exclude=exclude, **stricter)
            found.append(narrower_than([step], after, world))
    if step.op == "archive" and len(found) > 1:
        raise ModelError(
            "One archive takes one pattern, and these files need several. Say fewer kinds or folders at once."
        )
    return found


def _stricter(name: str, new: float, old: float | None) -> float:
    if old is None:
        return new
    return max(new, old) if name in {"older_than_days", "larger_than_bytes"} else min(new, old)


def narrower_than(before: Sequence[StepDraft], after: StepDraft, world: World) -> StepDraft:
    """The step, if it takes no file that was not taken before. Raises ModelError otherwise."""
    allowed = {path for step in before if _as_strict(step, after) for path in _taken(step, world)}
    more = sorted(_taken(after, world) - allowed)
    if more or not any(_as_strict(step, after) for step in before):
        example = f", for example {more[0]}" if more else ""
        raise ModelError(
            f"Read by the rules, this would take other files than before{example}. Say the whole task again."
        )
    return after


def _taken(step: StepDraft, world: World) -> set[str]:
    is_out = left_out(step.exclude)
    return {path for path in world.matching(step.pattern or "") if not is_out(path)}


def _as_strict(before: StepDraft, after: StepDraft) -> bool:
    return all(
        old is None or (new is not None and _stricter(name, new, old) == new)
        for name in ("older_than_days", "newer_than_days", "larger_than_bytes", "smaller_than_bytes")
        for old, new in [(getattr(before, name), getattr(after, name))]
    )
