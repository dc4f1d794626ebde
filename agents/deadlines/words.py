"""What will happen to a question by itself, in words: "goes to a lead in 3 h; 24 h later it is rejected"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from textwrap import shorten

from agents.deadlines.limits import refused_to_deadline
from agents.deadlines.policy import LEAD, reaches_nobody
from agents.deadlines.rows import Deadline, State
from agents.domain import DecisionType, Kind, OnDeadline, Review
from agents.rules import Rules, Step
from agents.wording import whom

STAYS = "stays open"
BRIEF = {"answered": "stated answer", "closed without an answer": "closed"}
"""In a list: "answered" would read as if somebody had, and a long mark loses its time."""
LONGEST_MESSAGE = 160
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


def as_told(row: Deadline, rules: Rules) -> Deadline:
    """The row without what nobody would notice: at a desk of one person, giving it to a role. What comes later stays."""
    kept: list[Step] = []
    waited = timedelta(0)
    for place, step in enumerate(row.steps[row.steps_done :]):
        waited += step.after if place else timedelta(0)  # the first is due at due_at
        if step.do is not OnDeadline.ESCALATE or not reaches_nobody(rules, step.to):
            kept.append(step.model_copy(update={"after": waited}))
            waited = timedelta(0)
    later = kept[0].after if kept else timedelta(0)
    left = None if row.left is None else row.left + later
    return replace(row, steps=tuple(kept), steps_done=0, due_at=row.due_at + later, left=left)


def line(row: Deadline, review: Review, rules: Rules, now: datetime, when: Callable[[datetime], str]) -> str:
    """All that is going to happen, as sentences; "" where nothing is. when: a moment as the reader's clock shows it."""
    row = as_told(row, rules)
    step = row.step
    if row.state is State.PAUSED and step is not None:
        return f"Its deadline is paused, with {length(row.left or timedelta(0))} left. Nothing happens by itself until a person lets it go on."
    if row.state is not State.WAITING or step is None:
        return ""
    then = [f"it {_worded(row, step, review, rules)}"]
    then += [
        f"{length(each.after)} later it {_worded(row, each, review, rules)}" for each in row.steps[row.steps_done + 1 :]
    ]
    return f"If nobody decides by {when(row.due_at)} ({ahead(row, now)}): {'; '.join(then)}."


def short(row: Deadline, review: Review, rules: Rules, now: datetime) -> str:
    """The next thing to happen, for a line of a list: "rejected in 3 h unless decided"; "" for nothing."""
    row = as_told(row, rules)
    step = row.step
    if row.state is State.PAUSED and step is not None:
        return "deadline paused"
    if row.state is not State.WAITING or step is None:
        return ""
    happens = _done(row, step, review, rules).removeprefix("is ").partition(", since")[0]
    if happens == STAYS:
        return ""
    happens = BRIEF.get(happens, happens)
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
            to = row.escalates_to
            does = STAYS if reaches_nobody(rules, to) else f"goes to {whom(to or LEAD)}"
            return f"{does}, since no deadline may decide it"
    return f"is {happened(step, review)}"


def _worded(row: Deadline, step: Step, review: Review, rules: Rules) -> str:
    """What a step does, with the words that its rule gives the graph."""
    done = _done(row, step, review, rules)
    if not step.message or not done.startswith("is "):
        return done
    return f"{done}, with the words “{shorten(step.message, LONGEST_MESSAGE, placeholder=' …')}”"
