"""What to do with a decision, judged from the checkpointer file alone.

Before an answer is sent its decision is marked as sent. After a crash the
rows of the thread tell whether it arrived: a question that is gone was
answered; one whose task has stored more answers than when we decided has it;
only one that shows neither may be sent (again). Resending a stored answer
would answer the node's next question.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from agents.checkpoints import QuestionState
from agents.decisions import Decision
from agents.domain import Pause


class Fate(StrEnum):
    """SEND: deliver it now. STORED: saved with the task, the node has yet to use it.
    CONSUMED: used. CHANGED: the question reads differently now. MOVED_ON: nobody asks any more."""

    SEND = "send"
    STORED = "stored"
    CONSUMED = "consumed"
    CHANGED = "changed"
    MOVED_ON = "moved_on"


def fate(found: Decision, pauses: Mapping[str, Pause], states: Mapping[str, QuestionState]) -> Fate:
    """pauses: the thread's live questions by pause_key; states: the rows' facts by interrupt id."""
    pause = pauses.get(found.pause_key)
    if found.sent_at is None:
        if pause is None:
            return Fate.MOVED_ON
        return Fate.SEND if pause.seen == found.seen else Fate.CHANGED
    state = states.get(found.interrupt_id or "")
    if state is None or not state.pending:
        return Fate.CONSUMED
    if state.answered or state.answers_stored > found.ask_no:
        return Fate.STORED
    if pause is not None and pause.seen != found.seen:
        return Fate.CHANGED
    return Fate.SEND
