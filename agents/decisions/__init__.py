"""Deciding: once per question, only what is allowed, only on what was seen.

The decision, its audit event and the order to resume are one transaction; a
partial unique index decides who was first.
"""

from agents.decisions.altering import altered
from agents.decisions.deciding import decide, send_now, undo
from agents.decisions.four_eyes import mode_of, withdraw
from agents.decisions.opinions import Council, Mode, Opinion, council
from agents.decisions.rows import (
    LEGAL,
    LIVE,
    Decision,
    accepted,
    from_row,
    get,
    live,
    mark_sent,
    of_thread,
    overtake,
    settle,
    unsent,
    went_back,
)
from agents.decisions.thread import Given, decide_thread
from agents.decisions.together import TOGETHER_MOST, Choice, Fate, Result, decide_together

__all__ = [
    "LEGAL",
    "LIVE",
    "TOGETHER_MOST",
    "Choice",
    "Council",
    "Decision",
    "Fate",
    "Given",
    "Mode",
    "Opinion",
    "Result",
    "accepted",
    "altered",
    "council",
    "decide",
    "decide_thread",
    "decide_together",
    "from_row",
    "get",
    "live",
    "mark_sent",
    "mode_of",
    "of_thread",
    "overtake",
    "send_now",
    "settle",
    "undo",
    "unsent",
    "went_back",
    "withdraw",
]
