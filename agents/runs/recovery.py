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
from agents.checkpoints.inventory import answers_to
from agents.decisions import Decision
from agents.domain import JSON, UNSET, Pause
from agents.runs.run import Run


class Fate(StrEnum):
    """SEND: deliver it now. STORED: saved with the task, the node has yet to use it.
    CONSUMED: used. CHANGED: the question reads differently now. MOVED_ON: nobody asks any more.
    WENT_BACK: the file does not know the question, as an older copy of it."""

    SEND = "send"
    STORED = "stored"
    CONSUMED = "consumed"
    CHANGED = "changed"
    MOVED_ON = "moved_on"
    WENT_BACK = "went_back"


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


def settled_by(run: Run, found: Decision, judged: Fate) -> Fate:
    """The same, where one of the two files may be an older copy: then the thread's earlier steps are looked at.

    An answer that the file holds was delivered, whatever this database remembers; one to a question that the file never
    asked was not.
    """
    if judged not in (Fate.MOVED_ON, Fate.CONSUMED) or found.interrupt_id is None:
        return judged
    stored = _answers(run, found.thread_id, found.interrupt_id)
    if stored is None:
        return Fate.WENT_BACK if judged is Fate.CONSUMED else judged
    given = stored[found.ask_no] if found.ask_no < len(stored) else UNSET
    return Fate.CONSUMED if given == found.resume_value else judged


def _answers(run: Run, thread_id: str, interrupt_id: str) -> list[JSON] | None:
    file = run.desk.reader(run.held.source_id).file
    return file.read(lambda link: answers_to(link.connection, thread_id, interrupt_id))
