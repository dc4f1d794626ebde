"""What the rows of the file say about a decision, case by case."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.checkpoints import QuestionState
from agents.decisions import Decision, from_row
from agents.domain import Pause, PauseStatus
from agents.runs.recovery import Fate, fate

ID = "a" * 32


def decided(sent: bool) -> Decision:
    row = dict.fromkeys(Decision.__slots__)
    sent_at = "2026-01-01T00:00:00.000000Z" if sent else None
    row |= {"pause_key": f"{ID}.0", "interrupt_id": ID, "ask_no": 0, "seen": "old", "sent_at": sent_at}
    return from_row({**row, "type": "approve", "status": "accepted"})


def pause(seen: str) -> Pause:
    return Pause(
        "s", "t", f"{ID}.0", PauseStatus.QUESTION, ID, 0, "c", "k", "?", seen, datetime(2026, 1, 1, tzinfo=UTC)
    )


def state(stored: int, *, pending: bool = True) -> QuestionState:
    return QuestionState(ID, "k", 0, stored, pending, stored > 0, False)


@pytest.mark.parametrize(
    ("sent", "seen", "found", "expected"),
    [
        (False, "old", state(0), Fate.SEND),
        (False, "new", state(0), Fate.CHANGED),
        (False, None, None, Fate.MOVED_ON),
        (True, "old", state(0), Fate.SEND),
        (True, "new", state(0), Fate.CHANGED),
        (True, None, None, Fate.CONSUMED),
        (True, None, state(0, pending=False), Fate.CONSUMED),
        (True, None, state(1), Fate.STORED),
        (True, "old", state(1), Fate.STORED),
    ],
)
def test_fate(sent: bool, seen: str | None, found: QuestionState | None, expected: Fate) -> None:
    pauses = {f"{ID}.0": pause(seen)} if seen else {}
    assert fate(decided(sent), pauses, {ID: found} if found else {}) is expected
