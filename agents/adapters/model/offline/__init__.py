"""The writer that needs no language model: rules over the real input, the same answer every time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import ValidationError

from agents.adapters.model.answers import problems
from agents.adapters.model.offline.edits import change_plan
from agents.adapters.model.offline.emails import write_email
from agents.adapters.model.offline.enriching import enrich
from agents.adapters.model.offline.items import work_on
from agents.adapters.model.offline.places import World
from agents.adapters.model.offline.plans import plan_task
from agents.adapters.model.offline.questions import clarify
from agents.adapters.model.schema import (
    Clarification,
    ClarifyRequest,
    EmailDraft,
    EmailRequest,
    ItemAnswer,
    ItemRequest,
    PlanDraft,
    PlanRequest,
)
from agents.errors import ModelError

LABEL = "Offline rules (no language model)"


class OfflineWriter:
    """Follows rules; what it does not understand it refuses with examples of what it does."""

    label = LABEL
    offline = True

    def plan(self, request: PlanRequest) -> PlanDraft:
        """Raises ModelError that names the words that were not understood."""
        with _no_draft_of_it():
            return _plan(request)

    def clarify(self, request: ClarifyRequest) -> Clarification:
        """The questions of a task that the rules do not understand, or that is vague about what it would change."""
        return clarify(request)

    def enrich(self, task: str, answers: Sequence[tuple[str, str | None]]) -> str:
        """A task for `plan`; one that only looks where something essential was left open.

        Raises ModelError for an answer that no rule understands.
        """
        return enrich(task, answers)

    def email(self, request: EmailRequest) -> EmailDraft:
        """Raises ModelError for feedback that no rule can follow."""
        with _no_draft_of_it():
            return write_email(request)

    def item(self, request: ItemRequest) -> ItemAnswer:
        """One item of a batch, in well under a millisecond or two. Raises ModelError for a prompt that no rule can follow."""
        return work_on(request)


def _plan(request: PlanRequest) -> PlanDraft:
    world = World.of(request.today, request.listing)
    if request.instruction is not None and request.previous:
        return change_plan(request.previous, request.instruction, world)
    plan = plan_task(request.task, world)
    return change_plan(plan.steps, request.instruction, world) if request.instruction else plan


@contextmanager
def _no_draft_of_it() -> Iterator[None]:
    """A text that was understood may still be too long for a draft, or hold control characters."""
    try:
        yield
    except ValidationError as error:
        raise ModelError(f"The offline rules cannot use this text: {'; '.join(problems(error))}.") from None
