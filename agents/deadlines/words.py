"""What will happen to a question by itself, in words: "goes to a lead in 3 h; 24 h later it is rejected"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from agents.deadlines.limits import refused_to_deadline
from agents.deadlines.policy import LEAD
from agents.deadlines.rows import Deadline, State
from agents.domain import DecisionType, Kind, OnDeadline, Review
from agents.rules import Rules, Step
from agents.wording import whom

CANCELLED = {Kind.EMAIL: "cancelled", Kind.SAMPLE: "stopped"}
TAKEN = {
    DecisionType.APPROVE: "approved",
    DecisionType.REJECT: "rejected",
    DecisionType.RESPOND: "answered",
    DecisionType.IGNORE: "closed without an answer",
}


def length(span: timedelta) -> str:
    """A length as people say it, in its largest fitting unit: "45 s", "20 min", "3 h", "2 days"."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 90 and seconds != 60:
        return f"{round(seconds)} s"
    if seconds < 90 * 60 and seconds != 3600:
        return f"{round(seconds / 60)} min"
    if seconds < 48 * 3600:
        return f"{round(seconds / 3600)} h"
    return f"{round(seconds / 86400)} days"


def cancelled(review: Review) -> str:
    """How a cancel ends this question: with a no where it takes one, else the thread is closed."""
    if DecisionType.REJECT in review.allowed:
        return CANCELLED.get(review.kind, "rejected")
    return TAKEN[DecisionType.IGNORE]


def line(row: Deadline, review: Review, rules: Rules, now: datetime, when: Callable[[datetime], str]) -> str:
    """All that is going to happen, as sentences; "" where nothing is. when: a moment as the reader's clock shows it."""
    step = row.step
    if row.state is State.PAUSED and step is not None:
        return f"Its deadline is paused, with {length(row.left or timedelta(0))} left. Nothing happens by itself until a person lets it go on."
    if row.state is not State.WAITING or step is None:
        return ""
    then = [f"it {_done(row, step, review, rules)}"]
    then += [
        f"{length(each.after)} later it {_done(row, each, review, rules)}" for each in row.steps[row.steps_done + 1 :]
    ]
    return f"If nobody decides by {when(row.due_at)} ({ahead(row, now)}): {'; '.join(then)}."


def short(row: Deadline, review: Review, rules: Rules, now: datetime) -> str:
    """The next thing to happen, for a line of a list: "rejected in 3 h unless decided"; "" for nothing."""
    step = row.step
    if row.state is State.PAUSED and step is not None:
        return "deadline paused"
    if row.state is not State.WAITING or step is None:
        return ""
    happens = _done(row, step, review, rules).removeprefix("is ").partition(", since")[0]
    return f"{happens} {ahead(row, now)}{'' if happens.startswith('goes') else ' unless decided'}"


def ahead(row: Deadline, now: datetime) -> str:
    return f"in {length(row.due_at - now)}" if row.due_at > now else "now"


def happened(step: Step, review: Review) -> str:
    """What a step has done, for the record and the graph: "rejected", "approved"."""
    return cancelled(review) if step.do is OnDeadline.CANCEL else TAKEN[step.decision or DecisionType.REJECT]


def _done(row: Deadline, step: Step, review: Review, rules: Rules) -> str:
    if step.do is OnDeadline.ESCALATE:
        return f"goes to {whom(step.to or LEAD)}"
    if step.do is OnDeadline.DEFAULT and step.decision is not None:
        refused = refused_to_deadline(rules, review, step.decision)
        if refused is not None:
            return f"goes to {whom(row.escalates_to or LEAD)}, since no deadline may decide it"
    return f"is {happened(step, review)}"
