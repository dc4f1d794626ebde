"""The writer that needs no language model: rules over the real input, the same answer every time."""

from __future__ import annotations

from agents.adapters.model.offline.edits import change_plan
from agents.adapters.model.offline.emails import write_email
from agents.adapters.model.offline.plans import plan_task
from agents.adapters.model.offline.selection import World
from agents.adapters.model.schema import EmailDraft, EmailRequest, PlanDraft, PlanRequest

LABEL = "Offline rules (no language model)"


class OfflineWriter:
    """Follows rules; what it does not understand it refuses with examples of what it does."""

    label = LABEL
    offline = True

    def plan(self, request: PlanRequest) -> PlanDraft:
        world = World.of(request.today, request.listing)
        if request.instruction and request.previous:
            return change_plan(request.previous, request.instruction, world)
        plan = plan_task(request.task, world)
        for change in filter(None, (request.answers, request.instruction)):
            plan = change_plan(plan.steps, change, world)
        return plan

    def email(self, request: EmailRequest) -> EmailDraft:
        return write_email(request)
