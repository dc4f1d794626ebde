"""Which plan a question has: its thread's own, the first rule that fits, or the usual one of what was started here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fnmatch import fnmatchcase

from pydantic import ValidationError

from agents.domain import JSON, Kind, OnDeadline, Pause, PauseStatus, Review
from agents.errors import InvalidInput
from agents.rules import DeadlinePlan, DeadlineRule, Rules, Step, length_of, sentence

DAY = timedelta(hours=24)
LEAD = "role:lead"


def usual(first: timedelta = DAY) -> DeadlinePlan:
    """What holds for a thread that was started here and has no other plan: a lead after `first`, cancelled a day later."""
    return DeadlinePlan(
        steps=(
            Step(after=first, do=OnDeadline.ESCALATE, to=LEAD),
            Step(after=DAY, do=OnDeadline.CANCEL),
        )
    )


def plan_given(given: JSON) -> DeadlinePlan:
    """The plan that a start names: a length such as "4h" for the first step of the usual one, or an object
    {"steps": [...], "near"?, "grace"?} as in the rules file. Raises InvalidInput with the place at fault."""
    try:
        return DeadlinePlan.model_validate(given) if isinstance(given, dict) else usual(length_of(given))
    except ValidationError as error:
        raise InvalidInput("; ".join(sentence("deadline", item) for item in error.errors())) from None
    except ValueError as error:
        raise InvalidInput(f'deadline: {error}, or {{"steps": [...]}}.') from None


def plan_of(rules: Rules, review: Review, *, started: bool, own: JSON = None) -> DeadlinePlan | None:
    """The plan of a question; None where nothing happens by itself.

    started: its thread was started at this desk. own: what its start named. A thread that was started elsewhere has
    a plan only by a rule that names its graph: nobody asked us to decide on anything else.
    """
    if not may_be_due(review.pause):
        return None
    if own is not None:
        return _some(plan_given(own))
    rule = next((rule for rule in rules.deadlines if (started or rule.graph) and _fits(rule, review)), None)
    if rule is not None:
        return _some(rule)
    return usual() if started else None


def reaches_nobody(rules: Rules, to: str | None) -> bool:
    """Is an escalation to this role or person one that nobody would notice? At a desk of one person a role is nobody."""
    return rules.alone and (to or LEAD).startswith("role:")


def may_be_due(pause: Pause) -> bool:
    """Only what a person could answer is ever due: what is stuck needs a repair first."""
    return pause.status is not PauseStatus.STUCK and not pause.repairs


def graphs_configured(rules: Rules, graph_ids: Sequence[str]) -> frozenset[str]:
    """Those of these graphs whose threads may be due wherever they were started."""
    patterns = [rule.graph for rule in rules.deadlines if rule.graph]
    return frozenset(each for each in graph_ids if any(fnmatchcase(each, pattern) for pattern in patterns))


def _some(plan: DeadlinePlan) -> DeadlinePlan | None:
    return plan if plan.steps else None


def _fits(rule: DeadlineRule, review: Review) -> bool:
    return (
        _like(rule.graph, [review.pause.graph_id] if review.pause.graph_id else [])
        and rule.kind in (None, Kind(review.kind))
        and _like(rule.node, review.pause.nodes)
        and _like(rule.title, [review.title])
    )


def _like(pattern: str | None, names: Sequence[str]) -> bool:
    return pattern is None or any(fnmatchcase(name, pattern) for name in names)
