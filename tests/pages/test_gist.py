"""The mark that a row has in the inbox and on the board."""

from __future__ import annotations

from pathlib import Path

from agents import decisions, starts
from agents.domain import DecisionType, Said
from agents.reviews import inbox
from pages.components.gist import state_of
from tests.desks import desk_in, paused, work


def test_every_standing_has_its_mark(home: Path) -> None:
    desk = desk_in(home, undo_seconds=60)
    desk.registry.load_facts()
    stuck, asked = paused(desk, "failing", home)
    decisions.decide(
        desk, stuck, asked.pause_key, Said(DecisionType.RESPOND, message="yes"), actor="ann", wait_for_undo=False
    )
    work(desk)
    stopped = starts.start(desk, "fenced", {"log": str(home / "log.txt")}, actor="ann")
    plain, _ = paused(desk, "one", home)
    decided, asked = paused(desk, "one", home)
    decisions.decide(desk, decided, asked.pause_key, Said(DecisionType.RESPOND, message="yes"), actor="ann")
    marks = {row.thread_id: state_of(row) for row in inbox(desk).rows}
    assert marks == {
        stuck: ("Stuck", "red"),
        stopped: ("Paused at a step", "blue"),
        plain: ("", ""),
        decided: ("Decided", "green"),
    }
    desk.close()
