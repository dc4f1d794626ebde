"""The questions that a thread waits for, each with what became of it so far; and the answers that were given with another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agents import decisions, payloads
from agents.clock import from_text
from agents.decisions import Council, Decision
from agents.domain import JSON, DecisionStatus, DecisionType, Pause, PauseStatus, Review
from agents.wording import did


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a thread.

    taken: the decision that holds it and was not delivered yet, whoever made it.
    draft: what this person has written for it. problem: why an earlier answer did not hold. council: how far two have
    come with it, where two must agree.
    """

    review: Review
    taken: Decision | None
    draft: JSON
    problem: str | None
    council: Council = field(default_factory=Council)

    @property
    def open(self) -> bool:
        return self.taken is None


def asked(
    pauses: Sequence[Pause],
    made: Sequence[Decision],
    drafts: Mapping[str, JSON],
    councils: Mapping[str, Council],
) -> tuple[Asked, ...]:
    """Every question of the thread that can be answered, in its order. made: all decisions on the thread, oldest first."""
    return tuple(
        _asked(
            pause,
            [each for each in made if each.pause_key == pause.pause_key],
            drafts.get(pause.pause_key),
            councils.get(pause.pause_key, Council()),
        )
        for pause in pauses
        if pause.status is PauseStatus.QUESTION and pause.interrupt_id is not None and not pause.repairs
    )


def _asked(pause: Pause, history: Sequence[Decision], draft: JSON, council: Council) -> Asked:
    taken = next((each for each in reversed(history) if each.status in decisions.LIVE), None)
    if taken is not None and decisions.went_back(taken, pause):
        taken = None
    last = history[-1] if history else None
    return Asked(payloads.parse(pause), taken, draft, problem_of(last, pending=taken is None), council)


def given_with(made: Sequence[Decision], one: Decision | None) -> tuple[tuple[Review, Decision], ...]:
    """The answers that were given in one act, with what they answer; empty when it was only one."""
    if one is None or one.type is DecisionType.IGNORE:
        return ()
    act = [each for each in made if each.act == one.act]
    return tuple((payloads.parse(remembered(each)), each) for each in act) if len(act) > 1 else ()


def remembered(last: Decision) -> Pause:
    """The pause as it was decided on, rebuilt from the decision."""
    return Pause(
        source_id=last.source_id,
        thread_id=last.thread_id,
        pause_key=last.pause_key,
        status=_status(last),
        interrupt_id=last.interrupt_id,
        ask_no=last.ask_no,
        checkpoint_id=last.checkpoint_id,
        task_id=None,
        value=last.payload,
        seen=last.seen,
        paused_at=from_text(last.decided_at),
        graph_id=last.graph_id,
        title=last.title,
    )


def _status(last: Decision) -> PauseStatus:
    """What has no interrupt id is named by its status."""
    named = last.pause_key.partition(".")[0] if last.interrupt_id is None else ""
    return PauseStatus(named) if named in (PauseStatus.BREAKPOINT, PauseStatus.STUCK) else PauseStatus.QUESTION


def problem_of(last: Decision | None, *, pending: bool) -> str | None:
    """Why the last decision did not hold; None when it did, or when it was taken back."""
    if last is None or last.status not in (DecisionStatus.REFUSED, DecisionStatus.SUPERSEDED):
        return None
    if pending and (last.reason or "").startswith("undone"):
        return None
    return f"{last.actor} {did(last.kind, last.type)} before, but it did not go through: {last.reason}."
