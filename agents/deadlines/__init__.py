"""Deadlines: what happens to a question that nobody decides, and when. A due time is a row, not a timer.

This package says what is due and keeps what people change about it; `agents.runs.due` acts.
"""

from agents.deadlines.limits import ACTOR, refused_to_deadline
from agents.deadlines.policy import graphs_configured, plan_given, plan_of, reaches_nobody
from agents.deadlines.postponing import extend, go_on, pause
from agents.deadlines.rows import Deadline, Key, State, ahead, due, near, of_question, of_thread
from agents.deadlines.snoozing import snooze, snoozed, wake
from agents.deadlines.words import as_told, line, short

__all__ = [
    "ACTOR",
    "Deadline",
    "Key",
    "State",
    "ahead",
    "as_told",
    "due",
    "extend",
    "go_on",
    "graphs_configured",
    "line",
    "near",
    "of_question",
    "of_thread",
    "pause",
    "plan_given",
    "plan_of",
    "reaches_nobody",
    "refused_to_deadline",
    "short",
    "snooze",
    "snoozed",
    "wake",
]
